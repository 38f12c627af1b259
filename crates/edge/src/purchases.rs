//! Purchase orders: placed, read, changed and received; and when SKUs had run out.

use crate::{
    call::{Call, digest, refusal},
    clock::{self, rfc3339},
    convert::{self, check_id, check_reason, date_from_wire, date_to_wire, location_or_main},
    failure::{Failure, json, reject},
    limits::{MAX_ORDERS_PER_PAGE, MAX_SUPPLIER_BYTES},
    page, respond,
};
use ledger::{Arrived, LineChange, NewPoLine, PoChange, PoLine, PoLineState, PoReceipt, Sku};
use store::{Answer, Cause, PlacedPo, PoAction, PoRequest, ReceiptNote};
use wire::{
    Code, Discrepancy, PurchaseLineState, PurchaseOrdersPage, StockoutCause, StockoutsPage,
};
use worker::Response;

/// Idempotent: by the purchase order's id.
/// Input: [`wire::PurchaseOrderRequest`].
/// Output: 200 [`wire::PurchaseOrder`], or the refusal; either is remembered.
pub(crate) async fn place(call: &mut Call<'_>) -> Result<Response, Failure> {
    let sent: wire::PurchaseOrderRequest = call.json().await?;
    let supplier = sent.supplier.as_str();
    if supplier.is_empty()
        || supplier.len() > MAX_SUPPLIER_BYTES
        || supplier.chars().any(char::is_control)
    {
        let detail =
            format!("`supplier` is 1 to {MAX_SUPPLIER_BYTES} bytes without control characters.");
        return Err(reject(Code::BadValue, detail));
    }
    let lines = sent.lines.iter().enumerate().map(new_line).collect::<Result<_, _>>()?;
    let action = PoAction::Place { supplier, lines };
    let request =
        PoRequest { po: &sent.id, id: &sent.id, digest: &digest(&sent), action, reason: None };
    run(call, &request)
}

fn new_line((at, line): (usize, &wire::NewPurchaseLine)) -> Result<NewPoLine, Failure> {
    let bad = |field: &str, why: ledger::BadName| {
        reject(Code::BadValue, format!("`lines[{at}].{field}`: {why}."))
    };
    let field = format!("lines[{at}].expected");
    let expected = line.expected.as_ref().map(|date| date_from_wire(&field, date)).transpose()?;
    Ok(NewPoLine {
        sku: Sku::new(line.sku.as_str()).map_err(|why| bad("sku", why))?,
        location: location_or_main(line.location.as_deref()).map_err(|why| bad("location", why))?,
        quantity: line.quantity,
        expected,
    })
}

/// Idempotent: by the change's id.
/// Input: [`wire::PurchaseOrderChange`].
/// Output: 200 [`wire::PurchaseOrder`], or the refusal; either is remembered.
pub(crate) async fn change(call: &mut Call<'_>) -> Result<Response, Failure> {
    let sent: wire::PurchaseOrderChange = call.json().await?;
    let changes = sent.lines.iter().enumerate().map(line_change).collect::<Result<_, _>>()?;
    let request = PoRequest {
        po: &call.named,
        id: &sent.id,
        digest: &digest(&sent),
        action: PoAction::Change(changes),
        reason: sent.reason.as_deref(),
    };
    run(call, &request)
}

fn line_change((at, sent): (usize, &wire::PurchaseLineChange)) -> Result<PoChange, Failure> {
    let change = match (&sent.expected, sent.cancel) {
        (Some(expected), false) => {
            let field = format!("lines[{at}].expected");
            let date = expected.as_ref().map(|date| date_from_wire(&field, date)).transpose()?;
            LineChange::Expected(date)
        }
        (None, true) => LineChange::Cancel,
        _ => {
            let detail = format!("`lines[{at}]` says either `expected` or `\"cancel\": true`.");
            return Err(reject(Code::BadValue, detail));
        }
    };
    Ok(PoChange { line: sent.line, change })
}

/// Idempotent: by the receipt's id.
/// Input: [`wire::ReceiptRequest`].
/// Output: 200 [`wire::PurchaseOrder`], or the refusal; either is remembered.
pub(crate) async fn receive(call: &mut Call<'_>) -> Result<Response, Failure> {
    let sent: wire::ReceiptRequest = call.json().await?;
    let receipt = |line: &wire::ReceiptLine| PoReceipt {
        line: line.line,
        quantity: line.quantity,
        close: line.last,
    };
    let request = PoRequest {
        po: &call.named,
        id: &sent.id,
        digest: &digest(&sent),
        action: PoAction::Receive(sent.lines.iter().map(receipt).collect()),
        reason: sent.reason.as_deref(),
    };
    run(call, &request)
}

fn run(call: &Call<'_>, request: &PoRequest<'_>) -> Result<Response, Failure> {
    check_id("id", request.id)?;
    check_reason(request.reason)?;
    let now = clock::now();
    let answered = call.store.run_po(request, call.moment()?, |decided| match decided {
        Ok((placed, arrived)) => {
            let reason = request.reason.map(str::to_owned);
            let note = |arrived: &Arrived| {
                receipt(&ReceiptNote { at: now, arrived: arrived.clone(), reason: reason.clone() })
            };
            let receipts = arrived.iter().map(note).collect();
            Answer { status: 200, body: json(&purchase_order(placed, receipts)) }
        }
        Err(why) => refusal(&convert::rejected(why), request.id),
    })?;
    respond::answered(answered.ok_or_else(|| unknown(request.po))?)
}

/// Idempotent: yes, it only reads.
/// Output: 200 [`PurchaseOrdersPage`].
pub(crate) fn list(call: &Call<'_>) -> Result<Response, Failure> {
    let [after] = page::after(&call.query)?;
    let placed = call.store.purchase_orders_after(&after, MAX_ORDERS_PER_PAGE)?;
    let next = page::next_of(&placed, MAX_ORDERS_PER_PAGE, |last| [last.po.id.clone()]);
    let purchase_orders = placed.iter().map(|placed| purchase_order(placed, Vec::new())).collect();
    respond::with_json(200, &PurchaseOrdersPage { purchase_orders, next })
}

/// Idempotent: yes, it only reads.
/// Output: 200 [`wire::PurchaseOrder`].
pub(crate) fn read(call: &Call<'_>) -> Result<Response, Failure> {
    let placed = call.store.purchase_order(&call.named)?.ok_or_else(|| unknown(&call.named))?;
    let receipts = call.store.receipts_of(&placed.po)?.iter().map(receipt).collect();
    respond::with_json(200, &purchase_order(&placed, receipts))
}

/// Idempotent: yes, it only reads.
/// Output: 200 [`StockoutsPage`].
pub(crate) fn stockouts(call: &Call<'_>) -> Result<Response, Failure> {
    let [sku, began_at] = page::after(&call.query)?;
    let began_at = if began_at.is_empty() { Ok(i64::MIN >> 12) } else { began_at.parse() };
    let began_at = began_at.map_err(|_| page::bad_cursor())?;
    let stockouts = call.store.stockouts_after((&sku, began_at))?;
    let next = page::next(&stockouts, |last| [last.sku.to_string(), last.began_at.to_string()]);
    let stockout = |stockout: &store::Stockout| wire::Stockout {
        sku: stockout.sku.to_string(),
        began_at: rfc3339(stockout.began_at),
        ended_at: stockout.ended_at.map(rfc3339),
        cause: match stockout.cause {
            Cause::Demand => StockoutCause::Demand,
            Cause::LatePo => StockoutCause::LatePo,
            Cause::ShortReceipt => StockoutCause::ShortReceipt,
            Cause::NoPo => StockoutCause::NoPo,
            Cause::CountCorrection => StockoutCause::CountCorrection,
        },
    };
    let stockouts = stockouts.iter().map(stockout).collect();
    respond::with_json(200, &StockoutsPage { stockouts, next })
}

fn unknown(id: &str) -> Failure {
    reject(Code::UnknownPurchaseOrder, format!("There is no purchase order `{id}`."))
}

fn purchase_order(placed: &PlacedPo, receipts: Vec<wire::Receipt>) -> wire::PurchaseOrder {
    wire::PurchaseOrder {
        id: placed.po.id.clone(),
        supplier: placed.supplier.clone(),
        placed_at: rfc3339(placed.placed_at),
        lines: placed.po.lines.iter().map(|(number, line)| purchase_line(*number, line)).collect(),
        receipts,
    }
}

fn purchase_line(number: u32, line: &PoLine) -> wire::PurchaseLine {
    wire::PurchaseLine {
        line: number,
        sku: line.sku.to_string(),
        location: line.location.to_string(),
        state: match line.state {
            PoLineState::Open => PurchaseLineState::Open,
            PoLineState::Received => PurchaseLineState::Received,
            PoLineState::Short => PurchaseLineState::Short,
            PoLineState::Cancelled => PurchaseLineState::Cancelled,
        },
        ordered: line.ordered,
        received: line.received,
        missing: line.missing,
        incoming: line.incoming(),
        promised: line.pegged,
        expected: line.expected.map(date_to_wire),
    }
}

fn receipt(note: &ReceiptNote) -> wire::Receipt {
    let discrepancy = |how: &ledger::Discrepancy| match how {
        ledger::Discrepancy::Partial => Discrepancy::Partial,
        ledger::Discrepancy::Short => Discrepancy::Short,
        ledger::Discrepancy::Over => Discrepancy::Over,
        ledger::Discrepancy::Early => Discrepancy::Early,
        ledger::Discrepancy::Late => Discrepancy::Late,
    };
    wire::Receipt {
        at: rfc3339(note.at),
        line: note.arrived.line,
        quantity: note.arrived.quantity,
        missing: note.arrived.missing,
        discrepancies: note.arrived.discrepancies.iter().map(discrepancy).collect(),
        reason: note.reason.clone(),
    }
}
