//! What one `<backroom-stock>` shows.

use crate::source::Source;
use crate::{link, text};
use leptos::prelude::*;
use wire::{Snapshot, State};

/// One template for every state: only texts and attributes change, so that a live change moves
/// nothing, and so that little code goes to the browser. Lines without a text have no height.
///
/// An `<a>` without an `href` is plain text. The title has the direction of its own script, on a
/// page of any direction.
pub(crate) fn view(source: &Source) -> impl IntoView + use<> {
    view! {
        <div part="root" data-state=source.attribute(state_attribute)>
            <a part="title" dir="auto" href=source.attribute(href)>
                {source.text(text::title)}
            </a>
            <p part="price">{source.text(text::price)}</p>
            <div lang=text::LANGUAGE>
                <p part="state">
                    <span data-dot="" aria-hidden="true"></span>
                    {source.text(text::state)}
                </p>
                <p part="detail">
                    <time datetime=source.attribute(text::datetime)>{source.text(text::detail)}</time>
                </p>
                <p role="status" aria-atomic="true">{source.said()}</p>
            </div>
        </div>
    }
}

/// As it stands in `data-state`, for the style sheet.
pub(crate) fn state_name(snapshot: &Snapshot) -> &'static str {
    match snapshot.state {
        State::InStock => "in_stock",
        State::Low => "low",
        State::AllHeld => "all_held",
        State::Out => "out",
        State::Hidden => "hidden",
    }
}

fn state_attribute(snapshot: &Snapshot) -> Option<String> {
    Some(state_name(snapshot).to_owned())
}

fn href(snapshot: &Snapshot) -> Option<String> {
    snapshot.url.as_deref().and_then(link::safe).map(str::to_owned)
}
