//! `cargo xtask bench hold`: how fast carts are held and paid for, beside a Durable Object that
//! does the same, written by hand in JavaScript (`bench/hold.js`), in one workerd; what an order
//! costs; and what happens when more come than can be answered. It reports and does not judge,
//! but for one thing: a request that was put off must not have been decided.

use crate::api::{Api, Reply};
use crate::bench_cost;
use crate::bench_overload;
use crate::build::{self, Mode};
use crate::client::{Ask, Client};
use crate::measure::{cpu_seconds, median};
use crate::open_loop::{Arrivals, percentile};
use crate::progress::{now, say, stamp};
use crate::tools::Tools;
use crate::workerd::{BENCH, Setup};
use anyhow::{Result, bail, ensure};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{scope, sleep};
use std::time::Duration;
use wire::SettingsChange;

/// Rounds of each Worker, taken in turn, so that whatever else the machine does meets both.
const ROUNDS: usize = 7;
/// Carts of one round.
const CARTS: u32 = 2_000;
/// Connections of the closed loop, each with one request under way.
const CONNECTIONS: u32 = 32;
/// The SKU that all want.
pub(crate) const ONE: &str = "ONE";
/// SKUs over which others spread.
const MANY: u32 = 200;
/// More than anybody wants, so that what shoppers see stays the same.
pub(crate) const PLENTY: i64 = 1_000_000;
/// A shop's goods are published by its first alarms, well within this.
const TELL_LIMIT: Duration = Duration::from_secs(30);
/// Rate of the open loop, as a share of what the slower of the two takes in the closed one.
const OPEN_SHARE: f64 = 0.5;
/// Seconds of one round of the open loop, and its rounds.
const OPEN_SECONDS: f64 = 5.0;
const OPEN_ROUNDS: usize = 3;
/// Requests under way at once in the open loop: half a second's.
const OPEN_AT_ONCE: u32 = 200;

/// What is asked for each cart.
#[derive(Clone, Copy)]
struct Workload {
    name: &'static str,
    /// SKUs that the carts are spread over.
    skus: u32,
    /// Whether each is paid for.
    paid: bool,
}

const HOLDS: Workload = Workload { name: "holds, one SKU", skus: 1, paid: false };
const ORDERS: Workload = Workload { name: "orders, one SKU", skus: 1, paid: true };
const SPREAD_ORDERS: Workload = Workload { name: "orders, many SKUs", skus: MANY, paid: true };

impl Workload {
    /// Requests for one cart.
    fn requests(self) -> u32 {
        if self.paid { 2 } else { 1 }
    }
}

/// One of the two Workers.
pub(crate) struct Side {
    name: &'static str,
    pub(crate) url: String,
    key: String,
}

impl Side {
    /// Makes a shop in it, with plenty of everything.
    pub(crate) fn open(name: &'static str, at: SocketAddr, operator_secret: &str) -> Result<Self> {
        let url = format!("http://{at}");
        let api = Api::new(&url);
        let key = api.open_shop(operator_secret, "bench")?;
        let skus: Vec<String> = (0..MANY).map(sku).collect();
        let rows: String = skus.iter().map(|sku| format!("{sku},{sku}\n")).collect();
        api.take_in(&key, &format!("sku,title\n{rows}"))?;
        let side = Self { name, url, key };
        let client = side.client();
        for sku in skus {
            accepted(&client.ask(&Ask::receive(format!("stock-{sku}"), &sku, PLENTY))?)?;
        }
        side.settle()?;
        Ok(side)
    }

    /// Waits until the shop has told all that it had to tell.
    pub(crate) fn settle(&self) -> Result<()> {
        let (client, started) = (self.client(), now());
        while client.outbox_rows()? > 0 {
            ensure!(started.elapsed() < TELL_LIMIT, "{} did not publish in time", self.name);
            sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Makes another SKU with so many units, each of which shoppers see go.
    pub(crate) fn show_each_unit(&self, sku: &str, units: u32) -> Result<()> {
        let api = Api::new(&self.url);
        let change = SettingsChange { low_mark: Some(units), ..SettingsChange::default() };
        accepted(&api.patch_json("/v1/shop", &self.key, &change)?)?;
        api.take_in(&self.key, &format!("sku,title\n{sku},{sku}\n"))?;
        let stock = Ask::receive(format!("stock-{sku}"), sku, units.into());
        accepted(&self.client().ask(&stock)?)?;
        self.settle()
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url, &self.key)
    }
}

/// The SKU of this number; the first is the one that all want.
fn sku(number: u32) -> String {
    if number == 0 { ONE.to_owned() } else { format!("MANY-{number}") }
}

/// Measures, and prints what came of it.
pub(crate) fn hold() -> Result<()> {
    ensure!(Path::new("/proc/self/stat").exists(), "the bench reads /proc: it needs Linux");
    let tools = Tools::set_up()?;
    let build = build::build(&tools, Mode::Release)?;
    let worker = tools.root.join("build/worker");
    let setup = Setup::new(&tools, BENCH, &worker, vec![("BUILD", build)])?;
    let workerd = setup.start()?;
    let secret = &setup.operator_secret;
    let sides = [
        Side::open("Backroom", workerd.address("backroom")?, secret)?,
        Side::open("JavaScript", workerd.address("hold")?, secret)?,
    ];
    println!("{}", stamp());
    compare_answers(&sides)?;
    println!(
        "closed loop: medians of {ROUNDS} rounds of {CARTS} carts over {CONNECTIONS} connections, in turn"
    );
    let holds = closed(&sides, HOLDS, workerd.pid())?;
    let orders = closed(&sides, ORDERS, workerd.pid())?;
    closed(&sides, SPREAD_ORDERS, workerd.pid())?;
    let slower = |rounds: &[Round; 2]| rounds[0].rate.min(rounds[1].rate);
    open(&sides, HOLDS, slower(&holds) * OPEN_SHARE)?;
    open(&sides, ORDERS, slower(&orders) * OPEN_SHARE)?;
    bench_overload::run(&tools, &worker, &sides[0], holds[0].rate)?;
    drop(workerd);
    let cpu_ms = orders.map(|round| round.cpu_us_per_request * f64::from(ORDERS.requests()) / 1e3);
    bench_cost::run(&tools, &worker, cpu_ms)
}

/// A rival that does less work would be no measure.
fn compare_answers(sides: &[Side; 2]) -> Result<()> {
    let cart =
        |id: &str, units| Ask::hold(id.to_owned(), "b".to_owned(), &[(ONE, units), (ONE, 1)]);
    let commit = |id: &str| Ask::commit(id.to_owned(), "compare".to_owned());
    for ask in [
        cart("compare", 1),
        cart("compare", 1),
        cart("compare", 2),
        cart("too-many", PLENTY),
        cart("too-many", PLENTY),
        commit("paid"),
        commit("paid"),
        commit("paid-again"),
        Ask::release("left".to_owned(), "compare".to_owned()),
        Ask::release("left".to_owned(), "nobody's".to_owned()),
    ] {
        let [ours, theirs] = [&sides[0], &sides[1]].map(|side| essence(&side.client().ask(&ask)?));
        let (ours, theirs) = (ours?, theirs?);
        ensure!(
            ours == theirs,
            "the rival answers otherwise than the Worker: bring crates/xtask/bench/hold.js up to \
             it\n{ask:?}\n{ours:#?}\n{theirs:#?}"
        );
    }
    let [ours, theirs] = [&sides[0], &sides[1]].map(|side| side.client().level(ONE));
    let (ours, theirs) = (ours?, theirs?);
    ensure!(ours == theirs, "the rival books otherwise than the Worker: {ours:?} and {theirs:?}");
    Ok(())
}

/// What two answers to the same question have in common: not the time, nor how it is worded.
fn essence(reply: &Reply) -> Result<(u16, bool, Value)> {
    let mut body: Value = serde_json::from_str(&reply.body)?;
    if reply.status >= 300 {
        body = body["code"].take();
    } else if let Some(fields) = body.as_object_mut() {
        fields.remove("at");
        fields.remove("expires_at");
    }
    Ok((reply.status, reply.replayed, body))
}

pub(crate) fn accepted(reply: &Reply) -> Result<()> {
    ensure!(reply.status == 200, "refused: {}", reply.body);
    Ok(())
}

/// Numbers that no cart had before.
static CARTS_MADE: AtomicU32 = AtomicU32::new(0);

/// Holds a cart of one unit, and pays for it if the workload says so.
fn cart(client: &Client, workload: Workload) -> Result<()> {
    let number = CARTS_MADE.fetch_add(1, Ordering::Relaxed);
    let (hold, buyer) = (format!("cart-{number}"), format!("buyer-{number}"));
    let sku = sku(number % workload.skus);
    accepted(&client.ask(&Ask::hold(hold.clone(), buyer, &[(&sku, 1)]))?)?;
    if workload.paid {
        accepted(&client.ask(&Ask::commit(format!("paid-{number}"), hold))?)?;
    }
    Ok(())
}

/// What one round of the closed loop showed, or the medians of several.
struct Round {
    /// Carts a second.
    rate: f64,
    cpu_us_per_request: f64,
}

/// Measures both sides and prints how they compare.
fn closed(sides: &[Side; 2], workload: Workload, pid: u32) -> Result<[Round; 2]> {
    say(&format!("measuring {}", workload.name));
    let mut rounds = [Vec::new(), Vec::new()];
    // The first round of each warms its isolate and is forgotten.
    for number in 0..=ROUNDS {
        for (side, rounds) in sides.iter().zip(&mut rounds) {
            let round = closed_round(side, workload, pid)?;
            if number > 0 {
                rounds.push(round);
            }
        }
    }
    let medians = rounds.map(|rounds| Round {
        rate: median(rounds.iter().map(|round| round.rate).collect()),
        cpu_us_per_request: median(rounds.iter().map(|round| round.cpu_us_per_request).collect()),
    });
    println!("\n{:<20}{:>12}{:>18}", workload.name, "carts/s", "CPU µs/request");
    for (side, Round { rate, cpu_us_per_request }) in sides.iter().zip(&medians) {
        println!("  {:<18}{rate:>12.0}{cpu_us_per_request:>18.0}", side.name);
    }
    let [ours, theirs] = &medians;
    println!(
        "  {:<18}{:>12.2}{:>18.2}  (aim: ahead; {})",
        "ratio",
        ours.rate / theirs.rate,
        ours.cpu_us_per_request / theirs.cpu_us_per_request,
        if ours.rate > theirs.rate { "reached" } else { "not reached" }
    );
    Ok(medians)
}

fn closed_round(side: &Side, workload: Workload, pid: u32) -> Result<Round> {
    let (before, start, left) = (cpu_seconds(pid)?, now(), AtomicU32::new(0));
    scope(|scope| {
        let clients: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                scope.spawn(|| {
                    let client = side.client();
                    while left.fetch_add(1, Ordering::Relaxed) < CARTS {
                        cart(&client, workload)?;
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        clients.into_iter().try_for_each(|client| {
            client.join().unwrap_or_else(|_| bail!("a client's thread panicked"))
        })
    })?;
    let cpu = (cpu_seconds(pid)? - before) * 1e6;
    Ok(Round {
        rate: f64::from(CARTS) / start.elapsed().as_secs_f64(),
        cpu_us_per_request: cpu / f64::from(CARTS * workload.requests()),
    })
}

/// The latencies of both sides when carts come at this rate.
fn open(sides: &[Side; 2], workload: Workload, per_second: f64) -> Result<()> {
    say(&format!("measuring {} in an open loop", workload.name));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousands")]
    let count = (per_second * OPEN_SECONDS) as u32;
    let arrivals = Arrivals { per_second, count, at_once: OPEN_AT_ONCE };
    let mut latencies = [Vec::new(), Vec::new()];
    for _ in 0..OPEN_ROUNDS {
        for (side, latencies) in sides.iter().zip(&mut latencies) {
            let sent = arrivals.run(|| Ok(side.client()), |client, _| cart(client, workload))?;
            latencies.extend(sent.into_iter().map(|((), latency)| latency));
        }
    }
    println!(
        "\n{}, open loop at {per_second:.0} carts/s: {} of each\n{:<20}{:>12}{:>12}{:>12}  ms",
        workload.name,
        latencies[0].len(),
        "",
        "p50",
        "p99",
        "p99.9"
    );
    for (side, latencies) in sides.iter().zip(&mut latencies) {
        latencies.sort();
        let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| in_ms(percentile(latencies, share)));
        println!("  {:<18}{p50:>12.1}{p99:>12.1}{p999:>12.1}", side.name);
    }
    Ok(())
}

pub(crate) fn in_ms(latency: Duration) -> f64 {
    latency.as_secs_f64() * 1e3
}
