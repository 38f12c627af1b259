//! What is kept for somebody, as a page: until when, a link to buy it and a button to let others
//! have it.

use crate::{languages::Language, link, page::Page, until::Until, words::printable};
use wire::ClaimWords;

/// Writes the time that is left, and asks for the page again when there is none; and leads to the
/// product's page, whose scripts know what to do with a claim. Without it the page says until when,
/// and leads to the checkout.
const SCRIPT: &str = include_str!("claim_page.js");

/// What was kept for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimView<'a> {
    /// What the product is called.
    pub title: &'a str,
    /// Its picture; shown if it is `https`, as every address here must be.
    pub image: Option<&'a str>,
    /// How many units.
    pub units: u32,
    /// The product's page, to go back to when nothing is kept any more.
    pub product: Option<&'a str>,
    /// What has become of it.
    pub state: ClaimState<'a>,
}

/// What has become of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimState<'a> {
    /// It is kept.
    Kept {
        /// Until when, as the shop's clock has it.
        until: &'a Until,
        /// The same moment, RFC 3339.
        ends_at: &'a str,
        /// Where it is bought: the product's page with the claim in its fragment.
        buy: Option<&'a str>,
        /// Where it is bought without scripts, which that page needs: the shop's checkout.
        checkout: Option<&'a str>,
    },
    /// It was bought.
    Taken,
    /// It was passed on.
    PassedOn,
    /// Its time is over.
    Over,
}

/// A whole page about a claim. `token` is what the button sends, with `action=pass`; `nonce` is
/// what the page's policy allows its style and its script by. The picture is of any `https` site.
pub fn claim_page(language: &Language, claim: &ClaimView<'_>, token: &str, nonce: &str) -> String {
    let words = language.page_words();
    let said = said(language, claim.state);
    let done = claim.state != ClaimState::Over;
    let mut page = Page::new(language, said, done, nonce);
    page.heading(said);
    if let Some(image) = claim.image.and_then(link::absolute) {
        // The title beside it says what it is.
        page.raw("<img width=\"160\" alt=\"\" referrerpolicy=\"no-referrer\" src=\"");
        page.attribute(image).raw("\">");
    }
    page.units_of(claim.units, claim.title);
    if let ClaimState::Kept { until, ends_at, buy, checkout } = claim.state {
        let (before, after) = around(words.until);
        page.raw("<p>").text(before).raw("<time datetime=\"").attribute(ends_at).raw("\">");
        page.text(&until.said(language)).raw("</time>").text(after).raw("</p>");
        let (before, after) = around(words.left);
        page.raw("<p class=\"quiet\" hidden>").text(before);
        page.raw("<b role=\"timer\" data-until=\"").attribute(ends_at).raw("\"></b>");
        page.text(after).raw("</p>");
        let buy = buy.and_then(link::absolute);
        if let Some(plain) = checkout.and_then(link::absolute).or(buy) {
            page.raw("<a class=\"button\" href=\"").attribute(plain);
            page.raw("\" data-buy=\"").attribute(buy.unwrap_or(plain)).raw("\">");
            page.text(words.buy).raw("</a>");
        }
        page.quiet(words.pass_means);
        page.button("/v1/claim", &[("token", token), ("action", "pass")], words.pass);
        page.raw("<script nonce=\"").attribute(nonce).raw("\">").raw(SCRIPT).raw("</script>");
    } else {
        page.back(claim.product.and_then(link::absolute), language);
    }
    page.finish()
}

/// The same in a few words, for a page of the shop's own.
pub fn claim_words(language: &Language, claim: &ClaimView<'_>) -> ClaimWords {
    let words = language.page_words();
    let until = match claim.state {
        ClaimState::Kept { until, .. } => Some(words.until.replace("{}", &until.said(language))),
        _ => None,
    };
    ClaimWords {
        said: said(language, claim.state).to_owned(),
        // The title has the direction of its own script: these two marks do what `<bdi>` does.
        units: format!("{} × \u{2068}{}\u{2069}", claim.units, printable(claim.title)),
        button: until.is_some().then(|| words.buy.to_owned()),
        until,
    }
}

fn said(language: &Language, state: ClaimState<'_>) -> &'static str {
    let words = language.page_words();
    match state {
        ClaimState::Kept { .. } => words.kept,
        ClaimState::Taken => words.taken,
        ClaimState::PassedOn => words.passed,
        ClaimState::Over => words.over,
    }
}

/// What stands before the place in a text, and what behind it.
fn around(text: &str) -> (&str, &str) {
    text.split_once("{}").unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LANGUAGES;
    use jiff::civil::date;

    const BUY: &str = "https://shop.example/mug#backroom-claim=cl_x";

    fn until() -> Until {
        Until { at: date(2031, 3, 14).at(15, 4, 0, 0), zone: "CET".to_owned() }
    }

    fn view<'a>(state: ClaimState<'a>) -> ClaimView<'a> {
        ClaimView {
            title: "Becher",
            image: Some("https://shop.example/mug.jpg"),
            units: 2,
            product: Some("https://shop.example/mug"),
            state,
        }
    }

    #[test]
    fn what_is_kept_can_be_bought_or_passed_on_until_then() {
        let until = until();
        let ends_at = "2031-03-14T14:04:00Z";
        let kept = ClaimState::Kept { until: &until, ends_at, buy: Some(BUY), checkout: None };
        let html = claim_page(Language::of("de").unwrap(), &view(kept), "cl_x", "0f");
        for part in [
            "<h1>Für Sie zurückgelegt</h1>",
            "<img width=\"160\" alt=\"\" referrerpolicy=\"no-referrer\" \
             src=\"https://shop.example/mug.jpg\">",
            "<h2>2 × <bdi>Becher</bdi></h2>",
            "<p>Bis zum <time datetime=\"2031-03-14T14:04:00Z\">14. März 2031 um 15:04\u{a0}CET</time></p>",
            "<p class=\"quiet\" hidden>Verbleibende Zeit: <b role=\"timer\"",
            "<a class=\"button\" href=\"https://shop.example/mug#backroom-claim=cl_x\" \
             data-buy=\"https://shop.example/mug#backroom-claim=cl_x\">Kaufen</a>",
            "<form method=\"post\" action=\"/v1/claim\">\
             <input type=\"hidden\" name=\"token\" value=\"cl_x\">\
             <input type=\"hidden\" name=\"action\" value=\"pass\"><button>Weitergeben</button>",
            "<script nonce=\"0f\">",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn without_scripts_it_is_bought_at_the_checkout() {
        let until = until();
        let checkout = Some("https://shop.example/checkout?hold=h");
        let kept = ClaimState::Kept { until: &until, ends_at: "", buy: Some(BUY), checkout };
        let html = claim_page(Language::english(), &view(kept), "cl_x", "0f");
        let links = "href=\"https://shop.example/checkout?hold=h\" \
                     data-buy=\"https://shop.example/mug#backroom-claim=cl_x\">";
        assert!(html.contains(links), "{html}");
    }

    #[test]
    fn what_is_not_kept_any_more_offers_nothing_but_the_way_back() {
        for language in LANGUAGES {
            let words = language.page_words();
            for (state, said) in [
                (ClaimState::Taken, words.taken),
                (ClaimState::PassedOn, words.passed),
                (ClaimState::Over, words.over),
            ] {
                let html = claim_page(language, &view(state), "cl_x", "0f");
                assert!(html.contains(&format!("<h1>{said}</h1>")), "{html}");
                for part in ["<form", "<script", "<time", "cl_x"] {
                    assert!(!html.contains(part), "{part} in {html}");
                }
                assert!(html.contains("<a href=\"https://shop.example/mug\">"), "{html}");
            }
        }
    }

    #[test]
    fn a_page_of_the_shops_says_the_same_in_every_language() {
        let until = until();
        let kept = ClaimState::Kept { until: &until, ends_at: "", buy: None, checkout: None };
        let words = claim_words(Language::of("de").unwrap(), &view(kept));
        assert_eq!(words.said, "Für Sie zurückgelegt");
        assert_eq!(words.units, "2 × \u{2068}Becher\u{2069}");
        assert_eq!(words.until.as_deref(), Some("Bis zum 14. März 2031 um 15:04\u{a0}CET"));
        assert_eq!(words.button.as_deref(), Some("Kaufen"));
        for language in LANGUAGES {
            let words = claim_words(language, &view(kept));
            let until = words.until.unwrap();
            assert!(
                until.contains("15:04") || until.contains("15.04") || until.contains("3:04"),
                "{until}"
            );
            let words = claim_words(language, &view(ClaimState::Over));
            assert_eq!((words.until, words.button), (None, None));
            assert_eq!(words.said, language.page_words().over);
        }
    }

    #[test]
    fn nothing_breaks_out_and_only_https_is_linked() {
        let bad = "\"></h2><script>alert(1)</script>";
        let until = Until { zone: bad.to_owned(), ..until() };
        for address in ["javascript:alert(1)", "/mug", "http://shop.example/", bad] {
            let state = ClaimState::Kept {
                until: &until,
                ends_at: bad,
                buy: Some(address),
                checkout: Some(address),
            };
            let image = Some(address);
            let claim = ClaimView { title: bad, image, units: 1, product: image, state };
            let html = claim_page(Language::english(), &claim, bad, "0f");
            assert_eq!(html.matches("<script").count(), 1, "{html}");
            assert!(!html.contains(" href") && !html.contains("<img"), "{html}");
        }
    }
}
