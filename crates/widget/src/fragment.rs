//! The response of `GET /v1/fragment`: what the loader paints.

use crate::source::Source;
use crate::view::{state_name, view};
use html_escape::encode_double_quoted_attribute_to_string as escape;
use leptos::prelude::*;
use wire::Snapshot;

/// The style sheet of every widget, sent once with each fragment.
const STYLE: &str = include_str!("widget.css");

/// Bytes to set aside for one item, so that the buffer does not grow while it is filled: a view
/// is about 600, a snapshot about 300 and half as many again when escaped.
const ITEM_BYTES: usize = 1200;

/// What there is to show of one SKU.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// It is published.
    Found {
        /// The JSON as stored; the browser starts from it.
        json: &'a str,
        /// The same, parsed.
        snapshot: &'a Snapshot,
    },
    /// The shop has not published it.
    Missing {
        /// The SKU that was asked.
        sku: &'a str,
    },
}

/// The whole response for `items`, in their order. `build` names the widget's files that can
/// take the views over: those built from the same source as this code.
///
/// The wrappers are written here and not by Leptos, whose view begins and ends within one: the
/// browser must find the bytes of the view exactly as Leptos wrote them.
pub fn fragment(items: &[Item<'_>], build: &str) -> String {
    let mut html =
        String::with_capacity(STYLE.len().saturating_add(items.len().saturating_mul(ITEM_BYTES)));
    html.push_str("<style>");
    html.push_str(STYLE);
    html.push_str("</style>\n");
    for item in items {
        match *item {
            Item::Found { json, snapshot } => found(&mut html, json, snapshot, build),
            Item::Missing { sku } => {
                html.push_str("<div class=\"backroom\" data-sku=\"");
                escape(sku, &mut html);
                html.push_str("\" data-problem=\"unknown_sku\"></div>\n");
            }
        }
    }
    html
}

fn found(html: &mut String, json: &str, snapshot: &Snapshot, build: &str) {
    html.push_str("<div class=\"backroom\" data-sku=\"");
    escape(&snapshot.sku, html);
    html.push_str("\" data-version=\"");
    html.push_str(&snapshot.version.to_string());
    html.push_str("\" data-state=\"");
    html.push_str(state_name(snapshot));
    html.push_str("\" data-build=\"");
    escape(build, html);
    html.push_str("\" data-snapshot=\"");
    escape(json, html);
    html.push_str("\">");
    view(&Source(snapshot)).to_html_with_buf(
        html,
        &mut Default::default(),
        true,
        false,
        Vec::new(),
    );
    html.push_str("</div>\n");
}
