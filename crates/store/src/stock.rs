//! The levels of stock, listed and set.

use crate::{Fault, Moment, Row, Sql, Store, catalogue::sku_from, sql::bind};
use ledger::{Ahead, Balance, Location, Reject, Sku};

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

/// What the merchant changes about a SKU; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SkuChange {
    /// Show it to nobody, or to everybody again.
    pub hidden: Option<bool>,
    /// Units kept back from requests, by location.
    pub safety_stock: Vec<(Location, i64)>,
    /// Whether it may be ordered when it is not there; not at all, for the inner `None`.
    pub ahead: Option<Option<Ahead>>,
}

impl<S: Sql> Store<S> {
    /// The levels of one SKU, by location.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn levels_of(&self, sku: &Sku) -> Result<Vec<Level>, Fault> {
        self.levels(
            "SELECT sku, location, on_hand, shortfall, held, committed, safety_stock FROM balances
             WHERE sku = ? ORDER BY location",
            bind![sku.as_str()],
        )
    }

    /// At most [`MAX_PAGE`] levels after the given one, by SKU and location.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn levels_after(&self, after: (&str, &str)) -> Result<Vec<Level>, Fault> {
        self.levels(
            "SELECT sku, location, on_hand, shortfall, held, committed, safety_stock FROM balances
             WHERE (sku, location) > (?, ?) ORDER BY sku, location LIMIT ?",
            bind![after.0, after.1, MAX_PAGE],
        )
    }

    fn levels(&self, statement: &'static str, bind: &[crate::Value]) -> Result<Vec<Level>, Fault> {
        self.sql
            .query(statement, bind)?
            .into_iter()
            .map(|mut row| {
                Ok(Level {
                    sku: sku_from(row.text()?)?,
                    location: Location::new(row.text()?)
                        .map_err(|_| Fault::Corrupt("a location is none"))?,
                    balance: balance_from(&mut row)?,
                })
            })
            .collect()
    }

    /// How many of this SKU a request may have, over all locations; `None` if the shop has no such
    /// SKU.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn available_to_sell(&self, sku: &Sku, moment: Moment) -> Result<Option<i64>, Fault> {
        let stock = self.load([sku], moment)?.stock;
        Ok(stock.skus.contains_key(sku).then(|| stock.available_to_sell(sku)))
    }

    /// Does the shop have this SKU?
    ///
    /// # Errors
    /// [`Fault`].
    pub fn has_sku(&self, sku: &Sku) -> Result<bool, Fault> {
        Ok(!self.sql.query("SELECT 1 FROM skus WHERE sku = ?", bind![sku.as_str()])?.is_empty())
    }

    /// Changes what the merchant says of a SKU. A kit has no stock of its own, so its safety stock
    /// is its components'.
    ///
    /// # Errors
    /// [`Fault`]; [`Fault::Corrupt`] for a safety stock out of bounds, which the caller checks. The
    /// inner error if the shop has no such SKU, or if it is a kit and something is set that
    /// only its components can have.
    pub fn change_sku(
        &self,
        sku: &Sku,
        change: &SkuChange,
        moment: Moment,
    ) -> Result<Result<(), Reject>, Fault> {
        let loaded = self.load([sku], moment)?;
        match loaded.stock.skus.get(sku) {
            None => return Ok(Err(Reject::UnknownSku(sku.clone()))),
            Some(known)
                if known.is_kit()
                    && (!change.safety_stock.is_empty() || change.ahead.is_some()) =>
            {
                return Ok(Err(Reject::IsBundle(sku.clone())));
            }
            Some(_) => {}
        }
        self.atomically(|| {
            if let Some(hidden) = change.hidden {
                self.set_hidden(sku, hidden)?;
            }
            for (location, units) in &change.safety_stock {
                let balance = loaded.stock.balance(sku, location).with_safety_stock(*units);
                let balance = balance.ok_or(Fault::Corrupt("a safety stock is out of bounds"))?;
                let place = (sku.clone(), location.clone());
                self.open_location(location)?;
                let moves = loaded.moves.get(&place).copied().unwrap_or(0);
                self.write_balance(sku, location, balance, moves)?;
            }
            if let Some(ahead) = change.ahead {
                self.set_ahead(sku, ahead)?;
            }
            // What is kept back no more may be somebody's who waits.
            self.settle_anew(sku)?;
            self.refresh(sku, false, moment)
        })?;
        Ok(Ok(()))
    }

    /// Hides all variants of a product, or shows them again; false if the shop has no such
    /// product.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn hide_product(
        &self,
        product_id: &str,
        hidden: bool,
        moment: Moment,
    ) -> Result<bool, Fault> {
        self.atomically(|| {
            let variants =
                self.sql.query("SELECT sku FROM skus WHERE product_id = ?", bind![product_id])?;
            let any = !variants.is_empty();
            for mut row in variants {
                let sku = sku_from(row.text()?)?;
                self.set_hidden(&sku, hidden)?;
                self.refresh(&sku, false, moment)?;
            }
            Ok(any)
        })
    }

    fn set_hidden(&self, sku: &Sku, hidden: bool) -> Result<(), Fault> {
        self.sql.query(
            "UPDATE skus SET hidden = ? WHERE sku = ?",
            bind![i64::from(hidden), sku.as_str()],
        )?;
        Ok(())
    }
}

/// The columns `on_hand`, `shortfall`, `held`, `committed` and `safety_stock`.
pub(crate) fn balance_from(row: &mut Row) -> Result<Balance, Fault> {
    let (on_hand, shortfall) = (row.integer()?, row.integer()?);
    let (held, committed, safety_stock) = (row.integer()?, row.integer()?, row.integer()?);
    let balance = Balance::from_net(on_hand.saturating_sub(shortfall))
        .and_then(|balance| balance.holding(held))
        .and_then(|balance| balance.committing(committed))
        .and_then(|balance| balance.with_safety_stock(safety_stock))
        .ok_or(Fault::Corrupt("a balance is out of bounds"))?;
    if balance.on_hand() != on_hand || balance.shortfall() != shortfall {
        return Err(Fault::Corrupt("a balance has stock and a shortfall"));
    }
    Ok(balance)
}
