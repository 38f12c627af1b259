//! What each language says, stored for translators to read and for `tests/languages.test.mjs` to
//! compare with `Intl`.
#![cfg(feature = "ssr")]

use jiff::civil::date;
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use widget::{Frame, LANGUAGES, Language, Until, words};
use wire::{Precision, Price, Restock, Snapshot, State};

/// Numbers that tell the forms of every language from each other.
const COUNTS: [u32; 24] = [
    1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14, 19, 20, 21, 22, 25, 99, 100, 101, 102, 103, 111, 112,
    1000,
];

/// Currencies with two digits, with none and with three; some that have a sign everywhere, some
/// here and there, and some nowhere.
const CURRENCIES: [&str; 12] =
    ["EUR", "GBP", "USD", "CAD", "CHF", "PLN", "SEK", "TRY", "UAH", "ILS", "JPY", "KWD"];

fn out(restock: Option<Restock>) -> Snapshot {
    Snapshot {
        sku: "a".to_owned(),
        product_id: None,
        title: "Mug".to_owned(),
        options: None,
        state: State::Out,
        quantity: None,
        restock,
        restock_was: None,
        free_at: None,
        price: None,
        url: None,
        image: None,
        substitutes: Vec::new(),
        version: 1,
        changed_at: "2026-11-21T17:00:00.000Z".to_owned(),
    }
}

fn back(precision: Precision, date: &str, until: Option<&str>) -> Snapshot {
    out(Some(Restock { date: date.to_owned(), until: until.map(str::to_owned), precision }))
}

/// Everything that depends on the language, by what it says.
fn said(language: &Language) -> Value {
    let state = |state| words(&Snapshot { state, ..out(None) }, language).state;
    let detail = |snapshot| words(&snapshot, language).detail;
    let range = |from, to| detail(back(Precision::Range, from, Some(to)));
    let of_months = |precision| -> Vec<String> {
        (1..=12)
            .map(|month| detail(back(precision, &format!("2026-{month:02}-07"), None)))
            .collect()
    };
    let left = |units: u32| {
        let quantity = Some(units);
        (units.to_string(), words(&Snapshot { state: State::Low, quantity, ..out(None) }, language))
    };
    let left: Map<_, _> =
        COUNTS.into_iter().map(left).map(|(n, words)| (n, words.state.into())).collect();
    let price = |currency: &str, amount_minor| {
        let price = Some(Price { amount_minor, currency: currency.to_owned() });
        words(&Snapshot { price, ..out(None) }, language).price
    };
    let prices: Map<_, _> = CURRENCIES
        .into_iter()
        .map(|code| (code.to_owned(), json!([price(code, 123_456), price(code, 1_234_567_890)])))
        .collect();
    let ships = |precision| {
        let ordered = back(precision, "2026-12-07", Some("2026-12-10"));
        detail(Snapshot { state: State::Preorder, ..ordered })
    };
    let until = |(hour, minute)| {
        let at = date(2026, 12, 7).at(hour, minute, 0, 0);
        Until { at, zone: String::new() }.said(language)
    };
    let moments = [(9, 5), (15, 4), (0, 30)].map(until);
    let precisions = [Precision::Day, Precision::Week, Precision::Month, Precision::Range];
    let held = words(&Snapshot { state: State::AllHeld, ..out(None) }, language);
    let was = back(Precision::Day, "2026-12-01", None).restock;
    let moved = Snapshot { restock_was: was, ..back(Precision::Day, "2026-12-07", None) };
    json!({
        "in_stock": state(State::InStock),
        "few_left": state(State::Low),
        "only_left": left,
        "all_held": held.state,
        "free_soon": held.detail,
        "backorder": state(State::Backorder),
        "preorder": state(State::Preorder),
        "out": words(&moved, language).state,
        "out_undated": state(State::Out),
        "discontinued": state(State::Discontinued),
        "hidden": state(State::Hidden),
        "back_on": of_months(Precision::Day),
        "back_in_week": of_months(Precision::Week),
        "back_in": of_months(Precision::Month),
        "back_between": [
            range("2026-12-01", "2026-12-10"),
            range("2026-11-28", "2026-12-03"),
            range("2026-12-28", "2027-01-03"),
        ],
        "until": moments,
        "ships": precisions.map(ships),
        "moved": words(&moved, language).moved,
        "prices": prices,
    })
}

#[test]
fn every_language_says_what_is_stored_here() {
    let all: Map<_, _> =
        LANGUAGES.iter().map(|language| (language.tag.to_owned(), said(language))).collect();
    let said = serde_json::to_string_pretty(&all).unwrap() + "\n";
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/languages.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &said).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap();
    assert!(
        said == stored,
        "{} differs: shoppers read something else. If that is meant, run the test with \
         UPDATE_GOLDEN=1 and look at the difference.",
        path.display()
    );
}

#[test]
fn every_language_has_a_text_for_everything() {
    for language in LANGUAGES {
        let said = said(language);
        let said = said.as_object().unwrap();
        let empty = |text: &Value| text.as_str() == Some("");
        let lacks: Vec<_> = said
            .iter()
            .filter(|(name, text)| *name != "hidden" && empty(text))
            .map(|(name, _)| name)
            .collect();
        assert!(lacks.is_empty(), "{} lacks {lacks:?}", language.tag);
        assert!(
            empty(said.get("hidden").unwrap()),
            "{}: what is hidden says nothing",
            language.tag
        );
        let text = serde_json::to_string(&said).unwrap();
        for form in ["{}", "{n}", "{s}", "{d}", "{d2}", "{m}", "{m2}", "{y}", "{y2}"] {
            assert!(!text.contains(form), "{}: {form} is left in {text}", language.tag);
        }
    }
}

#[test]
fn a_tag_finds_its_language() {
    for (tag, found) in [
        ("de", Some("de")),
        ("de-AT", Some("de")),
        ("DE", Some("de")),
        ("en-US", Some("en-US")),
        ("en-us", Some("en-US")),
        ("en-GB", Some("en")),
        ("en-AU", Some("en")),
        ("zh-Hans-CN", Some("zh")),
        ("pt-PT", Some("pt")),
        ("", None),
        ("-", None),
        ("d", None),
        ("deu", None),
        ("xx", None),
        ("de_DE", None),
    ] {
        assert_eq!(Language::of(tag).map(|language| language.tag), found, "{tag}");
    }
}

#[test]
fn those_written_from_the_right_say_so() {
    for language in LANGUAGES {
        let frame = Frame { shop: "shop", language, build: "0123456789ab" };
        let html = widget::fragment(&[widget::Item::Found(&out(None))], frame);
        let direction = if ["ar", "he"].contains(&language.tag) { "rtl" } else { "ltr" };
        let attributes = format!(r#"<div lang="{}" dir="{direction}">"#, language.tag);
        assert!(html.contains(&attributes), "{html}");
    }
}
