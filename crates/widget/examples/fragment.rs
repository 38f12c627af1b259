//! Prints the response for one product, as `cargo xtask size` measures it: out of stock, with three
//! substitutes, the largest that there is.

use std::error::Error;
use widget::{Frame, Item, Language, fragment};
use wire::{Snapshot, State};

const SNAPSHOT: &str = r#"{"sku":"MUG-RED","product_id":"MUG","title":"Red retrospot mug","options":"Red / 350 ml","state":"out","restock":{"date":"2026-12-01","until":"2026-12-10","precision":"range"},"price":{"amount_minor":450,"currency":"GBP"},"url":"/products/mug-red.html","image":"/pictures/mug-red.svg","substitutes":["MUG-BLUE","MUG-GREEN","MUG-HOME"],"version":12,"changed_at":"2026-11-21T17:00:00.000Z"}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let snapshot: Snapshot = serde_json::from_str(SNAPSHOT)?;
    let candidate = |(sku, title): &(&str, &str)| Snapshot {
        sku: (*sku).to_owned(),
        title: (*title).to_owned(),
        state: State::InStock,
        url: Some(format!("/products/{}.html", sku.to_lowercase())),
        image: Some(format!("/pictures/{}.svg", sku.to_lowercase())),
        ..snapshot.clone()
    };
    let mugs = [
        ("MUG-BLUE", "Blue spotted mug"),
        ("MUG-GREEN", "Green polka dot mug"),
        ("MUG-HOME", "Home sweet home mug"),
    ];
    let candidates: Vec<_> = mugs.iter().map(candidate).collect();
    let items = [Item::Product { snapshot: &snapshot, candidates: &candidates }];
    let frame = Frame { shop: "shop", language: Language::english(), build: "0123456789ab" };
    print!("{}", fragment(&items, frame));
    Ok(())
}
