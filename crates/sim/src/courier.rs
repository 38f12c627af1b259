//! What the courier remembers while its object is awake: the rules of `edge`'s `publish_kv.rs` and
//! `publish_rooms.rs`, without their waiting.

use crate::{command::Name, kv::WRITE_GAP_MS, object::Telling};
use std::collections::BTreeMap;

/// KV writes of one alarm.
pub const KV_WRITES_PER_ALARM: i64 = 100;

/// Snapshots that one message to a Room carries.
pub const SNAPSHOTS_PER_PUSH: i64 = 200;

/// How long a write or a push may take before it counts as failed.
pub const TIMEOUT_MS: i64 = 3_000;

/// When a write of which nothing was heard counts as lost. Until then no other of its key begins.
pub const LOST_MS: i64 = 60_000;

const FIRST_BACKOFF_MS: i64 = 1_000;
const MAX_BACKOFF_MS: i64 = 8_000;

/// How long to wait after so many tries in vain before this one.
pub fn backoff(attempts: i64) -> i64 {
    (FIRST_BACKOFF_MS << attempts.clamp(0, 10)).min(MAX_BACKOFF_MS)
}

/// The memory.
#[derive(Debug, Default)]
pub struct Courier {
    /// When each key was last written.
    written: BTreeMap<Name, i64>,
    /// Keys with a write of which nothing has been heard yet, and its number.
    pub unsettled: BTreeMap<Name, u64>,
    refusals: i64,
    /// No write is tried before this.
    pub paused_until: i64,
    /// Outreach is told nothing before this.
    pub notices_paused_until: i64,
    /// Alarms that have something under way.
    pub runs: BTreeMap<u64, Run>,
    /// The alarm came again meanwhile.
    pub alarm_waits: bool,
}

/// An alarm that has something under way.
#[derive(Debug, Default)]
pub struct Run {
    /// Promises are being made anew, and nothing is told yet.
    pub settles: bool,
    /// KV writes of which nothing has been heard.
    pub writes: BTreeMap<u64, Telling>,
    /// Those of which something has: was the value taken?
    pub settled: Vec<(Telling, bool)>,
    /// KV has been told all that this alarm may.
    pub kv_is_told: bool,
    /// What came in meanwhile is being pushed, and then it is over.
    pub is_last: bool,
    /// The message to Outreach of which nothing has been heard: its number, and what it tells.
    pub notices: Option<(u64, Vec<store::Notice>, Vec<store::OrderNotice>)>,
    /// Pushes of which nothing has been heard.
    pub pushes: BTreeMap<u64, Push>,
}

/// A message to a Room.
#[derive(Clone, Debug)]
pub struct Push {
    /// Which Room.
    pub room: i64,
    /// The lease by which it is told.
    pub leased_until: i64,
    /// What it is told.
    pub rows: Vec<Telling>,
}

/// What came of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The Room has it.
    Told,
    /// The Room has no sockets any more.
    Empty,
    /// Nobody knows.
    Failed,
}

impl Courier {
    /// How many rows this alarm may try: one, to try, after a refusal.
    pub fn most(&self) -> i64 {
        if self.refusals == 0 { KV_WRITES_PER_ALARM } else { 1 }
    }

    /// When this key may be written, if not now.
    pub fn free_at(&mut self, sku: &str, now: i64) -> Option<i64> {
        self.written.retain(|_, at| now - *at < WRITE_GAP_MS);
        match self.written.get(sku) {
            Some(last) => Some(last + WRITE_GAP_MS),
            None => self.unsettled.contains_key(sku).then_some(now + WRITE_GAP_MS),
        }
    }

    /// A write was heard of.
    pub fn wrote(&mut self, sku: &Name, now: i64) {
        self.written.insert(sku.clone(), now);
    }

    /// A batch of writes is over: while KV takes none of them, it is left alone for a while.
    pub fn batch_is_over(&mut self, taken: bool, refused: bool, now: i64) {
        if taken {
            self.refusals = 0;
        } else if refused {
            self.paused_until = now + backoff(self.refusals);
            self.refusals += 1;
        }
    }
}
