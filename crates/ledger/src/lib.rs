//! The truth about stock, as pure decisions.
//!
//! [`decide`] is given what is so and what somebody wants or reports, and answers what follows:
//! movements and the balances they leave, or a named [`Reject`]. Nothing here does I/O, reads a
//! clock, draws a random number or knows JSON or SQL; whoever calls it writes the whole answer
//! down in one transaction, or nothing.
//!
//! # Invariants
//! - A balance's net (`on_hand − shortfall`) is the sum of its movements.
//! - `on_hand` and `shortfall` are never negative and never both above zero.
//! - A request never takes more than there is; a fact is never refused for lack of stock.

mod availability;
mod balance;
mod decide;
mod names;
mod restock;

pub use availability::{Availability, availability};
pub use balance::{Balance, MAX_NET};
pub use decide::{
    Command, Decision, Effect, Kind, Line, MAX_LINES, MAX_QUANTITY, Reject, Shortfall, Stock,
    count, decide,
};
pub use names::{BadName, Location, MAX_LOCATION_BYTES, MAX_SKU_BYTES, Sku};
pub use restock::{BadRestock, Precision, Restock};
