//! What is sold, where it lies, and what is not shown.

use crate::check;
use wire::*;

#[test]
fn import_reports() {
    check(
        "programs that read what an import did",
        &[(
            ImportReport { rows: 6, created: 1, updated: 2, unchanged: 3, opened: 4, adjusted: 5 },
            r#"{"rows":6,"created":1,"updated":2,"unchanged":3,"opened":4,"adjusted":5}"#,
        )],
    );
}

#[test]
fn locations() {
    check(
        "programs that describe locations",
        &[
            (
                LocationSettings {
                    kind: LocationKind::Store,
                    priority: Some(0),
                    region: Some("GB".to_owned()),
                    cut_off: Some("14:30".to_owned()),
                },
                r#"{"kind":"store","priority":0,"region":"GB","cut_off":"14:30"}"#,
            ),
            (LocationSettings::default(), r#"{"kind":"warehouse"}"#),
        ],
    );
    assert_eq!(
        serde_json::from_str::<LocationSettings>("{}").unwrap(),
        LocationSettings::default(),
        "a location is a warehouse unless somebody says so"
    );
    let supplier = Location {
        name: "maker".to_owned(),
        kind: LocationKind::Supplier,
        priority: 100,
        region: None,
        cut_off: None,
    };
    check(
        "programs that read where stock lies",
        &[(
            LocationsPage { locations: vec![supplier], next: None },
            r#"{"locations":[{"name":"maker","kind":"supplier","priority":100}]}"#,
        )],
    );
}

#[test]
fn kits() {
    let components = vec![Component { sku: "85123A".to_owned(), quantity: 2 }];
    check(
        "programs that say what a kit is made of",
        &[(
            BundleContents { components: components.clone() },
            r#"{"components":[{"sku":"85123A","quantity":2}]}"#,
        )],
    );
    check(
        "programs that read what kits are made of",
        &[(
            BundlesPage { bundles: vec![Bundle { sku: "kit".to_owned(), components }], next: None },
            r#"{"bundles":[{"sku":"kit","components":[{"sku":"85123A","quantity":2}]}]}"#,
        )],
    );
}

#[test]
fn changes_of_the_catalogue() {
    let kept = SafetyStock { location: None, units: 2 };
    let ahead = Ahead { kind: AheadKind::Preorder, limit: Some(40), limit_per_buyer: Some(2) };
    check(
        "programs that hide goods and keep safety stock",
        &[
            (
                SkuChange { hidden: Some(true), safety_stock: vec![kept], ahead: None },
                r#"{"hidden":true,"safety_stock":[{"units":2}]}"#,
            ),
            (
                SkuChange { ahead: Some(Some(ahead)), ..SkuChange::default() },
                r#"{"ahead":{"kind":"preorder","limit":40,"limit_per_buyer":2}}"#,
            ),
            (SkuChange { ahead: Some(None), ..SkuChange::default() }, r#"{"ahead":null}"#),
            (SkuChange::default(), "{}"),
        ],
    );
    check("programs that hide products", &[(ProductChange { hidden: true }, r#"{"hidden":true}"#)]);
}
