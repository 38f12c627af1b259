//! Promises: which units on their way are whose, and what becomes of that when supply changes.
//!
//! An order waits for named lines of purchase orders. When a line slips or comes short, the orders
//! that counted on it are promised anew, in the order in which they were placed, from what the
//! other lines can still promise; nobody else's promise moves. That may be ten thousand orders, so
//! it is done in turns ([`Turn`]): what is decided at once is only how many units of each line are
//! promised, loose, or kept because they have arrived.

use crate::{
    Balance, Location, PoLineId, Reject, Sku, Stock, Wait,
    allocate::{Wanted, allocate},
    decide::{add, room},
    draft::Draft,
    order::{MAX_WAITS, is_later},
    supply::sooner,
};
use std::collections::{BTreeMap, BTreeSet};

/// Promises so many units of a SKU, from the earliest lines first.
pub(crate) fn promised(draft: &mut Draft, sku: &Sku, units: i64) -> Result<Vec<Wait>, Reject> {
    let today = draft.stock.today;
    let known = draft.stock.skus.entry(sku.clone()).or_default();
    let lines: Vec<_> = known
        .promisable(today)
        .into_iter()
        .take(MAX_WAITS)
        .map(|(id, expected, units)| (id.clone(), expected, units))
        .collect();
    let mut left = units;
    let mut waits = Vec::new();
    for (id, expected, room) in lines {
        let share = room.min(left);
        if share > 0 {
            peg(known.supply.get_mut(&id), share);
            left = left.saturating_sub(share);
            draft.lines.insert((sku.clone(), id.clone()));
            waits.push(Wait { on: Some(id), units: share, promised: Some(expected) });
        }
    }
    if left > 0 {
        let promisable = units.saturating_sub(left);
        return Err(Reject::CannotPromise { sku: sku.clone(), wanted: units, promisable });
    }
    known.waiting.units = known.waiting.units.saturating_add(units);
    draft.waits.insert(sku.clone());
    Ok(waits)
}

fn peg(line: Option<&mut crate::PoLine>, units: i64) {
    if let Some(line) = line {
        line.pegged = line.pegged.saturating_add(units);
    }
}

/// Takes so many units off what an order waits for, the latest promise first, and says how many
/// it did not wait for.
pub(crate) fn unpromise(
    draft: &mut Draft,
    sku: &Sku,
    waits: &mut Vec<Wait>,
    units: i64,
) -> Result<i64, Reject> {
    // What nobody promises goes first.
    waits.sort_by_key(|wait| wait.on.as_ref().and(wait.promised).map(sooner));
    let dated = waits.iter().filter(|wait| wait.on.is_some()).count();
    waits.rotate_right(dated);
    let mut left = units;
    while let Some(mut wait) = waits.pop() {
        let share = wait.units.min(left);
        left = left.saturating_sub(share);
        wait.units = wait.units.saturating_sub(share);
        forget(draft, sku, wait.on.as_ref(), share)?;
        if wait.units > 0 {
            waits.push(wait);
            break;
        }
    }
    Ok(left)
}

/// So many units fewer are waited for on this line.
fn forget(draft: &mut Draft, sku: &Sku, line: Option<&PoLineId>, units: i64) -> Result<(), Reject> {
    if units == 0 {
        return Ok(());
    }
    draft.waits.insert(sku.clone());
    let known = draft.stock.skus.entry(sku.clone()).or_default();
    known.waiting.units = known.waiting.units.saturating_sub(units);
    let Some(id) = line else {
        known.waiting.unpegged = known.waiting.unpegged.saturating_sub(units);
        return Ok(());
    };
    let Some(of) = known.supply.get_mut(id) else { return Ok(()) };
    let pegged = of.pegged.min(units);
    of.pegged = of.pegged.saturating_sub(pegged);
    let place = of.location.clone();
    let left = units.saturating_sub(pegged);
    draft.lines.insert((sku.clone(), id.clone()));
    if pegged > 0 {
        draft.may_improve(sku);
    }
    // What has arrived for the line goes to the next in its queue while there is one.
    let arrived = draft.arrived_on(sku, id).min(left);
    if arrived > 0 {
        keep(draft, Some(id), sku, &place, arrived.saturating_neg())?;
    }
    let loose = left.saturating_sub(arrived);
    if let Some(of) = draft.stock.skus.entry(sku.clone()).or_default().supply.get_mut(id) {
        of.loose = of.loose.saturating_sub(loose);
    }
    let known = draft.stock.skus.entry(sku.clone()).or_default();
    known.waiting.unpegged = known.waiting.unpegged.saturating_sub(loose);
    Ok(())
}

/// Keeps so many units that are there for whoever waits for this line, or for anybody who waits;
/// fewer, if negative.
pub(crate) fn keep(
    draft: &mut Draft,
    line: Option<&PoLineId>,
    sku: &Sku,
    location: &Location,
    units: i64,
) -> Result<(), Reject> {
    if units == 0 {
        return Ok(());
    }
    draft.change(sku, location, |balance| balance.committing(units))?;
    let known = draft.stock.skus.entry(sku.clone()).or_default();
    add(&mut known.arrivals, (line.cloned(), location.clone()), units);
    known.arrivals.retain(|_, units| *units > 0);
    draft.waits.insert(sku.clone());
    draft.settle.insert(sku.clone());
    Ok(())
}

/// Stock that nobody has belongs first to whoever waits: to those who were promised nothing, and
/// by the shop's choice to all of them.
pub(crate) fn keep_for_waiting(draft: &mut Draft, sku: &Sku) -> Result<(), Reject> {
    let Some(known) = draft.stock.skus.get(sku) else { return Ok(()) };
    let wanted = if draft.stock.improve {
        known.waiting.units.saturating_sub(known.arriving())
    } else {
        known.waiting.unpegged.saturating_sub(known.spare_arrivals())
    };
    if wanted < 0 {
        return let_go(draft, sku, wanted.saturating_neg());
    }
    let units = wanted.min(draft.stock.available_to_sell(sku));
    if units <= 0 {
        return Ok(());
    }
    let wanted = Wanted::from([(sku.clone(), units)]);
    let room = room(&draft.stock, &wanted, &BTreeMap::new(), Balance::available);
    for ((sku, location), units) in allocate(&draft.stock, &room, &wanted, None) {
        keep(draft, None, &sku, &location, units)?;
    }
    Ok(())
}

/// Keeps so many units fewer for whoever waits.
fn let_go(draft: &mut Draft, sku: &Sku, units: i64) -> Result<(), Reject> {
    let known = draft.stock.skus.entry(sku.clone()).or_default();
    let spare = known.arrivals.iter().filter(|((line, _), _)| line.is_none());
    let spare: Vec<_> = spare.map(|((_, at), units)| (at.clone(), *units)).collect();
    let mut left = units;
    for (location, kept) in spare {
        let share = kept.min(left);
        left = left.saturating_sub(share);
        keep(draft, None, sku, &location, share.saturating_neg())?;
    }
    Ok(())
}

/// Units of a SKU that one order waits for on one line, or on none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The order's place in the queue.
    pub order: i64,
    /// What it waits for.
    pub wait: Wait,
}

/// What became of a [`Row`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handed {
    /// Units that are there for the order now, and where.
    pub ready: Vec<(Location, i64)>,
    /// What it still waits for, in place of the row.
    pub waits: Vec<Wait>,
}

/// One turn of making a SKU's promises anew: a few rows of its queue. There are three kinds, done
/// in this order until nothing is left of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Hands out what has arrived on this line, to the rows that wait for it, the first first.
    HandOut(PoLineId),
    /// Takes what this line cannot give any more off the rows that count on it, the last first.
    Loosen(PoLineId),
    /// Looks at all rows, the first first: who is promised nothing, or a date that has moved, is
    /// promised what the lines can give.
    Promise,
}

impl Turn {
    /// What has to be done next for this SKU, if anything is left.
    pub fn next(stock: &Stock, sku: &Sku) -> Option<Self> {
        let known = stock.skus.get(sku).filter(|known| known.settling)?;
        let arrived = known.arrivals.keys().find_map(|(line, _)| line.clone());
        if let Some(line) = arrived {
            return Some(Self::HandOut(line));
        }
        let loose = known.supply.iter().find(|(_, line)| line.loose > 0);
        Some(loose.map_or(Self::Promise, |(id, _)| Self::Loosen(id.clone())))
    }
}

/// Makes the promises of these rows anew, and gives what becomes of each.
///
/// One look through the queue is enough. A row that moves to a better line leaves room on its old
/// one; but whoever stands before it has looked at that better line first and left it, so that
/// what they have is no later than it, and they want the old one even less.
pub(crate) fn turned(draft: &mut Draft, sku: &Sku, turn: &Turn, rows: &[Row]) -> Vec<Handed> {
    draft.waits.insert(sku.clone());
    let handed = rows.iter().map(|row| match turn {
        Turn::HandOut(line) => hand_out(draft, sku, line, &row.wait),
        Turn::Loosen(line) => loosened(draft, sku, line, &row.wait),
        Turn::Promise => anew(draft, sku, &row.wait),
    });
    handed.collect()
}

/// The units of the row that have arrived on its line.
fn hand_out(draft: &mut Draft, sku: &Sku, line: &PoLineId, wait: &Wait) -> Handed {
    let known = draft.stock.skus.entry(sku.clone()).or_default();
    let key = known.arrivals.keys().find(|(on, _)| on.as_ref() == Some(line)).cloned();
    let Some(key) = key else { return Handed { waits: vec![wait.clone()], ..Handed::default() } };
    let share = known.arrivals.get(&key).copied().unwrap_or(0).min(wait.units);
    add(&mut known.arrivals, key.clone(), share.saturating_neg());
    known.arrivals.retain(|_, units| *units > 0);
    known.waiting.units = known.waiting.units.saturating_sub(share);
    let left = wait.units.saturating_sub(share);
    let rest = (left > 0).then(|| Wait { units: left, ..wait.clone() });
    Handed { ready: vec![(key.1, share)], waits: rest.into_iter().collect() }
}

/// The units of the row that its line cannot give any more are promised by none.
fn loosened(draft: &mut Draft, sku: &Sku, line: &PoLineId, wait: &Wait) -> Handed {
    let known = draft.stock.skus.entry(sku.clone()).or_default();
    let Some(of) = known.supply.get_mut(line) else { return Handed::default() };
    let share = of.loose.min(wait.units);
    of.loose = of.loose.saturating_sub(share);
    draft.lines.insert((sku.clone(), line.clone()));
    let left = wait.units.saturating_sub(share);
    let kept = (left > 0).then(|| Wait { units: left, ..wait.clone() });
    let loose = (share > 0).then(|| Wait { on: None, units: share, ..wait.clone() });
    Handed { ready: Vec::new(), waits: kept.into_iter().chain(loose).collect() }
}

/// The row with the best that can be promised it now.
fn anew(draft: &mut Draft, sku: &Sku, wait: &Wait) -> Handed {
    let (today, improve) = (draft.stock.today, draft.stock.improve);
    let known = draft.stock.skus.entry(sku.clone()).or_default();
    let now = wait.on.as_ref().and_then(|on| known.supply.get(on)).and_then(|line| line.expected);
    let is_later = is_later(wait.promised, now);
    let mut handed = Handed::default();
    let mut left = wait.units;
    let mut lines = BTreeSet::new();
    if wait.on.is_none() || improve {
        let spare: Vec<_> =
            known.arrivals.keys().filter(|(line, _)| line.is_none()).cloned().collect();
        for key in spare {
            let share = known.arrivals.get(&key).copied().unwrap_or(0).min(left);
            if share > 0 {
                add(&mut known.arrivals, key.clone(), share.saturating_neg());
                known.waiting.units = known.waiting.units.saturating_sub(share);
                left = left.saturating_sub(share);
                handed.ready.push((key.1, share));
            }
        }
        known.arrivals.retain(|_, units| *units > 0);
    }
    if wait.on.is_none() || improve || is_later {
        let better: Vec<_> = known
            .promisable(today)
            .into_iter()
            .filter(|(_, date, _)| {
                wait.on.is_none() || now.is_none_or(|now| sooner(*date) < sooner(now))
            })
            .filter(|(id, ..)| Some(*id) != wait.on.as_ref())
            .map(|(id, date, units)| (id.clone(), date, units))
            .collect();
        for (id, date, room) in better {
            let share = room.min(left);
            if share > 0 {
                peg(known.supply.get_mut(&id), share);
                left = left.saturating_sub(share);
                lines.insert(id.clone());
                handed.waits.push(Wait { on: Some(id), units: share, promised: Some(date) });
            }
        }
    }
    let gone = wait.units.saturating_sub(left);
    match &wait.on {
        Some(on) if gone > 0 => {
            peg(known.supply.get_mut(on), gone.saturating_neg());
            lines.insert(on.clone());
        }
        Some(_) => {}
        None => known.waiting.unpegged = known.waiting.unpegged.saturating_sub(gone),
    }
    if left > 0 {
        let promised = if wait.on.is_some() { now } else { None };
        handed.waits.push(Wait { on: wait.on.clone(), units: left, promised });
    }
    draft.lines.extend(lines.into_iter().map(|id| (sku.clone(), id)));
    handed
}
