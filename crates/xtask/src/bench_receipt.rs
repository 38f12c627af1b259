//! `cargo xtask bench receipt`: ten thousand orders wait for one purchase order; its date moves,
//! and then it is received. How long until all of them know, and how long do others wait for their
//! holds meanwhile? It reports and does not judge.

use crate::api::Api;
use crate::bench_hold::in_ms;
use crate::build::{self, Mode};
use crate::client::{Ask, Client};
use crate::open_loop::{Arrivals, percentile};
use crate::progress::{now, say, stamp};
use crate::tools::Tools;
use crate::workerd::{BACKROOM, Setup};
use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{scope, sleep};
use std::time::Duration;
use wire::{
    Ahead, AheadKind, Line, NewPurchaseLine, Order, OrderRequest, OrderState, Payment, Precision,
    PurchaseLineChange, PurchaseOrderChange, PurchaseOrderRequest, ReceiptLine, ReceiptRequest,
    Restock, SkuChange,
};

/// Orders that wait, each for one unit.
const ORDERS: u32 = 10_000;
/// Connections that place them.
const CONNECTIONS: u32 = 16;
/// What everybody waits for, and what others hold meanwhile.
const AWAITED: &str = "AWAITED";
const HELD: &str = "HELD";
/// Holds that come each second, whether or not those before them were answered.
const HOLDS_PER_SECOND: f64 = 50.0;
/// Holds under way at once: ten seconds' worth.
const AT_ONCE: u32 = 500;
/// How long they are watched while nothing else happens.
const QUIET_SECONDS: f64 = 5.0;
/// How long they are watched while promises are made anew; longer than that takes.
const BUSY_SECONDS: f64 = 20.0;

struct Shop {
    url: String,
    key: String,
}

/// Measures, and prints what came of it.
pub(crate) fn receipt() -> Result<()> {
    let tools = Tools::set_up()?;
    let build = build::build(&tools, Mode::Release)?;
    let worker = tools.root.join("build/worker");
    let setup = Setup::new(&tools, BACKROOM, &worker, vec![("BUILD", build)])?;
    let workerd = setup.start()?;
    let shop =
        Shop::open(format!("http://{}", workerd.address("backroom")?), &setup.operator_secret)?;
    say(&format!("placing {ORDERS} orders"));
    shop.place_orders()?;
    println!("{}", stamp());
    println!(
        "{ORDERS} orders wait for one line; meanwhile {HOLDS_PER_SECOND:.0} holds/s of another SKU"
    );
    println!("{:<28}{:>12}{:>12}{:>12}{:>12}", "holds, ms", "p50", "p99", "worst", "done after");
    shop.watch("quiet", QUIET_SECONDS, || Ok(None))?;
    let line =
        PurchaseLineChange { line: 1, expected: Some(Some(date("2099-12-24"))), cancel: false };
    let moved = PurchaseOrderChange { id: "slip".to_owned(), lines: vec![line], reason: None };
    shop.watch("the date moves", BUSY_SECONDS, || {
        let answered = shop.send("/v1/purchase-orders/po/changes", &moved)?;
        let is_told = |order: &Order| {
            let line = order.lines.first();
            line.and_then(|line| line.promised.as_ref())
                .is_some_and(|date| date.date == "2099-12-24")
        };
        shop.until_last(is_told).map(|through| Some((answered, through)))
    })?;
    let line = ReceiptLine { line: 1, quantity: i64::from(ORDERS), last: true };
    let receipt = ReceiptRequest { id: "box".to_owned(), lines: vec![line], reason: None };
    shop.watch("all of it is received", BUSY_SECONDS, || {
        let answered = shop.send("/v1/purchase-orders/po/receipts", &receipt)?;
        let through = shop.until_last(|order| order.state == OrderState::Ready)?;
        Ok(Some((answered, through)))
    })
}

fn date(day: &str) -> Restock {
    Restock { date: day.to_owned(), until: None, precision: Precision::Day }
}

impl Shop {
    /// A shop with plenty of the one SKU, and of the other what a purchase order brings.
    fn open(url: String, operator_secret: &str) -> Result<Self> {
        let api = Api::new(&url);
        let key = api.open_shop(operator_secret, "bench")?;
        api.take_in(&key, &format!("sku,on_hand\n{HELD},1000000\n{AWAITED},0\n"))?;
        let shop = Self { url, key };
        let ahead = Ahead { kind: AheadKind::Backorder, limit: None, limit_per_buyer: None };
        let change = SkuChange { ahead: Some(Some(ahead)), ..SkuChange::default() };
        let changed = api.patch_json(&format!("/v1/skus/{AWAITED}"), &shop.key, &change)?;
        ensure!(changed.status == 200, "{changed:?}");
        let line = NewPurchaseLine {
            sku: AWAITED.to_owned(),
            location: None,
            quantity: i64::from(ORDERS),
            expected: Some(date("2099-12-01")),
        };
        let (id, supplier) = ("po".to_owned(), "bench".to_owned());
        let po = PurchaseOrderRequest { id, supplier, lines: vec![line] };
        shop.send("/v1/purchase-orders", &po)?;
        Ok(shop)
    }

    /// Sends something that must be taken, and gives how long that took.
    fn send(&self, path: &str, body: &impl Serialize) -> Result<Duration> {
        let started = now();
        let reply = Api::new(&self.url).post_json(path, &self.key, body)?;
        ensure!(reply.status == 200, "{path}: {reply:?}");
        Ok(started.elapsed())
    }

    fn place_orders(&self) -> Result<()> {
        let next = AtomicU32::new(0);
        scope(|scope| {
            let buyers: Vec<_> = (0..CONNECTIONS)
                .map(|_| {
                    scope.spawn(|| {
                        let api = Api::new(&self.url);
                        loop {
                            let number = next.fetch_add(1, Ordering::Relaxed);
                            if number >= ORDERS {
                                return anyhow::Ok(());
                            }
                            let reply = api.post_json("/v1/orders", &self.key, &order(number))?;
                            ensure!(reply.status == 200, "{reply:?}");
                        }
                    })
                })
                .collect();
            buyers.into_iter().try_for_each(|buyer| {
                buyer.join().unwrap_or_else(|_| bail!("a buyer's thread panicked"))
            })
        })
    }

    /// Waits until this is so of the last order in the queue, and says how long that took.
    fn until_last(&self, is_so: impl Fn(&Order) -> bool) -> Result<Duration> {
        let (api, started) = (Api::new(&self.url), now());
        let page = format!("/v1/orders?cursor={}", hex(&(ORDERS - 1).to_string()));
        loop {
            let orders: wire::OrdersPage = api
                .get(&page, &self.key)?
                .read()?
                .map_err(|problem| anyhow::anyhow!(crate::api::in_words(&problem)))?;
            if is_so(orders.orders.first().context("there is no last order")?) {
                return Ok(started.elapsed());
            }
            ensure!(started.elapsed().as_secs_f64() < BUSY_SECONDS * 3.0, "it comes to no end");
            sleep(Duration::from_millis(20));
        }
    }

    /// Holds units while `act` does what it does; its answer is how long it waited for its own
    /// answer, and how long until the last order knew. Holds come for at least so long.
    fn watch(
        &self,
        name: &str,
        seconds: f64,
        act: impl Fn() -> Result<Option<(Duration, Duration)>> + Sync,
    ) -> Result<()> {
        say(name);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a thousand")]
        let count = (HOLDS_PER_SECOND * seconds) as u32;
        let arrivals = Arrivals { per_second: HOLDS_PER_SECOND, count, at_once: AT_ONCE };
        let is_through = AtomicBool::new(false);
        let (sent, acted) = scope(|scope| {
            let acting = scope.spawn(|| {
                // A second in which only holds come.
                sleep(Duration::from_secs(1));
                let acted = act();
                is_through.store(true, Ordering::Relaxed);
                acted
            });
            let sent = arrivals.run(
                || Ok(Client::new(&self.url, &self.key)),
                |client, number| {
                    let counts = !is_through.load(Ordering::Relaxed);
                    let id = format!("{name} {number}");
                    let reply = client.ask(&Ask::hold(id.clone(), id, &[(HELD, 1)]))?;
                    ensure!(reply.status == 200, "{reply:?}");
                    Ok(counts)
                },
            );
            let acted = acting.join().unwrap_or_else(|_| bail!("a thread panicked"));
            anyhow::Ok((sent?, acted?))
        })?;
        // What came when all was over says nothing; without anything to do all of it counts.
        let counted = sent.into_iter().filter(|(counts, _)| *counts || acted.is_none());
        let mut latencies: Vec<Duration> = counted.map(|(_, latency)| latency).collect();
        latencies.sort();
        let [p50, p99, worst] = [0.5, 0.99, 1.0].map(|share| in_ms(percentile(&latencies, share)));
        let done = match acted {
            None => "-".to_owned(),
            Some((_, through)) => format!("{:.2} s", through.as_secs_f64()),
        };
        println!("{name:<28}{p50:>12.1}{p99:>12.1}{worst:>12.1}{done:>12}");
        if let Some((answered, _)) = acted {
            println!("  answered after {:.1} ms", in_ms(answered));
        }
        Ok(())
    }
}

fn order(number: u32) -> OrderRequest {
    OrderRequest {
        id: format!("order-{number}"),
        hold: None,
        lines: vec![Line { sku: AWAITED.to_owned(), location: None, quantity: 1 }],
        region: None,
        buyer: None,
        payment: Payment::Now,
        contact: None,
    }
}

/// As cursors are written.
fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}
