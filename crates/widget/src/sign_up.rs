//! "Tell me when it is back": the form by which a shopper signs up. Nothing of it changes while it is
//! on a page, so only the Worker knows it.

use crate::languages::Language;
use leptos::prelude::*;

/// What is inside of its `<details>`. Its address is the loader's to know.
pub(crate) fn sign_up(shop: &str, sku: &str, language: &Language) -> String {
    let labels = &language.labels;
    let view = view! {
        <summary part="button">{labels.notify}</summary>
        <form method="post" data-unreachable=labels.unreachable>
            <input type="hidden" name="shop" value=shop.to_owned()/>
            <input type="hidden" name="sku" value=sku.to_owned()/>
            <input type="hidden" name="lang" value=language.tag/>
            <label>
                {labels.email}
                <input
                    part="field"
                    type="email"
                    name="email"
                    autocomplete="email"
                    maxlength="254"
                    aria-describedby="reply"
                    required=""
                />
            </label>
            <label>
                {labels.quantity}
                <input
                    part="field"
                    type="number"
                    name="quantity"
                    value="1"
                    min="1"
                    max="1000"
                    required=""
                />
            </label>
            <label>
                <input type="checkbox" name="consent" value="yes" required=""/>
                {labels.consent}
            </label>
            <label>
                <input type="checkbox" name="marketing" value="yes"/>
                {labels.marketing}
            </label>
            <button part="button">{labels.send}</button>
        </form>
        <p part="reply" id="reply" tabindex="-1"></p>
    };
    view.to_html()
}
