//! An import: rows are staged as they are read, then applied in one transaction.

use crate::{
    Fault, Item, Moment, Money, Sql, Store,
    books::{Booked, Dirty, Source},
    candidates::{Touched, is_compared_anew},
    catalogue::{dates_from, list_column, list_from, price_from, restock_columns, sku_from},
    explain::CountOf,
    load::Loaded,
    sql::bind,
};
use ledger::{Decision, Effect, Location, Restock, Sku};
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
    /// Units counted, 0 to [`ledger::MAX_COUNT`]; of no meaning for a kit.
    pub on_hand: Option<i64>,
    /// When it comes back.
    pub restock: Option<Restock>,
    /// What the merchant would offer instead.
    pub chosen: Vec<Sku>,
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
    pub substitutes: bool,
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
                restock_first, restock_last, restock_precision, chosen)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
                staged.on_hand,
                first,
                last,
                precision,
                list_column(&staged.chosen),
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
        let id = format!("import/{import}");
        let application = Application { id: &id, columns, counts, moment };
        self.atomically(|| {
            let mut totals = Totals::default();
            let mut touched = Touched::default();
            let mut after = String::new();
            loop {
                let page = self.staged_skus_after(import, &after)?;
                for sku in &page {
                    let rows = self.staged_of(import, sku)?;
                    self.apply_rows(&application, sku, &rows, &mut touched, &mut totals)?;
                }
                let Some(last) = page.last() else { break };
                after = last.as_str().to_owned();
            }
            self.look_for_candidates(&touched, moment)?;
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
        touched: &mut Touched,
        totals: &mut Totals,
    ) -> Result<(), Fault> {
        let Application { columns, moment, .. } = *application;
        let before = self.item(sku.as_str())?;
        let after =
            rows.iter().fold(before.clone(), |item, row| Some(merged(item.as_ref(), row, columns)));
        let details_changed = before != after;
        let tally = match &before {
            None => &mut totals.created,
            Some(_) if details_changed => &mut totals.updated,
            Some(_) => &mut totals.unchanged,
        };
        *tally = tally.saturating_add(1);
        totals.rows = totals.rows.saturating_add(rows.len() as u64);
        if let Some(item) = after.filter(|_| details_changed) {
            self.put_item(&item)?;
            if before.is_none_or(|before| is_compared_anew(&before, &item)) {
                touched.changed.insert(sku.clone());
            }
        }
        let counts: BTreeMap<&Location, i64> =
            rows.iter().filter_map(|row| Some((&row.location, row.on_hand?))).collect();
        let mut loaded = self.load([sku], moment)?;
        let mut dirty = Dirty::default();
        for (location, counted) in counts {
            let place = (sku, location);
            self.apply_count(application, &mut loaded, place, counted, &mut dirty, totals)?;
        }
        for (_, location) in &dirty.places {
            let moves = loaded.moves.get(&(sku.clone(), location.clone())).copied().unwrap_or(0);
            self.write_balance(sku, location, loaded.stock.balance(sku, location), moves)?;
        }
        if (details_changed || !dirty.places.is_empty())
            && self.refresh_loaded(&loaded, sku, details_changed, moment)?
        {
            touched.grown.insert(sku.clone());
        }
        if !dirty.places.is_empty() && loaded.faces.get(sku).is_some_and(|face| face.in_kits) {
            touched.grown.extend(self.refresh_kits_of(sku, moment)?);
        }
        Ok(())
    }

    fn apply_count(
        &self,
        application: &Application<'_>,
        loaded: &mut Loaded,
        (sku, location): (&Sku, &Location),
        counted: i64,
        dirty: &mut Dirty,
        totals: &mut Totals,
    ) -> Result<(), Fault> {
        let Some(known) = loaded.stock.skus.get(sku) else { return Ok(()) };
        let before = known.balances.get(location).copied().unwrap_or_default();
        // A safety stock can stand where nothing was ever counted.
        let place = (sku.clone(), location.clone());
        let opens = loaded.moves.get(&place).is_none_or(|moves| *moves == 0);
        let quantity = counted.saturating_sub(before.net());
        let is_so = !opens && (application.counts == Counts::Open || quantity == 0);
        if is_so || known.is_kit() {
            return Ok(());
        }
        let balance = before.moved(quantity).ok_or(Fault::Corrupt("a count is out of bounds"))?;
        let (kind, tally) = if opens {
            (Booked::Opened, &mut totals.opened)
        } else {
            (Booked::Counted, &mut totals.adjusted)
        };
        *tally = tally.saturating_add(1);
        let source = Source { id: application.id, kind, reason: None };
        if !opens {
            let place = (sku, location);
            let count = CountOf { place, counted, difference: quantity };
            self.insert_count(count, source, application.moment)?;
        }
        let (of, location) = place;
        let effect = Effect { sku: of, location, quantity, balance, shortfall: 0 };
        let decision = Decision { effects: vec![effect], ..Decision::default() };
        self.book(loaded, &decision, source, application.moment, dirty)?;
        // What was found may be somebody's who waits.
        self.settle_anew(sku)
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
                    url, image, location, on_hand, restock_first, restock_last, restock_precision,
                    chosen
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
    let old_chosen = before.map(|item| item.chosen.clone()).unwrap_or_default();
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
        chosen: if columns.substitutes { staged.chosen.clone() } else { old_chosen },
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
        price: price_from(row.integer_or_null()?, row.text_or_null()?),
        url: row.text_or_null()?,
        image: row.text_or_null()?,
        location: Location::new(row.text()?).map_err(|_| Fault::Corrupt("a location is none"))?,
        on_hand: row.integer_or_null()?,
        restock: dates_from(&mut row)?,
        chosen: list_from(row.text_or_null()?)?,
    })
}
