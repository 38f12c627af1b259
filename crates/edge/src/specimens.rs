//! The shop `states`, which every Backroom has: one SKU in each state that a shopper can see, for
//! merchants to try their theme on before they have a shop. Nothing of it is stored or sold.

use crate::{clock::rfc3339, failure::json, kv::Entry};
use wire::{Snapshot, State};

/// Its public id; no other shop can have it.
pub(crate) const SHOP: &str = "states";

/// A JSON array of snapshots.
const TEXT: &str = include_str!("../../../www/states/specimens.json");

thread_local! {
    // What stands there is read in a test.
    static SPECIMENS: Vec<Snapshot> = serde_json::from_str(TEXT).unwrap_or_default();
}

/// What is held there is free again at the next full ten minutes, so that all who look within them
/// see the same.
const HELD_MS: i64 = 10 * 60 * 1_000;

/// As if it were published.
pub(crate) fn entry(sku: &str, now: i64) -> Option<Entry> {
    let specimen = SPECIMENS.with(|all| all.iter().find(|one| one.sku == sku).cloned())?;
    let turn = now.div_euclid(HELD_MS).saturating_add(1);
    let specimen = match specimen.state {
        State::AllHeld => Snapshot {
            free_at: Some(rfc3339(turn.saturating_mul(HELD_MS))),
            version: u64::try_from(turn).unwrap_or_default(),
            ..specimen
        },
        _ => specimen,
    };
    let version = specimen.version;
    #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "far under 2^53")]
    Some(Entry { value: json(&specimen).into(), version, at: now as f64 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn there_is_one_of_every_state_and_every_precision() {
        let specimens: Vec<Snapshot> = serde_json::from_str(TEXT).unwrap();
        let names: BTreeSet<_> = specimens.iter().map(|specimen| &specimen.sku).collect();
        assert_eq!(names.len(), specimens.len());
        let states: BTreeSet<_> =
            specimens.iter().map(|specimen| format!("{:?}", specimen.state)).collect();
        assert_eq!(states.len(), 8, "{states:?}");
        let dated = specimens.iter().filter_map(|specimen| specimen.restock.as_ref());
        let precisions: BTreeSet<_> = dated.map(|date| format!("{:?}", date.precision)).collect();
        assert_eq!(precisions.len(), 4, "{precisions:?}");
        let substitutes = specimens.iter().flat_map(|specimen| &specimen.substitutes);
        assert!(substitutes.clone().all(|sku| names.contains(sku)));
        assert!(substitutes.count() > 0);
    }
}
