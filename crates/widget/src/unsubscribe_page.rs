//! The pages that a message's foot leads to, for whoever wants no more of them. Mail programs fetch
//! what is linked, so it is the button that ends it.

use crate::{languages::Language, page::Page};

/// A whole page that asks whether the reader wants no more messages. `token` is what the button
/// sends; `nonce` is what the page's policy allows styles by.
pub fn unsubscribe_page(language: &Language, token: &str, nonce: &str) -> String {
    let words = language.page_words();
    let mut page = Page::new(language, words.unsubscribe_ask, false, nonce);
    page.heading(words.unsubscribe_ask);
    page.button("/v1/unsubscribe", &[("token", token)], words.unsubscribe);
    page.finish()
}

/// A whole page that says that there will be none. `back` is the shop's or the product's page, if
/// that is known.
pub fn unsubscribed_page(language: &Language, back: Option<&str>, nonce: &str) -> String {
    let words = language.page_words();
    let mut page = Page::new(language, words.unsubscribed, true, nonce);
    page.heading(words.unsubscribed).back(back, language);
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_button_sends_the_token() {
        let html = unsubscribe_page(Language::of("fr").unwrap(), "\"><b>", "0f");
        let form = "<form method=\"post\" action=\"/v1/unsubscribe\">\
                    <input type=\"hidden\" name=\"token\" value=\"&quot;&gt;&lt;b&gt;\">\
                    <button>Me désabonner</button></form>";
        assert!(html.contains(form), "{html}");
        assert_eq!(html.matches("<button").count(), 1);
    }

    #[test]
    fn what_is_done_needs_no_button() {
        let html = unsubscribed_page(Language::of("ar").unwrap(), None, "0f");
        assert!(html.contains("<html lang=\"ar\" dir=\"rtl\" data-taken>"), "{html}");
        assert!(!html.contains("<form") && !html.contains("<a "), "{html}");
    }
}
