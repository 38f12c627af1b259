//! Promises made anew: a few rows of a SKU's queue in one transaction, so that ten thousand orders
//! that wait for one receipt do not hold up anybody else.

use crate::{
    Fault, Moment, Sql, Store,
    books::{Booked, Source},
    bugs::{self, Bug},
    load::Loaded,
    order_rows::wait_from,
    sql::bind,
    supply::line_columns,
};
use ledger::{Decision, Handed, Row, Sku, Turn, promised_last, turn};
use std::collections::BTreeSet;

/// Rows that are looked at in one transaction. Each takes some seven statements.
const ROWS_PER_TURN: i64 = 50;

/// Rows that a command looks at before it is answered.
const SETTLED_AT_ONCE: i64 = ROWS_PER_TURN;

/// A SKU whose promises are being made anew.
struct Settling {
    sku: Sku,
    /// The last order that was looked at.
    to: i64,
}

/// Some rows of a queue, in the order in which they are looked at.
struct Rows {
    rows: Vec<Row>,
    /// There are no more.
    is_last: bool,
}

impl<S: Sql> Store<S> {
    /// Makes promises anew, of at most about so many rows; true if there are more.
    ///
    /// # Errors
    /// [`Fault`]; then some of it may have been done, in whole steps.
    pub fn settle_due(&self, moment: Moment, most: i64) -> Result<bool, Fault> {
        let mut left = most;
        while left > 0 {
            let Some(settling) = self.settling()? else { return Ok(false) };
            let looked = if bugs::has(Bug::SettledApart) {
                self.settle_some(&settling, moment)?
            } else {
                self.atomically(|| self.settle_some(&settling, moment))?
            };
            left = left.saturating_sub(looked.max(1));
        }
        Ok(self.settling()?.is_some())
    }

    /// What can be made anew before a command that changed a queue is answered, in its transaction:
    /// in a small shop all of it. The alarm looks at the others.
    pub(crate) fn settle_after(&self, decision: &Decision, moment: Moment) -> Result<(), Fault> {
        let mut left = if decision.queues.is_empty() { 0 } else { SETTLED_AT_ONCE };
        while left > 0 {
            let Some(settling) = self.settling()? else { break };
            left = left.saturating_sub(self.settle_some(&settling, moment)?.max(1));
        }
        Ok(())
    }

    /// Is there a SKU whose promises are being made anew?
    ///
    /// # Errors
    /// [`Fault`].
    pub fn is_settling(&self) -> Result<bool, Fault> {
        Ok(self.settling()?.is_some())
    }

    fn settling(&self) -> Result<Option<Settling>, Fault> {
        let rows =
            self.sql.query("SELECT sku, settled_to FROM skus WHERE settling = 1 LIMIT 1", &[])?;
        let settling = rows.into_iter().next().map(|mut row| {
            Ok(Settling { sku: crate::catalogue::sku_from(row.text()?)?, to: row.integer()? })
        });
        settling.transpose()
    }

    /// The promises of this SKU may be better now, if anybody waits for it.
    pub(crate) fn settle_anew(&self, sku: &Sku) -> Result<(), Fault> {
        let flagged = self.sql.query(
            "UPDATE skus SET settling = 1, settled_to = 0
             WHERE sku = ? AND waiting > 0 RETURNING 1",
            bind![sku.as_str()],
        )?;
        if !flagged.is_empty() {
            self.news.set(true);
        }
        Ok(())
    }

    /// The same of every SKU.
    pub(crate) fn settle_all_anew(&self) -> Result<(), Fault> {
        self.sql.query("UPDATE skus SET settling = 1, settled_to = 0 WHERE waiting > 0", &[])?;
        self.news.set(true);
        Ok(())
    }

    /// One turn; gives how many rows it looked at.
    fn settle_some(&self, settling: &Settling, moment: Moment) -> Result<i64, Fault> {
        let Settling { sku, to } = settling;
        let mut loaded = self.load([sku], moment)?;
        let Some(next) = Turn::next(&loaded.stock, sku) else {
            return Err(Fault::Corrupt("a queue is settled and is not"));
        };
        let Rows { rows, is_last } = self.rows_for(sku, &next, *to)?;
        let decided = turn(&loaded.stock, sku, &next, &rows);
        let (handed, mut decision) =
            decided.map_err(|_| Fault::Corrupt("a promise is out of bounds"))?;
        let source = Source { id: "", kind: Booked::Received, reason: None };
        for (row, handed) in rows.iter().zip(&handed) {
            self.hand(sku, row, handed, next == Turn::Promise, moment)?;
        }
        self.note(sku, &rows, &handed, next == Turn::Promise)?;
        self.write_states(&rows)?;
        let through = next == Turn::Promise && is_last;
        let queue = decision.queues.entry(sku.clone()).or_insert_with(|| known(&loaded, sku));
        queue.settling = queue.waiting.units > 0 && !through;
        self.write_down(&mut loaded, &decision, source, moment)?;
        let to = match rows.last() {
            Some(row) if next == Turn::Promise && !is_last => row.order,
            _ if next == Turn::Promise => 0,
            _ => *to,
        };
        self.sql.query("UPDATE skus SET settled_to = ? WHERE sku = ?", bind![to, sku.as_str()])?;
        Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX))
    }

    /// `to` is the last order that was looked at.
    fn rows_for(&self, sku: &Sku, turn: &Turn, to: i64) -> Result<Rows, Fault> {
        let found = match turn {
            Turn::HandOut(line) if !bugs::has(Bug::LastServedFirst) => {
                let (po, line) = line_columns(Some(line));
                self.sql.query(
                    "SELECT number, po, line, units,
                        promised_first, promised_last, promised_precision
                     FROM waits WHERE po = ? AND line = ? ORDER BY number LIMIT ?",
                    bind![po, line, ROWS_PER_TURN],
                )?
            }
            Turn::HandOut(line) | Turn::Loosen(line) => {
                let (po, line) = line_columns(Some(line));
                self.sql.query(
                    "SELECT number, po, line, units,
                        promised_first, promised_last, promised_precision
                     FROM waits WHERE po = ? AND line = ? ORDER BY number DESC LIMIT ?",
                    bind![po, line, ROWS_PER_TURN],
                )?
            }
            Turn::Promise => self.sql.query(
                "SELECT number, po, line, units, promised_first, promised_last, promised_precision
                 FROM waits WHERE sku = ? AND number > ? ORDER BY number, po, line LIMIT ?",
                bind![sku.as_str(), to, ROWS_PER_TURN],
            )?,
        };
        let is_last = i64::try_from(found.len()).is_ok_and(|found| found < ROWS_PER_TURN);
        let mut rows = found
            .into_iter()
            .map(|mut row| Ok(Row { order: row.integer()?, wait: wait_from(&mut row)? }))
            .collect::<Result<Vec<_>, Fault>>()?;
        // The rows of an order come together: the last one's may have been cut off.
        let last = rows.last().map(|row| row.order);
        if *turn == Turn::Promise && !is_last && rows.first().map(|row| row.order) != last {
            rows.retain(|row| Some(row.order) != last);
        }
        Ok(Rows { rows, is_last })
    }

    /// Writes what became of a row.
    fn hand(
        &self,
        sku: &Sku,
        row: &Row,
        handed: &Handed,
        is_told: bool,
        moment: Moment,
    ) -> Result<(), Fault> {
        if handed.ready.is_empty() && handed.waits == [row.wait.clone()] {
            return Ok(());
        }
        if is_told || !bugs::has(Bug::WaitNotTaken) {
            self.take_wait(row.order, sku, &row.wait)?;
        }
        for (location, units) in &handed.ready {
            if *units > 0 {
                self.add_ready(row.order, sku, location.as_str(), *units)?;
                self.tell_ready(row, sku, *units, moment)?;
            }
        }
        for wait in &handed.waits {
            self.add_wait(row.order, sku, wait)?;
            let is_moved = is_told && wait.promised != row.wait.promised;
            if is_moved && !bugs::has(Bug::MoveUntold) {
                self.tell_moved(row, sku, wait, moment)?;
            }
        }
        Ok(())
    }

    /// Notes for Outreach what has become of these lines: the rows of an order are one line's, and
    /// stand together.
    fn note(&self, sku: &Sku, rows: &[Row], handed: &[Handed], is_told: bool) -> Result<(), Fault> {
        let both: Vec<_> = rows.iter().zip(handed).collect();
        for line in both.chunk_by(|(one, _), (next, _)| one.order == next.order) {
            let Some((Row { order, .. }, _)) = line.first() else { continue };
            let was = promised_last(line.iter().map(|(row, _)| &row.wait));
            let left = || line.iter().flat_map(|(_, handed)| &handed.waits);
            let now = promised_last(left());
            let is_moved = is_told && now != was && left().next().is_some();
            if is_moved && !bugs::has(Bug::MoveUntold) {
                self.note_moved(*order, sku, was, now)?;
            }
            let served = |handed: &Handed| handed.ready.iter().any(|(_, units)| *units > 0);
            if line.iter().any(|(_, handed)| served(handed)) {
                self.note_ready(*order, sku)?;
            }
        }
        Ok(())
    }

    /// Orders that wait for nothing more are ready.
    fn write_states(&self, rows: &[Row]) -> Result<(), Fault> {
        let orders: BTreeSet<_> = rows.iter().map(|row| row.order).collect();
        for number in orders {
            self.sql.query(
                "UPDATE orders SET state = 'ready' WHERE number = ?1 AND state = 'waiting'
                    AND NOT EXISTS (SELECT 1 FROM order_lines
                        JOIN waits ON waits.sku = order_lines.sku AND waits.number = ?1
                        WHERE order_lines.number = ?1)",
                bind![number],
            )?;
        }
        Ok(())
    }
}

fn known(loaded: &Loaded, sku: &Sku) -> ledger::SkuStock {
    loaded.stock.skus.get(sku).cloned().unwrap_or_default()
}
