//! The books: setting them right by a count, and reading what made a number.

use serde::{Deserialize, Deserializer, Serialize};

/// The body of `POST /v1/counts`: what somebody counted. All lines are booked or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// Chosen by the sender, 1 to 128 bytes, unique in the shop among counts, commands and holds.
    /// The same id with the same count is answered as the first time.
    pub id: String,
    /// What was counted, 1 to 100 lines, each for another SKU or location.
    pub lines: Vec<CountLine>,
    /// Why, for the books: at most 200 bytes, no personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What was counted of one SKU at one location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CountLine {
    /// The merchant's identifier.
    pub sku: String,
    /// Where: `main` if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Units that are there.
    pub counted: i64,
    /// `on_hand` as it was when the counting began: if it is another by now, the count is stale
    /// and nothing of it is booked. `null` books it whatever has happened since.
    #[serde(deserialize_with = "required")]
    #[cfg_attr(feature = "schema", schemars(required, extend("type" = ["integer", "null"])))]
    pub expected: Option<i64>,
}

/// A field that may be `null` but not left out: booking without a comparison is a choice.
fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Option::deserialize(deserializer)
}

/// A page of `GET /v1/drift`, the latest count first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DriftPage {
    /// At most 500.
    pub counts: Vec<Drift>,
    /// Give it back as `cursor` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// How far the books were from what was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Drift {
    /// The count's id.
    pub count: String,
    /// When it was booked: RFC 3339, UTC, milliseconds.
    pub at: String,
    /// The merchant's identifier.
    pub sku: String,
    /// Where.
    pub location: String,
    /// Units that the books had; below zero for a shortfall.
    pub booked: i64,
    /// Units that were there.
    pub counted: i64,
    /// `counted` less `booked`.
    pub difference: i64,
    /// Why, as the count said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The answer to `GET /v1/explain`: a number, and the movements that make it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Explanation {
    /// The merchant's identifier.
    pub sku: String,
    /// Where.
    pub location: String,
    /// The time that is explained: RFC 3339, UTC, milliseconds.
    pub at: String,
    /// Units that were there.
    pub on_hand: i64,
    /// Units that were sold and were not there.
    pub shortfall: i64,
    /// The latest first, at most 500.
    pub movements: Vec<Movement>,
    /// Give it back as `cursor` for earlier ones; absent when there are none, or none are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Units that came or went at one location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Movement {
    /// Its number among the movements of this SKU at this location: 1 for the first ever, and
    /// none is left out.
    pub n: i64,
    /// When it was booked: RFC 3339, UTC, milliseconds.
    pub at: String,
    /// What moved them.
    pub kind: MovementKind,
    /// Units, below zero for those that went.
    pub quantity: i64,
    /// `on_hand` less `shortfall` after it: what this and all before it come to.
    pub net: i64,
    /// The id of the command, count, import or commit that it is of.
    pub source: String,
    /// Why, as that said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What moves units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// An import named this SKU and location for the first time.
    Opened,
    /// Units came in.
    Received,
    /// The count was wrong.
    Adjusted,
    /// Units were counted.
    Counted,
    /// Units were sold.
    Sold,
    /// Units came back.
    Returned,
}
