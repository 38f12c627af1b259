//! What changes stock, what it answers, and what explains it.

use crate::{check, refusal};
use wire::*;

fn command(kind: CommandKind) -> Command {
    let line = Line { sku: "85123A".to_owned(), location: None, quantity: 2 };
    Command { id: "order-7".to_owned(), kind, lines: vec![line], reason: None }
}

#[test]
fn commands() {
    let located =
        Line { sku: "85123A".to_owned(), location: Some("shop".to_owned()), quantity: -1 };
    check(
        "programs that send commands",
        &[
            (
                Command {
                    lines: vec![located],
                    reason: Some("broken".to_owned()),
                    ..command(CommandKind::Adjust)
                },
                r#"{"id":"order-7","type":"adjust",
                    "lines":[{"sku":"85123A","location":"shop","quantity":-1}],
                    "reason":"broken"}"#,
            ),
            (
                command(CommandKind::Receive),
                r#"{"id":"order-7","type":"receive","lines":[{"sku":"85123A","quantity":2}]}"#,
            ),
            (
                command(CommandKind::Sell),
                r#"{"id":"order-7","type":"sell","lines":[{"sku":"85123A","quantity":2}]}"#,
            ),
            (
                command(CommandKind::Sold),
                r#"{"id":"order-7","type":"sold","lines":[{"sku":"85123A","quantity":2}]}"#,
            ),
            (
                command(CommandKind::Returned),
                r#"{"id":"order-7","type":"returned","lines":[{"sku":"85123A","quantity":2}]}"#,
            ),
        ],
    );
}

fn level(on_hand: i64, shortfall: i64) -> StockLevel {
    StockLevel {
        sku: "85123A".to_owned(),
        location: "main".to_owned(),
        on_hand,
        shortfall,
        held: 1,
        committed: 3,
        safety_stock: 2,
        available: 1,
    }
}

#[test]
fn answers_to_commands() {
    let short = Shortfall { sku: "85123A".to_owned(), location: "main".to_owned(), units: 2 };
    check(
        "programs that read a command's answer, and answers stored for a retry",
        &[
            (
                Applied { id: "order-7".to_owned(), stock: vec![level(4, 0)], shortfalls: vec![] },
                r#"{"id":"order-7",
                    "stock":[{"sku":"85123A","location":"main","on_hand":4,"shortfall":0,
                    "held":1,"committed":3,"safety_stock":2,"available":1}]}"#,
            ),
            (
                Applied {
                    id: "order-8".to_owned(),
                    stock: vec![level(0, 2)],
                    shortfalls: vec![short],
                },
                r#"{"id":"order-8",
                    "stock":[{"sku":"85123A","location":"main","on_hand":0,"shortfall":2,
                    "held":1,"committed":3,"safety_stock":2,"available":1}],
                    "shortfalls":[{"sku":"85123A","location":"main","units":2}]}"#,
            ),
        ],
    );
    check(
        "programs that page through the stock",
        &[
            (
                StockPage {
                    stock: vec![level(4, 0)],
                    available: None,
                    next: Some("bmV4dA".to_owned()),
                },
                r#"{"stock":[{"sku":"85123A","location":"main","on_hand":4,"shortfall":0,
                    "held":1,"committed":3,"safety_stock":2,"available":1}],
                    "next":"bmV4dA"}"#,
            ),
            (
                StockPage { stock: vec![], available: Some(3), next: None },
                r#"{"stock":[],"available":3}"#,
            ),
        ],
    );
}

#[test]
fn counts() {
    let line =
        |expected| CountLine { sku: "85123A".to_owned(), location: None, counted: 6, expected };
    check(
        "programs that count stock",
        &[(
            Count {
                id: "count-7".to_owned(),
                lines: vec![
                    line(None),
                    CountLine { location: Some("attic".to_owned()), ..line(Some(4)) },
                ],
                reason: Some("stock-take".to_owned()),
            },
            r#"{"id":"count-7","lines":[{"sku":"85123A","counted":6,"expected":null},
                {"sku":"85123A","location":"attic","counted":6,"expected":4}],
                "reason":"stock-take"}"#,
        )],
    );
    let unsaid = refusal::<CountLine>(r#"{"sku":"a","counted":1}"#).unwrap_or_default();
    assert!(unsaid.starts_with("missing field `expected`"), "nobody compares: `{unsaid}`");
    check(
        "programs that read how far the books were off",
        &[(
            DriftPage {
                counts: vec![Drift {
                    count: "count-7".to_owned(),
                    at: "2026-11-21T09:30:00.000Z".to_owned(),
                    sku: "85123A".to_owned(),
                    location: "main".to_owned(),
                    booked: -1,
                    counted: 6,
                    difference: 7,
                    reason: None,
                }],
                next: None,
            },
            r#"{"counts":[{"count":"count-7","at":"2026-11-21T09:30:00.000Z","sku":"85123A",
                "location":"main","booked":-1,"counted":6,"difference":7}]}"#,
        )],
    );
}

#[test]
fn explanations() {
    let sold = Movement {
        n: 2,
        at: "2026-11-21T09:29:00.000Z".to_owned(),
        kind: MovementKind::Sold,
        quantity: -2,
        net: 4,
        source: "order-7".to_owned(),
        reason: None,
    };
    check(
        "programs that show what made a number",
        &[(
            Explanation {
                sku: "85123A".to_owned(),
                location: "main".to_owned(),
                at: "2026-11-21T09:30:00.000Z".to_owned(),
                on_hand: 4,
                shortfall: 0,
                movements: vec![sold],
                next: Some("32".to_owned()),
            },
            r#"{"sku":"85123A","location":"main","at":"2026-11-21T09:30:00.000Z","on_hand":4,
                "shortfall":0,"movements":[{"n":2,"at":"2026-11-21T09:29:00.000Z","kind":"sold",
                "quantity":-2,"net":4,"source":"order-7"}],"next":"32"}"#,
        )],
    );
    check(
        "programs that match on what moved units",
        &[
            (MovementKind::Opened, r#""opened""#),
            (MovementKind::Received, r#""received""#),
            (MovementKind::Adjusted, r#""adjusted""#),
            (MovementKind::Counted, r#""counted""#),
            (MovementKind::Returned, r#""returned""#),
        ],
    );
}
