//! Rows of `holds`: read, written, and what stands in their lines.

use crate::{
    Answer, Fault, HoldRequest, MAX_PAGE, Moment, Row, Sql, Store, catalogue::sku_from,
    commands::status_from, sql::bind,
};
use ledger::{BrowserLimit, HeldLine, Hold, HoldState, Location, Sku};
use std::collections::BTreeMap;

/// A row of `holds`.
struct Kept {
    buyer: Option<Vec<u8>>,
    hold: Hold,
}

/// What was decided on an id before.
pub(crate) struct Placed {
    pub(crate) digest: Vec<u8>,
    pub(crate) outcome: Result<Hold, Answer>,
}

/// What of a hold's row makes a [`Kept`].
macro_rules! hold_columns {
    () => {
        "id, buyer, state, made_at, expires_at, resolved_at, resolution, lines"
    };
}

/// A statement that reads holds.
macro_rules! select_holds {
    ($rest:literal) => {
        concat!("SELECT ", hold_columns!(), " FROM holds ", $rest)
    };
}

impl<S: Sql> Store<S> {
    /// The hold of this id, open or ended, if it is this buyer's, or whoever's without one; `None`
    /// if there is none, or none any more.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn hold_of(&self, id: &str, buyer: Option<&[u8]>) -> Result<Option<Hold>, Fault> {
        let kept = self.kept(id)?;
        let is_theirs = |kept: &Kept| buyer.is_none() || kept.buyer.as_deref() == buyer;
        Ok(kept.filter(is_theirs).map(|kept| kept.hold))
    }

    /// At most [`MAX_PAGE`] open holds after this id, by id.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn holds_after(&self, id: &str) -> Result<Vec<Hold>, Fault> {
        let rows = self.sql.query(
            select_holds!("WHERE open = 1 AND id > ? ORDER BY id LIMIT ?"),
            bind![id, MAX_PAGE],
        )?;
        rows.into_iter().map(|row| Ok(kept_from(row)?.hold)).collect()
    }

    /// When the first open hold that has units of this SKU ends.
    pub(crate) fn first_expiry_of(&self, sku: &Sku) -> Result<Option<i64>, Fault> {
        let rows = self.sql.query(
            "SELECT MIN(expires_at) FROM holds WHERE open = 1 AND INSTR(lines, ?) > 0",
            bind![mark_of(sku)],
        )?;
        rows.into_iter().next().map_or(Ok(None), |mut row| row.integer_or_null())
    }

    /// Units that this buyer holds.
    pub(crate) fn held_by(&self, buyer: &[u8]) -> Result<BTreeMap<Sku, i64>, Fault> {
        let rows =
            self.sql.query("SELECT lines FROM holds WHERE open = 1 AND buyer = ?", bind![buyer])?;
        units_in(rows)
    }

    /// At most so many open holds whose time is over, the longest first.
    pub(crate) fn overdue(&self, now: i64, most: i64) -> Result<Vec<Hold>, Fault> {
        let rows = self.sql.query(
            select_holds!("WHERE open = 1 AND expires_at <= ? ORDER BY expires_at, id LIMIT ?"),
            bind![now, most],
        )?;
        rows.into_iter().map(|row| Ok(kept_from(row)?.hold)).collect()
    }

    /// What browsers hold, and this network of it.
    pub(crate) fn browser_limit(&self, network: &[u8]) -> Result<BrowserLimit, Fault> {
        let rows = self
            .sql
            .query("SELECT COUNT(*) FROM holds WHERE open = 1 AND network = ?", bind![network])?;
        let mut row = rows.into_iter().next().ok_or(Fault::Corrupt("a count has no row"))?;
        let holds_of_network = row.integer()?;
        // A fifth of each SKU at most, so these are few.
        let rows = self
            .sql
            .query("SELECT lines FROM holds WHERE open = 1 AND network IS NOT NULL", &[])?;
        Ok(BrowserLimit { holds_of_network, held: units_in(rows)? })
    }

    fn kept(&self, id: &str) -> Result<Option<Kept>, Fault> {
        let rows = self.sql.query(select_holds!("WHERE open IN (0, 1) AND id = ?"), bind![id])?;
        rows.into_iter().next().map(kept_from).transpose()
    }

    /// What became of this id before: a hold, or the refusal of one, which is kept among the
    /// commands.
    pub(crate) fn placed(&self, id: &str) -> Result<Option<Placed>, Fault> {
        let rows = self.sql.query(
            concat!(
                "SELECT digest, NULL, NULL, ",
                hold_columns!(),
                " FROM holds WHERE open IN (0, 1) AND id = ?
                 UNION ALL SELECT digest, status, answer, NULL, NULL, NULL, NULL, NULL, NULL,
                    NULL, NULL FROM commands WHERE id = ?"
            ),
            bind![id, id],
        )?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
        let digest = row.blob()?;
        let outcome = match (row.integer_or_null()?, row.text_or_null()?) {
            (Some(status), Some(body)) => Err(Answer { status: status_from(status)?, body }),
            _ => Ok(kept_from(row)?.hold),
        };
        Ok(Some(Placed { digest, outcome }))
    }

    pub(crate) fn insert_hold(&self, request: &HoldRequest<'_>, hold: &Hold) -> Result<(), Fault> {
        self.sql.query(
            "INSERT INTO holds (open, id, digest, state, made_at, expires_at, buyer, network, lines)
             VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)",
            bind![
                hold.id.as_str(),
                request.digest,
                hold.state.as_str(),
                hold.made_at,
                hold.expires_at,
                request.buyer,
                request.network,
                lines_text(&hold.lines),
            ],
        )?;
        Ok(())
    }

    /// A hold that is somebody's claim of a SKU.
    pub(crate) fn insert_claim(&self, sku: &Sku, hold: &Hold) -> Result<(), Fault> {
        self.sql.query(
            "INSERT INTO holds (open, id, digest, state, made_at, expires_at, lines, claim)
             VALUES (1, ?, X'', ?, ?, ?, ?, ?)",
            bind![
                hold.id.as_str(),
                hold.state.as_str(),
                hold.made_at,
                hold.expires_at,
                lines_text(&hold.lines),
                sku.as_str(),
            ],
        )?;
        Ok(())
    }

    /// Ends a hold, and its place in the line, if it is a claim.
    pub(crate) fn end_hold(&self, hold: &Hold, moment: Moment) -> Result<(), Fault> {
        let ended = self.sql.query(
            "UPDATE holds SET open = 0, state = ?, resolved_at = ?, resolution = ?, lines = ?,
                network = NULL WHERE open = 1 AND id = ? RETURNING claim",
            bind![
                hold.state.as_str(),
                hold.resolved_at,
                hold.resolution.as_deref(),
                lines_text(&hold.lines),
                hold.id.as_str(),
            ],
        )?;
        for mut row in ended {
            if let Some(sku) = row.text_or_null()? {
                self.claim_ends(&sku_from(sku)?, hold, moment)?;
            }
        }
        Ok(())
    }
}

fn kept_from(mut row: Row) -> Result<Kept, Fault> {
    let id = row.text()?;
    let buyer = row.blob_or_null()?;
    let hold = Hold {
        id,
        state: state_from(&row.text()?)?,
        made_at: row.integer()?,
        expires_at: row.integer()?,
        resolved_at: row.integer_or_null()?,
        resolution: row.text_or_null()?,
        lines: lines_from(&row.text()?)?,
    };
    Ok(Kept { buyer, hold })
}

fn state_from(text: &str) -> Result<HoldState, Fault> {
    let known = HoldState::ALL.iter().find(|state| state.as_str() == text);
    known.copied().ok_or(Fault::Corrupt("a hold's state is unknown"))
}

/// No name has a control character in it, so breaks and tabs part the lines and what is in them.
fn lines_text(lines: &[HeldLine]) -> String {
    let line = |line: &HeldLine| {
        let HeldLine { sku, location, quantity, shortfall } = line;
        format!("\n{sku}\t{location}\t{quantity}\t{shortfall}")
    };
    lines.iter().map(line).collect()
}

fn lines_from(text: &str) -> Result<Vec<HeldLine>, Fault> {
    text.lines().skip(1).map(line_from).collect()
}

fn line_from(text: &str) -> Result<HeldLine, Fault> {
    let corrupt = Fault::Corrupt("a hold's line is none");
    let parts: Vec<&str> = text.split('\t').collect();
    let [sku, location, quantity, shortfall] = parts[..] else { return Err(corrupt) };
    let (Ok(location), Ok(quantity), Ok(shortfall)) =
        (Location::new(location), quantity.parse(), shortfall.parse())
    else {
        return Err(corrupt);
    };
    Ok(HeldLine { sku: sku_from(sku.to_owned())?, location, quantity, shortfall })
}

/// What stands in `lines` if the hold has this SKU, and else never.
fn mark_of(sku: &Sku) -> String {
    format!("\n{sku}\t")
}

/// The units of each SKU in rows of `lines`.
fn units_in(rows: Vec<Row>) -> Result<BTreeMap<Sku, i64>, Fault> {
    let mut units = BTreeMap::new();
    for mut row in rows {
        for line in lines_from(&row.text()?)? {
            let sum = units.entry(line.sku).or_insert(0_i64);
            *sum = sum.saturating_add(line.quantity);
        }
    }
    Ok(units)
}
