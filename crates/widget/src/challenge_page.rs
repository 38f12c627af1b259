//! The page that tells a robot from a shopper, by a service's script: with the form that is sent
//! again, or in a frame on a page of the shop's. So that script never runs in the shop's own page.

use crate::{languages::Language, page::Page};

/// Asks the service, and hands on what it says.
const SCRIPT: &str = include_str!("challenge_page.js");

/// What the service is asked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge<'a> {
    /// The address of its script.
    pub script: &'a str,
    /// By what it knows whose page it is.
    pub site_key: &'a str,
    /// What it is for.
    pub action: &'a str,
    /// In which shop.
    pub about: &'a str,
}

/// A whole page that sends these fields to `/v1/notify`, with `challenge` besides, as soon as the
/// service has given it. `back` is where the form was, if that is known; `nonce` is what the page's
/// policy allows its style and its scripts by.
pub fn challenge_page(
    language: &Language,
    challenge: Challenge<'_>,
    fields: &[(&str, &str)],
    back: Option<&str>,
    nonce: &str,
) -> String {
    let replies = language.replies();
    let mut page = Page::new(language, replies.check, false, nonce);
    page.paragraph(replies.check);
    page.raw("<p role=\"alert\" hidden>").text(replies.not_now).raw("</p>");
    page.raw("<noscript>").paragraph(replies.check_needs_scripts).raw("</noscript>");
    page.hidden_form("/v1/notify", &[fields, &[("challenge", "")]].concat());
    ask(&mut page, challenge, nonce);
    page.back(back, language);
    page.finish()
}

/// The same without a form: what the service gives is posted to the page around, as
/// `{challenge: {token}}`. Before that come `{begun}`, and `{asks}` if somebody has to do something
/// in it, or `{failed}`.
pub fn challenge_frame(language: &Language, challenge: Challenge<'_>, nonce: &str) -> String {
    let mut page = Page::bare(language, language.replies().check);
    page.raw("<style nonce=\"").attribute(nonce).raw("\">body { margin: 0 }</style>\n");
    ask(&mut page, challenge, nonce);
    page.finish_bare()
}

fn ask(page: &mut Page, challenge: Challenge<'_>, nonce: &str) {
    let Challenge { script, site_key, action, about } = challenge;
    page.raw("<div data-site-key=\"").attribute(site_key);
    page.raw("\" data-action=\"").attribute(action);
    page.raw("\" data-about=\"").attribute(about);
    page.raw("\" data-script=\"").attribute(script).raw("\"></div>");
    page.raw("<script nonce=\"").attribute(nonce).raw("\">").raw(SCRIPT).raw("</script>");
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: Challenge<'_> = Challenge {
        script: "https://c.example/api.js",
        site_key: "0x4A",
        action: "sign-up",
        about: "mugs",
    };

    #[test]
    fn the_page_sends_again_what_it_was_sent() {
        let fields = [("shop", "mugs"), ("email", "jane@example.com")];
        let german = Language::of("de").unwrap();
        let html =
            challenge_page(german, CHALLENGE, &fields, Some("https://shop.example/mug"), "0f");
        for part in [
            "<html lang=\"de\" dir=\"ltr\">",
            "<p>Einen Moment bitte: Wir prüfen, dass dies kein Roboter geschickt hat.</p>",
            "<noscript><p>Dafür werden Skripte (JavaScript) gebraucht.",
            "<form method=\"post\" action=\"/v1/notify\">\
             <input type=\"hidden\" name=\"shop\" value=\"mugs\">\
             <input type=\"hidden\" name=\"email\" value=\"jane@example.com\">\
             <input type=\"hidden\" name=\"challenge\" value=\"\"></form>",
            "<div data-site-key=\"0x4A\" data-action=\"sign-up\" \
             data-about=\"mugs\" data-script=\"https://c.example/api.js\"></div>",
            "<script nonce=\"0f\">",
            "<a href=\"https://shop.example/mug\">Zurück zum Shop</a>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn a_frame_has_no_form_and_nothing_to_read() {
        let html = challenge_frame(Language::of("he").unwrap(), CHALLENGE, "0f");
        assert!(html.contains("<html lang=\"he\" dir=\"rtl\">"), "{html}");
        assert!(html.contains("data-site-key=\"0x4A\""), "{html}");
        for part in ["<form", "<p", "<a ", "<main"] {
            assert!(!html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn nothing_breaks_out() {
        let bad = "\"></form><script>alert(1)</script>";
        let challenge = Challenge { script: bad, site_key: bad, action: bad, about: bad };
        let english = Language::english();
        for html in [
            challenge_page(english, challenge, &[("email", bad)], Some(bad), "0f"),
            challenge_frame(english, challenge, "0f"),
        ] {
            assert_eq!(html.matches("<script").count(), 1, "{html}");
        }
    }
}
