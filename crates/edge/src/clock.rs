//! The time, resolved once at the edge, and bounds on it.

use crate::{failure::Failure, limits::MAX_BACKOFF_MS};
use futures_util::{
    future::{Either, select},
    pin_mut,
};
use jiff::{Timestamp, ToSpan, Zoned, civil::Date, tz::TimeZone};
use std::time::Duration;
use store::{Fault, Moment};
use worker::Delay;

/// The first wait after a try in vain.
const FIRST_BACKOFF_MS: i64 = 1_000;

/// UTC in milliseconds. In a Worker it stands still between two I/O operations.
pub(crate) fn now() -> i64 {
    i64::try_from(worker::Date::now().as_millis()).unwrap_or(i64::MAX)
}

/// `now`, and the day and time in the shop's zone.
pub(crate) fn moment(now: i64, time_zone: &str) -> Result<Moment, Fault> {
    let local = timestamp(now).to_zoned(zone(time_zone)?);
    Ok(Moment { now, today: local.date(), time: local.time() })
}

/// A time as the clocks in the shop's zone show it.
pub(crate) fn shown(at: i64, time_zone: &str) -> Result<Zoned, Fault> {
    Ok(timestamp(at).to_zoned(zone(time_zone)?))
}

/// When `day` is over in the shop's zone, in milliseconds; never, for a day at the calendar's end
/// (some systems write 9999-12-31 for a date that nobody knows).
pub(crate) fn end_of(day: Date, time_zone: &str) -> Result<Option<i64>, Fault> {
    let zone = zone(time_zone)?;
    let midnight = day.checked_add(1.day()).and_then(|tomorrow| tomorrow.to_zoned(zone));
    Ok(midnight.ok().map(|midnight| midnight.timestamp().as_millisecond()))
}

/// What `work` gives, if it does so within `ms` milliseconds; else a failure that may pass. What
/// was begun may still come to its end.
pub(crate) async fn within<T>(
    ms: u64,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let timeout = Delay::from(Duration::from_millis(ms));
    pin_mut!(work, timeout);
    match select(work, timeout).await {
        Either::Left((done, _)) => done,
        Either::Right(_) => Err(Failure::Retryable(format!("no answer in {ms} ms"))),
    }
}

/// How long to wait after so many tries in vain before this one: twice as long each time, up to a
/// bound.
pub(crate) fn backoff(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(0, 10)).unwrap_or(10);
    FIRST_BACKOFF_MS.saturating_mul(2_i64.saturating_pow(doublings)).min(MAX_BACKOFF_MS)
}

/// RFC 3339 in UTC, with milliseconds.
pub(crate) fn rfc3339(at: i64) -> String {
    format!("{:.3}", timestamp(at))
}

/// What an RFC 3339 text stands for, in UTC milliseconds.
pub(crate) fn from_rfc3339(text: &str) -> Option<i64> {
    text.parse().ok().map(Timestamp::as_millisecond)
}

/// The calendar ends in the year 9999, and no clock is near it.
fn timestamp(at: i64) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::MAX)
}

fn zone(name: &str) -> Result<TimeZone, Fault> {
    TimeZone::get(name).map_err(|_| Fault::Corrupt("a time zone is unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_shops_day_is_not_utcs() {
        let late = 1_795_314_600_000; // 2026-11-22T02:30:00Z
        assert_eq!(rfc3339(late), "2026-11-22T02:30:00.000Z");
        assert_eq!(from_rfc3339("2026-11-21T21:30:00-05:00"), Some(late));
        assert_eq!(from_rfc3339("2026-11-21"), None);
        let today = |zone| moment(late, zone).map(|moment| moment.today);
        assert_eq!(today("Europe/London"), Ok(date(2026, 11, 22)));
        assert_eq!(today("America/New_York"), Ok(date(2026, 11, 21)));
        assert!(today("Mars/Olympus").is_err());
    }

    #[test]
    fn a_day_ends_at_the_shops_midnight() {
        // Clocks go forward in London on 2027-03-28, so that day has 23 hours.
        let end = |day| end_of(day, "Europe/London").unwrap();
        let hours = (end(date(2027, 3, 28)).unwrap() - end(date(2027, 3, 27)).unwrap()) / 3_600_000;
        assert_eq!(hours, 23);
        assert_eq!(end(Date::MAX), None);
        assert_eq!(end(date(9999, 12, 30)), None);
    }

    #[test]
    fn waits_double_up_to_their_bound() {
        let waits: Vec<_> = (0..6).map(backoff).collect();
        assert_eq!(waits, [1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
        assert_eq!(backoff(i64::MAX), MAX_BACKOFF_MS);
    }
}
