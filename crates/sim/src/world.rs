//! Everything that a run has, the agenda of what comes next, and a turn of the Shop object.

use crate::{
    books::{Books, Moved},
    broken::Broken,
    client::{Client, Reply, Sent},
    clock::{Clock, START},
    command::{Name, Settings},
    compare,
    courier::Pushed,
    deliver::Staging,
    faults::{Fault, Faults},
    kv::{Kv, Value},
    object::{ALARM_RETRY_MS, Object},
    outreach::Outreach,
    reads::Remembered,
    rooms::Room,
    sqlite::{Handle, Sqlite},
    supply::Supply,
    trace::Trace,
    waitlist::Notice,
    wish_supply::Trade,
    wish_waitlist,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    rc::Rc,
};
use store::{Fault as StoreFault, Moment};

/// How many times slower the clients of some runs are: then leases and holds run out meanwhile.
const SLOW: i64 = 15;

/// Statements within which an object that is to die does so; a turn has 5 to 60.
const DIES_WITHIN: i64 = 40;

/// Within this time of a request an alarm runs, if only to remove what is old enough to go.
const SWEEP_WITHIN_MS: i64 = 6 * 60 * 60 * 1_000;

/// How soon the platform runs an alarm again whose object died.
const ALARM_AFTER_DEATH_MS: i64 = 2_000;

/// Something that happens.
#[derive(Debug)]
#[expect(missing_docs, reason = "the numbers are those of what is named")]
pub enum Event {
    /// A client does the next thing.
    Acts {
        client: usize,
    },
    /// A message arrives at the object.
    Arrives {
        sent: usize,
    },
    /// An import's next row arrives.
    RowArrives {
        import: u64,
    },
    /// An answer arrives at its client.
    Replies {
        sent: usize,
        reply: Reply,
    },
    /// A client has waited long enough.
    WaitedFor {
        sent: usize,
        tries: u32,
    },
    /// The alarm that was set last, unless it has been set anew.
    Alarm {
        serial: u64,
    },
    /// The alarm once more.
    AlarmAgain,
    /// The alarm makes more promises anew.
    Settles {
        run: u64,
    },
    /// Notices arrive at Outreach; and that they have is heard, or nothing is for too long.
    NoticesArrive {
        telling: u64,
        notices: Vec<Notice>,
        orders: Vec<store::OrderNotice>,
        is_answered: bool,
    },
    NoticesAreHeardOf {
        telling: u64,
        taken: bool,
    },
    /// The alarm still waits for KV.
    RunTicks {
        run: u64,
    },
    /// A KV write arrives, is heard of, takes too long, is given up.
    WriteArrives {
        write: u64,
        heard_in: i64,
    },
    WriteIsHeardOf {
        write: u64,
        taken: bool,
    },
    WriteTimesOut {
        write: u64,
    },
    WriteIsLost {
        write: u64,
    },
    /// A push arrives, is answered, takes too long.
    PushArrives {
        push: u64,
        room: usize,
        items: Vec<(Name, Value)>,
        is_answered: bool,
    },
    PushIsAnswered {
        push: u64,
        pushed: Pushed,
    },
    /// A page opens, asks, is told, leaves; and a Room renews its lease.
    PageOpens {
        room: usize,
    },
    PageWatches {
        room: usize,
        page: u64,
    },
    PageIsTold {
        room: usize,
        page: u64,
        items: Vec<(Name, Value)>,
    },
    PageLeaves {
        room: usize,
        page: u64,
    },
    RoomRenews {
        room: usize,
    },
    /// Somebody looks after the clock.
    ClockIsSet,
    /// Somebody looks at the books.
    LooksAtBooks,
    /// The later version that was deployed is rolled back.
    LaterVersionGoes,
}

/// What a turn of the object came to.
#[derive(Debug)]
pub enum Turn<T> {
    /// It came to its end.
    Done(T),
    /// It failed, and the object lives.
    Failed(StoreFault),
    /// The object died, and nobody was told anything.
    Died,
}

/// A run.
pub struct World {
    pub(crate) rng: fastrand::Rng,
    pub(crate) faults: Rc<Faults>,
    pub(crate) clock: Clock,
    pub(crate) trace: Trace,
    pub(crate) sqlite: Rc<Sqlite>,
    pub(crate) object: Object,
    pub(crate) kv: Kv,
    pub(crate) rooms: Vec<Room>,
    pub(crate) clients: Vec<Client>,
    pub(crate) sent: Vec<Sent>,
    pub(crate) imports: BTreeMap<u64, Staging>,
    pub(crate) books: Books,
    /// How often clients heard what for the first time.
    pub(crate) heard: BTreeMap<String, u64>,
    pub(crate) is_healed: bool,
    pub(crate) later_version: bool,
    /// The tables are those of this version.
    pub(crate) is_migrated: bool,
    /// How many times likelier than else the object dies in its next turns.
    pub(crate) risk: u32,
    /// What was promised when the auditor judged it last, and the rows that were ever written then.
    pub(crate) judged: Supply,
    pub(crate) judged_at: u64,
    /// How much this run has to do with orders and purchase orders.
    pub(crate) trade: Trade,
    /// Of ten wishes at a checkout, so many are about a waitlist.
    pub(crate) waiters: u8,
    /// What Outreach has heard.
    pub(crate) outreach: Outreach,
    /// Nobody does anything until then, by the world's time.
    pub(crate) night_until: i64,
    /// How many times slower than others the clients of this run are.
    pub(crate) pace: i64,
    /// Numbers to be explained at the end.
    pub(crate) remembered: Vec<Remembered>,
    /// Ids whose answers are old enough to be gone.
    pub(crate) forgotten: BTreeSet<Name>,
    /// What they moved: movements are kept for longer than answers.
    pub(crate) past: BTreeMap<Name, Vec<Moved>>,
    agenda: BTreeMap<(i64, u64), Event>,
    /// Of everything that happened, when and in which order.
    fingerprint: DefaultHasher,
    serial: u64,
    /// The alarm's number, while one is set.
    alarm: Option<u64>,
}

impl World {
    /// A world around this database, in which nothing has happened yet.
    pub fn new(mut rng: fastrand::Rng, faults: Rc<Faults>, sqlite: Rc<Sqlite>) -> Self {
        let books = Books::new(Settings::drawn(&mut rng));
        let trade = Trade::drawn(&mut rng);
        let waiters = wish_waitlist::waiters(&mut rng);
        Self {
            pace: if rng.u8(0..4) == 0 { SLOW } else { 1 },
            rng,
            faults,
            clock: Clock::default(),
            trace: Trace::default(),
            object: Object::new(Handle(Rc::clone(&sqlite))),
            sqlite,
            kv: Kv::default(),
            rooms: (0..crate::rooms::ROOMS).map(|_| Room::default()).collect(),
            clients: Vec::new(),
            sent: Vec::new(),
            imports: BTreeMap::new(),
            books,
            heard: BTreeMap::new(),
            is_healed: false,
            later_version: false,
            is_migrated: false,
            risk: 1,
            judged: Supply::default(),
            judged_at: 0,
            trade,
            waiters,
            outreach: Outreach::default(),
            night_until: 0,
            remembered: Vec::new(),
            forgotten: BTreeSet::new(),
            past: BTreeMap::new(),
            agenda: BTreeMap::new(),
            fingerprint: DefaultHasher::new(),
            serial: 0,
            alarm: None,
        }
    }

    /// A number that nothing else has.
    pub(crate) fn number(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Something happens so many milliseconds from now.
    pub(crate) fn after(&mut self, ms: i64, event: Event) {
        let at = self.clock.now() + ms.max(0);
        let number = self.number();
        self.agenda.insert((at, number), event);
    }

    /// Something happens within this range of milliseconds from now.
    pub(crate) fn within(&mut self, ms: std::ops::Range<i64>, event: Event) {
        let ms = self.rng.i64(ms);
        self.after(ms, event);
    }

    /// Says what happened, if anybody reads it.
    pub(crate) fn say(&mut self, what: impl FnOnce() -> String) {
        self.trace.say(self.clock.now() - START, what);
    }

    /// The next event, if there is one before `until`, at its time.
    pub(crate) fn next(&mut self, until: i64) -> Option<Event> {
        let entry = self.agenda.first_entry()?;
        if entry.key().0 >= until {
            self.clock.advance(until);
            return None;
        }
        let (key, event) = entry.remove_entry();
        key.hash(&mut self.fingerprint);
        self.clock.advance(key.0);
        Some(event)
    }

    /// The moment, as the object finds it by its own settings.
    pub(crate) fn moment(&self) -> Result<Moment, StoreFault> {
        let shop = self.object.shop()?.ok_or(StoreFault::Corrupt("there is no shop"))?;
        Ok(self.clock.moment(&shop.time_zone))
    }

    /// A request's turn: it acts, and sets the alarm for what is left to be done.
    pub(crate) fn request<T>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<T, StoreFault>,
    ) -> Result<Turn<T>, Broken> {
        self.turn(|world| {
            let acted = act(world);
            let swept = world.clock.shop() + SWEEP_WITHIN_MS;
            // If it cannot be set, what was decided stands all the same, and so does its answer.
            let _ = world.arm(Some(swept));
            acted
        })
    }

    /// A turn of the object, in which nothing else happens: it wakes if it must, and acts. It may
    /// die at any statement, or when all is done but the answer.
    pub(crate) fn turn<T>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<T, StoreFault>,
    ) -> Result<Turn<T>, Broken> {
        let dies = (0..self.risk.max(1)).any(|_| {
            self.faults.threatens(Fault::CrashBetweenEffects)
                || self.faults.threatens(Fault::CrashInTransaction)
        });
        self.sqlite.die_in(dies.then(|| self.faults.draw(0..DIES_WITHIN)));
        let changes = self.sqlite.total_changes();
        let now = self.clock.shop();
        let acted = self.object.wake(now).and_then(|()| act(self));
        if self.later_version && (acted.is_ok() || self.sqlite.total_changes() != changes) {
            let rule = "a schema later than the store's own is refused and left as it is";
            return Err(Broken::new(rule, format!("changes: {changes}")));
        }
        if dies && !self.sqlite.is_dead() && self.faults.draw(0..2) == 0 {
            self.faults.struck(Fault::CrashBetweenEffects);
            self.restart()?;
            return Ok(Turn::Died);
        }
        self.sqlite.die_in(None);
        if self.sqlite.is_dead() {
            self.restart()?;
            return Ok(Turn::Died);
        }
        Ok(match acted {
            Ok(done) => Turn::Done(done),
            Err(fault) => Turn::Failed(fault),
        })
    }

    /// The object dies, if it has not, and another one takes its place: all that it knew is gone,
    /// and what it had begun may be heard of by nobody.
    pub(crate) fn restart(&mut self) -> Result<(), Broken> {
        self.say(|| "the object dies".to_owned());
        self.sqlite.revive().map_err(|fault| Broken::new("SQLite rolls back", fault))?;
        let dead =
            std::mem::replace(&mut self.object, Object::new(Handle(Rc::clone(&self.sqlite))));
        for write in self.kv.under_way() {
            // Its connection is closed with it: a write has arrived by now, or never will.
            if self.faults.draw(0..2) == 0 {
                self.kv.arrive(write, self.clock.now(), &self.faults)?;
            } else {
                self.kv.lose(write);
            }
        }
        self.imports.clear();
        if !dead.courier.runs.is_empty() {
            self.alarm_in(ALARM_AFTER_DEATH_MS);
        }
        Ok(())
    }

    /// A number that is the same whenever the same happened.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut all = self.fingerprint.clone();
        (self.faults.marks(), self.sqlite.total_changes()).hash(&mut all);
        all.finish()
    }

    /// Sets the alarm for the earliest thing due, `besides` among them, if that is sooner than it
    /// is set for.
    pub(crate) fn arm(&mut self, besides: Option<i64>) -> Result<(), StoreFault> {
        if let Some(due) = self.object.next_due(self.clock.shop(), besides)? {
            self.set_alarm(due);
        }
        self.object.looked = true;
        Ok(())
    }

    /// Sets the alarm for when the shop's clock shows `at`.
    pub(crate) fn set_alarm(&mut self, at: i64) {
        self.object.alarm_at = Some(at);
        self.alarm_in(self.clock.when(at) - self.clock.now());
    }

    /// Sets the alarm again: what was to be done failed.
    pub(crate) fn alarm_failed(&mut self) {
        self.set_alarm(self.clock.shop() + ALARM_RETRY_MS);
    }

    fn alarm_in(&mut self, ms: i64) {
        let serial = self.number();
        self.alarm = Some(serial);
        self.after(ms, Event::Alarm { serial });
    }

    /// Is this the alarm that is set? Then it is set no more.
    pub(crate) fn takes_alarm(&mut self, serial: u64) -> bool {
        self.alarm.take_if(|set| *set == serial).is_some()
    }

    /// Checks after a turn of which nobody knows what it came to: all of it is there, or nothing.
    pub(crate) fn all_or_nothing(
        &mut self,
        moment: Moment,
        apply: impl FnOnce(&mut Books),
    ) -> Result<(), Broken> {
        if compare::books(&self.books, &self.sqlite).is_ok() {
            return Ok(());
        }
        self.lands(moment, apply)?;
        compare::books(&self.books, &self.sqlite)
    }

    /// What a turn has done is judged and booked.
    pub(crate) fn lands(
        &mut self,
        moment: Moment,
        apply: impl FnOnce(&mut Books),
    ) -> Result<(), Broken> {
        let before = self.turn_begins(moment);
        self.takes_promises(moment)?;
        apply(&mut self.books);
        self.turn_ends(&before, moment)
    }
}
