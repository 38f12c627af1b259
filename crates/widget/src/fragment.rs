//! The response of `GET /v1/fragment`: what the loader paints.

use crate::{
    instead::substitutes,
    languages::Language,
    source::{Shown, Source},
    view::view,
    words::{state_name, words},
};
use html_escape::encode_double_quoted_attribute_to_string as escape;
use leptos::prelude::*;
use wire::Snapshot;

/// The style sheet of every widget, sent once with each fragment.
const STYLE: &str = include_str!("widget.css");

/// Bytes to set aside for one item, so that the buffer does not grow while it is filled: a view
/// is about 700, its words about 200 and half as many again when escaped.
const ITEM_BYTES: usize = 1200;

/// What there is to show of one SKU.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// It is published: its lines, as on a page that lists many.
    Found(&'a Snapshot),
    /// The same with all that can be done on the product's own page.
    Product {
        /// What is published of it.
        snapshot: &'a Snapshot,
        /// What is published of each of its [`crate::candidates`].
        candidates: &'a [Snapshot],
    },
    /// The shop has not published it.
    Missing {
        /// The SKU that was asked.
        sku: &'a str,
    },
}

/// What all items of a response have in common.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The shop's public id.
    pub shop: &'a str,
    /// The language of the words.
    pub language: &'a Language,
    /// Names the widget's files that can take the views over: those built from the same source as
    /// this code.
    pub build: &'a str,
}

/// The whole response for `items`, in their order.
///
/// The wrappers are written here and not by Leptos, whose view begins and ends within one: the
/// browser must find the bytes of the view exactly as Leptos wrote them.
pub fn fragment(items: &[Item<'_>], frame: Frame<'_>) -> String {
    let mut html =
        String::with_capacity(STYLE.len().saturating_add(items.len().saturating_mul(ITEM_BYTES)));
    html.push_str("<style>");
    html.push_str(STYLE);
    html.push_str("</style>\n");
    for item in items {
        match *item {
            Item::Found(snapshot) => found(&mut html, snapshot, None, frame),
            Item::Product { snapshot, candidates } => {
                found(&mut html, snapshot, Some(candidates), frame);
            }
            Item::Missing { sku } => {
                html.push_str("<div class=\"backroom\" data-sku=\"");
                escape(sku, &mut html);
                html.push_str("\" data-problem=\"unknown_sku\"></div>\n");
            }
        }
    }
    html
}

/// As a product if there are candidates, be they none.
fn found(
    html: &mut String,
    snapshot: &Snapshot,
    candidates: Option<&[Snapshot]>,
    frame: Frame<'_>,
) {
    let Frame { shop, language, build } = frame;
    let mut words = words(snapshot, language);
    words.substitutes = substitutes(snapshot, candidates.unwrap_or_default(), language);
    let shown = Shown {
        state: state_name(snapshot).to_owned(),
        words,
        left: String::new(),
        language: language.tag.to_owned(),
        direction: language.direction().to_owned(),
        said: String::new(),
    };
    html.push_str("<div class=\"backroom\"");
    let mut data = |name: &str, value: &str| {
        html.push_str(" data-");
        html.push_str(name);
        html.push_str("=\"");
        escape(value, html);
        html.push('"');
    };
    data("sku", &snapshot.sku);
    data("view", if candidates.is_some() { "product" } else { "sku" });
    data("version", &snapshot.version.to_string());
    data("state", &shown.state);
    data("lang", &shown.language);
    data("dir", &shown.direction);
    data("build", build);
    // Text and nothing else, so it can always be written.
    data("words", &serde_json::to_string(&shown.words).unwrap_or_default());
    html.push('>');
    let source = Source {
        shown: &shown,
        language,
        shop,
        sku: &snapshot.sku,
        is_product: candidates.is_some(),
    };
    view(&source).to_html_with_buf(html, &mut Default::default(), true, false, Vec::new());
    html.push_str("</div>\n");
}
