//! What the socket at `/v1/live` carries: text frames, each one JSON object.

use crate::Snapshot;
use serde::{Deserialize, Serialize};

/// From a page. The text frame `ping` is answered by `pong` besides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromPage {
    /// The SKUs that the page shows, at most 50, and which version of each it has. Replaces the
    /// list sent before; whatever the page has an old version of is sent at once.
    Watch {
        /// One entry for each SKU.
        skus: Vec<Watched>,
    },
}

/// A SKU that a page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// The merchant's identifier.
    pub sku: String,
    /// The version painted; 0 for none.
    pub version: u64,
}

/// To a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToPage {
    /// What changed among the SKUs that the page watches.
    Snapshots {
        /// One or more.
        items: Vec<Live>,
    },
}

/// A SKU that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// What a shopper would see.
    #[serde(flatten)]
    pub snapshot: Snapshot,
    /// The same in words, to a socket that was opened with `lang`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
}

/// What the widget says of a SKU, in one language. A text that says nothing is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// The merchant's title, or the SKU; without characters that would change what is around it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The product's page, if its address is safe to follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// The options and the price: `Red / XL · £24.50`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub price: String,
    /// What can be had now: `Only 3 left`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub state: String,
    /// When more can be had: `Back in December 2026`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The same for `<time datetime>`, as finely as that can say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datetime: Option<String>,
    /// That this was another date before: `Moved: it was 1 December 2026`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub moved: String,
    /// When the first held unit may be free again, as in the snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_at: Option<String>,
    /// What stands on the button by which it can be ordered; nothing if it cannot.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub order: String,
    /// How many can be ordered, if that is known, as it stands in the field's `max`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<String>,
    /// What is in stock and would do instead, the best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub substitutes: Vec<Substitute>,
}

/// Something in stock that would do instead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitute {
    /// The merchant's identifier.
    pub sku: String,
    /// The version that said that it is in stock.
    pub version: u64,
    /// The merchant's title, or the SKU.
    pub title: String,
    /// The product's page, if its address is safe to follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// The product's picture, if its address is safe to load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The options and the price: `Red / XL · £24.50`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub price: String,
    /// Why it would do: `Also XL · In stock · £2.00 less`.
    pub reason: String,
}
