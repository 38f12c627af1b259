//! The catalogue: each SKU's details, as the merchant gave them.

use crate::{Fault, Sql, Store, Value, sql::bind};
use jiff::civil::Date;
use ledger::{Precision, Restock, Sku};

/// A SKU's details, as the merchant gave them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The merchant's identifier.
    pub sku: Sku,
    /// Groups variants.
    pub product_id: Option<String>,
    /// The merchant's text.
    pub title: String,
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
    /// When it comes back.
    pub restock: Option<Restock>,
    /// What the merchant would offer instead, the best first; the shop need not have them.
    pub chosen: Vec<Sku>,
}

/// An amount in the currency's minor unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// Never negative.
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
}

impl<S: Sql> Store<S> {
    /// The details of this SKU; `None` if the shop has no such SKU.
    pub(crate) fn item(&self, sku: &str) -> Result<Option<Item>, Fault> {
        let rows = self.sql.query(
            "SELECT sku, product_id, title, category, options, price_minor, currency, url, image,
                restock_first, restock_last, restock_precision, chosen
             FROM skus WHERE sku = ?",
            bind![sku],
        )?;
        rows.into_iter().next().map(|mut row| item_from(&mut row)).transpose()
    }

    /// Writes the details of a SKU, new or not.
    pub(crate) fn put_item(&self, item: &Item) -> Result<(), Fault> {
        let [first, last, precision] = restock_columns(item.restock);
        self.sql.query(
            "INSERT INTO skus (sku, product_id, title, category, options, price_minor, currency,
                url, image, restock_first, restock_last, restock_precision, chosen)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (sku) DO UPDATE SET
                product_id = excluded.product_id, title = excluded.title,
                category = excluded.category, options = excluded.options,
                price_minor = excluded.price_minor, currency = excluded.currency,
                url = excluded.url, image = excluded.image,
                restock_first = excluded.restock_first, restock_last = excluded.restock_last,
                restock_precision = excluded.restock_precision, chosen = excluded.chosen",
            bind![
                item.sku.as_str(),
                item.product_id.as_deref(),
                item.title.as_str(),
                item.category.as_deref(),
                item.options.as_deref(),
                item.price.as_ref().map(|price| price.minor),
                item.price.as_ref().map(|price| price.currency.as_str()),
                item.url.as_deref(),
                item.image.as_deref(),
                first,
                last,
                precision,
                list_column(&item.chosen),
            ],
        )?;
        Ok(())
    }
}

pub(crate) fn item_from(row: &mut crate::Row) -> Result<Item, Fault> {
    Ok(Item {
        sku: sku_from(row.text()?)?,
        product_id: row.text_or_null()?,
        title: row.text()?,
        category: row.text_or_null()?,
        options: row.text_or_null()?,
        price: price_from(row.integer_or_null()?, row.text_or_null()?),
        url: row.text_or_null()?,
        image: row.text_or_null()?,
        restock: dates_from(row)?,
        chosen: list_from(row.text_or_null()?)?,
    })
}

pub(crate) fn price_from(minor: Option<i64>, currency: Option<String>) -> Option<Money> {
    let (minor, currency) = minor.zip(currency)?;
    Some(Money { minor, currency })
}

/// The column of a list: one SKU a line, for no SKU has a line break in it.
pub(crate) fn list_column(list: &[Sku]) -> Option<String> {
    let list: Vec<_> = list.iter().map(Sku::as_str).collect();
    (!list.is_empty()).then(|| list.join("\n"))
}

pub(crate) fn list_from(text: Option<String>) -> Result<Vec<Sku>, Fault> {
    let text = text.unwrap_or_default();
    text.lines().map(|sku| sku_from(sku.to_owned())).collect()
}

pub(crate) fn sku_from(text: String) -> Result<Sku, Fault> {
    Sku::new(text).map_err(|_| Fault::Corrupt("a SKU is none"))
}

/// The three columns of a restock date.
pub(crate) fn restock_columns(restock: Option<Restock>) -> [Value; 3] {
    [
        restock.map(|restock| restock.first().to_string()).into(),
        restock.map(|restock| restock.last().to_string()).into(),
        restock.map(|restock| precision_text(restock.precision())).into(),
    ]
}

/// The three columns of a date, where there may be none.
pub(crate) fn dates_from(row: &mut crate::Row) -> Result<Option<Restock>, Fault> {
    restock_from(row.text_or_null()?, row.text_or_null()?, row.text_or_null()?)
}

pub(crate) fn restock_from(
    first: Option<String>,
    last: Option<String>,
    precision: Option<String>,
) -> Result<Option<Restock>, Fault> {
    let (Some(first), Some(last), Some(precision)) = (first, last, precision) else {
        return Ok(None);
    };
    let precision = match precision.as_str() {
        "day" => Precision::Day,
        "week" => Precision::Week,
        "month" => Precision::Month,
        "range" => Precision::Range,
        _ => return Err(Fault::Corrupt("a precision is unknown")),
    };
    let until = (precision == Precision::Range).then(|| date_from(&last)).transpose()?;
    Restock::new(date_from(&first)?, until, precision)
        .map(Some)
        .map_err(|_| Fault::Corrupt("a restock date is none"))
}

fn precision_text(precision: Precision) -> &'static str {
    match precision {
        Precision::Day => "day",
        Precision::Week => "week",
        Precision::Month => "month",
        Precision::Range => "range",
    }
}

pub(crate) fn date_from(text: &str) -> Result<Date, Fault> {
    text.parse().map_err(|_| Fault::Corrupt("a date is none"))
}
