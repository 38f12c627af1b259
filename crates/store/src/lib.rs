//! What the Shop object keeps: the SQL schema, and rows to `ledger`'s types and back.
//!
//! The statements run unchanged in a Durable Object and on native SQLite, through the one small
//! trait [`Sql`]. Every method that writes does so in one transaction: the movements, the
//! balances, the record of the command and the outbox rows stand together or not at all.

mod catalogue;
mod commands;
mod import;
mod migrate;
mod outbox;
mod shop;
mod sql;
mod stock;

pub use catalogue::{Item, Money, Shown, ShownState};
pub use commands::{Answer, Answered, Request};
pub use import::{Columns, Counts, Staged, Totals};
pub use outbox::{Due, OutboxHealth, Receiver};
pub use shop::{MAX_KEYS, Mode, RetireKey, Shop};
pub use sql::{Fault, Row, Sql, Value};
pub use stock::{Level, MAX_PAGE};

use jiff::civil::Date;

/// When something happens, resolved by whoever calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// UTC, in milliseconds since 1970.
    pub now: i64,
    /// The civil day in the shop's time zone.
    pub today: Date,
}

/// A shop's storage.
pub struct Store<S> {
    sql: S,
}

impl<S: Sql> Store<S> {
    /// Storage on `sql`, which is left as it is: a shop that nobody made has no tables.
    pub fn new(sql: S) -> Self {
        Self { sql }
    }
}
