//! A buyer's own order, as a page: what of it is there, when the rest is sent, and a button for
//! what is not wanted any more.

use crate::{dates::Due, languages::Language, words::printable};
use html_escape::{
    encode_double_quoted_attribute_to_string as escape, encode_text_to_string as escape_text,
};
use wire::{Order, OrderLine};

const STYLE: &str = include_str!("page.css");

/// A whole page about an order, in a language. `title` names a SKU; `token` is what the button
/// sends; `nonce` is what the page's policy allows styles by.
pub fn order_page(
    language: &Language,
    order: &Order,
    title: impl Fn(&str) -> String,
    token: &str,
    nonce: &str,
) -> String {
    let words = language.order_words();
    let mut html = head(language, words.heading, nonce);
    html.push_str("<main><h1>");
    escape_text(words.heading, &mut html);
    html.push_str("</h1>");
    for line in &order.lines {
        html.push_str("<h2 dir=\"auto\">");
        escape_text(printable(&title(&line.sku)), &mut html);
        html.push_str("</h2><ul>");
        for (units, said) in said(line, language) {
            html.push_str("<li>");
            html.push_str(&units.to_string());
            html.push_str(" × ");
            escape_text(said, &mut html);
            html.push_str("</li>");
        }
        html.push_str("</ul>");
    }
    if order.lines.iter().any(|line| !line.waiting.is_empty()) {
        html.push_str("<form method=\"post\" action=\"/v1/my-order\">");
        html.push_str("<input type=\"hidden\" name=\"token\" value=\"");
        escape(token, &mut html);
        html.push_str("\"><button>");
        escape_text(words.cancel, &mut html);
        html.push_str("</button></form>");
    }
    html.push_str("</main>\n</html>\n");
    html
}

/// A whole page that says that there is no such order for this link.
pub fn no_order_page(language: &Language, nonce: &str) -> String {
    let said = language.order_words().unknown;
    let mut html = head(language, said, nonce);
    html.push_str("<main><p>");
    escape_text(said, &mut html);
    html.push_str("</p></main>\n</html>\n");
    html
}

fn head(language: &Language, title: &str, nonce: &str) -> String {
    let mut html = String::from("<!doctype html>\n<html lang=\"");
    html.push_str(language.tag);
    html.push_str("\" dir=\"");
    html.push_str(language.direction());
    html.push_str("\"><meta charset=\"utf-8\"><meta name=\"robots\" content=\"noindex\">");
    html.push_str("<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    escape_text(title, &mut html);
    html.push_str("</title>\n<style nonce=\"");
    escape(nonce, &mut html);
    html.push_str("\">");
    html.push_str(STYLE);
    html.push_str("</style>\n");
    html
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
        let html = order_page(german, &order(), |_| "Becher".to_owned(), "ot_x", "0f");
        for part in [
            "<h1>Ihre Bestellung</h1>",
            "<h2 dir=\"auto\">Becher</h2>",
            "<li>1 × Bereit zum Versand</li>",
            "<li>2 × Versand am 14. März 2031</li>",
            "<li>1 × Termin noch offen</li>",
            "<li>5 × Versandt</li>",
            "<button>Stornieren, was noch nicht da ist</button>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("Storniert"));
    }

    #[test]
    fn there_is_no_button_where_nothing_waits_and_nothing_breaks_out() {
        let mut order = order();
        order.lines.iter_mut().for_each(|line| line.waiting.clear());
        let title = |_: &str| "</h2><script>alert(1)</script>".to_owned();
        let html = order_page(Language::english(), &order, title, "\"><b>", "0f");
        assert!(!html.contains("<form") && !html.contains("<script"), "{html}");
        assert!(no_order_page(Language::english(), "0f").contains("does not work any more"));
    }
}
