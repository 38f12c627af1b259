//! `cargo xtask bench notify`: ten thousand people wait for one SKU, and it comes. How long until the
//! provider has the last mail, how long do others wait for their holds meanwhile, and what do the
//! messages cost at Cloudflare? It reports and does not judge.

use crate::bench_cost::{
    CPU_MS, KV_WRITES, OBJECT_REQUESTS, ROWS_READ, ROWS_WRITTEN, WORKER_REQUESTS,
};
use crate::bench_hold::{accepted, in_ms};
use crate::client::{Ask, Client};
use crate::mailing::{AWAITED, Mailing, Options, PLENTY, Shop};
use crate::measure::cpu_seconds;
use crate::open_loop::{Arrivals, percentile};
use crate::progress::{now, say, stamp};
use crate::tools::Tools;
use crate::workerd::{Config, MAIL_METER, MAILING};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};
use ureq::Agent;
use wire::{Mode, WaitlistPolicy};

/// People who wait: as many as the largest wave has claims, and as sign up in an hour at most.
const PEOPLE: u32 = 10_000;
/// Those whose messages are counted for what they cost.
const COUNTED: u32 = 500;
/// Holds of another SKU that come each second, and how many of them at once at most: ten seconds'.
const HOLDS_PER_SECOND: f64 = 100.0;
const AT_ONCE: u32 = 1_000;
/// How long they are watched while nothing else happens.
const QUIET_SECONDS: f64 = 15.0;
/// How long they are watched at most while mails are sent; longer than that takes.
const BUSY_SECONDS: f64 = 60.0;
/// What the queue waits for more, as `wrangler.toml` has it.
const QUEUE_WAIT: Duration = Duration::from_secs(1);
/// The provider takes as long as providers do.
const ANSWERS_AFTER_MS: u64 = 100;
/// In a claim's window all of it is sent, many times over.
const WINDOW_SECONDS: u32 = 7 * 24 * 60 * 60;

// Dollars for a million, beyond what the paid plan includes, as published in November 2026.
const KV_READS: f64 = 0.50;
/// A message of the queue's is written, read and deleted.
const QUEUE_MESSAGES: f64 = 3.0 * 0.40;

const MODES: [(&str, &str, Mode); 2] = [
    ("units are kept", "keeps", Mode::Authority),
    ("a mirror, all are told", "tells", Mode::Mirror),
];

/// Measures, and prints what came of it.
pub(crate) fn notify(tools: &Tools) -> Result<()> {
    println!("{}", stamp());
    println!(
        "{:<28}{:>8}{:>8}{:>9}{:>9}{:>8}{:>8}{:>8}{:>9}{:>12}",
        "a message",
        "rows",
        "read",
        "requests",
        "alarms",
        "KV",
        "KV wr.",
        "queue",
        "CPU ms",
        "$ a million"
    );
    for (name, id, mode) in MODES {
        count(tools, name, id, mode)?;
    }
    println!(
        "\n{PEOPLE} people wait for one SKU and it comes; meanwhile {HOLDS_PER_SECOND:.0} holds/s of another (in the \
         mirror: sales that are reported); \
         the provider answers after {ANSWERS_AFTER_MS} ms"
    );
    println!("{:<28}{:>12}{:>12}{:>12}{:>14}", "holds, ms", "p50", "p99", "p99.9", "last mail");
    for (name, id, mode) in MODES {
        // Each in a Worker of its own: what the other did is over.
        let mailing = start(tools, MAILING)?;
        let (shop, waiting) = filled(&mailing, id, mode, PEOPLE)?;
        watch(&mailing, &shop, mode, "quiet", QUIET_SECONDS, || Ok(None))?;
        watch(&mailing, &shop, mode, name, BUSY_SECONDS, || {
            restock(&mailing, &shop, waiting).map(Some)
        })?;
    }
    Ok(())
}

fn start(tools: &Tools, config: Config) -> Result<Mailing> {
    let worker = tools.root.join("build/worker");
    let (worker, queue_wait, haste, bug) = (worker.as_path(), QUEUE_WAIT, 1, None);
    let (silent_percent, seed) = (0, 0);
    let options = Options { config, worker, haste, queue_wait, bug, silent_percent, seed };
    Mailing::start(tools, options)
}

/// A shop in which about so many wait, and how many they are.
fn filled(mailing: &Mailing, id: &str, mode: Mode, count: u32) -> Result<(Shop, u32)> {
    say(&format!("{count} people sign up"));
    let wave = count;
    let policy = WaitlistPolicy { wave, window_seconds: WINDOW_SECONDS, ..Default::default() };
    let shop = mailing.open_shop(id, mode, policy)?;
    let waiting = mailing.fill(&shop, mailing.people(count))?;
    mailing.provider.answer_after(ANSWERS_AFTER_MS);
    Ok((shop, u32::try_from(waiting.len())?))
}

/// A unit comes for each; gives how long it took until the provider had the last mail.
fn restock(mailing: &Mailing, shop: &Shop, units: u32) -> Result<Duration> {
    let all = mailing.provider.taken() + usize::try_from(units)?;
    let client = Client::new(&mailing.url(), &shop.key);
    let began = now();
    accepted(&client.ask(&Ask::receive("restock".to_owned(), AWAITED, units.into()))?)?;
    while mailing.provider.taken() < all {
        ensure!(began.elapsed().as_secs_f64() < BUSY_SECONDS * 5.0, "it comes to no end");
        sleep(Duration::from_millis(5));
    }
    let last: Instant = mailing.provider.last_came().context("no mail came")?;
    Ok(last - began)
}

/// Holds units while `act` does what it does, and prints how long the holds waited; those count
/// that came before that was over.
fn watch(
    mailing: &Mailing,
    shop: &Shop,
    mode: Mode,
    name: &str,
    seconds: f64,
    act: impl Fn() -> Result<Option<Duration>> + Sync,
) -> Result<()> {
    say(name);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousands")]
    let count = (HOLDS_PER_SECOND * seconds) as u32;
    let arrivals = Arrivals { per_second: HOLDS_PER_SECOND, count, at_once: AT_ONCE };
    let is_over = AtomicBool::new(false);
    let url = mailing.url();
    let (sent, acted) = scope(|scope| {
        let acting = scope.spawn(|| {
            // A second in which only holds come.
            sleep(Duration::from_secs(1));
            let acted = act();
            is_over.store(!matches!(acted, Ok(None)), Ordering::Relaxed);
            acted
        });
        let sent = arrivals.run(
            || Ok(Client::new(&url, &shop.key)),
            |client, number| {
                if is_over.load(Ordering::Relaxed) {
                    return Ok(false);
                }
                // Who is put off asks again, and has waited all the while.
                accepted(&client.insist(&other(mode, format!("{name} {number}")))?)?;
                Ok(true)
            },
        );
        let acted = acting.join().unwrap_or_else(|_| bail!("a thread panicked"));
        anyhow::Ok((sent?, acted?))
    })?;
    let counted = sent.into_iter().filter(|(counts, _)| *counts);
    let mut latencies: Vec<Duration> = counted.map(|(_, latency)| latency).collect();
    latencies.sort();
    let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| in_ms(percentile(&latencies, share)));
    let last = acted.map_or_else(|| "-".to_owned(), |took| format!("{:.1} s", took.as_secs_f64()));
    println!("{name:<28}{p50:>12.1}{p99:>12.1}{p999:>12.1}{last:>14}");
    if let Some(took) = acted {
        println!("  {:.0} mails/s", f64::from(PEOPLE) / took.as_secs_f64());
    }
    Ok(())
}

/// What others do meanwhile: they hold a unit, or in a mirror, which holds none, its platform reports a
/// sale.
fn other(mode: Mode, id: String) -> Ask {
    match mode {
        Mode::Authority => Ask::hold(id.clone(), id, &[(PLENTY, 1)]),
        Mode::Mirror => Ask::sold(id, PLENTY, 1),
    }
}

/// What the meter has counted.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Counts {
    rows_written: f64,
    rows_read: f64,
    alarms_set: f64,
    alarms_run: f64,
    kv_writes: f64,
    kv_reads: f64,
    object_requests: f64,
    queue_messages: f64,
    queue_batches: f64,
}

/// Counts what it takes from the restock to the last mail, and prints what that makes for each.
fn count(tools: &Tools, name: &str, id: &str, mode: Mode) -> Result<()> {
    let mailing = start(tools, MAIL_METER)?;
    let (shop, count) = filled(&mailing, id, mode, COUNTED)?;
    sleep(QUEUE_WAIT * 2);
    meter(&mailing)?;
    let pid = mailing.pid().context("workerd does not run")?;
    let cpu = cpu_seconds(pid)?;
    restock(&mailing, &shop, count)?;
    // The word that the last were taken is still on its way.
    sleep(QUEUE_WAIT * 2);
    let cpu_ms = (cpu_seconds(pid)? - cpu) * 1e3;
    let counts = meter(&mailing)?;
    let each = |all: f64| all / f64::from(count);
    println!(
        "  {name:<26}{:>8.2}{:>8.1}{:>9.3}{:>9.3}{:>8.3}{:>8.3}{:>8.3}{:>9.2}{:>12.2}",
        each(counts.rows_written + counts.alarms_set),
        each(counts.rows_read),
        each(counts.object_requests),
        each(counts.alarms_run),
        each(counts.kv_reads),
        each(counts.kv_writes),
        each(counts.queue_messages),
        each(cpu_ms),
        each(dollars(counts, cpu_ms))
    );
    Ok(())
}

/// The counts since this was asked last.
fn meter(mailing: &Mailing) -> Result<Counts> {
    let mut answer = Agent::new_with_defaults().get(format!("{}/meter", mailing.url())).call()?;
    serde_json::from_str(&answer.body_mut().read_to_string()?).context("no counts of a meter's")
}

/// For a million times this. To set the alarm is billed as a row; a batch of the queue's is a request
/// to the Worker. Not in it: the provider's own price, and the time for which objects are active.
fn dollars(counts: Counts, cpu_ms: f64) -> f64 {
    counts.queue_batches * WORKER_REQUESTS
        + (counts.object_requests + counts.alarms_run) * OBJECT_REQUESTS
        + (counts.rows_written + counts.alarms_set) * ROWS_WRITTEN
        + counts.rows_read * ROWS_READ
        + counts.kv_reads * KV_READS
        + counts.kv_writes * KV_WRITES
        + counts.queue_messages * QUEUE_MESSAGES
        + cpu_ms * CPU_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_has_its_price() {
        let counts = Counts {
            rows_written: 7.0,
            rows_read: 100.0,
            alarms_set: 1.0,
            alarms_run: 1.0,
            kv_writes: 0.0,
            kv_reads: 2.0,
            object_requests: 3.0,
            queue_messages: 0.1,
            queue_batches: 0.01,
        };
        // 0.003 + 0.60 + 8.00 + 0.10 + 1.00 + 0.12 + 0.02
        let dollars = dollars(counts, 1.0);
        assert!((dollars - 9.843).abs() < 1e-9, "{dollars}");
    }
}
