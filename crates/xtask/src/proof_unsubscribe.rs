//! `cargo xtask proof unsubscribe`: whoever ends an alert while a send is under way gets no more of
//! it, from the answer on; who only looks at a link ends nothing; and what is one shop's is nothing
//! to another.

use crate::mailing::{AWAITED, Mailing, Options, Person, Shop, token};
use crate::progress::{now, say};
use crate::proof::Violation;
use crate::provider::Mail;
use crate::tools::Tools;
use crate::workerd::MAILING;
use anyhow::{Context, Result, bail, ensure};
use fastrand::Rng;
use std::path::Path;
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};
use wire::{Command, CommandKind, Line, Mode, WaitlistPolicy};

/// What the queue waits for more, as `wrangler.toml` has it.
const QUEUE_WAIT: Duration = Duration::from_secs(1);
/// While the messages are sent, the provider takes so long to answer: longer than providers do, so
/// that a mail which has to wait for its turn comes late enough to be told from one that has not.
const ANSWERS_AFTER_MS: u64 = 400;
/// A mail that is in the Worker's hand when its alert ends goes out. Those in its hand are on their
/// way at once: what the first byte comes of within this time was in it, and what comes later lay
/// there and waited for others to be answered.
const IN_HAND: Duration = Duration::from_millis(ANSWERS_AFTER_MS / 2);
/// People who wait in another shop.
const OTHERS: u32 = 5;
/// After the last message: what was still to come comes by then.
const QUIET: Duration = Duration::from_secs(3);

struct Size {
    /// The Worker takes as many sign-ups of one shop in an hour.
    people: u32,
    /// Those of them who end their alert while the messages are sent, each so long after the other.
    leaving: u32,
    pause: Duration,
    looks: u32,
}

const SHORT: Size = Size { people: 160, leaving: 80, pause: Duration::from_millis(60), looks: 100 };
const LONG: Size =
    Size { people: 10_000, leaving: 500, pause: Duration::from_millis(10), looks: 1_000 };

/// Somebody who ended their alert, when they asked for it, and when they had the answer.
struct Ended<'a> {
    person: &'a Person,
    asked: Instant,
    answered: Instant,
}

pub(crate) fn run(tools: &Tools, worker: &Path, long: bool) -> Result<()> {
    let size = if long { LONG } else { SHORT };
    let seed = fastrand::u64(..);
    say(&format!("{} people sign up, seed {seed}", size.people));
    let mut rng = Rng::with_seed(seed);
    let (config, haste, queue_wait, bug, silent_percent) = (MAILING, 1, QUEUE_WAIT, None, 0);
    let options = Options { config, worker, haste, queue_wait, bug, silent_percent, seed };
    let mailing = Mailing::start(tools, options)?;
    // All of them at once, and as claims: what a mirror tells waits a minute for more to say.
    let policy = WaitlistPolicy { wave: LONG.people, ..WaitlistPolicy::default() };
    let shop = mailing.open_shop("many", Mode::Authority, policy)?;
    let other = mailing.open_shop("other", Mode::Authority, policy)?;
    let people = mailing.fill(&shop, mailing.people(size.people))?;
    let others = mailing.fill(&other, mailing.people(OTHERS))?;

    let mut drawn: Vec<&Person> = people.iter().collect();
    rng.shuffle(&mut drawn);
    let leaving: Vec<&Person> = drawn.split_off(drawn.len() - usize::try_from(size.leaving)?);
    let staying = drawn;
    mailing.provider.answer_after(ANSWERS_AFTER_MS);
    let before = mailing.provider.taken();
    let started = now();
    restock(&mailing, &shop, size.people)?;
    while mailing.provider.taken() < before + people.len() / 4 {
        sleep(Duration::from_millis(1));
    }
    let (ended, looked) = scope(|scope| {
        let looked = scope.spawn(|| look(&mailing, &staying, size.looks));
        let ended = leave(&mailing, &leaving, size.pause);
        (ended, looked.join().unwrap_or_else(|_| bail!("a thread panicked")))
    });
    let (ended, ()) = (ended?, looked?);
    let sent_meanwhile = mailing.provider.taken() - before;
    mailing.until("all who stay have their mail", |_| {
        Ok(staying.iter().all(|person| backs(&mailing, person) > 0).then_some(()))
    })?;
    let took = started.elapsed();
    sleep(QUIET);
    nothing_to_another(&mailing, &shop, &other, &leaving, &others)?;

    let doubled = staying.iter().filter(|person| backs(&mailing, person) != 1).count();
    let Verdict { had, never, in_hand, after } = Verdict::of(&mailing, &ended);
    let latest = |late: &[Duration]| late.iter().max().map_or(0, Duration::as_millis);
    println!(
        "a send of {} messages, {:.1} s, seed {seed}; when {} to {sent_meanwhile} of them were sent, {} \
         people ended their alerts: {had} had their mail by then, {never} were never sent it, {} were \
         sent what was in the Worker's hand (at most {} ms after the answer), {} what was not (at most \
         {} ms after it); {} GETs of such links ended nobody's: {doubled} of {} others have another \
         number of mails than one; one shop's links were nothing to another",
        people.len(),
        took.as_secs_f64(),
        people.len() / 4,
        ended.len(),
        in_hand.len(),
        latest(&in_hand),
        after.len(),
        latest(&after),
        size.looks,
        staying.len(),
    );
    ensure!(
        after.is_empty() && doubled == 0,
        Violation(format!("{} mails came after an answer that ended them", after.len()))
    );
    Ok(())
}

fn restock(mailing: &Mailing, shop: &Shop, units: u32) -> Result<()> {
    let line = Line { sku: AWAITED.to_owned(), location: None, quantity: i64::from(units) };
    let (id, kind) = ("restock".to_owned(), CommandKind::Receive);
    mailing.send(shop, "/v1/commands", &Command { id, kind, lines: vec![line], reason: None })
}

/// The address of somebody's link, as their first mail has it.
fn link(mailing: &Mailing, person: &Person) -> Result<String> {
    mailing.token_to(person, "unsubscribe").context("a mail without a link to end it")
}

/// As a mail program does it when its reader presses its button (RFC 8058).
fn leave<'a>(mailing: &Mailing, leaving: &[&'a Person], pause: Duration) -> Result<Vec<Ended<'a>>> {
    let mut ended = Vec::new();
    for person in leaving {
        let asked = now();
        let path = format!("/v1/unsubscribe?token={}", link(mailing, person)?);
        let reply = mailing.form(&path, "List-Unsubscribe=One-Click")?;
        let answered = now();
        ensure!(reply.status == 200, Violation(format!("not ended: {reply:?}")));
        ended.push(Ended { person, asked, answered });
        sleep(pause);
    }
    Ok(ended)
}

/// As programs do that look at links before anybody does.
fn look(mailing: &Mailing, staying: &[&Person], looks: u32) -> Result<()> {
    for person in staying.iter().cycle().take(usize::try_from(looks)?) {
        let reply = mailing.look(&format!("/v1/unsubscribe?token={}", link(mailing, person)?))?;
        ensure!(reply.status == 200, Violation(format!("not shown: {reply:?}")));
    }
    Ok(())
}

/// Links with another shop's name in them open nothing; and whoever waits there gets their mail.
fn nothing_to_another(
    mailing: &Mailing,
    shop: &Shop,
    other: &Shop,
    leaving: &[&Person],
    others: &[Person],
) -> Result<()> {
    let forged = |from: &Shop, to: &Shop, person: &Person| {
        let link = link(mailing, person)?;
        anyhow::Ok(link.replacen(&format!("_{}_", from.id), &format!("_{}_", to.id), 1))
    };
    let mut links = Vec::new();
    for person in leaving {
        links.push(forged(shop, other, person)?);
    }
    for person in others {
        links.push(forged(other, shop, person)?);
    }
    for link in &links {
        let path = format!("/v1/unsubscribe?token={link}");
        let replies = [mailing.form(&path, "List-Unsubscribe=One-Click")?, mailing.look(&path)?];
        let opened = replies.iter().any(|reply| reply.status != 401);
        ensure!(!opened, Violation(format!("a link of another shop's opened {replies:?}")));
    }
    restock(mailing, other, OTHERS)?;
    mailing.until("the other shop's mails", |_| {
        Ok(others.iter().all(|person| backs(mailing, person) == 1).then_some(()))
    })
}

/// How many mails somebody has that say it is back.
fn backs(mailing: &Mailing, person: &Person) -> usize {
    mailing.provider.to(&person.email).iter().filter(|mail| is_back(mail)).count()
}

fn is_back(mail: &Mail) -> bool {
    token(&mail.text, "confirm").is_none()
}

/// What those got who ended their alerts. A mail counts as having come when the first byte of its
/// request reached the provider.
#[derive(Debug, Default)]
struct Verdict {
    /// They had it when they asked.
    had: usize,
    never: usize,
    /// It was on its way when they were answered, and came so long after that.
    in_hand: Vec<Duration>,
    /// It was not.
    after: Vec<Duration>,
}

impl Verdict {
    fn of(mailing: &Mailing, ended: &[Ended<'_>]) -> Self {
        let mut verdict = Self::default();
        for Ended { person, asked, answered } in ended {
            let mails = mailing.provider.to(&person.email);
            let Some(mail) = mails.iter().find(|mail| is_back(mail)) else {
                verdict.never += 1;
                continue;
            };
            let late = mail.came.saturating_duration_since(*answered);
            match late {
                _ if mail.came < *asked => verdict.had += 1,
                late if late <= IN_HAND => verdict.in_hand.push(late),
                late => verdict.after.push(late),
            }
        }
        verdict
    }
}
