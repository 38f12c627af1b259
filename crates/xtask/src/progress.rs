//! One line for each thing done, and the clocks.

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
