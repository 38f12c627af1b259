//! What goes wrong, how often, and how often it did.

use std::cell::{Cell, RefCell};

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "`NAMES` says what each is")]
pub enum Fault {
    StorageBefore,
    StorageAfter,
    CommitUnknown,
    CrashInTransaction,
    CrashBetweenEffects,
    RequestLost,
    AnswerLost,
    RequestDoubled,
    RetriedLate,
    IdReused,
    QueueDropped,
    QueueDoubled,
    QueueReordered,
    QueueDelayed,
    KvRefused,
    KvSlow,
    KvLost,
    KvStale,
    PushLost,
    PushSlow,
    NoticeLost,
    NoticeDoubled,
    NoticeSlow,
    AlarmTwice,
    ClockBack,
    ClockAhead,
    NightPassed,
    SchemaOlder,
    SchemaNewer,
}

/// Each kind and what it is, in the order of the enum.
pub const NAMES: [(Fault, &str); 29] = [
    (Fault::StorageBefore, "storage fails before it persisted"),
    (Fault::StorageAfter, "storage fails after it persisted"),
    (Fault::CommitUnknown, "a commit stands and is reported as failed"),
    (Fault::CrashInTransaction, "crash inside a transaction"),
    (Fault::CrashBetweenEffects, "crash between two effects"),
    (Fault::RequestLost, "a request is lost"),
    (Fault::AnswerLost, "an answer is lost"),
    (Fault::RequestDoubled, "a request arrives twice at once"),
    (Fault::RetriedLate, "a retry comes much later"),
    (Fault::IdReused, "an id comes again with another body"),
    (Fault::QueueDropped, "the queue drops a message"),
    (Fault::QueueDoubled, "the queue delivers a message twice"),
    (Fault::QueueReordered, "the queue lets a message overtake"),
    (Fault::QueueDelayed, "the queue delays a message"),
    (Fault::KvRefused, "KV refuses a write"),
    (Fault::KvSlow, "KV takes a write long after the time-out"),
    (Fault::KvLost, "KV never takes a write"),
    (Fault::KvStale, "KV gives a reader an old value"),
    (Fault::PushLost, "a push to a Room, or its answer, is lost"),
    (Fault::PushSlow, "a push lands after the time-out"),
    (Fault::NoticeLost, "a message to Outreach, or its answer, is lost"),
    (Fault::NoticeDoubled, "a message to Outreach arrives twice"),
    (Fault::NoticeSlow, "a message to Outreach lands after the time-out"),
    (Fault::AlarmTwice, "the alarm runs twice"),
    (Fault::ClockBack, "the clock steps back"),
    (Fault::ClockAhead, "the clock jumps ahead"),
    (Fault::NightPassed, "hours or days pass at once"),
    (Fault::SchemaOlder, "the shop was stored by an earlier version"),
    (Fault::SchemaNewer, "a later version's schema is there for a while"),
];

/// Strikes, by kind.
pub type Marks = [u64; NAMES.len()];

/// Rates are in this many parts: one in 10,000 is the rarest.
const PARTS: u32 = 10_000;

/// Draws the faults of one run.
#[derive(Debug)]
pub struct Faults {
    rng: RefCell<fastrand::Rng>,
    rates: [Cell<u32>; NAMES.len()],
    marks: [Cell<u64>; NAMES.len()],
}

impl Faults {
    /// Nothing ever goes wrong.
    pub fn none() -> Self {
        let faults = Self::drawn(fastrand::Rng::with_seed(0));
        faults.heal();
        faults
    }

    /// Each kind of fault is off in some runs, rare in some and frequent in others: a run in
    /// which everything fails at once gets nowhere, and hides what only one fault can do.
    pub fn drawn(mut rng: fastrand::Rng) -> Self {
        let rates = NAMES.map(|(fault, _)| {
            let most = most_often(fault);
            Cell::new(match rng.u8(0..4) {
                0 => 0,
                1 => most / 4,
                _ => most,
            })
        });
        Self { rng: RefCell::new(rng), rates, marks: [const { Cell::new(0) }; NAMES.len()] }
    }

    /// Does it strike now? Then it is counted.
    pub fn strikes(&self, fault: Fault) -> bool {
        let strikes = self.threatens(fault);
        if strikes {
            self.struck(fault);
        }
        strikes
    }

    /// Is it time for it? It counts only when it has really struck.
    pub fn threatens(&self, fault: Fault) -> bool {
        let rate = self.rates[fault as usize].get();
        rate > 0 && self.rng.borrow_mut().u32(0..PARTS) < rate
    }

    /// Counts a strike.
    pub fn struck(&self, fault: Fault) {
        let mark = &self.marks[fault as usize];
        mark.set(mark.get() + 1);
    }

    /// A number for what a fault needs: how late, how far, at which statement.
    pub fn draw(&self, range: std::ops::Range<i64>) -> i64 {
        self.rng.borrow_mut().i64(range)
    }

    /// Nothing goes wrong from now on.
    pub fn heal(&self) {
        for rate in &self.rates {
            rate.set(0);
        }
    }

    /// How often each has struck.
    pub fn marks(&self) -> Marks {
        std::array::from_fn(|kind| self.marks[kind].get())
    }
}

/// How often a fault is drawn in the runs that have most of it, in parts of [`PARTS`] of its
/// occasions: a statement, a message, a write, a run. Such that a run of 200 commands comes to
/// its end.
fn most_often(fault: Fault) -> u32 {
    match fault {
        // Occasions: statements.
        Fault::StorageBefore | Fault::StorageAfter => 20,
        Fault::CommitUnknown => 100,
        // Turns of the object.
        Fault::CrashInTransaction | Fault::CrashBetweenEffects => 150,
        // Messages and writes.
        Fault::RequestLost | Fault::AnswerLost | Fault::RequestDoubled => 500,
        Fault::QueueDropped | Fault::QueueDoubled | Fault::QueueReordered => 1_000,
        Fault::QueueDelayed | Fault::KvRefused | Fault::KvLost | Fault::KvSlow => 1_000,
        Fault::KvStale => 5_000,
        Fault::PushLost | Fault::PushSlow => 1_000,
        Fault::NoticeLost | Fault::NoticeDoubled | Fault::NoticeSlow => 2_000,
        Fault::AlarmTwice => 500,
        // Commands that a client makes.
        Fault::RetriedLate | Fault::IdReused => 500,
        // Times at which the clock is looked after.
        Fault::ClockBack | Fault::ClockAhead => 2_000,
        Fault::NightPassed => 400,
        // Runs.
        Fault::SchemaOlder => 3_000,
        Fault::SchemaNewer => 400,
    }
}
