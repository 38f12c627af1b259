//! Judging from where units were taken.

use crate::{
    books::{Books, Place},
    broken::{Broken, same},
    command::{Line, Name},
    demand::{ByPlace, BySku, Demand},
    judge::TAKES,
};
use ledger::Strategy;
use std::collections::{BTreeMap, BTreeSet};

const WHOLE: &str = "all that was asked for is taken, and where a line said so, there";
const STRATEGY: &str = "what no line pins is shared out by the shop's strategy";
const BEYOND: &str = "a fact takes what is there first, and owes the rest where its SKU goes first";

/// Judges from where a request took its units.
///
/// # Errors
/// The rule that was broken.
pub fn requested(
    books: &Books,
    lines: &[Line],
    region: Option<&str>,
    taken: &ByPlace,
) -> Result<(), Broken> {
    let demand = Demand::of(books, lines);
    all_is_taken(&demand, taken)?;
    for ((sku, location), units) in taken {
        let available = books.place(sku, location).contribution().max(0);
        if *units > available {
            let detail = format!("{units} of {sku} at {location}, where {available} are to be had");
            return Err(Broken::new(TAKES, detail));
        }
    }
    let room = Room::of(books, &demand, |place| place.contribution());
    by_strategy(books, &room, &demand.open, region, &unpinned(&demand, taken))
}

/// Judges from where a fact took its units.
///
/// # Errors
/// The rule that was broken.
pub fn reported(books: &Books, lines: &[Line], taken: &ByPlace) -> Result<(), Broken> {
    let demand = Demand::of(books, lines);
    all_is_taken(&demand, taken)?;
    let room = Room::of(books, &demand, |place| place.free());
    let found = unpinned(&demand, taken);
    let mut all_is_there = true;
    for (sku, wanted) in &demand.open {
        let first = first_place(books, sku);
        let owed = (wanted - room.total(sku)).max(0);
        all_is_there &= owed == 0;
        for ((of, location), units) in found.iter().filter(|((of, _), _)| of == sku) {
            let beyond = (units - room.units(of, location)).max(0);
            let expected = if *location == first { owed } else { 0 };
            if beyond != expected {
                let detail = format!("{beyond} of {sku} at {location}, not {expected}: {taken:?}");
                return Err(Broken::new(BEYOND, detail));
            }
        }
    }
    // What is not there is no matter of strategy.
    if all_is_there { by_strategy(books, &room, &demand.open, None, &found) } else { Ok(()) }
}

/// What was taken for lines that say no place.
fn unpinned(demand: &Demand, taken: &ByPlace) -> ByPlace {
    let pinned = |place| demand.pinned.get(place).copied().unwrap_or_default();
    let open = taken.iter().map(|(place, units)| (place.clone(), units - pinned(place)));
    open.filter(|(_, units)| *units > 0).collect()
}

fn all_is_taken(demand: &Demand, taken: &ByPlace) -> Result<(), Broken> {
    let mut totals = BySku::new();
    for ((sku, _), units) in taken {
        *totals.entry(sku.clone()).or_default() += units;
    }
    same(WHOLE, "by SKU", &demand.totals(), &totals)?;
    for (place, units) in &demand.pinned {
        let found = taken.get(place).copied().unwrap_or_default();
        if found < *units {
            return Err(Broken::new(WHOLE, format!("{found} of {units} at {place:?}")));
        }
    }
    Ok(())
}

/// Where the rest is owed: the location of the SKU that goes first.
fn first_place(books: &Books, sku: &Name) -> Name {
    let priority = |location: &Name| books.sites.get(location).map_or(100, |site| site.priority);
    let places = books.places_of(sku).map(|(location, _)| location.clone());
    places.min_by_key(|location| (priority(location), location.clone())).unwrap_or("main".into())
}

/// Units that may be taken, by SKU and location; only what is above zero.
struct Room {
    at: BTreeMap<Name, BTreeMap<Name, i64>>,
}

impl Room {
    /// What each place has by this measure, without what lines pin there.
    fn of(books: &Books, demand: &Demand, units: impl Fn(&Place) -> i64) -> Self {
        let at = demand.open.keys().map(|sku| {
            let places = books.places_of(sku).map(|(location, place)| {
                let pinned = demand.pinned.get(&(sku.clone(), location.clone()));
                (location, units(place) - pinned.copied().unwrap_or_default())
            });
            let room = places.filter(|(_, units)| *units > 0);
            (sku.clone(), room.map(|(location, units)| (location.clone(), units)).collect())
        });
        Self { at: at.collect() }
    }

    fn units(&self, sku: &str, location: &str) -> i64 {
        self.at.get(sku).and_then(|at| at.get(location)).copied().unwrap_or_default()
    }

    fn total(&self, sku: &str) -> i64 {
        self.at.get(sku).into_iter().flat_map(BTreeMap::values).sum()
    }

    fn locations(&self) -> Vec<&Name> {
        self.at.values().flat_map(BTreeMap::keys).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn covers(&self, wanted: &BySku, set: &[&Name]) -> bool {
        let room = |sku: &Name| set.iter().map(|at| self.units(sku, at)).sum::<i64>();
        wanted.iter().all(|(sku, units)| room(sku) >= *units)
    }

    /// How few locations cover what is wanted; there are never more than a handful.
    fn fewest(&self, wanted: &BySku) -> usize {
        let all = self.locations();
        let chosen = |set: u32| -> Vec<&Name> {
            let is_in = |at: &usize| set & (1 << at) != 0;
            (0..all.len()).filter(is_in).map(|at| all[at]).collect()
        };
        let sets = (0..1_u32 << all.len()).filter(|set| self.covers(wanted, &chosen(*set)));
        sets.map(|set| set.count_ones() as usize).min().unwrap_or(all.len())
    }
}

/// One location serves all if any can; and if a better one could have, it should.
fn by_strategy(
    books: &Books,
    room: &Room,
    wanted: &BySku,
    region: Option<&str>,
    taken: &ByPlace,
) -> Result<(), Broken> {
    if wanted.is_empty() {
        return Ok(());
    }
    let strategy = books.settings.strategy;
    let used: BTreeSet<&Name> = taken.keys().map(|(_, location)| location).collect();
    let wrong = |why: String| Err(Broken::new(STRATEGY, format!("{strategy:?}, {why}: {taken:?}")));
    let rank = |location: &Name| {
        let site = books.sites.get(location).copied().unwrap_or_default();
        match strategy {
            Strategy::Priority => site.priority,
            Strategy::Nearest => i64::from(region.is_none() || site.region != region),
            Strategy::FewestParcels | Strategy::Spread => 0,
        }
    };
    let alone: Vec<&Name> =
        room.locations().into_iter().filter(|at| room.covers(wanted, &[at])).collect();
    if let Some(best) = alone.iter().map(|location| rank(location)).min() {
        let is_good = |used: &&Name| alone.contains(used) && rank(used) == best;
        return match used.iter().copied().collect::<Vec<_>>()[..] {
            [one] if is_good(&one) => Ok(()),
            _ => wrong(format!("{alone:?} could have served it alone")),
        };
    }
    if strategy == Strategy::FewestParcels && used.len() != room.fewest(wanted) {
        return wrong(format!("{} parcels would do", room.fewest(wanted)));
    }
    // Nothing is taken at a worse location while a better one has some left.
    for sku in wanted.keys() {
        let score = |location: &Name| match strategy {
            Strategy::Spread => -room.units(sku, location),
            _ => rank(location),
        };
        let share = |location: &Name| {
            taken.get(&(sku.clone(), location.clone())).copied().unwrap_or_default()
        };
        let worst = used.iter().filter(|at| share(at) > 0).map(|at| score(at)).max();
        for location in room.locations() {
            let has_left = share(location) < room.units(sku, location);
            if has_left && worst.is_some_and(|worst| worst > score(location)) {
                return wrong(format!("{location} has some of {sku} left"));
            }
        }
    }
    Ok(())
}
