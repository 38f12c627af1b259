//! The bytes of every public JSON type, both ways: what is written stays the same, and what was
//! written once is read for ever. A failure says for whom a change would break.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde::{Serialize, de::DeserializeOwned};
use std::{collections::BTreeSet, fmt::Debug};
use wire::*;

/// Each value is written as its golden text, and the text is read as the value. A golden text may
/// stand on several lines; their breaks and indents are no part of it.
#[track_caller]
fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(breaks: &str, cases: &[(T, &str)]) {
    for (value, golden) in cases {
        let golden: String = golden.lines().map(str::trim).collect();
        let written = serde_json::to_string(value).unwrap();
        assert_eq!(written, golden, "this breaks {breaks}");
        let read = serde_json::from_str::<T>(&golden).map_err(|error| error.to_string());
        assert_eq!(read.as_ref(), Ok(value), "this breaks {breaks}");
    }
}

/// A snapshot with nothing that can be left out.
fn bare(sku: &str, state: State) -> Snapshot {
    Snapshot {
        sku: sku.to_owned(),
        product_id: None,
        title: "Jam Jar".to_owned(),
        options: None,
        state,
        quantity: None,
        restock: None,
        free_at: None,
        price: None,
        url: None,
        image: None,
        version: 1,
        changed_at: "2026-11-21T09:30:00.000Z".to_owned(),
    }
}

fn full() -> Snapshot {
    Snapshot {
        product_id: Some("jars".to_owned()),
        title: "Jam Jar \"Été\" 🎁 <b>".to_owned(),
        options: Some("Red / XL".to_owned()),
        quantity: Some(3),
        price: Some(Price { amount_minor: 1299, currency: "GBP".to_owned() }),
        url: Some("/jars".to_owned()),
        image: Some("https://shop.example/jar.webp".to_owned()),
        version: 12,
        ..bare("85123A", State::Low)
    }
}

fn all_held() -> Snapshot {
    Snapshot { free_at: Some("2026-11-21T09:40:00.000Z".to_owned()), ..bare("a", State::AllHeld) }
}

fn hidden() -> Snapshot {
    Snapshot { title: String::new(), ..bare("a", State::Hidden) }
}

fn restock(date: &str, until: Option<&str>, precision: Precision) -> Restock {
    Restock { date: date.to_owned(), until: until.map(str::to_owned), precision }
}

#[test]
fn snapshots() {
    check(
        "snapshots stored in KV by an earlier build, and every page and program that reads them",
        &[
            (
                full(),
                r#"{"sku":"85123A","product_id":"jars","title":"Jam Jar \"Été\" 🎁 <b>",
                    "options":"Red / XL","state":"low","quantity":3,
                    "price":{"amount_minor":1299,"currency":"GBP"},"url":"/jars",
                    "image":"https://shop.example/jar.webp","version":12,
                    "changed_at":"2026-11-21T09:30:00.000Z"}"#,
            ),
            (
                bare("a b/🎁", State::InStock),
                r#"{"sku":"a b/🎁","title":"Jam Jar","state":"in_stock","version":1,
                    "changed_at":"2026-11-21T09:30:00.000Z"}"#,
            ),
            (
                Snapshot {
                    restock: Some(restock("2026-12-01", None, Precision::Day)),
                    ..bare("a", State::Out)
                },
                r#"{"sku":"a","title":"Jam Jar","state":"out",
                    "restock":{"date":"2026-12-01","precision":"day"},"version":1,
                    "changed_at":"2026-11-21T09:30:00.000Z"}"#,
            ),
            (
                all_held(),
                r#"{"sku":"a","title":"Jam Jar","state":"all_held",
                    "free_at":"2026-11-21T09:40:00.000Z","version":1,
                    "changed_at":"2026-11-21T09:30:00.000Z"}"#,
            ),
            (
                hidden(),
                r#"{"sku":"a","title":"","state":"hidden","version":1,
                    "changed_at":"2026-11-21T09:30:00.000Z"}"#,
            ),
        ],
    );
    check(
        "restock dates stored in KV by an earlier build, and every page that shows them",
        &[
            (
                restock("2026-11-30", None, Precision::Week),
                r#"{"date":"2026-11-30","precision":"week"}"#,
            ),
            (
                restock("2026-12-01", None, Precision::Month),
                r#"{"date":"2026-12-01","precision":"month"}"#,
            ),
            (
                restock("2026-12-01", Some("2026-12-10"), Precision::Range),
                r#"{"date":"2026-12-01","until":"2026-12-10","precision":"range"}"#,
            ),
        ],
    );
}

#[test]
fn reads_of_several_skus() {
    let missing = Missing { sku: "zzz".to_owned(), problem: Code::UnknownSku };
    check(
        "programs that read several SKUs at once",
        &[
            (Snapshots { items: vec![] }, r#"{"items":[]}"#),
            (
                Snapshots {
                    items: vec![
                        Answer::Found(Box::new(bare("a", State::Out))),
                        Answer::Missing(missing),
                    ],
                },
                r#"{"items":[
                    {"sku":"a","title":"Jam Jar","state":"out","version":1,
                    "changed_at":"2026-11-21T09:30:00.000Z"},
                    {"sku":"zzz","problem":"unknown_sku"}]}"#,
            ),
        ],
    );
}

#[test]
fn a_read_of_one_sku_is_told_from_one_of_several() {
    check(
        "programs that read availability",
        &[
            (
                Availability::One(Box::new(hidden())),
                r#"{"sku":"a","title":"","state":"hidden","version":1,
                    "changed_at":"2026-11-21T09:30:00.000Z"}"#,
            ),
            (Availability::Several(Snapshots { items: vec![] }), r#"{"items":[]}"#),
        ],
    );
}

#[test]
fn the_socket() {
    let watched = Watched { sku: "85123A".to_owned(), version: 11 };
    check(
        "the widgets on open pages, which are as old as the pages are",
        &[(
            FromPage::Watch { skus: vec![watched] },
            r#"{"type":"watch","skus":[{"sku":"85123A","version":11}]}"#,
        )],
    );
    check(
        "the widgets on open pages, which are as old as the pages are",
        &[(
            ToPage::Snapshots { items: vec![bare("a", State::InStock)] },
            r#"{"type":"snapshots","items":[{"sku":"a","title":"Jam Jar","state":"in_stock",
                "version":1,"changed_at":"2026-11-21T09:30:00.000Z"}]}"#,
        )],
    );
}

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
                    "held":1,"safety_stock":2,"available":1}]}"#,
            ),
            (
                Applied {
                    id: "order-8".to_owned(),
                    stock: vec![level(0, 2)],
                    shortfalls: vec![short],
                },
                r#"{"id":"order-8",
                    "stock":[{"sku":"85123A","location":"main","on_hand":0,"shortfall":2,
                    "held":1,"safety_stock":2,"available":1}],
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
                    "held":1,"safety_stock":2,"available":1}],
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
fn import_reports() {
    check(
        "programs that read what an import did",
        &[(
            ImportReport { rows: 6, created: 1, updated: 2, unchanged: 3, opened: 4, adjusted: 5 },
            r#"{"rows":6,"created":1,"updated":2,"unchanged":3,"opened":4,"adjusted":5}"#,
        )],
    );
}

fn settings() -> Settings {
    Settings {
        currency: "GBP".to_owned(),
        time_zone: "Europe/London".to_owned(),
        locale: "en-GB".to_owned(),
        low_mark: 3,
        mode: Mode::Mirror,
        origins: vec!["https://shop.example".to_owned()],
        strategy: Strategy::Nearest,
        hide_undated: true,
        browser_holds: true,
        max_held_per_buyer: Some(4),
    }
}

const SETTINGS: &str = r#"{"currency":"GBP","time_zone":"Europe/London","locale":"en-GB",
    "low_mark":3,"mode":"mirror","origins":["https://shop.example"],"strategy":"nearest",
    "hide_undated":true,"browser_holds":true,"max_held_per_buyer":4}"#;

#[test]
fn shops() {
    let with_settings = |text: &str| text.replace("SETTINGS", SETTINGS);
    check("programs that read and write a shop's settings", &[(settings(), SETTINGS)]);
    check(
        "programs that make shops",
        &[
            (
                CreateShop { id: Some("jars".to_owned()), settings: settings() },
                with_settings(r#"{"id":"jars","settings":SETTINGS}"#).as_str(),
            ),
            (
                CreateShop { id: None, settings: settings() },
                with_settings(r#"{"settings":SETTINGS}"#).as_str(),
            ),
        ],
    );
    check(
        "programs that make shops: the key is shown only once",
        &[(
            ShopCreated {
                id: "jars".to_owned(),
                secret_key: "sk_jars_x".to_owned(),
                settings: settings(),
            },
            with_settings(r#"{"id":"jars","secret_key":"sk_jars_x","settings":SETTINGS}"#).as_str(),
        )],
    );
    check(
        "programs that change over to a new key",
        &[(NewKey { secret_key: "sk_jars_y".to_owned() }, r#"{"secret_key":"sk_jars_y"}"#)],
    );
}

#[test]
fn changes_of_settings() {
    let whole = SettingsChange {
        currency: Some("EUR".to_owned()),
        time_zone: Some("Europe/Paris".to_owned()),
        locale: Some("fr".to_owned()),
        low_mark: Some(0),
        mode: Some(Mode::Authority),
        origins: Some(vec![]),
        strategy: Some(Strategy::FewestParcels),
        hide_undated: Some(false),
        browser_holds: Some(true),
        max_held_per_buyer: Some(None),
    };
    check(
        "programs that change a shop's settings",
        &[
            (
                whole,
                r#"{"currency":"EUR","time_zone":"Europe/Paris","locale":"fr","low_mark":0,
                    "mode":"authority","origins":[],"strategy":"fewest_parcels",
                    "hide_undated":false,"browser_holds":true,"max_held_per_buyer":null}"#,
            ),
            (
                SettingsChange { low_mark: Some(9), ..SettingsChange::default() },
                r#"{"currency":null,"time_zone":null,"locale":null,"low_mark":9,
                    "mode":null,"origins":null,"strategy":null,"hide_undated":null,
                    "browser_holds":null}"#,
            ),
        ],
    );
}

#[test]
fn health() {
    check(
        "monitors that watch the age of the outbox",
        &[
            (
                Health {
                    build: "abc123def456".to_owned(),
                    outbox: Some(Outbox { rows: 2, oldest_age_ms: 1500 }),
                },
                r#"{"build":"abc123def456","outbox":{"rows":2,"oldest_age_ms":1500}}"#,
            ),
            (
                Health { build: "abc123def456".to_owned(), outbox: None },
                r#"{"build":"abc123def456"}"#,
            ),
        ],
    );
}

#[test]
fn problems() {
    let problem = |cells| Problem {
        kind: "/docs/problems.html#bad_cells".to_owned(),
        code: Code::BadCells,
        title: Code::BadCells.title().to_owned(),
        status: Code::BadCells.status(),
        detail: "One cell could not be taken.".to_owned(),
        instance: "r-1".to_owned(),
        cells,
    };
    let cell =
        CellFault { row: 2, column: "on_hand".to_owned(), fault: "`x` is no number".to_owned() };
    check(
        "programs that read problems, and refusals stored for a retry",
        &[
            (
                problem(vec![]),
                r#"{"type":"/docs/problems.html#bad_cells","code":"bad_cells",
                    "title":"Some cells could not be taken","status":422,
                    "detail":"One cell could not be taken.","instance":"r-1"}"#,
            ),
            (
                problem(vec![cell]),
                r#"{"type":"/docs/problems.html#bad_cells","code":"bad_cells",
                    "title":"Some cells could not be taken","status":422,
                    "detail":"One cell could not be taken.","instance":"r-1",
                    "cells":[{"row":2,"column":"on_hand","fault":"`x` is no number"}]}"#,
            ),
        ],
    );
}

#[test]
fn codes_of_problems() {
    let golden = [
        ("not_found", 404),
        ("method_not_allowed", 405),
        ("key_missing", 401),
        ("key_wrong", 401),
        ("operator_wrong", 401),
        ("origin_not_allowed", 403),
        ("token_wrong", 401),
        ("forbidden", 403),
        ("browser_holds_off", 403),
        ("unknown_shop", 404),
        ("shop_exists", 409),
        ("too_many_keys", 409),
        ("last_key", 409),
        ("unknown_sku", 404),
        ("unknown_hold", 404),
        ("bad_parameter", 400),
        ("too_long_ago", 410),
        ("upgrade_required", 426),
        ("bad_json", 400),
        ("bad_value", 422),
        ("body_too_large", 413),
        ("id_reused", 422),
        ("insufficient_stock", 409),
        ("below_zero", 409),
        ("is_bundle", 409),
        ("bad_bundle", 422),
        ("held_limit", 409),
        ("already_committed", 409),
        ("already_released", 409),
        ("expired", 409),
        ("count_stale", 409),
        ("bad_columns", 400),
        ("bad_cells", 422),
        ("row_too_long", 413),
        ("overloaded", 503),
        ("try_again", 503),
        ("internal", 500),
    ];
    let now: Vec<_> = Code::ALL.iter().map(|code| (code.as_str(), code.status())).collect();
    assert_eq!(now, golden, "programs match on these codes, and the documentation has their order");
    for code in Code::ALL {
        check("programs that match on this code", &[(*code, &format!("\"{}\"", code.as_str()))]);
    }
    let unique = |text: fn(Code) -> &'static str| {
        Code::ALL.iter().map(|code| text(*code)).collect::<BTreeSet<_>>().len()
    };
    assert_eq!(unique(Code::as_str), Code::ALL.len(), "two problems share a code");
    assert_eq!(unique(Code::title), Code::ALL.len(), "people cannot tell two problems apart");
}

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
                    booked: 4,
                    counted: 6,
                    difference: 2,
                    reason: None,
                }],
                next: None,
            },
            r#"{"counts":[{"count":"count-7","at":"2026-11-21T09:30:00.000Z","sku":"85123A",
                "location":"main","booked":4,"counted":6,"difference":2}]}"#,
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

#[test]
fn locations() {
    check(
        "programs that describe locations",
        &[
            (
                LocationSettings {
                    kind: LocationKind::Store,
                    priority: Some(0),
                    region: Some("GB".to_owned()),
                    cut_off: Some("14:30".to_owned()),
                },
                r#"{"kind":"store","priority":0,"region":"GB","cut_off":"14:30"}"#,
            ),
            (LocationSettings::default(), r#"{"kind":"warehouse"}"#),
        ],
    );
    assert_eq!(
        serde_json::from_str::<LocationSettings>("{}").unwrap(),
        LocationSettings::default(),
        "a location is a warehouse unless somebody says so"
    );
    let supplier = Location {
        name: "maker".to_owned(),
        kind: LocationKind::Supplier,
        priority: 100,
        region: None,
        cut_off: None,
    };
    check(
        "programs that read where stock lies",
        &[(
            LocationsPage { locations: vec![supplier], next: None },
            r#"{"locations":[{"name":"maker","kind":"supplier","priority":100}]}"#,
        )],
    );
}

#[test]
fn kits() {
    let components = vec![Component { sku: "85123A".to_owned(), quantity: 2 }];
    check(
        "programs that say what a kit is made of",
        &[(
            BundleContents { components: components.clone() },
            r#"{"components":[{"sku":"85123A","quantity":2}]}"#,
        )],
    );
    check(
        "programs that read what kits are made of",
        &[(
            BundlesPage { bundles: vec![Bundle { sku: "kit".to_owned(), components }], next: None },
            r#"{"bundles":[{"sku":"kit","components":[{"sku":"85123A","quantity":2}]}]}"#,
        )],
    );
}

#[test]
fn changes_of_the_catalogue() {
    let kept = SafetyStock { location: None, units: 2 };
    check(
        "programs that hide goods and keep safety stock",
        &[
            (
                SkuChange { hidden: Some(true), safety_stock: vec![kept] },
                r#"{"hidden":true,"safety_stock":[{"units":2}]}"#,
            ),
            (SkuChange::default(), "{}"),
        ],
    );
    check("programs that hide products", &[(ProductChange { hidden: true }, r#"{"hidden":true}"#)]);
}

#[test]
fn what_a_merchant_may_leave_out() {
    let least = r#"{"currency":"EUR","time_zone":"Europe/Paris"}"#;
    let read: Settings = serde_json::from_str(least).unwrap();
    let meant = Settings {
        currency: "EUR".to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        locale: "en".to_owned(),
        low_mark: 5,
        mode: Mode::Authority,
        origins: vec![],
        strategy: Strategy::Priority,
        hide_undated: false,
        browser_holds: false,
        max_held_per_buyer: None,
    };
    assert_eq!(
        Settings::new("EUR", "Europe/Paris"),
        meant,
        "shops made here would work differently"
    );
    assert_eq!(read, meant, "shops made with the least settings would work differently");
    assert_eq!(serde_json::from_str::<SettingsChange>("{}").unwrap(), SettingsChange::default());
}

/// Why `json` is no `T`.
fn refusal<T: DeserializeOwned>(json: &str) -> Option<String> {
    serde_json::from_str::<T>(json).err().map(|error| error.to_string())
}

#[test]
fn a_misspelt_field_of_a_merchant_is_refused() {
    let cases = [
        refusal::<Command>(r#"{"id":"1","type":"sell","lines":[],"surprise":1}"#),
        refusal::<Line>(r#"{"sku":"a","quantity":1,"surprise":1}"#),
        refusal::<CreateShop>(
            r#"{"settings":{"currency":"EUR","time_zone":"Europe/Paris"},"surprise":1}"#,
        ),
        refusal::<Settings>(r#"{"currency":"EUR","time_zone":"Europe/Paris","surprise":1}"#),
        refusal::<SettingsChange>(r#"{"surprise":1}"#),
        refusal::<HoldRequest>(r#"{"id":"1","lines":[],"surprise":1}"#),
        refusal::<CommitHold>(r#"{"id":"1","surprise":1}"#),
        refusal::<ReleaseHold>(r#"{"id":"1","surprise":1}"#),
        refusal::<Count>(r#"{"id":"1","lines":[],"surprise":1}"#),
        refusal::<CountLine>(r#"{"sku":"a","counted":1,"expected":1,"surprise":1}"#),
        refusal::<LocationSettings>(r#"{"surprise":1}"#),
        refusal::<BundleContents>(r#"{"components":[],"surprise":1}"#),
        refusal::<Component>(r#"{"sku":"a","quantity":1,"surprise":1}"#),
        refusal::<SkuChange>(r#"{"surprise":1}"#),
        refusal::<SafetyStock>(r#"{"units":1,"surprise":1}"#),
        refusal::<ProductChange>(r#"{"hidden":true,"surprise":1}"#),
    ];
    for refused in cases {
        let refused = refused.unwrap_or_default();
        assert!(refused.starts_with("unknown field `surprise`"), "a typo passes: `{refused}`");
    }
}

#[test]
fn a_field_of_a_later_build_is_skipped() {
    let snapshot = serde_json::to_string(&full()).unwrap().replacen('{', r#"{"later":{},"#, 1);
    let to_page = format!(r#"{{"type":"snapshots","later":1,"items":[{snapshot}]}}"#);
    let from_page = r#"{"type":"watch","later":1,"skus":[{"sku":"a","version":1,"later":1}]}"#;
    let cases = [
        ("a build that was rolled back reads KV", refusal::<Snapshot>(&snapshot)),
        ("an open page reads a newer build's socket", refusal::<ToPage>(&to_page)),
        ("a newer page speaks to an older build", refusal::<FromPage>(from_page)),
    ];
    for (breaks, refused) in cases {
        assert_eq!(refused, None, "{breaks}");
    }
}

#[test]
fn what_earlier_versions_stored_in_kv_is_read_for_ever() {
    let cases = [
        (
            include_str!("stored/in_stock.json"),
            Snapshot { quantity: None, state: State::InStock, ..full() },
        ),
        (include_str!("stored/low.json"), full()),
        (
            include_str!("stored/out_dated.json"),
            Snapshot {
                restock: Some(restock("2026-12-01", Some("2026-12-10"), Precision::Range)),
                ..bare("a b/🎁", State::Out)
            },
        ),
        (include_str!("stored/out.json"), bare("a b/🎁", State::Out)),
        (include_str!("stored/all_held.json"), all_held()),
        (include_str!("stored/hidden.json"), hidden()),
    ];
    for (stored, meant) in cases {
        let read: Snapshot = serde_json::from_str(stored).unwrap();
        assert_eq!(read, meant, "stored in KV by an earlier build: {stored}");
    }
}
