//! A buyer's own order, as a page: what of it is there, when the rest is sent, and a button for
//! what is not wanted any more. Where a promise has come to be later, they may also agree to that.

use crate::{dates::Due, languages::Language, page::Page};
use wire::{Order, OrderLine};

/// A whole page about an order, in a language. `title` names a SKU; `token` is what the buttons
/// send, and `to` what it is that the reader may agree to; `nonce` is what the page's policy allows
/// styles by.
pub fn order_page(
    language: &Language,
    order: &Order,
    title: impl Fn(&str) -> String,
    token: &str,
    to: Option<&str>,
    nonce: &str,
) -> String {
    let words = language.order_words();
    let mut page = Page::new(language, words.heading, false, nonce);
    page.heading(words.heading);
    for line in &order.lines {
        page.title(&title(&line.sku)).raw("<ul>");
        for (units, said) in said(line, language) {
            page.raw("<li>").text(&units.to_string()).raw(" × ").text(&said).raw("</li>");
        }
        page.raw("</ul>");
        let before = line.moved_from.as_ref();
        if let Some(said) = before.and_then(|before| language.ships_on(before)) {
            page.quiet(&format!("{}: {said}", words.before));
        }
    }
    if let Some(to) = to {
        page.paragraph(words.moved);
        let fields = [("token", token), ("action", "agree"), ("to", to)];
        page.button("/v1/my-order", &fields, words.agree);
    }
    if order.lines.iter().any(|line| !line.waiting.is_empty()) {
        page.button("/v1/my-order", &[("token", token), ("action", "cancel")], words.cancel);
    }
    page.finish()
}

/// How many units of a line are how far.
fn said(line: &OrderLine, language: &Language) -> Vec<(i64, String)> {
    let words = language.order_words();
    let mut said = vec![(line.ready, words.ready.to_owned())];
    for waiting in &line.waiting {
        let due = waiting.promised.as_ref().and_then(Due::of);
        let when = due.map(|due| due.within(&language.ships, language));
        said.push((waiting.units, when.unwrap_or_else(|| words.undated.to_owned())));
    }
    said.push((line.shipped, words.shipped.to_owned()));
    said.push((line.cancelled, words.cancelled.to_owned()));
    said.retain(|(units, _)| *units > 0);
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{OrderState, Payment, Precision, Restock, Shipping, Waiting};

    fn order() -> Order {
        let date =
            Restock { date: "2031-03-14".to_owned(), until: None, precision: Precision::Day };
        let waiting =
            |units, promised| Waiting { purchase_order: None, line: None, units, promised };
        let line = OrderLine {
            sku: "mug".to_owned(),
            kind: None,
            ordered: 9,
            ready: 1,
            waiting: vec![waiting(2, Some(date)), waiting(1, None)],
            shipped: 5,
            cancelled: 0,
            returned: 0,
            quarantined: 0,
            written_off: 0,
            promised: None,
            moved_from: None,
            agreed: None,
        };
        Order {
            id: "order 1".to_owned(),
            number: 1,
            state: OrderState::Waiting,
            placed_at: String::new(),
            shipping: Shipping::Split,
            payment: Payment::Now,
            lines: vec![line],
            link: None,
        }
    }

    #[test]
    fn it_says_of_all_units_how_far_they_are() {
        let german = Language::of("de").unwrap();
        let html = order_page(german, &order(), |_| "Becher".to_owned(), "ot_x", None, "0f");
        for part in [
            "<h1>Ihre Bestellung</h1>",
            "<h2><bdi>Becher</bdi></h2>",
            "<li>1 × Bereit zum Versand</li>",
            "<li>2 × Versand am 14. März 2031</li>",
            "<li>1 × Termin noch offen</li>",
            "<li>5 × Versandt</li>",
            "<button>Stornieren, was noch nicht da ist</button>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("Storniert") && !html.contains("agree"));
    }

    #[test]
    fn what_has_moved_is_agreed_to_as_it_is_said() {
        let german = Language::of("de").unwrap();
        let to = Some("{\"a\":null}");
        let mut order = order();
        let date =
            Restock { date: "2031-03-01".to_owned(), until: None, precision: Precision::Day };
        order.lines.iter_mut().for_each(|line| line.moved_from = Some(date.clone()));
        let html = order_page(german, &order, |_| "Becher".to_owned(), "ot_x", to, "0f");
        for part in [
            "</ul><p class=\"quiet\">Bisher: Versand am 1. März 2031</p>",
            "<p>Der Termin hat sich geändert. Sie können weiter warten oder stornieren.</p>",
            "<input type=\"hidden\" name=\"action\" value=\"agree\">\
             <input type=\"hidden\" name=\"to\" value=\"{&quot;a&quot;:null}\">\
             <button>Zustimmen und weiter warten</button></form>",
            "<input type=\"hidden\" name=\"action\" value=\"cancel\">\
             <button>Stornieren, was noch nicht da ist</button></form>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn there_is_no_button_where_nothing_waits_and_nothing_breaks_out() {
        let mut order = order();
        order.lines.iter_mut().for_each(|line| line.waiting.clear());
        let title = |_: &str| "</h2><script>alert(1)</script>".to_owned();
        let html = order_page(Language::english(), &order, title, "\"><b>", None, "0f");
        assert!(!html.contains("<form") && !html.contains("<script"), "{html}");
    }
}
