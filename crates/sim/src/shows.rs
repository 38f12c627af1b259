//! What is published, as text: of the store's making and of the auditor's.

use crate::{ask_supply::dates, books::Seen, command::Name, kv::Value};
use store::{Shop, Shown, ShownState};

/// A SKU's snapshot.
pub fn snapshot(shown: &Shown) -> Value {
    let seen = match shown.state {
        ShownState::InStock => Seen::InStock,
        ShownState::Low(units) => Seen::Low(i64::from(units)),
        ShownState::AllHeld(until) => Seen::AllHeld(until),
        ShownState::Out(None) => Seen::Out,
        ShownState::Out(Some(date)) => Seen::OutDated(dates(date)),
        ShownState::Ahead(kind, date) => Seen::Ahead(kind, dates(date)),
        ShownState::Hidden => Seen::Hidden,
    };
    let candidates: Vec<Name> = shown.candidates.iter().map(|sku| sku.as_str().into()).collect();
    Value { version: shown.version, text: text(seen, &candidates) }
}

/// What a snapshot says.
pub fn text(seen: Seen, candidates: &[Name]) -> String {
    match seen {
        Seen::Hidden => format!("{seen:?}"),
        _ => format!("{seen:?}, or {candidates:?}"),
    }
}

/// What the shop's own record says.
pub fn settings(shop: &Shop) -> String {
    let Shop { low_mark, time_zone, strategy, hide_undated, max_held_per_buyer, .. } = shop;
    format!("{low_mark} {time_zone} {strategy:?} {hide_undated} {max_held_per_buyer:?}")
}
