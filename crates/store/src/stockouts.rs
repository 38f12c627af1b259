//! When a SKU had nothing to sell, and what led to it: read from the movements and the purchase
//! orders at that moment.

use crate::{
    Fault, MAX_PAGE, Moment, ShownState, Sql, Store, catalogue::sku_from, load::Loaded, sql::bind,
};
use ledger::Sku;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// The days of sales that are compared with those before them.
const RECENT_MS: i64 = 7 * DAY_MS;

/// The days before them, four times as many.
const EARLIER_MS: i64 = 4 * RECENT_MS;

/// A week is above the plain rate if it sold over so many percent of what it did before.
const ABOVE_PERCENT: i64 = 150;

/// A receipt that came short matters for so long.
const SHORT_MATTERS_MS: i64 = 30 * DAY_MS;

/// A time in which a SKU had nothing to sell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stockout {
    /// Of what.
    pub sku: Sku,
    /// UTC milliseconds.
    pub began_at: i64,
    /// `None` while it lasts.
    pub ended_at: Option<i64>,
    /// What led to it.
    pub cause: Cause,
}

/// What led to a stockout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// More was sold than the plain rate, or sooner than what is on its way could come.
    Demand,
    /// A purchase order was to be there by now.
    LatePo,
    /// Fewer came than were ordered.
    ShortReceipt,
    /// Nothing was ordered.
    NoPo,
    /// The books said that there were more.
    CountCorrection,
}

impl Cause {
    const ALL: [Self; 5] =
        [Self::Demand, Self::LatePo, Self::ShortReceipt, Self::NoPo, Self::CountCorrection];

    /// As it stands in the books.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Demand => "demand",
            Self::LatePo => "late_po",
            Self::ShortReceipt => "short_receipt",
            Self::NoPo => "no_po",
            Self::CountCorrection => "count_correction",
        }
    }
}

impl<S: Sql> Store<S> {
    /// Notes that a stockout begins or ends, if what is shown says so.
    pub(crate) fn note_stockout(
        &self,
        loaded: &Loaded,
        sku: &Sku,
        before: Option<ShownState>,
        after: ShownState,
        moment: Moment,
    ) -> Result<(), Fault> {
        let was = before.is_some_and(ShownState::is_stockout);
        let is_kit = loaded.stock.skus.get(sku).is_some_and(ledger::SkuStock::is_kit);
        match (was, after.is_stockout()) {
            // What was never there has not run out.
            (false, true) if before.is_some() && !is_kit => {
                let cause = self.cause(loaded, sku, moment)?;
                self.sql.query(
                    "INSERT OR IGNORE INTO stockouts (sku, began_at, cause) VALUES (?, ?, ?)",
                    bind![sku.as_str(), moment.now, cause.as_str()],
                )?;
            }
            (true, false) => {
                self.sql.query(
                    "UPDATE stockouts SET ended_at = MAX(began_at, ?)
                     WHERE sku = ? AND ended_at IS NULL",
                    bind![moment.now, sku.as_str()],
                )?;
            }
            _ => {}
        }
        Ok(())
    }

    fn cause(&self, loaded: &Loaded, sku: &Sku, moment: Moment) -> Result<Cause, Fault> {
        let corrected = self.one(
            "SELECT kind IN ('counted', 'adjusted') AND quantity < 0 FROM movements
             WHERE sku = ? ORDER BY at DESC, n DESC LIMIT 1",
            bind![sku.as_str()],
        )?;
        if corrected != 0 {
            return Ok(Cause::CountCorrection);
        }
        let known = loaded.stock.skus.get(sku);
        let open = || known.into_iter().flat_map(|known| known.supply.values());
        let late = |line: &ledger::PoLine| {
            line.incoming() > 0 && line.expected.is_some_and(|date| date.has_passed(moment.today))
        };
        if open().any(late) {
            return Ok(Cause::LatePo);
        }
        let short = self.one(
            "SELECT SUM(missing) FROM receipts WHERE sku = ? AND at >= ?",
            bind![sku.as_str(), moment.now.saturating_sub(SHORT_MATTERS_MS)],
        )?;
        if short > 0 {
            return Ok(Cause::ShortReceipt);
        }
        let sold_since = |ms: i64| {
            self.one(
                "SELECT -SUM(quantity) FROM movements WHERE sku = ? AND at >= ? AND kind = 'sold'",
                bind![sku.as_str(), moment.now.saturating_sub(ms)],
            )
        };
        let recent = sold_since(RECENT_MS)?;
        let earlier = sold_since(RECENT_MS + EARLIER_MS)?.saturating_sub(recent);
        let weeks = EARLIER_MS / RECENT_MS;
        let is_above = earlier > 0
            && recent.saturating_mul(weeks).saturating_mul(100)
                > earlier.saturating_mul(ABOVE_PERCENT);
        let on_its_way = open().any(|line| line.incoming() > 0);
        Ok(if is_above || on_its_way { Cause::Demand } else { Cause::NoPo })
    }

    /// A number about a SKU, since then; 0 if there is none.
    fn one(&self, statement: &'static str, bound: &[crate::Value]) -> Result<i64, Fault> {
        let rows = self.sql.query(statement, bound)?;
        let number = rows.into_iter().next().map(|mut row| row.integer_or_null()).transpose()?;
        Ok(number.flatten().unwrap_or(0))
    }

    /// At most [`MAX_PAGE`] stockouts after this one, by SKU and beginning.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn stockouts_after(&self, (sku, began_at): (&str, i64)) -> Result<Vec<Stockout>, Fault> {
        self.sql
            .query(
                "SELECT sku, began_at, ended_at, cause FROM stockouts
                 WHERE (sku, began_at) > (?, ?) ORDER BY sku, began_at LIMIT ?",
                bind![sku, began_at, MAX_PAGE],
            )?
            .into_iter()
            .map(|mut row| {
                let (sku, began_at) = (sku_from(row.text()?)?, row.integer()?);
                let ended_at = row.integer_or_null()?;
                let cause = row.text()?;
                let cause = Cause::ALL.into_iter().find(|known| known.as_str() == cause);
                let cause = cause.ok_or(Fault::Corrupt("a cause is unknown"))?;
                Ok(Stockout { sku, began_at, ended_at, cause })
            })
            .collect()
    }
}
