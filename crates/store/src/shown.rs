//! What shoppers are shown: decided with every change of stock, published when it differs.

use crate::{
    Fault, Item, Moment, Sql, Store,
    catalogue::{date_from, item_from, list_from},
    load::Loaded,
    sql::bind,
};
use jiff::civil::Date;
use ledger::{Availability, Shelf, Sku, availability};

/// What shoppers are shown of a SKU: the source of its published snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its details.
    pub item: Item,
    /// Its state.
    pub state: ShownState,
    /// What else would do, the best first; most of it in the shop, and some of that out as well.
    pub candidates: Vec<Sku>,
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
    /// All in holds; the first may be free then, UTC milliseconds.
    AllHeld(i64),
    /// None, and no date.
    Out,
    /// None, and the item's restock date is shown.
    OutDated,
    /// Nothing is shown.
    Hidden,
}

impl From<Availability> for ShownState {
    fn from(availability: Availability) -> Self {
        match availability {
            Availability::InStock => Self::InStock,
            Availability::Low(units) => Self::Low(units),
            Availability::AllHeld(free_at) => Self::AllHeld(free_at),
            Availability::Out(None) => Self::Out,
            Availability::Out(Some(_)) => Self::OutDated,
            Availability::Hidden => Self::Hidden,
        }
    }
}

impl ShownState {
    /// The columns `shown`, `shown_units` and `shown_until`.
    fn columns(self) -> (&'static str, Option<i64>, Option<i64>) {
        match self {
            Self::InStock => ("in_stock", None, None),
            Self::Low(units) => ("low", Some(i64::from(units)), None),
            Self::AllHeld(free_at) => ("all_held", None, Some(free_at)),
            Self::Out => ("out", None, None),
            Self::OutDated => ("out_dated", None, None),
            Self::Hidden => ("hidden", None, None),
        }
    }

    pub(crate) fn from_columns(
        shown: &str,
        units: Option<i64>,
        until: Option<i64>,
    ) -> Result<Self, Fault> {
        match (shown, units.map(u32::try_from), until) {
            ("in_stock", None, None) => Ok(Self::InStock),
            ("low", Some(Ok(units)), None) => Ok(Self::Low(units)),
            ("all_held", None, Some(free_at)) => Ok(Self::AllHeld(free_at)),
            ("out", None, None) => Ok(Self::Out),
            ("out_dated", None, None) => Ok(Self::OutDated),
            ("hidden", None, None) => Ok(Self::Hidden),
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
                restock_first, restock_last, restock_precision, chosen,
                version, changed_at, shown, shown_units, shown_until, candidates
             FROM skus WHERE sku = ?",
            bind![sku],
        )?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
        Ok(Some(Shown {
            item: item_from(&mut row)?,
            version: row.integer()?,
            changed_at: row.integer()?,
            state: ShownState::from_columns(
                &row.text()?,
                row.integer_or_null()?,
                row.integer_or_null()?,
            )?,
            candidates: list_from(row.text_or_null()?)?,
        }))
    }

    /// Shows a SKU as it is now, and the kits that it is in. If that is not what shoppers saw
    /// last, or if `details_changed`, its version grows and the outbox gets its rows.
    pub(crate) fn refresh(
        &self,
        sku: &Sku,
        details_changed: bool,
        moment: Moment,
    ) -> Result<(), Fault> {
        let loaded = self.load([sku], moment)?;
        self.refresh_loaded(&loaded, sku, details_changed, moment)?;
        if loaded.faces.get(sku).is_some_and(|face| face.in_kits) {
            self.refresh_kits_of(sku, moment)?;
        }
        Ok(())
    }

    /// [`Store::refresh`] for the kits that this SKU is in; gives those whose version has grown.
    pub(crate) fn refresh_kits_of(&self, sku: &Sku, moment: Moment) -> Result<Vec<Sku>, Fault> {
        let mut grown = Vec::new();
        for kit in self.kits_of(sku)? {
            let loaded = self.load([&kit], moment)?;
            if self.refresh_loaded(&loaded, &kit, false, moment)? {
                grown.push(kit);
            }
        }
        Ok(grown)
    }

    /// [`Store::refresh`] of the SKU alone, from what is known to be so; has its version grown?
    pub(crate) fn refresh_loaded(
        &self,
        loaded: &Loaded,
        sku: &Sku,
        details_changed: bool,
        moment: Moment,
    ) -> Result<bool, Fault> {
        let shop = self.settings()?;
        let face = loaded.faces.get(sku).ok_or(Fault::Corrupt("a balance has no SKU"))?;
        let shelf = Shelf {
            available: loaded.stock.available_to_sell(sku),
            free_at: self.free_at(loaded, sku)?,
            low_mark: shop.low_mark,
            restock: face.restock,
            hidden: face.hidden,
            hide_undated: shop.hide_undated,
        };
        let after = availability(shelf, moment.today).into();
        if face.shown == Some(after) && !details_changed {
            return Ok(false);
        }
        self.show(sku.as_str(), after, face.version.saturating_add(1), moment.now)?;
        Ok(true)
    }

    /// When units of a SKU that is all held may be free again: of a kit, when the component may
    /// that comes last.
    fn free_at(&self, loaded: &Loaded, sku: &Sku) -> Result<Option<i64>, Fault> {
        let stock = &loaded.stock;
        if stock.available_to_sell(sku) > 0 || stock.available_unheld(sku) <= 0 {
            return Ok(None);
        }
        let components = stock.skus.get(sku).map_or(&[][..], |known| &known.components);
        let mut last = None;
        if components.is_empty() {
            return self.first_expiry_of(sku);
        }
        for part in components {
            if stock.available_to_sell(&part.sku) < part.quantity {
                last = last.max(self.first_expiry_of(&part.sku)?);
            }
        }
        Ok(last)
    }

    fn show(&self, sku: &str, state: ShownState, version: i64, now: i64) -> Result<(), Fault> {
        let (shown, units, until) = state.columns();
        self.sql.query(
            "UPDATE skus SET shown = ?, shown_units = ?, shown_until = ?, version = ?,
                changed_at = ? WHERE sku = ?",
            bind![shown, units, until, version, now, sku],
        )?;
        self.tell_everybody(sku, version, now)
    }

    /// [`Store::refresh`] for every SKU.
    pub(crate) fn refresh_all(&self, moment: Moment) -> Result<(), Fault> {
        for mut row in self.sql.query("SELECT sku FROM skus", &[])? {
            let sku = crate::catalogue::sku_from(row.text()?)?;
            let loaded = self.load([&sku], moment)?;
            self.refresh_loaded(&loaded, &sku, false, moment)?;
        }
        Ok(())
    }

    /// Takes down the restock dates that have passed.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn turn_day(&self, moment: Moment) -> Result<(), Fault> {
        if self.shop()?.is_none() {
            return Ok(());
        }
        self.atomically(|| {
            let passed = self.sql.query(
                "SELECT sku FROM skus WHERE shown = 'out_dated' AND restock_last < ?",
                bind![moment.today.to_string()],
            )?;
            for mut row in passed {
                self.refresh(&crate::catalogue::sku_from(row.text()?)?, false, moment)?;
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
}
