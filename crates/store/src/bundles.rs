//! Bundles: SKUs that are made of others.

use crate::{Fault, MAX_PAGE, Moment, Sql, Store, catalogue::sku_from, sql::bind};
use ledger::{Balance, Component, MAX_COMPONENTS, MAX_PER_KIT, Sku};
use std::collections::BTreeSet;

/// A kit and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The SKU that is sold.
    pub kit: Sku,
    /// Its components, by SKU.
    pub components: Vec<Component>,
}

/// Why components make no kit. Nothing changes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBundle {
    /// The shop has no such SKU, as the kit or in it.
    #[error("the shop has no SKU `{0}`")]
    UnknownSku(Sku),
    /// None, or more than [`MAX_COMPONENTS`].
    #[error("a bundle has 1 to {MAX_COMPONENTS} components, and this one has {0}")]
    ComponentCount(usize),
    /// Below 1 or above [`MAX_PER_KIT`].
    #[error("a bundle has 1 to {MAX_PER_KIT} of a component, not {0}")]
    Quantity(i64),
    /// The same component twice.
    #[error("`{0}` is named twice: give its quantity once")]
    Repeated(Sku),
    /// A bundle in a bundle.
    #[error("`{0}` is a bundle itself, and bundles do not nest: name its components")]
    Nested(Sku),
    /// The SKU has stock of its own, or held units.
    #[error("`{0}` has stock of its own: count it down to nothing first")]
    HasStock(Sku),
    /// The SKU is a component of another bundle.
    #[error("`{0}` is a component of another bundle, and bundles do not nest")]
    IsComponent(Sku),
}

impl<S: Sql> Store<S> {
    /// Makes a SKU a kit of these components, or of these from now on.
    ///
    /// # Errors
    /// [`Fault`]; the inner error if the components make no kit.
    pub fn put_bundle(
        &self,
        bundle: &Bundle,
        moment: Moment,
    ) -> Result<Result<(), BadBundle>, Fault> {
        if let Err(bad) = self.check_bundle(bundle, moment)? {
            return Ok(Err(bad));
        }
        self.atomically(|| {
            self.clear_bundle(&bundle.kit)?;
            for part in &bundle.components {
                self.sql.query(
                    "INSERT INTO components (kit, sku, quantity) VALUES (?, ?, ?)",
                    bind![bundle.kit.as_str(), part.sku.as_str(), part.quantity],
                )?;
                self.mark_component(&part.sku)?;
            }
            self.sql.query("UPDATE skus SET kit = 1 WHERE sku = ?", bind![bundle.kit.as_str()])?;
            self.refresh(&bundle.kit, false, moment)
        })?;
        Ok(Ok(()))
    }

    /// Makes a kit a SKU with stock of its own again, of which there is none yet; false if it is
    /// no kit.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn remove_bundle(&self, kit: &Sku, moment: Moment) -> Result<bool, Fault> {
        self.atomically(|| {
            if !self.clear_bundle(kit)? {
                return Ok(false);
            }
            self.refresh(kit, false, moment)?;
            Ok(true)
        })
    }

    /// At most [`MAX_PAGE`] kits after this one, by SKU.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn bundles_after(&self, kit: &str) -> Result<Vec<Bundle>, Fault> {
        let kits = self.sql.query(
            "SELECT DISTINCT kit FROM components WHERE kit > ? ORDER BY kit LIMIT ?",
            bind![kit, MAX_PAGE],
        )?;
        kits.into_iter()
            .map(|mut row| {
                let kit = sku_from(row.text()?)?;
                Ok(Bundle { components: self.components_of(&kit)?, kit })
            })
            .collect()
    }

    fn check_bundle(
        &self,
        Bundle { kit, components }: &Bundle,
        moment: Moment,
    ) -> Result<Result<(), BadBundle>, Fault> {
        if !(1..=MAX_COMPONENTS).contains(&components.len()) {
            return Ok(Err(BadBundle::ComponentCount(components.len())));
        }
        let loaded = self.load(components.iter().map(|part| &part.sku).chain([kit]), moment)?;
        let skus = &loaded.stock.skus;
        let mut named = BTreeSet::new();
        for part in components {
            if !(1..=MAX_PER_KIT).contains(&part.quantity) {
                return Ok(Err(BadBundle::Quantity(part.quantity)));
            }
            if !named.insert(&part.sku) {
                return Ok(Err(BadBundle::Repeated(part.sku.clone())));
            }
            match skus.get(&part.sku) {
                None => return Ok(Err(BadBundle::UnknownSku(part.sku.clone()))),
                Some(known) if known.is_kit() || part.sku == *kit => {
                    return Ok(Err(BadBundle::Nested(part.sku.clone())));
                }
                Some(_) => {}
            }
        }
        let Some(known) = skus.get(kit) else {
            return Ok(Err(BadBundle::UnknownSku(kit.clone())));
        };
        let has_units = |balance: &Balance| {
            balance.net() != 0 || balance.held() != 0 || balance.committed() != 0
        };
        let is_supplied = !known.supply.is_empty() || known.waiting.units > 0;
        if is_supplied || known.balances.values().any(has_units) {
            return Ok(Err(BadBundle::HasStock(kit.clone())));
        }
        if loaded.faces.get(kit).is_some_and(|face| face.in_kits) {
            return Ok(Err(BadBundle::IsComponent(kit.clone())));
        }
        Ok(Ok(()))
    }

    /// Takes the components away; were there any?
    fn clear_bundle(&self, kit: &Sku) -> Result<bool, Fault> {
        let gone = self
            .sql
            .query("DELETE FROM components WHERE kit = ? RETURNING sku", bind![kit.as_str()])?;
        let any = !gone.is_empty();
        self.sql.query("UPDATE skus SET kit = 0 WHERE sku = ?", bind![kit.as_str()])?;
        for mut row in gone {
            self.mark_component(&sku_from(row.text()?)?)?;
        }
        Ok(any)
    }

    /// Notes at the SKU whether any kit has it.
    fn mark_component(&self, sku: &Sku) -> Result<(), Fault> {
        self.sql.query(
            "UPDATE skus SET in_kits = EXISTS (SELECT 1 FROM components WHERE sku = ?)
             WHERE sku = ?",
            bind![sku.as_str(), sku.as_str()],
        )?;
        Ok(())
    }
}
