//! Waitlists: how many wait for what, what became of those who did, and what is kept for one.

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

/// The answer to `GET /v1/claim/state`: what is kept for whoever has the link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Claim {
    /// The merchant's identifier.
    pub sku: String,
    /// Units that are or were kept.
    pub quantity: i64,
    /// What has become of them.
    pub state: ClaimState,
    /// The hold that keeps them, for `POST /v1/orders`; only while they are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    /// Until when, RFC 3339; only while they are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// The same for the shopper to read.
    pub words: ClaimWords,
}

/// What has become of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClaimState {
    /// Its units are kept.
    Kept,
    /// They were bought.
    Taken,
    /// They were passed on.
    PassedOn,
    /// Nobody came in time, or nothing is kept any more for another reason.
    Over,
}

/// A claim in a language's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClaimWords {
    /// What has become of it.
    pub said: String,
    /// How many units of what.
    pub units: String,
    /// Until when they are kept; only while they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// What stands on the button that buys them; only while they are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub button: Option<String>,
}
