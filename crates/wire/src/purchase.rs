//! What is on its way from suppliers.

use crate::Restock;
use serde::{Deserialize, Deserializer, Serialize};

/// The body of `POST /v1/purchase-orders`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PurchaseOrderRequest {
    /// Chosen by the sender, 1 to 128 bytes, unique in the shop among all that is sent with an id.
    pub id: String,
    /// Who sends it: 1 to 128 bytes, no person's name.
    pub supplier: String,
    /// 1 to 200 lines; they are numbered from 1.
    pub lines: Vec<NewPurchaseLine>,
}

/// Units that are ordered from a supplier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPurchaseLine {
    /// The merchant's identifier; not of a kit.
    pub sku: String,
    /// Where they are to arrive: `main` if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// How many, 1 to 1,000,000.
    pub quantity: i64,
    /// When they are expected, as finely as it is known. Without a date nothing is promised to
    /// shoppers from this line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Restock>,
}

/// The body of `POST /v1/purchase-orders/{id}/changes`: all of them happen or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PurchaseOrderChange {
    /// Chosen by the sender.
    pub id: String,
    /// What becomes of which lines, 1 to 200.
    pub lines: Vec<PurchaseLineChange>,
    /// Why, for the books: at most 200 bytes, no personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What becomes of a line: a date, or its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PurchaseLineChange {
    /// Its number.
    pub line: u32,
    /// When it is expected now; `null` if nobody knows any more.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub expected: Option<Option<Restock>>,
    /// Nothing of it will come. Of a line of which some has come, close the rest by a receipt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancel: bool,
}

/// A field that is there, be it `null`.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Restock>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The body of `POST /v1/purchase-orders/{id}/receipts`: what came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReceiptRequest {
    /// Chosen by the sender.
    pub id: String,
    /// 1 to 100 lines.
    pub lines: Vec<ReceiptLine>,
    /// Why fewer or more came, for the books: at most 200 bytes, no personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Units that came in on one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReceiptLine {
    /// Its number.
    pub line: u32,
    /// How many; 0 only with `last`.
    pub quantity: i64,
    /// No more of it will come: what is missing is short.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub last: bool,
}

/// A purchase order, as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PurchaseOrder {
    /// As its sender chose it.
    pub id: String,
    /// Who sends it.
    pub supplier: String,
    /// RFC 3339, UTC, milliseconds.
    pub placed_at: String,
    /// Its lines.
    pub lines: Vec<PurchaseLine>,
    /// What came of it: all of it where one purchase order is read, what this receipt came to
    /// where it is the answer to one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<Receipt>,
}

/// A line of a purchase order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PurchaseLine {
    /// Its number.
    pub line: u32,
    /// The merchant's identifier.
    pub sku: String,
    /// Where it is to arrive.
    pub location: String,
    /// Where it stands.
    pub state: PurchaseLineState,
    /// Units ordered.
    pub ordered: i64,
    /// Units that came.
    pub received: i64,
    /// Units that will never come.
    pub missing: i64,
    /// Units that are still to come.
    pub incoming: i64,
    /// Units of those that are promised to orders.
    pub promised: i64,
    /// When they are expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Restock>,
}

/// Where a line of a purchase order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PurchaseLineState {
    /// More is to come.
    Open,
    /// All of it came.
    Received,
    /// Some of it came, and no more will.
    Short,
    /// Nothing came, and nothing will.
    Cancelled,
}

/// What came of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipt {
    /// When it was booked: RFC 3339, UTC, milliseconds.
    pub at: String,
    /// The line's number.
    pub line: u32,
    /// Units that came.
    pub quantity: i64,
    /// Units that will not come.
    pub missing: i64,
    /// How it differed from what was ordered.
    pub discrepancies: Vec<Discrepancy>,
    /// Why, as the receipt said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How a receipt differed from what was ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Discrepancy {
    /// More is still to come.
    Partial,
    /// Fewer came, and no more will.
    Short,
    /// More came than were to.
    Over,
    /// It came before the first day on which it was expected.
    Early,
    /// It came after the last.
    Late,
}

/// A page of `GET /v1/purchase-orders`, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PurchaseOrdersPage {
    /// At most 100.
    pub purchase_orders: Vec<PurchaseOrder>,
    /// Give it back as `cursor` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A page of `GET /v1/stockouts`, by SKU and time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StockoutsPage {
    /// At most 500.
    pub stockouts: Vec<Stockout>,
    /// Give it back as `cursor` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A time in which a SKU had nothing to sell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stockout {
    /// The merchant's identifier.
    pub sku: String,
    /// RFC 3339, UTC, milliseconds.
    pub began_at: String,
    /// Absent while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// What led to it, by the movements and purchase orders of that moment.
    pub cause: StockoutCause,
}

/// What led to a stockout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StockoutCause {
    /// The week before sold over 150 % of the four weeks before it, or what is on its way was
    /// needed sooner than it could come.
    Demand,
    /// A purchase order was to be there by now.
    LatePo,
    /// Fewer came than were ordered, within 30 days.
    ShortReceipt,
    /// Nothing was ordered.
    NoPo,
    /// The books said that there were more.
    CountCorrection,
}
