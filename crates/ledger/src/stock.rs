//! What is so, as far as a decision needs it.

use crate::{Ahead, Arrivals, Balance, Location, Mixed, PoLine, PoLineId, Region, Sku, Waiting};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Most components of one kit, a hamper's worth; with [`crate::MAX_LINES`] a cart of kits comes
/// to 2,000 components.
pub const MAX_COMPONENTS: usize = 20;

/// Most units of a component in one kit; with [`crate::MAX_QUANTITY`] and [`crate::MAX_LINES`] a
/// command asks for 10^11 of a component at most, below [`crate::MAX_NET`].
pub const MAX_PER_KIT: i64 = 1_000;

/// The SKUs that a command names with their components, and the locations where they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// Those of them that the shop has.
    pub skus: BTreeMap<Sku, SkuStock>,
    /// What is known of the locations; one that is missing is a usual one.
    pub sites: BTreeMap<Location, Site>,
    /// How the shop shares out what no line pins to a location.
    pub strategy: Strategy,
    /// The shop's platform sells its own count: nothing can be asked for here.
    pub mirror: bool,
    /// The civil day in the shop's zone.
    pub today: Date,
    /// How a cart is treated of which some is there and some is not.
    pub mixed: Mixed,
    /// Whoever waits gets the better date when one appears, even if promised another.
    pub improve: bool,
}

/// One SKU.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SkuStock {
    /// Of a kit, what it is made of; else empty.
    pub components: Vec<Component>,
    /// All of its balances; a kit has none.
    pub balances: BTreeMap<Location, Balance>,
    /// The lines of purchase orders that are open, and whatever else the command names.
    pub supply: BTreeMap<PoLineId, PoLine>,
    /// May it be ordered that is not there? Without it only what is there is sold.
    pub ahead: Option<Ahead>,
    /// Units that orders wait for.
    pub waiting: Waiting,
    /// Units that are kept for them.
    pub arrivals: Arrivals,
    /// Promises are being made anew, a few at a time, and are not through.
    pub settling: bool,
}

/// A part of a kit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Component {
    /// Of what; never a kit itself.
    pub sku: Sku,
    /// Units in one kit, 1 to [`MAX_PER_KIT`].
    pub quantity: i64,
}

/// A location, as far as allocation looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Lower goes first.
    pub priority: i64,
    /// Where it is near to.
    pub region: Option<Region>,
    /// What leaves it now leaves tomorrow.
    pub past_cut_off: bool,
}

/// The priority of a location of which the merchant said nothing.
pub const USUAL_PRIORITY: i64 = 100;

impl Default for Site {
    fn default() -> Self {
        Self { priority: USUAL_PRIORITY, region: None, past_cut_off: false }
    }
}

/// From where an order is served, when no line says. A location that can serve the whole of it
/// always goes before a split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strategy {
    /// By the merchant's priorities.
    #[default]
    Priority,
    /// From as few locations as can be.
    FewestParcels,
    /// From the buyer's region first.
    Nearest,
    /// From where most is, so that all locations run down together.
    Spread,
}

impl SkuStock {
    /// Is it made of others?
    pub fn is_kit(&self) -> bool {
        !self.components.is_empty()
    }
}

impl Stock {
    /// Available-to-sell: how many a request may have, over all locations. Of a kit, how many its
    /// components make.
    pub fn available_to_sell(&self, sku: &Sku) -> i64 {
        self.total(sku, Balance::contribution)
    }

    /// Available-to-sell if every open hold were released.
    pub fn available_unheld(&self, sku: &Sku) -> i64 {
        self.total(sku, |balance| {
            let released = balance.holding(balance.held().saturating_neg());
            released.unwrap_or(balance).contribution()
        })
    }

    fn total(&self, sku: &Sku, units: impl Fn(Balance) -> i64 + Copy) -> i64 {
        let Some(stock) = self.skus.get(sku) else { return 0 };
        let made = |part: &Component| {
            self.total_of(&part.sku, units).checked_div(part.quantity).unwrap_or(0)
        };
        match stock.components.iter().map(made).min() {
            Some(kits) => kits,
            None => self.total_of(sku, units),
        }
    }

    fn total_of(&self, sku: &Sku, units: impl Fn(Balance) -> i64) -> i64 {
        let Some(stock) = self.skus.get(sku) else { return 0 };
        let sum = stock.balances.values().fold(0_i64, |sum, at| sum.saturating_add(units(*at)));
        sum.max(0)
    }

    /// Of this SKU at this location; nothing, and nothing owed, where there is no balance.
    pub fn balance(&self, sku: &Sku, location: &Location) -> Balance {
        let balance = self.skus.get(sku).and_then(|stock| stock.balances.get(location));
        balance.copied().unwrap_or_default()
    }

    /// The units of this SKU that are there, over all locations.
    pub fn on_hand(&self, sku: &Sku) -> i64 {
        let Some(stock) = self.skus.get(sku) else { return 0 };
        stock.balances.values().fold(0, |sum, balance| sum.saturating_add(balance.on_hand()))
    }

    /// Puts a balance in.
    pub fn put(&mut self, sku: &Sku, location: &Location, balance: Balance) {
        let stock = self.skus.entry(sku.clone()).or_default();
        stock.balances.insert(location.clone(), balance);
    }
}
