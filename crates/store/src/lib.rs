//! What the Shop object keeps: the SQL schema, and rows to `ledger`'s types and back. What the
//! Outreach object keeps is in [`outreach`], [`messages`] and [`consent`], and what a Limiter
//! object keeps in [`limiter`].
//!
//! The statements run unchanged in a Durable Object and on native SQLite, through the one small
//! trait [`Sql`]. Every method that writes does so in one transaction: the movements, the
//! balances, the record of the command and the outbox rows stand together or not at all.

mod agreements;
mod books;
pub mod bugs;
mod bundles;
mod candidates;
mod catalogue;
mod commands;
pub mod consent;
mod events;
mod explain;
mod hold_rows;
mod holds;
mod import;
pub mod limiter;
mod load;
mod locations;
pub mod messages;
mod migrate;
mod order_contacts;
mod order_notices;
mod order_rows;
mod orders;
mod outbox;
pub mod outreach;
mod purchases;
mod queue;
mod retention;
mod shop;
mod shown;
mod sql;
mod stock;
mod stockouts;
pub mod subjects;
mod supply;
mod waitlist;
pub mod waits;

pub use agreements::{Agreed, Agreement, Consent};
pub use books::Booked;
pub use bundles::{BadBundle, Bundle};
pub use candidates::MAX_COMPARED;
pub use catalogue::{Item, Money};
pub use commands::{Answer, Answered, Request};
pub use events::{Event, News};
pub use explain::{Count, Explained, Movement};
pub use holds::{HoldRequest, Resolution};
pub use import::{Columns, Counts, Staged, Totals};
pub use locations::{LocationKind, LocationSettings};
pub use order_notices::{LineNews, OrderNotice};
pub use orders::{OrderAction, OrderChange, OrderRequest, Payment, PlacedOrder};
pub use outbox::{Due, OutboxHealth, Receiver};
pub use purchases::{PlacedPo, PoAction, PoRequest, ReceiptNote};
pub use retention::{MOVEMENTS_KEPT_MS, RECORDS_KEPT_MS};
pub use shop::{Brand, MAX_KEYS, Mode, RetireKey, Shop};
pub use shown::{Shown, ShownState};
pub use sql::{Fault, Row, Sql, Value};
pub use stock::{Level, MAX_PAGE, SkuChange};
pub use stockouts::{Cause, Stockout};
pub use waitlist::{Demand, Joined, NOTICES_AT_ONCE, Notice, StoredPlace};

use bugs::Bug;
use jiff::civil::{Date, Time};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// When something happens, resolved by whoever calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// UTC, in milliseconds since 1970.
    pub now: i64,
    /// The civil day in the shop's time zone.
    pub today: Date,
    /// The time of that day.
    pub time: Time,
}

/// A shop's storage. What it remembers besides is read again after a crash.
pub struct Store<S> {
    sql: S,
    /// The settings, while they are known to be those stored.
    shop: RefCell<Option<Rc<Shop>>>,
    /// No open hold expires before this; nothing does, for the inner `None`. Not known, for the
    /// outer.
    expiry: Cell<Option<Option<i64>>>,
    /// Something has come into the outbox since [`Store::take_news`].
    news: Cell<bool>,
    /// Nobody who waits can be offered anything, as far as is known: so most commands need not ask.
    nothing_due: Cell<bool>,
}

impl<S: Sql> Store<S> {
    /// Storage on `sql`, which is left as it is: a shop that nobody made has no tables.
    pub fn new(sql: S) -> Self {
        Self {
            sql,
            shop: RefCell::default(),
            expiry: Cell::new(None),
            news: Cell::new(true),
            nothing_due: Cell::new(false),
        }
    }

    /// Has anything come into the outbox since this was asked last, or since waking?
    pub fn take_news(&self) -> bool {
        self.news.take()
    }

    /// All that `body` writes, or nothing of it.
    fn atomically<T>(&self, body: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        if bugs::has(Bug::NoTransaction) {
            return body();
        }
        let done = self.sql.transaction(body);
        if done.is_err() {
            // What was due before is due again.
            self.nothing_due.set(false);
        }
        done
    }
}
