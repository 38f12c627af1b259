//! The JSON types of `wire`, as far as the browser needs them, read with the browser's own `JSON`:
//! serde_json's reader of the same types is 32 kB more for the shopper (brotli; 84 against 52).

use crate::source::Shown;
use js_sys::Array;
use wasm_bindgen::{JsCast, prelude::*};
use wire::{Watched, Words};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn parse(text: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = JSON)]
    fn stringify(text: &str) -> String;

    /// An object of which texts and numbers can be asked.
    pub type Object;
    #[wasm_bindgen(method, indexing_getter)]
    fn get(this: &Object, key: &str) -> JsValue;
}

impl Object {
    fn text(&self, key: &str) -> Option<String> {
        self.get(key).as_string()
    }

    fn of(value: JsValue) -> Option<Self> {
        value.is_object().then(|| value.unchecked_into())
    }
}

/// What an element shows at first, by what the fragment's wrapper has in its `data-` attributes;
/// and which version of which SKU that is.
pub(crate) fn painted(data: &Object) -> Option<(Watched, Shown)> {
    let watched = Watched { sku: data.text("sku")?, version: data.text("version")?.parse().ok()? };
    let words = words(&Object::of(parse(&data.text("words")?).ok()?)?);
    let shown = Shown {
        state: data.text("state")?,
        words,
        language: data.text("lang")?,
        direction: data.text("dir")?,
        said: String::new(),
    };
    Some((watched, shown))
}

/// One item of a `wire::ToPage::Snapshots`.
pub(crate) struct Item {
    pub(crate) sku: String,
    pub(crate) version: u64,
    pub(crate) state: String,
    pub(crate) words: Words,
    /// All of it, for whoever listens on the page.
    pub(crate) object: Object,
}

/// Reads the items of a `wire::ToPage::Snapshots`.
pub(crate) fn items(frame: &str) -> Vec<Item> {
    let frame = parse(frame).ok().and_then(Object::of);
    let items = frame.and_then(|frame| frame.get("items").dyn_into::<Array>().ok());
    items.unwrap_or_default().iter().filter_map(|item| to_item(Object::of(item)?)).collect()
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "JavaScript has one type of number; this one is whole and under 2^53, and `as` saturates"
)]
fn to_item(object: Object) -> Option<Item> {
    Some(Item {
        sku: object.text("sku")?,
        version: object.get("version").as_f64()? as u64,
        state: object.text("state")?,
        words: words(&Object::of(object.get("words"))?),
        object,
    })
}

fn words(object: &Object) -> Words {
    let text = |key| object.text(key).unwrap_or_default();
    Words {
        title: text("title"),
        href: object.text("href"),
        price: text("price"),
        state: text("state"),
        detail: text("detail"),
        datetime: object.text("datetime"),
        moved: text("moved"),
    }
}

/// Writes a `wire::FromPage::Watch`.
pub(crate) fn watch(skus: &[Watched]) -> String {
    let mut frame = String::from(r#"{"type":"watch","skus":["#);
    for (index, watched) in skus.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        frame.push_str(comma);
        frame.push_str(r#"{"sku":"#);
        frame.push_str(&stringify(&watched.sku));
        frame.push_str(r#","version":"#);
        frame.push_str(&watched.version.to_string());
        frame.push('}');
    }
    frame.push_str("]}");
    frame
}
