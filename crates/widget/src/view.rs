//! What one `<backroom-stock>` shows.

use crate::source::{Fixed, Source};
use leptos::prelude::*;
use std::array;

/// Places for substitutes: what fits a phone without hiding the page that is below.
pub(crate) const PLACES: usize = 3;

/// One template for every state: only texts and attributes change, so that a live change moves
/// nothing, and so that little code goes to the browser. Lines without a text have no height; the
/// style sheet shows what goes with the state.
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
                    <span part="countdown" role="timer">{source.text(|shown| &shown.left)}</span>
                </p>
                {source.is_product().then(|| product(source))}
                <p role="status" aria-atomic="true">{source.text(|shown| &shown.said)}</p>
            </div>
        </div>
    }
}

/// What a shopper can do on the product's own page. The addresses of the forms are the page's and
/// the loader's to know, as is what is kept for the shopper: it has its place from the start, so
/// that it can come before the widget wakes and stay whatever changes.
fn product(source: &Source) -> impl IntoView + use<> {
    view! {
        <form part="claim" inner_html=source.claim()></form>
        <form part="order">
            <input type="hidden" name="sku" value=source.fixed(Fixed::Sku)/>
            <label>
                <span>{source.fixed(Fixed::Quantity)}</span>
                <input
                    part="field"
                    type="number"
                    name="quantity"
                    value="1"
                    min="1"
                    max=source.attribute(|shown| shown.words.most.as_deref())
                    required=""
                />
            </label>
            <button part="button">{source.text(|shown| &shown.words.order)}</button>
        </form>
        <details part="notify" inner_html=source.notify()></details>
        <section part="substitutes" hidden=source.hidden(0)>
            <h2>{source.fixed(Fixed::Instead)}</h2>
            <ul>{array::from_fn::<_, PLACES, _>(|place| substitute(source, place))}</ul>
        </section>
    }
}

/// One of the places for substitutes, taken or not.
fn substitute(source: &Source, place: usize) -> impl IntoView + use<> {
    view! {
        <li hidden=source.hidden(place)>
            <a
                part="substitute"
                href=source.substitute_attribute(place, |substitute| substitute.href.as_deref())
                data-sku=source.substitute_attribute(place, |substitute| Some(&substitute.sku))
            >
                <img
                    src=source.substitute_attribute(place, |substitute| substitute.image.as_deref())
                    alt=""
                    width="48"
                    height="48"
                    loading="lazy"
                />
                <span>
                    <b dir="auto">{source.substitute_text(place, |substitute| &substitute.title)}</b>
                    <span>{source.substitute_text(place, |substitute| &substitute.price)}</span>
                    <span part="reason">
                        {source.substitute_text(place, |substitute| &substitute.reason)}
                    </span>
                </span>
            </a>
        </li>
    }
}
