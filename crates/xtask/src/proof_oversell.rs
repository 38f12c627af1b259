//! `cargo xtask proof oversell`: what is not there is not sold, however many ask at once.

use crate::api::Reply;
use crate::client::{Ask, Client};
use crate::progress::{say, timed};
use crate::proof::Violation;
use crate::trial::Trial;
use anyhow::{Result, bail, ensure};
use serde::de::IgnoredAny;
use std::ops::AddAssign;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use wire::{Code, StockLevel};

const UNITS: u32 = 100;
/// Each by a buyer of its own.
const ATTEMPTS: u32 = 10_000;
/// Attempts under way at once.
const CLIENTS: usize = 64;
/// How often two want the last unit at the same time.
const LAST_UNITS: u32 = 200;

pub(crate) fn run(trial: &mut Trial) -> Result<()> {
    trial.create_skus(&["DROP", "LAST", "TWICE"].map(str::to_owned))?;
    last_unit(trial)?;
    same_sku_on_two_lines(trial)?;
    drop_sale(trial)
}

/// A bug that peers shipped: two parallel holds of the last unit are both granted.
fn last_unit(trial: &Trial) -> Result<()> {
    let clients = [trial.client()?, trial.client()?];
    for round in 0..LAST_UNITS {
        accepted(&clients[0].insist(&Ask::receive(format!("one-{round}"), "LAST", 1))?)?;
        let together = Barrier::new(clients.len());
        let granted = thread::scope(|scope| {
            let holds: Vec<_> = clients
                .iter()
                .enumerate()
                .map(|(at, client)| {
                    let together = &together;
                    scope.spawn(move || {
                        let hold = format!("last-{round}-{at}");
                        let asked = Ask::hold(hold.clone(), format!("buyer-{at}"), &[("LAST", 1)]);
                        together.wait();
                        let granted = is_granted(&client.insist(&asked)?)?;
                        anyhow::Ok(granted.then_some(hold))
                    })
                })
                .collect();
            let holds = holds
                .into_iter()
                .map(|hold| hold.join().unwrap_or_else(|_| bail!("a client's thread panicked")));
            holds.collect::<Result<Vec<_>>>()
        })?;
        let granted: Vec<String> = granted.into_iter().flatten().collect();
        let [hold] = granted.as_slice() else {
            bail!(Violation(format!("{} of two got the last unit", granted.len())));
        };
        accepted(&clients[0].insist(&Ask::commit(format!("paid-{hold}"), hold.clone()))?)?;
    }
    let level = clients[0].level("LAST")?;
    ensure!(is_sold_out(&level), Violation(format!("all was sold, and there is {level:?}")));
    println!(
        "the last unit, wanted by two at once: one got it, {LAST_UNITS} times of {LAST_UNITS}"
    );
    Ok(())
}

/// Another one: each line of a cart is checked by itself, and 5 and 5 are taken from 5.
fn same_sku_on_two_lines(trial: &Trial) -> Result<()> {
    let client = trial.client()?;
    accepted(&client.insist(&Ask::receive("five".to_owned(), "TWICE", 5))?)?;
    let cart = [("TWICE", 5), ("TWICE", 5)];
    let asked = Ask::hold("twice".to_owned(), "buyer".to_owned(), &cart);
    let granted = is_granted(&client.insist(&asked)?)?;
    let level = client.level("TWICE")?;
    ensure!(
        !granted && level.held == 0 && level.on_hand == 5,
        Violation(format!("5 and 5 of 5 in one cart: granted {granted}, and there is {level:?}"))
    );
    println!("5 and 5 of one SKU in one cart, with 5 on hand: refused, nothing held");
    Ok(())
}

/// What the attempts came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Outcomes {
    held: u32,
    sold: u32,
    refused: u32,
    /// Whatever else was answered.
    broken: u32,
}

impl AddAssign for Outcomes {
    fn add_assign(&mut self, other: Self) {
        self.held += other.held;
        self.sold += other.sold;
        self.refused += other.refused;
        self.broken += other.broken;
    }
}

/// Many more buyers than units: each holds one unit, and pays if it got it.
fn drop_sale(trial: &Trial) -> Result<()> {
    say(&format!("{ATTEMPTS} attempts by {CLIENTS} clients at {UNITS} units"));
    let client = trial.client()?;
    accepted(&client.insist(&Ask::receive("r".to_owned(), "DROP", UNITS.into()))?)?;
    let next = AtomicU32::new(0);
    let (outcomes, took) = timed(|| {
        thread::scope(|scope| {
            let clients: Vec<_> =
                (0..CLIENTS).map(|_| scope.spawn(|| buyers(&trial.client()?, &next))).collect();
            let mut sum = Outcomes::default();
            for client in clients {
                sum += client.join().unwrap_or_else(|_| bail!("a client's thread panicked"))?;
            }
            anyhow::Ok(sum)
        })
    });
    let outcomes = outcomes?;
    let level = client.level("DROP")?;
    let rate = f64::from(ATTEMPTS) / took.as_secs_f64();
    println!(
        "{UNITS} units, {ATTEMPTS} attempts by {CLIENTS} clients: {} held, {} sold, {} refused; \
         {rate:.0} attempts/s",
        outcomes.held, outcomes.sold, outcomes.refused
    );
    let refused = ATTEMPTS - UNITS;
    let expected = Outcomes { held: UNITS, sold: UNITS, refused, broken: 0 };
    ensure!(
        outcomes == expected && is_sold_out(&level),
        Violation(format!(
            "expected {expected:?} and nothing left, got {outcomes:?} and {level:?}"
        ))
    );
    Ok(())
}

/// The next buyers, one after the other, until there are no more.
fn buyers(client: &Client, next: &AtomicU32) -> Result<Outcomes> {
    let mut outcomes = Outcomes::default();
    loop {
        let buyer = next.fetch_add(1, Ordering::Relaxed);
        if buyer >= ATTEMPTS {
            return Ok(outcomes);
        }
        let hold = format!("drop-{buyer}");
        let asked = Ask::hold(hold.clone(), format!("buyer-{buyer}"), &[("DROP", 1)]);
        match told(&client.insist(&asked)?)? {
            Ok(()) => {
                outcomes.held += 1;
                let paid = client.insist(&Ask::commit(format!("paid-{buyer}"), hold))?;
                match told(&paid)? {
                    Ok(()) => outcomes.sold += 1,
                    Err(_) => outcomes.broken += 1,
                }
            }
            Err(Code::InsufficientStock) => outcomes.refused += 1,
            Err(_) => outcomes.broken += 1,
        }
    }
}

fn is_sold_out(level: &StockLevel) -> bool {
    (level.on_hand, level.held, level.shortfall) == (0, 0, 0)
}

/// Whether the units are held; the only refusal there can be is for lack of them.
fn is_granted(reply: &Reply) -> Result<bool> {
    match told(reply)? {
        Ok(()) => Ok(true),
        Err(Code::InsufficientStock) => Ok(false),
        Err(_) => bail!(Violation(format!("neither granted nor out of stock: {}", reply.body))),
    }
}

fn accepted(reply: &Reply) -> Result<()> {
    ensure!(told(reply)?.is_ok(), Violation(format!("refused: {}", reply.body)));
    Ok(())
}

/// That it was done, or the refusal's name.
fn told(reply: &Reply) -> Result<Result<(), Code>> {
    Ok(reply.read::<IgnoredAny>()?.map(drop).map_err(|problem| problem.code))
}
