//! Orders, what becomes of them, and the news of their promises.

use crate::check;
use wire::*;

fn day() -> Restock {
    Restock { date: "2026-12-01".to_owned(), until: None, precision: Precision::Day }
}

const DAY: &str = r#"{"date":"2026-12-01","precision":"day"}"#;

fn units() -> OrderUnits {
    OrderUnits { sku: "85123A".to_owned(), quantity: 2 }
}

#[test]
fn what_is_ordered() {
    let bare = OrderRequest {
        id: "order-7".to_owned(),
        hold: Some("cart-7".to_owned()),
        lines: vec![],
        region: None,
        buyer: None,
        payment: Payment::Now,
        contact: None,
    };
    let line = Line { sku: "85123A".to_owned(), location: None, quantity: 2 };
    let full = OrderRequest {
        hold: None,
        lines: vec![line],
        region: Some("GB".to_owned()),
        buyer: Some("b-1".to_owned()),
        payment: Payment::AtDispatch,
        contact: Some(Contact {
            email: "jane@example.com".to_owned(),
            lang: Some("de".to_owned()),
        }),
        ..bare.clone()
    };
    check(
        "checkouts that order",
        &[
            (bare, r#"{"id":"order-7","hold":"cart-7","payment":"now"}"#),
            (
                full,
                r#"{"id":"order-7","lines":[{"sku":"85123A","quantity":2}],"region":"GB",
                    "buyer":"b-1","payment":"at_dispatch",
                    "contact":{"email":"jane@example.com","lang":"de"}}"#,
            ),
        ],
    );
    check("checkouts that say when it is paid", &[(Payment::Deposit, r#""deposit""#)]);
}

#[test]
fn what_becomes_of_an_order() {
    check(
        "warehouses that ship and shops that cancel",
        &[
            (
                OrderChange { id: "ship-1".to_owned(), lines: vec![units()], reason: None },
                r#"{"id":"ship-1","lines":[{"sku":"85123A","quantity":2}]}"#,
            ),
            (
                OrderChange {
                    id: "cancel-1".to_owned(),
                    lines: vec![],
                    reason: Some("buyer".to_owned()),
                },
                r#"{"id":"cancel-1","reason":"buyer"}"#,
            ),
        ],
    );
    let back = |to, location: Option<&str>| ReturnRequest {
        id: "back-1".to_owned(),
        lines: vec![units()],
        to,
        location: location.map(str::to_owned),
        reason: None,
    };
    check(
        "shops that take units back",
        &[
            (
                back(ReturnTo::Stock, Some("main")),
                r#"{"id":"back-1","lines":[{"sku":"85123A","quantity":2}],"to":"stock",
                    "location":"main"}"#,
            ),
            (
                back(ReturnTo::Quarantine, None),
                r#"{"id":"back-1","lines":[{"sku":"85123A","quantity":2}],"to":"quarantine"}"#,
            ),
            (
                back(ReturnTo::WrittenOff, None),
                r#"{"id":"back-1","lines":[{"sku":"85123A","quantity":2}],"to":"written_off"}"#,
            ),
        ],
    );
}

fn line() -> OrderLine {
    OrderLine {
        sku: "85123A".to_owned(),
        kind: Some(AheadKind::Backorder),
        ordered: 9,
        ready: 1,
        waiting: vec![
            Waiting {
                purchase_order: Some("po-1".to_owned()),
                line: Some(2),
                units: 3,
                promised: Some(day()),
            },
            Waiting { purchase_order: None, line: None, units: 2, promised: None },
        ],
        shipped: 2,
        cancelled: 1,
        returned: 1,
        quarantined: 1,
        written_off: 0,
        promised: Some(day()),
        moved_from: None,
        agreed: None,
    }
}

fn plain_line() -> OrderLine {
    let (kind, waiting, promised) = (None, vec![], None);
    OrderLine { kind, waiting, promised, ..line() }
}

fn order(state: OrderState, shipping: Shipping, lines: Vec<OrderLine>) -> Order {
    Order {
        id: "order-7".to_owned(),
        number: 12,
        state,
        placed_at: "2026-11-21T09:40:00.000Z".to_owned(),
        shipping,
        payment: Payment::Now,
        lines,
        link: None,
    }
}

#[test]
fn orders() {
    let text = |rest: &str| format!(r#"{{"id":"order-7","number":12,{rest}"#);
    let waiting = text(&format!(
        r#""state":"waiting","placed_at":"2026-11-21T09:40:00.000Z","shipping":"split",
            "payment":"now","lines":[{{"sku":"85123A","kind":"backorder","ordered":9,"ready":1,
            "waiting":[{{"purchase_order":"po-1","line":2,"units":3,"promised":{DAY}}},
            {{"units":2}}],"shipped":2,"cancelled":1,"returned":1,"quarantined":1,
                "written_off":0,"promised":{DAY}}}]}}"#
    ));
    let ready = text(
        r#""state":"ready","placed_at":"2026-11-21T09:40:00.000Z","shipping":"together",
            "payment":"now","lines":[{"sku":"85123A","ordered":9,"ready":1,"shipped":2,
            "cancelled":1,"returned":1,"quarantined":1,"written_off":0}]}"#,
    );
    let agreed = |promised| {
        let at = "2026-11-22T09:40:00.000Z".to_owned();
        OrderLine { agreed: Some(Agreed { at, promised }), ..plain_line() }
    };
    let moved = OrderLine { moved_from: Some(day()), ..agreed(Some(day())) };
    let plain = r#"{"sku":"85123A","ordered":9,"ready":1,"shipped":2,"cancelled":1,"returned":1,
        "quarantined":1,"written_off":0"#;
    let said = r#""agreed":{"at":"2026-11-22T09:40:00.000Z""#;
    check(
        "shops that read what buyers agreed to",
        &[
            (moved, format!(r#"{plain},"moved_from":{DAY},{said},"promised":{DAY}}}}}"#).as_str()),
            (agreed(None), format!("{plain},{said}}}}}").as_str()),
        ],
    );
    check(
        "shops that read orders, and answers stored for a retry",
        &[
            (order(OrderState::Waiting, Shipping::Split, vec![line()]), waiting.as_str()),
            (order(OrderState::Ready, Shipping::Together, vec![plain_line()]), ready.as_str()),
        ],
    );
    let link = Some("/v1/my-order?token=ot_x".to_owned());
    let linked = Order { link, ..order(OrderState::Shipped, Shipping::Split, vec![]) };
    let text = text(
        r#""state":"shipped","placed_at":"2026-11-21T09:40:00.000Z","shipping":"split",
            "payment":"now","lines":[],"link":"/v1/my-order?token=ot_x"}"#,
    );
    check("shops that send buyers their link", &[(linked, text.as_str())]);
    let mine = MyOrder { token: "ot_x".to_owned(), action: None, to: None };
    let agrees =
        MyOrder { action: Some(MyOrderAction::Agree), to: Some("{}".to_owned()), ..mine.clone() };
    check(
        "buyers' pages that are open",
        &[
            (mine, r#"{"token":"ot_x"}"#),
            (agrees, r#"{"token":"ot_x","action":"agree","to":"{}"}"#),
        ],
    );
    check("buyers' pages that cancel", &[(MyOrderAction::Cancel, r#""cancel""#)]);
    check(
        "shops that read where an order stands",
        &[(OrderState::Shipped, r#""shipped""#), (OrderState::Cancelled, r#""cancelled""#)],
    );
    check(
        "shops that list orders",
        &[
            (
                OrdersPage { orders: vec![], next: Some("31".to_owned()) },
                r#"{"orders":[],"next":"31"}"#,
            ),
            (OrdersPage { orders: vec![], next: None }, r#"{"orders":[]}"#),
        ],
    );
}

#[test]
fn news_of_promises() {
    let event = |kind, was, now| Event {
        n: 3,
        at: "2026-11-21T09:40:00.000Z".to_owned(),
        kind,
        order: "order-7".to_owned(),
        sku: "85123A".to_owned(),
        units: 2,
        was,
        now,
    };
    let head = r#"{"n":3,"at":"2026-11-21T09:40:00.000Z","#;
    let rest = r#""order":"order-7","sku":"85123A","units":2"#;
    let moved = format!(r#"{head}"kind":"promise_moved",{rest},"was":{DAY}}}"#);
    let ready = format!(r#"{head}"kind":"ready",{rest}}}"#);
    check(
        "whoever tells buyers",
        &[
            (event(EventKind::PromiseMoved, Some(day()), None), moved.as_str()),
            (event(EventKind::Ready, None, None), ready.as_str()),
        ],
    );
    let page = EventsPage { events: vec![], next: "3".to_owned() };
    check("whoever follows the news", &[(page, r#"{"events":[],"next":"3"}"#)]);
}
