//! What happens when holds come faster and faster. Up to the knee they are decided in time; above
//! it those too many must be put off before anything is decided, and say so, and all the others be
//! answered.

use crate::api::Reply;
use crate::bench_hold::{ONE, Side, in_ms};
use crate::client::{Ask, Client, is_put_off};
use crate::open_loop::{Arrivals, percentile};
use crate::progress::say;
use crate::tools::Tools;
use crate::workerd::{DISTANT, Setup};
use anyhow::{Result, bail, ensure};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::scope;
use std::time::Duration;
use wire::Code;

/// Rates that are offered, as shares of what a closed loop takes.
const SHARES: &[f64] = &[0.4, 0.6, 0.8, 1.0, 1.5, 3.0];
const STEP_SECONDS: f64 = 3.0;
/// Requests under way at once: more than the Worker lets in, so that it has some to put off.
const AT_ONCE: u32 = 600;
/// Below the knee 99 of 100 are decided within this.
const KNEE: Duration = Duration::from_millis(100);
const CHECKERS: usize = 16;
/// What one object at Cloudflare takes, by its makers: 200 to 500 requests that write a second.
const DISTANT_RATE: f64 = 350.0;

/// A hold that was asked for, and what was answered.
struct Attempt {
    ask: Ask,
    id: String,
    reply: Reply,
    latency: Duration,
}

/// Finds the knee of a Worker that takes so many in a closed loop; then offers too much to one
/// whose object is elsewhere.
pub(crate) fn run(tools: &Tools, worker: &Path, side: &Side, closed_rate: f64) -> Result<()> {
    println!("\nholds of one SKU, ever faster");
    offer(side, closed_rate)?;
    let setup = Setup::new(tools, DISTANT, worker, Vec::new())?;
    let workerd = setup.start()?;
    let side = Side::open("distant", workerd.address("backroom")?, &setup.operator_secret)?;
    println!("\nholds of one SKU, ever faster; the object takes 2 ms more for each, one at a time");
    let put_off = offer(&side, DISTANT_RATE)?;
    ensure!(put_off > 0, "nothing was put off: the Worker let in whatever came");
    Ok(())
}

/// Offers holds at all rates, checks what was said of each, and gives how many were put off.
fn offer(side: &Side, rate: f64) -> Result<usize> {
    println!(
        "{:>12}{:>12}{:>12}{:>12}{:>12}",
        "offered/s", "decided", "put off", "p50 ms", "p99 ms"
    );
    let (mut knee, mut all_put_off) = (None, 0);
    for (number, share) in SHARES.iter().enumerate() {
        let rate = rate * share;
        let attempts = step(side, number, rate)?;
        let mut decided: Vec<Duration> =
            attempts.iter().filter(|at| !is_put_off(&at.reply)).map(|at| at.latency).collect();
        decided.sort();
        let put_off = attempts.len() - decided.len();
        let [p50, p99] = [0.5, 0.99].map(|share| percentile(&decided, share));
        println!(
            "{rate:>12.0}{:>12}{put_off:>12}{:>12.1}{:>12.1}",
            decided.len(),
            in_ms(p50),
            in_ms(p99)
        );
        if put_off == 0 && p99 < KNEE {
            knee = Some(rate);
        }
        all_put_off += put_off;
        check(side, &attempts)?;
    }
    match knee {
        Some(rate) => println!("the knee is above {rate:.0} holds/s"),
        None => println!("all of these rates are above the knee"),
    }
    if all_put_off > 0 {
        println!("{all_put_off} put off: each told when to come again, and none of them decided");
    }
    Ok(all_put_off)
}
/// Offers holds at this rate.
fn step(side: &Side, number: usize, rate: f64) -> Result<Vec<Attempt>> {
    say(&format!("offering {rate:.0} holds/s"));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousands")]
    let count = (rate * STEP_SECONDS) as u32;
    let arrivals = Arrivals { per_second: rate, count, at_once: AT_ONCE };
    let ask = |client: &Client, arrival| {
        let id = format!("step-{number}-{arrival}");
        let ask = Ask::hold(id.clone(), id.clone(), &[(ONE, 1)]);
        let reply = client.ask(&ask)?;
        Ok((ask, id, reply))
    };
    let sent = arrivals.run(|| Ok(side.client()), ask)?;
    let attempt = |((ask, id, reply), latency)| Attempt { ask, id, reply, latency };
    Ok(sent.into_iter().map(attempt).collect())
}

/// Checks what was said of each: a decision stands, and what was put off did not happen.
fn check(side: &Side, attempts: &[Attempt]) -> Result<()> {
    let next = AtomicUsize::new(0);
    scope(|scope| {
        let checkers: Vec<_> = (0..CHECKERS)
            .map(|_| {
                scope.spawn(|| {
                    let client = side.client();
                    while let Some(attempt) = attempts.get(next.fetch_add(1, Ordering::Relaxed)) {
                        check_one(&client, attempt)?;
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        checkers.into_iter().try_for_each(|checker| {
            checker.join().unwrap_or_else(|_| bail!("a checker's thread panicked"))
        })
    })
}

fn check_one(client: &Client, Attempt { ask, id, reply, .. }: &Attempt) -> Result<()> {
    if is_put_off(reply) {
        let code = reply.read::<wire::Hold>()?.map_err(|problem| problem.code);
        ensure!(
            code == Err(Code::Overloaded) && reply.retry_after.is_some(),
            "put off without saying why, or until when: {reply:?}"
        );
        ensure!(!client.has_hold(id)?, "{id} was put off, and yet it was decided");
        return Ok(());
    }
    ensure!(reply.status == 200, "neither decided nor put off: {reply:?}");
    let again = client.ask(ask)?;
    ensure!(
        again.replayed && again.body == reply.body,
        "{id} was answered {reply:?}, and when asked again {again:?}"
    );
    Ok(())
}
