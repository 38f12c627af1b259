//! Judging what was decided about holds.

use crate::{
    books::{Books, Hold},
    broken::{Broken, same},
    command::{Cart, Name},
    decided::{Decided, Held, Why},
    demand::{ByPlace, BySku, Demand},
    judge::{REFUSES, TAKES, malformed},
    shares,
};
use ledger::{HoldState, Way};
use std::collections::BTreeSet;
use store::Moment;

/// What browsers together may hold of the units of a SKU that are there.
const BROWSERS_ONE_IN: i64 = 5;

/// Holds that one network may have open in browsers.
const HOLDS_OF_NETWORK: usize = 3;

/// Judges what was decided about a cart.
///
/// # Errors
/// The rule that was broken.
pub fn hold(books: &Books, cart: &Cart, decided: &Decided, moment: Moment) -> Result<(), Broken> {
    let reasons = reasons(books, cart);
    let held = match decided {
        Decided::Rejected(why) if reasons.contains(why) => return Ok(()),
        Decided::Held(held) if reasons.is_empty() => held,
        Decided::Held(_) if reasons.contains(&Why::InsufficientStock) => {
            return Err(Broken::new(TAKES, format!("{decided:?}")));
        }
        other => return Err(Broken::new(REFUSES, format!("{reasons:?}: {other:?}"))),
    };
    let expires_at = moment.now + cart.lifetime_ms;
    let rule = "a hold is open until its time is over";
    let expected = (HoldState::Open, expires_at);
    same(rule, "the hold", &expected, &(held.state, held.expires_at))?;
    let mut taken = ByPlace::new();
    for (sku, location, units, shortfall) in &held.lines {
        let twice = taken.insert((sku.clone(), location.clone()), *units).is_some();
        if twice || *units <= 0 || *shortfall != 0 {
            return Err(Broken::new("a hold names each place once", format!("{held:?}")));
        }
    }
    shares::requested(books, &cart.lines, cart.region, &taken)
}

fn reasons(books: &Books, cart: &Cart) -> BTreeSet<Why> {
    let mut reasons = malformed(books, cart.lines.iter().map(|line| &line.sku), true);
    let longest = if cart.network.is_some() { 600_000 } else { 3_600_000 };
    if !(1_000..=longest).contains(&cart.lifetime_ms) {
        reasons.insert(Why::Lifetime);
    }
    let is_allowed = |units: i64| (1..=ledger::MAX_QUANTITY).contains(&units);
    if !cart.lines.iter().all(|line| is_allowed(line.quantity)) {
        reasons.insert(Why::Quantity);
    }
    if !reasons.is_empty() {
        return reasons;
    }
    let demand = Demand::of(books, &cart.lines);
    if demand.is_beyond(books) {
        reasons.insert(Why::InsufficientStock);
    }
    let totals = demand.totals();
    if let (Some(most), Some(buyer)) = (books.settings.max_held_per_buyer, cart.buyer) {
        let held = held(books, |other| other.buyer == Some(buyer));
        if exceeds(&held, &totals, |_| i64::from(most)) {
            reasons.insert(Why::BuyerLimit);
        }
    }
    if let Some(network) = cart.network {
        let of_network = open(books).filter(|hold| hold.cart.network == Some(network));
        if of_network.count() >= HOLDS_OF_NETWORK {
            reasons.insert(Why::NetworkLimit);
        }
        let held = held(books, |other| other.network.is_some());
        let share = |sku: &Name| {
            let there: i64 = books.places_of(sku).map(|(_, place)| place.on_hand()).sum();
            there / BROWSERS_ONE_IN
        };
        if exceeds(&held, &totals, share) {
            reasons.insert(Why::BrowserShare);
        }
    }
    reasons
}

fn open(books: &Books) -> impl Iterator<Item = &Hold> {
    books.holds.values().filter(|hold| hold.held.state == HoldState::Open)
}

/// Units in the open holds of those who are meant.
fn held(books: &Books, is_meant: impl Fn(&Cart) -> bool) -> BySku {
    let mut held = BySku::new();
    for hold in open(books).filter(|hold| is_meant(&hold.cart)) {
        for (sku, _, units, _) in &hold.held.lines {
            *held.entry(sku.clone()).or_default() += units;
        }
    }
    held
}

fn exceeds(held: &BySku, wanted: &BySku, most: impl Fn(&Name) -> i64) -> bool {
    let has = |sku: &Name| held.get(sku).copied().unwrap_or_default();
    wanted.iter().any(|(sku, units)| has(sku) + units > most(sku))
}

/// Judges what was decided about the end of a hold.
///
/// # Errors
/// The rule that was broken.
pub fn resolve(books: &Books, hold: &Hold, way: Way, decided: &Decided) -> Result<(), Broken> {
    let rule = "a hold ends once, in one of three ways, and is never open again";
    let reason = match hold.held.state {
        HoldState::Open => None,
        HoldState::Committed => Some(Why::AlreadyCommitted),
        HoldState::Released => Some(Why::AlreadyReleased),
        HoldState::Expired => Some(Why::Expired),
    };
    match (reason, decided) {
        (Some(reason), Decided::Rejected(why)) if reason == *why => Ok(()),
        (None, Decided::Held(after)) => {
            same(rule, "the hold", &ended(books, &hold.held, way), after)
        }
        _ => Err(Broken::new(rule, format!("{:?}, {way:?}: {decided:?}", hold.held))),
    }
}

/// What must be decided about an open hold's end.
pub fn end(books: &Books, hold: &Hold, way: Way) -> Decided {
    Decided::Held(ended(books, &hold.held, way))
}

/// A hold that has ended so: a commit that finds units gone says how many.
fn ended(books: &Books, held: &Held, way: Way) -> Held {
    let lines = held.lines.iter().cloned().map(|(sku, location, units, _)| {
        let before = books.place(&sku, &location);
        let net = before.net - units;
        let shortfall = if way == Way::Commit { (-net).max(0) - before.owed() } else { 0 };
        (sku, location, units, shortfall)
    });
    let state = match way {
        Way::Commit => HoldState::Committed,
        Way::Release => HoldState::Released,
        Way::Expire => HoldState::Expired,
    };
    Held { state, expires_at: held.expires_at, lines: lines.collect() }
}
