//! Clients: what they have sent, what they were told, and how often they ask again.

use crate::{
    broken::{Broken, same},
    command::{Body, Command, Name},
    faults::Fault,
    world::{Event, Turn, World},
};
use std::{collections::BTreeSet, rc::Rc};
use store::{Answer, Answered};

/// How often a client asks before it leaves it for later.
const TRIES: u32 = 6;

/// How long a client waits for an answer.
const WAITS_MS: std::ops::Range<i64> = 1_000..5_000;

/// How long a client thinks before the next thing.
const THINKS_MS: std::ops::Range<i64> = 20..4_000;

/// How much later a late retry may come: within the week for which answers are kept.
const LATE_MS: std::ops::Range<i64> = 60_000..6 * 86_400_000;

/// How old an id may be that comes again with another body: with [`LATE_MS`] less than a week.
const REUSED_WITHIN_MS: i64 = 12 * 3_600_000;

/// How soon after healing whatever has no answer is asked for again.
const ASKS_AGAIN_MS: i64 = 2_000;

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A checkout: sales, holds, commits and releases.
    Checkout,
    /// A shop platform, whose facts come through a queue.
    Platform,
    /// A warehouse: receipts, returns, adjustments and counts.
    Warehouse,
    /// A merchant at the desk.
    Merchant,
}

/// A client.
#[derive(Debug)]
pub struct Client {
    /// What it does.
    pub role: Role,
    /// Commands that it has still to make.
    pub left: u32,
    /// What it waits for.
    waits_for: Option<usize>,
    /// How many commands it has made.
    pub made: u32,
    /// Its holds that it has not ended yet.
    pub holds: Vec<Name>,
}

/// A command that a client has made.
#[derive(Debug)]
pub struct Sent {
    /// Whose.
    pub client: usize,
    /// What.
    pub command: Rc<Command>,
    /// When it was made, by the world's time.
    pub at: i64,
    /// How often it has arrived.
    pub arrivals: u32,
    /// What its client was told.
    pub told: Option<Reply>,
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The answer.
    Answer(Answer),
    /// The id stands for something else.
    IdReused,
    /// There is no such hold.
    Unknown,
    /// What needs no record is done, or was refused for good.
    Done,
    /// The object failed; nobody knows what came of it.
    TryAgain,
    /// Nothing comes back.
    None,
}

impl Reply {
    /// What a turn's outcome says to its sender.
    pub fn of(turn: &Turn<Option<Answered>>) -> Self {
        match turn {
            Turn::Done(Some(Answered::First(answer) | Answered::Again(answer))) => {
                Self::Answer(answer.clone())
            }
            Turn::Done(Some(Answered::IdReused)) => Self::IdReused,
            Turn::Done(None) => Self::Unknown,
            Turn::Failed(_) => Self::TryAgain,
            Turn::Died => Self::None,
        }
    }

    /// The same for what needs no record.
    pub fn of_change<T>(turn: &Turn<T>) -> Self {
        match turn {
            Turn::Done(_) => Self::Done,
            Turn::Failed(_) => Self::TryAgain,
            Turn::Died => Self::None,
        }
    }
}

impl Client {
    /// A client that will make so many commands.
    pub fn new(role: Role, left: u32) -> Self {
        Self { role, left, waits_for: None, made: 0, holds: Vec::new() }
    }

    /// It has sent this, and does nothing else until it hears of it or has waited for too long.
    pub fn waits_for(&mut self, sent: usize) {
        self.waits_for = Some(sent);
    }
}

/// Is it about a hold that is old enough to be gone?
fn is_forgotten(command: &Command, forgotten: &BTreeSet<Name>) -> bool {
    matches!(&command.body, Body::Resolve { hold, .. } if forgotten.contains(hold))
}

impl World {
    /// A client does the next thing: makes a command, or repeats an old one.
    pub(crate) fn acts(&mut self, client: usize) -> Result<(), Broken> {
        let Some(actor) = self.clients.get(client) else { return Ok(()) };
        if actor.waits_for.is_some() || actor.left == 0 {
            return Ok(());
        }
        if self.faults.threatens(Fault::RetriedLate) && self.retries_late(client) {
            self.thinks(client);
            return Ok(());
        }
        let id = self.faults.threatens(Fault::IdReused).then(|| self.old_id(client)).flatten();
        let Some(actor) = self.clients.get_mut(client) else { return Ok(()) };
        actor.left -= 1;
        actor.made += 1;
        let fresh = format!("c{client}-{}", actor.made);
        let body = self.wish(client);
        let command = Command { id: id.unwrap_or_else(|| fresh.into()), body };
        let hold = match &command.body {
            Body::Hold(_) => Some(command.id.clone()),
            // What is offered to it is a hold of its id.
            Body::Join { place, .. } => Some(place.clone()),
            _ => None,
        };
        if let Some(actor) = self.clients.get_mut(client) {
            actor.holds.extend(hold);
        }
        let sent = self.sent.len();
        let at = self.clock.now();
        let command = Rc::new(command);
        self.sent.push(Sent { client, command, at, arrivals: 0, told: None });
        if let Some(actor) = self.clients.get_mut(client) {
            actor.waits_for(sent);
        }
        self.sends(sent, 1);
        Ok(())
    }

    /// Something is sent for the nth time, by whichever way its client sends.
    fn sends(&mut self, sent: usize, tries: u32) {
        let queued = self.role_of(sent) == Role::Platform;
        if queued {
            self.sends_by_queue(sent)
        } else {
            self.sends_at_once(sent)
        }
        self.within(WAITS_MS, Event::WaitedFor { sent, tries });
    }

    fn sends_at_once(&mut self, sent: usize) {
        if self.faults.strikes(Fault::RequestLost) {
            return;
        }
        let ms = self.rng.i64(1..60);
        self.after(ms, Event::Arrives { sent });
        if self.faults.strikes(Fault::RequestDoubled) {
            let again = ms + self.rng.i64(0..3);
            self.after(again, Event::Arrives { sent });
        }
    }

    fn sends_by_queue(&mut self, sent: usize) {
        if self.faults.strikes(Fault::QueueDropped) {
            return;
        }
        let mut ms = self.rng.i64(5..300);
        if self.faults.strikes(Fault::QueueReordered) {
            // Long enough that the next message goes ahead of it.
            ms += self.rng.i64(2_000..6_000);
        }
        if self.faults.strikes(Fault::QueueDelayed) {
            ms += self.rng.i64(5_000..120_000);
        }
        self.after(ms, Event::Arrives { sent });
        if self.faults.strikes(Fault::QueueDoubled) {
            self.within(5..60_000, Event::Arrives { sent });
        }
    }

    /// The object answers, if it does.
    pub(crate) fn answers(&mut self, sent: usize, reply: Reply) {
        if reply != Reply::None && !self.faults.strikes(Fault::AnswerLost) {
            self.within(1..60, Event::Replies { sent, reply });
        }
    }

    /// An answer has arrived. Whatever its sender was told before, it is told again.
    pub(crate) fn is_told(&mut self, sent: usize, reply: Reply) -> Result<(), Broken> {
        let Some(message) = self.sent.get_mut(sent) else { return Ok(()) };
        if reply == Reply::TryAgain {
            // Nothing fails any more, but promises may still be made anew.
            if self.is_healed {
                self.after(ASKS_AGAIN_MS, Event::Arrives { sent });
            }
            return Ok(());
        }
        let client = message.client;
        if reply == Reply::IdReused {
            self.faults.struck(Fault::IdReused);
        }
        match &message.told {
            // A hold that was unknown when somebody ended it may come later.
            Some(Reply::Unknown) | None => message.told = Some(reply),
            // What is refused to a hold that has ended is kept for as long as the hold.
            Some(_)
                if reply == Reply::Unknown && is_forgotten(&message.command, &self.forgotten) => {}
            Some(told) => {
                let rule = "an answer that was given is repeated word for word";
                same(rule, &message.command.id, told, &reply)?;
            }
        }
        self.goes_on(client, sent);
        Ok(())
    }

    fn goes_on(&mut self, client: usize, sent: usize) {
        let Some(actor) = self.clients.get_mut(client) else { return };
        if actor.waits_for.take_if(|waited| *waited == sent).is_some() {
            self.thinks(client);
        }
    }

    fn thinks(&mut self, client: usize) {
        let ms = self.rng.i64(THINKS_MS) * self.pace;
        self.after(ms, Event::Acts { client });
    }

    /// A client has waited long enough: it asks again, or leaves it for later.
    pub(crate) fn waited_for(&mut self, sent: usize, tries: u32) {
        let Some(message) = self.sent.get(sent) else { return };
        let client = message.client;
        let waits = self.clients.get(client).is_some_and(|actor| actor.waits_for == Some(sent));
        if !waits || message.told.is_some() {
            return;
        }
        if tries < TRIES { self.sends(sent, tries + 1) } else { self.goes_on(client, sent) }
    }

    /// Something of which the outcome is known, or not, is sent once more, much later.
    fn retries_late(&mut self, client: usize) -> bool {
        let now = self.clock.now();
        let is_old = |sent: &&Sent| sent.client == client && LATE_MS.contains(&(now - sent.at));
        let old: Vec<usize> = self
            .sent
            .iter()
            .enumerate()
            .filter(|(_, sent)| is_old(sent) && sent.command.may_come_late())
            .map(|(at, _)| at)
            .collect();
        let Some(sent) = self.rng.choice(old) else { return false };
        self.faults.struck(Fault::RetriedLate);
        self.sends_at_once(sent);
        true
    }

    /// An id that this client has used lately.
    fn old_id(&mut self, client: usize) -> Option<Name> {
        let now = self.clock.now();
        let is_recent = |sent: &&Sent| sent.client == client && now - sent.at < REUSED_WITHIN_MS;
        let old: Vec<Name> =
            self.sent.iter().filter(is_recent).map(|sent| sent.command.id.clone()).collect();
        self.rng.choice(old)
    }

    fn role_of(&self, sent: usize) -> Role {
        let client = self.sent.get(sent).and_then(|sent| self.clients.get(sent.client));
        client.map_or(Role::Merchant, |client| client.role)
    }

    /// What has no answer yet; what is too old for one to be kept may not be asked for again.
    pub(crate) fn unanswered(&self) -> Vec<usize> {
        let now = self.clock.now();
        let is_open = |sent: &Sent| sent.told.is_none() && now - sent.at < LATE_MS.end;
        (0..self.sent.len()).filter(|at| self.sent.get(*at).is_some_and(is_open)).collect()
    }

    /// Whatever has no answer is asked for again.
    pub(crate) fn asks_for_the_rest(&mut self) {
        for (nth, sent) in self.unanswered().into_iter().enumerate() {
            self.after(ASKS_AGAIN_MS + nth as i64, Event::Arrives { sent });
        }
    }

    /// Has every client made what it was to make?
    pub(crate) fn all_is_sent(&self) -> bool {
        self.clients.iter().all(|client| client.left == 0 && client.waits_for.is_none())
    }

    /// The commands that were answered.
    pub(crate) fn answered(&self) -> impl Iterator<Item = (&Command, &Answer)> {
        self.sent.iter().filter_map(|sent| match &sent.told {
            Some(Reply::Answer(answer)) => Some((&*sent.command, answer)),
            _ => None,
        })
    }
}
