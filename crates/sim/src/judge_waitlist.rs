//! Judging waitlists: who is offered what, in which order, and that nothing is idle.

use crate::{
    books::Books,
    broken::{Broken, same},
    command::{Line, Name},
    demand::ByPlace,
    shares,
    waitlist::{Claim, Notice, Place, Row},
};
use ledger::{HoldState, PlaceState, Policy};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};
use store::Moment;

const CLAIMS: &str =
    "who is offered units has one open hold of their place's id, and nobody else has";
const PLACES: &str = "a place stands where what happened to it has led, and none is lost";
const COUNTS: &str = "a waitlist's counts are those of its places and of what is there";
const ORDER: &str = "who came first is served first, if what is free is enough for them";
const WAVE: &str = "no more is offered than the wave, the shelf and the least restock allow";
const HIDDEN: &str = "what is hidden is offered to nobody";
const IDLE: &str = "nothing that may be offered is free while somebody waits whom it would do";
const SHELF: &str = "the open shelf has its share of what comes free, and sells from it first";
const TOLD: &str = "each offer is told to Outreach, with its units and its end, until it confirms";

/// What has happened to places in a turn, each by its index in the line.
#[derive(Debug, Default)]
pub struct News {
    /// Claims that have ended, and what that makes of their places.
    pub ended: BTreeMap<usize, PlaceState>,
    /// Units that were offered.
    pub offered: BTreeMap<usize, i64>,
}

impl News {
    /// What has become of claims by the auditor's holds, and who is offered something by what is
    /// written.
    pub fn of(books: &Books) -> Self {
        let mut news = Self::default();
        for (at, place) in books.line.places.iter().enumerate() {
            if place.state == PlaceState::Offered {
                let state = books.holds.get(&place.id).map(|hold| hold.held.state);
                let ended = match state {
                    Some(HoldState::Committed) => PlaceState::Taken,
                    Some(HoldState::Released) => PlaceState::Declined,
                    Some(HoldState::Expired) => PlaceState::Lapsed,
                    Some(HoldState::Open) | None => continue,
                };
                news.ended.insert(at, ended);
            } else if place.state == PlaceState::Waiting
                && let Some(found) = books.supply.lists.places.get(&(at + 1))
                && found.state == PlaceState::Offered
            {
                news.offered.insert(at, found.offered.unwrap_or_default());
            }
        }
        news
    }

    fn is_none(&self) -> bool {
        self.ended.is_empty() && self.offered.is_empty()
    }

    /// The line as it is with this.
    fn after<'a>(&self, places: &'a [Place]) -> Cow<'a, [Place]> {
        let mut after = Cow::Borrowed(places);
        for (at, state) in &self.ended {
            after.to_mut()[*at].state = *state;
        }
        for (at, units) in &self.offered {
            let place = &mut after.to_mut()[*at];
            (place.state, place.offered) = (PlaceState::Offered, Some(*units));
        }
        after
    }

    /// Units of claims of this SKU that have ended so.
    fn units_ended(&self, books: &Books, sku: &Name, is_meant: impl Fn(PlaceState) -> bool) -> i64 {
        let ended = self.ended.iter().filter(|(_, state)| is_meant(**state));
        let of_sku = ended.map(|(at, _)| &books.line.places[*at]).filter(|place| place.sku == *sku);
        of_sku.filter_map(|place| place.offered).sum()
    }
}

/// Judges who was offered something: nobody may be passed over for whom there was enough. The
/// books know everything else that happened, and nothing of the new claims.
///
/// # Errors
/// The rule that was broken.
pub fn order(books: &Books, news: &News) -> Result<(), Broken> {
    let policy = books.settings.waitlist;
    let skus: BTreeSet<&Name> = news.offered.keys().map(|at| &books.line.places[*at].sku).collect();
    for sku in skus {
        if books.is_hidden(sku) {
            return Err(Broken::new(HIDDEN, format!("{sku}")));
        }
        let before = books.line.judged.rows.get(sku).copied().unwrap_or_default();
        let row = books.supply.lists.rows.get(sku).copied().unwrap_or_default();
        let of_sku = || books.line.places.iter().enumerate().filter(|(_, p)| p.sku == *sku);
        let is_open = |(at, place): &(usize, &Place)| {
            place.state == PlaceState::Offered && !news.ended.contains_key(at)
        };
        let mut claims = of_sku().filter(is_open).count() as i64;
        let mut room = books.available_to_sell(sku) - row.shelf;
        let begins = before.offering || room >= policy.min_restock;
        let mut passed_over = Vec::new();
        for (at, place) in of_sku().filter(|(_, place)| place.state == PlaceState::Waiting) {
            let Some(units) = news.offered.get(&at) else {
                passed_over.push(place);
                continue;
            };
            let what =
                format!("{place:?}: {units} of {room}, {claims} claims, {policy:?}, {row:?}");
            let due = if policy.smaller { place.wanted.min(room) } else { place.wanted };
            let fits = |other: &&&Place| policy.smaller || other.wanted <= room;
            if let Some(first) = passed_over.iter().find(fits) {
                return Err(Broken::new(ORDER, format!("{first:?} was before {what}")));
            }
            if !begins || claims >= policy.wave || *units != due || *units > room || *units <= 0 {
                return Err(Broken::new(WAVE, what));
            }
            room -= units;
            claims += 1;
        }
    }
    Ok(())
}

/// Judges a new claim: it holds what is offered, where it may be taken, for as long as the shop
/// says.
///
/// # Errors
/// The rule that was broken.
pub fn claim<'a>(
    books: &Books,
    place: &Place,
    units: i64,
    found: Option<&'a Claim>,
    moment: Moment,
) -> Result<&'a Claim, Broken> {
    let Some(claim) = found else {
        return Err(Broken::new(CLAIMS, format!("{place:?} has none")));
    };
    let until = moment.now + books.settings.waitlist.window_ms;
    same(CLAIMS, &place.id, &(&place.sku, until), &(&claim.sku, claim.until))?;
    let taken: ByPlace = claim
        .lines
        .iter()
        .map(|(sku, location, units, _)| ((sku.clone(), location.clone()), *units))
        .collect();
    let line = Line { sku: place.sku.clone(), location: None, quantity: units };
    shares::requested(books, &[line], None, &taken)?;
    Ok(claim)
}

/// Judges how waitlists stand after a turn; the units of new claims are held by now, and without
/// them so many were `available`.
///
/// # Errors
/// The rule that was broken.
pub fn stands(
    books: &Books,
    news: &News,
    available: &BTreeMap<Name, i64>,
    told: &BTreeMap<Name, Notice>,
) -> Result<(), Broken> {
    let found = &books.supply.lists;
    let line = &books.line;
    let after = news.after(&line.places);
    let kept = || after.iter().enumerate().filter(|(at, _)| !line.swept.contains(at));
    if !found.places.iter().map(|(n, place)| (*n, place)).eq(kept().map(|(at, it)| (at + 1, it))) {
        for (at, place) in kept() {
            same(PLACES, format!("place {at}"), &Some(place), &found.places.get(&(at + 1)))?;
        }
        return Err(Broken::new(PLACES, format!("places without a number: {:?}", found.places)));
    }
    if !news.is_none() || !found.is_like(&line.judged) {
        claims(books, &after)?;
        notices(books, &after, told)?;
    }
    let joined: BTreeSet<&Name> = after.iter().map(|place| &place.sku).collect();
    same(COUNTS, "whom anybody waits for", &joined, &found.rows.keys().collect())?;
    for (sku, row) in &*found.rows {
        let of_sku: Vec<&Place> = after.iter().filter(|place| place.sku == *sku).collect();
        let available = available.get(sku).copied().unwrap_or_default();
        let left = if news.offered.is_empty() { available } else { books.available_to_sell(sku) };
        counts(left, (sku, row), &of_sku)?;
        shelf(books, news, [available, left], (sku, row))?;
        if !books.is_hidden(sku) {
            idle(books.settings.waitlist, left, row, &of_sku)?;
        }
    }
    Ok(())
}

/// Every place that is offered something has its hold, and no other has one.
fn claims(books: &Books, after: &[Place]) -> Result<(), Broken> {
    let found = &books.supply.lists.claims;
    let offered = after.iter().filter(|place| place.state == PlaceState::Offered);
    let offered: BTreeSet<&Name> = offered.map(|place| &place.id).collect();
    same(CLAIMS, "whose", &offered, &found.keys().collect())?;
    for (id, claim) in &**found {
        let Some(known) = books.holds.get(id) else { continue };
        let expected = (known.held.expires_at, &known.held.lines);
        same(CLAIMS, id, &expected, &(claim.until, &claim.lines))?;
    }
    Ok(())
}

/// Whoever was offered something has one notice, until Outreach has it.
fn notices(books: &Books, after: &[Place], told: &BTreeMap<Name, Notice>) -> Result<(), Broken> {
    let found = &books.supply.lists;
    let mut waits: BTreeMap<&Name, &Notice> = BTreeMap::new();
    for notice in &*found.notices {
        let twice = waits.insert(&notice.0, notice).is_some();
        same(TOLD, format!("{notice:?}, twice"), &false, &twice)?;
    }
    let kept = after.iter().enumerate().filter(|(at, _)| !books.line.swept.contains(at));
    for (_, place) in kept {
        let notice = waits.remove(&place.id);
        let expected = match (books.line.notices.get(&place.id), found.claims.get(&place.id)) {
            (Some(known), _) => Some(known.clone()),
            (None, claim) => place.offered.map(|units| {
                let until = claim.map(|claim| claim.until);
                (place.id.clone(), place.sku.clone(), units, until)
            }),
        };
        let has_heard = told.contains_key(&place.id);
        if notice.is_some() || !has_heard {
            same(TOLD, &place.id, &expected.as_ref(), &notice)?;
        }
    }
    same(TOLD, "of nobody's place", &0, &waits.len())
}

fn counts(left: i64, (sku, row): (&Name, &Row), of_sku: &[&Place]) -> Result<(), Broken> {
    let with = |state: PlaceState| of_sku.iter().filter(move |place| place.state == state);
    let claimed: i64 = with(PlaceState::Offered).filter_map(|place| place.offered).sum();
    let places = with(PlaceState::Waiting).count() as i64;
    let open = with(PlaceState::Offered).count() as i64;
    // What the alarm has still to look at may not have been looked at.
    let seen = if row.due { row.counts[3] } else { left + claimed };
    same(COUNTS, sku, &[places, open, claimed, seen], &row.counts)
}

/// What stays on the shelf; so much was available before units were offered, and is left. Where
/// promises are made anew or a file is read there may have been several steps in one turn: then
/// only the bounds are known.
fn shelf(
    books: &Books,
    news: &News,
    [available, left]: [i64; 2],
    (sku, row): (&Name, &Row),
) -> Result<(), Broken> {
    let policy = books.settings.waitlist;
    let before = books.line.judged.rows.get(sku).copied().unwrap_or_default();
    let bought = news.units_ended(books, sku, |state| state == PlaceState::Taken);
    let ended = news.units_ended(books, sku, |_| true);
    let offers = news.offered.iter().filter(|(at, _)| books.line.places[**at].sku == *sku);
    let offered: i64 = offers.map(|(_, units)| units).sum();
    let what = || format!("{sku:?}: {before:?}, {row:?}, {left} are left, {policy:?}");
    let is_beyond = !(0..=left).contains(&row.shelf);
    let has_grown = policy.shelf_percent == 0 && row.shelf > before.shelf;
    if is_beyond || has_grown || (row.offering && !before.offering && offered == 0) {
        return Err(Broken::new(SHELF, what()));
    }
    let parts = books.parts(sku);
    if books.read_file || parts.iter().any(|(part, _)| books.supply.is_supplied(part)) {
        return Ok(());
    }
    // What the alarm has still to look at may stand as the end of a claim has left it.
    let unseen = (before.shelf, before.offering, before.counts[3] - bought);
    let is_as_it_was = (row.shelf, row.offering, row.counts[3]) == unseen;
    if row.due && (is_as_it_was || row.counts[3] != left + row.counts[2]) {
        return Ok(());
    }
    // Claims come after everything else, those of another SKU among them that has the same
    // components.
    let claimed = before.counts[2] - ended;
    let (mut stays, mut seen) = (before.shelf, before.counts[3] - bought);
    for (available, claimed) in [(available, claimed), (left, claimed + offered)] {
        let more = available + claimed - seen;
        let share = if more > 0 { more * policy.shelf_percent / 100 } else { more };
        (stays, seen) = ((stays + share).clamp(0, available), available + claimed);
    }
    let offering = (before.offering || offered > 0) && !(left == 0 && row.counts[1] == 0);
    if (stays, offering) == (row.shelf, row.offering) {
        return Ok(());
    }
    Err(Broken::new(SHELF, format!("{stays}, {offering}, not {}", what())))
}

/// Unless the alarm has still to look, nobody waits for what they could have.
fn idle(policy: Policy, left: i64, row: &Row, of_sku: &[&Place]) -> Result<(), Broken> {
    let room = left - row.shelf;
    let begins = row.offering || room >= policy.min_restock;
    if row.due || room <= 0 || !begins || row.counts[1] >= policy.wave {
        return Ok(());
    }
    let fits = |place: &&&Place| {
        place.state == PlaceState::Waiting && (policy.smaller || place.wanted <= room)
    };
    match of_sku.iter().find(fits) {
        Some(place) => Err(Broken::new(IDLE, format!("{room} for {place:?}: {row:?}, {policy:?}"))),
        None => Ok(()),
    }
}
