//! What readers get: snapshots in KV, in answers and on sockets.

use crate::{check, refusal};
use wire::*;

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
        restock_was: None,
        free_at: None,
        price: None,
        url: None,
        image: None,
        substitutes: vec![],
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

fn out_substitutes() -> Snapshot {
    let substitutes = ["85123a", "a \"b\"/🎁"].map(str::to_owned);
    Snapshot { substitutes: substitutes.into(), ..bare("a", State::Out) }
}

fn hidden() -> Snapshot {
    Snapshot { title: String::new(), ..bare("a", State::Hidden) }
}

fn restock(date: &str, until: Option<&str>, precision: Precision) -> Restock {
    Restock { date: date.to_owned(), until: until.map(str::to_owned), precision }
}

fn backorder() -> Snapshot {
    Snapshot {
        restock: Some(restock("2026-12-07", None, Precision::Week)),
        restock_was: Some(restock("2026-12-01", None, Precision::Day)),
        ..bare("a", State::Backorder)
    }
}

fn preorder() -> Snapshot {
    Snapshot {
        restock: Some(restock("2027-02-01", None, Precision::Month)),
        ..bare("a", State::Preorder)
    }
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
                out_substitutes(),
                r#"{"sku":"a","title":"Jam Jar","state":"out",
                    "substitutes":["85123a","a \"b\"/🎁"],"version":1,
                    "changed_at":"2026-11-21T09:30:00.000Z"}"#,
            ),
            (
                all_held(),
                r#"{"sku":"a","title":"Jam Jar","state":"all_held",
                    "free_at":"2026-11-21T09:40:00.000Z","version":1,
                    "changed_at":"2026-11-21T09:30:00.000Z"}"#,
            ),
            (
                backorder(),
                r#"{"sku":"a","title":"Jam Jar","state":"backorder",
                    "restock":{"date":"2026-12-07","precision":"week"},
                    "restock_was":{"date":"2026-12-01","precision":"day"},"version":1,
                    "changed_at":"2026-11-21T09:30:00.000Z"}"#,
            ),
            (
                preorder(),
                r#"{"sku":"a","title":"Jam Jar","state":"preorder",
                    "restock":{"date":"2027-02-01","precision":"month"},"version":1,
                    "changed_at":"2026-11-21T09:30:00.000Z"}"#,
            ),
            (
                bare("a", State::Discontinued),
                r#"{"sku":"a","title":"Jam Jar","state":"discontinued","version":1,
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

fn frame(words: Option<Words>) -> ToPage {
    ToPage::Snapshots { items: vec![Live { snapshot: bare("a", State::InStock), words }] }
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
        &[
            (
                frame(None),
                r#"{"type":"snapshots","items":[{"sku":"a","title":"Jam Jar","state":"in_stock",
                    "version":1,"changed_at":"2026-11-21T09:30:00.000Z"}]}"#,
            ),
            (
                frame(Some(Words { state: "Auf Lager".to_owned(), ..Words::default() })),
                r#"{"type":"snapshots","items":[{"sku":"a","title":"Jam Jar","state":"in_stock",
                    "version":1,"changed_at":"2026-11-21T09:30:00.000Z",
                    "words":{"state":"Auf Lager"}}]}"#,
            ),
        ],
    );
    let text = |text: &str| text.to_owned();
    check(
        "the widgets on open pages and in painted fragments, which are as old as the pages are",
        &[(
            Words {
                title: text("Jam Jar"),
                href: Some(text("/jars")),
                price: text("Red / XL · £24.50"),
                state: text("Out of stock"),
                detail: text("Back in December 2026"),
                datetime: Some(text("2026-12")),
                moved: text("Moved: it was 20 November 2026"),
                free_at: Some(text("2026-11-21T09:40:00.000Z")),
                order: text("Back-order now"),
                most: Some(text("3")),
                substitutes: vec![
                    Substitute {
                        sku: text("b"),
                        version: 7,
                        title: text("Honey Jar"),
                        href: Some(text("/honey")),
                        image: Some(text("/honey.svg")),
                        price: text("£22.50"),
                        reason: text("In stock · £2.00 less"),
                    },
                    Substitute { sku: text("c"), version: 1, ..Substitute::default() },
                ],
            },
            r#"{"title":"Jam Jar","href":"/jars","price":"Red / XL · £24.50",
                "state":"Out of stock","detail":"Back in December 2026","datetime":"2026-12",
                "moved":"Moved: it was 20 November 2026",
                "free_at":"2026-11-21T09:40:00.000Z","order":"Back-order now","most":"3",
                "substitutes":[{"sku":"b","version":7,"title":"Honey Jar","href":"/honey",
                    "image":"/honey.svg","price":"£22.50","reason":"In stock · £2.00 less"},
                    {"sku":"c","version":1,"title":"","reason":""}]}"#,
        )],
    );
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
            include_str!("../stored/in_stock.json"),
            Snapshot { quantity: None, state: State::InStock, ..full() },
        ),
        (include_str!("../stored/low.json"), full()),
        (
            include_str!("../stored/out_dated.json"),
            Snapshot {
                restock: Some(restock("2026-12-01", Some("2026-12-10"), Precision::Range)),
                ..bare("a b/🎁", State::Out)
            },
        ),
        (include_str!("../stored/out.json"), bare("a b/🎁", State::Out)),
        (include_str!("../stored/out_substitutes.json"), out_substitutes()),
        (include_str!("../stored/all_held.json"), all_held()),
        (include_str!("../stored/hidden.json"), hidden()),
        (include_str!("../stored/backorder.json"), backorder()),
        (include_str!("../stored/preorder.json"), preorder()),
        (include_str!("../stored/discontinued.json"), bare("a", State::Discontinued)),
    ];
    for (stored, meant) in cases {
        let read: Snapshot = serde_json::from_str(stored).unwrap();
        assert_eq!(read, meant, "stored in KV by an earlier build: {stored}");
    }
}
