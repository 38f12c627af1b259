//! Prints the response for one SKU, as `cargo xtask size` measures it.

use std::error::Error;
use widget::{Item, Language, fragment};

const SNAPSHOT: &str = r#"{"sku":"MUG-RED","product_id":"MUG","title":"Red retrospot mug","options":"Red / 350 ml","state":"out","restock":{"date":"2026-12-01","until":"2026-12-10","precision":"range"},"price":{"amount_minor":450,"currency":"GBP"},"url":"/products/mug-red.html","image":"/pictures/mug-red.svg","version":12,"changed_at":"2026-11-21T17:00:00.000Z"}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let snapshot = serde_json::from_str(SNAPSHOT)?;
    let items = [Item::Found(&snapshot)];
    print!("{}", fragment(&items, Language::english(), "0123456789ab"));
    Ok(())
}
