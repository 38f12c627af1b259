//! Judging what is promised: whether it may be so, and whether it may have come from what was so
//! before. The rules are the shop's and not the ledger's way to keep them.

use crate::{
    books::Books,
    broken::{Broken, same},
    command::Name,
    supply::{Dates, Event, LineId, Supply},
};
use jiff::civil::Date;
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

const PROMISED: &str = "no line promises more than is to come, or to nobody";
const KEPT: &str = "each unit of an order is ready, waits, has left or was cancelled";
const SUMS: &str = "the sums at a SKU and at a place are those of the rows";
const SETTLED: &str = "what is settled has nothing left to be handed out or promised anew";
const FIRST: &str = "whoever waits has what nobody has, and the best date that is there";
const TOLD: &str = "each change of a promise is told once, to whom it concerns, with both dates";
const CAUSE: &str = "a promise moves only if its line did, or if there is a better one";
const QUEUE: &str = "who ordered first is served first";

/// Units by the date that was told.
type ByDate = BTreeMap<Option<Dates>, i64>;

/// Judges what is written; `judged` was judged before.
///
/// # Errors
/// The rule that was broken.
pub fn state(books: &Books, judged: &Supply) -> Result<(), Broken> {
    let supply = &books.supply;
    exact(books)?;
    if supply.lines.is_empty() && supply.orders.is_empty() {
        return Ok(());
    }
    if !supply.is_like(judged) {
        lines(supply)?;
        orders(supply)?;
        sums(supply)?;
    }
    for (sku, queue) in supply.queues.iter().filter(|(_, queue)| queue.waiting > 0) {
        if !queue.settling {
            settled(books, sku)?;
        }
    }
    Ok(())
}

/// What was ordered and what came is what the auditor booked.
fn exact(books: &Books) -> Result<(), Broken> {
    let rule = "orders and purchase orders are written whole and once, and nothing else is";
    let supply = &books.supply;
    let found = supply.lines.iter().map(|(id, line)| {
        let units = [line.ordered, line.received, line.missing];
        (id, (&line.sku, &line.location, &*line.state, units, line.expected))
    });
    let booked = books
        .bought
        .iter()
        .map(|(id, line)| (id, (&line.sku, &line.location, line.state, line.units, line.expected)));
    if !found.clone().eq(booked.clone()) {
        same(rule, "lines", &booked.collect::<Vec<_>>(), &found.collect())?;
    }
    let found = supply.order_lines.iter().map(|((number, sku), units)| (*number, sku, units));
    let booked = books.orders.iter().flat_map(|(number, order)| {
        order.lines.iter().map(move |(sku, units)| (*number, sku, units))
    });
    if !found.clone().eq(booked.clone()) {
        same(rule, "units", &booked.collect::<Vec<_>>(), &found.collect())?;
    }
    let found = supply.orders.iter().map(|(number, order)| (number, &order.id, order.buyer));
    let booked = books.orders.iter().map(|(number, order)| (number, &order.id, order.buyer));
    if !found.clone().eq(booked.clone()) {
        same(rule, "orders", &booked.collect::<Vec<_>>(), &found.collect())?;
    }
    for (sku, queue) in &*supply.queues {
        let ahead = books.skus.get(sku).and_then(|known| known.ahead.clone());
        let ahead = ahead.map_or((None, [None; 2]), |(kind, limits)| (Some(kind), limits));
        same(rule, format!("ordering {sku:?} ahead"), &ahead, &queue.ahead)?;
    }
    Ok(())
}

fn lines(supply: &Supply) -> Result<(), Broken> {
    let mut on: BTreeMap<&LineId, i64> = BTreeMap::new();
    for ((_, _, line, _), units) in &*supply.waits {
        if let Some(line) = line {
            *on.entry(line).or_default() += units;
        }
    }
    let mut arrived: BTreeMap<&LineId, i64> = BTreeMap::new();
    for ((_, line, _), units) in &*supply.arrivals {
        if let Some(line) = line {
            *arrived.entry(line).or_default() += units;
        }
    }
    for (id, line) in &*supply.lines {
        let waits = on.remove(id).unwrap_or_default();
        let given = line.pegged + line.loose + arrived.remove(id).unwrap_or_default();
        if line.pegged > line.incoming() || waits != given {
            let detail = format!("{id:?}: {line:?}, and {waits} wait, {given} are given");
            return Err(Broken::new(PROMISED, detail));
        }
    }
    same(PROMISED, "lines that nobody placed", &0, &(on.len() + arrived.len()))
}

fn orders(supply: &Supply) -> Result<(), Broken> {
    let mut open: BTreeMap<(i64, &Name), [i64; 2]> = BTreeMap::new();
    for ((number, sku, _), units) in &*supply.ready {
        open.entry((*number, sku)).or_default()[0] += units;
    }
    for ((sku, number, ..), units) in &*supply.waits {
        open.entry((*number, sku)).or_default()[1] += units;
    }
    let mut totals: BTreeMap<i64, [i64; 3]> = BTreeMap::new();
    for ((number, sku), units) in &*supply.order_lines {
        let [ready, waiting] = open.remove(&(*number, sku)).unwrap_or_default();
        let all = ready + waiting + units.shipped + units.cancelled;
        if units.ordered != all || units.returned > units.shipped {
            let detail = format!("order {number}, {sku:?}: {units:?}, {ready} and {waiting}");
            return Err(Broken::new(KEPT, detail));
        }
        let total = totals.entry(*number).or_default();
        *total = [total[0] + ready, total[1] + waiting, total[2] + units.shipped];
    }
    same(KEPT, "rows of no order's", &0, &open.len())?;
    for (number, order) in &*supply.orders {
        let [ready, waiting, shipped] = totals.get(number).copied().unwrap_or_default();
        let state = match (waiting > 0, ready > 0, shipped > 0) {
            (true, ..) => "waiting",
            (_, true, _) => "ready",
            (.., true) => "shipped",
            _ => "cancelled",
        };
        same(KEPT, format!("the state of order {number}"), &state, &order.state.as_str())?;
    }
    Ok(())
}

fn sums(supply: &Supply) -> Result<(), Broken> {
    let mut waiting: BTreeMap<&Name, [i64; 2]> = BTreeMap::new();
    for ((sku, _, line, _), units) in &*supply.waits {
        let sum = waiting.entry(sku).or_default();
        sum[0] += units;
        sum[1] += if line.is_none() { *units } else { 0 };
    }
    let mut is_loose = BTreeSet::new();
    for line in supply.lines.values().filter(|line| line.loose > 0) {
        waiting.entry(&line.sku).or_default()[1] += line.loose;
        is_loose.insert(&line.sku);
    }
    for (sku, queue) in &*supply.queues {
        let found = [queue.waiting, queue.unpegged];
        same(SUMS, sku, &waiting.remove(sku).unwrap_or_default(), &found)?;
        let arrives = supply.arrivals.keys().any(|(of, ..)| of == sku);
        if !queue.settling && (arrives || is_loose.contains(sku)) {
            return Err(Broken::new(SETTLED, format!("{sku:?}: {queue:?}")));
        }
    }
    same(SUMS, "SKUs that nobody has", &0, &waiting.len())?;
    let mut committed: BTreeMap<(Name, Name), i64> = BTreeMap::new();
    for ((_, sku, at), units) in &*supply.ready {
        *committed.entry((sku.clone(), at.clone())).or_default() += units;
    }
    for ((sku, _, at), units) in &*supply.arrivals {
        *committed.entry((sku.clone(), at.clone())).or_default() += units;
    }
    same(SUMS, "committed", &committed, &supply.committed)
}

/// Nobody waits for what is there, and nobody is promised less than there is. A line may have been
/// overdue when somebody looked and be so no more, for clocks go back: it is left out.
fn settled(books: &Books, sku: &Name) -> Result<(), Broken> {
    let supply = &books.supply;
    let Some(queue) = supply.queues.get(sku) else { return Ok(()) };
    let improve = books.settings.improve;
    let wanted = if improve { queue.waiting } else { queue.unpegged };
    let free = books.available_to_sell(sku);
    if wanted > 0 && free > 0 {
        return Err(Broken::new(FIRST, format!("{free} of {sku:?} are free, and {wanted} wait")));
    }
    let first = supply.promisable(sku, books.latest).into_iter().next();
    for (_, number, on, told) in supply.waits.keys().filter(|(of, ..)| of == sku) {
        let line = on.as_ref().and_then(|on| supply.lines.get(on));
        let expected = line.and_then(|line| line.expected);
        let what = format!("order {number}, {sku:?} on {on:?}");
        same("what is settled was told", &what, &expected, told)?;
        let Some((date, id, _)) = first else { continue };
        let better = match expected {
            None => on.is_none() || improve,
            Some(expected) => improve && date < expected,
        };
        if better {
            return Err(Broken::new(
                FIRST,
                format!("{what}: {expected:?}, and {id:?} is {date:?}"),
            ));
        }
    }
    Ok(())
}

/// Judges how what is promised has changed.
///
/// # Errors
/// The rule that was broken.
pub fn turn(
    old: &Supply,
    new: &Supply,
    events: &[Event],
    improve: bool,
    today: Date,
) -> Result<(), Broken> {
    for (id, line) in &*new.lines {
        let before = old.lines.get(id).map_or(0, |line| line.pegged);
        let is_good = line.expected.is_some_and(|(last, _)| last >= today);
        if line.pegged > before && !is_good {
            let rule = "nothing is promised from a line without a date to come";
            return Err(Broken::new(rule, format!("{id:?} on {today}: {line:?}")));
        }
    }
    if events.is_empty() && Rc::ptr_eq(&old.waits, &new.waits) {
        return Ok(());
    }
    let orders: BTreeSet<_> = old
        .waits
        .keys()
        .chain(new.waits.keys())
        .map(|(sku, number, ..)| (*number, sku))
        .chain(events.iter().map(|event| (event.number, &event.sku)))
        .filter(|(number, _)| old.orders.contains_key(number))
        .collect();
    for (number, sku) in &orders {
        told(old, new, events, (*number, sku))?;
    }
    for event in events {
        caused(old, new, event, improve)?;
    }
    for sku in orders.iter().map(|(_, sku)| *sku).collect::<BTreeSet<_>>() {
        in_order(old, new, events, sku, improve)?;
    }
    Ok(())
}

fn by_date(supply: &Supply, (number, sku): (i64, &Name)) -> ByDate {
    let mut units = ByDate::new();
    for (_, told, more) in supply.waits_of(number, sku) {
        *units.entry(told).or_default() += more;
    }
    units
}

/// Units of this order that were cancelled meanwhile.
pub(crate) fn cancelled(old: &Supply, new: &Supply, (number, sku): (i64, &Name)) -> i64 {
    let of = |supply: &Supply| {
        supply.order_lines.get(&(number, sku.clone())).map_or(0, |line| line.cancelled)
    };
    of(new) - of(old)
}

/// What the buyer was told before, and the news since, come to what is so.
fn told(old: &Supply, new: &Supply, events: &[Event], of: (i64, &Name)) -> Result<(), Broken> {
    let mut left = by_date(old, of);
    let mut served = 0;
    for event in events.iter().filter(|event| (event.number, &event.sku) == of) {
        match event.moved {
            None => served += event.units,
            Some([was, now]) if was != now => {
                *left.entry(was).or_default() -= event.units;
                *left.entry(now).or_default() += event.units;
            }
            Some(_) => return Err(Broken::new(TOLD, format!("it did not move: {event:?}"))),
        }
    }
    for (date, units) in by_date(new, of) {
        *left.entry(date).or_default() -= units;
    }
    let gone: i64 = left.values().sum();
    let is_gone = (served..=served + cancelled(old, new, of)).contains(&gone);
    if is_gone && left.values().all(|units| *units >= 0) {
        return Ok(());
    }
    let news: Vec<_> = events.iter().filter(|event| (event.number, &event.sku) == of).collect();
    let before: Vec<_> = old.waits_of(of.0, of.1).collect();
    let after: Vec<_> = new.waits_of(of.0, of.1).collect();
    let detail = format!("{of:?}: {before:?} became {after:?}, and was told {news:?}");
    Err(Broken::new(TOLD, detail))
}

/// Had the promise a reason to move?
fn caused(old: &Supply, new: &Supply, event: &Event, improve: bool) -> Result<(), Broken> {
    let Some([Some(was), now]) = event.moved else { return Ok(()) };
    let is_better = now.is_some_and(|now| now < was);
    let has_changed = |on: &Option<LineId>| {
        let Some(id) = on else { return true };
        match (old.lines.get(id), new.lines.get(id)) {
            (Some(before), Some(after)) => {
                let is_other = |line: &crate::supply::Line| {
                    line.expected != Some(was) || line.loose > 0 || line.state != "open"
                };
                is_other(before) || is_other(after)
            }
            _ => true,
        }
    };
    let mut waits = old.waits_of(event.number, &event.sku);
    let is_affected = waits.any(|(on, told, _)| told == Some(was) && has_changed(on));
    if is_affected || (improve && is_better) {
        return Ok(());
    }
    Err(Broken::new(CAUSE, format!("{event:?}: {:?}", by_date(old, (event.number, &event.sku)))))
}

/// What is promised of a SKU, to be read.
fn of_sku(supply: &Supply, sku: &Name) -> String {
    let waits: Vec<_> = supply.waits.iter().filter(|((of, ..), _)| of == sku).collect();
    let lines: Vec<_> = supply.lines.iter().filter(|(_, line)| line.sku == *sku).collect();
    let arrivals: Vec<_> = supply.arrivals.iter().filter(|((of, ..), _)| of == sku).collect();
    format!("{waits:?}, {lines:?}, {arrivals:?}")
}

/// Units of a SKU that came to be ready are those of the first in the queue: of each line that
/// brought some, and of what nobody had; and who was promised nothing is promised something in
/// that order.
fn in_order(
    old: &Supply,
    new: &Supply,
    events: &[Event],
    sku: &Name,
    improve: bool,
) -> Result<(), Broken> {
    let numbers: BTreeSet<i64> = old
        .waits
        .range((sku.clone(), i64::MIN, None, None)..)
        .take_while(|((of, ..), _)| of == sku)
        .map(|((_, number, ..), _)| *number)
        .collect();
    if numbers.iter().any(|number| cancelled(old, new, (*number, sku)) > 0) {
        // What was cancelled goes to the next at once: nobody can say from outside what came when.
        return Ok(());
    }
    let mut served: BTreeMap<i64, i64> = BTreeMap::new();
    for event in events.iter().filter(|event| event.moved.is_none() && event.sku == *sku) {
        *served.entry(event.number).or_default() += event.units;
    }
    let mut due: BTreeMap<i64, i64> = BTreeMap::new();
    for (id, line) in new.lines.iter().filter(|(_, line)| line.sku == *sku) {
        let Some(before) = old.lines.get(id) else { continue };
        let kept = |supply: &Supply| -> i64 {
            let of = supply.arrivals.iter().filter(|((_, on, _), _)| on.as_ref() == Some(id));
            of.map(|(_, units)| units).sum()
        };
        let came = before.pegged.min(line.received - before.received);
        let mut handed = kept(old) + came - kept(new);
        for number in &numbers {
            let share = old.waiting_on(*number, sku, Some(id)).min(handed);
            handed -= share;
            *due.entry(*number).or_default() += share;
        }
    }
    let bare = |supply: &Supply, number: i64| supply.waiting_on(number, sku, None);
    let (mut unserved, mut unpromised) = (None, None);
    for number in numbers {
        let got = served.get(&number).copied().unwrap_or_default();
        let due = due.get(&number).copied().unwrap_or_default();
        let wrong = |before: Option<i64>| {
            let detail = format!(
                "order {number} got {got} of {sku:?}, {due} of which were its own; before it \
                 is {before:?}: {served:?}; {:?} became {:?}",
                of_sku(old, sku),
                of_sku(new, sku),
            );
            Err(Broken::new(QUEUE, detail))
        };
        if got < due || (got > due && unserved.is_some()) {
            return wrong(unserved);
        }
        let was = bare(old, number);
        if bare(new, number) < was - got && unpromised.is_some() {
            return wrong(unpromised);
        }
        let left = if improve { new.waiting(number, sku) } else { bare(new, number) };
        if left > 0 {
            unserved.get_or_insert(number);
        }
        if was > 0 && bare(new, number) > 0 {
            unpromised.get_or_insert(number);
        }
    }
    Ok(())
}
