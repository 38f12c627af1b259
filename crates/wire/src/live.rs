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
        items: Vec<Snapshot>,
    },
}
