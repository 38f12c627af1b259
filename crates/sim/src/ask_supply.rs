//! Asking the store about orders and purchase orders: see [`crate::ask`].

use crate::{
    apply::first_day,
    ask::{self, Asked, why_of},
    command::{Action, Body, Command, Expected, Name},
    decided::{Bought, Decided, Ordered, OrderedLine, Purchase},
    sqlite::Handle,
    supply::{Dates, LineId, Units},
};
use jiff::ToSpan;
use ledger::{
    Arrived, LineChange, NewPoLine, PoChange, PoLineId, PoReceipt, Precision, Region, Reject,
    Restock, ReturnTo, Shipping, Sku,
};
use std::collections::BTreeMap;
use store::{
    Answered, Fault, Moment, OrderAction, OrderChange, OrderRequest, Payment, PlacedOrder,
    PlacedPo, PoAction, PoRequest, Store,
};

/// Sends the store what has to do with an order or with a purchase order; `None` for one that it
/// does not know.
pub(crate) fn command(
    store: &Store<Handle>,
    command: &Command,
    moment: Moment,
    stamp: u64,
    asked: &mut Asked,
) -> Result<Option<Answered>, Fault> {
    let (id, digest) = (&*command.id, command.digest());
    match &command.body {
        Body::Order(order) => {
            let buyer = order.buyer.map(|who| [who]);
            let request = OrderRequest {
                id,
                digest: &digest,
                hold: order.hold.as_deref(),
                lines: order.lines.iter().filter_map(ask::line).collect(),
                region: order.region.and_then(|region| Region::new(region).ok()),
                buyer: buyer.as_ref().map(|who| &who[..]),
                payment: Payment::AtDispatch,
            };
            store.place_order(&request, moment, |said| asked.told(ordered_or(said), Some(stamp)))
        }
        Body::ChangeOrder { order, action, lines } => {
            let named = |(sku, units): &(Name, i64)| Some((ask::sku(sku)?, *units));
            let lines = lines.iter().filter_map(named).collect();
            let (action, reason) = (action_of(action), Some("the simulator"));
            let change = OrderChange { order, id, digest: &digest, action, lines, reason };
            store.change_order(&change, moment, |said| asked.told(ordered_or(said), Some(stamp)))
        }
        Body::PlacePo(lines) => {
            let line = |line: &crate::command::PoLine| {
                Some(NewPoLine {
                    sku: ask::sku(&line.sku)?,
                    location: ask::location(&line.location)?,
                    quantity: line.quantity,
                    expected: expected(line.expected),
                })
            };
            let lines = lines.iter().filter_map(line).collect();
            let action = PoAction::Place { supplier: "somebody", lines };
            run_po(store, (id, id, &digest), action, moment, stamp, asked)
        }
        Body::ChangePo(po, changes) => {
            let change = |(line, to): &(u32, Option<Expected>)| PoChange {
                line: *line,
                change: to.map_or(LineChange::Cancel, |to| LineChange::Expected(expected(to))),
            };
            let action = PoAction::Change(changes.iter().map(change).collect());
            run_po(store, (po, id, &digest), action, moment, stamp, asked)
        }
        Body::ReceivePo(po, receipts) => {
            let receipt = |(line, quantity, close): &(u32, i64, bool)| PoReceipt {
                line: *line,
                quantity: *quantity,
                close: *close,
            };
            let action = PoAction::Receive(receipts.iter().map(receipt).collect());
            run_po(store, (po, id, &digest), action, moment, stamp, asked)
        }
        _ => Err(Fault::Corrupt("this is about no order")),
    }
}

fn run_po(
    store: &Store<Handle>,
    (po, id, digest): (&str, &str, &[u8]),
    action: PoAction<'_>,
    moment: Moment,
    stamp: u64,
    asked: &mut Asked,
) -> Result<Option<Answered>, Fault> {
    let request = PoRequest { po, id, digest, action, reason: Some("the simulator") };
    store.run_po(&request, moment, |said| asked.told(purchased_or(said), Some(stamp)))
}

fn action_of(action: &Action) -> OrderAction {
    match action {
        Action::Ship => OrderAction::Ship,
        Action::Cancel { by_buyer } => OrderAction::Cancel { by_buyer: *by_buyer },
        Action::Return { to } => OrderAction::Return {
            to: to.as_ref().and_then(ask::location).map_or(ReturnTo::Quarantine, ReturnTo::Stock),
        },
    }
}

/// The day that is so many after the first.
pub(crate) fn expected(days: Expected) -> Option<Restock> {
    let day = first_day().checked_add(days?.days()).ok()?;
    Restock::new(day, None, Precision::Day).ok()
}

/// A date as the auditor has it.
pub(crate) fn dates(date: Restock) -> Dates {
    (date.last(), date.first())
}

fn name(sku: &Sku) -> Name {
    sku.as_str().into()
}

fn line_id(id: &PoLineId) -> LineId {
    (id.po.as_str().into(), id.line)
}

fn ordered_or(said: Result<&PlacedOrder, &Reject>) -> Decided {
    let order = match said {
        Ok(placed) => &placed.order,
        Err(why) => return Decided::Rejected(why_of(why)),
    };
    let lines = order.lines.iter().map(|(sku, line)| {
        let mut waits = BTreeMap::new();
        for wait in &line.waiting {
            let key = (wait.on.as_ref().map(line_id), wait.promised.map(dates));
            *waits.entry(key).or_default() += wait.units;
        }
        let ready = line.ready.iter().map(|(at, units)| (at.as_str().into(), *units));
        let units = Units {
            ordered: line.ordered,
            shipped: line.shipped,
            cancelled: line.cancelled,
            returned: line.returned,
        };
        (name(sku), OrderedLine { units, ready: ready.collect(), waits })
    });
    let together = order.shipping == Shipping::Together;
    Decided::Order(Ordered { number: order.number, together, lines: lines.collect() })
}

fn purchased_or(said: Result<(&PlacedPo, &[Arrived]), &Reject>) -> Decided {
    let (placed, arrived) = match said {
        Ok(said) => said,
        Err(why) => return Decided::Rejected(why_of(why)),
    };
    let lines = placed.po.lines.iter().map(|(number, line)| {
        let bought = Bought {
            sku: name(&line.sku),
            location: line.location.as_str().into(),
            state: line.state.as_str(),
            units: [line.ordered, line.received, line.missing],
            expected: line.expected.map(dates),
        };
        (*number, bought)
    });
    let arrived = arrived.iter().map(|came| {
        let words = came.discrepancies.iter().map(|how| how.as_str()).collect();
        (came.line, came.quantity, came.missing, words)
    });
    Decided::Po(Purchase { lines: lines.collect(), arrived: arrived.collect() })
}
