//! Virtual time: the world's, which only goes forward, and the shop's clock, which does not.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::Offset,
};
use store::Moment;

/// When every run begins: 2026-11-21T14:10:00Z, as in the databases that earlier versions stored.
pub const START: i64 = 1_795_253_400_000;

/// How far the shop's clock may be off, either way.
pub const MAX_SKEW_MS: i64 = 5 * 60 * 1_000;

/// The zones that a shop may be in: names of the IANA database whose offset never changes, so
/// that no run depends on a table of zones.
pub const ZONES: [(&str, i8); 4] =
    [("UTC", 0), ("Etc/GMT-14", 14), ("Etc/GMT+11", -11), ("Etc/GMT-5", 5)];

/// Both times, in milliseconds since 1970.
#[derive(Debug)]
pub struct Clock {
    world: i64,
    skew: i64,
}

impl Default for Clock {
    /// Both at [`START`].
    fn default() -> Self {
        Self { world: START, skew: 0 }
    }
}

impl Clock {
    /// The world's time.
    pub fn now(&self) -> i64 {
        self.world
    }

    /// What the shop takes for the time.
    pub fn shop(&self) -> i64 {
        self.world + self.skew
    }

    /// The world's time when the shop's clock shows `at`, unless it is changed until then.
    pub fn when(&self, at: i64) -> i64 {
        at - self.skew
    }

    /// Time passes.
    pub fn advance(&mut self, to: i64) {
        self.world = self.world.max(to);
    }

    /// The shop's clock is set to be off by so much.
    pub fn set_skew(&mut self, skew: i64) {
        self.skew = skew.clamp(-MAX_SKEW_MS, MAX_SKEW_MS);
    }

    /// By how much the shop's clock is off.
    pub fn skew(&self) -> i64 {
        self.skew
    }

    /// The shop's time, and its civil day in this zone.
    pub fn moment(&self, zone: &str) -> Moment {
        let now = self.shop();
        let there = civil(now, zone);
        Moment { now, today: there.date(), time: there.time() }
    }
}

/// The civil day at `now` in this zone.
pub fn day(now: i64, zone: &str) -> Date {
    civil(now, zone).date()
}

fn civil(now: i64, zone: &str) -> DateTime {
    offset(zone).to_datetime(Timestamp::from_millisecond(now).unwrap_or_default())
}

/// When `day` is over in this zone.
pub fn end_of(day: Date, zone: &str) -> Option<i64> {
    let midnight = day.tomorrow().ok()?.to_datetime(Time::midnight());
    offset(zone).to_timestamp(midnight).ok().map(Timestamp::as_millisecond)
}

/// A zone of none of these names is taken for the stored shop's: London, in winter.
fn offset(zone: &str) -> Offset {
    let hours = ZONES.iter().find(|(name, _)| *name == zone).map_or(0, |(_, hours)| *hours);
    Offset::constant(hours)
}
