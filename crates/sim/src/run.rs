//! One run: a shop is made, things happen, everything heals, and everything is checked.

use crate::{
    adopt, ask,
    broken::Broken,
    client::{Client, Role, Sent},
    clock::{MAX_SKEW_MS, START},
    command::{Body, Command},
    compare,
    faults::{Fault, Faults, Marks, NAMES},
    kv::Kv,
    sqlite::{Contents, Handle, Sqlite},
    trace::Trace,
    world::{Event, Turn, World},
};
use std::{
    any::Any,
    cell::RefCell,
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};
use store::Store;

/// Who there is, and how many commands each makes: 250 in all.
const CLIENTS: [(Role, u32); 5] = [
    (Role::Merchant, 40),
    (Role::Checkout, 60),
    (Role::Checkout, 60),
    (Role::Platform, 45),
    (Role::Warehouse, 45),
];

/// Pages that open at the beginning.
const PAGES: usize = 4;

/// How often somebody looks after the clock.
const CLOCK_MS: std::ops::Range<i64> = 5_000..30_000;

/// How often the auditor looks at everything.
const LOOK_MS: std::ops::Range<i64> = 1_000..20_000;

/// Events within which every run comes to its end, whatever goes wrong; most take a few thousand.
const MOST_EVENTS: u32 = 100_000;

/// Tries within which a shop is made.
const MOST_TRIES: u32 = 1_000;

/// From healing to the end: an hour, in which the longest hold ends, and some minutes. What comes
/// due only in the last of them, at a midnight, has [`LAST_MS`] more.
const HEALED_MS: i64 = 65 * 60 * 1_000;

/// An alarm that was set before the shop's clock was may ring so much later than the clock says;
/// and a minute, to tell what it rings for.
const LAST_MS: i64 = 2 * MAX_SKEW_MS + 60_000;

/// How often that is waited for: claims end at any time, and what that changes is told.
const LAST_TIMES: i64 = 5;

const DAY_MS: i64 = 86_400_000;

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    /// What was broken, if anything was.
    pub result: Result<(), Broken>,
    /// How often each fault has struck.
    pub marks: Marks,
    /// Commands that clients made.
    pub commands: usize,
    /// SKUs of the shop.
    pub skus: usize,
    /// How often each kind of command was decided how.
    pub heard: BTreeMap<String, u64>,
    /// What happened last, if it was kept.
    pub trace: Vec<String>,
    /// The same for the same seed.
    pub fingerprint: u64,
}

/// Runs this seed, and keeps so many lines of what happened. A panic breaks an invariant too.
pub fn run(seed: u64, trace: usize) -> Outcome {
    let mut rng = fastrand::Rng::with_seed(seed);
    let faults = Rc::new(Faults::drawn(rng.fork()));
    let is_older = faults.strikes(Fault::SchemaOlder);
    let sqlite = match database(is_older, &mut rng, &faults) {
        Ok(sqlite) => Rc::new(sqlite),
        Err(broken) => return Outcome::of_nothing(broken),
    };
    let mut world = World::new(rng, Rc::clone(&faults), sqlite);
    world.trace = Trace::keeping(trace);
    let lived = catch_unwind(AssertUnwindSafe(|| world.lives(is_older)));
    Outcome {
        result: lived.unwrap_or_else(|panic| Err(Broken::new("nothing panics", said(&*panic)))),
        marks: faults.marks(),
        commands: world.sent.len(),
        skus: world.books.skus.len(),
        heard: std::mem::take(&mut world.heard),
        fingerprint: world.fingerprint(),
        trace: world.trace.into_lines(),
    }
}

/// Seeds that once broke an invariant, each with what was wrong.
pub fn known_seeds() -> impl Iterator<Item = (u64, &'static str)> {
    let lines = include_str!("../seeds.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| {
        let (seed, why) = line.split_once(' ')?;
        Some((seed.parse().ok()?, why))
    })
}

thread_local! {
    /// A database with the newest schema and nothing in it, made once.
    static NEWEST: RefCell<Option<Rc<Sqlite>>> = const { RefCell::new(None) };
}

/// The database of a run: an earlier version's, or none yet; and since making the tables takes
/// time, in most runs they are there and empty.
fn database(
    is_older: bool,
    rng: &mut fastrand::Rng,
    faults: &Rc<Faults>,
) -> Result<Sqlite, Broken> {
    let faults = Rc::clone(faults);
    if is_older {
        return Ok(Sqlite::new(&Contents::Dump(adopt::STORED), faults)?);
    }
    if rng.u8(0..8) == 0 {
        return Ok(Sqlite::new(&Contents::Nothing, faults)?);
    }
    let newest = match NEWEST.with_borrow(Clone::clone) {
        Some(newest) => newest,
        None => {
            let newest = Rc::new(Sqlite::new(&Contents::Nothing, Rc::new(Faults::none()))?);
            let migrated = Store::new(Handle(Rc::clone(&newest))).migrate(START);
            migrated.map_err(|fault| Broken::new("a new shop has its tables", fault))?;
            NEWEST.set(Some(Rc::clone(&newest)));
            newest
        }
    };
    Ok(Sqlite::new(&Contents::CopyOf(&newest), faults)?)
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text").to_owned()
}

impl Outcome {
    fn of_nothing(broken: Broken) -> Self {
        let marks = [0; NAMES.len()];
        Self {
            result: Err(broken),
            marks,
            commands: 0,
            skus: 0,
            heard: BTreeMap::new(),
            trace: Vec::new(),
            fingerprint: 0,
        }
    }
}

impl World {
    fn lives(&mut self, is_older: bool) -> Result<(), Broken> {
        self.begins(is_older)?;
        let mut events = 0;
        while !self.all_is_sent() {
            self.next_happens(i64::MAX, &mut events)?;
        }
        self.heals()?;
        let end = self.clock.now() + HEALED_MS;
        while self.next_happens(end, &mut events)? {}
        for nth in 1..=LAST_TIMES {
            if self.is_quiet()? {
                break;
            }
            while self.next_happens(end + nth * LAST_MS, &mut events)? {}
        }
        self.check()?;
        self.what_is_shown_can_be_sold()
    }

    fn begins(&mut self, is_older: bool) -> Result<(), Broken> {
        if is_older {
            let mut kv = Kv::default();
            self.books = adopt::stored(&self.sqlite, &mut kv, START)?;
            self.kv = kv;
        } else {
            self.makes_shop()?;
        }
        self.clients = CLIENTS.iter().map(|(role, left)| Client::new(*role, *left)).collect();
        let body = Body::Import(self.first_file());
        let command = Rc::new(Command { id: "first file".into(), body });
        self.sent.push(Sent { client: 0, command, at: START, arrivals: 0, told: None });
        self.clients[0].waits_for(0);
        self.after(0, Event::Arrives { sent: 0 });
        self.after(2_000, Event::WaitedFor { sent: 0, tries: 1 });
        for client in 1..CLIENTS.len() {
            self.within(1_000..4_000, Event::Acts { client });
        }
        for _ in 0..PAGES {
            let room = self.rng.usize(0..self.rooms.len());
            self.within(1_000..30_000, Event::PageOpens { room });
        }
        self.within(CLOCK_MS, Event::ClockIsSet);
        self.within(LOOK_MS, Event::LooksAtBooks);
        Ok(())
    }

    /// Is everything told, and nothing overdue: no hold, and no date that shoppers are shown?
    fn is_quiet(&self) -> Result<bool, Broken> {
        let now = self.clock.shop();
        let midnight = self.object.midnight(self.books.settings.zone);
        let midnight = midnight.map_err(|fault| Broken::new("the store reads", fault))?;
        if midnight.is_some_and(|at| at <= now) {
            return Ok(false);
        }
        let now = now.to_string();
        let left: Vec<i64> = self.sqlite.rows(
            "SELECT 1 FROM outbox UNION ALL SELECT 1 FROM notices
             UNION ALL SELECT 1 FROM order_notices
             UNION ALL SELECT 1 FROM holds WHERE open = 1 AND expires_at <= CAST(? AS INTEGER)",
            &[&now],
            |row| row.get(0),
        )?;
        Ok(left.is_empty())
    }

    /// A shop is made, however often that fails.
    fn makes_shop(&mut self) -> Result<(), Broken> {
        let shop = ask::shop(&self.books.settings);
        for _ in 0..MOST_TRIES {
            let turn = self.request(|world| {
                let now = world.clock.shop();
                world.object.create(&shop, now)
            })?;
            if matches!(turn, Turn::Done(_)) {
                return Ok(());
            }
            self.clock.advance(self.clock.now() + 1_000);
        }
        Err(Broken::new("every run comes to its end", "the shop is never made"))
    }

    /// The next thing before `until` happens; false if there is nothing.
    fn next_happens(&mut self, until: i64, events: &mut u32) -> Result<bool, Broken> {
        let Some(event) = self.next(until) else { return Ok(false) };
        *events += 1;
        if *events > MOST_EVENTS {
            return Err(Broken::new("every run comes to its end", format!("{event:?}")));
        }
        self.happens(event)?;
        Ok(true)
    }

    fn happens(&mut self, event: Event) -> Result<(), Broken> {
        self.say(|| format!("{event:?}"));
        match event {
            Event::Acts { client } if self.sleeps() => {
                let wakes = self.night_until - self.clock.now();
                let late = self.rng.i64(0..10_000);
                self.after(wakes + late, Event::Acts { client });
                Ok(())
            }
            Event::Acts { client } => self.acts(client),
            Event::Arrives { sent } => self.arrives(sent),
            Event::RowArrives { import } => self.row_arrives(import),
            Event::Replies { sent, reply } => self.is_told(sent, reply),
            Event::WaitedFor { sent, tries } => {
                self.waited_for(sent, tries);
                Ok(())
            }
            Event::Alarm { serial } if self.takes_alarm(serial) => self.alarm(false),
            Event::Alarm { .. } => Ok(()),
            Event::Settles { run } => self.settles(run),
            Event::NoticesArrive { telling, notices, orders, is_answered } => {
                self.orders_are_heard_of(&orders);
                self.notices_arrive(telling, notices, is_answered)
            }
            Event::NoticesAreHeardOf { telling, taken } => self.notices_end(telling, taken),
            Event::RunTicks { run } => self.run_ticks(run),
            Event::AlarmAgain => self.alarm(true),
            Event::WriteArrives { write, heard_in } => {
                let taken = self.kv.arrive(write, self.clock.now(), &self.faults)?;
                self.after(heard_in, Event::WriteIsHeardOf { write, taken });
                Ok(())
            }
            Event::WriteIsHeardOf { write, taken } => self.write_ends(write, taken, true),
            Event::WriteTimesOut { write } => self.write_ends(write, false, false),
            Event::WriteIsLost { write } => self.write_ends(write, false, true),
            Event::PushArrives { push, room, items, is_answered } => {
                self.push_arrives(push, room, &items, is_answered)
            }
            Event::PushIsAnswered { push, pushed } => self.push_ends(push, pushed),
            Event::PageOpens { room } if self.sleeps() => {
                let wakes = self.night_until - self.clock.now();
                self.after(wakes, Event::PageOpens { room });
                Ok(())
            }
            Event::PageOpens { room } => self.page_opens(room),
            Event::PageWatches { room, page } => self.page_watches(room, page),
            Event::PageIsTold { room, page, items } => match self.rooms.get_mut(room) {
                Some(room) => room.told(page, &items),
                None => Ok(()),
            },
            Event::PageLeaves { room, page } => {
                self.page_leaves(room, page);
                Ok(())
            }
            Event::RoomRenews { room } => self.room_renews(room),
            Event::ClockIsSet => self.clock_is_set(),
            Event::LooksAtBooks => self.looks_at_books(),
            Event::LaterVersionGoes => self.later_version_goes(),
        }
    }

    fn sleeps(&self) -> bool {
        self.clock.now() < self.night_until
    }

    fn looks_at_books(&mut self) -> Result<(), Broken> {
        compare::books(&self.books, &self.sqlite)?;
        compare::outbox(&self.kv, &self.sqlite)?;
        self.rooms_hear_of_everything()?;
        self.reads()?;
        if !self.is_healed {
            let sleeps = (self.night_until - self.clock.now()).max(0);
            let ms = sleeps + self.rng.i64(LOOK_MS);
            self.after(ms, Event::LooksAtBooks);
        }
        Ok(())
    }

    /// Somebody looks after the clock: it steps back or ahead. Or hours pass in which nobody does
    /// anything; or another version is deployed for a while.
    fn clock_is_set(&mut self) -> Result<(), Broken> {
        if self.is_healed {
            return Ok(());
        }
        if self.faults.threatens(Fault::ClockBack) {
            self.clock_steps(Fault::ClockBack, -1);
        }
        if self.faults.threatens(Fault::ClockAhead) {
            self.clock_steps(Fault::ClockAhead, 1);
        }
        if self.faults.strikes(Fault::SchemaNewer) {
            self.later_version_comes()?;
        }
        if self.faults.strikes(Fault::NightPassed) {
            self.night_falls();
        }
        let sleeps = (self.night_until - self.clock.now()).max(0);
        let ms = sleeps + self.rng.i64(CLOCK_MS);
        self.after(ms, Event::ClockIsSet);
        Ok(())
    }

    fn clock_steps(&mut self, fault: Fault, sign: i64) {
        let before = self.clock.skew();
        // Often as far as it may: from one end to the other a lease runs out.
        let by = match self.faults.draw(0..3) {
            0 if sign > 0 => 2 * MAX_SKEW_MS,
            0 => MAX_SKEW_MS,
            _ => self.faults.draw(1..MAX_SKEW_MS),
        };
        self.clock.set_skew(before + sign * by);
        self.forgets_what_is_to_come();
        if self.clock.skew() != before {
            self.faults.struck(fault);
        }
    }

    /// Nobody does anything for hours, days, or so long that what is old enough goes.
    fn night_falls(&mut self) {
        let ms = match self.faults.draw(0..10) {
            0 => store::RECORDS_KEPT_MS + self.faults.draw(-MAX_SKEW_MS..MAX_SKEW_MS),
            1 => store::MOVEMENTS_KEPT_MS + self.faults.draw(-MAX_SKEW_MS..MAX_SKEW_MS),
            2 => self.faults.draw(DAY_MS..9 * DAY_MS),
            _ => self.faults.draw(DAY_MS / 24..DAY_MS),
        };
        self.night_until = self.clock.now() + ms;
        for room in 0..self.rooms.len() {
            let pages: Vec<u64> = self.rooms[room].pages.keys().copied().collect();
            for page in pages {
                self.page_leaves(room, page);
            }
        }
    }

    /// A later version is deployed, and what it does to the schema stays when it is rolled back:
    /// until somebody takes it away, this version refuses everything.
    fn later_version_comes(&mut self) -> Result<(), Broken> {
        if self.later_version {
            return Ok(());
        }
        self.restart()?;
        self.sqlite.script("INSERT INTO _migrations VALUES (9999, '9999_later', 0)")?;
        self.later_version = true;
        self.within(500..8_000, Event::LaterVersionGoes);
        Ok(())
    }

    fn later_version_goes(&mut self) -> Result<(), Broken> {
        if self.later_version {
            self.sqlite.script("DELETE FROM _migrations WHERE id = 9999")?;
            self.later_version = false;
            self.restart()?;
        }
        Ok(())
    }

    /// Nothing goes wrong any more, the clock is right, and whoever waits asks again.
    fn heals(&mut self) -> Result<(), Broken> {
        self.say(|| "everything heals".to_owned());
        self.faults.heal();
        self.is_healed = true;
        self.night_until = 0;
        self.clock.set_skew(0);
        self.forgets_what_is_to_come();
        self.later_version_goes()?;
        self.request(|_| Ok(()))?;
        self.asks_for_the_rest();
        Ok(())
    }
}
