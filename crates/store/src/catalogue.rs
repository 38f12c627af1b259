//! The catalogue, and what shoppers are shown of it.

use crate::{Fault, Moment, Sql, Store, Value, outbox::Receiver, sql::bind};
use jiff::civil::Date;
use ledger::{Availability, Precision, Restock, Sku, availability};

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
}

/// An amount in the currency's minor unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// Never negative.
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
}

/// What shoppers are shown of a SKU: the source of its published snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its details.
    pub item: Item,
    /// Its state.
    pub state: ShownState,
    /// Grows by one with each visible change.
    pub version: i64,
    /// When it last changed.
    pub changed_at: i64,
}

/// The state as it was last decided; the date of an `OutDated` is the item's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownState {
    /// Plenty.
    InStock,
    /// So many.
    Low(u32),
    /// None, and no date.
    Out,
    /// None, and the item's restock date is shown.
    OutDated,
}

impl From<Availability> for ShownState {
    fn from(availability: Availability) -> Self {
        match availability {
            Availability::InStock => Self::InStock,
            Availability::Low(units) => Self::Low(units),
            Availability::Out(None) => Self::Out,
            Availability::Out(Some(_)) => Self::OutDated,
        }
    }
}

impl ShownState {
    fn columns(self) -> (&'static str, Option<i64>) {
        match self {
            Self::InStock => ("in_stock", None),
            Self::Low(units) => ("low", Some(i64::from(units))),
            Self::Out => ("out", None),
            Self::OutDated => ("out_dated", None),
        }
    }

    fn from_columns(shown: &str, units: Option<i64>) -> Result<Self, Fault> {
        match (shown, units.map(u32::try_from)) {
            ("in_stock", None) => Ok(Self::InStock),
            ("low", Some(Ok(units))) => Ok(Self::Low(units)),
            ("out", None) => Ok(Self::Out),
            ("out_dated", None) => Ok(Self::OutDated),
            _ => Err(Fault::Corrupt("a shown state is unknown")),
        }
    }
}

impl<S: Sql> Store<S> {
    /// What shoppers are shown of this SKU; `None` if the shop has no such SKU.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn shown(&self, sku: &str) -> Result<Option<Shown>, Fault> {
        let rows = self.sql.query(
            "SELECT sku, product_id, title, category, options, price_minor, currency, url, image,
                restock_first, restock_last, restock_precision,
                version, changed_at, shown, shown_units
             FROM skus WHERE sku = ?",
            bind![sku],
        )?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
        Ok(Some(Shown {
            item: item_from(&mut row)?,
            version: row.integer()?,
            changed_at: row.integer()?,
            state: ShownState::from_columns(&row.text()?, row.integer_or_null()?)?,
        }))
    }

    /// The details of this SKU; `None` if the shop has no such SKU.
    pub(crate) fn item(&self, sku: &str) -> Result<Option<Item>, Fault> {
        let rows = self.sql.query(
            "SELECT sku, product_id, title, category, options, price_minor, currency, url, image,
                restock_first, restock_last, restock_precision
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
                url, image, restock_first, restock_last, restock_precision)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (sku) DO UPDATE SET
                product_id = excluded.product_id, title = excluded.title,
                category = excluded.category, options = excluded.options,
                price_minor = excluded.price_minor, currency = excluded.currency,
                url = excluded.url, image = excluded.image,
                restock_first = excluded.restock_first, restock_last = excluded.restock_last,
                restock_precision = excluded.restock_precision",
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
            ],
        )?;
        Ok(())
    }

    /// Shows a SKU as it is now. If that is not what shoppers saw last, or if `details_changed`,
    /// its version grows and the outbox gets its rows.
    pub(crate) fn refresh(
        &self,
        sku: &str,
        low_mark: u32,
        details_changed: bool,
        moment: Moment,
    ) -> Result<(), Fault> {
        let rows = self.sql.query(
            "SELECT restock_first, restock_last, restock_precision, version, shown, shown_units,
                (SELECT COALESCE(SUM(on_hand - shortfall), 0) FROM balances
                 WHERE balances.sku = skus.sku)
             FROM skus WHERE sku = ?",
            bind![sku],
        )?;
        let Some(mut row) = rows.into_iter().next() else {
            return Err(Fault::Corrupt("a balance has no SKU"));
        };
        let restock = restock_from(row.text_or_null()?, row.text_or_null()?, row.text_or_null()?)?;
        let version = row.integer()?;
        let shown = row.text_or_null()?;
        let units = row.integer_or_null()?;
        let before = shown.map(|shown| ShownState::from_columns(&shown, units)).transpose()?;
        let available = row.integer()?;
        let after = availability(available, low_mark, restock, moment.today).into();
        if before == Some(after) && !details_changed {
            return Ok(());
        }
        self.show(sku, after, version.saturating_add(1), moment.now)
    }

    fn show(&self, sku: &str, state: ShownState, version: i64, now: i64) -> Result<(), Fault> {
        let (shown, units) = state.columns();
        self.sql.query(
            "UPDATE skus SET shown = ?, shown_units = ?, version = ?, changed_at = ?
             WHERE sku = ?",
            bind![shown, units, version, now, sku],
        )?;
        self.tell_everybody(sku, version, now)
    }

    /// [`Store::refresh`] for every SKU.
    pub(crate) fn refresh_all(&self, low_mark: u32, moment: Moment) -> Result<(), Fault> {
        for mut row in self.sql.query("SELECT sku FROM skus", &[])? {
            self.refresh(&row.text()?, low_mark, false, moment)?;
        }
        Ok(())
    }

    /// Takes down the restock dates that have passed.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn turn_day(&self, moment: Moment) -> Result<(), Fault> {
        let Some(shop) = self.shop()? else { return Ok(()) };
        self.sql.transaction(|| {
            let passed = self.sql.query(
                "SELECT sku FROM skus WHERE shown = 'out_dated' AND restock_last < ?",
                bind![moment.today.to_string()],
            )?;
            for mut row in passed {
                self.refresh(&row.text()?, shop.low_mark, false, moment)?;
            }
            Ok(())
        })
    }

    /// The last day of the shown restock date that passes first.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn next_date_to_pass(&self) -> Result<Option<Date>, Fault> {
        let rows =
            self.sql.query("SELECT MIN(restock_last) FROM skus WHERE shown = 'out_dated'", &[])?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
        row.text_or_null()?.map(|text| date_from(&text)).transpose()
    }

    /// Puts a row into the outbox for everybody who shows this SKU: KV and each leased Room.
    fn tell_everybody(&self, sku: &str, version: i64, now: i64) -> Result<(), Fault> {
        self.tell(Receiver::Kv, sku, version, now)?;
        for room in self.leased_rooms(now)? {
            self.tell(Receiver::Room(room), sku, version, now)?;
        }
        Ok(())
    }
}

fn item_from(row: &mut crate::Row) -> Result<Item, Fault> {
    Ok(Item {
        sku: sku_from(row.text()?)?,
        product_id: row.text_or_null()?,
        title: row.text()?,
        category: row.text_or_null()?,
        options: row.text_or_null()?,
        price: match (row.integer_or_null()?, row.text_or_null()?) {
            (Some(minor), Some(currency)) => Some(Money { minor, currency }),
            _ => None,
        },
        url: row.text_or_null()?,
        image: row.text_or_null()?,
        restock: restock_from(row.text_or_null()?, row.text_or_null()?, row.text_or_null()?)?,
    })
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

fn date_from(text: &str) -> Result<Date, Fault> {
    text.parse().map_err(|_| Fault::Corrupt("a date is none"))
}
