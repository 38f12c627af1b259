//! What lines ask for, kits as their components.

use crate::{
    books::Books,
    command::{Line, Name},
};
use std::collections::BTreeMap;

/// Units by SKU and location.
pub type ByPlace = BTreeMap<(Name, Name), i64>;

/// Units by SKU.
pub type BySku = BTreeMap<Name, i64>;

/// Units that lines ask for: at a place, and anywhere.
#[derive(Debug, Default)]
pub struct Demand {
    /// Where a line says so.
    pub pinned: ByPlace,
    /// Wherever.
    pub open: BySku,
}

impl Demand {
    /// What these lines ask for; those that repeat a SKU are summed.
    pub fn of(books: &Books, lines: &[Line]) -> Self {
        let mut demand = Self::default();
        for line in lines {
            for (sku, each) in books.parts(&line.sku) {
                let units = match &line.location {
                    Some(location) => demand.pinned.entry((sku, location.clone())).or_default(),
                    None => demand.open.entry(sku).or_default(),
                };
                *units += line.quantity * each;
            }
        }
        demand
    }

    /// By SKU, wherever.
    pub fn totals(&self) -> BySku {
        let mut totals = self.open.clone();
        for ((sku, _), units) in &self.pinned {
            *totals.entry(sku.clone()).or_default() += units;
        }
        totals
    }

    /// Is it more than a request may have?
    pub fn is_beyond(&self, books: &Books) -> bool {
        let beyond = |(sku, wanted): (&Name, &i64)| *wanted > books.available_to_sell(sku);
        let beyond_there = |((sku, location), wanted): (&(Name, Name), &i64)| {
            *wanted > books.place(sku, location).contribution().max(0)
        };
        self.totals().iter().any(beyond) || self.pinned.iter().any(beyond_there)
    }

    /// What comes in comes to `main` unless it is said where.
    pub fn at_main(&self) -> ByPlace {
        let mut all = self.pinned.clone();
        for (sku, units) in &self.open {
            *all.entry((sku.clone(), "main".into())).or_default() += units;
        }
        all
    }
}
