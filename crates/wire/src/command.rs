//! What changes stock, and what the truth says back.

use serde::{Deserialize, Serialize};

/// A change of stock that a program asks for or reports: the body of `POST /v1/commands`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// Chosen by the sender, 1 to 128 bytes, unique in the shop. The same id with the same
    /// command is answered as the first time; with another it is refused.
    pub id: String,
    /// What happened or is wanted.
    #[serde(rename = "type")]
    pub kind: CommandKind,
    /// The units moved, 1 to 100 lines; lines of one SKU and location are summed.
    pub lines: Vec<Line>,
    /// Why, for the books: at most 200 bytes, no personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The kinds of command. `sell` is a request and may be refused for lack of stock; `receive`,
/// `sold` and `returned` are facts and are recorded whatever the stock; `adjust` corrects a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CommandKind {
    /// Units came in.
    Receive,
    /// The count was wrong by this many units; the only kind whose quantity may be negative.
    Adjust,
    /// May these units be sold? All lines or none.
    Sell,
    /// These units were sold elsewhere; beyond the stock they open a shortfall.
    Sold,
    /// These units came back into stock.
    Returned,
}

/// Units of one SKU, at one location if it is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The merchant's identifier.
    pub sku: String,
    /// Where. If it is left out, `sell`, `sold` and holds take the units where the shop's
    /// `strategy` finds them, and the other commands mean `main`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Units, at most a million. More than zero, but for `adjust`, where it is not zero.
    pub quantity: i64,
}

/// The answer to a command that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Applied {
    /// The command's id.
    pub id: String,
    /// The stock it left, one entry for each SKU and location it named.
    pub stock: Vec<StockLevel>,
    /// Units that a fact took beyond the stock; empty for a request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shortfalls: Vec<Shortfall>,
}

/// The truth of one SKU at one location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StockLevel {
    /// The merchant's identifier.
    pub sku: String,
    /// Where.
    pub location: String,
    /// Units that are there.
    pub on_hand: i64,
    /// Units that were sold and are not there.
    pub shortfall: i64,
    /// Units in open holds.
    pub held: i64,
    /// Units that are there for orders, and not shipped yet.
    #[serde(default)]
    pub committed: i64,
    /// Units that no request may take.
    pub safety_stock: i64,
    /// Units that a request for this location may take.
    pub available: i64,
}

/// Units that were sold and are not there, by one command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Shortfall {
    /// The merchant's identifier.
    pub sku: String,
    /// Where.
    pub location: String,
    /// Units by which this command went beyond the stock.
    pub units: i64,
}

/// A page of `GET /v1/stock`, ordered by SKU and location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StockPage {
    /// At most 500.
    pub stock: Vec<StockLevel>,
    /// Units that can be sold over all locations, and of a kit as its components allow; only
    /// where one SKU was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<i64>,
    /// Give it back as `cursor` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
