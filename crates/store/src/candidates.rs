//! What else would do: looked for when an import has changed the catalogue, in its transaction.

use crate::{
    Fault, Moment, Money, Row, Sql, Store,
    catalogue::{self, price_from, sku_from},
    sql::bind,
};
use ledger::Sku;
use std::collections::BTreeSet;
use substitutes::{Index, Item, MAX_CANDIDATES, Price};

/// SKUs of a catalogue in which candidates are looked for. Each may be a candidate for each, so one
/// row of a file makes all of them be compared, and nothing else is answered meanwhile: 0.27 s for
/// 4,070 real SKUs and 1.3 s for these, in workerd. The n-grams of so many titles, each at its
/// longest, take 48 MB of the object's 128. Of a larger catalogue only the merchant's own lists are
/// followed.
pub const MAX_COMPARED: i64 = 20_000;

/// SKUs read at a time: at most 9 MB while the platform's rows become ours, if every list of every
/// SKU has its full length.
const PAGE: i64 = 500;

/// What an import has done to the catalogue so far.
#[derive(Default)]
pub(crate) struct Touched {
    /// SKUs that are new, and those of which [`is_compared_anew`] says so.
    pub(crate) changed: BTreeSet<Sku>,
    /// SKUs whose version has grown: once is enough.
    pub(crate) grown: BTreeSet<Sku>,
}

/// A SKU as it is compared, and what was found for it before.
struct Good {
    sku: Sku,
    product_id: Option<String>,
    title: String,
    category: Option<String>,
    options: Option<String>,
    price: Option<Money>,
    chosen: Option<String>,
    candidates: Option<String>,
    version: i64,
    is_hidden: bool,
}

/// Has anything changed that is compared? A page, a picture and a date are not.
pub(crate) fn is_compared_anew(before: &catalogue::Item, after: &catalogue::Item) -> bool {
    let compared = |item: &catalogue::Item| catalogue::Item {
        url: None,
        image: None,
        restock: None,
        ..item.clone()
    };
    compared(before) != compared(after)
}

impl<S: Sql> Store<S> {
    /// Looks for the candidates of every SKU, if they may be others than they were, and shows those
    /// that are.
    pub(crate) fn look_for_candidates(
        &self,
        touched: &Touched,
        moment: Moment,
    ) -> Result<(), Fault> {
        let [skus, unknown] = self.sizes()?;
        if skus > MAX_COMPARED {
            return self.follow_lists(touched, moment);
        }
        if touched.changed.is_empty() && unknown == 0 {
            return Ok(());
        }
        let goods = self.goods()?;
        let items: Vec<_> = goods.iter().map(Good::item).collect();
        let index = Index::new(&items);
        for good in &goods {
            let found = index.candidates(good.sku.as_str());
            let found: Vec<_> = found.iter().map(|candidate| candidate.sku).collect();
            self.put_candidates(good, &found.join("\n"), touched, moment)?;
        }
        Ok(())
    }

    /// How many SKUs there are, and for how many of them nothing was looked for yet.
    fn sizes(&self) -> Result<[i64; 2], Fault> {
        let rows =
            self.sql.query("SELECT COUNT(*), COUNT(*) - COUNT(candidates) FROM skus", &[])?;
        let mut row = rows.into_iter().next().ok_or(Fault::Corrupt("a count has no row"))?;
        Ok([row.integer()?, row.integer()?])
    }

    /// Takes the own lists of the changed SKUs as they are: a reader leaves away what is unknown.
    fn follow_lists(&self, touched: &Touched, moment: Moment) -> Result<(), Fault> {
        for sku in &touched.changed {
            let rows = self.sql.query(
                "SELECT sku, product_id, title, category, options, price_minor, currency, chosen,
                    candidates, version, shown = 'hidden'
                 FROM skus WHERE sku = ?",
                bind![sku.as_str()],
            )?;
            for good in rows.into_iter().map(Good::from_row) {
                let good = good?;
                let list = good.chosen();
                let others = list.into_iter().filter(|other| *other != sku.as_str());
                let found: Vec<_> = others.take(MAX_CANDIDATES).collect();
                self.put_candidates(&good, &found.join("\n"), touched, moment)?;
            }
        }
        Ok(())
    }

    fn goods(&self) -> Result<Vec<Good>, Fault> {
        let mut goods = Vec::<Good>::new();
        loop {
            let after = goods.last().map_or("", |good| good.sku.as_str());
            let page = self.sql.query(
                "SELECT sku, product_id, title, category, options, price_minor, currency, chosen,
                    candidates, version, shown = 'hidden'
                 FROM skus WHERE sku > ? ORDER BY sku LIMIT ?",
                bind![after, PAGE],
            )?;
            if page.is_empty() {
                return Ok(goods);
            }
            for row in page {
                goods.push(Good::from_row(row)?);
            }
        }
    }

    /// Writes what was found, if it is not what was found before.
    fn put_candidates(
        &self,
        good: &Good,
        found: &str,
        touched: &Touched,
        moment: Moment,
    ) -> Result<(), Fault> {
        if good.candidates.as_deref() == Some(found) {
            return Ok(());
        }
        let sku = good.sku.as_str();
        self.sql.query("UPDATE skus SET candidates = ? WHERE sku = ?", bind![found, sku])?;
        let shown_before = good.candidates.as_deref().unwrap_or_default();
        if shown_before == found || good.is_hidden || touched.grown.contains(&good.sku) {
            return Ok(());
        }
        let version = good.version.saturating_add(1);
        self.sql.query(
            "UPDATE skus SET version = ?, changed_at = ? WHERE sku = ?",
            bind![version, moment.now, sku],
        )?;
        self.tell_everybody(sku, version, moment.now)
    }
}

impl Good {
    fn from_row(mut row: Row) -> Result<Self, Fault> {
        Ok(Self {
            sku: sku_from(row.text()?)?,
            product_id: row.text_or_null()?,
            title: row.text()?,
            category: row.text_or_null()?,
            options: row.text_or_null()?,
            price: price_from(row.integer_or_null()?, row.text_or_null()?),
            chosen: row.text_or_null()?,
            candidates: row.text_or_null()?,
            version: row.integer()?,
            is_hidden: row.integer_or_null()? == Some(1),
        })
    }

    fn item(&self) -> Item<'_> {
        let price = self.price.as_ref();
        let price = price.map(|price| Price { minor: price.minor, currency: &price.currency });
        Item {
            sku: self.sku.as_str(),
            product_id: self.product_id.as_deref(),
            title: &self.title,
            category: self.category.as_deref(),
            options: self.options.as_deref(),
            price,
            chosen: self.chosen(),
        }
    }

    fn chosen(&self) -> Vec<&str> {
        self.chosen.iter().flat_map(|list| list.lines()).collect()
    }
}
