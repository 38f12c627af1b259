//! Judging what was decided about purchase orders.

use crate::{
    ask_supply::{dates, expected},
    books::{Books, Moved},
    broken::{Broken, same},
    command::{Body, Command, Expected, Name, PoLine},
    decided::{Bought, Decided, Purchase, Why},
    demand::ByPlace,
    judge::REFUSES,
};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// What a line is afterwards, or why not.
type Changed = Result<Purchase, Why>;

/// Judges what was decided about a purchase order. Its lines are looked at one after the other, so
/// that there is one right answer.
///
/// # Errors
/// The rule that was broken.
pub fn decided(
    books: &Books,
    command: &Command,
    decided: &Decided,
    today: Date,
) -> Result<(), Broken> {
    let expected = match &command.body {
        Body::PlacePo(lines) => placed(books, lines),
        Body::ChangePo(po, changes) => changed(books, po, changes),
        Body::ReceivePo(po, receipts) => received(books, po, receipts, today),
        _ => return Ok(()),
    };
    match (expected, decided) {
        (Err(reason), Decided::Rejected(why)) if reason == *why => Ok(()),
        (Ok(expected), Decided::Po(purchase)) => {
            same("a purchase order is what was said of it", &command.id, &expected, purchase)
        }
        (expected, other) => Err(Broken::new(REFUSES, format!("{expected:?}: {other:?}"))),
    }
}

fn placed(books: &Books, lines: &[PoLine]) -> Changed {
    if lines.is_empty() || lines.len() > ledger::MAX_PO_LINES {
        return Err(Why::LineCount);
    }
    let mut bought = BTreeMap::new();
    for (number, line) in (1..).zip(lines) {
        if !(1..=ledger::MAX_QUANTITY).contains(&line.quantity) {
            return Err(Why::Quantity);
        }
        let known = books.skus.get(&line.sku).ok_or(Why::UnknownSku)?;
        if !known.parts.is_empty() {
            return Err(Why::IsBundle);
        }
        let of = Bought {
            sku: line.sku.clone(),
            location: line.location.clone(),
            state: "open",
            units: [line.quantity, 0, 0],
            expected: expected(line.expected).map(dates),
        };
        bought.insert(number, of);
    }
    Ok(Purchase { lines: bought, arrived: Vec::new() })
}

fn lines(books: &Books, po: &Name) -> BTreeMap<u32, Bought> {
    books.lines_of(po).map(|(number, line)| (number, line.clone())).collect()
}

fn changed(books: &Books, po: &Name, changes: &[(u32, Option<Expected>)]) -> Changed {
    if changes.is_empty() {
        return Err(Why::LineCount);
    }
    let mut lines = lines(books, po);
    for (number, change) in changes {
        let line = lines.get_mut(number).ok_or(Why::UnknownLine)?;
        if line.state != "open" {
            return Err(Why::LineClosed);
        }
        let [ordered, received, missing] = line.units;
        match change {
            Some(to) => line.expected = expected(*to).map(dates),
            None if received > 0 => return Err(Why::PartlyReceived),
            None => {
                line.state = "cancelled";
                line.units = [ordered, received, missing + ordered];
            }
        }
    }
    Ok(Purchase { lines, arrived: Vec::new() })
}

fn received(books: &Books, po: &Name, receipts: &[(u32, i64, bool)], today: Date) -> Changed {
    if receipts.is_empty() {
        return Err(Why::LineCount);
    }
    let mut lines = lines(books, po);
    let mut arrived = Vec::new();
    for (number, quantity, close) in receipts {
        let line = lines.get_mut(number).ok_or(Why::UnknownLine)?;
        let is_nothing = *quantity == 0 && *close;
        if !is_nothing && !(1..=ledger::MAX_QUANTITY).contains(quantity) {
            return Err(Why::Quantity);
        }
        // It may have become a kit after its line had ended.
        if books.skus.get(&line.sku).is_some_and(|known| !known.parts.is_empty()) {
            return Err(Why::IsBundle);
        }
        if is_nothing && line.state != "open" {
            return Err(Why::LineClosed);
        }
        let mut words = Vec::new();
        match line.expected {
            Some((_, first)) if *quantity > 0 && today < first => words.push("early"),
            Some((last, _)) if *quantity > 0 && last < today => words.push("late"),
            _ => {}
        }
        let is_open = line.state == "open";
        let [ordered, before, missing] = line.units;
        let left = if is_open { ordered - before - missing } else { 0 } - quantity;
        line.units[1] += quantity;
        let mut gone = 0;
        if left < 0 {
            words.push("over");
        }
        if left > 0 && *close {
            gone = left;
            line.units[2] += left;
            line.state = if line.units[1] == 0 { "cancelled" } else { "short" };
            words.push("short");
        } else if left > 0 {
            words.push("partial");
        } else if is_open {
            line.state = "received";
        }
        arrived.push((*number, *quantity, gone, words));
    }
    Ok(Purchase { lines, arrived })
}

/// What a receipt moves.
pub fn moved(books: &Books, body: &Body, decided: &Decided) -> Vec<Moved> {
    let (Body::ReceivePo(po, _), Decided::Po(purchase)) = (body, decided) else {
        return Vec::new();
    };
    let known = lines(books, po);
    let mut moved = ByPlace::new();
    for (number, quantity, ..) in &purchase.arrived {
        if let Some(line) = known.get(number) {
            *moved.entry((line.sku.clone(), line.location.clone())).or_default() += quantity;
        }
    }
    moved.into_iter().map(|((sku, at), units)| (sku, at, units)).collect()
}
