//! The pages that a confirmation's link leads to: one that asks, and one that says that it is done.
//! Mail programs fetch what is linked, so it is the button that confirms.

use crate::{languages::Language, page::Page};

/// A whole page that asks whether the reader wants to be told of the product that is called
/// `title`. `token` is what the button sends; `nonce` is what the page's policy allows styles by.
pub fn confirm_page(language: &Language, title: &str, token: &str, nonce: &str) -> String {
    let words = language.page_words();
    let mut page = Page::new(language, words.confirm_ask, false, nonce);
    page.heading(words.confirm_ask).title(title);
    page.button("/v1/confirm", &[("token", token)], words.confirm);
    page.finish()
}

/// A whole page that says that it is noted. `back` is the product's page, if that is known.
pub fn confirmed_page(language: &Language, title: &str, back: Option<&str>, nonce: &str) -> String {
    let words = language.page_words();
    let mut page = Page::new(language, words.confirmed, true, nonce);
    page.heading(words.confirmed).title(title).back(back, language);
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LANGUAGES;

    #[test]
    fn one_button_sends_the_token() {
        let html = confirm_page(Language::of("de").unwrap(), "Becher", "ct_x", "0f");
        for part in [
            "<h2><bdi>Becher</bdi></h2>",
            "<form method=\"post\" action=\"/v1/confirm\">\
             <input type=\"hidden\" name=\"token\" value=\"ct_x\">\
             <button>Ja, bitte schreiben Sie mir</button></form>",
            "<style nonce=\"0f\">",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert_eq!(html.matches("<button").count(), 1);
    }

    #[test]
    fn what_is_done_needs_no_button_and_leads_back() {
        let english = Language::english();
        let html = confirmed_page(english, "Mug", Some("https://shop.example/mug"), "0f");
        assert!(
            html.contains("<a href=\"https://shop.example/mug\">Back to the shop</a>"),
            "{html}"
        );
        assert!(html.contains("data-taken") && !html.contains("<form"), "{html}");
        assert!(!confirmed_page(english, "Mug", None, "0f").contains("<a "));
    }

    #[test]
    fn nothing_breaks_out_in_any_language() {
        let bad = "\"></h2><script>alert(1)</script>";
        for language in LANGUAGES {
            let asks = confirm_page(language, bad, bad, bad);
            let done = confirmed_page(language, bad, Some(bad), bad);
            for html in [asks, done] {
                assert!(!html.contains("<script"), "{html}");
                let begins =
                    format!("<html lang=\"{}\" dir=\"{}\"", language.tag, language.direction());
                assert!(html.contains(&begins), "{html}");
            }
        }
    }
}
