//! Units that are kept for a cart while it is paid for.

use crate::{Line, Shortfall};
use serde::{Deserialize, Serialize};

/// The body of `POST /v1/holds`: a cart whose units are to be kept, all of them or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HoldRequest {
    /// Chosen by the sender, 1 to 128 bytes, unique in the shop among holds and commands. The
    /// same id with the same cart is answered as the first time.
    pub id: String,
    /// The cart, 1 to 100 lines; lines of one SKU are summed.
    pub lines: Vec<Line>,
    /// How long to keep them, 1 to 3600; 600 if it is left out, which is also the most that a
    /// browser may ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// Whose cart it is, if that is known: any text of 1 to 128 bytes. Only a hash of it is
    /// kept, for `max_held_per_buyer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer: Option<String>,
    /// Where the parcel would go, in the words of the locations' `region`; for `nearest`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hold {
    /// As its sender chose it.
    pub id: String,
    /// Where it stands.
    pub state: HoldState,
    /// Until when the units are kept: RFC 3339, UTC, milliseconds.
    pub expires_at: String,
    /// When it was committed or released, or expired; absent while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<String>,
    /// The id of the commit or release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// What it keeps, and where; of a kit, its components.
    pub lines: Vec<HeldLine>,
}

/// Where a hold stands. Every state but `open` is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// Its units are kept.
    Open,
    /// Its units are sold.
    Committed,
    /// Its units are free again, because its sender said so.
    Released,
    /// Its units are free again, because its time was over.
    Expired,
}

/// Units that a hold keeps at one location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldLine {
    /// The merchant's identifier.
    pub sku: String,
    /// Where.
    pub location: String,
    /// Units.
    pub quantity: i64,
}

/// A page of `GET /v1/holds`: the open ones, ordered by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HoldsPage {
    /// At most 500.
    pub holds: Vec<Hold>,
    /// Give it back as `cursor` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The body of `POST /v1/holds/{id}/commit`: the cart was paid for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CommitHold {
    /// Chosen by the sender, 1 to 128 bytes: the order's number, say. Names the sale in the
    /// books; the same id again is answered as the first time.
    pub id: String,
    /// Why, for the books: at most 200 bytes, no personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The body of `POST /v1/holds/{id}/release`: the cart was left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReleaseHold {
    /// Chosen by the sender, 1 to 128 bytes; the same id again is answered as the first time.
    pub id: String,
}

/// The answer to a commit or a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resolved {
    /// The id of the commit or release.
    pub id: String,
    /// The hold's.
    pub hold: String,
    /// `committed` or `released`.
    pub state: HoldState,
    /// When: RFC 3339, UTC, milliseconds.
    pub at: String,
    /// What was sold, or is free again.
    pub lines: Vec<HeldLine>,
    /// Units that were sold and are not there, because a fact took them from under the hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shortfalls: Vec<Shortfall>,
}

/// The answer to `POST /v1/browser-token`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BrowserToken {
    /// For `Authorization: Bearer …` from a page of the shop.
    pub token: String,
    /// The `id` of each hold made with it begins with this: so no page can take an id that
    /// another page or the shop's own server would choose.
    pub prefix: String,
    /// Until when it opens anything: RFC 3339, UTC, milliseconds.
    pub expires_at: String,
}
