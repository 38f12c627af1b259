//! Rows of orders: read and written.

use crate::{
    Agreed, Consent, Fault, MAX_PAGE, Payment, PlacedOrder, Row, Sql, Store, Value,
    catalogue::{dates_from, restock_columns, sku_from},
    sql::bind,
    supply::{kind_from, kind_text, line_columns, location_from, number_from},
};
use jiff::civil::Date;
use ledger::{Order, OrderLine, OrderState, PoLineId, Shipping, Sku, Wait};
use std::collections::BTreeMap;

type OrderLines = BTreeMap<Sku, OrderLine>;
type Consents = BTreeMap<Sku, Consent>;

/// More days than the calendar has.
const DAYS: i64 = 10_000_000;

impl<S: Sql> Store<S> {
    /// The order of this id; `None` if there is none.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn order(&self, id: &str) -> Result<Option<PlacedOrder>, Fault> {
        let rows = self.sql.query(
            "SELECT number, id, placed_at, shipping, payment FROM orders WHERE id = ?",
            bind![id],
        )?;
        rows.into_iter().next().map(|row| self.order_from(row)).transpose()
    }

    /// At most `most` orders placed after the one of this number.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn orders_after(&self, number: i64, most: i64) -> Result<Vec<PlacedOrder>, Fault> {
        let rows = self.sql.query(
            "SELECT number, id, placed_at, shipping, payment FROM orders
             WHERE number > ? ORDER BY number LIMIT ?",
            bind![number, most.min(MAX_PAGE)],
        )?;
        rows.into_iter().map(|row| self.order_from(row)).collect()
    }

    fn order_from(&self, mut row: Row) -> Result<PlacedOrder, Fault> {
        let (number, id, placed_at) = (row.integer()?, row.text()?, row.integer()?);
        let shipping = shipping_from(&row.text()?)?;
        let payment = Payment::from_str(&row.text()?)?;
        let (lines, consents) = self.order_lines_of(number)?;
        let order = Order { id, number, placed_at, shipping, lines };
        Ok(PlacedOrder { order, payment, consents })
    }

    fn order_lines_of(&self, number: i64) -> Result<(OrderLines, Consents), Fault> {
        let (mut lines, mut consents) = (BTreeMap::new(), BTreeMap::new());
        for mut row in self.sql.query(
            "SELECT sku, kind, ordered, shipped, cancelled, returned, quarantined, written_off,
                moved_first, moved_last, moved_precision,
                agreed_at, agreed_first, agreed_last, agreed_precision
             FROM order_lines WHERE number = ?",
            bind![number],
        )? {
            let sku = sku_from(row.text()?)?;
            let line = OrderLine {
                kind: row.text_or_null()?.map(|kind| kind_from(&kind)).transpose()?,
                ordered: row.integer()?,
                shipped: row.integer()?,
                cancelled: row.integer()?,
                returned: row.integer()?,
                quarantined: row.integer()?,
                written_off: row.integer()?,
                ready: BTreeMap::new(),
                waiting: self.waits_of(number, &sku)?,
            };
            let consent = consent_from(&mut row)?;
            consents.extend(consent.map(|consent| (sku.clone(), consent)));
            lines.insert(sku, line);
        }
        for mut row in self
            .sql
            .query("SELECT sku, location, units FROM ready WHERE number = ?", bind![number])?
        {
            let sku = sku_from(row.text()?)?;
            let line = lines.get_mut(&sku).ok_or(Fault::Corrupt("units are ready for no line"))?;
            line.ready.insert(location_from(row.text()?)?, row.integer()?);
        }
        Ok((lines, consents))
    }

    pub(crate) fn waits_of(&self, number: i64, sku: &Sku) -> Result<Vec<Wait>, Fault> {
        self.sql
            .query(
                "SELECT po, line, units, promised_first, promised_last, promised_precision
                 FROM waits WHERE sku = ? AND number = ? ORDER BY po, line",
                bind![sku.as_str(), number],
            )?
            .into_iter()
            .map(|mut row| wait_from(&mut row))
            .collect()
    }

    /// Units that this buyer waits for.
    pub(crate) fn waited_for_by(&self, buyer: &[u8]) -> Result<BTreeMap<Sku, i64>, Fault> {
        self.sql
            .query(
                "SELECT waits.sku, SUM(units) FROM orders
                 JOIN order_lines ON order_lines.number = orders.number
                 JOIN waits ON waits.sku = order_lines.sku AND waits.number = orders.number
                 WHERE buyer = ? AND state = 'waiting' GROUP BY waits.sku",
                bind![buyer],
            )?
            .into_iter()
            .map(|mut row| Ok((sku_from(row.text()?)?, row.integer()?)))
            .collect()
    }

    /// The next order's place in the queue.
    pub(crate) fn next_order_number(&self) -> Result<i64, Fault> {
        let rows = self.sql.query("SELECT orders + 1 FROM shop", &[])?;
        rows.into_iter().next().ok_or(Fault::Corrupt("there is no shop"))?.integer()
    }

    pub(crate) fn insert_order(
        &self,
        order: &Order,
        payment: Payment,
        buyer: Option<&[u8]>,
    ) -> Result<(), Fault> {
        self.sql.query("UPDATE shop SET orders = ?", bind![order.number])?;
        self.sql.query(
            "INSERT INTO orders (number, id, placed_at, state, shipping, payment, buyer)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            bind![
                order.number,
                order.id.as_str(),
                order.placed_at,
                order.state().as_str(),
                shipping_text(order.shipping),
                payment.as_str(),
                buyer,
            ],
        )?;
        for (sku, line) in &order.lines {
            self.sql.query(
                "INSERT INTO order_lines (number, sku, kind, ordered) VALUES (?, ?, ?, ?)",
                bind![order.number, sku.as_str(), line.kind.map(kind_text), line.ordered],
            )?;
            self.put_units(order.number, sku, line)?;
        }
        Ok(())
    }

    /// Writes what has changed of an order.
    pub(crate) fn update_order(&self, before: &Order, after: &Order) -> Result<(), Fault> {
        for (sku, line) in &after.lines {
            if before.lines.get(sku) == Some(line) {
                continue;
            }
            self.sql.query(
                "UPDATE order_lines SET shipped = ?, cancelled = ?, returned = ?, quarantined = ?,
                    written_off = ?
                 WHERE number = ? AND sku = ?",
                bind![
                    line.shipped,
                    line.cancelled,
                    line.returned,
                    line.quarantined,
                    line.written_off,
                    after.number,
                    sku.as_str(),
                ],
            )?;
            self.sql.query(
                "DELETE FROM ready WHERE number = ? AND sku = ?",
                bind![after.number, sku.as_str()],
            )?;
            self.sql.query(
                "DELETE FROM waits WHERE sku = ? AND number = ?",
                bind![sku.as_str(), after.number],
            )?;
            self.put_units(after.number, sku, line)?;
        }
        self.write_order_state(after.number, after.state())
    }

    pub(crate) fn write_order_state(&self, number: i64, state: OrderState) -> Result<(), Fault> {
        self.sql
            .query("UPDATE orders SET state = ? WHERE number = ?", bind![state.as_str(), number])?;
        Ok(())
    }

    fn put_units(&self, number: i64, sku: &Sku, line: &OrderLine) -> Result<(), Fault> {
        for (location, units) in &line.ready {
            self.add_ready(number, sku, location.as_str(), *units)?;
        }
        for wait in &line.waiting {
            self.add_wait(number, sku, wait)?;
        }
        Ok(())
    }

    /// So many more units are there for an order.
    pub(crate) fn add_ready(
        &self,
        number: i64,
        sku: &Sku,
        location: &str,
        units: i64,
    ) -> Result<(), Fault> {
        self.sql.query(
            "INSERT INTO ready (number, sku, location, units) VALUES (?, ?, ?, ?)
             ON CONFLICT (number, sku, location) DO UPDATE SET units = units + excluded.units",
            bind![number, sku.as_str(), location, units],
        )?;
        Ok(())
    }

    /// An order waits for so many more units.
    pub(crate) fn add_wait(&self, number: i64, sku: &Sku, wait: &Wait) -> Result<(), Fault> {
        let (po, line) = wait_columns(wait);
        let [first, last, precision] = restock_columns(wait.promised);
        self.sql.query(
            "INSERT INTO waits (sku, number, po, line, units,
                promised_first, promised_last, promised_precision)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (sku, number, po, line) DO UPDATE SET units = units + excluded.units,
                promised_first = excluded.promised_first, promised_last = excluded.promised_last,
                promised_precision = excluded.promised_precision",
            bind![sku.as_str(), number, po, line, wait.units, first, last, precision],
        )?;
        Ok(())
    }

    /// An order waits for these units no more.
    pub(crate) fn take_wait(&self, number: i64, sku: &Sku, wait: &Wait) -> Result<(), Fault> {
        let (po, line) = wait_columns(wait);
        let bound: &[Value] = bind![sku.as_str(), number, po, line, wait.units];
        let gone = self.sql.query(
            "DELETE FROM waits WHERE sku = ? AND number = ? AND po = ? AND line = ? AND units = ?
             RETURNING 1",
            bound,
        )?;
        if gone.is_empty() {
            self.sql.query(
                "UPDATE waits SET units = units - ?5
                 WHERE sku = ?1 AND number = ?2 AND po = ?3 AND line = ?4",
                bound,
            )?;
        }
        Ok(())
    }
}

/// The columns of what a buyer has said of a line's promise.
fn consent_from(row: &mut Row) -> Result<Option<Consent>, Fault> {
    let before = dates_from(row)?;
    let at = row.integer_or_null()?;
    let promised = dates_from(row)?;
    let agreed = at.map(|at| Agreed { at, promised });
    Ok((before.is_some() || agreed.is_some()).then_some(Consent { before, agreed }))
}

/// The columns `po`, `line`, `units` and the three of the date.
pub(crate) fn wait_from(row: &mut Row) -> Result<Wait, Fault> {
    let (po, line) = (row.text()?, row.integer()?);
    let on = if po.is_empty() { None } else { Some(PoLineId { po, line: number_from(line)? }) };
    Ok(Wait { on, units: row.integer()?, promised: dates_from(row)? })
}

/// The columns `po` and `line`. Units on no line are kept apart by the days that the buyer was told
/// last, so that each of them is told the right one before.
fn wait_columns(wait: &Wait) -> (&str, i64) {
    match (&wait.on, wait.promised) {
        (None, Some(promised)) => {
            let day = |date: Date| date.duration_since(Date::ZERO).as_hours() / 24;
            ("", day(promised.first()).saturating_mul(DAYS).saturating_add(day(promised.last())))
        }
        (on, _) => line_columns(on.as_ref()),
    }
}

fn shipping_text(shipping: Shipping) -> &'static str {
    match shipping {
        Shipping::Together => "together",
        Shipping::Split => "split",
    }
}

fn shipping_from(text: &str) -> Result<Shipping, Fault> {
    match text {
        "together" => Ok(Shipping::Together),
        "split" => Ok(Shipping::Split),
        _ => Err(Fault::Corrupt("a way of shipping is unknown")),
    }
}
