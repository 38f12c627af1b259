//! Orders: from the shelf, or from what is on its way.

use crate::{Line, Restock};
use serde::{Deserialize, Serialize};

/// The body of `POST /v1/orders`: all of it is taken or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OrderRequest {
    /// Chosen by the sender, 1 to 128 bytes, unique in the shop among all that is sent with an id.
    pub id: String,
    /// A hold that the order takes over: its units are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    /// What is ordered besides, at most 100 lines; lines of one SKU are summed. Of a SKU that may
    /// be ordered ahead, units that are not there are promised from what is on its way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// Where the parcel goes, in the words of the locations' `region`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Who orders, if that is known: any text of 1 to 128 bytes. Only a hash of it is kept, for
    /// the limits of each buyer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer: Option<String>,
    /// When the buyer pays: for the shop's platform, no money moves here.
    #[serde(default)]
    pub payment: Payment,
    /// Where to write to about it, kept apart from the order and encrypted. It is no part of what
    /// `id` is compared by, but another address for the same order is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
}

/// Where to write to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// One address, at most 254 bytes.
    pub email: String,
    /// BCP 47: the language to write in; the shop's if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
}

/// When a buyer pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    /// All of it, when ordering.
    #[default]
    Now,
    /// Some of it, when ordering.
    Deposit,
    /// When it is sent.
    AtDispatch,
}

/// The body of `POST /v1/orders/{id}/shipments` and of `POST /v1/orders/{id}/cancellations`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OrderChange {
    /// Chosen by the sender.
    pub id: String,
    /// What; if it is left out, all that is there for the order, or all that has not left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<OrderUnits>,
    /// Why, for the books: at most 200 bytes, no personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Units of one SKU in an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OrderUnits {
    /// The merchant's identifier; of a kit, its components'.
    pub sku: String,
    /// How many.
    pub quantity: i64,
}

/// The body of `POST /v1/orders/{id}/returns`: units that came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReturnRequest {
    /// Chosen by the sender.
    pub id: String,
    /// What, 1 to 100 lines.
    pub lines: Vec<OrderUnits>,
    /// What becomes of it.
    pub to: ReturnTo,
    /// Where it is in stock again: `main` if it is left out. Only with `stock`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Why, for the books: at most 200 bytes, no personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What becomes of units that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReturnTo {
    /// They are for sale again.
    Stock,
    /// They are looked at first; an adjustment brings them into stock later.
    Quarantine,
    /// They are gone.
    WrittenOff,
}

/// An order, as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Order {
    /// As its sender chose it.
    pub id: String,
    /// Its place in the queue: who ordered first has the lower.
    pub number: i64,
    /// Where it stands.
    pub state: OrderState,
    /// RFC 3339, UTC, milliseconds.
    pub placed_at: String,
    /// How it leaves, by the shop's choice when it was placed.
    pub shipping: Shipping,
    /// When the buyer pays.
    pub payment: Payment,
    /// What was ordered, by SKU; of a kit, its components.
    pub lines: Vec<OrderLine>,
    /// The buyer's own page, for 400 days: give it to nobody else, for it cancels what has not
    /// come. A path of this Worker; absent if it has no `SIGNING_SECRET`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// The form of `POST /v1/my-order`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MyOrder {
    /// As it stands in the order's `link`.
    pub token: String,
    /// `cancel` if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<MyOrderAction>,
    /// Of `agree`: which dates the page said, as the page sends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// What a buyer does about their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MyOrderAction {
    /// What has not come is not wanted any more.
    Cancel,
    /// They agree to the dates that the page says.
    Agree,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Some of it is not there.
    Waiting,
    /// All that is left of it is there.
    Ready,
    /// All that was not cancelled has left.
    Shipped,
    /// All of it was cancelled.
    Cancelled,
}

/// How an order leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Shipping {
    /// When all of it is there.
    Together,
    /// As it comes.
    Split,
}

/// What was ordered of one SKU: `ordered` is `ready`, what waits, `shipped` and `cancelled`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderLine {
    /// The merchant's identifier.
    pub sku: String,
    /// As what those were sold that were not there; absent if all of them were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<AheadKind>,
    /// Units ordered.
    pub ordered: i64,
    /// Units that are there for it.
    pub ready: i64,
    /// Units that are not, by the line that they are promised from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Waiting>,
    /// Units that have left.
    pub shipped: i64,
    /// Units that are not wanted any more.
    pub cancelled: i64,
    /// Units of those shipped that came back.
    pub returned: i64,
    /// Units of those returned that wait in quarantine.
    pub quarantined: i64,
    /// Units of those returned that were written off.
    pub written_off: i64,
    /// When the last of it is promised; absent if nothing waits, or if some has no date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<Restock>,
    /// What was promised before that came to be later, as long as the buyer has not agreed to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<Restock>,
    /// What the buyer agreed to last, when a promise had moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<Agreed>,
}

/// What a buyer agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Agreed {
    /// RFC 3339, UTC, milliseconds.
    pub at: String,
    /// The date; absent if nobody knew one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<Restock>,
}

/// As what a SKU is sold that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AheadKind {
    /// It was sold before, and comes again.
    Backorder,
    /// It was never released.
    Preorder,
}

/// Units that an order waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Waiting {
    /// The purchase order that they are promised from; absent if none can promise them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_order: Option<String>,
    /// Its line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// How many.
    pub units: i64,
    /// The date that the buyer was told last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<Restock>,
}

/// A page of `GET /v1/orders`, in the order in which they were placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrdersPage {
    /// At most 100.
    pub orders: Vec<Order>,
    /// Give it back as `cursor` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A page of `GET /v1/events`: what became of promises, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventsPage {
    /// At most 500.
    pub events: Vec<Event>,
    /// Give it back as `cursor` for later ones; it stays good when there are none yet.
    pub next: String,
}

/// News about units that an order waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Event {
    /// Its number; they grow.
    pub n: i64,
    /// RFC 3339, UTC, milliseconds.
    pub at: String,
    /// What happened.
    pub kind: EventKind,
    /// The order's id.
    pub order: String,
    /// The merchant's identifier.
    pub sku: String,
    /// How many.
    pub units: i64,
    /// Of a promise that moved: what the buyer was told before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Restock>,
    /// Of a promise that moved: what is so now; absent if nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Restock>,
}

/// What happened to units that an order waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// They are there.
    Ready,
    /// They are promised for another date, or for none any more.
    PromiseMoved,
}
