//! The truth about stock, as pure decisions.
//!
//! [`decide`] is given what is so and what somebody wants or reports, and answers what follows:
//! movements, holds and the balances they leave, or a named [`Reject`]. Nothing here does I/O,
//! reads a clock, draws a random number or knows JSON or SQL; whoever calls it writes the whole
//! answer down in one transaction, or nothing.
//!
//! # Invariants
//! - A balance's net (`on_hand − shortfall`) is the sum of its movements.
//! - `on_hand` and `shortfall` are never negative and never both above zero.
//! - `held` is the sum of the open holds' lines.
//! - A request never takes more than is available to sell, in all and at each location; a fact is
//!   never refused for lack of stock.
//! - What is available to sell can be sold: some allocation of it is always found.
//! - A hold ends once, in one of three ways, and is never open again.
//! - Of each line of an order: ordered = ready + waiting + shipped + cancelled.
//! - `committed` is the sum of what is ready in orders and of what is kept for those that wait.
//! - No line of a purchase order promises more than is still to come of it.
//! - Stock that nobody has belongs first to whoever waits and was promised nothing.
//! - A kit has no stock of its own: what it takes, its components lose.

mod allocate;
mod availability;
mod balance;
mod command;
mod decide;
mod draft;
mod hold;
mod names;
mod order;
mod promise;
mod purchase;
mod reject;
mod restock;
mod stock;
mod supply;
mod waitlist;

pub use availability::{Availability, Shelf, availability};
pub use balance::{Balance, MAX_NET};
pub use command::{
    BROWSER_SHARE_PERCENT, BrowserLimit, BuyerLimit, Cart, Command, CountLine, Kind, Line,
    MAX_BROWSER_LIFETIME_MS, MAX_COUNT, MAX_HOLDS_PER_NETWORK, MAX_LIFETIME_MS, MAX_LINES,
    MAX_QUANTITY, MIN_LIFETIME_MS,
};
pub use decide::{Decision, Effect, decide, turn};
pub use hold::{HOLD_STATES, HeldLine, Hold, HoldState, Way};
pub use names::{
    BadName, Location, MAX_LOCATION_BYTES, MAX_REGION_BYTES, MAX_SKU_BYTES, Region, Sku,
};
pub use order::{
    MAX_WAITS, Mixed, NewOrder, ORDER_STATES, Order, OrderEvent, OrderLine, OrderState, ReturnTo,
    Shipping, Wait, is_later, promised_last,
};
pub use promise::{Handed, Row, Turn};
pub use purchase::{
    Arrived, Discrepancy, LineChange, NewPoLine, PoChange, PoReceipt, PurchaseOrder,
};
pub use reject::{Reject, Shortage};
pub use restock::{BadRestock, Precision, Restock};
pub use stock::{
    Component, MAX_COMPONENTS, MAX_PER_KIT, Site, SkuStock, Stock, Strategy, USUAL_PRIORITY,
};
pub use supply::{
    Ahead, AheadKind, Arrivals, MAX_PO_LINES, PO_LINE_STATES, PoLine, PoLineEvent, PoLineId,
    PoLineState, Waiting,
};
pub use waitlist::{
    MAX_WAVE, MAX_WINDOW_MS, MIN_WINDOW_MS, Offer, PLACE_STATES, Place, PlaceEvent, PlaceState,
    Policy, Waitlist, offer,
};
