//! One line for each thing done, and the clocks.

use crate::process::ask;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::time::{Duration, Instant};

/// Says what is being done. Progress goes to standard error: standard output is for results.
pub(crate) fn say(what: &str) {
    eprintln!("backroom: {what}");
}

/// Runs `work` and returns what it took beside its result.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = now();
    let result = work();
    (result, start.elapsed())
}

/// The time, for measuring and for giving up.
#[expect(clippy::disallowed_methods, reason = "the ban is for the Worker; this runs at a desk")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The date in UTC, from which the demo's restock dates count.
pub(crate) fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// When and of which commit a figure is, with a mark if the tree has changes that no commit has.
pub(crate) fn stamp() -> String {
    let hash = ask("git", &["rev-parse", "--short=12", "HEAD"]).unwrap_or_default();
    let changes = ask("git", &["status", "--porcelain"]).unwrap_or_default();
    let mark = if changes.is_empty() { "" } else { " with changes" };
    format!("{}, commit {hash}{mark}", Timestamp::now().strftime("%F %T UTC"))
}
