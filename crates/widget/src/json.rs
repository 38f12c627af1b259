//! The JSON types of `wire`, as far as the browser needs them, read with the browser's own `JSON`:
//! serde_json's reader of the same types is 32 kB more for the shopper (brotli; 84 against 52).

use crate::source::Shown;
use js_sys::Array;
use wasm_bindgen::{JsCast, prelude::*};
use wire::{Substitute, Watched, Words};

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

    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "JavaScript has one type of number; this one is whole, under 2^53, and `as` saturates"
    )]
    fn version(&self) -> Option<u64> {
        Some(self.get("version").as_f64()? as u64)
    }

    /// The objects of a list; none if there is no list.
    fn objects(&self, key: &str) -> std::vec::IntoIter<Self> {
        let list = self.get(key).dyn_into::<Array>().unwrap_or_default();
        list.iter().filter_map(Self::of).collect::<Vec<_>>().into_iter()
    }

    fn of(value: JsValue) -> Option<Self> {
        value.is_object().then(|| value.unchecked_into())
    }
}

/// What an element shows at first, by what the fragment's wrapper has in its `data-` attributes;
/// which version of which SKU that is; and whether it is a product's view.
pub(crate) fn painted(data: &Object) -> Option<(Watched, Shown, bool)> {
    let watched = Watched { sku: data.text("sku")?, version: data.text("version")?.parse().ok()? };
    let words = words(&Object::of(parse(&data.text("words")?).ok()?)?);
    let shown = Shown {
        state: data.text("state")?,
        words,
        left: String::new(),
        language: data.text("lang")?,
        direction: data.text("dir")?,
        said: String::new(),
    };
    Some((watched, shown, data.text("view")? == "product"))
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
    frame.map(|frame| frame.objects("items").filter_map(to_item).collect()).unwrap_or_default()
}

fn to_item(object: Object) -> Option<Item> {
    Some(Item {
        sku: object.text("sku")?,
        version: object.version()?,
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
        free_at: object.text("free_at"),
        order: text("order"),
        most: object.text("most"),
        substitutes: object.objects("substitutes").filter_map(substitute).collect(),
    }
}

fn substitute(object: Object) -> Option<Substitute> {
    let text = |key| object.text(key).unwrap_or_default();
    Some(Substitute {
        sku: text("sku"),
        version: object.version()?,
        title: text("title"),
        href: object.text("href"),
        image: object.text("image"),
        price: text("price"),
        reason: text("reason"),
    })
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
