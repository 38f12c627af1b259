//! Candidates, through the crate's door.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use substitutes::{
    Candidate, Index, Item, MAX_CANDIDATES, MAX_CHOSEN, MAX_VARIANTS, Price, Reason,
};

fn item<'a>(sku: &'a str, title: &'a str) -> Item<'a> {
    Item { sku, title, ..Item::default() }
}

fn euro(minor: i64) -> Option<Price<'static>> {
    Some(Price { minor, currency: "EUR" })
}

/// `Similar b`, and what is shared.
fn told(candidates: &[Candidate]) -> Vec<String> {
    let told = |candidate: &Candidate| {
        let shared = candidate.shared.iter().map(|option| format!(" +{}", option.value));
        format!("{:?} {}{}", candidate.reason, candidate.sku, shared.collect::<String>())
    };
    candidates.iter().map(told).collect()
}

fn candidates(catalogue: &[Item], sku: &str) -> Vec<String> {
    told(&Index::new(catalogue).candidates(sku))
}

const NOTHING: [&str; 0] = [];

#[test]
fn what_the_merchant_chose_goes_first_and_in_that_order() {
    let mut catalogue = [
        item("a", "Red tea cup"),
        item("b", "Blue tea cup"),
        item("c", "Garden hose"),
        item("d", "Lantern"),
    ];
    catalogue[0].chosen = vec!["d", "gone", "a", "c", "d", "A"];
    assert_eq!(candidates(&catalogue, "a"), ["Chosen d", "Chosen c", "Similar b"]);
    assert_eq!(candidates(&catalogue, "b"), ["Similar a"]);
    assert_eq!(candidates(&catalogue, "gone"), NOTHING);
}

#[test]
fn what_was_chosen_needs_no_likeness() {
    let mut catalogue = [item("a", "Tea cup"), item("b", "Tea cup")];
    catalogue[0].category = Some("Kitchen");
    catalogue[1].category = Some("Toys");
    assert_eq!(candidates(&catalogue, "a"), NOTHING);
    catalogue[0].chosen = vec!["b"];
    assert_eq!(candidates(&catalogue, "a"), ["Chosen b"]);
    assert_eq!(candidates(&catalogue, "b"), NOTHING);
}

#[test]
fn only_so_much_of_a_list_is_looked_at() {
    let unknown = vec!["?"; MAX_CHOSEN - 1];
    let mut catalogue = [item("a", ""), item("b", ""), item("c", "")];
    catalogue[0].chosen = [unknown, vec!["b", "c"]].concat();
    assert_eq!(candidates(&catalogue, "a"), ["Chosen b"]);
}

#[test]
fn variants_that_share_options_go_before_others() {
    let variant = |sku, options, minor| Item {
        product_id: Some("shirt"),
        category: Some(sku),
        options: Some(options),
        price: euro(minor),
        ..item(sku, "Shirt")
    };
    let catalogue = [
        variant("red-xl", "Red / XL", 2_000),
        variant("red-m", "Red / M", 1_500),
        variant("blue-xl", "Blue / XL", 1_900),
        variant("blue-m", "Blue / M", 2_000),
        Item { options: Some("Red / XL"), ..item("other", "Shirt") },
    ];
    let expected = [
        "SameProduct blue-xl +XL",
        "SameProduct red-m +Red",
        "SameProduct blue-m",
        "Similar other +Red +XL",
    ];
    assert_eq!(candidates(&catalogue, "red-xl"), expected);
}

#[test]
fn an_empty_product_id_groups_nothing() {
    let catalogue = ["a", "b"].map(|sku| Item { product_id: Some(""), ..item(sku, sku) });
    assert_eq!(candidates(&catalogue, "a"), NOTHING);
}

#[test]
fn another_category_is_no_candidate() {
    let shelved = |sku, category| Item { category, ..item(sku, "Tea cup with a saucer") };
    let catalogue = [
        shelved("a", Some("Kitchen")),
        shelved("b", Some(" KITCHEN ")),
        shelved("c", Some("Toys")),
        shelved("d", None),
        shelved("e", Some("  ")),
    ];
    let expected = ["SameCategory b", "Similar d", "Similar e"];
    assert_eq!(candidates(&catalogue, "a"), expected);
    assert_eq!(candidates(&catalogue, "c"), ["Similar d", "Similar e"]);
}

#[test]
fn sharing_options_and_a_near_price_decide_between_equal_titles() {
    let cup = |sku, options, minor| Item { options, price: euro(minor), ..item(sku, "Tea cup") };
    let catalogue = [
        cup("a", Some("Large"), 1_000),
        cup("b", None, 9_000),
        cup("c", None, 1_100),
        cup("d", Some("Large"), 9_000),
        cup("e", None, 1_100),
    ];
    let expected = ["Similar d +Large", "Similar c", "Similar e", "Similar b"];
    assert_eq!(candidates(&catalogue, "a"), expected);
}

#[test]
fn what_is_not_similar_is_not_offered() {
    let mut catalogue = [
        item("a", "Red tea cup"),
        item("b", "Red garden hose, ten metres"),
        item("c", "Lantern"),
        item("d", "Blue tea cups"),
    ];
    for item in &mut catalogue {
        item.category = Some("Home");
        item.price = euro(500);
        item.options = Some("Red");
    }
    assert_eq!(candidates(&catalogue, "a"), ["SameCategory d +Red"]);
    assert_eq!(candidates(&catalogue, "c"), NOTHING);
}

#[test]
fn a_title_that_says_nothing_is_similar_to_nothing() {
    let catalogue = [
        item("", ""),
        item("10001", "10001"),
        item("10002", "10002"),
        item("x", ""),
        item("y", "🎁"),
        item("z", "🎁"),
        item("\u{200f}", "\u{0}\u{7}\n"),
    ];
    assert!(Index::new(&catalogue).all().all(|(_, candidates)| candidates.is_empty()));
    assert_eq!(Index::new(&[]).all().count(), 0);
}

#[test]
fn skus_are_opaque() {
    let catalogue = [item("Ab", "Tea cup"), item("ab", "Tea cup"), item(" ab", "Tea cup")];
    assert_eq!(candidates(&catalogue, "ab"), ["Similar  ab", "Similar Ab"]);
    // The first of two with one SKU counts.
    let twice = [item("a", "Tea cup"), item("b", "Tea cup"), item("a", "Lantern")];
    assert_eq!(candidates(&twice, "b"), ["Similar a"]);
    assert_eq!(candidates(&twice, "a"), ["Similar b"]);
}

#[test]
fn there_are_only_so_many() {
    let skus: Vec<_> = (0..50).map(|at| format!("{at:02}")).collect();
    let mut catalogue: Vec<_> = skus.iter().map(|sku| item(sku, "Tea cup")).collect();
    catalogue[20].chosen = skus.iter().skip(30).take(5).map(String::as_str).collect();
    for item in &mut catalogue[18..25] {
        item.product_id = Some("cups");
    }
    let found = Index::new(&catalogue).candidates("20");
    let found: Vec<_> = found.iter().map(|c| (c.sku, c.reason)).collect();
    let chosen = ["30", "31", "32", "33", "34"].map(|sku| (sku, Reason::Chosen));
    let variants = ["18", "19", "21", "22", "23", "24"].map(|sku| (sku, Reason::SameProduct));
    assert_eq!(found[..5], chosen);
    assert_eq!(found[5..11], variants);
    assert_eq!(found[11..], [("00", Reason::Similar)]);
    assert_eq!(found.len(), MAX_CANDIDATES);
}

/// The most similar ones are there already, as chosen or as variants; the next ones still follow.
#[test]
fn what_is_there_already_takes_no_place() {
    let skus: Vec<_> = (0..30).map(|at| format!("{at:02}")).collect();
    let mut catalogue: Vec<_> = skus.iter().map(|sku| item(sku, "Tea cup")).collect();
    catalogue[0].chosen = skus[1..7].iter().map(String::as_str).collect();
    catalogue[0].product_id = Some("cups");
    for item in &mut catalogue[7..12] {
        item.product_id = Some("cups");
    }
    let found = Index::new(&catalogue).candidates("00");
    let found: Vec<_> = found.iter().map(|candidate| candidate.sku).collect();
    assert_eq!(found, skus[1..13]);
}

/// Of more variants than a product may have, those next to it are looked at, round from the last
/// to the first.
#[test]
fn a_product_without_end_is_looked_at_in_part() {
    let skus: Vec<_> = (0..MAX_VARIANTS + 100).map(|at| format!("{at:04}")).collect();
    let variant = |sku| Item { product_id: Some("all"), ..item(sku, "") };
    let mut catalogue: Vec<_> = skus.iter().map(|sku| variant(sku)).collect();
    for at in [0, 99, 100, MAX_VARIANTS + 50] {
        catalogue[at].options = Some("here");
    }
    let index = Index::new(&catalogue);
    let first = |sku: &str| told(&index.candidates(sku))[..3].join(", ");
    let own = "SameProduct 0099 +here, SameProduct 0100 +here, SameProduct 0001";
    assert_eq!(first("0000"), own);
    let round = "SameProduct 0000 +here, SameProduct 0099 +here, SameProduct 0100 +here";
    assert_eq!(first(&skus[MAX_VARIANTS + 50]), round);
}

#[test]
fn every_language_is_read() {
    for (wanted, substitute, other) in [
        ("Tasse à thé rouge", "TASSE A THE BLEUE", "Lanterne de jardin"),
        ("Μεγάλη κούπα τσαγιού", "ΜΙΚΡΗ ΚΟΥΠΑ ΤΣΑΓΙΟΥ", "Φανάρι"),
        ("נר שעווה אדום", "נר שעווה כחול", "כוס תה"),
        ("شمعة معطرة حمراء", "شمعة معطرة زرقاء", "كوب"),
        ("लाल मोमबत्ती", "नीली मोमबत्ती", "चाय का प्याला"),
        ("赤いキャンドル", "青いキャンドル", "紅茶カップ"),
    ] {
        let catalogue = [item("a", wanted), item("b", substitute), item("c", other)];
        assert_eq!(candidates(&catalogue, "a"), ["Similar b"], "{wanted}");
    }
}
