//! The bytes that pages paint, for every state and for hostile texts.
#![cfg(feature = "ssr")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::PathBuf;
use widget::{Frame, Item, Language, fragment, substitutes, words};
use wire::{Precision, Price, Restock, Snapshot, State};

fn mug(state: State) -> Snapshot {
    Snapshot {
        sku: "MUG-RED".to_owned(),
        product_id: Some("MUG".to_owned()),
        title: "Red retrospot mug".to_owned(),
        options: Some("Red / 350 ml".to_owned()),
        state,
        quantity: None,
        restock: None,
        restock_was: None,
        free_at: None,
        price: Some(Price { amount_minor: 123_450, currency: "GBP".to_owned() }),
        url: Some("/products/mug-red.html".to_owned()),
        image: Some("/pictures/mug-red.svg".to_owned()),
        substitutes: Vec::new(),
        version: 12,
        changed_at: "2026-11-21T17:00:00.000Z".to_owned(),
    }
}

fn back(precision: Precision, date: &str, until: Option<&str>) -> Snapshot {
    let until = until.map(str::to_owned);
    Snapshot {
        restock: Some(Restock { date: date.to_owned(), until, precision }),
        ..mug(State::Out)
    }
}

fn all_held() -> Snapshot {
    Snapshot { free_at: Some("2026-11-21T17:10:00.000Z".to_owned()), ..mug(State::AllHeld) }
}

fn moved() -> Snapshot {
    Snapshot {
        state: State::Backorder,
        restock_was: Some(Restock {
            date: "2026-12-01".to_owned(),
            until: None,
            precision: Precision::Day,
        }),
        ..back(Precision::Week, "2026-12-07", None)
    }
}

/// As the edge publishes it: without anything to act on.
fn hidden() -> Snapshot {
    Snapshot {
        product_id: None,
        title: String::new(),
        options: None,
        price: None,
        url: None,
        image: None,
        ..mug(State::Hidden)
    }
}

fn english() -> &'static Language {
    Language::of("en").unwrap()
}

fn frame() -> Frame<'static> {
    Frame { shop: "shop", language: english(), build: "0123456789ab" }
}

fn render(snapshot: &Snapshot) -> String {
    fragment(&[Item::Found(snapshot)], frame())
}

/// The view alone, without the style sheet and the wrapper.
fn view(snapshot: &Snapshot) -> String {
    let html = render(snapshot);
    let wrapped = html.split_once("}\">").unwrap().1;
    wrapped.strip_suffix("</div>\n").unwrap().to_owned()
}

/// What is between the tags named `part`, as the shopper reads it.
fn part<'a>(view: &'a str, part: &str) -> &'a str {
    let inside = view.split_once(&format!("part=\"{part}\"")).unwrap().1.split_once('>').unwrap().1;
    let line = inside.split_once("</p>").unwrap().0;
    if !line.starts_with('<') {
        return line.split('<').next().unwrap();
    }
    // A line is one text, within or after an element; only the last one has a second.
    let text =
        line.split_once("</time>").map_or(line, |(time, _)| time).trim_end_matches("</span>");
    text.rsplit_once('>').map_or(text, |(_, text)| text)
}

#[test]
fn every_state_paints_what_is_stored_here() {
    let states = [
        ("in_stock", mug(State::InStock)),
        ("low", Snapshot { quantity: Some(3), ..mug(State::Low) }),
        ("low_one", Snapshot { quantity: Some(1), ..mug(State::Low) }),
        ("all_held", all_held()),
        ("hidden", hidden()),
        ("backorder", moved()),
        (
            "preorder",
            Snapshot { state: State::Preorder, ..back(Precision::Month, "2027-02-01", None) },
        ),
        ("discontinued", mug(State::Discontinued)),
        ("out", mug(State::Out)),
        ("out_day", back(Precision::Day, "2026-12-01", None)),
        ("out_week", back(Precision::Week, "2026-11-30", None)),
        ("out_month", back(Precision::Month, "2026-12-01", None)),
        ("out_range", back(Precision::Range, "2026-12-01", Some("2026-12-10"))),
        (
            "bare",
            Snapshot {
                product_id: None,
                title: String::new(),
                options: None,
                price: None,
                url: None,
                image: None,
                ..mug(State::InStock)
            },
        ),
    ];
    for (name, snapshot) in states {
        is_stored(name, &view(&snapshot));
    }
}

fn is_stored(name: &str, view: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.html"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, view).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        view,
        stored,
        "{} differs. A stored fragment of an older build is never hydrated by a newer one, \
         because it names its build: so this may change, but it changes what pages paint. If \
         that is meant, run the test with UPDATE_GOLDEN=1 and look at the difference.",
        path.display()
    );
}

#[test]
fn dates_are_as_fine_as_they_are_known() {
    for (snapshot, detail, datetime) in [
        (back(Precision::Day, "2026-12-01", None), "Back on 1 December 2026", "2026-12-01"),
        (back(Precision::Week, "2026-11-30", None), "Back in the week of 30 November", "2026-W49"),
        (back(Precision::Month, "2026-12-01", None), "Back in December 2026", "2026-12"),
        (
            back(Precision::Range, "2026-12-01", Some("2026-12-10")),
            "Back 1\u{2009}–\u{2009}10 December 2026",
            "2026-12",
        ),
        (
            back(Precision::Range, "2026-11-28", Some("2026-12-03")),
            "Back 28 November\u{2009}–\u{2009}3 December 2026",
            "2026",
        ),
        (
            back(Precision::Range, "2026-12-28", Some("2027-01-03")),
            "Back 28 December 2026\u{2009}–\u{2009}3 January 2027",
            "",
        ),
    ] {
        let view = view(&snapshot);
        assert_eq!(part(&view, "state"), "Out of stock");
        assert_eq!(part(&view, "detail"), detail);
        let attribute = view.split_once("datetime=\"").map_or("", |(_, rest)| rest);
        assert_eq!(attribute.split('"').next(), Some(datetime));
    }
}

#[test]
fn a_date_that_cannot_be_read_is_no_date() {
    for snapshot in [
        back(Precision::Day, "soon", None),
        back(Precision::Day, "2026-13-01", None),
        back(Precision::Range, "2026-12-01", None),
        back(Precision::Range, "2026-12-01", Some("later")),
    ] {
        assert_eq!(part(&view(&snapshot), "state"), "Out of stock, no date yet");
    }
    let in_stock = Snapshot { state: State::InStock, ..back(Precision::Day, "2026-12-01", None) };
    assert_eq!(part(&view(&in_stock), "detail"), " ");
}

#[test]
fn a_moved_date_says_that_it_moved() {
    let view_of = view;
    let view = view(&moved());
    assert_eq!(part(&view, "state"), "On back-order");
    assert_eq!(part(&view, "detail"), "Ships in the week of 7 December");
    assert_eq!(part(&view, "moved"), "Moved: it was 1 December 2026");
    let undated = Snapshot { restock: None, ..moved() };
    let view = view_of(&undated);
    assert_eq!(part(&view, "moved"), " ", "what has no date has not moved");
}

#[test]
fn counts_what_is_left() {
    for (quantity, text) in
        [(Some(1), "Only 1 left"), (Some(3), "Only 3 left"), (None, "Only a few left")]
    {
        assert_eq!(part(&view(&Snapshot { quantity, ..mug(State::Low) }), "state"), text);
    }
    let plenty = Snapshot { quantity: Some(40), ..mug(State::InStock) };
    assert_eq!(part(&view(&plenty), "state"), "In stock");
}

#[test]
fn what_is_in_other_carts_may_come_back() {
    let view = view(&all_held());
    assert_eq!(part(&view, "state"), "All in other shoppers’ carts");
    assert_eq!(part(&view, "detail"), "Some may be free again soon");
}

#[test]
fn what_is_hidden_says_nothing() {
    let view = view(&hidden());
    for name in ["title", "price", "state", "detail"] {
        let text =
            view.split_once(&format!("part=\"{name}\"")).unwrap().1.split_once('>').unwrap().1;
        let words: String =
            text.split('<').map(|tag| tag.rsplit('>').next().unwrap().trim()).collect();
        assert_eq!(words, "", "{name} of {view}");
    }
    let style = fragment(&[], frame());
    assert!(style.contains("[data-state=\"hidden\"] {\n  display: none;"), "{style}");
}

#[test]
fn writes_prices_by_their_currency() {
    for (amount_minor, currency, text) in [
        (450, "GBP", "£4.50"),
        (5, "EUR", "€0.05"),
        (0, "USD", "US$0.00"),
        (123_450, "USD", "US$1,234.50"),
        (100_000_000, "USD", "US$1,000,000.00"),
        (1_500, "JPY", "JP¥1,500"),
        (12_345, "KWD", "KWD\u{a0}12.345"),
        (99_900, "CHF", "CHF\u{a0}999.00"),
        (-450, "GBP", "\u{2212}£4.50"),
    ] {
        let price = Some(Price { amount_minor, currency: currency.to_owned() });
        let snapshot = Snapshot { price, options: None, ..mug(State::InStock) };
        assert_eq!(part(&view(&snapshot), "price"), text);
    }
    let unpriced = Snapshot { price: None, ..mug(State::InStock) };
    assert_eq!(part(&view(&unpriced), "price"), "Red / 350 ml");
}

fn candidates() -> Vec<Snapshot> {
    let mug = |sku: &str, state, options: &str, amount_minor| Snapshot {
        sku: sku.to_owned(),
        options: Some(options.to_owned()),
        price: Some(Price { amount_minor, currency: "GBP".to_owned() }),
        url: Some(format!("/products/{}.html", sku.to_lowercase())),
        ..mug(state)
    };
    vec![
        mug("MUG-OUT", State::Out, "Green / 350 ml", 123_450),
        mug("MUG-BLUE", State::InStock, "Blue / 350 ml", 123_250),
        mug("MUG-HELD", State::AllHeld, "Pink / 350 ml", 123_450),
        mug("MUG-BIG", State::Low, "Red / 500 ml", 130_000),
        mug("MUG-PRE", State::Preorder, "Gold / 350 ml", 123_450),
        hidden(),
        mug("MUG-SAME", State::InStock, "White", 123_450),
        mug("MUG-FOURTH", State::InStock, "Grey", 123_450),
    ]
}

fn product(snapshot: &Snapshot) -> String {
    let candidates = candidates();
    fragment(&[Item::Product { snapshot, candidates: &candidates }], frame())
}

#[test]
fn what_is_offered_instead_is_in_stock_and_says_why() {
    let wanted = Snapshot { substitutes: vec!["MUG-BLUE".to_owned()], ..mug(State::Out) };
    let offered = substitutes(&wanted, &candidates(), english());
    let reasons: Vec<_> =
        offered.iter().map(|one| (one.sku.as_str(), one.reason.as_str())).collect();
    assert_eq!(
        reasons,
        [
            ("MUG-BLUE", "Also 350 ml · In stock · £2.00 less"),
            ("MUG-BIG", "Also Red · In stock · £65.50 more"),
            ("MUG-SAME", "In stock"),
        ]
    );
    let html = product(&wanted);
    for absent in ["MUG-OUT", "MUG-HELD", "MUG-PRE", "MUG-FOURTH"] {
        assert!(!html.contains(absent), "{absent} in {html}");
    }
}

#[test]
fn a_substitute_in_another_currency_is_not_compared() {
    let price = Some(Price { amount_minor: 1, currency: "EUR".to_owned() });
    let other = Snapshot { sku: "MUG".to_owned(), price, options: None, ..mug(State::InStock) };
    let offered = substitutes(&mug(State::Out), [&other, &mug(State::InStock)], english());
    let reasons: Vec<_> = offered.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(reasons, ["In stock"], "and it is never its own substitute");
}

#[test]
fn others_are_looked_for_when_none_can_be_had_now() {
    for (state, looks) in [
        (State::InStock, false),
        (State::Low, false),
        (State::Preorder, false),
        (State::Hidden, false),
        (State::AllHeld, true),
        (State::Backorder, true),
        (State::Out, true),
        (State::Discontinued, true),
    ] {
        let wanted = Snapshot { substitutes: vec!["a".to_owned()], ..mug(state) };
        assert_eq!(!widget::candidates(&wanted).is_empty(), looks, "{state:?}");
    }
}

#[test]
fn a_product_can_be_ordered_or_waited_for() {
    for (snapshot, order, most) in [
        (mug(State::InStock), "Add to basket", None),
        (Snapshot { quantity: Some(3), ..mug(State::Low) }, "Add to basket", Some("3")),
        (moved(), "Back-order now", None),
        (mug(State::Preorder), "Pre-order now", None),
        (all_held(), "", None),
        (mug(State::Out), "", None),
        (mug(State::Discontinued), "", None),
    ] {
        let said = words(&snapshot, english());
        assert_eq!((said.order.as_str(), said.most.as_deref()), (order, most));
    }
}

#[test]
fn a_product_paints_what_is_stored_here() {
    for (name, snapshot) in [
        ("product_in_stock", mug(State::InStock)),
        ("product_low", Snapshot { quantity: Some(3), ..mug(State::Low) }),
        ("product_all_held", all_held()),
        ("product_out", back(Precision::Day, "2026-12-01", None)),
    ] {
        let html = product(&snapshot);
        let wrapped = html.split_once("}\">").unwrap().1.strip_suffix("</div>\n").unwrap();
        is_stored(name, wrapped);
    }
}

/// Texts that a stranger's catalogue may hold.
const HOSTILE: [&str; 28] = [
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</div></div></div></template></body></html>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "\" autofocus onfocus=\"alert(1)",
    "<svg/onload=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "&lt;b&gt;",
    "&amp;quot;",
    "&#60;script&#62;",
    "<!--",
    "-->",
    "<![CDATA[x]]>",
    "<plaintext>",
    "<textarea>",
    "<title>",
    "${alert(1)} {{7*7}} `",
    "\u{202e}gnp.exe",
    "\u{2066}\u{2066}\u{200f}x",
    "\u{0}nul\u{1}\u{7f}\u{9f}",
    "two\r\nlines\tand a tab",
    "   ",
    "\u{feff}bom",
    "\u{2028}line\u{2029}",
    "👩\u{200d}👩\u{200d}👧 é\u{301}",
];

#[test]
fn hostile_texts_stay_texts() {
    let plain = tags(&render(&mug(State::InStock)));
    let instead = |snapshot: &Snapshot, candidate: &Snapshot| {
        let candidates = [candidate.clone()];
        tags(&fragment(&[Item::Product { snapshot, candidates: &candidates }], frame()))
    };
    let out = mug(State::Out);
    let blue = Snapshot { sku: "MUG-BLUE".to_owned(), ..mug(State::InStock) };
    let plain_product = instead(&out, &blue);
    for text in HOSTILE {
        let snapshot = Snapshot {
            sku: text.to_owned(),
            title: text.to_owned(),
            options: Some(text.to_owned()),
            price: Some(Price { amount_minor: 1, currency: text.to_owned() }),
            ..mug(State::InStock)
        };
        assert_eq!(tags(&render(&snapshot)), plain, "{text:?} became markup");
        let wanted = Snapshot { state: State::Out, sku: format!("{text} "), ..snapshot.clone() };
        assert_eq!(instead(&wanted, &snapshot), plain_product, "{text:?} became markup");
    }
}

#[test]
fn no_text_turns_round_what_follows_it() {
    let options = Some("\u{202e}deR\u{2066}".to_owned());
    let view = view(&Snapshot { options, ..mug(State::InStock) });
    assert_eq!(part(&view, "price"), " deR  · £1,234.50");
}

#[test]
fn hostile_addresses_become_no_links() {
    for text in HOSTILE {
        let snapshot = Snapshot { url: Some(text.to_owned()), ..mug(State::InStock) };
        assert!(!view(&snapshot).contains("href"), "{text:?} became a link");
        let image = snapshot.url.clone();
        let other = Snapshot { sku: "MUG".to_owned(), image, ..snapshot };
        let [offered] = &*substitutes(&mug(State::Out), [&other], english()) else { panic!() };
        assert_eq!((&offered.href, &offered.image), (&None, &None), "{text:?} became an address");
    }
    assert!(
        view(&mug(State::InStock))
            .contains(r#"<a part="title" dir="auto" href="/products/mug-red.html">"#)
    );
}

#[test]
fn an_unknown_sku_says_so_in_its_place() {
    let snapshot = mug(State::InStock);
    let items = [Item::Missing { sku: "a\"b<c" }, Item::Found(&snapshot)];
    let html = fragment(&items, frame());
    let wrappers: Vec<&str> =
        html.lines().filter(|line| line.contains("class=\"backroom\"")).collect();
    assert_eq!(
        wrappers[0],
        r#"<div class="backroom" data-sku="a&quot;b&lt;c" data-problem="unknown_sku"></div>"#
    );
    assert!(wrappers[1].starts_with(
        r#"<div class="backroom" data-sku="MUG-RED" data-view="sku" data-version="12" data-state="in_stock" data-lang="en" data-dir="ltr" data-build="0123456789ab" data-words="{&quot;title&quot;:"#
    ));
    assert_eq!(wrappers.len(), 2);
}

/// The tags of `html` and the names of their attributes, as a browser's tokenizer would find them.
fn tags(html: &str) -> Vec<String> {
    let after_style = html.split_once("</style>").unwrap().1;
    let mut found = Vec::new();
    for tag in after_style.split('<').skip(1) {
        let inside = tag.split_once('>').unwrap().0;
        let names = inside.split('"').step_by(2).collect::<String>();
        found.push(names);
    }
    found
}
