//! The Rooms and the pages in them, each of which shows some SKUs and hears of their changes.

use crate::{broken::Broken, command::Name, kv::Value};
use std::collections::{BTreeMap, BTreeSet};

/// Rooms of the shop.
pub const ROOMS: i64 = 4;

/// How long a Room's lease lasts.
pub const LEASE_MS: i64 = 20 * 60 * 1_000;

/// How often a Room renews it: such that a clock that jumps by ten minutes ends no lease.
pub const RENEWED_MS: i64 = LEASE_MS / 4;

/// What a page shows, by SKU.
pub type Page = BTreeMap<Name, Value>;

/// One Room.
#[derive(Debug, Default)]
pub struct Room {
    /// Its sockets.
    pub pages: BTreeMap<u64, Page>,
    /// Those that were answered what is newer than what they read.
    pub told: BTreeSet<u64>,
    /// Is its alarm set?
    pub renews: bool,
}

impl Room {
    /// A push has come: every page that shows one of these SKUs goes by the version.
    pub fn pushed(&mut self, items: &[(Name, Value)]) -> Result<(), Broken> {
        for page in self.pages.values_mut() {
            items.iter().try_for_each(|(sku, value)| newer(page, sku, value))?;
        }
        Ok(())
    }

    /// A page hears what is newer than what it has.
    pub fn told(&mut self, page: u64, items: &[(Name, Value)]) -> Result<(), Broken> {
        let Some(shown) = self.pages.get_mut(&page) else { return Ok(()) };
        self.told.insert(page);
        items.iter().try_for_each(|(sku, value)| newer(shown, sku, value))
    }

    /// A socket closes; was it open?
    pub fn closes(&mut self, page: u64) -> bool {
        self.told.remove(&page);
        self.pages.remove(&page).is_some()
    }
}

fn newer(page: &mut Page, sku: &Name, value: &Value) -> Result<(), Broken> {
    match page.get(sku) {
        None => return Ok(()),
        Some(shown) if shown.version > value.version => return Ok(()),
        Some(shown) if shown.version == value.version && shown != value => {
            let rule = "a version says one thing, for ever";
            return Err(Broken::new(rule, format!("{sku:?}: {shown:?} and {value:?}")));
        }
        _ => {}
    }
    page.insert(sku.clone(), value.clone());
    Ok(())
}
