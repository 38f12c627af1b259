//! What shoppers are shown: decided with every change of stock, published when it differs.

use crate::{
    Fault, Item, Moment, Row, Sql, Store,
    catalogue::{date_from, dates_from, item_from, list_from, restock_columns},
    load::{Face, Loaded},
    sql::bind,
    supply::{kind_from, kind_text},
};
use jiff::civil::Date;
use ledger::{AheadKind, Availability, Restock, Shelf, Sku, Stock, availability};

/// What shoppers are shown of a SKU: the source of its published snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its details.
    pub item: Item,
    /// Its state.
    pub state: ShownState,
    /// The date that was shown before, while the one that is came later.
    pub was: Option<Restock>,
    /// What else would do, the best first; most of it in the shop, and some of that out as well.
    pub candidates: Vec<Sku>,
    /// Grows by one with each visible change.
    pub version: i64,
    /// When it last changed.
    pub changed_at: i64,
}

/// The state as it was last decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownState {
    /// Plenty.
    InStock,
    /// So many.
    Low(u32),
    /// All in holds; the first may be free then, UTC milliseconds.
    AllHeld(i64),
    /// None, but it can be ordered, and when it is sent.
    Ahead(AheadKind, Restock),
    /// None, and when more come, if that is known.
    Out(Option<Restock>),
    /// Nothing is shown.
    Hidden,
}

impl From<Availability> for ShownState {
    fn from(availability: Availability) -> Self {
        match availability {
            Availability::InStock => Self::InStock,
            Availability::Low(units) => Self::Low(units),
            Availability::AllHeld(free_at) => Self::AllHeld(free_at),
            Availability::Ahead(kind, restock) => Self::Ahead(kind, restock),
            Availability::Out(restock) => Self::Out(restock),
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
            Self::Ahead(kind, _) => (kind_text(kind), None, None),
            Self::Out(None) => ("out", None, None),
            Self::Out(Some(_)) => ("out_dated", None, None),
            Self::Hidden => ("hidden", None, None),
        }
    }

    /// The date that is shown with it.
    pub fn date(self) -> Option<Restock> {
        match self {
            Self::Ahead(_, date) | Self::Out(Some(date)) => Some(date),
            _ => None,
        }
    }

    /// Is there nothing, and nothing in anybody's cart?
    pub(crate) fn is_stockout(self) -> bool {
        matches!(self, Self::Ahead(..) | Self::Out(_))
    }
}

/// The columns `shown`, `shown_units`, `shown_until` and the three of the date.
pub(crate) fn shown_from(row: &mut Row) -> Result<Option<ShownState>, Fault> {
    let shown = row.text_or_null()?;
    let (units, until) = (row.integer_or_null()?, row.integer_or_null()?);
    let date = dates_from(row)?;
    let Some(shown) = shown else { return Ok(None) };
    let state = match (shown.as_str(), units.map(u32::try_from), until, date) {
        ("in_stock", None, None, None) => ShownState::InStock,
        ("low", Some(Ok(units)), None, None) => ShownState::Low(units),
        ("all_held", None, Some(free_at), None) => ShownState::AllHeld(free_at),
        ("backorder" | "preorder", None, None, Some(date)) => {
            ShownState::Ahead(kind_from(&shown)?, date)
        }
        ("out", None, None, None) => ShownState::Out(None),
        ("out_dated", None, None, Some(date)) => ShownState::Out(Some(date)),
        ("hidden", None, None, None) => ShownState::Hidden,
        _ => return Err(Fault::Corrupt("a shown state is unknown")),
    };
    Ok(Some(state))
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
                version, changed_at, shown, shown_units, shown_until,
                shown_first, shown_last, shown_precision, was_first, was_last, was_precision,
                candidates
             FROM skus WHERE sku = ?",
            bind![sku],
        )?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
        Ok(Some(Shown {
            item: item_from(&mut row)?,
            version: row.integer()?,
            changed_at: row.integer()?,
            state: shown_from(&mut row)?.ok_or(Fault::Corrupt("nothing is shown"))?,
            was: dates_from(&mut row)?,
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
            ahead: ahead_of(&loaded.stock, sku),
            restock: first_supply(&loaded.stock, sku).or(face.restock),
            hidden: face.hidden,
            hide_undated: shop.hide_undated,
        };
        if face.waited_for {
            self.look_at_waitlist(sku, loaded)?;
        }
        let after: ShownState = availability(shelf, moment.today).into();
        if face.shown == Some(after) && !details_changed {
            return Ok(false);
        }
        self.note_stockout(loaded, sku, face.shown, after, moment)?;
        let was = moved(face, after);
        self.show(sku.as_str(), after, was, face.version.saturating_add(1), moment.now)?;
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

    fn show(
        &self,
        sku: &str,
        state: ShownState,
        was: Option<Restock>,
        version: i64,
        now: i64,
    ) -> Result<(), Fault> {
        let (shown, units, until) = state.columns();
        let [first, last, precision] = restock_columns(state.date());
        let [was_first, was_last, was_precision] = restock_columns(was);
        self.sql.query(
            "UPDATE skus SET shown = ?, shown_units = ?, shown_until = ?,
                shown_first = ?, shown_last = ?, shown_precision = ?,
                was_first = ?, was_last = ?, was_precision = ?,
                version = ?, changed_at = ? WHERE sku = ?",
            bind![
                shown,
                units,
                until,
                first,
                last,
                precision,
                was_first,
                was_last,
                was_precision,
                version,
                now,
                sku,
            ],
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

    /// Takes down the dates that have passed.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn turn_day(&self, moment: Moment) -> Result<(), Fault> {
        if self.shop()?.is_none() {
            return Ok(());
        }
        self.atomically(|| {
            let passed = self.sql.query(
                "SELECT sku FROM skus WHERE shown_last < ?",
                bind![moment.today.to_string()],
            )?;
            for mut row in passed {
                self.refresh(&crate::catalogue::sku_from(row.text()?)?, false, moment)?;
            }
            Ok(())
        })
    }

    /// The last day of the shown date that passes first.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn next_date_to_pass(&self) -> Result<Option<Date>, Fault> {
        let rows =
            self.sql.query("SELECT MIN(shown_last) FROM skus WHERE shown_last IS NOT NULL", &[])?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
        row.text_or_null()?.map(|text| date_from(&text)).transpose()
    }
}

/// As what a SKU can be ordered that is not there, and when the first line that could serve it is
/// expected. A kit cannot.
fn ahead_of(stock: &Stock, sku: &Sku) -> Option<(AheadKind, Restock)> {
    let known = stock.skus.get(sku)?;
    let ahead = known.ahead.filter(|_| !stock.mirror && known.orderable(stock.today) > 0)?;
    Some((ahead.kind, first_supply(stock, sku)?))
}

/// When the first line of a purchase order is expected that can serve somebody new.
fn first_supply(stock: &Stock, sku: &Sku) -> Option<Restock> {
    stock.skus.get(sku)?.promisable(stock.today).first().map(|(_, date, _)| *date)
}

/// The date that was shown before, if the one that is shown now came later.
fn moved(face: &Face, after: ShownState) -> Option<Restock> {
    let (before, now) = (face.shown.and_then(ShownState::date)?, after.date()?);
    let end = |date: Restock| (date.last(), date.first());
    if before == now {
        return face.was;
    }
    let first = face.was.unwrap_or(before);
    (end(now) > end(first)).then_some(first)
}
