//! The page that answers a form which was sent without scripts.

use crate::{languages::Language, page::Page};

/// A whole page that says one sentence, in a language, with a link back to where the form was, if
/// that is known. `taken` is whether the form was; `nonce` is what the page's policy allows styles
/// by.
pub fn reply_page(
    language: &Language,
    said: &str,
    taken: bool,
    back: Option<&str>,
    nonce: &str,
) -> String {
    let mut page = Page::new(language, said, taken, nonce);
    page.paragraph(said).back(back, language);
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_the_sentence_in_its_language_and_leads_back() {
        let hebrew = Language::of("he").unwrap();
        let said = hebrew.replies().thanks;
        let html = reply_page(hebrew, said, true, Some("https://shop.example/mug"), "0f");
        assert!(html.contains(r#"<html lang="he" dir="rtl" data-taken>"#), "{html}");
        assert!(html.contains(&format!("<p>{said}</p>")), "{html}");
        assert!(html.contains(r#"<a href="https://shop.example/mug">חזרה לחנות</a>"#), "{html}");
        assert!(html.contains(r#"<style nonce="0f">"#), "{html}");
    }

    #[test]
    fn whatever_an_address_has_in_it_stays_in_its_place() {
        let english = Language::english();
        let back = "https://shop.example/\"><script>alert(1)</script>";
        let html = reply_page(english, "<b>&", false, Some(back), "0f");
        assert!(!html.contains("<script") && !html.contains("<b>"), "{html}");
        assert!(html.contains(r#"dir="ltr"><meta"#), "{html}");
        assert!(!reply_page(english, "No.", false, None, "0f").contains("<a "));
    }
}
