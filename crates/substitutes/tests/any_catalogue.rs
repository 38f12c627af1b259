//! Whatever the catalogue, the crate's invariants hold.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use proptest::prelude::{Just, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy;
use std::collections::BTreeSet;
use substitutes::{
    Candidate, Index, Item, MAX_CANDIDATES, Price, Reason, price_difference, shared_options,
};

/// An item that owns its texts.
#[derive(Clone, Debug)]
struct Owned {
    sku: String,
    product: Option<String>,
    title: String,
    category: Option<String>,
    options: Option<String>,
    price: Option<(i64, &'static str)>,
    chosen: Vec<String>,
}

fn sku() -> impl Strategy<Value = String> {
    prop_oneof![8 => "[abAB]{1,2}", 1 => any::<String>()]
}

fn title() -> impl Strategy<Value = String> {
    let words =
        prop::sample::select(&["tea", "cup", "Tasse", "thé", "red", "שעון", "🎁", "1/2"][..]);
    let long = (any::<char>(), 0..10_000_usize).prop_map(|(c, times)| c.to_string().repeat(times));
    prop_oneof![
        8 => prop::collection::vec(words, 0..5).prop_map(|words| words.join(" ")),
        2 => any::<String>(),
        1 => long,
    ]
}

fn options() -> impl Strategy<Value = String> {
    prop_oneof![4 => "(Red|blue|Size: ){1,2}( / |, |;)(XL|M|Size: M)", 1 => any::<String>()]
}

fn price() -> impl Strategy<Value = (i64, &'static str)> {
    let minor = prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(0), 1..2_000_i64, any::<i64>()];
    (minor, prop::sample::select(&["EUR", "JPY", ""][..]))
}

fn catalogue() -> impl Strategy<Value = Vec<Owned>> {
    let item = (
        sku(),
        prop::option::of("[pq]?"),
        title(),
        prop::option::of("(Home|HOME|Toys| )"),
        prop::option::of(options()),
        prop::option::of(price()),
        prop::collection::vec(sku(), 0..16),
    );
    let item = item.prop_map(|(sku, product, title, category, options, price, chosen)| Owned {
        sku,
        product,
        title,
        category,
        options,
        price,
        chosen,
    });
    prop::collection::vec(item, 0..20).prop_map(|mut items| {
        let mut seen = BTreeSet::new();
        items.retain(|item| seen.insert(item.sku.clone()));
        items
    })
}

fn borrowed(items: &[Owned]) -> Vec<Item<'_>> {
    items.iter().map(Owned::borrowed).collect()
}

impl Owned {
    fn borrowed(&self) -> Item<'_> {
        Item {
            sku: &self.sku,
            product_id: self.product.as_deref(),
            title: &self.title,
            category: self.category.as_deref(),
            options: self.options.as_deref(),
            price: self.price.map(|(minor, currency)| Price { minor, currency }),
            chosen: self.chosen.iter().map(String::as_str).collect(),
        }
    }
}

/// What the merchant's list comes to.
fn chosen<'a>(item: &Item<'a>, all: &BTreeSet<&str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::from([item.sku]);
    let known = item.chosen.iter().filter(|sku| all.contains(**sku));
    known.filter(|sku| seen.insert(sku)).take(MAX_CANDIDATES).copied().collect()
}

proptest! {
    #[test]
    fn candidates_are_others_and_each_is_there_once(items in catalogue()) {
        let catalogue = borrowed(&items);
        for (sku, candidates) in Index::new(&catalogue).all() {
            let skus: BTreeSet<_> = candidates.iter().map(|candidate| candidate.sku).collect();
            prop_assert_eq!(skus.len(), candidates.len());
            prop_assert!(candidates.len() <= MAX_CANDIDATES);
            prop_assert!(!skus.contains(sku));
            prop_assert!(skus.iter().all(|sku| catalogue.iter().any(|item| item.sku == *sku)));
        }
    }

    #[test]
    fn reasons_go_in_their_order_and_are_true(items in catalogue()) {
        let catalogue = borrowed(&items);
        let all: BTreeSet<_> = catalogue.iter().map(|item| item.sku).collect();
        let index = Index::new(&catalogue);
        for item in &catalogue {
            let candidates = index.candidates(item.sku);
            let first: Vec<_> = candidates.iter().map(|candidate| candidate.sku).collect();
            let chosen = chosen(item, &all);
            prop_assert_eq!(&first[..chosen.len()], &chosen[..]);
            let step = |candidate: &Candidate| candidate.reason.min(Reason::SameCategory);
            prop_assert!(candidates.iter().map(step).is_sorted());
            for (at, candidate) in candidates.iter().enumerate() {
                let other = catalogue.iter().find(|other| other.sku == candidate.sku).unwrap();
                prop_assert_eq!(candidate.reason == Reason::Chosen, at < chosen.len());
                if candidate.reason == Reason::SameProduct {
                    prop_assert_eq!(item.product_id, other.product_id);
                }
                if candidate.reason > Reason::SameProduct {
                    let key = |item: &Item| item.category.map(|text| text.trim().to_lowercase());
                    let [one, other] = [item, other].map(|item| key(item).unwrap_or_default());
                    let same = candidate.reason == Reason::SameCategory;
                    let unsorted = one.is_empty() || other.is_empty();
                    prop_assert!(unsorted != same && (unsorted || one == other));
                }
            }
        }
    }

    #[test]
    fn order_makes_no_difference(items in catalogue(), by in any::<u64>()) {
        let mut others = items.clone();
        // Any order will do, as long as it is another.
        others.sort_by_key(|item| item.title.len() as u64 ^ by ^ u64::from(item.sku.len() as u32 * 7));
        others.reverse();
        let (one, other) = (borrowed(&items), borrowed(&others));
        let (one, other) = (Index::new(&one), Index::new(&other));
        prop_assert!(one.all().eq(other.all()));
        for item in &items {
            let alone = one.candidates(&item.sku);
            prop_assert!(one.all().any(|(sku, all)| sku == item.sku && all == alone));
        }
    }

    #[test]
    fn shared_options_go_both_ways(one in options(), other in options()) {
        let (there, back) = (shared_options(&one, &other), shared_options(&other, &one));
        prop_assert_eq!(there.is_empty(), back.is_empty());
        prop_assert!(there.iter().all(|option| one.contains(option.value)));
        let _ = shared_options(&one, &one);
    }

    #[test]
    fn differences_go_both_ways(one in price(), other in price()) {
        let [one, other] = [one, other].map(|(minor, currency)| Price { minor, currency });
        let (there, back) = (price_difference(one, other), price_difference(other, one));
        if let Some((there, back)) = there.zip(back) {
            prop_assert_eq!(there, -back);
        }
    }
}
