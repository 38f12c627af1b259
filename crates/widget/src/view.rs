//! What one `<backroom-stock>` shows.

use crate::source::Source;
use leptos::prelude::*;

/// One template for every state: only texts and attributes change, so that a live change moves
/// nothing, and so that little code goes to the browser. Lines without a text have no height.
///
/// An `<a>` without an `href` is plain text. The title has the direction of its own script, on a
/// page of any direction, and the page's language; the rest is in the language of the words.
pub(crate) fn view(source: &Source) -> impl IntoView + use<> {
    view! {
        <div part="root" data-state=source.attribute(|shown| Some(&shown.state))>
            <a part="title" dir="auto" href=source.attribute(|shown| shown.words.href.as_deref())>
                {source.text(|shown| &shown.words.title)}
            </a>
            <div
                lang=source.attribute(|shown| Some(&shown.language))
                dir=source.attribute(|shown| Some(&shown.direction))
            >
                <p part="price">{source.text(|shown| &shown.words.price)}</p>
                <p part="state">
                    <span data-dot="" aria-hidden="true"></span>
                    {source.text(|shown| &shown.words.state)}
                </p>
                <p part="detail">
                    <time datetime=source.attribute(|shown| shown.words.datetime.as_deref())>
                        {source.text(|shown| &shown.words.detail)}
                    </time>
                    " "
                    <span part="moved">{source.text(|shown| &shown.words.moved)}</span>
                </p>
                <p role="status" aria-atomic="true">{source.text(|shown| &shown.said)}</p>
            </div>
        </div>
    }
}
