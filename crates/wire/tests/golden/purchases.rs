//! Purchase orders, what came of them, and stockouts.

use crate::check;
use wire::*;

fn day() -> Restock {
    Restock { date: "2026-12-01".to_owned(), until: None, precision: Precision::Day }
}

#[test]
fn what_is_ordered_from_suppliers() {
    let line = NewPurchaseLine {
        sku: "85123A".to_owned(),
        location: Some("main".to_owned()),
        quantity: 40,
        expected: Some(day()),
    };
    let bare = NewPurchaseLine { location: None, expected: None, ..line.clone() };
    check(
        "programs that say what is on its way",
        &[(
            PurchaseOrderRequest {
                id: "po-1".to_owned(),
                supplier: "Acme".to_owned(),
                lines: vec![line, bare],
            },
            r#"{"id":"po-1","supplier":"Acme","lines":[{"sku":"85123A","location":"main","quantity":40,
            "expected":{"date":"2026-12-01","precision":"day"}},{"sku":"85123A","quantity":40}]}"#,
        )],
    );
    let change = |expected, cancel| PurchaseLineChange { line: 2, expected, cancel };
    check(
        "programs that move dates",
        &[(
            PurchaseOrderChange {
                id: "c-1".to_owned(),
                lines: vec![
                    change(Some(Some(day())), false),
                    change(Some(None), false),
                    change(None, true),
                ],
                reason: Some("strike".to_owned()),
            },
            r#"{"id":"c-1","lines":[{"line":2,"expected":{"date":"2026-12-01","precision":"day"}},
            {"line":2,"expected":null},{"line":2,"cancel":true}],"reason":"strike"}"#,
        )],
    );
    let receipt = |last| ReceiptLine { line: 2, quantity: 9, last };
    check(
        "warehouses that book what came",
        &[(
            ReceiptRequest {
                id: "r-1".to_owned(),
                lines: vec![receipt(false), receipt(true)],
                reason: None,
            },
            r#"{"id":"r-1","lines":[{"line":2,"quantity":9},{"line":2,"quantity":9,"last":true}]}"#,
        )],
    );
}

#[test]
fn purchase_orders() {
    let line = PurchaseLine {
        line: 1,
        sku: "85123A".to_owned(),
        location: "main".to_owned(),
        state: PurchaseLineState::Open,
        ordered: 40,
        received: 9,
        missing: 0,
        incoming: 31,
        promised: 5,
        expected: Some(day()),
    };
    let receipt = Receipt {
        at: "2026-11-21T09:40:00.000Z".to_owned(),
        line: 1,
        quantity: 9,
        missing: 0,
        discrepancies: vec![Discrepancy::Early, Discrepancy::Partial],
        reason: Some("first box".to_owned()),
    };
    let placed = PurchaseOrder {
        id: "po-1".to_owned(),
        supplier: "Acme".to_owned(),
        placed_at: "2026-11-21T09:40:00.000Z".to_owned(),
        lines: vec![line],
        receipts: vec![receipt],
    };
    check(
        "programs that read purchase orders, and answers stored for a retry",
        &[(
            placed,
            r#"{"id":"po-1","supplier":"Acme","placed_at":"2026-11-21T09:40:00.000Z",
            "lines":[{"line":1,"sku":"85123A","location":"main","state":"open","ordered":40,
            "received":9,"missing":0,"incoming":31,"promised":5,
            "expected":{"date":"2026-12-01","precision":"day"}}],
            "receipts":[{"at":"2026-11-21T09:40:00.000Z","line":1,"quantity":9,"missing":0,
            "discrepancies":["early","partial"],"reason":"first box"}]}"#,
        )],
    );
    check(
        "programs that match on how a line ended",
        &[
            (PurchaseLineState::Received, r#""received""#),
            (PurchaseLineState::Short, r#""short""#),
            (PurchaseLineState::Cancelled, r#""cancelled""#),
        ],
    );
    check(
        "programs that match on how a receipt differed",
        &[
            (Discrepancy::Short, r#""short""#),
            (Discrepancy::Over, r#""over""#),
            (Discrepancy::Late, r#""late""#),
        ],
    );
    let page = |next: Option<&str>| PurchaseOrdersPage {
        purchase_orders: vec![],
        next: next.map(str::to_owned),
    };
    check(
        "programs that list purchase orders",
        &[
            (page(Some("31")), r#"{"purchase_orders":[],"next":"31"}"#),
            (page(None), r#"{"purchase_orders":[]}"#),
        ],
    );
}

#[test]
fn stockouts() {
    let stockout = |ended: Option<&str>, cause| Stockout {
        sku: "85123A".to_owned(),
        began_at: "2026-11-21T09:40:00.000Z".to_owned(),
        ended_at: ended.map(str::to_owned),
        cause,
    };
    check(
        "merchants who look for causes",
        &[(
            StockoutsPage {
                stockouts: vec![
                    stockout(Some("2026-11-22T09:40:00.000Z"), StockoutCause::Demand),
                    stockout(None, StockoutCause::LatePo),
                ],
                next: Some("31".to_owned()),
            },
            r#"{"stockouts":[{"sku":"85123A","began_at":"2026-11-21T09:40:00.000Z",
            "ended_at":"2026-11-22T09:40:00.000Z","cause":"demand"},
            {"sku":"85123A","began_at":"2026-11-21T09:40:00.000Z","cause":"late_po"}],
            "next":"31"}"#,
        )],
    );
    check(
        "programs that match on causes",
        &[
            (StockoutCause::ShortReceipt, r#""short_receipt""#),
            (StockoutCause::NoPo, r#""no_po""#),
            (StockoutCause::CountCorrection, r#""count_correction""#),
        ],
    );
}
