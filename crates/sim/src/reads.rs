//! What the store lists, beside what the auditor knows; and what was, explained later.

use crate::{
    ask,
    broken::{Broken, same},
    command::Name,
    world::{Turn, World},
};
use ledger::{HoldState, Location};
use store::Fault as StoreFault;

const LISTS: &str = "what is listed is what the books say";

/// A number as it was, to be explained at the end.
#[derive(Clone, Debug)]
pub struct Remembered {
    sku: Name,
    location: Name,
    at: i64,
    net: i64,
}

/// What the store lists: levels (on hand, owed, held, kept back, ordered), open holds, and what can
/// be sold of one SKU.
type Lists = (Vec<(String, String, [i64; 5])>, Vec<String>, Option<i64>);

/// How a hold stands: its state, and until when it holds.
type Stands = Option<(HoldState, i64)>;

impl World {
    /// Somebody looks at the lists, and the auditor remembers a number.
    pub(crate) fn reads(&mut self) -> Result<(), Broken> {
        let skus: Vec<Name> = self.books.skus.keys().cloned().collect();
        let Some(sku) = self.rng.choice(skus) else { return Ok(()) };
        let turn = self.request(|world| lists(world, &sku))?;
        if let Turn::Done((levels, holds, available)) = turn {
            let expected: Vec<_> = self
                .books
                .places
                .iter()
                .flat_map(|(sku, at)| {
                    at.iter().map(move |(location, place)| (sku, location, place))
                })
                .map(|(sku, location, place)| {
                    let units = [
                        place.on_hand(),
                        place.owed(),
                        place.held,
                        place.safety_stock,
                        place.committed,
                    ];
                    (sku.to_string(), location.to_string(), units)
                })
                .collect();
            same(LISTS, "levels", &expected, &levels)?;
            let open = self.books.holds.iter();
            let open = open.filter(|(_, hold)| hold.held.state == HoldState::Open);
            let open: Vec<String> = open.map(|(id, _)| id.to_string()).collect();
            same(LISTS, "open holds", &open, &holds)?;
            let sold = Some(self.books.available_to_sell(&sku));
            same(LISTS, format!("available to sell of {sku:?}"), &sold, &available)?;
        }
        self.reads_hold()?;
        self.remembers(sku)
    }

    /// Somebody looks at a hold, perhaps as a buyer whose it is not.
    fn reads_hold(&mut self) -> Result<(), Broken> {
        let ids: Vec<Name> = self.books.holds.keys().cloned().collect();
        let Some(id) = self.rng.choice(ids) else { return Ok(()) };
        let buyer = self.rng.bool().then(|| self.rng.u8(0..4));
        let turn = self.request(|world| {
            let who = buyer.map(|who| [who]);
            world.object.store.hold_of(&id, who.as_ref().map(|who| &who[..]))
        })?;
        let Turn::Done(found) = turn else { return Ok(()) };
        let found: Stands = found.map(|hold| (hold.state, hold.expires_at));
        let known = self.books.hold_of(&id, buyer);
        let expected: Stands = known.map(|hold| (hold.held.state, hold.held.expires_at));
        same(LISTS, format!("hold {id} for {buyer:?}"), &expected, &found)
    }

    /// Notes what there is of a SKU somewhere, unless the clock has gone back since that came to
    /// be: then nobody can say when it was.
    fn remembers(&mut self, sku: Name) -> Result<(), Broken> {
        let places: Vec<_> =
            self.books.places_of(&sku).map(|(at, p)| (at.clone(), p.net)).collect();
        let Some((location, net)) = self.rng.choice(places) else { return Ok(()) };
        let at = self.clock.shop();
        if self.newest_movement(&sku, &location)?.is_none_or(|newest| newest < at) {
            self.remembered.push(Remembered { sku, location, at, net });
        }
        Ok(())
    }

    fn newest_movement(&self, sku: &str, location: &str) -> Result<Option<i64>, Broken> {
        let newest = self.sqlite.rows(
            "SELECT MAX(at) FROM movements WHERE sku = ? AND location = ?",
            &[sku, location],
            |row| row.get(0),
        )?;
        Ok(newest.first().copied().flatten())
    }

    /// The clock has gone back before what was remembered: what happens now is told as earlier.
    pub(crate) fn forgets_what_is_to_come(&mut self) {
        let now = self.clock.shop();
        self.remembered.retain(|number| number.at < now);
    }

    /// Every number that was remembered is explained, if what is kept reaches back so far.
    pub(crate) fn the_past_is_explained(&self) -> Result<(), Broken> {
        let rule = "every past number is explained by the movements that make it";
        for Remembered { sku, location, at, net } in &self.remembered {
            let same_time = self.sqlite.rows(
                "SELECT 1 FROM movements WHERE sku = ? AND location = ? AND CAST(at AS TEXT) = ?",
                &[sku, location, &at.to_string()],
                |_| Ok(()),
            )?;
            let (Some(of), Ok(place)) = (ask::sku(sku), Location::new(&**location)) else {
                continue;
            };
            if !same_time.is_empty() {
                // Within a millisecond nobody can say what was before what.
                continue;
            }
            let explained = self.object.store.explain(&of, &place, *at, None);
            let explained = explained
                .map_err(|fault| Broken::new("the store reads when nothing fails", fault))?;
            if self.books.swept > 0 && explained.net.is_none() {
                continue;
            }
            let what = format!("{sku:?} at {location:?} at {at}");
            same(rule, &what, &Some(*net), &explained.net)?;
            let sum: i64 = explained.movements.iter().map(|movement| movement.quantity).sum();
            let first = explained.movements.last();
            let before = first.map_or(0, |movement| movement.net - movement.quantity);
            same(rule, &what, net, &(before + sum))?;
        }
        Ok(())
    }

    /// Every line of every count is in the report of how far the books had drifted.
    pub(crate) fn counts_are_kept(&self) -> Result<(), Broken> {
        let mut found = self.sqlite.rows(
            "SELECT source, sku, location, counted, difference FROM counts
             WHERE source NOT LIKE 'import/%'",
            &[],
            |row| {
                let names: [String; 3] = [row.get(0)?, row.get(1)?, row.get(2)?];
                Ok((names, [row.get::<_, i64>(3)?, row.get::<_, i64>(4)?]))
            },
        )?;
        let mut expected: Vec<_> = self
            .books
            .counts
            .iter()
            .map(|count| {
                let names = [&count.id, &count.sku, &count.location].map(|name| name.to_string());
                (count.at, (names, count.units))
            })
            .filter(|(at, count)| *at >= self.books.old || found.contains(count))
            .map(|(_, count)| count)
            .collect();
        found.sort();
        expected.sort();
        same("each count is kept with its difference", "counts", &expected, &found)
    }
}

fn lists(world: &World, sku: &Name) -> Result<Lists, StoreFault> {
    let store = &world.object.store;
    let levels = store.levels_after(("", ""))?.into_iter().map(|level| {
        let of = level.balance;
        let units = [of.on_hand(), of.shortfall(), of.held(), of.safety_stock(), of.committed()];
        (level.sku.as_str().to_owned(), level.location.as_str().to_owned(), units)
    });
    let holds = store.holds_after("")?.into_iter().map(|hold| hold.id);
    let available = match ask::sku(sku) {
        Some(sku) => store.available_to_sell(&sku, world.moment()?)?,
        None => None,
    };
    Ok((levels.collect(), holds.collect(), available))
}
