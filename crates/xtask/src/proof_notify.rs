//! `cargo xtask proof notify`: whatever is killed, and whatever the provider does not say, each
//! mail of a waitlist comes once, and who confirmed first is served first.
//!
//! The Worker's waits are minutes, so its clock goes faster here; its alarms and timeouts with it.
//! The provider knows an idempotency key, and of the mails that it has taken it leaves some without
//! an answer.

use crate::mailing::{AWAITED, Mailing, Options, Person, Shop, parts, token};
use crate::progress::{now, say};
use crate::proof::Violation;
use crate::provider::Seen;
use crate::tools::Tools;
use crate::workerd::MAILING;
use anyhow::{Context, Result, bail, ensure};
use fastrand::Rng;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};
use wire::{
    Command, CommandKind, Line, Mode, OrderRequest, Payment, StockPage, Waitlist, WaitlistPolicy,
};

/// How many times as fast the Worker's clock goes: what it hands over again after 120 s comes again
/// after 2, and a lease ends after 1.5. It waits for others for half a second: so fast it goes, and
/// no faster.
const HASTE: u32 = 60;
/// What the queue waits for more.
const QUEUE_WAIT: Duration = Duration::from_millis(50);
/// Of the mails that it has taken, the provider says nothing of so many in a hundred.
const SILENT_PERCENT: u32 = 5;
/// The Worker hands over again what it heard nothing of for so long, and leases it for so long: if
/// nothing comes for both, nothing comes.
const QUIET_SECONDS: u64 = 120 + 90;
/// Longest pause between two portions of a restock.
const MOST_BETWEEN_MS: u64 = 700;
/// Longest pause between what happened and the kill that it led to.
const MOST_BEFORE_KILL_MS: u64 = 60;
/// What happens of one person: a sign-up, its mail, its confirmation, its other mail, an answer.
const EVENTS: usize = 4;

struct Size {
    /// In the shop that keeps units, and in the mirror, which tells.
    people: [u32; 2],
    kills: usize,
    /// Portions in which each restock comes.
    portions: usize,
    /// Of a claim, by the Worker's clock.
    window_seconds: u32,
}

/// Units that nobody takes: behind the last who takes theirs there may be some who pass on what they
/// are offered, and they have to be offered something.
const TO_BE_PASSED_ON: i64 = 1;

const SHORT: Size = Size { people: [120, 40], kills: 14, portions: 4, window_seconds: 800 };
const LONG: Size = Size { people: [750, 250], kills: 100, portions: 20, window_seconds: 3_600 };

/// What somebody does with what is kept for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    Take,
    PassOn,
    Leave,
}

/// By place in the list. Whoever leaves a claim to lapse is early in it, so that its unit comes to
/// somebody who does not.
fn plan(at: usize, of: usize) -> Plan {
    match at % 4 {
        1 => Plan::PassOn,
        3 if at < of / 3 => Plan::Leave,
        _ => Plan::Take,
    }
}

/// When somebody asked to be confirmed, and was.
type Confirmed = Mutex<HashMap<u32, (Instant, Instant)>>;

struct Trial {
    mailing: Mailing,
    keeps: Shop,
    tells: Shop,
    /// Who waits in each.
    waits: [Vec<Person>; 2],
    confirmed: Confirmed,
    seed: u64,
}

pub(crate) fn run(tools: &Tools, worker: &Path, bug: Option<&str>, long: bool) -> Result<()> {
    let size = if long { LONG } else { SHORT };
    let seed = fastrand::u64(..);
    let started = now();
    let trial = Trial::open(tools, worker, bug, &size, seed)?;
    let all: usize = trial.waits.iter().map(Vec::len).sum();
    say(&format!("{all} people, kill -9 about {} times, seed {seed}", size.kills));
    let kills = trial.live(&size)?;
    let mailing = &trial.mailing;
    // What was kept and not fetched comes to the next, and what comes twice would come now.
    mailing.until("nobody waits", |_| {
        let Waitlist { waiting, offered, .. } = mailing.waitlist(&trial.keeps)?;
        Ok((waiting.places + offered.places == 0).then_some(()))
    })?;
    sleep(Duration::from_secs(QUIET_SECONDS) / HASTE);
    for shop in [&trial.keeps, &trial.tells] {
        mailing.wake(shop)?;
    }
    let Seen { requests, silent, changed } = mailing.provider.seen();
    let faults = trial.faults()?;
    println!(
        "{all} people in two shops, {kills} kills, seed {seed}: {} mails at the provider after {requests} \
         requests, of which it left {silent} without an answer; {} missing, {} doubled, {} served out \
         of turn, {changed} of other words than before; {:.1} s",
        mailing.provider.taken(),
        faults.missing,
        faults.doubled,
        faults.out_of_turn,
        started.elapsed().as_secs_f64()
    );
    ensure!(
        faults == Faults::default() && changed == 0,
        Violation(format!("{faults:?}, {changed} of other words"))
    );
    trial.answers_agree()
}

/// What must not be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Faults {
    missing: usize,
    doubled: usize,
    /// Pairs of whom the later one was served before the earlier.
    out_of_turn: usize,
}

impl Trial {
    fn open(
        tools: &Tools,
        worker: &Path,
        bug: Option<&str>,
        size: &Size,
        seed: u64,
    ) -> Result<Self> {
        let (config, haste, queue_wait) = (MAILING, HASTE, QUEUE_WAIT);
        let silent_percent = SILENT_PERCENT;
        let options = Options { config, worker, haste, queue_wait, bug, silent_percent, seed };
        let mailing = Mailing::start(tools, options)?;
        let policy = WaitlistPolicy { window_seconds: size.window_seconds, ..Default::default() };
        let keeps = mailing.open_shop("keeps", Mode::Authority, policy)?;
        let tells = mailing.open_shop("tells", Mode::Mirror, policy)?;
        let waits = size.people.map(|count| mailing.people(count));
        Ok(Self { mailing, keeps, tells, waits, confirmed: Mutex::default(), seed })
    }

    /// All that people do, a restock, and kills among it; says how many.
    fn live(&self, size: &Size) -> Result<usize> {
        let mut rng = Rng::with_seed(self.seed);
        let (mut killing, mut stocking) = (rng.fork(), rng.fork());
        let (over, confirmed) = (&AtomicBool::new(false), &AtomicUsize::new(0));
        scope(|scope| {
            let stocked = scope.spawn(move || self.restock(size, &mut stocking, confirmed, over));
            let lived = scope.spawn(move || {
                let lived = self.people(confirmed);
                over.store(true, Ordering::SeqCst);
                lived
            });
            let killed = self.kill(size, &mut killing, over);
            over.fetch_or(killed.is_err(), Ordering::SeqCst);
            let panicked = || bail!("a thread panicked");
            lived.join().unwrap_or_else(|_| panicked())?;
            stocked.join().unwrap_or_else(|_| panicked())?;
            killed
        })
    }

    /// What they do, from the sign-up to what becomes of it.
    fn people(&self, confirmed: &AtomicUsize) -> Result<()> {
        let [keeps, tells] = &self.waits;
        let all: Vec<Person> = keeps.iter().chain(tells).cloned().collect();
        let shop = |person: &Person| if is_of(keeps, person) { &self.keeps } else { &self.tells };
        let mailing = &self.mailing;
        mailing.sweep(&all, |person| mailing.sign_up(shop(person), person).map(|()| true))?;
        mailing.sweep(&all, |person| {
            let asked = now();
            let done = mailing.confirm(person)?;
            if done {
                confirmed.fetch_add(1, Ordering::SeqCst);
                let mut times = self.confirmed.lock().unwrap_or_else(PoisonError::into_inner);
                times.insert(person.number, (asked, now()));
            }
            Ok(done)
        })?;
        mailing.sweep(&all, |person| {
            if is_of(keeps, person) { self.answer(person) } else { Ok(self.is_told(person)) }
        })
    }

    fn is_told(&self, person: &Person) -> bool {
        self.mailing
            .provider
            .find(&person.email, |mail| is_back(&mail.text).then_some(()))
            .is_some()
    }

    /// Does what somebody does with a claim, if they know of it; did they?
    fn answer(&self, person: &Person) -> Result<bool> {
        let Some(token) = self.mailing.token_to(person, "claim") else { return Ok(false) };
        match self.plan_of(person)? {
            Plan::Leave => {}
            Plan::PassOn => {
                let reply =
                    self.mailing.form("/v1/claim", &format!("token={token}&action=pass"))?;
                ensure!(reply.status == 200, Violation(format!("not passed on: {reply:?}")));
            }
            Plan::Take => {
                let (_, hold) = parts(&token)?;
                let order = OrderRequest {
                    id: format!("order-{}", person.number),
                    hold: Some(hold.to_owned()),
                    lines: Vec::new(),
                    region: None,
                    buyer: None,
                    payment: Payment::Now,
                    contact: None,
                };
                self.mailing.send(&self.keeps, "/v1/orders", &order)?;
            }
        }
        Ok(true)
    }

    fn plan_of(&self, person: &Person) -> Result<Plan> {
        let [keeps, _] = &self.waits;
        let at = keeps.iter().position(|one| one.number == person.number);
        Ok(plan(at.context("somebody who does not wait")?, keeps.len()))
    }

    fn planned(&self, wanted: Plan) -> usize {
        let [keeps, _] = &self.waits;
        (0..keeps.len()).filter(|at| plan(*at, keeps.len()) == wanted).count()
    }

    /// So many units come in all that each who wants one gets it, and one for those to pass on who
    /// come to be last in line, when half have confirmed and then, some at a time.
    fn restock(
        &self,
        size: &Size,
        rng: &mut Rng,
        confirmed: &AtomicUsize,
        over: &AtomicBool,
    ) -> Result<()> {
        let [keeps, tells] = &self.waits;
        let half = (keeps.len() + tells.len()) / 2;
        while confirmed.load(Ordering::SeqCst) < half {
            if over.load(Ordering::SeqCst) {
                return Ok(());
            }
            sleep(Duration::from_millis(10));
        }
        let kept = self.planned(Plan::Take) + usize::try_from(TO_BE_PASSED_ON)?;
        let of_each = [(&self.keeps, kept), (&self.tells, tells.len())];
        for portion in 0..size.portions {
            for (shop, units) in &of_each {
                let upto = |portion: usize| units * portion / size.portions;
                let line = Line {
                    sku: AWAITED.to_owned(),
                    location: None,
                    quantity: i64::try_from(upto(portion + 1) - upto(portion))?,
                };
                let (id, kind) = (format!("portion-{portion}"), CommandKind::Receive);
                let receipt = Command { id, kind, lines: vec![line], reason: None };
                self.mailing.send(shop, "/v1/commands", &receipt)?;
            }
            sleep(Duration::from_millis(rng.u64(..MOST_BETWEEN_MS)));
        }
        Ok(())
    }

    /// Kills, each after so much has happened as is drawn, and a moment.
    fn kill(&self, size: &Size, rng: &mut Rng, over: &AtomicBool) -> Result<usize> {
        let [keeps, tells] = &self.waits;
        let between = 2 * EVENTS * (keeps.len() + tells.len()) / size.kills;
        let mut kills = 0;
        while kills < size.kills {
            let until = self.mailing.events() + rng.usize(1..=between);
            while self.mailing.events() < until {
                if over.load(Ordering::SeqCst) {
                    return Ok(kills);
                }
                sleep(Duration::from_millis(5));
            }
            sleep(Duration::from_millis(rng.u64(..MOST_BEFORE_KILL_MS)));
            self.mailing.restart()?;
            kills += 1;
            for shop in [&self.keeps, &self.tells] {
                self.mailing.wake(shop)?;
            }
            if kills % 20 == 0 {
                say(&format!("{kills} kills, {} mails", self.mailing.provider.taken()));
            }
        }
        Ok(kills)
    }

    /// What the provider has, compared with what it should have.
    fn faults(&self) -> Result<Faults> {
        let mut faults = Faults::default();
        for (people, is_claimed) in self.waits.iter().zip([true, false]) {
            let mut line = Vec::new();
            for person in people {
                let mails = self.mailing.provider.to(&person.email);
                let claims: Vec<String> =
                    mails.iter().filter_map(|mail| token(&mail.text, "claim")).collect();
                let backs: Vec<String> = mails
                    .iter()
                    .filter(|mail| is_back(&mail.text))
                    .filter_map(|mail| token(&mail.text, "unsubscribe"))
                    .collect();
                let (served, others) = if is_claimed { (claims, backs) } else { (backs, claims) };
                let asked = mails.len() - served.len() - others.len();
                for count in [asked, served.len()] {
                    faults.missing += usize::from(count == 0);
                    faults.doubled += count.saturating_sub(1);
                }
                // Nobody is promised a unit that is not kept, nor told twice.
                faults.doubled += others.len();
                if let Some(token) = served.first() {
                    line.push((person.number, parts(token)?.0));
                }
            }
            faults.out_of_turn += self.out_of_turn(&line);
        }
        Ok(faults)
    }

    /// Of two, the one who was confirmed before the other asked to be must not be served later.
    fn out_of_turn(&self, line: &[(u32, i64)]) -> usize {
        let times = self.confirmed.lock().unwrap_or_else(PoisonError::into_inner);
        let known: Vec<_> =
            line.iter().filter_map(|(number, at)| Some((times.get(number)?, *at))).collect();
        let wrong = |first: &(&(Instant, Instant), i64)| {
            let later = known.iter().filter(|later| first.0.1 < later.0.0 && later.1 < first.1);
            later.count()
        };
        known.iter().map(wrong).sum()
    }

    /// What the shops say of it.
    fn answers_agree(&self) -> Result<()> {
        let [_, tells] = &self.waits;
        let places = |of: usize| i64::try_from(of).map(|places| (places, places));
        let told = |list: &wire::Places| (list.places, list.units);
        let kept = self.mailing.waitlist(&self.keeps)?;
        let found = [&kept.taken, &kept.declined, &kept.lapsed, &kept.waiting].map(told);
        let [taken, declined, lapsed] =
            [Plan::Take, Plan::PassOn, Plan::Leave].map(|plan| places(self.planned(plan)));
        let expected = [taken?, declined?, lapsed?, (0, 0)];
        ensure!(found == expected, Violation(format!("{kept:?} should be {expected:?}")));
        let mirror = self.mailing.waitlist(&self.tells)?;
        ensure!(told(&mirror.told) == places(tells.len())?, Violation(format!("{mirror:?}")));
        let page: StockPage =
            self.mailing.read(&self.keeps, &format!("/v1/stock?sku={AWAITED}"))?;
        let level = page.stock.first().context("no stock")?;
        ensure!(
            level.available == TO_BE_PASSED_ON
                && level.held == 0
                && level.committed == expected[0].0,
            Violation(format!("all but {TO_BE_PASSED_ON} was ordered, and there is {level:?}"))
        );
        println!(
            "{} bought, {} passed on, {} left to lapse, {} told without a claim: so say the shops",
            expected[0].0,
            expected[1].0,
            expected[2].0,
            tells.len()
        );
        Ok(())
    }
}

fn is_of(people: &[Person], person: &Person) -> bool {
    let Some((first, last)) = people.first().zip(people.last()) else { return false };
    (first.number..=last.number).contains(&person.number)
}

/// Of the mails there are, it is the one that asks nothing and keeps nothing.
fn is_back(text: &str) -> bool {
    ["confirm", "claim"].iter().all(|page| token(text, page).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_to_lapse_is_early_in_the_line() {
        let plans: Vec<Plan> = (0..90).map(|at| plan(at, 90)).collect();
        let count = |wanted| plans.iter().filter(|plan| **plan == wanted).count();
        assert_eq!([Plan::Take, Plan::PassOn, Plan::Leave].map(count), [60, 23, 7]);
        assert!(plans.iter().skip(30).all(|plan| *plan != Plan::Leave));
    }
}
