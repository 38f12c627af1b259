//! What became of promises, for whoever has to tell the buyers.

use crate::{
    Fault, MAX_PAGE, Moment, Sql, Store,
    catalogue::{dates_from, restock_columns, sku_from},
    sql::bind,
};
use ledger::{Restock, Row, Sku, Wait};

/// News about units that an order waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number; they grow.
    pub n: i64,
    /// UTC milliseconds.
    pub at: i64,
    /// The order's id.
    pub order: String,
    /// Of what.
    pub sku: Sku,
    /// How many.
    pub units: i64,
    /// What happened to them.
    pub news: News,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// They are there.
    Ready,
    /// They are promised for another date, or for none any more.
    PromiseMoved {
        /// What the buyer was told before.
        was: Option<Restock>,
        /// What is so now.
        now: Option<Restock>,
    },
}

impl<S: Sql> Store<S> {
    pub(crate) fn tell_ready(
        &self,
        row: &Row,
        sku: &Sku,
        units: i64,
        moment: Moment,
    ) -> Result<(), Fault> {
        self.sql.query(
            "INSERT INTO events (at, kind, number, sku, units) VALUES (?, 'ready', ?, ?, ?)",
            bind![moment.now, row.order, sku.as_str(), units],
        )?;
        Ok(())
    }

    pub(crate) fn tell_moved(
        &self,
        row: &Row,
        sku: &Sku,
        wait: &Wait,
        moment: Moment,
    ) -> Result<(), Fault> {
        let [was_first, was_last, was_precision] = restock_columns(row.wait.promised);
        let [now_first, now_last, now_precision] = restock_columns(wait.promised);
        self.sql.query(
            "INSERT INTO events (at, kind, number, sku, units,
                was_first, was_last, was_precision, now_first, now_last, now_precision)
             VALUES (?, 'promise_moved', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            bind![
                moment.now,
                row.order,
                sku.as_str(),
                wait.units,
                was_first,
                was_last,
                was_precision,
                now_first,
                now_last,
                now_precision,
            ],
        )?;
        Ok(())
    }

    /// At most [`MAX_PAGE`] events after the one of this number.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn events_after(&self, n: i64) -> Result<Vec<Event>, Fault> {
        self.sql
            .query(
                "SELECT n, at, id, sku, units, kind, was_first, was_last, was_precision,
                    now_first, now_last, now_precision
                 FROM events JOIN orders ON orders.number = events.number
                 WHERE n > ? ORDER BY n LIMIT ?",
                bind![n, MAX_PAGE],
            )?
            .into_iter()
            .map(|mut row| {
                let (n, at, order) = (row.integer()?, row.integer()?, row.text()?);
                let (sku, units) = (sku_from(row.text()?)?, row.integer()?);
                let kind = row.text()?;
                let (was, now) = (dates_from(&mut row)?, dates_from(&mut row)?);
                let news = match kind.as_str() {
                    "ready" => News::Ready,
                    "promise_moved" => News::PromiseMoved { was, now },
                    _ => return Err(Fault::Corrupt("an event's kind is unknown")),
                };
                Ok(Event { n, at, order, sku, units, news })
            })
            .collect()
    }
}
