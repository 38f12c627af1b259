//! Holds, and how they end.

use crate::check;
use wire::*;

fn cart_line() -> Line {
    Line { sku: "85123A".to_owned(), location: None, quantity: 2 }
}

fn held_line() -> HeldLine {
    HeldLine { sku: "85123A".to_owned(), location: "main".to_owned(), quantity: 2 }
}

fn open_hold() -> Hold {
    Hold {
        id: "cart-7".to_owned(),
        state: HoldState::Open,
        expires_at: "2026-11-21T09:40:00.000Z".to_owned(),
        resolved_at: None,
        resolution: None,
        lines: vec![held_line()],
    }
}

const OPEN_HOLD: &str = r#"{"id":"cart-7","state":"open","expires_at":"2026-11-21T09:40:00.000Z",
    "lines":[{"sku":"85123A","location":"main","quantity":2}]}"#;

#[test]
fn holds() {
    check(
        "carts that hold units",
        &[
            (
                HoldRequest {
                    id: "cart-7".to_owned(),
                    lines: vec![cart_line()],
                    seconds: Some(60),
                    buyer: Some("b-1".to_owned()),
                    region: Some("GB".to_owned()),
                },
                r#"{"id":"cart-7","lines":[{"sku":"85123A","quantity":2}],"seconds":60,
                    "buyer":"b-1","region":"GB"}"#,
            ),
            (
                HoldRequest {
                    id: "cart-7".to_owned(),
                    lines: vec![cart_line()],
                    seconds: None,
                    buyer: None,
                    region: None,
                },
                r#"{"id":"cart-7","lines":[{"sku":"85123A","quantity":2}]}"#,
            ),
        ],
    );
    check(
        "carts that read their hold, and answers stored for a retry",
        &[
            (open_hold(), OPEN_HOLD),
            (
                Hold {
                    state: HoldState::Committed,
                    resolved_at: Some("2026-11-21T09:35:00.000Z".to_owned()),
                    resolution: Some("order-7".to_owned()),
                    ..open_hold()
                },
                r#"{"id":"cart-7","state":"committed","expires_at":"2026-11-21T09:40:00.000Z",
                    "resolved_at":"2026-11-21T09:35:00.000Z","resolution":"order-7",
                    "lines":[{"sku":"85123A","location":"main","quantity":2}]}"#,
            ),
        ],
    );
    check(
        "programs that match on a hold's state",
        &[(HoldState::Released, r#""released""#), (HoldState::Expired, r#""expired""#)],
    );
    check(
        "programs that page through the open holds",
        &[(
            HoldsPage { holds: vec![open_hold()], next: Some("62".to_owned()) },
            &format!(r#"{{"holds":[{OPEN_HOLD}],"next":"62"}}"#),
        )],
    );
    check(
        "pages that hold units",
        &[(
            BrowserToken {
                token: "bt_x".to_owned(),
                prefix: "b-1-".to_owned(),
                expires_at: "2026-11-21T09:40:00.000Z".to_owned(),
            },
            r#"{"token":"bt_x","prefix":"b-1-","expires_at":"2026-11-21T09:40:00.000Z"}"#,
        )],
    );
}

#[test]
fn resolutions_of_holds() {
    let commit = |reason: Option<&str>| CommitHold {
        id: "order-7".to_owned(),
        reason: reason.map(str::to_owned),
    };
    check(
        "carts that are paid for",
        &[
            (commit(None), r#"{"id":"order-7"}"#),
            (commit(Some("paid")), r#"{"id":"order-7","reason":"paid"}"#),
        ],
    );
    check(
        "carts that are left",
        &[(ReleaseHold { id: "left-7".to_owned() }, r#"{"id":"left-7"}"#)],
    );
    let committed = Resolved {
        id: "order-7".to_owned(),
        hold: "cart-7".to_owned(),
        state: HoldState::Committed,
        at: "2026-11-21T09:35:00.000Z".to_owned(),
        lines: vec![held_line()],
        shortfalls: vec![],
    };
    let short = Shortfall { sku: "85123A".to_owned(), location: "main".to_owned(), units: 1 };
    check(
        "carts that resolve their hold, and answers stored for a retry",
        &[
            (
                committed.clone(),
                r#"{"id":"order-7","hold":"cart-7","state":"committed",
                    "at":"2026-11-21T09:35:00.000Z",
                    "lines":[{"sku":"85123A","location":"main","quantity":2}]}"#,
            ),
            (
                Resolved { shortfalls: vec![short], ..committed },
                r#"{"id":"order-7","hold":"cart-7","state":"committed",
                    "at":"2026-11-21T09:35:00.000Z",
                    "lines":[{"sku":"85123A","location":"main","quantity":2}],
                    "shortfalls":[{"sku":"85123A","location":"main","units":1}]}"#,
            ),
        ],
    );
}
