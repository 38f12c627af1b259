//! An import: rows are staged as they are read, then applied in one transaction.

use crate::{
    Fault, Item, Level, Moment, Money, Sql, Store,
    catalogue::{restock_columns, restock_from, sku_from},
    sql::bind,
    stock::{Booked, Source},
};
use ledger::{Balance, Location, Restock, Sku, count};
use std::collections::BTreeMap;

/// SKUs read at a time while their rows are applied: at most 64 kB of memory.
const PAGE: i64 = 500;

/// One row of the file, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// Its number in the file; the header is row 1.
    pub row: i64,
    /// The one cell that every row has.
    pub sku: Sku,
    /// Empty cells are `None`, here and below.
    pub product_id: Option<String>,
    /// The merchant's text; the SKU itself if a new one has none.
    pub title: Option<String>,
    /// The merchant's own sorting.
    pub category: Option<String>,
    /// What tells this variant from its siblings.
    pub options: Option<String>,
    /// What one unit costs.
    pub price: Option<Money>,
    /// The product's page.
    pub url: Option<String>,
    /// The product's picture.
    pub image: Option<String>,
    /// Where `on_hand` was counted.
    pub location: Location,
    /// Units counted.
    pub on_hand: Option<Balance>,
    /// When it comes back.
    pub restock: Option<Restock>,
}

/// Which columns the file has. What it has not stays as it is; a cell that is there and empty
/// empties the detail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the column of its name")]
pub struct Columns {
    pub product_id: bool,
    pub title: bool,
    pub category: bool,
    pub options: bool,
    pub price: bool,
    pub url: bool,
    pub image: bool,
    pub restock: bool,
}

/// What `on_hand` does to a position that is open already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// Nothing: the books know better than a file.
    Open,
    /// It is a count: the difference is booked as an adjustment.
    Set,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Rows applied.
    pub rows: u64,
    /// SKUs that were new.
    pub created: u64,
    /// SKUs whose details changed.
    pub updated: u64,
    /// SKUs that were so already.
    pub unchanged: u64,
    /// Positions opened.
    pub opened: u64,
    /// Positions corrected.
    pub adjusted: u64,
}

/// An import that is being applied.
struct Application<'a> {
    id: &'a str,
    columns: Columns,
    counts: Counts,
    low_mark: u32,
    moment: Moment,
}

impl<S: Sql> Store<S> {
    /// Keeps a row aside; nothing else of the shop sees it.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn stage(&self, import: i64, staged: &Staged) -> Result<(), Fault> {
        let [first, last, precision] = restock_columns(staged.restock);
        self.sql.query(
            "INSERT INTO staging (import, row, sku, product_id, title, category, options,
                price_minor, currency, url, image, location, on_hand,
                restock_first, restock_last, restock_precision)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            bind![
                import,
                staged.row,
                staged.sku.as_str(),
                staged.product_id.as_deref(),
                staged.title.as_deref(),
                staged.category.as_deref(),
                staged.options.as_deref(),
                staged.price.as_ref().map(|price| price.minor),
                staged.price.as_ref().map(|price| price.currency.as_str()),
                staged.url.as_deref(),
                staged.image.as_deref(),
                staged.location.as_str(),
                staged.on_hand.map(Balance::on_hand),
                first,
                last,
                precision,
            ],
        )?;
        Ok(())
    }

    /// Throws away what one import staged, or, without a number, what all did.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn unstage(&self, import: Option<i64>) -> Result<(), Fault> {
        match import {
            Some(import) => {
                self.sql.query("DELETE FROM staging WHERE import = ?", bind![import])?;
            }
            None => {
                self.sql.query("DELETE FROM staging", &[])?;
            }
        }
        Ok(())
    }

    /// Applies what was staged, all of it in one transaction, and throws the staging away.
    ///
    /// # Errors
    /// [`Fault`]; then nothing of the file was applied.
    pub fn apply_import(
        &self,
        import: i64,
        columns: Columns,
        counts: Counts,
        moment: Moment,
    ) -> Result<Totals, Fault> {
        let low_mark = self.shop()?.ok_or(Fault::Corrupt("there is no shop"))?.low_mark;
        let id = format!("import/{import}");
        let application = Application { id: &id, columns, counts, low_mark, moment };
        self.sql.transaction(|| {
            let mut totals = Totals::default();
            let mut after = String::new();
            loop {
                let page = self.staged_skus_after(import, &after)?;
                for sku in &page {
                    self.apply_rows(&application, sku, &self.staged_of(import, sku)?, &mut totals)?;
                }
                let Some(last) = page.last() else { break };
                after = last.as_str().to_owned();
            }
            self.unstage(Some(import))?;
            Ok(totals)
        })
    }

    /// Applies the rows of one SKU together: a later row goes over an earlier one, and shoppers
    /// see what comes of all of them.
    fn apply_rows(
        &self,
        application: &Application<'_>,
        sku: &Sku,
        rows: &[Staged],
        totals: &mut Totals,
    ) -> Result<(), Fault> {
        let Application { columns, low_mark, moment, .. } = *application;
        let before = self.item(sku.as_str())?;
        let after =
            rows.iter().fold(before.clone(), |item, row| Some(merged(item.as_ref(), row, columns)));
        let details_changed = before != after;
        let tally = match before {
            None => &mut totals.created,
            Some(_) if details_changed => &mut totals.updated,
            Some(_) => &mut totals.unchanged,
        };
        *tally = tally.saturating_add(1);
        totals.rows = totals.rows.saturating_add(rows.len() as u64);
        if let Some(item) = after.filter(|_| details_changed) {
            self.put_item(&item)?;
        }
        let counts: BTreeMap<&Location, Balance> =
            rows.iter().filter_map(|row| Some((&row.location, row.on_hand?))).collect();
        let mut moved = false;
        for (location, counted) in counts {
            moved |= self.apply_count(application, (sku, location), counted, totals)?;
        }
        if details_changed || moved {
            self.refresh(sku.as_str(), low_mark, details_changed, moment)?;
        }
        Ok(())
    }

    fn apply_count(
        &self,
        application: &Application<'_>,
        (sku, location): (&Sku, &Location),
        counted: Balance,
        totals: &mut Totals,
    ) -> Result<bool, Fault> {
        let before = self.balance(sku, location)?;
        if before.is_some() && application.counts == Counts::Open {
            return Ok(false);
        }
        let Some((quantity, balance)) = count(before, counted) else { return Ok(false) };
        let (kind, tally) = match before {
            None => (Booked::Opened, &mut totals.opened),
            Some(_) => (Booked::Adjusted, &mut totals.adjusted),
        };
        *tally = tally.saturating_add(1);
        let source = Source { id: application.id, kind, reason: None, at: application.moment.now };
        let level = Level { sku: sku.clone(), location: location.clone(), balance };
        self.book(source, &level, quantity)?;
        Ok(true)
    }

    fn staged_skus_after(&self, import: i64, after: &str) -> Result<Vec<Sku>, Fault> {
        self.sql
            .query(
                "SELECT DISTINCT sku FROM staging WHERE import = ? AND sku > ?
                 ORDER BY sku LIMIT ?",
                bind![import, after, PAGE],
            )?
            .into_iter()
            .map(|mut row| sku_from(row.text()?))
            .collect()
    }

    fn staged_of(&self, import: i64, sku: &Sku) -> Result<Vec<Staged>, Fault> {
        self.sql
            .query(
                "SELECT row, sku, product_id, title, category, options, price_minor, currency,
                    url, image, location, on_hand, restock_first, restock_last, restock_precision
                 FROM staging WHERE import = ? AND sku = ? ORDER BY row",
                bind![import, sku.as_str()],
            )?
            .into_iter()
            .map(staged_from)
            .collect()
    }
}

/// The details after a row: the file's where it has the column, what was there where it has not.
fn merged(before: Option<&Item>, staged: &Staged, columns: Columns) -> Item {
    fn pick<T: Clone>(has: bool, new: &Option<T>, old: Option<&Option<T>>) -> Option<T> {
        if has { new.clone() } else { old.cloned().flatten() }
    }
    let old_title = before.map(|item| item.title.clone());
    let title = if columns.title { staged.title.clone() } else { old_title };
    Item {
        sku: staged.sku.clone(),
        title: title.unwrap_or_else(|| staged.sku.as_str().to_owned()),
        product_id: pick(
            columns.product_id,
            &staged.product_id,
            before.map(|item| &item.product_id),
        ),
        category: pick(columns.category, &staged.category, before.map(|item| &item.category)),
        options: pick(columns.options, &staged.options, before.map(|item| &item.options)),
        price: pick(columns.price, &staged.price, before.map(|item| &item.price)),
        url: pick(columns.url, &staged.url, before.map(|item| &item.url)),
        image: pick(columns.image, &staged.image, before.map(|item| &item.image)),
        restock: pick(columns.restock, &staged.restock, before.map(|item| &item.restock)),
    }
}

fn staged_from(mut row: crate::Row) -> Result<Staged, Fault> {
    Ok(Staged {
        row: row.integer()?,
        sku: sku_from(row.text()?)?,
        product_id: row.text_or_null()?,
        title: row.text_or_null()?,
        category: row.text_or_null()?,
        options: row.text_or_null()?,
        price: match (row.integer_or_null()?, row.text_or_null()?) {
            (Some(minor), Some(currency)) => Some(Money { minor, currency }),
            _ => None,
        },
        url: row.text_or_null()?,
        image: row.text_or_null()?,
        location: Location::new(row.text()?).map_err(|_| Fault::Corrupt("a location is none"))?,
        on_hand: row
            .integer_or_null()?
            .map(|units| Balance::from_net(units).ok_or(Fault::Corrupt("a count is out of bounds")))
            .transpose()?,
        restock: restock_from(row.text_or_null()?, row.text_or_null()?, row.text_or_null()?)?,
    })
}
