//! Orders, purchase orders and promises as they stand in the database, read by SQL alone. The
//! auditor does not work out who is promised what: he takes what is written and judges whether it
//! may be so, and whether it may have come from what was so before.

use crate::{
    broken::Broken,
    command::Name,
    sqlite::{Sqlite, Table},
    waitlist::Lists,
};
use jiff::civil::Date;
use std::{collections::BTreeMap, rc::Rc};

/// A line of a purchase order: its order's id and its number.
pub type LineId = (Name, u32);

/// The last day of a date and its first, such that what can be relied on sooner is less.
pub type Dates = (Date, Date);

/// Units of a SKU that an order waits for: by SKU, the order's number, the line it waits for, and
/// what the buyer was told last.
pub type Waits = BTreeMap<(Name, i64, Option<LineId>, Option<Dates>), i64>;

/// Units that are kept for those that wait: by SKU, line and location.
pub type Arrivals = BTreeMap<(Name, Option<LineId>, Name), i64>;

/// What is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Supply {
    /// What the catalogue says of each SKU's queue.
    pub queues: Rc<BTreeMap<Name, Queue>>,
    /// Lines of purchase orders.
    pub lines: Rc<BTreeMap<LineId, Line>>,
    /// Units that orders wait for.
    pub waits: Rc<Waits>,
    /// Units that are there for orders: by number, SKU and location.
    pub ready: Rc<BTreeMap<(i64, Name, Name), i64>>,
    /// Units that are kept for those that wait: by SKU, line and location.
    pub arrivals: Rc<Arrivals>,
    /// Orders by number.
    pub orders: Rc<BTreeMap<i64, Order>>,
    /// Units of orders by number and SKU.
    pub order_lines: Rc<BTreeMap<(i64, Name), Units>>,
    /// Units that are there for orders and are not shipped, by SKU and location.
    pub committed: Rc<BTreeMap<(Name, Name), i64>>,
    /// Waitlists.
    pub lists: Lists,
    /// Versions of what Outreach has to be told of lines of orders, by number and SKU.
    pub notices: Rc<BTreeMap<(i64, Name), i64>>,
    /// The number of the last event.
    pub last_event: i64,
}

/// What the catalogue says of a SKU's queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// Somebody looks whether there is supply.
    pub supplied: bool,
    /// Units that orders wait for.
    pub waiting: i64,
    /// Those among them that no line promises.
    pub unpegged: i64,
    /// Promises are being made anew.
    pub settling: bool,
    /// As what it may be ordered ahead, and the two limits.
    pub ahead: (Option<String>, [Option<i64>; 2]),
}

/// A line of a purchase order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Of what.
    pub sku: Name,
    /// Where it arrives.
    pub location: Name,
    /// `open`, `received`, `short` or `cancelled`.
    pub state: String,
    /// Units ordered.
    pub ordered: i64,
    /// Units that came.
    pub received: i64,
    /// Units that will not come.
    pub missing: i64,
    /// When the rest is expected.
    pub expected: Option<Dates>,
    /// Units of the rest that are promised.
    pub pegged: i64,
    /// Units that are promised and will not come.
    pub loose: i64,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its sender's id.
    pub id: Name,
    /// `waiting`, `ready`, `shipped` or `cancelled`.
    pub state: String,
    /// Does it leave all at once?
    pub together: bool,
    /// Whose it is.
    pub buyer: Option<u8>,
}

/// Units of one SKU of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Units {
    /// Ordered.
    pub ordered: i64,
    /// Gone out.
    pub shipped: i64,
    /// Not wanted any more.
    pub cancelled: i64,
    /// Come back.
    pub returned: i64,
}

/// What somebody who waits is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its own number.
    pub n: i64,
    /// Which order.
    pub number: i64,
    /// Of what.
    pub sku: Name,
    /// How many.
    pub units: i64,
    /// From which date to which; `None` if the units are there.
    pub moved: Option<[Option<Dates>; 2]>,
}

impl Line {
    /// Units that are still to come.
    pub fn incoming(&self) -> i64 {
        let left = self.ordered - self.received - self.missing;
        if self.state == "open" { left.max(0) } else { 0 }
    }

    /// Units that are still to come and nobody's, if somebody who asks on this day can be promised
    /// them.
    pub fn promisable(&self, today: Date) -> i64 {
        match self.expected {
            Some((last, _)) if last >= today => self.incoming() - self.pegged,
            _ => 0,
        }
    }
}

impl Supply {
    /// What is written now; only tables into which something was written since the last time are
    /// read again. Gives the events that are new.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn read(&mut self, sqlite: &Sqlite) -> Result<Vec<Event>, Broken> {
        let touched = sqlite.take_touched();
        let is_touched = |table: Table| touched & table.bit() != 0;
        if is_touched(Table::Skus) {
            renew(&mut self.queues, queues(sqlite)?);
        }
        if is_touched(Table::PoLines) {
            renew(&mut self.lines, lines(sqlite)?);
        }
        if is_touched(Table::Waits) {
            renew(&mut self.waits, waits(sqlite)?);
        }
        if is_touched(Table::Ready) {
            let rows =
                sqlite.rows("SELECT number, sku, location, units FROM ready", &[], |row| {
                    Ok(((row.get(0)?, name(row, 1)?, name(row, 2)?), row.get(3)?))
                })?;
            renew(&mut self.ready, rows.into_iter().collect());
        }
        if is_touched(Table::Arrivals) {
            let rows =
                sqlite.rows("SELECT po, line, sku, location, units FROM arrivals", &[], |row| {
                    Ok(((name(row, 2)?, line_id(row, 0)?, name(row, 3)?), row.get(4)?))
                })?;
            renew(&mut self.arrivals, rows.into_iter().collect());
        }
        if is_touched(Table::Orders) {
            renew(&mut self.orders, orders(sqlite)?);
        }
        if is_touched(Table::OrderLines) {
            renew(&mut self.order_lines, order_lines(sqlite)?);
        }
        if is_touched(Table::Balances) {
            let rows = sqlite.rows(
                "SELECT sku, location, committed FROM balances WHERE committed > 0",
                &[],
                |row| Ok(((name(row, 0)?, name(row, 1)?), row.get(2)?)),
            )?;
            renew(&mut self.committed, rows.into_iter().collect());
        }
        if is_touched(Table::OrderNotices) {
            let rows =
                sqlite.rows("SELECT number, sku, version FROM order_notices", &[], |row| {
                    Ok(((row.get(0)?, name(row, 1)?), row.get(2)?))
                })?;
            renew(&mut self.notices, rows.into_iter().collect());
        }
        self.lists.read(sqlite, is_touched)?;
        if is_touched(Table::Events) { self.events(sqlite) } else { Ok(Vec::new()) }
    }

    /// All of it anew.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn whole(sqlite: &Sqlite) -> Result<Self, Broken> {
        let mut whole = Self::default();
        let touched = sqlite.take_touched();
        sqlite.touch(Table::ALL);
        whole.read(sqlite)?;
        sqlite.touch(touched);
        Ok(whole)
    }

    fn events(&mut self, sqlite: &Sqlite) -> Result<Vec<Event>, Broken> {
        let events = sqlite.rows(
            "SELECT n, number, sku, units, kind, was_last, was_first, now_last, now_first
             FROM events WHERE n > CAST(? AS INTEGER) ORDER BY n",
            &[&self.last_event.to_string()],
            |row| {
                let is_moved = row.get_ref(4)?.as_str()? == "promise_moved";
                let dates = [dates(row, 5)?, dates(row, 7)?];
                let event = Event {
                    n: row.get(0)?,
                    number: row.get(1)?,
                    sku: name(row, 2)?,
                    units: row.get(3)?,
                    moved: is_moved.then_some(dates),
                };
                Ok(event)
            },
        )?;
        self.last_event = events.last().map_or(self.last_event, |event| event.n);
        Ok(events)
    }

    /// Are these rows those of the other, for nobody wrote there since?
    pub fn is_like(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.queues, &other.queues)
            && Rc::ptr_eq(&self.lines, &other.lines)
            && Rc::ptr_eq(&self.waits, &other.waits)
            && Rc::ptr_eq(&self.ready, &other.ready)
            && Rc::ptr_eq(&self.arrivals, &other.arrivals)
            && Rc::ptr_eq(&self.orders, &other.orders)
            && Rc::ptr_eq(&self.order_lines, &other.order_lines)
            && Rc::ptr_eq(&self.committed, &other.committed)
    }

    /// The number of an order.
    pub fn number(&self, id: &str) -> Option<i64> {
        self.orders.iter().find(|(_, order)| *order.id == *id).map(|(number, _)| *number)
    }

    /// What of a SKU an order waits for: on which line, told which date, and how many.
    pub fn waits_of<'a>(
        &'a self,
        number: i64,
        sku: &Name,
    ) -> impl Iterator<Item = (&'a Option<LineId>, Option<Dates>, i64)> {
        let from = (sku.clone(), number, None, None);
        let to = (sku.clone(), number + 1, None, None);
        self.waits.range(from..to).map(|((_, _, on, told), units)| (on, *told, *units))
    }

    /// Units of a SKU that an order waits for.
    pub fn waiting(&self, number: i64, sku: &Name) -> i64 {
        self.waits_of(number, sku).map(|(.., units)| units).sum()
    }

    /// When the last of them is promised: nothing if none wait, and no date if some have none.
    pub fn promised(&self, number: i64, sku: &Name) -> Option<Option<Dates>> {
        let dates = || self.waits_of(number, sku).map(|(_, told, _)| told);
        let undated = dates().find(Option::is_none);
        undated.or_else(|| dates().max())
    }

    /// Those among them that wait on this line, or on none.
    pub fn waiting_on(&self, number: i64, sku: &Name, line: Option<&LineId>) -> i64 {
        let waits = self.waits_of(number, sku).filter(|(on, ..)| on.as_ref() == line);
        waits.map(|(.., units)| units).sum()
    }

    /// Where units are there for an order.
    pub fn ready_of(&self, number: i64, sku: &Name) -> BTreeMap<Name, i64> {
        let of = self.ready.iter().filter(|((of, what, _), _)| *of == number && what == sku);
        of.map(|((.., at), units)| (at.clone(), *units)).collect()
    }

    /// Lines of a SKU that can promise on this day, the earliest first.
    pub fn promisable(&self, sku: &Name, today: Date) -> Vec<(Dates, &LineId, i64)> {
        let of_sku = self.lines.iter().filter(|(_, line)| line.sku == *sku);
        let mut lines: Vec<_> = of_sku
            .filter_map(|(id, line)| Some((line.expected?, id, line.promisable(today))))
            .filter(|(.., units)| *units > 0)
            .collect();
        lines.sort();
        lines
    }

    /// Does anybody look whether there is supply of this SKU?
    pub fn is_supplied(&self, sku: &Name) -> bool {
        self.queues.get(sku).is_some_and(|queue| queue.supplied)
    }

    /// Units that may be ordered on this day that are not there.
    pub fn orderable(&self, sku: &Name, today: Date) -> i64 {
        let Some(queue) = self.queues.get(sku) else { return 0 };
        let coming: i64 = self.promisable(sku, today).iter().map(|(.., units)| units).sum();
        let limit = queue.ahead.1[0].map_or(i64::MAX, |most| most - queue.waiting);
        let is_ahead = queue.ahead.0.is_some();
        if is_ahead { (coming - queue.unpegged).min(limit).max(0) } else { 0 }
    }
}

/// What was read again and is the same stays the very same.
pub(crate) fn renew<T: PartialEq>(known: &mut Rc<T>, found: T) {
    if **known != found {
        *known = Rc::new(found);
    }
}

fn name(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Name> {
    Ok(row.get_ref(at)?.as_str()?.into())
}

/// The columns `po` and `line` from here on; an empty `po` is no line.
fn line_id(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Option<LineId>> {
    let po = row.get_ref(at)?.as_str()?;
    Ok(if po.is_empty() { None } else { Some((po.into(), row.get(at + 1)?)) })
}

/// The columns of a last day and a first from here on.
fn dates(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Option<Dates>> {
    let date = |at: usize| -> rusqlite::Result<Option<Date>> {
        Ok(row.get_ref(at)?.as_str_or_null()?.and_then(|text| text.parse().ok()))
    };
    Ok(date(at)?.zip(date(at + 1)?))
}

fn queues(sqlite: &Sqlite) -> Result<BTreeMap<Name, Queue>, Broken> {
    let rows = sqlite.rows(
        "SELECT sku, supplied, waiting, unpegged, settling, ahead, ahead_limit, ahead_per_buyer
         FROM skus",
        &[],
        |row| {
            let queue = Queue {
                supplied: row.get(1)?,
                waiting: row.get(2)?,
                unpegged: row.get(3)?,
                settling: row.get(4)?,
                ahead: (row.get(5)?, [row.get(6)?, row.get(7)?]),
            };
            Ok((name(row, 0)?, queue))
        },
    )?;
    Ok(rows.into_iter().collect())
}

fn lines(sqlite: &Sqlite) -> Result<BTreeMap<LineId, Line>, Broken> {
    let rows = sqlite.rows(
        "SELECT po, line, sku, location, state, ordered, received, missing,
            expected_last, expected_first, pegged, loose FROM po_lines",
        &[],
        |row| {
            let line = Line {
                sku: name(row, 2)?,
                location: name(row, 3)?,
                state: row.get(4)?,
                ordered: row.get(5)?,
                received: row.get(6)?,
                missing: row.get(7)?,
                expected: dates(row, 8)?,
                pegged: row.get(10)?,
                loose: row.get(11)?,
            };
            Ok(((name(row, 0)?, row.get(1)?), line))
        },
    )?;
    Ok(rows.into_iter().collect())
}

fn waits(sqlite: &Sqlite) -> Result<Waits, Broken> {
    let rows = sqlite.rows(
        "SELECT po, line, sku, number, units, promised_last, promised_first FROM waits",
        &[],
        |row| Ok(((name(row, 2)?, row.get(3)?, line_id(row, 0)?, dates(row, 5)?), row.get(4)?)),
    )?;
    let mut waits = Waits::new();
    for (key, units) in rows {
        let units: i64 = units;
        *waits.entry(key).or_default() += units;
    }
    Ok(waits)
}

fn orders(sqlite: &Sqlite) -> Result<BTreeMap<i64, Order>, Broken> {
    let rows =
        sqlite.rows("SELECT number, id, state, shipping, buyer FROM orders", &[], |row| {
            let buyer: Option<Vec<u8>> = row.get(4)?;
            let order = Order {
                id: name(row, 1)?,
                state: row.get(2)?,
                together: row.get_ref(3)?.as_str()? == "together",
                buyer: buyer.and_then(|buyer| buyer.first().copied()),
            };
            Ok((row.get(0)?, order))
        })?;
    Ok(rows.into_iter().collect())
}

fn order_lines(sqlite: &Sqlite) -> Result<BTreeMap<(i64, Name), Units>, Broken> {
    let rows = sqlite.rows(
        "SELECT number, sku, ordered, shipped, cancelled, returned FROM order_lines",
        &[],
        |row| {
            let units = Units {
                ordered: row.get(2)?,
                shipped: row.get(3)?,
                cancelled: row.get(4)?,
                returned: row.get(5)?,
            };
            Ok(((row.get(0)?, name(row, 1)?), units))
        },
    )?;
    Ok(rows.into_iter().collect())
}
