//! Balances and movements.

use crate::{Fault, Sql, Store, catalogue::sku_from, sql::bind};
use ledger::{Balance, Kind, Location, Sku, Stock};

/// Most rows of one page: about 100 kB as JSON, a few milliseconds of the object's one thread.
pub const MAX_PAGE: i64 = 500;

/// The truth of one SKU at one location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Of what.
    pub sku: Sku,
    /// Where.
    pub location: Location,
    /// What there is.
    pub balance: Balance,
}

/// What a movement is booked as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Booked {
    Opened,
    Received,
    Adjusted,
    Sold,
    Returned,
}

impl From<Kind> for Booked {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Receive => Self::Received,
            Kind::Adjust => Self::Adjusted,
            Kind::Sell | Kind::Sold => Self::Sold,
            Kind::Returned => Self::Returned,
        }
    }
}

impl Booked {
    fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Received => "received",
            Self::Adjusted => "adjusted",
            Self::Sold => "sold",
            Self::Returned => "returned",
        }
    }
}

/// Where a movement comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub(crate) id: &'a str,
    pub(crate) kind: Booked,
    pub(crate) reason: Option<&'a str>,
    pub(crate) at: i64,
}

impl<S: Sql> Store<S> {
    /// What is so of these SKUs and locations.
    pub(crate) fn stock_of<'a>(
        &self,
        positions: impl Iterator<Item = (&'a Sku, &'a Location)>,
    ) -> Result<Stock, Fault> {
        let mut stock = Stock::default();
        for (sku, location) in positions {
            if !stock.known.contains(sku) && self.has_sku(sku)? {
                stock.known.insert(sku.clone());
            }
            if let Some(balance) = self.balance(sku, location)? {
                stock.balances.insert((sku.clone(), location.clone()), balance);
            }
        }
        Ok(stock)
    }

    pub(crate) fn balance(&self, sku: &Sku, location: &Location) -> Result<Option<Balance>, Fault> {
        let rows = self.sql.query(
            "SELECT on_hand, shortfall FROM balances WHERE sku = ? AND location = ?",
            bind![sku.as_str(), location.as_str()],
        )?;
        rows.into_iter()
            .next()
            .map(|mut row| balance_from(row.integer()?, row.integer()?))
            .transpose()
    }

    /// Books a movement and the balance it leaves; call it in a transaction.
    pub(crate) fn book(
        &self,
        source: Source<'_>,
        level: &Level,
        quantity: i64,
    ) -> Result<(), Fault> {
        self.sql.query(
            "INSERT INTO balances (sku, location, on_hand, shortfall) VALUES (?, ?, ?, ?)
             ON CONFLICT (sku, location) DO UPDATE SET
                on_hand = excluded.on_hand, shortfall = excluded.shortfall",
            bind![
                level.sku.as_str(),
                level.location.as_str(),
                level.balance.on_hand(),
                level.balance.shortfall(),
            ],
        )?;
        self.sql.query(
            "INSERT INTO movements (at, source, kind, sku, location, quantity, reason)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            bind![
                source.at,
                source.id,
                source.kind.as_str(),
                level.sku.as_str(),
                level.location.as_str(),
                quantity,
                source.reason,
            ],
        )?;
        Ok(())
    }

    /// The levels of one SKU, by location.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn levels_of(&self, sku: &Sku) -> Result<Vec<Level>, Fault> {
        self.levels(
            "SELECT sku, location, on_hand, shortfall FROM balances WHERE sku = ?
             ORDER BY location",
            bind![sku.as_str()],
        )
    }

    /// At most [`MAX_PAGE`] levels after the given one, by SKU and location.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn levels_after(&self, after: (&str, &str)) -> Result<Vec<Level>, Fault> {
        self.levels(
            "SELECT sku, location, on_hand, shortfall FROM balances
             WHERE (sku, location) > (?, ?) ORDER BY sku, location LIMIT ?",
            bind![after.0, after.1, MAX_PAGE],
        )
    }

    fn levels(&self, statement: &str, bind: &[crate::Value]) -> Result<Vec<Level>, Fault> {
        self.sql
            .query(statement, bind)?
            .into_iter()
            .map(|mut row| {
                Ok(Level {
                    sku: sku_from(row.text()?)?,
                    location: Location::new(row.text()?)
                        .map_err(|_| Fault::Corrupt("a location is none"))?,
                    balance: balance_from(row.integer()?, row.integer()?)?,
                })
            })
            .collect()
    }

    /// Does the shop have this SKU?
    ///
    /// # Errors
    /// [`Fault`].
    pub fn has_sku(&self, sku: &Sku) -> Result<bool, Fault> {
        Ok(!self.sql.query("SELECT 1 FROM skus WHERE sku = ?", bind![sku.as_str()])?.is_empty())
    }
}

fn balance_from(on_hand: i64, shortfall: i64) -> Result<Balance, Fault> {
    let balance = Balance::from_net(on_hand.saturating_sub(shortfall))
        .ok_or(Fault::Corrupt("a balance is out of bounds"))?;
    if balance.on_hand() != on_hand || balance.shortfall() != shortfall {
        return Err(Fault::Corrupt("a balance has stock and a shortfall"));
    }
    Ok(balance)
}
