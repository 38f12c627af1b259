//! Waitlists: how many wait for what, and what became of those who did.

use serde::{Deserialize, Serialize};

/// A page of `GET /v1/waitlists`, by SKU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WaitlistsPage {
    /// At most 500.
    pub waitlists: Vec<Waitlist>,
    /// Give it back as `cursor` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Who waited and waits for a SKU: demand that its sales never show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Waitlist {
    /// The merchant's identifier.
    pub sku: String,
    /// They wait.
    pub waiting: Places,
    /// Units are kept for them.
    pub offered: Places,
    /// They bought.
    pub taken: Places,
    /// They passed it on.
    pub declined: Places,
    /// They did not come in time for what was kept.
    pub lapsed: Places,
    /// They were told that there are some, and none was kept: in a mirror.
    pub told: Places,
    /// They did not want to wait any more.
    pub left: Places,
    /// They waited for as long as they might, and there was none.
    pub waited_out: Places,
}

/// Places in a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Places {
    /// How many.
    pub places: i64,
    /// Units wanted with them.
    pub units: i64,
}
