//! The JSON types of `wire`, as far as the browser needs them, read with the browser's own `JSON`:
//! serde_json's reader of the same types is 32 kB more for the shopper (brotli; 84 against 52).

use js_sys::Array;
use wasm_bindgen::{JsCast, prelude::*};
use wire::{Precision, Price, Restock, Snapshot, State, Watched};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn parse(text: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = JSON)]
    fn stringify(text: &str) -> String;

    /// A JSON object or array: of `null` and of what is not there nothing can be asked.
    type Object;
    #[wasm_bindgen(method, indexing_getter)]
    fn get(this: &Object, key: &str) -> JsValue;
}

impl Object {
    fn text(&self, key: &str) -> Option<String> {
        self.get(key).as_string()
    }

    fn number(&self, key: &str) -> Option<f64> {
        self.get(key).as_f64()
    }

    fn object(&self, key: &str) -> Option<Self> {
        Self::of(self.get(key))
    }

    fn of(value: JsValue) -> Option<Self> {
        value.is_object().then(|| value.unchecked_into())
    }
}

/// Reads one `wire::Snapshot`, but for what the view does not show.
pub(crate) fn snapshot(text: &str) -> Option<Snapshot> {
    to_snapshot(&Object::of(parse(text).ok()?)?)
}

/// Reads the items of a `wire::ToPage::Snapshots`, each with the object that it was read from.
pub(crate) fn snapshots(frame: &str) -> Vec<(Snapshot, JsValue)> {
    let frame = parse(frame).ok().and_then(Object::of);
    let items = frame.and_then(|frame| frame.get("items").dyn_into::<Array>().ok());
    let read = |item: JsValue| Some((to_snapshot(&Object::of(item.clone())?)?, item));
    items.unwrap_or_default().iter().filter_map(read).collect()
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

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "JavaScript has one type of number; these are whole and under 2^53, and `as` saturates"
)]
fn to_snapshot(object: &Object) -> Option<Snapshot> {
    Some(Snapshot {
        sku: object.text("sku")?,
        product_id: None,
        title: object.text("title")?,
        options: object.text("options"),
        state: match object.text("state")?.as_str() {
            "in_stock" => State::InStock,
            "low" => State::Low,
            "all_held" => State::AllHeld,
            "out" => State::Out,
            "hidden" => State::Hidden,
            _ => return None,
        },
        quantity: object.number("quantity").map(|units| units as u32),
        restock: object.object("restock").and_then(|restock| to_restock(&restock)),
        free_at: None,
        price: object.object("price").and_then(|price| {
            Some(Price {
                amount_minor: price.number("amount_minor")? as i64,
                currency: price.text("currency")?,
            })
        }),
        url: object.text("url"),
        image: None,
        version: object.number("version")? as u64,
        changed_at: String::new(),
    })
}

fn to_restock(object: &Object) -> Option<Restock> {
    Some(Restock {
        date: object.text("date")?,
        until: object.text("until"),
        precision: match object.text("precision")?.as_str() {
            "day" => Precision::Day,
            "week" => Precision::Week,
            "month" => Precision::Month,
            "range" => Precision::Range,
            _ => return None,
        },
    })
}
