//! Where stock lies, what is sold together, and what is not shown.

use crate::AheadKind;
use serde::{Deserialize, Deserializer, Serialize};

/// The body of `PUT /v1/locations/{name}`: what is left out goes back to its default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LocationSettings {
    /// What it is; a warehouse if it is left out.
    #[serde(default)]
    pub kind: LocationKind,
    /// 0 is taken from first; 100 if it is left out, at most 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u32>,
    /// Where it lies, in the shop's own words: `GB`. At most 32 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Until when an order leaves on the same day, in the shop's time zone: `14:30`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off: Option<String>,
}

/// Where stock lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Location {
    /// As commands and imports name it.
    pub name: String,
    /// What it is.
    pub kind: LocationKind,
    /// 0 is taken from first.
    pub priority: u32,
    /// Where it lies, in the shop's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Until when an order leaves on the same day, in the shop's time zone: `14:30`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off: Option<String>,
}

/// What a location is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LocationKind {
    /// The shop's own, where orders are packed.
    #[default]
    Warehouse,
    /// The shop's own, where people buy.
    Store,
    /// Somebody else's, who sends the goods to the buyer.
    Supplier,
}

/// A page of `GET /v1/locations`, ordered by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LocationsPage {
    /// At most 500.
    pub locations: Vec<Location>,
    /// Give it back as `cursor` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The body of `PUT /v1/bundles/{sku}`: what this SKU is made of from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BundleContents {
    /// 1 to 20, each another SKU, none of them a kit.
    pub components: Vec<Component>,
}

/// What a kit takes of one SKU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// The merchant's identifier.
    pub sku: String,
    /// Units in one kit.
    pub quantity: i64,
}

/// A kit: it has no stock of its own, and selling or holding it takes its components.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bundle {
    /// The kit's own identifier.
    pub sku: String,
    /// What is in one.
    pub components: Vec<Component>,
}

/// A page of `GET /v1/bundles`, ordered by SKU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BundlesPage {
    /// At most 500.
    pub bundles: Vec<Bundle>,
    /// Give it back as `cursor` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The body of `PATCH /v1/skus/{sku}`: what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SkuChange {
    /// Shall shoppers see nothing of it?
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
    /// Units that no request may take, for each location named; at most 100 of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub safety_stock: Vec<SafetyStock>,
    /// May it be ordered when it is not there? `null` for not any more.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub ahead: Option<Option<Ahead>>,
}

/// A field that is there, be it `null`.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Ahead>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// How a SKU may be ordered that is not there: from dated purchase orders, as far as they are not
/// promised to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ahead {
    /// As what it is sold.
    pub kind: AheadKind,
    /// Units that may wait, over all orders; without it, as many as are on their way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Units that may wait for one buyer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_per_buyer: Option<u32>,
}

/// Units of a SKU at one location that no request may take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SafetyStock {
    /// Where: `main` if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// How many; 0 for none.
    pub units: i64,
}

/// The body of `PATCH /v1/products/{id}`, for all SKUs that are of it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProductChange {
    /// Shall shoppers see nothing of them?
    pub hidden: bool,
}
