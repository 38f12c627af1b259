//! What all pages of ours have: one style, one head, and strangers' text that stays text.

use crate::{languages::Language, words::printable};
use html_escape::{
    encode_double_quoted_attribute_to_string as escape, encode_text_to_string as escape_text,
};

const STYLE: &str = include_str!("page.css");

/// A page that is being written. Everything that it is given is escaped.
pub(crate) struct Page {
    html: String,
}

impl Page {
    /// `done` colours the page as one on which something went well; `nonce` is what the page's
    /// policy allows styles by.
    pub(crate) fn new(language: &Language, title: &str, done: bool, nonce: &str) -> Self {
        let mut page = Self::begun(language, title, if done { " data-taken" } else { "" });
        page.raw("<style nonce=\"").attribute(nonce).raw("\">").raw(STYLE);
        page.raw("</style>\n<main>");
        page
    }

    /// One without our style, up to its own: it is no page to be read.
    pub(crate) fn bare(language: &Language, title: &str) -> Self {
        Self::begun(language, title, "")
    }

    fn begun(language: &Language, title: &str, attributes: &str) -> Self {
        let mut page = Self { html: String::from("<!doctype html>\n<html lang=\"") };
        page.raw(language.tag).raw("\" dir=\"").raw(language.direction());
        page.raw("\"").raw(attributes).raw(">");
        page.raw("<meta charset=\"utf-8\"><meta name=\"robots\" content=\"noindex\">");
        page.raw("<meta name=\"viewport\" content=\"width=device-width\">\n<title>").text(title);
        page.raw("</title>\n");
        page
    }

    pub(crate) fn finish(mut self) -> String {
        self.raw("</main>\n</html>\n");
        self.html
    }

    /// The end of a bare one.
    pub(crate) fn finish_bare(mut self) -> String {
        self.raw("</html>\n");
        self.html
    }

    /// Markup of our own.
    pub(crate) fn raw(&mut self, html: &str) -> &mut Self {
        self.html.push_str(html);
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        escape_text(text, &mut self.html);
        self
    }

    /// The value of an attribute in double quotes.
    pub(crate) fn attribute(&mut self, value: &str) -> &mut Self {
        escape(value, &mut self.html);
        self
    }

    /// What the page is about.
    pub(crate) fn heading(&mut self, said: &str) -> &mut Self {
        self.raw("<h1>").text(said).raw("</h1>")
    }

    /// A product's title, in whatever direction it is written.
    pub(crate) fn title(&mut self, title: &str) -> &mut Self {
        self.raw("<h2><bdi>").text(&printable(title)).raw("</bdi></h2>")
    }

    /// The same, for others to name it by.
    pub(crate) fn title_with_id(&mut self, title: &str, id: &str) -> &mut Self {
        self.raw("<h2 id=\"").attribute(id).raw("\"><bdi>");
        self.text(&printable(title)).raw("</bdi></h2>")
    }

    /// So many units of a product.
    pub(crate) fn units_of(&mut self, units: u32, title: &str) -> &mut Self {
        self.raw("<h2>").text(&units.to_string()).raw(" × <bdi>");
        self.text(&printable(title)).raw("</bdi></h2>")
    }

    pub(crate) fn paragraph(&mut self, said: &str) -> &mut Self {
        self.raw("<p>").text(said).raw("</p>")
    }

    /// A paragraph that stands back.
    pub(crate) fn quiet(&mut self, said: &str) -> &mut Self {
        self.raw("<p class=\"quiet\">").text(said).raw("</p>")
    }

    /// What came of what the reader did; nothing for an empty text.
    pub(crate) fn notice(&mut self, said: &str) -> &mut Self {
        if said.is_empty() {
            return self;
        }
        self.raw("<p role=\"alert\">").text(said).raw("</p>")
    }

    /// A link that stands alone.
    pub(crate) fn link(&mut self, to: &str, said: &str) -> &mut Self {
        self.raw("<a href=\"").attribute(to).raw("\">").text(said).raw("</a>")
    }

    /// Back to where the reader came from, if that is known.
    pub(crate) fn back(&mut self, to: Option<&str>, language: &Language) -> &mut Self {
        match to {
            Some(to) => self.link(to, language.replies().back),
            None => self,
        }
    }

    /// A form of nothing but hidden fields, for a script to send.
    pub(crate) fn hidden_form(&mut self, action: &str, fields: &[(&str, &str)]) -> &mut Self {
        self.begin_form(action, fields).raw("</form>")
    }

    /// The same up to its button's attributes and text.
    fn begin_form(&mut self, action: &str, fields: &[(&str, &str)]) -> &mut Self {
        self.raw("<form method=\"post\" action=\"").attribute(action).raw("\">");
        for (name, value) in fields {
            self.raw("<input type=\"hidden\" name=\"").attribute(name);
            self.raw("\" value=\"").attribute(value).raw("\">");
        }
        self
    }

    /// A button that sends these fields.
    pub(crate) fn button(
        &mut self,
        action: &str,
        fields: &[(&str, &str)],
        said: &str,
    ) -> &mut Self {
        self.begin_form(action, fields).raw("<button>").text(said).raw("</button></form>")
    }

    /// One of several that say the same: `id` is its own, and `of` that of what it is about, so
    /// that whoever hears the page can tell them apart.
    pub(crate) fn button_of(
        &mut self,
        action: &str,
        fields: &[(&str, &str)],
        said: &str,
        (id, of): (&str, &str),
    ) -> &mut Self {
        self.begin_form(action, fields).raw("<button id=\"").attribute(id);
        self.raw("\" aria-labelledby=\"").attribute(id).raw(" ").attribute(of).raw("\">");
        self.text(said).raw("</button></form>")
    }
}

/// A whole page that says that a link is wrong or too old.
pub fn dead_link_page(language: &Language, nonce: &str) -> String {
    let said = language.order_words().unknown;
    let mut page = Page::new(language, said, false, nonce);
    page.heading(said);
    page.finish()
}
