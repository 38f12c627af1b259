//! `cargo xtask proof linearize`: what clients are told of a SKU, kills or no kills, is what they
//! could be told if they came one after the other.

use crate::api::Reply;
use crate::client::{Ask, Client};
use crate::files;
use crate::history::{Level, Operation, Record};
use crate::kill::{Step, work};
use crate::progress::{say, timed};
use crate::proof::Violation;
use crate::trial::Trial;
use anyhow::{Context, Result, bail};
use fastrand::Rng;
use serde::de::DeserializeOwned;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use wire::{Applied, Code, Hold, Resolved, StockLevel};

const HISTORIES: usize = 2;
const HISTORIES_LONG: usize = 100;
const CLIENTS: usize = 16;
/// Of one history, by all clients and on all SKUs together.
const OPERATIONS: usize = 1_000;
/// SKUs of one history: so few that clients meet at each.
const SKUS: usize = 4;
/// Kills in each history.
const KILLS: usize = 1;

pub(crate) fn run(trial: &mut Trial, long: bool) -> Result<()> {
    let histories = if long { HISTORIES_LONG } else { HISTORIES };
    let seed = fastrand::u64(..);
    say(&format!(
        "{histories} histories of {OPERATIONS} operations by {CLIENTS} clients, seed {seed}"
    ));
    let mut rng = Rng::with_seed(seed);
    let (mut unknown, mut happened, mut checking) = (0, 0, Duration::ZERO);
    for number in 0..histories {
        let history = History::new(trial, number)?;
        unknown += history.happen(trial, &mut rng)?;
        happened += history.happened.load(Ordering::Relaxed);
        let (checked, took) = timed(|| history.check(trial));
        checked?;
        checking += took;
        if (number + 1) % 10 == 0 {
            say(&format!("{} histories are linearizable", number + 1));
        }
    }
    println!(
        "{histories} histories of {OPERATIONS} operations by {CLIENTS} clients, {} kills: \
         linearizable per SKU; {unknown} unknown at the kills, of which {happened} had happened; \
         checked in {:.1} s",
        histories * KILLS,
        checking.as_secs_f64()
    );
    Ok(())
}

/// SKUs that nothing happened to before, and what all clients did to them.
struct History {
    skus: Vec<Sku>,
    /// Operations begun.
    begun: AtomicUsize,
    /// Operations that a client had to ask for again, and that had happened.
    happened: AtomicUsize,
}

struct Sku {
    name: String,
    record: Record,
    /// Holds asked for.
    holds: AtomicUsize,
    /// Holds that were granted, for whoever comes to resolve them.
    granted: Mutex<Vec<usize>>,
}

/// One of the clients, and what it has not yet been told.
struct Trader {
    number: usize,
    rng: Rng,
    open: Option<Question>,
}

#[derive(Clone, Debug)]
struct Question {
    /// Which of the SKUs.
    sku: usize,
    /// No other's.
    id: String,
    wish: Wish,
    /// Whether it was asked before and not answered.
    again: bool,
}

#[derive(Clone, Copy, Debug)]
enum Wish {
    Receive(i64),
    Sell(i64),
    Hold { hold: usize, units: i64 },
    Commit { hold: usize },
    Release { hold: usize },
    Read,
}

impl History {
    fn new(trial: &Trial, number: usize) -> Result<Self> {
        let names: Vec<String> = (0..SKUS).map(|sku| format!("H{number}-{sku}")).collect();
        trial.create_skus(&names)?;
        let sku = |name| Sku {
            name,
            record: Record::default(),
            holds: AtomicUsize::new(0),
            granted: Mutex::default(),
        };
        let skus = names.into_iter().map(sku).collect();
        Ok(Self { skus, begun: AtomicUsize::new(0), happened: AtomicUsize::new(0) })
    }

    /// Lets it happen, and returns how many operations were unknown at the kills.
    fn happen(&self, trial: &mut Trial, rng: &mut Rng) -> Result<usize> {
        let mut traders: Vec<Trader> =
            (0..CLIENTS).map(|number| Trader { number, rng: rng.fork(), open: None }).collect();
        let mut unknown = 0;
        for _ in 0..KILLS {
            let answers = rng.usize(1..OPERATIONS / KILLS - CLIENTS);
            work(trial, &mut traders, Some(answers), |trader, client| trader.step(self, client))?;
            unknown += traders.iter().filter(|trader| trader.open.is_some()).count();
            trial.restart()?;
        }
        work(trial, &mut traders, None, |trader, client| trader.step(self, client))?;
        Ok(unknown)
    }

    fn check(&self, trial: &Trial) -> Result<()> {
        for Sku { name, record, .. } in &self.skus {
            if !record.is_linearizable() {
                let file = trial.findings.join(format!("{name}.jsonl"));
                files::write(&file, record.to_json_lines().as_bytes())?;
                let file = file.display();
                bail!(Violation(format!("no order explains what clients were told: {file}")));
            }
        }
        Ok(())
    }
}

impl Trader {
    /// Asks the open question again, or the next one.
    fn step(&mut self, history: &History, client: &Client) -> Result<Step> {
        let question = match &mut self.open {
            Some(question) => question,
            None => {
                let number = history.begun.fetch_add(1, Ordering::Relaxed);
                if number >= OPERATIONS {
                    return Ok(Step::Done);
                }
                let sku = self.rng.usize(..SKUS);
                let wish = history.skus[sku].wish(&mut self.rng);
                history.skus[sku].record.called(self.number);
                let id = format!("{}-{number}", history.skus[sku].name);
                self.open.insert(Question { sku, id, wish, again: false })
            }
        };
        let sku = &history.skus[question.sku];
        let again = std::mem::replace(&mut question.again, true);
        let (operation, replayed) = sku.put(question, client)?;
        if again && replayed {
            history.happened.fetch_add(1, Ordering::Relaxed);
        }
        sku.record.answered(self.number, operation);
        self.open = None;
        Ok(Step::Answered)
    }
}

impl Sku {
    /// Something to ask: as many units come in as go out, and what there is is scarce.
    fn wish(&self, rng: &mut Rng) -> Wish {
        match rng.u32(..100) {
            0..15 => Wish::Receive(rng.i64(1..=8)),
            15..30 => Wish::Sell(rng.i64(1..=3)),
            30..50 => Wish::Read,
            50..75 => match self.to_resolve(rng) {
                Some(hold) if rng.u32(..100) < 60 => Wish::Commit { hold },
                Some(hold) => Wish::Release { hold },
                None => self.new_hold(rng),
            },
            _ => self.new_hold(rng),
        }
    }

    fn new_hold(&self, rng: &mut Rng) -> Wish {
        Wish::Hold { hold: self.holds.fetch_add(1, Ordering::Relaxed), units: rng.i64(1..=3) }
    }

    /// A hold that was granted. Now and then it is left for somebody else to resolve once more.
    fn to_resolve(&self, rng: &mut Rng) -> Option<usize> {
        let mut granted = self.granted.lock().unwrap_or_else(PoisonError::into_inner);
        if granted.is_empty() {
            return None;
        }
        let at = rng.usize(..granted.len());
        if rng.u32(..100) < 20 { Some(granted[at]) } else { Some(granted.swap_remove(at)) }
    }

    /// Puts the question: what was done and told, and whether that was told before.
    fn put(&self, question: &Question, client: &Client) -> Result<(Operation, bool)> {
        let Question { id, wish, .. } = question.clone();
        let hold_id = |hold| format!("{}-hold-{hold}", self.name);
        let mut replayed = false;
        let mut insist = |ask| {
            let reply = client.insist(&ask)?;
            replayed = reply.replayed;
            anyhow::Ok(reply)
        };
        let operation = match wish {
            Wish::Receive(units) => {
                let told = applied(&insist(Ask::receive(id, &self.name, units))?)?;
                Operation::Receive { units, told }
            }
            Wish::Sell(units) => {
                let told = applied(&insist(Ask::sell(id, &self.name, units))?)?;
                Operation::Sell { units, told }
            }
            Wish::Hold { hold, units } => {
                let ask = Ask::hold(hold_id(hold), id, &[(&self.name, units)]);
                let told = told::<Hold>(&insist(ask)?)?.map(drop);
                if told.is_ok() {
                    self.granted.lock().unwrap_or_else(PoisonError::into_inner).push(hold);
                }
                Operation::Hold { hold, units, told }
            }
            Wish::Commit { hold } => {
                let told = told::<Resolved>(&insist(Ask::commit(id, hold_id(hold)))?)?;
                Operation::Commit { hold, told: told.map(drop) }
            }
            Wish::Release { hold } => {
                let told = told::<Resolved>(&insist(Ask::release(id, hold_id(hold)))?)?;
                Operation::Release { hold, told: told.map(drop) }
            }
            Wish::Read => Operation::Read { told: client.level(&self.name)?.into() },
        };
        Ok((operation, replayed))
    }
}

/// The success, or the refusal's name.
fn told<T: DeserializeOwned>(reply: &Reply) -> Result<Result<T, Code>> {
    Ok(reply.read::<T>()?.map_err(|problem| problem.code))
}

/// The stock that a command of one line left.
fn applied(reply: &Reply) -> Result<Result<Level, Code>> {
    let applied = match told::<Applied>(reply)? {
        Ok(applied) => applied,
        Err(code) => return Ok(Err(code)),
    };
    let level = applied.stock.into_iter().next().context("a command left no stock")?;
    Ok(Ok(level.into()))
}

impl From<StockLevel> for Level {
    fn from(level: StockLevel) -> Self {
        Self { on_hand: level.on_hand, held: level.held }
    }
}
