//! `cargo xtask proof crash`: what was acknowledged survives `kill -9`, and happened once.

use crate::api::Reply;
use crate::client::{Ask, Client};
use crate::kill::{Step, work};
use crate::progress::say;
use crate::proof::Violation;
use crate::trial::Trial;
use anyhow::{Result, ensure};
use fastrand::Rng;
use std::collections::BTreeMap;
use wire::{Code, CommandKind, Line};

const CLIENTS: usize = 16;
const SKUS: usize = 12;
/// Answers between a restart and the next kill: on average, those of the long form make more than
/// it needs.
const ANSWERS: std::ops::RangeInclusive<usize> = 1..=520;
/// Holds that a client keeps open before it resolves some.
const MAX_OPEN: usize = 20;

/// How much is done at least.
struct Size {
    kills: usize,
    acknowledged: usize,
}

const SHORT: Size = Size { kills: 20, acknowledged: 4_000 };
const LONG: Size = Size { kills: 200, acknowledged: 50_000 };

pub(crate) fn run(trial: &mut Trial, long: bool) -> Result<()> {
    let size = if long { LONG } else { SHORT };
    let seed = fastrand::u64(..);
    say(&format!("{CLIENTS} clients, kill -9 at least {} times, seed {seed}", size.kills));
    let mut rng = Rng::with_seed(seed);
    let skus: Vec<String> = (0..SKUS).map(|sku| format!("C{sku}")).collect();
    trial.create_skus(&skus)?;
    let mut traders: Vec<Trader> = (0..CLIENTS).map(|at| Trader::new(at, rng.fork())).collect();
    let mut books = Books::default();
    let (mut kills, mut unknown, mut happened) = (0, 0, 0);
    while kills < size.kills || acknowledged(&traders) < size.acknowledged {
        let answers = Some(rng.usize(ANSWERS));
        work(trial, &mut traders, answers, |trader, client| trader.trade(client, &skus))?;
        kills += 1;
        trial.restart()?;
        let client = trial.client()?;
        for trader in traders.iter_mut().filter(|trader| trader.open.is_some()) {
            unknown += 1;
            happened += usize::from(trader.put_open_question(&client)?);
        }
        traders.iter_mut().for_each(|trader| trader.enter(&mut books));
        work(trial, &mut traders, None, Trader::ask_again)?;
        books.compare(&client, &skus)?;
        if kills % 20 == 0 {
            say(&format!("{kills} kills, {} acknowledged", acknowledged(&traders)));
        }
    }
    traders.iter_mut().for_each(|trader| trader.asked_again = 0);
    work(trial, &mut traders, None, Trader::ask_again)?;
    println!(
        "{kills} kills, {} acknowledged: none lost, none twice, the books balanced after each; \
         {unknown} unknown at the kills, of which {happened} had happened",
        acknowledged(&traders)
    );
    Ok(())
}

fn acknowledged(traders: &[Trader]) -> usize {
    traders.iter().map(|trader| trader.answered.len()).sum()
}

/// A client, with all that it asked and was told.
struct Trader {
    number: usize,
    rng: Rng,
    /// What it asked and was not yet told.
    open: Option<Ask>,
    answered: Vec<(Ask, Reply)>,
    /// How many of the answers are in the books.
    entered: usize,
    /// How many of the answers it has got a second time.
    asked_again: usize,
    /// Its open holds.
    holds: Vec<String>,
}

impl Trader {
    fn new(number: usize, rng: Rng) -> Self {
        Self {
            number,
            rng,
            open: None,
            answered: Vec::new(),
            entered: 0,
            asked_again: 0,
            holds: Vec::new(),
        }
    }

    /// Asks for something, and remembers the answer.
    fn trade(&mut self, client: &Client, skus: &[String]) -> Result<Step> {
        if self.open.is_none() {
            self.open = Some(self.next(skus));
        }
        self.put_open_question(client)?;
        Ok(Step::Answered)
    }

    /// As many units come in as go out.
    fn next(&mut self, skus: &[String]) -> Ask {
        let id = format!("{}-{}", self.number, self.answered.len());
        let rng = &mut self.rng;
        let mut sku = || skus[rng.usize(..skus.len())].as_str();
        let cart = [sku(), sku(), sku()];
        let units = rng.i64(1..=3);
        match rng.u32(..100) {
            0..20 => Ask::receive(id, cart[0], 2 * units),
            20..40 => Ask::sell(id, cart[0], units),
            40..70 if self.holds.len() < MAX_OPEN => {
                let lines: Vec<_> = cart[..rng.usize(1..=3)].iter().map(|sku| (*sku, 1)).collect();
                Ask::hold(id.clone(), id, &lines)
            }
            kind => match self.holds.pop() {
                Some(hold) if kind < 90 => Ask::commit(id, hold),
                Some(hold) => Ask::release(id, hold),
                None => Ask::receive(id, cart[0], 2 * units),
            },
        }
    }

    /// Puts the question that is open; says whether it had been decided before.
    fn put_open_question(&mut self, client: &Client) -> Result<bool> {
        let Some(ask) = &self.open else { return Ok(false) };
        let reply = client.insist(ask)?;
        let granted = is_granted(ask, &reply)?;
        let replayed = reply.replayed;
        if let (Ask::Hold(hold), true) = (ask, granted) {
            self.holds.push(hold.id.clone());
        }
        self.answered.extend(self.open.take().map(|ask| (ask, reply)));
        Ok(replayed)
    }

    /// Asks again what was answered: the answer must be the same.
    fn ask_again(&mut self, client: &Client) -> Result<Step> {
        let Some((ask, first)) = self.answered.get(self.asked_again) else {
            return Ok(Step::Done);
        };
        let again = client.insist(ask)?;
        ensure!(
            again.replayed && (again.status, &again.body) == (first.status, &first.body),
            Violation(format!("{ask:?} was answered {first:?}, and when asked again {again:?}"))
        );
        self.asked_again += 1;
        Ok(Step::Answered)
    }

    /// Enters into the books what was granted since the last time.
    fn enter(&mut self, books: &mut Books) {
        for (ask, reply) in &self.answered[self.entered..] {
            if reply.status == 200 {
                books.enter(ask);
            }
        }
        self.entered = self.answered.len();
    }
}

/// Whether it was done; all that may be refused are units that are not there.
fn is_granted(ask: &Ask, reply: &Reply) -> Result<bool> {
    let Err(problem) = reply.read::<serde_json::Value>()? else { return Ok(true) };
    let takes_units = match ask {
        Ask::Hold(_) => true,
        Ask::Command(command) => command.kind == CommandKind::Sell,
        Ask::Commit { .. } | Ask::Release { .. } => false,
    };
    ensure!(
        takes_units && problem.code == Code::InsufficientStock,
        Violation(format!("{ask:?} was refused: {problem:?}"))
    );
    Ok(false)
}

/// What there must be, if all that was granted happened once and nothing else did.
#[derive(Debug, Default)]
struct Books {
    on_hand: BTreeMap<String, i64>,
    holds: BTreeMap<String, Vec<Line>>,
}

impl Books {
    fn enter(&mut self, ask: &Ask) {
        match ask {
            Ask::Hold(hold) => drop(self.holds.insert(hold.id.clone(), hold.lines.clone())),
            Ask::Commit { hold, .. } => {
                let sold = self.holds.remove(hold).unwrap_or_default();
                self.add(&sold, -1);
            }
            Ask::Release { hold, .. } => drop(self.holds.remove(hold)),
            Ask::Command(command) => {
                let sign = if command.kind == CommandKind::Sell { -1 } else { 1 };
                self.add(&command.lines, sign);
            }
        }
    }

    fn add(&mut self, lines: &[Line], sign: i64) {
        for line in lines {
            *self.on_hand.entry(line.sku.clone()).or_default() += sign * line.quantity;
        }
    }

    /// Compares them with what the Worker says.
    fn compare(&self, client: &Client, skus: &[String]) -> Result<()> {
        let levels = client.levels()?;
        for sku in skus {
            let on_hand = self.on_hand.get(sku).copied().unwrap_or_default();
            let lines = self.holds.values().flatten().filter(|line| line.sku == *sku);
            let held: i64 = lines.map(|line| line.quantity).sum();
            let told = levels.iter().find(|level| level.sku == *sku);
            let told = told.map_or((0, 0), |level| (level.on_hand - level.shortfall, level.held));
            ensure!(
                told == (on_hand, held),
                Violation(format!(
                    "{sku} has {told:?} on hand and held, but what was acknowledged makes {:?}",
                    (on_hand, held)
                ))
            );
        }
        let told: Vec<String> = client.open_holds()?.into_iter().map(|hold| hold.id).collect();
        ensure!(
            told.iter().eq(self.holds.keys()),
            Violation(format!("open are {told:?}, but should be {:?}", self.holds.keys()))
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_books_follow_what_was_granted() {
        let mut books = Books::default();
        books.enter(&Ask::receive("1".to_owned(), "A", 5));
        books.enter(&Ask::sell("2".to_owned(), "A", 1));
        let hold = |id: &str| Ask::hold(id.to_owned(), "b".to_owned(), &[("A", 1), ("A", 1)]);
        books.enter(&hold("3"));
        books.enter(&hold("4"));
        books.enter(&Ask::commit("5".to_owned(), "3".to_owned()));
        books.enter(&Ask::release("6".to_owned(), "4".to_owned()));
        assert_eq!(books.on_hand, BTreeMap::from([("A".to_owned(), 2)]));
        assert!(books.holds.is_empty());
    }
}
