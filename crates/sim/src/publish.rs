//! The alarm, and emptying the outbox: to KV and to the Rooms.

use crate::{
    broken::Broken,
    command::Name,
    courier::{LOST_MS, Push, Pushed, Run, SNAPSHOTS_PER_PUSH, TIMEOUT_MS, backoff},
    faults::Fault,
    kv::{Value, Write},
    object::Telling,
    shows,
    world::{Event, Turn, World},
};
use store::{Due, Fault as StoreFault, Receiver};

/// Overdue holds that one alarm ends.
const EXPIRED_AT_ONCE: i64 = 150;

/// How often holds are let expire while the alarm waits for a slow KV.
const TICK_MS: i64 = 500;

/// Old rows that one alarm removes: few, so that it takes several.
const SWEPT_AT_ONCE: i64 = 50;

/// Rows of waiting orders that the alarm looks at before others have their turn: so few that
/// each step is a turn of its own.
pub(crate) const SETTLED_PER_STEP: i64 = 1;

/// How many times likelier than in other turns the object dies in such a step: there are few.
pub(crate) const SETTLING_RISK: u32 = 60;

/// How soon the alarm goes on after that.
const SETTLES_AGAIN_MS: i64 = 1;

/// A write that is begun, and the row that it tells.
type Begun = (Telling, Value);

/// A message that is begun: to whom, what it says, and the rows that it tells.
type Message = (Push, Vec<(Name, Value)>);

impl World {
    /// The alarm rings. While it is at work the platform keeps the next one back, unless it rings
    /// twice by mistake.
    pub(crate) fn alarm(&mut self, twice: bool) -> Result<(), Broken> {
        if !twice && !self.object.courier.runs.is_empty() {
            self.object.courier.alarm_waits = true;
            return Ok(());
        }
        if self.faults.strikes(Fault::AlarmTwice) {
            self.within(0..2_000, Event::AlarmAgain);
        }
        self.object.rings(self.clock.shop());
        if !self.keeps_house()? {
            self.alarm_failed();
            return Ok(());
        }
        let run = self.number();
        self.object.courier.runs.insert(run, Run { settles: true, ..Run::default() });
        self.settles(run)
    }

    /// Promises are made anew and what is free is offered, a few at a time, and others have their
    /// turn in between; then what has changed is told.
    pub(crate) fn settles(&mut self, run: u64) -> Result<(), Broken> {
        if !self.object.courier.runs.contains_key(&run) {
            return Ok(());
        }
        let mut moment = None;
        let is_at_work = self.books.supply.queues.values().any(|queue| queue.settling);
        self.risk = if is_at_work { SETTLING_RISK } else { 1 };
        let turn = self.turn(|world| {
            let now = world.moment()?;
            moment = Some(now);
            world.object.store.settle_due(now, SETTLED_PER_STEP)
        });
        self.risk = 1;
        let turn = turn?;
        self.say(|| format!("   settled: {turn:?}"));
        if let Some(moment) = moment {
            if matches!(turn, Turn::Done(_)) {
                self.lands(moment, |_| ())?;
            } else {
                self.all_or_nothing(moment, |_| ())?;
            }
        }
        let settling = match turn {
            Turn::Done(settling) => settling,
            Turn::Failed(_) => return self.finish(run, true),
            Turn::Died => return Ok(()),
        };
        let Some(offering) = self.offers(run)? else { return Ok(()) };
        for (more, what) in [(settling, "promise"), (offering, "offer")] {
            if more {
                *self.heard.entry(format!("Alarm: more to {what}")).or_default() += 1;
            }
        }
        if settling || offering {
            self.after(SETTLES_AGAIN_MS, Event::Settles { run });
            return Ok(());
        }
        if let Some(run) = self.object.courier.runs.get_mut(&run) {
            run.settles = false;
        }
        self.tell_outreach(run)?;
        if self.object.courier.runs.contains_key(&run) {
            self.tell_rooms(run)?;
        }
        if self.object.courier.runs.contains_key(&run) {
            self.tell_kv(run)?;
            self.after(TICK_MS, Event::RunTicks { run });
        }
        Ok(())
    }

    /// While the alarm waits for a slow KV, holds end.
    pub(crate) fn run_ticks(&mut self, run: u64) -> Result<(), Broken> {
        if self.object.courier.runs.contains_key(&run) && self.expires()? {
            self.news()?;
            self.after(TICK_MS, Event::RunTicks { run });
        }
        Ok(())
    }

    /// The day turns, what is overdue ends, and what is old enough goes; false if that failed.
    fn keeps_house(&mut self) -> Result<bool, Broken> {
        let mut moment = None;
        let turn = self.turn(|world| {
            let now = world.moment()?;
            moment = Some(now);
            world.object.store.turn_day(now)
        })?;
        let turned = matches!(turn, Turn::Done(()));
        if let Some(moment) = moment {
            if turned {
                self.lands(moment, |books| books.turn_day(moment))?;
            } else {
                self.all_or_nothing(moment, |books| books.turn_day(moment))?;
            }
        }
        Ok(turned && self.expires()? && self.sweeps()?)
    }

    pub(crate) fn expires(&mut self) -> Result<bool, Broken> {
        let mut moment = None;
        let turn = self.turn(|world| {
            let now = world.moment()?;
            moment = Some(now);
            world.object.store.expire_due(now, EXPIRED_AT_ONCE)
        })?;
        let expired = matches!(turn, Turn::Done(_));
        if let Some(moment) = moment {
            if expired {
                self.lands(moment, |books| books.expire_due(moment))?;
            } else {
                self.all_or_nothing(moment, |books| books.expire_due(moment))?;
            }
        }
        Ok(expired)
    }

    fn sweeps(&mut self) -> Result<bool, Broken> {
        let mut moment = None;
        let turn = self.turn(|world| {
            let now = world.moment()?;
            moment = Some(now);
            world.object.store.sweep(now, SWEPT_AT_ONCE)
        })?;
        if let Some(moment) = moment {
            self.strikes_out(moment)?;
        }
        self.object.unswept = matches!(turn, Turn::Done(true));
        Ok(matches!(turn, Turn::Done(_)))
    }

    /// A run of the alarm is over; what came meanwhile has its turn.
    pub(crate) fn finish(&mut self, run: u64, failed: bool) -> Result<(), Broken> {
        self.object.courier.runs.remove(&run);
        if failed || !matches!(self.turn(|world| world.arm(None))?, Turn::Done(())) {
            self.alarm_failed();
        }
        let courier = &mut self.object.courier;
        if courier.runs.is_empty() && std::mem::take(&mut courier.alarm_waits) {
            self.set_alarm(self.clock.shop());
        }
        Ok(())
    }

    /// What a row of the outbox stands for, if it still stands for anything.
    fn value_of(&self, sku: &str, version: i64) -> Result<Option<Value>, StoreFault> {
        if sku.is_empty() {
            let shop = self.object.shop()?;
            return Ok(shop.map(|shop| Value { version, text: shows::settings(&shop) }));
        }
        Ok(self.object.store.shown(sku)?.map(|shown| shows::snapshot(&shown)))
    }

    fn tell_kv(&mut self, run: u64) -> Result<(), Broken> {
        let turn = self.turn(|world| {
            let now = world.clock.shop();
            let mut begun: Vec<Begun> = Vec::new();
            if now < world.object.courier.paused_until {
                return Ok(begun);
            }
            let most = world.object.courier.most();
            for Due { sku, version, attempts } in world.object.store.due(Receiver::Kv, now, most)? {
                if let Some(free) = world.object.courier.free_at(&sku, now) {
                    world.object.store.postpone(Receiver::Kv, &sku, free, false)?;
                    continue;
                }
                match world.value_of(&sku, version)? {
                    Some(value) => {
                        begun.push((Telling { sku: sku.into(), version, attempts }, value));
                    }
                    None => world.object.store.confirm(Receiver::Kv, &sku, version)?,
                }
            }
            Ok(begun)
        })?;
        match turn {
            Turn::Died => return Ok(()),
            Turn::Failed(_) => return self.finish(run, true),
            Turn::Done(begun) => {
                for (telling, value) in begun {
                    self.write(run, telling, value)?;
                }
            }
        }
        self.settle_kv(run)
    }

    /// A write sets out, and what becomes of it is drawn.
    fn write(&mut self, run: u64, telling: Telling, value: Value) -> Result<(), Broken> {
        self.says_what_the_books_say(&telling.sku, &value)?;
        let write = self.number();
        let courier = &mut self.object.courier;
        courier.unsettled.insert(telling.sku.clone(), write);
        let of = Write { sku: telling.sku.clone(), value };
        if let Some(run) = courier.runs.get_mut(&run) {
            run.writes.insert(write, telling);
        }
        self.kv.begin(write, of)?;
        self.after(TIMEOUT_MS, Event::WriteTimesOut { write });
        if self.faults.strikes(Fault::KvLost) {
            self.kv.lose(write);
            self.after(LOST_MS, Event::WriteIsLost { write });
        } else if self.faults.strikes(Fault::KvSlow) {
            // It is slow on its way there or on its way back.
            let late = self.rng.i64(TIMEOUT_MS..LOST_MS / 2);
            let there = self.rng.bool();
            let arrives = Event::WriteArrives { write, heard_in: if there { 10 } else { late } };
            self.after(if there { late } else { 10 }, arrives);
        } else {
            self.within(1..300, Event::WriteArrives { write, heard_in: 10 });
        }
        Ok(())
    }

    /// Something is heard of a write, or for too long nothing is: `taken`, as far as is known.
    pub(crate) fn write_ends(&mut self, write: u64, taken: bool, over: bool) -> Result<(), Broken> {
        let courier = &mut self.object.courier;
        if over {
            courier.unsettled.retain(|_, of| *of != write);
        }
        let found = courier.runs.iter_mut().find_map(|(number, run)| {
            run.writes.remove(&write).map(|telling| (*number, run, telling))
        });
        let Some((number, run, telling)) = found else { return Ok(()) };
        run.settled.push((telling, taken));
        self.settle_kv(number)
    }

    /// Confirms what KV has and puts off what it has not, once nothing is under way any more.
    fn settle_kv(&mut self, number: u64) -> Result<(), Broken> {
        let Some(run) = self.object.courier.runs.get_mut(&number) else { return Ok(()) };
        if run.kv_is_told || !run.writes.is_empty() {
            return Ok(());
        }
        run.kv_is_told = true;
        let settled = std::mem::take(&mut run.settled);
        let turn = self.turn(|world| {
            let now = world.clock.shop();
            for (telling, taken) in &settled {
                world.object.courier.wrote(&telling.sku, now);
                let (kv, sku) = (Receiver::Kv, &telling.sku);
                if *taken {
                    world.object.store.confirm(kv, sku, telling.version)?;
                } else {
                    let again = now + backoff(telling.attempts);
                    world.object.store.postpone(kv, sku, again, true)?;
                }
            }
            let taken = settled.iter().any(|(_, taken)| *taken);
            world.object.courier.batch_is_over(taken, !settled.is_empty(), now);
            Ok(())
        })?;
        match turn {
            Turn::Died => Ok(()),
            Turn::Failed(_) => self.finish(number, true),
            Turn::Done(()) => self.run_goes_on(number),
        }
    }

    /// A run that waits for nothing more is over; one that waits for KV tells the Rooms what has
    /// come in meanwhile.
    pub(crate) fn run_goes_on(&mut self, number: u64) -> Result<(), Broken> {
        let Some(run) = self.object.courier.runs.get_mut(&number) else { return Ok(()) };
        if run.notices.is_some() {
            return Ok(());
        }
        match (run.pushes.is_empty(), run.kv_is_told, run.is_last) {
            (true, true, true) => self.finish(number, false),
            (true, true, false) => {
                run.is_last = true;
                self.tell_rooms(number)
            }
            _ => Ok(()),
        }
    }

    /// Something may have come into the outbox: a run that waits for KV alone goes on and pushes.
    pub(crate) fn news(&mut self) -> Result<(), Broken> {
        let courier = &self.object.courier;
        let waits = |run: &Run| !run.settles && run.pushes.is_empty();
        let waiting = courier.runs.iter().find(|(_, run)| waits(run));
        match waiting.map(|(number, _)| *number) {
            Some(number) => self.tell_rooms(number),
            None => Ok(()),
        }
    }

    fn tell_rooms(&mut self, number: u64) -> Result<(), Broken> {
        let turn = self.turn(|world| {
            let now = world.clock.shop();
            let mut messages: Vec<Message> = Vec::new();
            for (room, leased_until) in world.object.store.rooms()? {
                let due = world.object.store.due(Receiver::Room(room), now, SNAPSHOTS_PER_PUSH)?;
                if leased_until <= now {
                    world.object.store.end_lease(room, leased_until)?;
                } else if !due.is_empty() {
                    messages.push(world.message(room, leased_until, due)?);
                }
            }
            Ok(messages)
        })?;
        match turn {
            Turn::Died => Ok(()),
            Turn::Failed(_) => self.finish(number, true),
            Turn::Done(messages) => {
                for message in messages {
                    self.push(number, message)?;
                }
                self.run_goes_on(number)
            }
        }
    }

    fn message(&self, room: i64, leased_until: i64, due: Vec<Due>) -> Result<Message, StoreFault> {
        let mut items = Vec::new();
        let mut rows = Vec::new();
        for Due { sku, version, attempts } in due {
            let sku: Name = sku.into();
            items.extend(self.value_of(&sku, version)?.map(|value| (sku.clone(), value)));
            rows.push(Telling { sku, version, attempts });
        }
        Ok((Push { room, leased_until, rows }, items))
    }

    fn push(&mut self, number: u64, (message, items): Message) -> Result<(), Broken> {
        for (sku, value) in &items {
            self.says_what_the_books_say(sku, value)?;
        }
        let push = self.number();
        let room = usize::try_from(message.room).unwrap_or_default();
        if let Some(run) = self.object.courier.runs.get_mut(&number) {
            run.pushes.insert(push, message);
        }
        self.after(TIMEOUT_MS, Event::PushIsAnswered { push, pushed: Pushed::Failed });
        let lost = self.faults.strikes(Fault::PushLost);
        if lost && self.rng.bool() {
            return Ok(());
        }
        let ms = if self.faults.strikes(Fault::PushSlow) { 3_000..20_000 } else { 1..50 };
        self.within(ms, Event::PushArrives { push, room, items, is_answered: !lost });
        Ok(())
    }

    /// A push has reached its Room.
    pub(crate) fn push_arrives(
        &mut self,
        push: u64,
        room: usize,
        items: &[(Name, Value)],
        is_answered: bool,
    ) -> Result<(), Broken> {
        let Some(room) = self.rooms.get_mut(room) else { return Ok(()) };
        room.pushed(items)?;
        let pushed = if room.pages.is_empty() { Pushed::Empty } else { Pushed::Told };
        if is_answered {
            self.within(1..50, Event::PushIsAnswered { push, pushed });
        }
        Ok(())
    }

    /// A push is answered, or has taken too long.
    pub(crate) fn push_ends(&mut self, push: u64, pushed: Pushed) -> Result<(), Broken> {
        let runs = &mut self.object.courier.runs;
        let found = runs
            .iter_mut()
            .find_map(|(number, run)| run.pushes.remove(&push).map(|message| (*number, message)));
        let Some((number, Push { room, leased_until, rows })) = found else { return Ok(()) };
        let turn = self.turn(|world| {
            let (store, receiver) = (&world.object.store, Receiver::Room(room));
            match pushed {
                Pushed::Told => {
                    rows.iter().try_for_each(|row| store.confirm(receiver, &row.sku, row.version))
                }
                Pushed::Empty => store.end_lease(room, leased_until),
                Pushed::Failed => rows.iter().try_for_each(|row| {
                    let again = world.clock.shop() + backoff(row.attempts);
                    store.postpone(receiver, &row.sku, again, true)
                }),
            }
        })?;
        match turn {
            Turn::Died => Ok(()),
            Turn::Failed(_) => self.finish(number, true),
            Turn::Done(()) => self.run_goes_on(number),
        }
    }

    /// What is published is what the books had at that version.
    pub(crate) fn says_what_the_books_say(&self, sku: &Name, value: &Value) -> Result<(), Broken> {
        if sku.is_empty() {
            return Ok(());
        }
        let known = self.books.history.get(&(sku.clone(), value.version));
        if known == Some(&value.text) {
            return Ok(());
        }
        let rule = "what is published is what the books say";
        Err(Broken::new(rule, format!("{sku:?}: {value:?}, and the books have {known:?}")))
    }
}
