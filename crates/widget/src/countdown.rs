//! How long it may be until the first held unit is free.

use crate::source::Shown;
use leptos::prelude::*;
use std::time::Duration;

/// Counts down to the time that the words say, second by second, for as long as they say that one.
pub(crate) fn start(shown: &ArcRwSignal<Shown>) {
    let free_at = shown.with_untracked(|shown| shown.words.free_at.clone());
    let left = free_at.as_deref().map(left).unwrap_or_default();
    let goes_on = !left.is_empty();
    if shown.with_untracked(|shown| shown.left != left) {
        shown.update(|shown| shown.left = left);
    }
    if goes_on {
        let shown = shown.clone();
        let tick = move || {
            if shown.with_untracked(|shown| shown.words.free_at == free_at) {
                start(&shown);
            }
        };
        set_timeout(tick, Duration::from_secs(1));
    }
}

/// No hold is longer than an hour, so a longer wait would be the shopper's clock, gone wrong.
const LONGEST_S: f64 = 3_600.0;

/// `4:59`; nothing when the time has come.
fn left(free_at: &str) -> String {
    let seconds = ((js_sys::Date::parse(free_at) - js_sys::Date::now()) / 1_000.0).ceil();
    if seconds > 0.0 && seconds <= LONGEST_S { clock(seconds as u32) } else { String::new() }
}

fn clock(seconds: u32) -> String {
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let gap = if seconds < 10 { ":0" } else { ":" };
    [minutes.to_string().as_str(), gap, seconds.to_string().as_str()].concat()
}
