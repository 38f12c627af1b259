//! The page that answers a form which was sent without scripts.

use crate::languages::Language;
use html_escape::{
    encode_double_quoted_attribute_to_string as escape, encode_text_to_string as escape_text,
};

const STYLE: &str = include_str!("page.css");

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
    let mut html = String::from("<!doctype html>\n<html lang=\"");
    html.push_str(language.tag);
    html.push_str("\" dir=\"");
    html.push_str(language.direction());
    html.push_str(if taken { "\" data-taken>" } else { "\">" });
    html.push_str("<meta charset=\"utf-8\">");
    html.push_str("<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    escape_text(said, &mut html);
    html.push_str("</title>\n<style nonce=\"");
    escape(nonce, &mut html);
    html.push_str("\">");
    html.push_str(STYLE);
    html.push_str("</style>\n<main><p>");
    escape_text(said, &mut html);
    html.push_str("</p>");
    if let Some(back) = back {
        html.push_str("<a href=\"");
        escape(back, &mut html);
        html.push_str("\">");
        escape_text(language.replies().back, &mut html);
        html.push_str("</a>");
    }
    html.push_str("</main>\n</html>\n");
    html
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
