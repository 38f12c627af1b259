//! Messages that arrive at the object, and what the auditor says to what it makes of them.

use crate::{
    apply::first_day,
    ask::{self, Asked, Found},
    broken::{Broken, same},
    client::Reply,
    command::{Action, Body, Command, Import, Name},
    compare,
    decided::Decided,
    judge, judge_holds, judge_orders, judge_pos,
    world::{Event, Turn, World},
};
use ledger::Component;
use std::rc::Rc;
use store::{Answer, Answered, Bundle, Columns, Counts, Fault as StoreFault, Joined, Moment};

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
            body if !self.ends_what_is_overdue(body)? => Reply::TryAgain,
            _ if command.is_recorded() => self.ask(&command)?,
            body => self.ask_to_change(body)?,
        };
        self.answers(sent, reply);
        self.news()
    }

    /// A command whose answer is kept.
    pub(crate) fn ask(&mut self, command: &Command) -> Result<Reply, Broken> {
        let mut asked = Asked::nothing(&self.sqlite, &self.books.supply);
        let stamp = self.number();
        let turn = self.request(|world| {
            let moment = world.moment()?;
            ask::command(&world.object.store, command, moment, stamp, &mut asked)
        })?;
        self.say(|| format!("   so: {turn:?}"));
        let Asked { moment: Some(moment), decided, found, .. } = asked else {
            compare::books(&self.books, &self.sqlite)?;
            return Ok(Reply::of(&turn));
        };
        self.may_be_busy(&turn)?;
        if let Turn::Done(answered) = &turn {
            let before = self.turn_begins(moment);
            self.expires_first(found, moment)?;
            match answered {
                Some(Answered::First(answer)) => {
                    let Some((decided, _)) = decided else {
                        return Err(Broken::new(ONCE, format!("{answer:?} was never decided")));
                    };
                    self.stands(command, &decided, answer.clone(), moment)?;
                    *self.heard.entry(heard(command, &decided)).or_default() += 1;
                }
                other => self.decided_before(command, other.as_ref())?,
            }
            self.turn_ends(&before, moment)?;
            return Ok(Reply::of(&turn));
        }
        // Nothing happened, or what was overdue went and nothing else, or all of it.
        if compare::books(&self.books, &self.sqlite).is_err() {
            let before = self.turn_begins(moment);
            self.expires_first(found, moment)?;
            let ended = self.turn_ends(&before, moment);
            let ended = ended.and_then(|()| compare::books(&self.books, &self.sqlite));
            if let Err(broken) = ended {
                let decided = decided.or_else(|| self.end_of(command));
                let Some((decided, answer)) = decided else { return Err(broken) };
                self.stands(command, &decided, answer, moment)?;
                // The same rows are judged once more, by what the books know now.
                self.judged_at = 0;
                self.turn_ends(&before, moment)?;
                compare::books(&self.books, &self.sqlite)?;
            }
        }
        Ok(Reply::of(&turn))
    }

    /// What was overdue has ended before anything was decided; what was promised then was `found`,
    /// or is what is promised now.
    fn expires_first(&mut self, found: Option<Found>, moment: Moment) -> Result<(), Broken> {
        let is_known = found.is_some();
        match found {
            Some(found) => self.takes(found, moment)?,
            None => self.takes_promises(moment)?,
        }
        self.books.expire_due(moment);
        if is_known { self.takes_offers(moment) } else { Ok(()) }
    }

    /// What was decided is judged, and stands; and what is promised has changed with it.
    fn stands(
        &mut self,
        command: &Command,
        decided: &Decided,
        answer: Answer,
        moment: Moment,
    ) -> Result<(), Broken> {
        self.judge(command, decided, moment)?;
        let mut moved = judge_orders::moved(&self.books, &command.body, decided);
        moved.extend(judge_pos::moved(&self.books, &command.body, decided));
        self.takes_promises(moment)?;
        self.books.stands(command, decided, moved, answer, moment);
        Ok(())
    }

    /// Somebody who orders is told to come again only while promises are made anew.
    fn may_be_busy(&self, turn: &Turn<Option<Answered>>) -> Result<(), Broken> {
        let Turn::Failed(StoreFault::Busy(_)) = turn else { return Ok(()) };
        let settles =
            self.sqlite.rows("SELECT sku FROM skus WHERE settling = 1", &[], |_| Ok(()))?;
        same("only what is being promised anew is busy", "settling", &true, &!settles.is_empty())
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
        let is_known = self.is_known(&command.id);
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
            Body::Order(order) => judge_orders::placed(books, order, decided, moment),
            Body::ChangeOrder { order, action, lines } => match books.number(order) {
                Some(number) => judge_orders::changed(books, number, action, lines, decided),
                None => Err(Broken::new(ONCE, format!("{order} is no order: {decided:?}"))),
            },
            _ => judge_pos::decided(books, command, decided, moment.today),
        }
    }

    /// Does this id stand for something?
    fn is_known(&self, id: &Name) -> bool {
        let books = &self.books;
        books.records.contains_key(id)
            || books.holds.contains_key(id)
            || books.number(id).is_some()
            || books.lines_of(id).next().is_some()
    }

    /// Is what it is about known to nobody?
    fn is_about_nothing(&self, command: &Command) -> bool {
        let books = &self.books;
        match &command.body {
            Body::Order(order) => {
                order.hold.as_ref().is_some_and(|hold| !books.holds.contains_key(hold))
            }
            Body::ChangeOrder { order, .. } => books.number(order).is_none(),
            Body::ChangePo(po, _) | Body::ReceivePo(po, _) => books.lines_of(po).next().is_none(),
            _ => false,
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
            _ if !self.is_known(&command.id) && self.is_about_nothing(command) => {
                return same(ONCE, "what nobody knows", &None, &answered);
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
                self.lands(moment, |books| {
                    if taken {
                        books.changes(body, moment);
                    }
                })?;
            }
            Turn::Failed(_) | Turn::Died => {
                self.all_or_nothing(moment, |books| books.changes(body, moment))?;
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
            (Turn::Done(_), Some(moment)) => {
                self.lands(moment, |books| books.changes(&body, moment))?;
            }
            (_, Some(moment)) => {
                self.all_or_nothing(moment, |books| books.changes(&body, moment))?;
            }
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
        Body::Order(_) => "Order".to_owned(),
        Body::ChangeOrder { action: Action::Ship, .. } => "Order, ship".to_owned(),
        Body::ChangeOrder { action: Action::Cancel { .. }, .. } => "Order, cancel".to_owned(),
        Body::ChangeOrder { action: Action::Return { .. }, .. } => "Order, return".to_owned(),
        Body::PlacePo(_) => "PO, place".to_owned(),
        Body::ChangePo(..) => "PO, change".to_owned(),
        Body::ReceivePo(..) => "PO, receive".to_owned(),
        _ => String::new(),
    };
    match decided {
        Decided::Order(ordered) if matches!(command.body, Body::Order(_)) => {
            let waits = ordered.lines.values().any(|line| !line.waits.is_empty());
            format!("{asked}: {}", if waits { "done, and waits" } else { "done" })
        }
        Decided::Moved(_) | Decided::Held(_) | Decided::Order(_) | Decided::Po(_) => {
            format!("{asked}: done")
        }
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
        Body::Sku { sku, hidden, safety_stock, ahead } => {
            let change = ask::sku_change(*hidden, safety_stock.as_ref(), *ahead);
            let changed = store.change_sku(&ask::sku(sku).ok_or(missing)?, &change, moment)?;
            Ok(changed.is_ok())
        }
        Body::Join { place, sku, wanted } => {
            let sku = ask::sku(sku).ok_or(missing)?;
            store.join(place, &sku, *wanted, moment).map(|joined| joined == Joined::Yes)
        }
        Body::Leave { place, event } => store.leave(place, *event, moment).map(|()| true),
        _ => Ok(true),
    }
}
