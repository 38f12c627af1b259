//! What is so, read for a decision: each SKU in one statement, with its components.

use crate::{
    Fault, Mode, Moment, Row, ShownState, Sql, Store,
    catalogue::{dates_from, sku_from},
    locations::cut_off_from,
    shown::shown_from,
    sql::bind,
    stock::balance_from,
    supply::ahead_from,
};
use ledger::{Component, Location, Region, Restock, Site, Sku, Stock, Waiting};
use std::collections::BTreeMap;

/// The stock of some SKUs, and what shoppers were last shown of them.
pub(crate) struct Loaded {
    pub(crate) stock: Stock,
    pub(crate) faces: BTreeMap<Sku, Face>,
    /// The number of each balance's last movement; none where there is no balance yet.
    pub(crate) moves: BTreeMap<(Sku, Location), i64>,
}

/// What decides besides its stock what shoppers see of a SKU, and what they saw.
pub(crate) struct Face {
    pub(crate) restock: Option<Restock>,
    pub(crate) hidden: bool,
    pub(crate) in_kits: bool,
    /// It has a waitlist.
    pub(crate) waited_for: bool,
    pub(crate) version: i64,
    pub(crate) shown: Option<ShownState>,
    /// The date that was shown before, while the one that is came later.
    pub(crate) was: Option<Restock>,
}

impl<S: Sql> Store<S> {
    /// What is so of these SKUs, and of the components of those that are kits. One that the shop
    /// has not is missing.
    pub(crate) fn load<'a>(
        &self,
        skus: impl IntoIterator<Item = &'a Sku>,
        moment: Moment,
    ) -> Result<Loaded, Fault> {
        if let Some(looked) = crate::bugs::looked() {
            return Ok(looked);
        }
        let shop = self.settings()?;
        let mirror = shop.mode == Mode::Mirror;
        let (strategy, today) = (shop.strategy, moment.today);
        let (mixed, improve) = (shop.mixed, shop.improve);
        let stock = Stock { strategy, mirror, today, mixed, improve, ..Stock::default() };
        let mut loaded = Loaded { stock, faces: BTreeMap::new(), moves: BTreeMap::new() };
        for sku in skus {
            if self.load_sku(&mut loaded, sku, moment)? {
                let components = self.components_of(sku)?;
                for part in &components {
                    self.load_sku(&mut loaded, &part.sku, moment)?;
                }
                loaded.stock.skus.entry(sku.clone()).or_default().components = components;
            }
        }
        Ok(loaded)
    }

    /// Reads a SKU, once; is it a kit?
    fn load_sku(&self, loaded: &mut Loaded, sku: &Sku, moment: Moment) -> Result<bool, Fault> {
        if loaded.faces.contains_key(sku) {
            return Ok(false);
        }
        let rows = self.sql.query(
            "SELECT kit, supplied, waiting, unpegged, settling, ahead, ahead_limit, ahead_per_buyer,
                in_kits, waited_for, hidden, version, shown, shown_units, shown_until,
                shown_first, shown_last, shown_precision, was_first, was_last, was_precision,
                restock_first, restock_last, restock_precision,
                location, on_hand, shortfall, held, committed, safety_stock, moves,
                priority, region, cut_off
             FROM skus
             LEFT JOIN balances ON balances.sku = skus.sku
             LEFT JOIN locations ON locations.name = balances.location
             WHERE skus.sku = ?",
            bind![sku.as_str()],
        )?;
        let (mut kit, mut supplied) = (false, false);
        for mut row in rows {
            (kit, supplied) = (row.integer()? != 0, row.integer()? != 0);
            let known = loaded.stock.skus.entry(sku.clone()).or_default();
            known.waiting = Waiting { units: row.integer()?, unpegged: row.integer()? };
            known.settling = row.integer()? != 0;
            known.ahead = ahead_from(&mut row)?;
            let face = face_from(&mut row)?;
            loaded.faces.insert(sku.clone(), face);
            let Some(location) = row.text_or_null()? else { continue };
            let location =
                Location::new(location).map_err(|_| Fault::Corrupt("a location is none"))?;
            known.balances.insert(location.clone(), balance_from(&mut row)?);
            loaded.moves.insert((sku.clone(), location.clone()), row.integer()?);
            if let Some(priority) = row.integer_or_null()? {
                let site = Site {
                    priority,
                    region: region_from(row.text_or_null()?)?,
                    past_cut_off: cut_off_from(row.text_or_null()?)?
                        .is_some_and(|cut_off| moment.time >= cut_off),
                };
                loaded.stock.sites.insert(location, site);
            }
        }
        if supplied {
            let known = loaded.stock.skus.entry(sku.clone()).or_default();
            known.supply = self.supply_of(sku)?;
            known.arrivals = self.arrivals_of(sku)?;
        }
        Ok(kit)
    }

    pub(crate) fn components_of(&self, kit: &Sku) -> Result<Vec<Component>, Fault> {
        self.sql
            .query(
                "SELECT sku, quantity FROM components WHERE kit = ? ORDER BY sku",
                bind![kit.as_str()],
            )?
            .into_iter()
            .map(|mut row| Ok(Component { sku: sku_from(row.text()?)?, quantity: row.integer()? }))
            .collect()
    }

    /// The kits that this SKU is in.
    pub(crate) fn kits_of(&self, sku: &Sku) -> Result<Vec<Sku>, Fault> {
        self.sql
            .query("SELECT kit FROM components WHERE sku = ?", bind![sku.as_str()])?
            .into_iter()
            .map(|mut row| sku_from(row.text()?))
            .collect()
    }
}

fn face_from(row: &mut Row) -> Result<Face, Fault> {
    let in_kits = row.integer()? != 0;
    let waited_for = row.integer()? != 0;
    let hidden = row.integer()? != 0;
    let version = row.integer()?;
    let shown = shown_from(row)?;
    let was = dates_from(row)?;
    let restock = dates_from(row)?;
    Ok(Face { restock, hidden, in_kits, waited_for, version, shown, was })
}

pub(crate) fn region_from(text: Option<String>) -> Result<Option<Region>, Fault> {
    text.map(|text| Region::new(text).map_err(|_| Fault::Corrupt("a region is none"))).transpose()
}
