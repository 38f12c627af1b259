//! Why a number is what it is, and how far the books have drifted.

use crate::{
    Booked, Fault, MAX_PAGE, Moment, Sql, Store, books::Source, catalogue::sku_from, sql::bind,
};
use ledger::{Balance, Location, Sku};

/// A number, and the movements that make it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// What there was. `None` if what is kept does not reach back so far.
    pub net: Option<i64>,
    /// At most [`MAX_PAGE`] movements, the newest first.
    pub movements: Vec<Movement>,
}

/// A movement, as it was booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Its number at this SKU and location, from 1.
    pub n: i64,
    /// UTC milliseconds.
    pub at: i64,
    /// What it was booked as.
    pub kind: Booked,
    /// Units in, or out if negative.
    pub quantity: i64,
    /// The balance after it: on hand, or owed if negative.
    pub net: i64,
    /// The id of the command, the import or the hold's commit.
    pub source: String,
    /// Why.
    pub reason: Option<String>,
}

/// A count of what was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// UTC milliseconds.
    pub at: i64,
    /// The id of the command, or of the import.
    pub source: String,
    /// Of what.
    pub sku: Sku,
    /// Where.
    pub location: Location,
    /// Units found.
    pub counted: i64,
    /// By how many the books were wrong: found more, or fewer if negative. What they said was
    /// owed counts as units missing.
    pub difference: i64,
    /// Why.
    pub reason: Option<String>,
}

/// A count that is being booked.
#[derive(Clone, Copy)]
pub(crate) struct CountOf<'a> {
    pub(crate) place: (&'a Sku, &'a Location),
    pub(crate) counted: i64,
    pub(crate) difference: i64,
}

impl<S: Sql> Store<S> {
    /// What there was of this SKU at this location at `at` (UTC milliseconds), and why; the
    /// movements before the one numbered `before`, for the next page.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn explain(
        &self,
        sku: &Sku,
        location: &Location,
        at: i64,
        before: Option<i64>,
    ) -> Result<Explained, Fault> {
        // The last one whose time had come, in the order of the books: a clock can go back.
        let last = self.sql.query(
            "SELECT n, net FROM movements WHERE sku = ? AND location = ? AND at <= ?
             ORDER BY n DESC LIMIT 1",
            bind![sku.as_str(), location.as_str(), at],
        )?;
        let Some(mut last) = last.into_iter().next() else {
            let first = self.sql.query(
                "SELECT MIN(n), COUNT(*) FROM movements WHERE sku = ? AND location = ?",
                bind![sku.as_str(), location.as_str()],
            )?;
            let mut first = first.into_iter().next().ok_or(Fault::Corrupt("no row"))?;
            let moves = self.moves_of(sku, location)?;
            let from_the_start = first.integer_or_null()?.map_or(moves == 0, |n| n == 1);
            let net = from_the_start.then_some(0);
            return Ok(Explained { net, movements: Vec::new() });
        };
        let (n, net) = (last.integer()?, last.integer()?);
        let newest = before.map_or(n, |before| n.min(before.saturating_sub(1)));
        let movements = self.movements_to(sku, location, newest)?;
        Ok(Explained { net: Some(net), movements })
    }

    fn movements_to(
        &self,
        sku: &Sku,
        location: &Location,
        newest: i64,
    ) -> Result<Vec<Movement>, Fault> {
        self.sql
            .query(
                "SELECT n, at, kind, quantity, net, source, reason FROM movements
                 WHERE sku = ? AND location = ? AND n <= ? ORDER BY n DESC LIMIT ?",
                bind![sku.as_str(), location.as_str(), newest, MAX_PAGE],
            )?
            .into_iter()
            .map(|mut row| {
                Ok(Movement {
                    n: row.integer()?,
                    at: row.integer()?,
                    kind: Booked::from_str(&row.text()?)?,
                    quantity: row.integer()?,
                    net: row.integer()?,
                    source: row.text()?,
                    reason: row.text_or_null()?,
                })
            })
            .collect()
    }

    fn moves_of(&self, sku: &Sku, location: &Location) -> Result<i64, Fault> {
        let rows = self.sql.query(
            "SELECT moves FROM balances WHERE sku = ? AND location = ?",
            bind![sku.as_str(), location.as_str()],
        )?;
        rows.into_iter().next().map_or(Ok(0), |mut row| row.integer())
    }

    pub(crate) fn insert_count(
        &self,
        count: CountOf<'_>,
        source: Source<'_>,
        moment: Moment,
    ) -> Result<(), Fault> {
        let (sku, location) = count.place;
        self.sql.query(
            "INSERT INTO counts (at, source, sku, location, counted, difference, reason)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            bind![
                moment.now,
                source.id,
                sku.as_str(),
                location.as_str(),
                count.counted,
                count.difference,
                source.reason,
            ],
        )?;
        Ok(())
    }

    /// At most [`MAX_PAGE`] counts before this one, the newest first: time, source, SKU and
    /// location of the last on the page before.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn counts_before(
        &self,
        (at, source, sku, location): (i64, &str, &str, &str),
    ) -> Result<Vec<Count>, Fault> {
        self.sql
            .query(
                "SELECT at, source, sku, location, counted, difference, reason FROM counts
                 WHERE (at, source, sku, location) < (?, ?, ?, ?)
                 ORDER BY at DESC, source DESC, sku DESC, location DESC LIMIT ?",
                bind![at, source, sku, location, MAX_PAGE],
            )?
            .into_iter()
            .map(|mut row| {
                Ok(Count {
                    at: row.integer()?,
                    source: row.text()?,
                    sku: sku_from(row.text()?)?,
                    location: Location::new(row.text()?)
                        .map_err(|_| Fault::Corrupt("a location is none"))?,
                    counted: row.integer()?,
                    difference: row.integer()?,
                    reason: row.text_or_null()?,
                })
            })
            .collect()
    }
}

impl Explained {
    /// The number as units that were there and units that were owed.
    pub fn balance(&self) -> Option<Balance> {
        Balance::from_net(self.net?)
    }
}
