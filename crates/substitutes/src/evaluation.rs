//! How good the candidates are, on the catalogue of a real shop.
//!
//! `families.csv` says of 299 of its SKUs by hand which would do for each other: the same article
//! in another colour, size or design. It also names 22 for which nothing in the shop would do. The
//! catalogue is searched without its categories, because these were derived from the titles.
//!
//! A second measure needs no hand: 292 other SKUs by their codes. 72800B and 72800C are variants,
//! by the shop's own numbering. What was measured stands at [`WEIGHTS`].

use crate::weights::{WEIGHTS, Weights};
use crate::{Index, Item, Price};
use std::collections::{BTreeMap, BTreeSet};

const GOODS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/goods.csv");
const FAMILIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/families.csv");

/// The family of those for which nothing would do.
const NONE: &str = "none";

/// The first candidates are those that are shown.
const SHOWN: usize = 3;

type Record = BTreeMap<String, String>;

/// SKUs that would do for each other, by a name for them.
type Families = BTreeMap<String, BTreeSet<String>>;

fn records(path: &str) -> Vec<Record> {
    let mut file = csv::Reader::from_path(path).unwrap();
    file.deserialize().collect::<Result<_, _>>().unwrap()
}

/// The goods with a title. Of codes that differ by case alone, the same goods twice, one.
fn goods() -> Vec<Record> {
    let mut goods = records(GOODS);
    goods.retain(|good| !good["title"].is_empty() && good["category"] != "non-goods");
    let mut seen = BTreeSet::new();
    goods.retain(|good| seen.insert(good["sku"].to_uppercase()));
    goods
}

fn items(goods: &[Record]) -> Vec<Item<'_>> {
    let item = |good| {
        let good: &Record = good;
        let minor = good["price"].replace('.', "").parse().unwrap();
        let price = Some(Price { minor, currency: "GBP" });
        Item { sku: &good["sku"], title: &good["title"], price, ..Item::default() }
    };
    goods.iter().map(item).collect()
}

/// The labelled SKUs, and those for which nothing would do.
fn by_hand() -> (Families, BTreeSet<String>) {
    let mut families = Families::new();
    for record in records(FAMILIES) {
        families.entry(record["family"].clone()).or_default().insert(record["sku"].clone());
    }
    let lonely = families.remove(NONE).unwrap();
    (families, lonely)
}

/// Families by code, five digits and then letters that differ, without the labelled ones.
fn by_code(goods: &[Record]) -> Families {
    let labelled: BTreeSet<_> = by_hand().0.into_values().flatten().collect();
    let mut families = Families::new();
    for sku in goods.iter().map(|good| &good["sku"]).filter(|sku| !labelled.contains(*sku)) {
        let stem = sku.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        if stem != sku && stem.len() == 5 && stem.bytes().all(|byte| byte.is_ascii_digit()) {
            families.entry(stem.to_owned()).or_default().insert(sku.clone());
        }
    }
    families.retain(|_, skus| skus.len() > SHOWN);
    families
}

/// Precision at 3: the part of the three places of each SKU that has a member of its family. Every
/// family has at least three others, so a place that is left empty is a miss as well.
fn precision(index: &Index, families: &Families) -> f64 {
    let places: Vec<bool> = families
        .values()
        .flat_map(|family| family.iter().map(move |sku| (sku, family)))
        .flat_map(|(sku, family)| {
            let candidates = index.candidates(sku);
            let right =
                |at: usize| candidates.get(at).is_some_and(|found| family.contains(found.sku));
            (0..SHOWN).map(right).collect::<Vec<_>>()
        })
        .collect();
    places.iter().filter(|right| **right).count() as f64 / places.len() as f64
}

#[test]
fn most_of_what_is_shown_would_do() {
    let goods = goods();
    let items = items(&goods);
    let (families, lonely) = by_hand();
    let index = Index::new(&items);
    let found = precision(&index, &families);
    assert!(found >= 0.84, "{found:.3} by hand");
    let coded = precision(&index, &by_code(&goods));
    assert!(coded >= 0.81, "{coded:.3} by code");
    let shown = lonely.iter().filter(|sku| !index.candidates(sku).is_empty()).count();
    assert!(shown <= 10, "something is shown for {shown}");
}

/// What the test above measures is the similarity: without it there is nothing left of its figure.
#[test]
fn without_similarity_the_evaluation_fails() {
    let goods = goods();
    let items = items(&goods);
    let off = Weights {
        similarity: 0.0,
        min_similarity: 0.0,
        min_similarity_same_category: 0.0,
        ..WEIGHTS
    };
    let found = precision(&Index::weighing(&items, off), &by_hand().0);
    assert!(found < 0.2, "{found:.3}");
}

#[test]
fn the_labels_are_of_this_catalogue() {
    let titles: BTreeMap<_, _> =
        goods().into_iter().map(|mut good| (good.remove("sku"), good.remove("title"))).collect();
    for mut label in records(FAMILIES) {
        let sku = label.remove("sku");
        assert_eq!(titles.get(&sku), Some(&label.remove("title")), "{sku:?}");
    }
    let (families, lonely) = by_hand();
    let labelled: usize = families.values().map(BTreeSet::len).sum();
    assert_eq!((families.len(), labelled, lonely.len()), (35, 299, 22));
    assert!(families.values().all(|family| family.len() > SHOWN));
    assert_eq!(by_code(&goods()).values().map(BTreeSet::len).sum::<usize>(), 292);
}
