//! Purchase orders: placed, changed, received.

use crate::{
    Decision, Location, MAX_LINES, MAX_PO_LINES, PoLine, PoLineEvent, PoLineId, PoLineState,
    Reject, Restock, Sku, Stock, decide::check_stocked, draft::Draft, promise, supply::check_units,
};
use std::collections::BTreeMap;

/// A purchase order, as far as a decision needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurchaseOrder {
    /// Chosen by its sender.
    pub id: String,
    /// The lines that a command names, or all of them.
    pub lines: BTreeMap<u32, PoLine>,
}

/// A line that is ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPoLine {
    /// Of what.
    pub sku: Sku,
    /// Where it is to arrive.
    pub location: Location,
    /// How many.
    pub quantity: i64,
    /// When, if that is known.
    pub expected: Option<Restock>,
}

/// What becomes of a purchase order's lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoChange {
    /// Which.
    pub line: u32,
    /// What.
    pub change: LineChange,
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineChange {
    /// It is expected then, or nobody knows when.
    Expected(Option<Restock>),
    /// What has not come will not.
    Cancel,
}

/// Units that came in on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoReceipt {
    /// Which.
    pub line: u32,
    /// How many; none, if the line is only closed.
    pub quantity: i64,
    /// No more will come.
    pub close: bool,
}

/// How a receipt differed from what was ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Discrepancy {
    /// More is still to come.
    Partial,
    /// Fewer came, and no more will.
    Short,
    /// More came than were to.
    Over,
    /// It came before the first day on which it was expected.
    Early,
    /// It came after the last.
    Late,
}

/// What a receipt came to, for the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Which.
    pub line: u32,
    /// How many came.
    pub quantity: i64,
    /// Units that will not come.
    pub missing: i64,
    /// How that differed from what was ordered.
    pub discrepancies: Vec<Discrepancy>,
}

impl Discrepancy {
    /// Every one of them.
    pub const ALL: &[Self] = &[Self::Partial, Self::Short, Self::Over, Self::Early, Self::Late];

    /// As it stands in the books.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Partial => "partial",
            Self::Short => "short",
            Self::Over => "over",
            Self::Early => "early",
            Self::Late => "late",
        }
    }
}

/// Orders from a supplier; the lines are numbered from 1 in their order.
pub(crate) fn placed(stock: &Stock, id: &str, lines: &[NewPoLine]) -> Result<Decision, Reject> {
    if lines.is_empty() || lines.len() > MAX_PO_LINES {
        return Err(Reject::LineCount(lines.len()));
    }
    let mut draft = Draft::of(stock);
    for (line, new) in (1..).zip(lines) {
        check_units(new.quantity)?;
        check_stocked(stock, &new.sku)?;
        let line_of_po = PoLine {
            sku: new.sku.clone(),
            location: new.location.clone(),
            state: PoLineState::Open,
            ordered: new.quantity,
            received: 0,
            missing: 0,
            expected: new.expected,
            pegged: 0,
            loose: 0,
        };
        draft.put_line(PoLineId { po: id.to_owned(), line }, line_of_po);
    }
    Ok(draft.decision())
}

/// Changes what is expected of a purchase order.
pub(crate) fn changed(
    stock: &Stock,
    po: &PurchaseOrder,
    changes: &[PoChange],
) -> Result<Decision, Reject> {
    if changes.is_empty() || changes.len() > MAX_PO_LINES {
        return Err(Reject::LineCount(changes.len()));
    }
    let mut draft = Draft::of(stock);
    for PoChange { line: number, change } in changes {
        let (id, mut line) = line_of(&draft, po, *number)?;
        if line.state != PoLineState::Open {
            return Err(Reject::LineClosed { line: *number, state: line.state.as_str() });
        }
        match change {
            LineChange::Expected(expected) => line.expected = *expected,
            LineChange::Cancel if line.received > 0 => {
                return Err(Reject::PartlyReceived(*number));
            }
            LineChange::Cancel => close(&mut line, PoLineEvent::Cancel),
        }
        draft.put_line(id, line);
    }
    Ok(draft.decision())
}

/// Books what came in: what was promised to orders is kept for them.
pub(crate) fn received(
    stock: &Stock,
    po: &PurchaseOrder,
    receipts: &[PoReceipt],
) -> Result<Decision, Reject> {
    if receipts.is_empty() || receipts.len() > MAX_LINES {
        return Err(Reject::LineCount(receipts.len()));
    }
    let mut draft = Draft::of(stock);
    let mut arrived = Vec::new();
    for PoReceipt { line: number, quantity, close: last } in receipts {
        let (id, mut line) = line_of(&draft, po, *number)?;
        if *quantity != 0 || !last {
            check_units(*quantity)?;
        }
        // It may have become a kit since its line ended.
        check_stocked(stock, &line.sku)?;
        if *last && line.state != PoLineState::Open && *quantity == 0 {
            return Err(Reject::LineClosed { line: *number, state: line.state.as_str() });
        }
        let incoming = line.incoming();
        let mut discrepancies = punctuality(&line, *quantity, stock);
        // Before the line is closed, which makes all loose that is promised and still to come.
        let promised = line.pegged.min(*quantity);
        line.pegged = line.pegged.saturating_sub(promised);
        draft.move_in(&line.sku.clone(), &line.location.clone(), *quantity)?;
        line.received = line.received.saturating_add(*quantity);
        let left = incoming.saturating_sub(*quantity);
        let mut missing = 0;
        if left < 0 {
            discrepancies.push(Discrepancy::Over);
        }
        if left > 0 && *last {
            missing = left;
            let nothing = line.received == 0;
            close(&mut line, if nothing { PoLineEvent::Cancel } else { PoLineEvent::Close });
            discrepancies.push(Discrepancy::Short);
        } else if left > 0 {
            discrepancies.push(Discrepancy::Partial);
        } else if let Some(after) = line.state.after(PoLineEvent::Rest) {
            line.state = after;
        }
        promise::keep(&mut draft, Some(&id), &line.sku, &line.location, promised)?;
        loosen(&mut line);
        draft.put_line(id, line);
        arrived.push(Arrived { line: *number, quantity: *quantity, missing, discrepancies });
    }
    Ok(Decision { arrived, ..draft.decision() })
}

/// How its day was met.
fn punctuality(line: &PoLine, quantity: i64, stock: &Stock) -> Vec<Discrepancy> {
    match line.expected {
        Some(expected) if quantity > 0 && stock.today < expected.first() => {
            vec![Discrepancy::Early]
        }
        Some(expected) if quantity > 0 && expected.has_passed(stock.today) => {
            vec![Discrepancy::Late]
        }
        _ => Vec::new(),
    }
}

fn line_of(draft: &Draft, po: &PurchaseOrder, number: u32) -> Result<(PoLineId, PoLine), Reject> {
    let id = PoLineId { po: po.id.clone(), line: number };
    let named = po.lines.get(&number).ok_or(Reject::UnknownLine(number))?;
    let known = draft.stock.skus.get(&named.sku).and_then(|known| known.supply.get(&id));
    Ok((id, known.unwrap_or(named).clone()))
}

/// Nothing more of it will come.
fn close(line: &mut PoLine, event: PoLineEvent) {
    line.missing = line.missing.saturating_add(line.incoming());
    line.state = line.state.after(event).unwrap_or(line.state);
    loosen(line);
}

/// What it promises beyond what is still to come is loose.
fn loosen(line: &mut PoLine) {
    let beyond = line.pegged.saturating_sub(line.incoming()).max(0);
    line.pegged = line.pegged.saturating_sub(beyond);
    line.loose = line.loose.saturating_add(beyond);
}
