//! Each message in each language.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use messages::samples::{self, FOOTER, SENDER};
use messages::{DigestItem, Footer, Item, Message, OrderNews, Rendered, Sender, Until, render};
use std::path::PathBuf;
use widget::{LANGUAGES, Language};

/// Each message, by its name.
fn all(language: &Language) -> Vec<(&'static str, Rendered)> {
    let (restocks, digest) = (samples::restocks(), samples::digest());
    let news = samples::news(&restocks);
    let messages = samples::messages(&news, &digest);
    let written = |(name, message): &(_, _)| (*name, render(language, &SENDER, message, &FOOTER));
    messages.iter().map(written).collect()
}

fn one(name: &str, language: &Language) -> Rendered {
    all(language).into_iter().find(|(named, _)| *named == name).unwrap().1
}

fn is_about_an_order(name: &str) -> bool {
    name.starts_with("moved") || name == "ready"
}

#[track_caller]
fn both_have(rendered: &Rendered, part: &str) {
    // A line may be broken where there is a space.
    let text = rendered.text.replace('\n', " ");
    assert!(text.contains(part), "{part} in {}", rendered.text);
    assert!(rendered.html.contains(&part.replace('&', "&amp;")), "{part} in {}", rendered.html);
}

#[track_caller]
fn neither_has(rendered: &Rendered, part: &str) {
    assert!(!rendered.text.contains(part), "{part} in {}", rendered.text);
    assert!(!rendered.html.contains(part), "{part} in {}", rendered.html);
}

#[test]
fn every_message_says_what_it_is_about_and_leads_there() {
    for language in LANGUAGES {
        for (name, rendered) in all(language) {
            both_have(&rendered, "Red mug");
            both_have(&rendered, "Pots & Pans");
            both_have(&rendered, "https://pots.example");
            let leads_to = match name {
                "confirm" => "https://backroom.example/v1/confirm?token=ct_x",
                "claim" | "digest" => "https://backroom.example/v1/claim?token=cl_x",
                "back" => "https://pots.example/mug",
                _ => "https://backroom.example/v1/my-order?token=ot_x",
            };
            both_have(&rendered, leads_to);
            assert!(rendered.subject.contains("Red mug"), "{}", rendered.subject);
            assert!(!rendered.subject.contains('{'), "{}", rendered.subject);
            neither_has(&rendered, "{}");
            // Nobody is shouted at.
            assert!(!rendered.text.contains(['!', '！', '<', '>']), "{}", rendered.text);
        }
    }
    let several = one("moved_and_ready", Language::english());
    both_have(&several, "Frying pan, 28 cm");
    assert_eq!(
        several.html.matches("my-order?token=ot_x").count(),
        1,
        "one button: {}",
        several.html
    );
    let digest = one("digest", Language::english());
    both_have(&digest, "Frying pan, 28 cm");
    both_have(&digest, "https://pots.example/pan");
}

#[test]
fn times_and_dates_are_said_as_the_language_says_them() {
    for language in LANGUAGES {
        let until = samples::until().said(language);
        both_have(&one("claim", language), &until);
        both_have(&one("digest", language), &until);
        let [was, now] = samples::restocks().map(|restock| language.ships_on(&restock).unwrap());
        let moved = one("moved", language);
        both_have(&moved, &was);
        both_have(&moved, &now);
        let undated = one("moved_undated", language);
        both_have(&undated, &was);
        both_have(&undated, language.order_words().undated);
        neither_has(&undated, &now);
    }
}

#[test]
fn the_document_says_its_language_and_its_direction() {
    for language in LANGUAGES {
        let direction = if ["ar", "he"].contains(&language.tag) { "rtl" } else { "ltr" };
        for (_, rendered) in all(language) {
            let says = format!("lang=\"{}\" dir=\"{direction}\"", language.tag);
            assert!(rendered.html.starts_with(&format!("<!doctype html>\n<html {says}>")));
            // Where `<html>` is dropped.
            assert!(rendered.html.contains(&format!("<div class=\"page\" {says}")));
            assert!(rendered.html.contains("content=\"light dark\""));
        }
    }
}

#[test]
fn no_language_borrows_from_english() {
    let english: Vec<_> = all(Language::english());
    for language in LANGUAGES.into_iter().filter(|language| !language.tag.starts_with("en")) {
        for ((name, rendered), (_, english)) in all(language).iter().zip(&english) {
            assert_ne!(rendered.subject, english.subject, "{} {name}", language.tag);
            for line in rendered.text.lines() {
                let of_all = ["", "---"].contains(&line)
                    || ["Red mug", "Pots & Pans", "Frying pan", "://"]
                        .iter()
                        .any(|text| line.contains(text));
                let borrowed = !of_all && english.text.lines().any(|own| own == line);
                assert!(!borrowed, "{} {name}: {line}", language.tag);
            }
        }
    }
}

#[test]
fn whoever_waits_can_leave_and_whoever_ordered_is_not_offered_to() {
    for language in LANGUAGES {
        for (name, rendered) in all(language) {
            for address in [FOOTER.unsubscribe.unwrap(), FOOTER.alerts.unwrap()] {
                if is_about_an_order(name) {
                    neither_has(&rendered, address);
                } else {
                    both_have(&rendered, address);
                }
            }
        }
    }
    let back = Message::Back { item: Item { title: "Red mug", url: None, image: None } };
    let rendered = render(Language::english(), &SENDER, &back, &Footer::default());
    neither_has(&rendered, "Unsubscribe");
    neither_has(&rendered, "All your alerts");
    // Its page is not known, so the shop's is.
    both_have(&rendered, "See the product");
}

#[test]
fn where_nothing_is_kept_no_word_says_so() {
    let kept = [
        ("en", ["kept", "keep", "reserve", "hold", "set aside"].as_slice()),
        ("ar", &["حجز", "محجوز"]),
        ("cs", &["odlož", "rezerv"]),
        ("da", &["til side", "reserv"]),
        ("de", &["zurückgelegt", "zurück", "reserv"]),
        ("es", &["reserv"]),
        ("fi", &["varattu", "varaa"]),
        ("fr", &["réserv"]),
        ("he", &["שמור", "שומרים"]),
        ("it", &["riserv"]),
        ("ja", &["取り置き"]),
        ("ko", &["보관"]),
        ("nl", &["apart", "reserv"]),
        ("pl", &["odłoż", "odkład", "rezerw"]),
        ("pt", &["reserv"]),
        ("sv", &["undan", "reserv"]),
        ("tr", &["ayrıl", "ayır"]),
        ("uk", &["відкла", "резерв"]),
        ("zh", &["保留"]),
    ];
    for (tag, stems) in kept {
        for language in LANGUAGES.into_iter().filter(|own| own.tag.split('-').next() == Some(tag)) {
            let says = |rendered: &Rendered| {
                let said = [rendered.subject.as_str(), &rendered.text].concat().to_lowercase();
                stems.iter().any(|stem| said.contains(stem))
            };
            let digest = samples::digest().map(|one| DigestItem { claim: None, ..one });
            let digest = Message::Digest { items: &digest };
            assert!(!says(&render(language, &SENDER, &digest, &FOOTER)), "{tag}");
            assert!(!says(&one("back", language)), "{tag}");
            assert!(says(&one("claim", language)), "{tag}: these are not the words for it");
        }
    }
}

#[test]
fn whatever_strangers_write_stays_text() {
    let bad = "</title></bdi>\"'><script>\r\nBcc: eve@evil.example\u{202e}\0{}";
    let ours = "https://backroom.example/\"><script>";
    let until = || Until { zone: "<script>".to_owned(), ..samples::until() };
    let sender = Sender { name: bad, color: Some("red;}</style><script>"), site: bad };
    for address in ["javascript:alert(1)", "http://evil.example/", "//evil.example/", "data:x", bad]
    {
        let item = Item { title: bad, url: Some(address), image: Some(address) };
        let digest = [DigestItem { item, claim: Some((ours, until())) }];
        for message in [
            Message::Confirm { item, confirm: ours },
            Message::Claim { item, units: u32::MAX, until: until(), claim: ours },
            Message::Back { item },
            Message::Order {
                news: &[
                    OrderNews::Moved { item, units: 0, was: None, now: None },
                    OrderNews::Ready { item, units: 1 },
                ],
                order: ours,
            },
            Message::Digest { items: &digest },
        ] {
            let footer = Footer { unsubscribe: Some(ours), alerts: Some(ours) };
            let rendered = render(Language::english(), &sender, &message, &footer);
            assert!(!rendered.html.contains("<script"), "{}", rendered.html);
            assert_eq!(rendered.html.matches("</title>").count(), 1, "{}", rendered.html);
            assert!(!rendered.html.contains("<img"), "{}", rendered.html);
            assert!(!rendered.html.contains("evil.example/"), "{}", rendered.html);
            assert!(!rendered.html.contains("javascript:"), "{}", rendered.html);
            assert!(!rendered.subject.contains(char::is_control), "{:?}", rendered.subject);
            neither_has(&rendered, "\u{202e}");
            let controls = |c: char| c.is_control() && c != '\n';
            assert!(!rendered.text.contains(controls), "{:?}", rendered.text);
            // A line of its own would pass for one of ours.
            assert!(!rendered.text.contains("\nBcc"), "{}", rendered.text);
        }
    }
}

#[test]
fn a_subject_is_one_short_line() {
    let subject = |title: &str| {
        let back = Message::Back { item: Item { title, url: None, image: None } };
        render(Language::english(), &SENDER, &back, &Footer::default()).subject
    };
    assert_eq!(subject(" Red\r\n\tmug  \u{0}"), "Back in stock: Red mug");
    assert_eq!(subject(&"é".repeat(60)), format!("Back in stock: {}", "é".repeat(60)));
    assert_eq!(subject(&"é".repeat(61)), format!("Back in stock: {}…", "é".repeat(59)));
    assert_eq!(subject("{}"), "Back in stock: {}");
}

#[test]
fn paths_are_those_of_the_shop() {
    let html = one("claim", Language::english()).html;
    assert!(html.contains("<a href=\"https://pots.example/mug\""), "{html}");
    let item =
        Item { title: "Red mug", url: Some("/mug"), image: Some("/mug.jpg\" onerror=\"alert(1)") };
    let html = render(Language::english(), &SENDER, &Message::Back { item }, &FOOTER).html;
    let image = "<img src=\"https://pots.example/mug.jpg&quot; onerror=&quot;alert(1)\" \
                 alt=\"Red mug\" width=\"160\"";
    assert!(html.contains(image), "{html}");
}

#[test]
fn the_merchants_colour_is_that_of_band_and_button() {
    let item = Item { title: "Red mug", url: None, image: None };
    let message = Message::Order {
        news: &[OrderNews::Ready { item, units: 1 }],
        order: "https://backroom.example/",
    };
    for (color, painted, ink) in [
        (Some("#ffd33d"), "background:#ffd33d", "color:#000000"),
        (Some("#0b6e4f"), "background:#0b6e4f", "color:#ffffff"),
        (Some("red;}"), "background:#1f2328", "color:#ffffff"),
        (None, "background:#1f2328", "color:#ffffff"),
    ] {
        let html = render(Language::english(), &Sender { color, ..SENDER }, &message, &FOOTER).html;
        // The band, its like in Outlook, and the button.
        assert_eq!(html.matches(painted).count(), 3, "{html}");
        assert_eq!(html.matches(&format!(";{ink};")).count(), 2, "{html}");
    }
}

#[test]
fn every_message_reads_as_what_is_stored_here() {
    for language in ["en", "de"].map(|tag| Language::of(tag).unwrap()) {
        for (name, rendered) in all(language) {
            let text = [rendered.subject.as_str(), "\n\n", &rendered.text].concat();
            for (kind, written) in [("html", &rendered.html), ("txt", &text)] {
                stored(&format!("{}_{name}.{kind}", language.tag), written);
            }
        }
    }
}

#[track_caller]
fn stored(name: &str, written: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, written).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == golden,
        "{} differs: buyers and shoppers read something else. If that is meant, run the test with \
         UPDATE_GOLDEN=1 and look at the difference.",
        path.display()
    );
}
