//! Sharing out an order over locations.
//!
//! A location that can serve all that is not pinned goes first; if there is none, the order is
//! split as the shop's strategy says. Whatever the strategy, units that are there are found: what
//! a shopper is shown can be sold.

use crate::{Location, Region, Site, Sku, Stock, Strategy};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Locations among which the fewest are looked for exactly; with [`MAX_EXACT_PARCELS`] these are
/// 24 choose 3, about 2,000 sets. Beyond it, or if more parcels are needed, the location that
/// fills most goes first each time.
const MAX_EXACT_LOCATIONS: usize = 24;

/// Parcels up to which no set of fewer is missed.
const MAX_EXACT_PARCELS: usize = 3;

/// Units by SKU.
pub(crate) type Wanted = BTreeMap<Sku, i64>;

/// Units by SKU and location.
pub(crate) type Shares = BTreeMap<(Sku, Location), i64>;

/// What may be taken from where.
#[derive(Debug, Default)]
pub(crate) struct Room(BTreeMap<Sku, BTreeMap<Location, i64>>);

impl Room {
    /// So many units of this SKU may be taken there; nothing is as good as no entry.
    pub(crate) fn put(&mut self, sku: &Sku, location: &Location, units: i64) {
        if units > 0 {
            self.0.entry(sku.clone()).or_default().insert(location.clone(), units);
        }
    }

    fn at(&self, sku: &Sku, location: &Location) -> i64 {
        self.0.get(sku).and_then(|at| at.get(location)).copied().unwrap_or(0)
    }

    fn locations(&self) -> BTreeSet<&Location> {
        self.0.values().flat_map(BTreeMap::keys).collect()
    }

    /// Units of what is wanted that this location could fill.
    fn filled(&self, wanted: &Wanted, location: &Location) -> i64 {
        let fill = |(sku, units): (&Sku, &i64)| self.at(sku, location).min(*units);
        wanted.iter().map(fill).fold(0, i64::saturating_add)
    }

    fn covers(&self, wanted: &Wanted, set: &[&Location]) -> bool {
        wanted.iter().all(|(sku, units)| {
            let room = set.iter().map(|at| self.at(sku, at)).fold(0, i64::saturating_add);
            room >= *units
        })
    }
}

/// Where each unit of `wanted` is taken. What finds no room is not in it.
pub(crate) fn allocate(
    stock: &Stock,
    room: &Room,
    wanted: &Wanted,
    destination: Option<&Region>,
) -> Shares {
    let order = in_order(stock, room, wanted, destination);
    if let Some(alone) = order.iter().find(|at| room.covers(wanted, &[at])) {
        return taken(room, wanted, |_| vec![*alone]);
    }
    match stock.strategy {
        Strategy::Priority | Strategy::Nearest => taken(room, wanted, |_| order.clone()),
        Strategy::FewestParcels => {
            let set = fewest(room, wanted, &order);
            taken(room, wanted, |_| set.clone())
        }
        Strategy::Spread => taken(room, wanted, |sku| {
            let mut fullest = order.clone();
            fullest.sort_by_key(|at| Reverse(room.at(sku, at)));
            fullest
        }),
    }
}

/// The locations with room, the best first.
fn in_order<'a>(
    stock: &Stock,
    room: &'a Room,
    wanted: &Wanted,
    destination: Option<&Region>,
) -> Vec<&'a Location> {
    let usual = Site::default();
    let mut order: Vec<&Location> = room.locations().into_iter().collect();
    // The sort is stable and began by name, so equals stay in the order of their names.
    order.sort_by_cached_key(|location| {
        let site = stock.sites.get(*location).unwrap_or(&usual);
        let far = i64::from(destination.is_none() || site.region.as_ref() != destination);
        let late = i64::from(site.past_cut_off);
        match stock.strategy {
            Strategy::Priority => (site.priority, late, 0),
            Strategy::Nearest => (far, late, site.priority),
            Strategy::FewestParcels => (late, site.priority, 0),
            Strategy::Spread => {
                (room.filled(wanted, location).saturating_neg(), late, site.priority)
            }
        }
    });
    order
}

/// As few locations as cover what is wanted, the better ones where there is a choice.
fn fewest<'a>(room: &Room, wanted: &Wanted, order: &[&'a Location]) -> Vec<&'a Location> {
    if order.len() <= MAX_EXACT_LOCATIONS {
        for parcels in 2..=MAX_EXACT_PARCELS {
            let mut set = Vec::with_capacity(parcels);
            if covering(room, wanted, order, parcels, &mut set) {
                return set;
            }
        }
    }
    fullest_first(room, wanted, order)
}

/// Extends `set` by so many of `rest` that it covers what is wanted, if it can be done.
fn covering<'a>(
    room: &Room,
    wanted: &Wanted,
    rest: &[&'a Location],
    parcels: usize,
    set: &mut Vec<&'a Location>,
) -> bool {
    let Some(fewer) = parcels.checked_sub(1) else { return room.covers(wanted, set) };
    let mut rest = rest;
    while let Some((first, others)) = rest.split_first() {
        set.push(first);
        if covering(room, wanted, others, fewer, set) {
            return true;
        }
        set.pop();
        rest = others;
    }
    false
}

/// Each time the location that fills most of what is left.
fn fullest_first<'a>(room: &Room, wanted: &Wanted, order: &[&'a Location]) -> Vec<&'a Location> {
    let mut wanted = wanted.clone();
    let mut rest = order.to_vec();
    let mut set = Vec::new();
    while !wanted.is_empty() {
        // Of equals `min_by_key` takes the first.
        let best = rest.iter().min_by_key(|at| Reverse(room.filled(&wanted, at))).copied();
        let Some(best) = best else { break };
        rest.retain(|at| *at != best);
        for (sku, units) in &mut wanted {
            *units = units.saturating_sub(room.at(sku, best));
        }
        wanted.retain(|_, units| *units > 0);
        set.push(best);
    }
    set
}

/// Takes each SKU from its locations one after the other, as far as they have room.
fn taken<'a>(room: &Room, wanted: &Wanted, order_of: impl Fn(&Sku) -> Vec<&'a Location>) -> Shares {
    let mut shares = Shares::new();
    for (sku, units) in wanted {
        let mut left = *units;
        for location in order_of(sku) {
            let share = room.at(sku, location).min(left);
            if share > 0 {
                shares.insert((sku.clone(), location.clone()), share);
                left = left.saturating_sub(share);
            }
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    fn sku(text: &str) -> Sku {
        Sku::new(text).unwrap()
    }

    fn location(text: &str) -> Location {
        Location::new(text).unwrap()
    }

    fn site(priority: i64, region: &str, past_cut_off: bool) -> Site {
        Site { priority, region: Region::new(region).ok(), past_cut_off }
    }

    /// Three locations, and what is at them.
    fn stock(strategy: Strategy) -> Stock {
        let sites = [
            (location("far"), site(1, "US", false)),
            (location("late"), site(2, "GB", true)),
            (location("near"), site(3, "GB", false)),
        ];
        Stock { strategy, sites: sites.into(), ..Stock::default() }
    }

    fn room(units: &[(&str, &str, i64)]) -> Room {
        let mut room = Room::default();
        for (text, at, units) in units {
            room.put(&sku(text), &location(at), *units);
        }
        room
    }

    fn shares(
        strategy: Strategy,
        units: &[(&str, &str, i64)],
        wanted: &[(&str, i64)],
    ) -> Vec<String> {
        let wanted = wanted.iter().map(|(text, units)| (sku(text), *units)).collect();
        let region = Region::new("GB").unwrap();
        let shares = allocate(&stock(strategy), &room(units), &wanted, Some(&region));
        shares.iter().map(|((sku, at), units)| format!("{units} {sku} {at}")).collect()
    }

    const EVERYWHERE: [(&str, &str, i64); 3] =
        [("a", "far", 9), ("a", "late", 9), ("a", "near", 10)];

    #[test]
    fn one_location_that_has_all_goes_before_a_split() {
        for (strategy, served) in [
            (Strategy::Priority, "9 a far"),
            (Strategy::Nearest, "9 a near"),
            (Strategy::FewestParcels, "9 a far"),
            (Strategy::Spread, "9 a far"),
        ] {
            assert_eq!(shares(strategy, &EVERYWHERE, &[("a", 9)]), [served], "{strategy:?}");
            let only_near = shares(strategy, &EVERYWHERE, &[("a", 10)]);
            assert_eq!(only_near, ["10 a near"], "{strategy:?}");
        }
    }

    #[test]
    fn a_split_follows_the_strategy() {
        for (strategy, served) in [
            (Strategy::Priority, ["9 a far", "3 a late"]),
            (Strategy::Nearest, ["2 a late", "10 a near"]),
            (Strategy::FewestParcels, ["9 a far", "3 a near"]),
            (Strategy::Spread, ["2 a far", "10 a near"]),
        ] {
            assert_eq!(shares(strategy, &EVERYWHERE, &[("a", 12)]), served, "{strategy:?}");
        }
    }

    #[test]
    fn fewest_parcels_sees_past_the_fullest_location() {
        // The fullest has the most of everything and still needs two others beside it.
        let units = [
            ("a", "far", 3),
            ("b", "far", 3),
            ("a", "late", 5),
            ("b", "near", 5),
            ("c", "near", 1),
        ];
        let split = shares(Strategy::FewestParcels, &units, &[("a", 5), ("b", 5)]);
        assert_eq!(split, ["5 a late", "5 b near"]);
    }

    const STRATEGIES: [Strategy; 4] =
        [Strategy::Priority, Strategy::FewestParcels, Strategy::Nearest, Strategy::Spread];

    proptest! {
        /// Whatever the strategy: all that is wanted is found if it is there, nothing is taken
        /// where it is not, and the fewest parcels are the fewest.
        #[test]
        fn what_is_there_is_found(
            strategy in prop::sample::select(&STRATEGIES[..]),
            units in prop::collection::vec((0..3_usize, 0..5_usize, 0..6_i64), 0..15),
            wanted in prop::collection::vec(0..12_i64, 3),
        ) {
            let (skus, places) = (["a", "b", "c"], ["far", "late", "near", "x", "y"]);
            let units: Vec<_> = units
                .iter()
                .map(|(at, place, units)| (skus[*at], places[*place], *units))
                .collect();
            let room = room(&units);
            let wanted: Wanted = skus
                .iter()
                .zip(wanted)
                .filter(|(_, units)| *units > 0)
                .map(|(text, units)| (sku(text), units))
                .collect();
            let shares = allocate(&stock(strategy), &room, &wanted, None);
            for ((sku, at), units) in &shares {
                prop_assert!(*units > 0 && *units <= room.at(sku, at));
            }
            for (sku, units) in &wanted {
                let there: i64 = room.locations().iter().map(|at| room.at(sku, at)).sum();
                let found: i64 =
                    shares.iter().filter(|((of, _), _)| of == sku).map(|(_, units)| units).sum();
                prop_assert_eq!(found, there.min(*units));
            }
            if strategy == Strategy::FewestParcels {
                let used: BTreeSet<_> = shares.keys().map(|(_, at)| at).collect();
                let all: Vec<_> = room.locations().into_iter().collect();
                let covers = |set: u32| {
                    let set: Vec<_> = (0..all.len()).filter(|at| set & (1 << at) != 0)
                        .map(|at| all[at]).collect();
                    room.covers(&wanted, &set)
                };
                let fewest = (0..1_u32 << all.len()).filter(|set| covers(*set))
                    .map(u32::count_ones).min();
                if let Some(fewest) = fewest.filter(|fewest| *fewest <= 3) {
                    prop_assert_eq!(used.len(), fewest as usize);
                }
            }
        }
    }
}
