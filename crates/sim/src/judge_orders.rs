//! Judging what was decided about orders.

use crate::{
    books::{Books, Moved},
    broken::{Broken, same},
    command::{Action, Body, Line, Name, Order},
    decided::{Decided, Ordered, OrderedLine, Why},
    demand::{ByPlace, BySku, Demand},
    judge::{REFUSES, malformed},
    shares,
    supply::Units,
};
use ledger::{HoldState, MAX_WAITS, Mixed};
use std::collections::{BTreeMap, BTreeSet};
use store::Moment;

const WHOLE: &str = "an order is all that was asked for, from the shelf as far as that goes";
const EARLIEST: &str = "what is not there is promised from the earliest lines that can";
const LATEST: &str = "of what is cancelled, the latest promise goes first, and then what is there";

/// What an order asks for, as far as it can be had.
struct Wanted {
    reasons: BTreeSet<Why>,
    demand: Demand,
    /// Units that are not there.
    missing: BySku,
}

/// Judges what was decided about a new order.
///
/// # Errors
/// The rule that was broken.
pub fn placed(
    books: &Books,
    order: &Order,
    decided: &Decided,
    moment: Moment,
) -> Result<(), Broken> {
    let Wanted { reasons, demand, missing } = wanted(books, order, moment);
    let ordered = match decided {
        Decided::Rejected(why) if reasons.contains(why) => return Ok(()),
        Decided::Order(ordered) if reasons.is_empty() => ordered,
        other => return Err(Broken::new(REFUSES, format!("{reasons:?}: {other:?}"))),
    };
    let number = books.orders.keys().next_back().map_or(1, |last| last + 1);
    let together = books.settings.mixed == Mixed::Together;
    same(WHOLE, "its place", &(number, together), &(ordered.number, ordered.together))?;
    let mut ready = ByPlace::new();
    let mut waiting = BySku::new();
    for (sku, line) in &ordered.lines {
        for (at, units) in &line.ready {
            ready.insert((sku.clone(), at.clone()), *units);
        }
        let waits = line.waiting();
        if waits > 0 {
            waiting.insert(sku.clone(), waits);
        }
        let all = line.ready() + waits;
        let expected = Units { ordered: all, ..Units::default() };
        same(WHOLE, sku, &expected, &line.units)?;
        earliest(books, sku, line, moment)?;
    }
    same(WHOLE, "what waits", &missing, &waiting)?;
    let held = order.hold.as_ref().and_then(|hold| books.holds.get(hold));
    for (sku, at, units, _) in held.iter().flat_map(|hold| &hold.held.lines) {
        *ready.entry((sku.clone(), at.clone())).or_default() -= units;
    }
    ready.retain(|_, units| *units != 0);
    shares::requested(books, &there(demand, &missing), order.region, &ready)
}

/// What of it is there.
fn there(demand: Demand, missing: &BySku) -> Vec<Line> {
    let pinned = demand.pinned.into_iter().map(|((sku, location), quantity)| Line {
        sku,
        location: Some(location),
        quantity,
    });
    let open = demand.open.into_iter().map(|(sku, units)| {
        let quantity = units - missing.get(&sku).copied().unwrap_or_default();
        Line { sku, location: None, quantity }
    });
    pinned.chain(open).filter(|line| line.quantity > 0).collect()
}

fn wanted(books: &Books, order: &Order, moment: Moment) -> Wanted {
    let mut reasons = BTreeSet::new();
    let held = order.hold.as_ref().and_then(|hold| books.holds.get(hold));
    let ended = held.and_then(|hold| match hold.held.state {
        HoldState::Open => None,
        HoldState::Committed => Some(Why::AlreadyCommitted),
        HoldState::Released => Some(Why::AlreadyReleased),
        HoldState::Expired => Some(Why::Expired),
    });
    reasons.extend(ended);
    let (mut demand, mut missing) = (Demand::default(), BySku::new());
    if order.hold.is_some() && order.lines.is_empty() {
        return Wanted { reasons, demand, missing };
    }
    let bad = malformed(books, order.lines.iter().map(|line| &line.sku), true);
    let is_allowed = |line: &Line| (1..=ledger::MAX_QUANTITY).contains(&line.quantity);
    if !order.lines.iter().all(is_allowed) {
        reasons.insert(Why::Quantity);
    }
    if !bad.is_empty() || reasons.contains(&Why::Quantity) {
        reasons.extend(bad);
        return Wanted { reasons, demand, missing };
    }
    demand = Demand::of(books, &order.lines);
    let only_pinned = Demand { pinned: demand.pinned.clone(), ..Demand::default() };
    if only_pinned.is_beyond(books) {
        reasons.insert(Why::InsufficientStock);
    }
    let pinned = only_pinned.totals();
    let mut any_there = held.is_some() || !pinned.is_empty();
    for (sku, units) in &demand.open {
        let kept = pinned.get(sku).copied().unwrap_or_default();
        let there = (books.available_to_sell(sku) - kept).clamp(0, *units);
        any_there |= there > 0;
        if there < *units {
            missing.insert(sku.clone(), units - there);
            reasons.extend(cannot_wait(books, sku, units - there, order.buyer, moment));
        }
    }
    if books.settings.mixed == Mixed::Refuse && any_there && !missing.is_empty() {
        reasons.insert(Why::MixedCart);
    }
    Wanted { reasons, demand, missing }
}

/// Every reason for which so many units cannot be waited for.
fn cannot_wait(
    books: &Books,
    sku: &Name,
    units: i64,
    buyer: Option<u8>,
    moment: Moment,
) -> BTreeSet<Why> {
    let mut reasons = BTreeSet::new();
    let Some((_, [_, of_buyer])) = books.skus.get(sku).and_then(|known| known.ahead.as_ref())
    else {
        return [Why::InsufficientStock].into();
    };
    let supply = &books.supply;
    if supply.queues.get(sku).is_some_and(|queue| queue.settling) {
        reasons.insert(Why::Settling);
    }
    let orders = supply.orders.iter().filter(|(_, order)| buyer.is_some() && order.buyer == buyer);
    let waits: i64 = orders.map(|(number, _)| supply.waiting(*number, sku)).sum();
    if of_buyer.is_some_and(|most| waits + units > most) {
        reasons.insert(Why::AheadLimit);
    }
    let lines = supply.promisable(sku, moment.today);
    let by_few: i64 = lines.iter().take(MAX_WAITS).map(|(.., units)| units).sum();
    if units > supply.orderable(sku, moment.today).min(by_few) {
        reasons.insert(Why::CannotPromise);
    }
    reasons
}

/// Are these the earliest lines that can promise it, with their dates?
fn earliest(books: &Books, sku: &Name, line: &OrderedLine, moment: Moment) -> Result<(), Broken> {
    let lines = books.supply.promisable(sku, moment.today);
    let mut left = line.waiting();
    let mut found = 0;
    for (date, id, room) in lines {
        let share = room.min(left);
        left -= share;
        let wait = line.waits.get(&(Some(id.clone()), Some(date))).copied();
        found += usize::from(wait.is_some());
        same(EARLIEST, format!("{id:?}"), &share, &wait.unwrap_or_default())?;
    }
    same(EARLIEST, "units and lines", &(0, line.waits.len()), &(left, found))
}

/// Judges what was decided about units of an order.
///
/// # Errors
/// The rule that was broken.
pub fn changed(
    books: &Books,
    number: i64,
    action: &Action,
    lines: &[(Name, i64)],
    decided: &Decided,
) -> Result<(), Broken> {
    let before = before(books, number);
    let (reasons, units) = may_change(books, &before, action, lines);
    let after = match decided {
        Decided::Rejected(why) if reasons.contains(why) => return Ok(()),
        Decided::Order(ordered) if reasons.is_empty() => ordered,
        other => return Err(Broken::new(REFUSES, format!("{reasons:?}: {other:?}"))),
    };
    same("an order stays that order", number, &before.lines.len(), &after.lines.len())?;
    for (sku, was) in &before.lines {
        let Some(is) = after.lines.get(sku) else { continue };
        let units = units.get(sku).copied().unwrap_or_default();
        let mut expected = was.units;
        let (ready, waited) = (was.ready() - is.ready(), was.waiting() - is.waiting());
        let gone = match action {
            Action::Ship => {
                expected.shipped += units;
                [units, 0]
            }
            Action::Cancel { .. } => {
                expected.cancelled += units;
                let waited = units.min(was.waiting());
                [units - waited, waited]
            }
            Action::Return { .. } => {
                expected.returned += units;
                [0, 0]
            }
        };
        let rule = "what was asked of an order is done to it, and nothing else";
        same(rule, sku, &(expected, gone), &(is.units, [ready, waited]))?;
        let grew = |at: &Name, units: &i64| was.ready.get(at).is_none_or(|was| units > was);
        if is.ready.iter().any(|(at, units)| grew(at, units)) {
            return Err(Broken::new(rule, format!("{was:?} became {is:?}")));
        }
        latest_first(was, is)?;
    }
    Ok(())
}

/// An order as it is.
fn before(books: &Books, number: i64) -> Ordered {
    let supply = &books.supply;
    let lines = books.orders.get(&number).into_iter().flat_map(|order| &order.lines);
    let lines = lines.map(|(sku, units)| {
        let waits = supply.waits_of(number, sku);
        let waits = waits.map(|(on, told, units)| ((on.clone(), told), units));
        let ready = supply.ready_of(number, sku);
        (sku.clone(), OrderedLine { units: *units, ready, waits: waits.collect() })
    });
    let lines: BTreeMap<_, _> = lines.collect();
    let together = supply.orders.get(&number).is_some_and(|order| order.together);
    Ordered { number, together, lines }
}

/// Every reason to refuse it, and units by SKU.
fn may_change(
    books: &Books,
    before: &Ordered,
    action: &Action,
    lines: &[(Name, i64)],
) -> (BTreeSet<Why>, BySku) {
    let mut reasons = BTreeSet::new();
    let most = |line: &OrderedLine| match action {
        Action::Ship => line.ready(),
        Action::Cancel { by_buyer: true } => line.waiting(),
        Action::Cancel { by_buyer: false } => line.waiting() + line.ready(),
        Action::Return { .. } => line.units.shipped - line.units.returned,
    };
    let (nothing, too_many) = match action {
        Action::Ship => (Why::NothingReady, Why::NotReady),
        Action::Cancel { .. } => (Why::NothingOpen, Why::NotOpen),
        Action::Return { .. } => (Why::LineCount, Why::NotShipped),
    };
    let is_waiting = before.lines.values().any(|line| line.waiting() > 0);
    if *action == Action::Ship && before.together && is_waiting {
        reasons.insert(Why::NotAllThere);
    }
    let mut units = BySku::new();
    for (sku, more) in lines {
        if *more <= 0 {
            reasons.insert(Why::Quantity);
        }
        *units.entry(sku.clone()).or_default() += more;
        if let Action::Return { to: Some(_) } = action
            && books.skus.get(sku).is_some_and(|known| !known.parts.is_empty())
        {
            reasons.insert(Why::IsBundle);
        }
    }
    if lines.is_empty() && !matches!(action, Action::Return { .. }) {
        units = before.lines.iter().map(|(sku, line)| (sku.clone(), most(line))).collect();
        units.retain(|_, units| *units > 0);
    }
    if units.is_empty() {
        reasons.insert(nothing);
    }
    for (sku, units) in &units {
        match before.lines.get(sku) {
            None => {
                reasons.insert(Why::NotInOrder);
            }
            Some(line) if *units > most(line) => {
                reasons.insert(too_many);
            }
            Some(_) => {}
        }
    }
    (reasons, units)
}

/// Was what went of it promised no sooner than what stays?
fn latest_first(was: &OrderedLine, is: &OrderedLine) -> Result<(), Broken> {
    // What nobody promises is the latest of all.
    let rank = |on: &Option<_>, date| if on.is_none() { (true, None) } else { (false, date) };
    let left = is.waits.keys().map(|(on, date)| rank(on, *date)).max();
    for ((on, date), units) in &was.waits {
        let now = is.waits.get(&(on.clone(), *date)).copied().unwrap_or_default();
        if now < *units && left.is_some_and(|left| rank(on, *date) < left) {
            return Err(Broken::new(LATEST, format!("{was:?} became {is:?}")));
        }
    }
    Ok(())
}

/// What units of an order move, when this is decided.
pub fn moved(books: &Books, body: &Body, decided: &Decided) -> Vec<Moved> {
    let (Body::ChangeOrder { action, lines, .. }, Decided::Order(after)) = (body, decided) else {
        return Vec::new();
    };
    let mut moved = ByPlace::new();
    match action {
        Action::Cancel { .. } | Action::Return { to: None } => {}
        Action::Ship => {
            for (sku, line) in before(books, after.number).lines {
                for (at, units) in line.ready {
                    let left = after.lines.get(&sku).and_then(|line| line.ready.get(&at));
                    moved.insert((sku.clone(), at), left.copied().unwrap_or_default() - units);
                }
            }
            moved.retain(|_, units| *units != 0);
        }
        Action::Return { to: Some(to) } => {
            for (sku, units) in lines {
                *moved.entry((sku.clone(), to.clone())).or_default() += units;
            }
        }
    }
    moved.into_iter().map(|((sku, at), units)| (sku, at, units)).collect()
}
