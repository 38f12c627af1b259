//! Messages that arrive at the object, and what the auditor says to what it makes of them.

use crate::{
    apply::first_day,
    ask::{self, Asked},
    broken::{Broken, same},
    client::Reply,
    command::{Body, Command, Import, Name},
    compare,
    decided::Decided,
    judge, judge_holds,
    world::{Event, Turn, World},
};
use ledger::Component;
use std::rc::Rc;
use store::{Answer, Answered, Bundle, Columns, Counts, Fault as StoreFault, Moment};

const ONCE: &str = "an id is decided once, and its answer is repeated word for word";

/// A file that is being read.
#[derive(Debug)]
pub struct Staging {
    sent: usize,
    import: Import,
    number: i64,
    staged: usize,
}

impl World {
    /// A message has arrived.
    pub(crate) fn arrives(&mut self, sent: usize) -> Result<(), Broken> {
        let Some(message) = self.sent.get_mut(sent) else { return Ok(()) };
        message.arrivals += 1;
        let command = Rc::clone(&message.command);
        self.say(|| format!("arrives: {} {:?}", command.id, command.body));
        let reply = match &command.body {
            Body::Import(import) => return self.import_begins(sent, import.clone()),
            _ if command.is_recorded() => self.ask(&command)?,
            body => self.ask_to_change(body)?,
        };
        self.answers(sent, reply);
        self.news()
    }

    /// A command whose answer is kept.
    pub(crate) fn ask(&mut self, command: &Command) -> Result<Reply, Broken> {
        let mut asked = Asked::default();
        let stamp = self.number();
        let turn = self.request(|world| {
            let moment = world.moment()?;
            ask::command(&world.object.store, command, moment, stamp, &mut asked)
        })?;
        self.say(|| format!("   so: {turn:?}"));
        let Asked { moment: Some(moment), decided } = asked else {
            compare::books(&self.books, &self.sqlite)?;
            return Ok(Reply::of(&turn));
        };
        if let Turn::Done(answered) = &turn {
            self.books.expire_due(moment);
            match answered {
                Some(Answered::First(answer)) => {
                    let Some((decided, _)) = decided else {
                        return Err(Broken::new(ONCE, format!("{answer:?} was never decided")));
                    };
                    self.judge(command, &decided, moment)?;
                    self.books.stands(command, &decided, answer.clone(), moment);
                    *self.heard.entry(heard(command, &decided)).or_default() += 1;
                }
                other => self.decided_before(command, other.as_ref())?,
            }
            return Ok(Reply::of(&turn));
        }
        // Nothing happened, or what was overdue went and nothing else, or all of it.
        if compare::books(&self.books, &self.sqlite).is_err() {
            self.books.expire_due(moment);
            if let Err(broken) = compare::books(&self.books, &self.sqlite) {
                let decided = decided.or_else(|| self.end_of(command));
                let Some((decided, answer)) = decided else { return Err(broken) };
                self.judge(command, &decided, moment)?;
                self.books.stands(command, &decided, answer, moment);
                compare::books(&self.books, &self.sqlite)?;
            }
        }
        Ok(Reply::of(&turn))
    }

    /// How a hold must have ended that was to be ended so: the store asks for the answer only when
    /// all is written.
    fn end_of(&self, command: &Command) -> Option<(Decided, Answer)> {
        let Body::Resolve { hold, way, buyer } = &command.body else { return None };
        let hold = self.books.hold_of(hold, *buyer)?;
        let decided = judge_holds::end(&self.books, hold, *way);
        let answer = ask::answer(&decided, None);
        Some((decided, answer))
    }

    fn judge(&self, command: &Command, decided: &Decided, moment: Moment) -> Result<(), Broken> {
        let books = &self.books;
        let is_known =
            books.records.contains_key(&command.id) || books.holds.contains_key(&command.id);
        if is_known && !matches!(command.body, Body::Resolve { .. }) {
            return Err(Broken::new(ONCE, format!("{command:?}: {decided:?}")));
        }
        match &command.body {
            Body::Move(kind, lines) => judge::moves(books, *kind, lines, decided),
            Body::Count(lines) => judge::count(books, lines, decided),
            Body::Hold(cart) => judge_holds::hold(books, cart, decided, moment),
            Body::Resolve { hold, way, buyer } => match books.hold_of(hold, *buyer) {
                Some(known) => judge_holds::resolve(books, known, *way, decided),
                None => Err(Broken::new(ONCE, format!("{hold} is no hold: {decided:?}"))),
            },
            _ => Ok(()),
        }
    }

    /// An answer that is not the first must be what was said before.
    fn decided_before(&self, command: &Command, answered: Option<&Answered>) -> Result<(), Broken> {
        let expected = match &command.body {
            Body::Resolve { hold, buyer, .. } => {
                let Some(hold) = self.books.hold_of(hold, *buyer) else {
                    return same(ONCE, "an unknown hold", &None, &answered);
                };
                let ended = hold.ended.as_ref().and_then(|ended| ended.by.as_ref());
                ended.filter(|(id, _)| *id == command.id).map(|(_, answer)| answer.clone())
            }
            _ => self.known_answer(command),
        };
        let expected = expected.map_or(Answered::IdReused, Answered::Again);
        same(ONCE, &command.id, &Some(&expected), &answered)
    }

    /// What was answered to this very command; nothing if its id stands for another.
    fn known_answer(&self, command: &Command) -> Option<Answer> {
        let (digest, answer) = match self.books.records.get(&command.id) {
            Some(record) => (&record.digest, &record.answer),
            None => self.books.holds.get(&command.id).map(|hold| (&hold.digest, &hold.answer))?,
        };
        (*digest == command.digest()).then(|| answer.clone())
    }

    /// What the merchant says, which needs no record: said twice it is the same.
    fn ask_to_change(&mut self, body: &Body) -> Result<Reply, Broken> {
        let mut at = None;
        let turn = self.request(|world| {
            let moment = match body {
                Body::Settings(settings) => world.clock.moment(settings.zone),
                _ => world.moment()?,
            };
            at = Some(moment);
            change(world, body, moment)
        })?;
        self.say(|| format!("   so: {turn:?}"));
        let Some(moment) = at else { return Ok(Reply::of_change(&turn)) };
        match turn {
            Turn::Done(taken) => {
                let rule = "what the merchant may say is taken, and nothing else";
                same(rule, format!("{body:?}"), &self.books.may_be(body), &taken)?;
                if taken {
                    self.books.changes(body, moment);
                }
            }
            Turn::Failed(_) | Turn::Died => {
                self.all_or_nothing(|books| books.changes(body, moment))?;
            }
        }
        Ok(Reply::of_change(&turn))
    }

    fn import_begins(&mut self, sent: usize, import: Import) -> Result<(), Broken> {
        let number = self.clock.shop().max(self.object.last_import + 1);
        self.object.last_import = number;
        let key = self.number();
        self.imports.insert(key, Staging { sent, import, number, staged: 0 });
        self.row_arrives(key)
    }

    /// The next row of a file, or its end.
    pub(crate) fn row_arrives(&mut self, key: u64) -> Result<(), Broken> {
        let Some(mut staging) = self.imports.remove(&key) else { return Ok(()) };
        let Some(row) = staging.import.rows.get(staging.staged) else {
            return self.import_ends(staging);
        };
        let staged = ask::staged(row, staging.staged as i64 + 2, first_day());
        let number = staging.number;
        let turn = self.request(|world| match &staged {
            Some(staged) => world.object.store.stage(number, staged),
            None => Ok(()),
        })?;
        match turn {
            Turn::Done(()) => {
                staging.staged += 1;
                self.imports.insert(key, staging);
                self.within(0..30, Event::RowArrives { import: key });
                Ok(())
            }
            Turn::Failed(_) => {
                self.request(|world| world.object.store.unstage(Some(number)))?;
                self.answers(staging.sent, Reply::TryAgain);
                Ok(())
            }
            Turn::Died => Ok(()),
        }
    }

    fn import_ends(&mut self, staging: Staging) -> Result<(), Broken> {
        let Staging { sent, import, number, .. } = staging;
        let columns =
            Columns { product_id: true, title: true, restock: true, ..Columns::default() };
        let counts = if import.sets { Counts::Set } else { Counts::Open };
        let mut at = None;
        let turn = self.request(|world| {
            let moment = world.moment()?;
            at = Some(moment);
            world.object.store.apply_import(number, columns, counts, moment)
        })?;
        self.say(|| format!("import/{number}: {turn:?}"));
        let body = Body::Import(import);
        match (&turn, at) {
            (Turn::Done(_), Some(moment)) => self.books.changes(&body, moment),
            (_, Some(moment)) => self.all_or_nothing(|books| books.changes(&body, moment))?,
            (_, None) => {}
        }
        if matches!(turn, Turn::Failed(_)) {
            self.request(|world| world.object.store.unstage(Some(number)))?;
        }
        self.answers(sent, Reply::of_change(&turn));
        self.news()
    }
}

/// What was asked and what was said to it, in a word each.
fn heard(command: &Command, decided: &Decided) -> String {
    let asked = match &command.body {
        Body::Move(kind, _) => format!("{kind:?}"),
        Body::Count(_) => "Count".to_owned(),
        Body::Hold(_) => "Hold".to_owned(),
        Body::Resolve { way, .. } => format!("{way:?}"),
        _ => String::new(),
    };
    match decided {
        Decided::Moved(_) | Decided::Held(_) => format!("{asked}: done"),
        Decided::Rejected(why) => format!("{asked}: {why:?}"),
    }
}

/// Tells the store; false if it refused.
fn change(world: &World, body: &Body, moment: Moment) -> Result<bool, StoreFault> {
    let store = &world.object.store;
    let missing = StoreFault::Corrupt("the simulator made no name");
    match body {
        Body::Settings(settings) => store.change_shop(&ask::shop(settings), moment).map(|()| true),
        Body::Location(name, site) => {
            let settings = ask::location_settings(name, site).ok_or(missing)?;
            store.put_location(&settings).map(|()| true)
        }
        Body::Bundle { kit, parts } if parts.is_empty() => {
            store.remove_bundle(&ask::sku(kit).ok_or(missing)?, moment)
        }
        Body::Bundle { kit, parts } => {
            let component = |(sku, quantity): &(Name, i64)| {
                Some(Component { sku: ask::sku(sku)?, quantity: *quantity })
            };
            let components = parts.iter().filter_map(component).collect();
            let bundle = Bundle { kit: ask::sku(kit).ok_or(missing)?, components };
            store.put_bundle(&bundle, moment).map(|made| made.is_ok())
        }
        Body::Product { id, hidden } => store.hide_product(id, *hidden, moment),
        Body::Sku { sku, hidden, safety_stock } => {
            let change = ask::sku_change(*hidden, safety_stock.as_ref());
            let changed = store.change_sku(&ask::sku(sku).ok_or(missing)?, &change, moment)?;
            Ok(changed.is_ok())
        }
        _ => Ok(true),
    }
}
