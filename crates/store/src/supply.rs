//! Rows of purchase orders' lines and of what has arrived for those who wait.

use crate::{
    Fault, Row, Sql, Store,
    catalogue::{dates_from, restock_columns, sku_from},
    sql::bind,
};
use ledger::{Ahead, AheadKind, Arrivals, Location, PoLine, PoLineId, PoLineState, Sku, SkuStock};
use std::collections::BTreeMap;

/// The columns of a [`PoLine`], after its id.
macro_rules! po_line_columns {
    () => {
        "sku, location, state, ordered, received, missing,
         expected_first, expected_last, expected_precision, pegged, loose"
    };
}
pub(crate) use po_line_columns;

impl<S: Sql> Store<S> {
    /// The lines that matter to what is decided about this SKU.
    pub(crate) fn supply_of(&self, sku: &Sku) -> Result<BTreeMap<PoLineId, PoLine>, Fault> {
        self.sql
            .query(
                concat!(
                    "SELECT po, line, ",
                    po_line_columns!(),
                    " FROM po_lines WHERE sku = ? AND (state = 'open' OR loose > 0)"
                ),
                bind![sku.as_str()],
            )?
            .into_iter()
            .map(|mut row| Ok((po_line_id_from(&mut row)?, po_line_from(&mut row)?)))
            .collect()
    }

    /// What is kept for those that wait for this SKU.
    pub(crate) fn arrivals_of(&self, sku: &Sku) -> Result<Arrivals, Fault> {
        self.sql
            .query(
                "SELECT po, line, location, units FROM arrivals WHERE sku = ?",
                bind![sku.as_str()],
            )?
            .into_iter()
            .map(|mut row| {
                let line = po_line_id_from(&mut row)?;
                let line = Some(line).filter(|line| !line.po.is_empty());
                Ok(((line, location_from(row.text()?)?), row.integer()?))
            })
            .collect()
    }

    /// Writes a line of a purchase order, new or changed.
    pub(crate) fn write_po_line(&self, id: &PoLineId, line: &PoLine) -> Result<(), Fault> {
        let [first, last, precision] = restock_columns(line.expected);
        self.sql.query(
            "INSERT INTO po_lines (po, line, sku, location, state, ordered, received, missing,
                expected_first, expected_last, expected_precision, pegged, loose)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (po, line) DO UPDATE SET
                state = excluded.state, received = excluded.received, missing = excluded.missing,
                expected_first = excluded.expected_first, expected_last = excluded.expected_last,
                expected_precision = excluded.expected_precision,
                pegged = excluded.pegged, loose = excluded.loose",
            bind![
                id.po.as_str(),
                i64::from(id.line),
                line.sku.as_str(),
                line.location.as_str(),
                line.state.as_str(),
                line.ordered,
                line.received,
                line.missing,
                first,
                last,
                precision,
                line.pegged,
                line.loose,
            ],
        )?;
        Ok(())
    }

    pub(crate) fn write_arrivals(&self, sku: &Sku, arrivals: &Arrivals) -> Result<(), Fault> {
        self.sql.query("DELETE FROM arrivals WHERE sku = ?", bind![sku.as_str()])?;
        for ((line, location), units) in arrivals {
            let (po, line) = line_columns(line.as_ref());
            self.sql.query(
                "INSERT INTO arrivals (sku, po, line, location, units) VALUES (?, ?, ?, ?, ?)",
                bind![sku.as_str(), po, line, location.as_str(), *units],
            )?;
        }
        Ok(())
    }

    /// Writes how a SKU's queue stands. Whoever looks through it begins anew: what was decided may
    /// matter to those before.
    pub(crate) fn write_queue(&self, sku: &Sku, queue: &SkuStock) -> Result<(), Fault> {
        self.sql.query(
            "UPDATE skus SET supplied = 1, waiting = ?, unpegged = ?, settling = ?, settled_to = 0 WHERE sku = ?",
            bind![
                queue.waiting.units,
                queue.waiting.unpegged,
                i64::from(queue.settling),
                sku.as_str(),
            ],
        )?;
        if queue.settling {
            self.news.set(true);
        }
        Ok(())
    }

    /// Whether a SKU may be ordered that is not there.
    pub(crate) fn set_ahead(&self, sku: &Sku, ahead: Option<Ahead>) -> Result<(), Fault> {
        self.sql.query(
            "UPDATE skus SET ahead = ?, ahead_limit = ?, ahead_per_buyer = ? WHERE sku = ?",
            bind![
                ahead.map(|ahead| kind_text(ahead.kind)),
                ahead.and_then(|ahead| ahead.limit),
                ahead.and_then(|ahead| ahead.limit_per_buyer),
                sku.as_str(),
            ],
        )?;
        Ok(())
    }
}

/// The columns `po` and `line`.
pub(crate) fn po_line_id_from(row: &mut Row) -> Result<PoLineId, Fault> {
    Ok(PoLineId { po: row.text()?, line: number_from(row.integer()?)? })
}

/// The same, of no line: an empty `po`.
pub(crate) fn line_columns(line: Option<&PoLineId>) -> (&str, i64) {
    line.map_or(("", 0), |line| (line.po.as_str(), i64::from(line.line)))
}

pub(crate) fn number_from(integer: i64) -> Result<u32, Fault> {
    u32::try_from(integer).map_err(|_| Fault::Corrupt("a line's number is out of range"))
}

pub(crate) fn po_line_from(row: &mut Row) -> Result<PoLine, Fault> {
    Ok(PoLine {
        sku: sku_from(row.text()?)?,
        location: location_from(row.text()?)?,
        state: state_from(&row.text()?)?,
        ordered: row.integer()?,
        received: row.integer()?,
        missing: row.integer()?,
        expected: dates_from(row)?,
        pegged: row.integer()?,
        loose: row.integer()?,
    })
}

fn state_from(text: &str) -> Result<PoLineState, Fault> {
    let known = PoLineState::ALL.iter().find(|state| state.as_str() == text);
    known.copied().ok_or(Fault::Corrupt("a line's state is unknown"))
}

pub(crate) fn location_from(text: String) -> Result<Location, Fault> {
    Location::new(text).map_err(|_| Fault::Corrupt("a location is none"))
}

/// The columns `ahead`, `ahead_limit` and `ahead_per_buyer`.
pub(crate) fn ahead_from(row: &mut Row) -> Result<Option<Ahead>, Fault> {
    let kind = row.text_or_null()?.map(|kind| kind_from(&kind)).transpose()?;
    let (limit, limit_per_buyer) = (row.integer_or_null()?, row.integer_or_null()?);
    Ok(kind.map(|kind| Ahead { kind, limit, limit_per_buyer }))
}

pub(crate) fn kind_text(kind: AheadKind) -> &'static str {
    match kind {
        AheadKind::Backorder => "backorder",
        AheadKind::Preorder => "preorder",
    }
}

pub(crate) fn kind_from(text: &str) -> Result<AheadKind, Fault> {
    match text {
        "backorder" => Ok(AheadKind::Backorder),
        "preorder" => Ok(AheadKind::Preorder),
        _ => Err(Fault::Corrupt("a kind of order is unknown")),
    }
}
