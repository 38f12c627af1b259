//! A letter as HTML, for whatever a mail program is: styles stand at the elements, since some drop
//! all others; tables stand only where Outlook on Windows, which is Word, needs them for its widths
//! and paddings, and in comments that nobody else reads.

use crate::{
    color::paint,
    letter::{Letter, Part},
};
use html_escape::{
    encode_double_quoted_attribute_to_string as escape, encode_text_to_string as escape_text,
};
use widget::{link, printable};

/// A column of 560 pixels fits every reading pane beside its list.
const WIDTH: &str = "560";

/// Pictures are shown this wide, whatever they are: 160 pixels.
const PICTURE_WIDTH: &str = "160";

const FONT: &str =
    "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/// What the message is painted in, beside the merchant's colour.
pub(crate) struct Palette {
    /// Behind everything.
    pub(crate) page: &'static str,
    /// Behind what is said.
    pub(crate) card: &'static str,
    pub(crate) ink: &'static str,
    /// At the foot, on the page.
    pub(crate) quiet: &'static str,
}

/// By day.
pub(crate) const LIGHT: Palette =
    Palette { page: "#f6f8fa", card: "#ffffff", ink: "#1f2328", quiet: "#57606a" };

/// For readers who have chosen the dark.
pub(crate) const DARK: Palette =
    Palette { page: "#0d1117", card: "#161b22", ink: "#e6edf3", quiet: "#9da7b3" };

/// Sets a letter.
pub(crate) fn html(letter: &Letter<'_>) -> String {
    let mut html = Html(String::new());
    let (tag, direction) = (letter.language.tag, letter.language.direction());
    html.raw("<!doctype html>\n<html lang=\"").raw(tag).raw("\" dir=\"").raw(direction);
    html.raw("\">\n").head(&letter.subject);
    html.raw("<body class=\"page\" style=\"margin:0;padding:0;background:").raw(LIGHT.page);
    // Some mail programs drop `<html>`, so what it says stands here again.
    html.raw("\">\n<div class=\"page\" lang=\"").raw(tag).raw("\" dir=\"").raw(direction);
    html.raw("\" role=\"article\" style=\"padding:24px 12px;background:").raw(LIGHT.page);
    html.raw(";")
        .raw(FONT)
        .raw(";font-size:16px;line-height:1.5;-webkit-text-size-adjust:100%\">\n");
    html.preheader(letter);
    html.band(letter);
    html.begin_box("card", "24px 24px 8px", LIGHT.card, LIGHT.ink, ";border-radius:0 0 8px 8px");
    html.raw("<h1 style=\"margin:0 0 16px;font-size:22px;line-height:1.3\">");
    html.text(letter.heading).raw("</h1>\n");
    let painted = paint(letter.sender.color);
    for part in &letter.parts {
        html.part(part, painted);
    }
    html.end_box().foot(letter).raw("</div>\n</body>\n</html>\n");
    html.0
}

/// HTML that is being written.
struct Html(String);

impl Html {
    /// Markup of our own.
    fn raw(&mut self, html: &str) -> &mut Self {
        self.0.push_str(html);
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        escape_text(text, &mut self.0);
        self
    }

    /// The value of an attribute in double quotes.
    fn attribute(&mut self, value: &str) -> &mut Self {
        escape(value, &mut self.0);
        self
    }

    fn head(&mut self, subject: &str) -> &mut Self {
        self.raw("<head>\n<meta charset=\"utf-8\">\n");
        self.raw("<meta name=\"viewport\" content=\"width=device-width\">\n");
        self.raw("<meta name=\"color-scheme\" content=\"light dark\">\n");
        self.raw("<meta name=\"supported-color-schemes\" content=\"light dark\">\n<title>");
        self.text(subject).raw("</title>\n<style>\n:root { color-scheme: light dark }\n");
        self.raw("@media (prefers-color-scheme: dark) {\n.page { background: ").raw(DARK.page);
        self.raw(" !important }\n.card { background: ").raw(DARK.card);
        self.raw(" !important; color: ").raw(DARK.ink);
        self.raw(" !important }\n.quiet { background: ").raw(DARK.page);
        self.raw(" !important; color: ").raw(DARK.quiet);
        // A dark colour of the merchant's would be lost on the dark.
        self.raw(" !important }\n.edge { border-color: ").raw(DARK.quiet);
        self.raw(" !important }\n}\n</style>\n</head>\n")
    }

    /// What a list of messages shows beside the subject.
    fn preheader(&mut self, letter: &Letter<'_>) -> &mut Self {
        let first = letter.parts.iter().find_map(|part| match part {
            Part::Text(said) => Some(said),
            _ => None,
        });
        let Some(said) = first else { return self };
        self.raw("<div style=\"display:none;max-height:0;overflow:hidden;mso-hide:all\">");
        self.text(said).raw("</div>\n")
    }

    /// The shop's name on its colour.
    fn band(&mut self, letter: &Letter<'_>) -> &mut Self {
        let (color, ink) = paint(letter.sender.color);
        let style = ";border-radius:8px 8px 0 0;font-size:18px;font-weight:600";
        self.begin_box("band", "16px 24px", color, ink, style).raw("<bdi>");
        self.text(&printable(letter.sender.name)).raw("</bdi>\n").end_box()
    }

    /// A part of the column. `more` is what else its style says.
    fn begin_box(
        &mut self,
        class: &str,
        padding: &str,
        back: &str,
        ink: &str,
        more: &str,
    ) -> &mut Self {
        self.raw("<!--[if mso]><table role=\"presentation\" align=\"center\" width=\"").raw(WIDTH);
        self.raw("\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr><td style=\"padding:");
        self.raw(padding).raw(";background:").raw(back).raw("\"><![endif]-->\n<div class=\"");
        self.raw(class).raw("\" style=\"box-sizing:border-box;max-width:").raw(WIDTH);
        self.raw("px;margin:0 auto;padding:").raw(padding).raw(";background:").raw(back);
        self.raw(";color:").raw(ink).raw(more).raw("\">\n")
    }

    fn end_box(&mut self) -> &mut Self {
        self.raw("</div>\n<!--[if mso]></td></tr></table><![endif]-->\n")
    }

    fn part(&mut self, part: &Part, painted: (&str, &str)) -> &mut Self {
        match part {
            Part::Product { units, title, url, image } => {
                self.product(*units, title, url.as_deref(), image.as_deref())
            }
            Part::Text(said) => self.raw("<p style=\"margin:0 0 16px\">").text(said).raw("</p>\n"),
            Part::When { label, said } => {
                self.raw("<p style=\"margin:0 0 16px\">").text(label).raw("<br>\n<b>");
                self.text(said).raw("</b></p>\n")
            }
            Part::Button { said, to } => self.button(said, to, painted),
            Part::Link { said, to } => {
                self.raw("<p style=\"margin:0 0 24px\">").link(said, to).raw("</p>\n")
            }
        }
    }

    fn product(
        &mut self,
        units: Option<u32>,
        title: &str,
        url: Option<&str>,
        image: Option<&str>,
    ) -> &mut Self {
        if let Some(image) = image {
            self.raw("<img src=\"").attribute(image).raw("\" alt=\"").attribute(title);
            self.raw("\" width=\"").raw(PICTURE_WIDTH);
            self.raw("\" style=\"display:block;width:").raw(PICTURE_WIDTH);
            self.raw("px;max-width:100%;height:auto;margin:0 0 8px;border-radius:6px\">\n");
        }
        // A link has a thumb's room of its own above and below.
        let margin = if url.is_some() { "0 0 6px" } else { "0 0 16px" };
        self.raw("<p style=\"margin:").raw(margin);
        self.raw(";font-weight:600;overflow-wrap:anywhere\">");
        if let Some(units) = units {
            self.text(&units.to_string()).raw(" × ");
        }
        self.raw("<bdi>");
        match url {
            Some(url) => self.link(title, url),
            None => self.text(title),
        };
        self.raw("</bdi></p>\n")
    }

    /// The cell has the colour and, for Outlook, the padding; for all others the link is as large
    /// as the button.
    fn button(&mut self, said: &str, to: &str, (color, ink): (&str, &str)) -> &mut Self {
        self.raw("<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" ");
        self.raw("style=\"margin:24px 0\"><tr><td class=\"edge\" bgcolor=\"").raw(color);
        self.raw("\" style=\"border:1px solid ").raw(color).raw(";border-radius:6px;background:");
        self.raw(color).raw(";mso-padding-alt:12px 24px\"><a href=\"").attribute(to);
        self.raw("\" style=\"display:inline-block;padding:12px 24px;color:").raw(ink).raw(";");
        self.raw(FONT).raw(";font-size:16px;font-weight:600;text-decoration:none\">");
        self.text(said).raw("</a></td></tr></table>\n")
    }

    /// A link, large enough for a thumb.
    fn link(&mut self, said: &str, to: &str) -> &mut Self {
        self.raw("<a href=\"").attribute(to);
        self.raw("\" style=\"display:inline-block;padding:12px 0;color:inherit\">");
        self.text(said).raw("</a>")
    }

    fn foot(&mut self, letter: &Letter<'_>) -> &mut Self {
        self.begin_box("quiet", "16px 24px", LIGHT.page, LIGHT.quiet, ";font-size:14px");
        if let Some(why) = letter.why {
            self.raw("<p style=\"margin:0\">").text(why).raw("</p>\n");
        }
        for (said, to) in &letter.links {
            self.link(said, to).raw("<br>\n");
        }
        let name = printable(letter.sender.name);
        self.raw("<bdi>");
        match link::absolute(letter.sender.site) {
            Some(site) => self.link(&name, site),
            None => self.text(&name),
        };
        self.raw("</bdi>\n").end_box()
    }
}
