//! What Outreach has to be told of orders: that what a line waits for is promised for another date,
//! or that it has come. A row says only of which line there is something to tell; what it is, is read
//! when it is told, so that several changes come to one word, and that is the last.

use crate::{
    Fault, Sql, Store,
    catalogue::{dates_from, restock_columns, sku_from},
    sql::bind,
};
use ledger::{Restock, Sku, Wait, is_later, promised_last};

/// Orders that Outreach is told of at once.
const ORDERS_AT_ONCE: i64 = 20;

/// Lines that it is told of at once: with the longest SKUs (128 bytes), two dates and the ids of 20
/// orders they come to 40 kB, and to twice as much with every character escaped.
const LINES_AT_ONCE: i64 = 100;

/// What Outreach has to be told of a line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderNotice {
    /// The order's number.
    pub number: i64,
    /// The order's id.
    pub order: String,
    /// Of what.
    pub sku: Sku,
    /// Grows with each change, over all lines of the shop.
    pub version: i64,
    /// How many.
    pub units: i64,
    /// What there is to tell.
    pub news: LineNews,
}

/// What there is to tell of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineNews {
    /// It is promised for another date, or for none any more.
    Moved {
        /// What the buyer was promised before.
        was: Option<Restock>,
        /// What is so now.
        now: Option<Restock>,
    },
    /// All that it waited for is there.
    Ready,
    /// It waits for nothing, and nothing of it is there: it was cancelled, or has left.
    Nothing,
}

impl<S: Sql> Store<S> {
    /// A line is promised for another date. Told of in the transaction in which that is written.
    pub(crate) fn note_moved(
        &self,
        number: i64,
        sku: &Sku,
        was: Option<Restock>,
        now: Option<Restock>,
    ) -> Result<(), Fault> {
        let [first, last, precision] = restock_columns(was);
        self.sql.query(
            "INSERT INTO order_notices (number, sku, version, was_first, was_last, was_precision)
             VALUES (?, ?, (SELECT MAX(n) FROM events), ?, ?, ?)
             ON CONFLICT (number, sku) DO UPDATE SET version = excluded.version",
            bind![number, sku.as_str(), first, last, precision],
        )?;
        self.news.set(true);
        if is_later(was, now) {
            let [first, last, precision] = restock_columns(was);
            self.sql.query(
                "UPDATE order_lines SET moved_first = ?, moved_last = ?, moved_precision = ?
                 WHERE number = ? AND sku = ? AND moved_precision IS NULL",
                bind![first, last, precision, number, sku.as_str()],
            )?;
        }
        Ok(())
    }

    /// Units of a line have come: if it waits for no more, that is told.
    pub(crate) fn note_ready(&self, number: i64, sku: &Sku) -> Result<(), Fault> {
        self.sql.query(
            "INSERT INTO order_notices (number, sku, version)
             SELECT ?1, ?2, (SELECT MAX(n) FROM events)
             WHERE NOT EXISTS (SELECT 1 FROM waits WHERE sku = ?2 AND number = ?1)
             ON CONFLICT (number, sku) DO UPDATE SET version = excluded.version",
            bind![number, sku.as_str()],
        )?;
        self.news.set(true);
        Ok(())
    }

    /// The first notices of orders that Outreach has not confirmed, those of an order together and
    /// the oldest change first.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn order_notices(&self) -> Result<Vec<OrderNotice>, Fault> {
        self.sql
            .query(
                "SELECT notice.number, orders.id, notice.sku, version,
                    was_first, was_last, was_precision,
                    (SELECT SUM(units) FROM ready
                     WHERE ready.number = notice.number AND ready.sku = notice.sku)
                 FROM order_notices AS notice JOIN orders ON orders.number = notice.number
                 WHERE notice.number IN
                    (SELECT DISTINCT number FROM order_notices ORDER BY number LIMIT ?)
                 ORDER BY notice.number, version LIMIT ?",
                bind![ORDERS_AT_ONCE, LINES_AT_ONCE],
            )?
            .into_iter()
            .map(|mut row| {
                let (number, order) = (row.integer()?, row.text()?);
                let (sku, version) = (sku_from(row.text()?)?, row.integer()?);
                let was = dates_from(&mut row)?;
                let ready = row.integer_or_null()?.unwrap_or(0);
                let waits = self.waits_of(number, &sku)?;
                let (units, news) = news_of(&waits, ready, was);
                Ok(OrderNotice { number, order, sku, version, units, news })
            })
            .collect()
    }

    /// Is there anything that Outreach has not confirmed of an order?
    ///
    /// # Errors
    /// [`Fault`].
    pub fn has_order_notices(&self) -> Result<bool, Fault> {
        Ok(!self.sql.query("SELECT 1 FROM order_notices LIMIT 1", &[])?.is_empty())
    }

    /// Outreach has these notices. What has changed of a line meanwhile is still to be told.
    ///
    /// # Errors
    /// [`Fault`]; then none of them was confirmed.
    pub fn confirm_order_notices(&self, told: &[OrderNotice]) -> Result<(), Fault> {
        self.atomically(|| {
            for OrderNotice { number, sku, version, .. } in told {
                self.sql.query(
                    "DELETE FROM order_notices WHERE number = ? AND sku = ? AND version = ?",
                    bind![*number, sku.as_str(), *version],
                )?;
            }
            Ok(())
        })
    }
}

/// Of how many units there is what to tell.
fn news_of(waits: &[Wait], ready: i64, was: Option<Restock>) -> (i64, LineNews) {
    if !waits.is_empty() {
        let units = waits.iter().map(|wait| wait.units).fold(0, i64::saturating_add);
        (units, LineNews::Moved { was, now: promised_last(waits.iter()) })
    } else if ready > 0 {
        (ready, LineNews::Ready)
    } else {
        (0, LineNews::Nothing)
    }
}
