//! What a shopper would see of one SKU: the value that KV stores and every reader gets.

use serde::{Deserialize, Serialize};

/// The published state of one SKU.
///
/// These bytes are stored in KV and answered as they are; a version stored by an earlier build
/// must still parse, so fields are only ever added, and added as optional.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Snapshot {
    /// The merchant's own identifier, opaque and case-sensitive.
    pub sku: String,
    /// Groups the variants of one product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// The merchant's text, as they gave it. Empty when `hidden`.
    pub title: String,
    /// What tells this variant from its siblings, as the merchant gave it: `Red / XL`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<String>,
    /// Can it be had now?
    pub state: State,
    /// Units that can be sold. Always there when `low`; absent when there are plenty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// When it comes back, or when what is ordered now is sent, as finely as it is known. Only
    /// when `out`, `backorder` or `preorder`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restock: Option<Restock>,
    /// What `restock` was before it moved. Only beside a `restock`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restock_was: Option<Restock>,
    /// When the first held unit may be free again: RFC 3339, UTC, milliseconds. Only when
    /// `all_held`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_at: Option<String>,
    /// What one unit costs; absent for an unpriced SKU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// The product's page: `https://…` or a path on the shop's site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The product's picture: `https://…` or a path on the shop's site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// SKUs of what else would do, the best first, twelve at most. They may be out or hidden
    /// themselves, or gone: look them up. Absent when `hidden`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub substitutes: Vec<String>,
    /// Grows by one with each visible change of this SKU.
    pub version: u64,
    /// When it last changed: RFC 3339, UTC, milliseconds.
    pub changed_at: String,
}

/// The shopper-facing state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// More than the shop's low mark.
    InStock,
    /// At or under the low mark: each unit counts.
    Low,
    /// None to sell now, but some are in other carts and may be free again at `free_at`.
    AllHeld,
    /// None to sell, but it can be ordered; `restock` says when it is sent. It was sold before.
    Backorder,
    /// Not released yet, but it can be ordered; `restock` says when it is sent.
    Preorder,
    /// None to sell; `restock` says when, if that is known.
    Out,
    /// None to sell, and there will be none.
    Discontinued,
    /// Not to be shown: of the rest there is only `sku`, `version` and `changed_at`.
    Hidden,
}

/// A civil date in the shop's time zone, never finer than what is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Restock {
    /// The day, or the first day of the week, month or range: `2026-12-01`.
    pub date: String,
    /// The last day of a `range`; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// How much of `date` is known.
    pub precision: Precision,
}

/// How finely a date is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// That day.
    Day,
    /// Some day of the ISO week (Monday to Sunday) that begins on `date`.
    Week,
    /// Some day of the month that begins on `date`.
    Month,
    /// Some day from `date` to `until`.
    Range,
}

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Price {
    /// In the currency's minor unit (pence, cents, yen).
    pub amount_minor: i64,
    /// ISO 4217, three capital letters.
    pub currency: String,
}

/// The answer to `GET /v1/availability`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Availability {
    /// To a read of one SKU.
    One(Box<Snapshot>),
    /// To a read of several.
    Several(Snapshots),
}

/// The answer to a read of several SKUs: each answered for itself, in the order asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Snapshots {
    /// A snapshot, or what is missing, for each SKU asked.
    pub items: Vec<Answer>,
}

/// One SKU's part of [`Snapshots`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Answer {
    /// What is published of it.
    Found(Box<Snapshot>),
    /// Nothing is.
    Missing(Missing),
}

/// A SKU that this shop has not published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Missing {
    /// The SKU that was asked.
    pub sku: String,
    /// Why there is nothing: always `unknown_sku`.
    pub problem: crate::Code,
}
