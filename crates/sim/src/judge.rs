//! Judging a decision about units that move: is it one that the rules allow? They are told here
//! once more, in other words than the ledger's, and where they leave a choice, each choice is good.

use crate::{
    books::{Books, Place},
    broken::{Broken, same},
    command::{Counted, Line, Name},
    decided::{Decided, Effect, Why},
    demand::{ByPlace, Demand},
    shares,
};
use ledger::Kind;
use std::collections::BTreeSet;

pub(crate) const REFUSES: &str = "a refusal has a reason that applies, and what has one is refused";
pub(crate) const TAKES: &str =
    "no request takes more than can be sold, in all and at each location";
const MOVES: &str = "what was asked for moves: no more, no less, and where it was said";
const STATES: &str = "a decision states the balances that it leaves";

/// Judges what was decided about lines that move.
///
/// # Errors
/// The rule that was broken.
pub fn moves(books: &Books, kind: Kind, lines: &[Line], decided: &Decided) -> Result<(), Broken> {
    let Some(effects) = done(&reasons(books, kind, lines), decided)? else { return Ok(()) };
    balances(books, effects)?;
    let sign = if matches!(kind, Kind::Sell | Kind::Sold) { -1 } else { 1 };
    let moved: ByPlace = effects
        .iter()
        .map(|effect| ((effect.sku.clone(), effect.location.clone()), sign * effect.quantity))
        .filter(|(_, units)| *units != 0)
        .collect();
    match kind {
        Kind::Sell => shares::requested(books, lines, None, &moved),
        Kind::Sold => shares::reported(books, lines, &moved),
        Kind::Receive | Kind::Adjust | Kind::Returned => {
            let mut brought = Demand::of(books, lines).at_main();
            // Lines that cancel each other out are a movement of nothing, or none.
            brought.retain(|_, units| *units != 0);
            same(MOVES, format!("{lines:?}"), &brought, &moved)
        }
    }
}

/// Judges what was decided about a count.
///
/// # Errors
/// The rule that was broken.
pub fn count(books: &Books, lines: &[Counted], decided: &Decided) -> Result<(), Broken> {
    let mut reasons = malformed(books, lines.iter().map(|line| &line.sku), false);
    let places: BTreeSet<_> = lines.iter().map(|line| (&line.sku, &line.location)).collect();
    if places.len() < lines.len() {
        reasons.insert(Why::CountedTwice);
    }
    if lines.iter().any(|line| !(0..=ledger::MAX_COUNT).contains(&line.counted)) {
        reasons.insert(Why::Quantity);
    }
    let on_hand = |line: &Counted| books.place(&line.sku, &line.location).on_hand();
    let is_stale = |line: &Counted| line.expected.is_some_and(|units| units != on_hand(line));
    if reasons.is_empty() && lines.iter().any(is_stale) {
        reasons.insert(Why::CountStale);
    }
    let Some(effects) = done(&reasons, decided)? else { return Ok(()) };
    balances(books, effects)?;
    let counted: BTreeSet<_> =
        lines.iter().map(|line| (&line.sku, &line.location, line.counted, 0)).collect();
    // What is there may be kept for those who wait: that moves nothing.
    let is_counted = |effect: &&Effect| {
        effect.quantity != 0 || places.contains(&(&effect.sku, &effect.location))
    };
    let left: BTreeSet<_> = effects
        .iter()
        .filter(is_counted)
        .map(|effect| (&effect.sku, &effect.location, effect.on_hand, effect.owed))
        .collect();
    same("a count sets the books to what is there", format!("{lines:?}"), &counted, &left)
}

/// What was done, if it was right to do it; nothing if it was right to refuse it.
fn done<'a>(reasons: &BTreeSet<Why>, decided: &'a Decided) -> Result<Option<&'a [Effect]>, Broken> {
    match decided {
        Decided::Rejected(why) if reasons.contains(why) => Ok(None),
        Decided::Moved(effects) if reasons.is_empty() => Ok(Some(effects)),
        Decided::Moved(_) if reasons.contains(&Why::InsufficientStock) => {
            Err(Broken::new(TAKES, format!("{decided:?}")))
        }
        other => Err(Broken::new(REFUSES, format!("{reasons:?}: {other:?}"))),
    }
}

/// Every reason to refuse.
fn reasons(books: &Books, kind: Kind, lines: &[Line]) -> BTreeSet<Why> {
    let takes = matches!(kind, Kind::Sell | Kind::Sold);
    let mut reasons = malformed(books, lines.iter().map(|line| &line.sku), takes);
    let least = if kind == Kind::Adjust { -ledger::MAX_QUANTITY } else { 1 };
    let is_allowed = |units: i64| units != 0 && (least..=ledger::MAX_QUANTITY).contains(&units);
    if !lines.iter().all(|line| is_allowed(line.quantity)) {
        reasons.insert(Why::Quantity);
    }
    if !reasons.is_empty() {
        return reasons;
    }
    let demand = Demand::of(books, lines);
    if kind == Kind::Sell && demand.is_beyond(books) {
        reasons.insert(Why::InsufficientStock);
    }
    if kind == Kind::Adjust {
        let below = |((sku, location), units): (&(Name, Name), &i64)| {
            let net = books.place(sku, location).net;
            *units < 0 && net + units < net.min(0)
        };
        if demand.at_main().iter().any(below) {
            reasons.insert(Why::BelowZero);
        }
    }
    reasons
}

/// Reasons that are there whatever the stock: `takes` tells what may be of a kit.
pub(crate) fn malformed<'a>(
    books: &Books,
    skus: impl Iterator<Item = &'a Name>,
    takes: bool,
) -> BTreeSet<Why> {
    let mut reasons = BTreeSet::new();
    let mut lines = 0;
    for sku in skus {
        lines += 1;
        match books.skus.get(sku) {
            None => {
                reasons.insert(Why::UnknownSku);
            }
            Some(known) if !known.parts.is_empty() && !takes => {
                reasons.insert(Why::IsBundle);
            }
            Some(_) => {}
        }
    }
    if lines == 0 || lines > ledger::MAX_LINES {
        reasons.insert(Why::LineCount);
    }
    reasons
}

/// Each place is named once, with the balance that follows from the movement.
fn balances(books: &Books, effects: &[Effect]) -> Result<(), Broken> {
    let mut places = BTreeSet::new();
    for effect in effects {
        let before = books.place(&effect.sku, &effect.location);
        let after = Place { net: before.net + effect.quantity, ..before };
        let shortfall = (after.owed() - before.owed()).max(0);
        let stated = (effect.on_hand, effect.owed, effect.held, effect.shortfall);
        let once = places.insert((&effect.sku, &effect.location));
        if !once || stated != (after.on_hand(), after.owed(), after.held, shortfall) {
            return Err(Broken::new(STATES, format!("{effect:?} on {before:?}")));
        }
    }
    Ok(())
}
