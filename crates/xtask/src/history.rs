//! What clients saw of one SKU, and whether it could have happened one after the other.
//!
//! The check is Wing and Gong's, as `todc-utils` has it: each operation must have taken effect at
//! one moment between its call and its answer. Clients that were not told what came of it ask
//! again under the same id, so every operation has an answer in the end; it spans all its tries.

use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use todc_utils::Action::{Call, Response};
use todc_utils::linearizability::WGLChecker;
use todc_utils::linearizability::history::{Action, History};
use todc_utils::specifications::Specification;
use wire::Code;

/// What a client did to one SKU, and what it was told. A hold is named by its number among those
/// of its SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Operation {
    Receive { units: i64, told: Result<Level, Code> },
    Sell { units: i64, told: Result<Level, Code> },
    Hold { hold: usize, units: i64, told: Result<(), Code> },
    Commit { hold: usize, told: Result<(), Code> },
    Release { hold: usize, told: Result<(), Code> },
    Read { told: Level },
}

/// Stock as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Level {
    pub(crate) on_hand: i64,
    pub(crate) held: i64,
}

/// A SKU at one location, as it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Stock {
    on_hand: i64,
    /// By their numbers; `None` until it was granted.
    holds: Vec<Option<Hold>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Hold {
    Open(i64),
    Committed,
    Released,
}

impl Stock {
    fn level(&self) -> Level {
        let open = self.holds.iter().flatten();
        let held = open.map(|hold| if let Hold::Open(units) = hold { *units } else { 0 }).sum();
        Level { on_hand: self.on_hand, held }
    }

    fn available(&self) -> i64 {
        self.on_hand - self.level().held
    }

    /// Takes these units for sale, or says why not.
    fn sell(&mut self, units: i64) -> Result<Level, Code> {
        if self.available() < units {
            return Err(Code::InsufficientStock);
        }
        self.on_hand -= units;
        Ok(self.level())
    }

    fn hold(&mut self, hold: usize, units: i64) -> Result<(), Code> {
        if self.available() < units {
            return Err(Code::InsufficientStock);
        }
        if self.holds.len() <= hold {
            self.holds.resize(hold + 1, None);
        }
        self.holds[hold] = Some(Hold::Open(units));
        Ok(())
    }

    /// Ends a hold, and returns the units that it kept.
    fn resolve(&mut self, hold: usize, into: Hold) -> Result<i64, Code> {
        let Some(Some(hold)) = self.holds.get_mut(hold) else { return Err(Code::UnknownHold) };
        match *hold {
            Hold::Open(units) => {
                *hold = into;
                Ok(units)
            }
            Hold::Committed => Err(Code::AlreadyCommitted),
            Hold::Released => Err(Code::AlreadyReleased),
        }
    }

    /// Does the operation, and says whether a client would be told what this one was told.
    fn tells(&mut self, operation: Operation) -> bool {
        match operation {
            Operation::Receive { units, told } => {
                self.on_hand += units;
                Ok(self.level()) == told
            }
            Operation::Sell { units, told } => self.sell(units) == told,
            Operation::Hold { hold, units, told } => self.hold(hold, units) == told,
            Operation::Commit { hold, told } => {
                self.resolve(hold, Hold::Committed).map(|units| self.on_hand -= units) == told
            }
            Operation::Release { hold, told } => {
                self.resolve(hold, Hold::Released).map(drop) == told
            }
            Operation::Read { told } => self.level() == told,
        }
    }
}

impl Specification for Stock {
    type State = Self;
    type Operation = Operation;

    fn init() -> Self {
        Self::default()
    }

    fn apply(operation: &Operation, before: &Self) -> (bool, Self) {
        let mut stock = before.clone();
        (stock.tells(*operation), stock)
    }
}

/// Calls and answers of one SKU in the order in which they came, each with its client's number.
#[derive(Debug, Default)]
pub(crate) struct Record {
    events: Mutex<Vec<Event>>,
}

#[derive(Clone, Copy, Debug, Serialize)]
enum Event {
    Called { client: usize },
    Answered { client: usize, operation: Operation },
}

impl Record {
    /// A client is about to ask; it has no other question open.
    pub(crate) fn called(&self, client: usize) {
        self.push(Event::Called { client });
    }

    /// It has its answer.
    pub(crate) fn answered(&self, client: usize, operation: Operation) {
        self.push(Event::Answered { client, operation });
    }

    fn push(&self, event: Event) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }
}

impl Record {
    /// Whether some order explains all that the clients were told.
    pub(crate) fn is_linearizable(&self) -> bool {
        let actions = self.actions();
        // The checker takes no empty history.
        actions.is_empty() || WGLChecker::<Stock>::is_linearizable(History::from_actions(actions))
    }

    /// One event a line, as JSON.
    pub(crate) fn to_json_lines(&self) -> String {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.iter().map(|event| serde_json::json!(event).to_string() + "\n").collect()
    }

    /// As the checker takes it: a call, too, carries its operation. A call without an answer is
    /// left out, so all must have been answered for the check to say anything.
    fn actions(&self) -> Vec<(usize, Action<Operation>)> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let mut answers = BTreeMap::new();
        let mut actions = Vec::with_capacity(events.len());
        for event in events.iter().rev() {
            match *event {
                Event::Answered { client, operation } => {
                    answers.insert(client, operation);
                    actions.push((client, Response(operation)));
                }
                Event::Called { client } => {
                    let operation = answers.remove(&client);
                    actions.extend(operation.map(|operation| (client, Call(operation))));
                }
            }
        }
        actions.reverse();
        actions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: Level = Level { on_hand: 0, held: 0 };
    const ONE: Level = Level { on_hand: 1, held: 0 };
    const RECEIVED: Operation = Operation::Receive { units: 1, told: Ok(ONE) };
    const SOLD: Operation = Operation::Sell { units: 1, told: Ok(EMPTY) };
    const REFUSED: Operation = Operation::Sell { units: 1, told: Err(Code::InsufficientStock) };

    /// A history of operations, each from one time to another.
    fn history(operations: &[(u32, u32, Operation)]) -> Record {
        let mut events = Vec::new();
        for (client, (called, answered, operation)) in operations.iter().enumerate() {
            events.push((*called, Event::Called { client }));
            events.push((*answered, Event::Answered { client, operation: *operation }));
        }
        events.sort_by_key(|(at, _)| *at);
        Record { events: Mutex::new(events.into_iter().map(|(_, event)| event).collect()) }
    }

    #[test]
    fn what_came_one_after_the_other_is_fine() {
        assert!(history(&[]).is_linearizable());
        assert!(history(&[(1, 2, RECEIVED), (3, 4, SOLD), (5, 6, REFUSED)]).is_linearizable());
    }

    #[test]
    fn a_unit_sold_twice_is_found() {
        assert!(!history(&[(1, 2, RECEIVED), (3, 4, SOLD), (5, 6, SOLD)]).is_linearizable());
        assert!(!history(&[(1, 2, RECEIVED), (3, 5, SOLD), (4, 6, SOLD)]).is_linearizable());
    }

    #[test]
    fn a_unit_held_twice_is_found() {
        let hold = |hold| Operation::Hold { hold, units: 1, told: Ok(()) };
        assert!(history(&[(1, 2, RECEIVED), (3, 5, hold(0))]).is_linearizable());
        assert!(!history(&[(1, 2, RECEIVED), (3, 5, hold(0)), (4, 6, hold(1))]).is_linearizable());
    }

    #[test]
    fn operations_at_the_same_time_may_have_come_in_either_order() {
        assert!(history(&[(1, 2, RECEIVED), (3, 5, REFUSED), (4, 6, SOLD)]).is_linearizable());
        assert!(!history(&[(1, 2, RECEIVED), (3, 4, REFUSED), (5, 6, SOLD)]).is_linearizable());
    }

    #[test]
    fn an_answer_of_the_past_is_found() {
        let read = |told| Operation::Read { told };
        let sold = [(1, 2, RECEIVED), (3, 4, SOLD)];
        assert!(history(&[&sold[..], &[(5, 6, read(EMPTY))]].concat()).is_linearizable());
        assert!(!history(&[&sold[..], &[(5, 6, read(ONE))]].concat()).is_linearizable());
    }

    #[test]
    fn a_hold_ends_once() {
        let hold = (3, 4, Operation::Hold { hold: 0, units: 1, told: Ok(()) });
        let commit = |told| Operation::Commit { hold: 0, told };
        let release = |told| Operation::Release { hold: 0, told };
        for (second, fine) in [
            (release(Err(Code::AlreadyCommitted)), true),
            (commit(Err(Code::AlreadyCommitted)), true),
            (release(Ok(())), false),
            (commit(Ok(())), false),
            (release(Err(Code::AlreadyReleased)), false),
        ] {
            let record = history(&[(1, 2, RECEIVED), hold, (5, 6, commit(Ok(()))), (7, 8, second)]);
            assert_eq!(record.is_linearizable(), fine, "{second:?}");
        }
    }

    /// A history as long and as wide as those of the proof is checked in a moment, the wrong one too.
    #[test]
    fn many_clients_are_no_matter() {
        let clients = 16;
        let mut operations = Vec::new();
        for round in 0..60 {
            let at = round * 100;
            let mut on_hand = 0;
            for client in 0..clients {
                // All overlap, and take effect in the order of their numbers backwards.
                on_hand = i64::from(clients - client);
                let told = Level { on_hand: i64::from(round * clients) + on_hand, held: 0 };
                operations.push((
                    at + client,
                    at + 50,
                    Operation::Receive { units: 1, told: Ok(told) },
                ));
            }
            assert_eq!(on_hand, 1);
        }
        assert!(history(&operations).is_linearizable());
        let read = (6_000, 6_001, Operation::Read { told: ONE });
        assert!(!history(&[&operations[..], &[read]].concat()).is_linearizable());
    }
}
