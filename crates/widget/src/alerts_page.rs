//! All that somebody waits for in a shop, as a page with a button to end each.

use crate::{languages::Language, page::Page};

/// Something that somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertView<'a> {
    /// Which one it is, as its button says.
    pub id: &'a str,
    /// What the product is called.
    pub title: &'a str,
    /// How far it is.
    pub state: AlertState,
}

/// How far an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertState {
    /// They have not said yet that it was they who asked.
    Unconfirmed,
    /// It is not back yet.
    Waiting,
    /// It is back, and kept for them.
    Kept,
}

/// A whole page about these alerts. Each button sends `token` and, to `/v1/alerts`, the `id` of its
/// alert; the one that ends them all sends `all=yes` instead. `nonce` is what the page's policy
/// allows styles by.
pub fn alerts_page(
    language: &Language,
    alerts: &[AlertView<'_>],
    token: &str,
    nonce: &str,
) -> String {
    let words = language.page_words();
    let mut page = Page::new(language, words.alerts, false, nonce);
    page.heading(words.alerts);
    if alerts.is_empty() {
        page.paragraph(words.no_alerts);
    }
    for (at, alert) in alerts.iter().enumerate() {
        let state = match alert.state {
            AlertState::Unconfirmed => words.unconfirmed,
            AlertState::Waiting => words.waiting,
            AlertState::Kept => words.kept,
        };
        let (product, button) = (format!("product-{at}"), format!("end-{at}"));
        page.raw("<section>").title_with_id(alert.title, &product).quiet(state);
        let fields = [("token", token), ("id", alert.id)];
        page.button_of("/v1/alerts", &fields, words.end, (&button, &product)).raw("</section>");
    }
    if alerts.len() > 1 {
        page.button("/v1/alerts", &[("token", token), ("all", "yes")], words.end_all);
    }
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALERTS: [AlertView<'_>; 3] = [
        AlertView { id: "a1", title: "Mug", state: AlertState::Unconfirmed },
        AlertView { id: "a2", title: "Cup", state: AlertState::Waiting },
        AlertView { id: "a3", title: "</h2><script>", state: AlertState::Kept },
    ];

    #[test]
    fn each_has_a_button_that_says_what_it_ends() {
        let html = alerts_page(Language::english(), &ALERTS, "at_x", "0f");
        for part in [
            "<h2 id=\"product-1\"><bdi>Cup</bdi></h2>",
            "name=\"token\" value=\"at_x\"><input type=\"hidden\" name=\"id\" value=\"a2\">\
             <button id=\"end-1\" aria-labelledby=\"end-1 product-1\">End this alert</button>",
            "Not confirmed yet",
            "Not back yet: we will write",
            "Kept for you",
            "name=\"all\" value=\"yes\"><button>End all alerts</button>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("<script"), "{html}");
    }

    #[test]
    fn one_needs_no_button_for_all_and_none_is_said() {
        let english = Language::english();
        assert!(!alerts_page(english, &ALERTS[..1], "at_x", "0f").contains("End all alerts"));
        let html = alerts_page(english, &[], "at_x", "0f");
        assert!(html.contains("You have no alerts with us.") && !html.contains("<form"), "{html}");
    }
}
