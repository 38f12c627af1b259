//! Orders: placed, read, shipped, cancelled and taken back; and what became of their promises.

use crate::{
    address::parameter,
    call::{Call, digest, refusal},
    clock::rfc3339,
    convert::{self, check_id, check_reason, date_to_wire, location_or_main},
    failure::{Failure, json, reject},
    limits::MAX_ORDERS_PER_PAGE,
    order_contact, order_link, page, respond,
};
use ledger::{AheadKind, OrderLine, OrderState, Region, Shipping, Sku, Wait};
use store::{Answer, Answered, News, OrderAction, OrderChange, OrderRequest, Payment, PlacedOrder};
use wire::{Code, EventKind, EventsPage, OrderUnits, OrdersPage, ReturnTo};
use worker::{Env, Response};

/// Idempotent: by the order's id.
/// Input: [`wire::OrderRequest`].
/// Output: 200 [`wire::Order`], or the refusal; either is remembered.
pub(crate) async fn place(call: &mut Call<'_>) -> Result<Response, Failure> {
    let mut sent: wire::OrderRequest = call.json().await?;
    check_id("id", &sent.id)?;
    // Apart from the order, and no part of its digest: the ledger never hears of it.
    let contact = sent.contact.take().map(|given| order_contact::take(call, &sent.id, &given));
    let contact = contact.transpose()?;
    let region = sent.region.as_deref().map(Region::new).transpose();
    let buyer = sent.buyer.as_deref().map(|name| crate::holds::named(call, name)).transpose()?;
    let request = OrderRequest {
        id: &sent.id,
        digest: &digest(&sent),
        hold: sent.hold.as_deref(),
        lines: convert::lines(&sent.lines)?,
        region: region.map_err(|why| reject(Code::BadValue, format!("`region`: {why}.")))?,
        buyer: buyer.as_deref(),
        payment: match sent.payment {
            wire::Payment::Now => Payment::Now,
            wire::Payment::Deposit => Payment::Deposit,
            wire::Payment::AtDispatch => Payment::AtDispatch,
        },
    };
    let answered = call.store.place_order(&request, call.moment()?, |decided| match decided {
        Ok(placed) => Answer { status: 200, body: json(&order(call.env, &call.shop.id, placed)) },
        Err(why) => refusal(&convert::rejected(why), &sent.id),
    })?;
    let unknown = || crate::holds::unknown(sent.hold.as_deref().unwrap_or_default());
    let answered = answered.ok_or_else(unknown)?;
    if let (Some(contact), true) = (&contact, is_order(&answered)) {
        order_contact::keep(call, contact).await?;
    }
    respond::answered(answered)
}

/// Was it taken, now or when it came before?
fn is_order(answered: &Answered) -> bool {
    match answered {
        Answered::First(answer) | Answered::Again(answer) => answer.status == 200,
        Answered::IdReused => false,
    }
}

/// Idempotent: yes, it only reads.
/// Output: 200 [`OrdersPage`].
pub(crate) fn list(call: &Call<'_>) -> Result<Response, Failure> {
    let [after] = page::after(&call.query)?;
    let after = number(&after)?;
    let orders = call.store.orders_after(after, MAX_ORDERS_PER_PAGE)?;
    let next = page::next_of(&orders, MAX_ORDERS_PER_PAGE, |last| [last.order.number.to_string()]);
    let told = |placed: &PlacedOrder| order(call.env, &call.shop.id, placed);
    respond::with_json(200, &OrdersPage { orders: orders.iter().map(told).collect(), next })
}

/// Idempotent: yes, it only reads.
/// Output: 200 [`wire::Order`].
pub(crate) fn read(call: &Call<'_>) -> Result<Response, Failure> {
    let placed = call.store.order(&call.named)?.ok_or_else(|| unknown(&call.named))?;
    respond::with_json(200, &order(call.env, &call.shop.id, &placed))
}

/// Idempotent: by the shipment's id.
/// Input: [`wire::OrderChange`].
/// Output: 200 [`wire::Order`], or the refusal; either is remembered.
pub(crate) async fn ship(call: &mut Call<'_>) -> Result<Response, Failure> {
    let sent: wire::OrderChange = call.json().await?;
    let lines = units(&sent.lines)?;
    change(call, &sent.id, &digest(&sent), OrderAction::Ship, lines, sent.reason.as_deref())
}

/// Idempotent: by the cancellation's id.
/// Input: [`wire::OrderChange`].
/// Output: 200 [`wire::Order`], or the refusal; either is remembered.
pub(crate) async fn cancel(call: &mut Call<'_>) -> Result<Response, Failure> {
    let sent: wire::OrderChange = call.json().await?;
    let lines = units(&sent.lines)?;
    let action = OrderAction::Cancel { by_buyer: false };
    change(call, &sent.id, &digest(&sent), action, lines, sent.reason.as_deref())
}

/// Idempotent: by the return's id.
/// Input: [`wire::ReturnRequest`].
/// Output: 200 [`wire::Order`], or the refusal; either is remembered.
pub(crate) async fn take_back(call: &mut Call<'_>) -> Result<Response, Failure> {
    let sent: wire::ReturnRequest = call.json().await?;
    let location = location_or_main(sent.location.as_deref())
        .map_err(|why| reject(Code::BadValue, format!("`location`: {why}.")))?;
    if sent.to != ReturnTo::Stock && sent.location.is_some() {
        let detail = "`location` is where units are for sale again: only with `stock`.";
        return Err(reject(Code::BadValue, detail));
    }
    let to = match sent.to {
        ReturnTo::Stock => ledger::ReturnTo::Stock(location),
        ReturnTo::Quarantine => ledger::ReturnTo::Quarantine,
        ReturnTo::WrittenOff => ledger::ReturnTo::WrittenOff,
    };
    let action = OrderAction::Return { to };
    let lines = units(&sent.lines)?;
    change(call, &sent.id, &digest(&sent), action, lines, sent.reason.as_deref())
}

fn change(
    call: &Call<'_>,
    id: &str,
    digest: &[u8],
    action: OrderAction,
    lines: Vec<(Sku, i64)>,
    reason: Option<&str>,
) -> Result<Response, Failure> {
    check_id("id", id)?;
    check_reason(reason)?;
    let change = OrderChange { order: &call.named, id, digest, action, lines, reason };
    let answered: Option<Answered> =
        call.store.change_order(&change, call.moment()?, |decided| match decided {
            Ok(placed) => {
                Answer { status: 200, body: json(&order(call.env, &call.shop.id, placed)) }
            }
            Err(why) => refusal(&convert::rejected(why), id),
        })?;
    respond::answered(answered.ok_or_else(|| unknown(&call.named))?)
}

fn units(lines: &[OrderUnits]) -> Result<Vec<(Sku, i64)>, Failure> {
    if lines.len() > ledger::MAX_LINES {
        let detail = format!("`lines` has at most {} of them.", ledger::MAX_LINES);
        return Err(reject(Code::BadValue, detail));
    }
    let unit = |(at, line): (usize, &OrderUnits)| {
        let sku = Sku::new(line.sku.as_str());
        let sku =
            sku.map_err(|why| reject(Code::BadValue, format!("`lines[{at}].sku`: {why}.")))?;
        Ok((sku, line.quantity))
    };
    lines.iter().enumerate().map(unit).collect()
}

/// Idempotent: yes, it only reads.
/// Output: 200 [`EventsPage`].
pub(crate) fn events(call: &Call<'_>) -> Result<Response, Failure> {
    let after = match parameter(&call.query, "cursor") {
        Some(cursor) => cursor.parse().map_err(|_| page::bad_cursor())?,
        None => 0,
    };
    let events = call.store.events_after(after)?;
    let next = events.last().map_or(after, |last| last.n).to_string();
    let events = events.into_iter().map(|event| {
        let (kind, was, now) = match event.news {
            News::Ready => (EventKind::Ready, None, None),
            News::PromiseMoved { was, now } => (EventKind::PromiseMoved, was, now),
        };
        wire::Event {
            n: event.n,
            at: rfc3339(event.at),
            kind,
            order: event.order,
            sku: event.sku.to_string(),
            units: event.units,
            was: was.map(date_to_wire),
            now: now.map(date_to_wire),
        }
    });
    respond::with_json(200, &EventsPage { events: events.collect(), next })
}

/// The number in a cursor; 0 for the first page.
fn number(text: &str) -> Result<i64, Failure> {
    if text.is_empty() { Ok(0) } else { text.parse().map_err(|_| page::bad_cursor()) }
}

fn unknown(id: &str) -> Failure {
    reject(Code::UnknownOrder, format!("There is no order `{id}`."))
}

/// An order as it is told.
pub(crate) fn order(env: &Env, shop: &str, placed: &PlacedOrder) -> wire::Order {
    let link = order_link::address(env, shop, placed);
    let PlacedOrder { order, payment, .. } = placed;
    wire::Order {
        link,
        id: order.id.clone(),
        number: order.number,
        state: match order.state() {
            OrderState::Waiting => wire::OrderState::Waiting,
            OrderState::Ready => wire::OrderState::Ready,
            OrderState::Shipped => wire::OrderState::Shipped,
            OrderState::Cancelled => wire::OrderState::Cancelled,
        },
        placed_at: rfc3339(order.placed_at),
        shipping: match order.shipping {
            Shipping::Together => wire::Shipping::Together,
            Shipping::Split => wire::Shipping::Split,
        },
        payment: match payment {
            Payment::Now => wire::Payment::Now,
            Payment::Deposit => wire::Payment::Deposit,
            Payment::AtDispatch => wire::Payment::AtDispatch,
        },
        lines: order.lines.iter().map(|(sku, line)| order_line(placed, sku, line)).collect(),
    }
}

fn order_line(placed: &PlacedOrder, sku: &Sku, line: &OrderLine) -> wire::OrderLine {
    let agreed = placed.consents.get(sku).and_then(|consent| consent.agreed);
    wire::OrderLine {
        sku: sku.to_string(),
        kind: line.kind.map(|kind| match kind {
            AheadKind::Backorder => wire::AheadKind::Backorder,
            AheadKind::Preorder => wire::AheadKind::Preorder,
        }),
        ordered: line.ordered,
        ready: line.ready(),
        waiting: line.waiting.iter().map(waiting).collect(),
        shipped: line.shipped,
        cancelled: line.cancelled,
        returned: line.returned,
        quarantined: line.quarantined,
        written_off: line.written_off,
        promised: line.promised().map(date_to_wire),
        moved_from: placed.moved_from(sku).map(date_to_wire),
        agreed: agreed.map(|agreed| wire::Agreed {
            at: rfc3339(agreed.at),
            promised: agreed.promised.map(date_to_wire),
        }),
    }
}

fn waiting(wait: &Wait) -> wire::Waiting {
    wire::Waiting {
        purchase_order: wait.on.as_ref().map(|on| on.po.clone()),
        line: wait.on.as_ref().map(|on| on.line),
        units: wait.units,
        promised: wait.promised.map(date_to_wire),
    }
}
