//! What an order costs at Cloudflare: rows written, as SQLite counts them there, and dollars by
//! the published prices.

use crate::bench_hold::{ONE, Side, accepted};
use crate::client::Ask;
use crate::progress::{say, timed};
use crate::tools::Tools;
use crate::workerd::{METER, Setup};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::path::Path;
use std::time::Duration;
use ureq::Agent;

/// Orders that are counted.
const ORDERS: u32 = 500;
/// A SKU of which there are so few that shoppers are shown their number.
const FEW: &str = "FEW";
/// The aim for what a million orders cost.
const AIM_DOLLARS: f64 = 6.0;

// Dollars for a million, beyond what the paid plan includes, as published in November 2026.
pub(crate) const WORKER_REQUESTS: f64 = 0.30;
pub(crate) const OBJECT_REQUESTS: f64 = 0.15;
pub(crate) const ROWS_WRITTEN: f64 = 1.00;
pub(crate) const ROWS_READ: f64 = 0.001;
pub(crate) const KV_WRITES: f64 = 5.00;
pub(crate) const CPU_MS: f64 = 0.02;
/// 12.50 for a million GB-seconds, and an object is billed for 0.128 GB.
const OBJECT_SECONDS: f64 = 12.50 * 0.128;

/// What the meter has counted, in all or for one order.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Counts {
    rows_written: f64,
    rows_read: f64,
    alarms_set: f64,
    alarms_run: f64,
    kv_writes: f64,
}

impl Counts {
    fn of_one(self, orders: u32) -> Self {
        let each = |count: f64| count / f64::from(orders);
        Self {
            rows_written: each(self.rows_written),
            rows_read: each(self.rows_read),
            alarms_set: each(self.alarms_set),
            alarms_run: each(self.alarms_run),
            kv_writes: each(self.kv_writes),
        }
    }
}

/// Counts what orders write on both sides, and prints what they cost. `cpu_ms` is the CPU time that
/// an order took on each.
pub(crate) fn run(tools: &Tools, worker: &Path, cpu_ms: [f64; 2]) -> Result<()> {
    say(&format!("counting the rows of {ORDERS} orders"));
    let setup = Setup::new(tools, METER, worker, Vec::new())?;
    let workerd = setup.start()?;
    println!(
        "\n{:<30}{:>14}{:>12}{:>12}{:>12}",
        "an order, held and paid for", "rows written", "rows read", "KV writes", "$ a million"
    );
    let ours = Side::open("Backroom", workerd.address("backroom")?, &setup.operator_secret)?;
    let theirs = Side::open("JavaScript", workerd.address("hold")?, &setup.operator_secret)?;
    let dollars = metered("Backroom", &ours, ONE, cpu_ms[0])?;
    metered("JavaScript", &theirs, ONE, cpu_ms[1])?;
    ours.show_each_unit(FEW, 2 * ORDERS)?;
    metered("Backroom, each sale shown", &ours, FEW, cpu_ms[0])?;
    let reached = if dollars <= AIM_DOLLARS { "reached" } else { "not reached" };
    println!("(aim: at most {AIM_DOLLARS:.2} dollars for a million orders of plenty; {reached})");
    Ok(())
}

/// Counts what orders of this SKU write, and prints it; gives the dollars for a million.
fn metered(name: &str, side: &Side, sku: &str, cpu_ms: f64) -> Result<f64> {
    let client = side.client();
    let order = |number: u32| {
        let hold = format!("{sku}-{number}");
        accepted(&client.ask(&Ask::hold(hold.clone(), hold.clone(), &[(sku, 1)]))?)?;
        accepted(&client.ask(&Ask::commit(format!("paid-{hold}"), hold))?)
    };
    order(0)?;
    meter(side)?;
    let (ordered, took) = timed(|| (1..=ORDERS).try_for_each(order));
    ordered?;
    // What shoppers have still to be told is these orders' too.
    side.settle()?;
    let counts = meter(side)?.of_one(ORDERS);
    let dollars = dollars(counts, cpu_ms, took / ORDERS);
    println!(
        "  {name:<28}{:>14.2}{:>12.2}{:>12.2}{dollars:>12.2}",
        counts.rows_written + counts.alarms_set,
        counts.rows_read,
        counts.kv_writes
    );
    Ok(dollars)
}

/// The counts since this was asked last.
fn meter(side: &Side) -> Result<Counts> {
    let mut answer = Agent::new_with_defaults().get(format!("{}/meter", side.url)).call()?;
    serde_json::from_str(&answer.body_mut().read_to_string()?).context("no counts of a meter's")
}

/// For a million orders of two requests each. The object is taken to be active for as long as the
/// client waits, which is longer than it is; to set the alarm is billed as a row.
fn dollars(order: Counts, cpu_ms: f64, took: Duration) -> f64 {
    2.0 * WORKER_REQUESTS
        + (2.0 + order.alarms_run) * OBJECT_REQUESTS
        + (order.rows_written + order.alarms_set) * ROWS_WRITTEN
        + order.rows_read * ROWS_READ
        + order.kv_writes * KV_WRITES
        + cpu_ms * CPU_MS
        + took.as_secs_f64() * OBJECT_SECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_written_make_most_of_the_bill() {
        let order = Counts {
            rows_written: 5.0,
            rows_read: 10.0,
            alarms_set: 0.0,
            alarms_run: 0.0,
            kv_writes: 0.0,
        };
        let dollars = dollars(order, 1.0, Duration::from_millis(2));
        // 0.60 + 0.30 + 5.00 + 0.01 + 0.02 + 0.0032
        assert!((dollars - 5.9332).abs() < 1e-9, "{dollars}");
    }
}
