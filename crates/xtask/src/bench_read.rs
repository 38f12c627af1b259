//! `cargo xtask bench read`: what a read costs, beside a Worker written by hand in JavaScript
//! (`bench/read.js`), in one workerd with one KV. It reports and does not judge: a shared
//! machine's figures are no gate.

use crate::api::Api;
use crate::build::{self, Mode};
use crate::load::{Load, get};
use crate::measure::{cpu_seconds, median};
use crate::progress::{now, say, stamp};
use crate::tools::Tools;
use crate::workerd::{BENCH, Setup};
use anyhow::{Result, ensure};
use std::net::SocketAddr;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// Rounds of each Worker, taken in turn, so that whatever else the machine does meets both.
const ROUNDS: usize = 11;
/// A new shop is published by its first alarm, well within this.
const PUBLISH_LIMIT: Duration = Duration::from_secs(30);

const GOODS: &str = "\
sku,title,options,price,currency,url,image,on_hand,restock_date,precision
MUG-RED,Red & white \"retrospot\" mug,Red / 350 ml,4.50,GBP,/products/mug.html,/mug.svg,0,2099-12-01,day
";
const READS: &[Read] = &[
    Read { name: "availability", path: "/v1/availability?shop=bench&sku=MUG-RED", aim: 1.1 },
    Read { name: "fragment", path: "/v1/fragment?shop=bench&lang=en&sku=MUG-RED", aim: 1.5 },
];

/// A read that is measured.
struct Read {
    name: &'static str,
    path: &'static str,
    /// Our CPU time over the rival's.
    aim: f64,
}

/// What one round of load showed.
struct Round {
    per_second: f64,
    cpu_us: f64,
}

/// The two Workers, running.
struct Contest {
    backroom: SocketAddr,
    rival: SocketAddr,
    /// Of the workerd that they run in.
    pid: u32,
}

/// Measures both reads and prints how they compare.
pub(crate) fn read() -> Result<()> {
    ensure!(Path::new("/proc/self/stat").exists(), "the bench reads /proc: it needs Linux");
    let tools = Tools::set_up()?;
    let build = build::build(&tools, Mode::Release)?;
    let worker = tools.root.join("build/worker");
    let setup = Setup::new(&tools, BENCH, &worker, vec![("BUILD", build)])?;
    let workerd = setup.start()?;
    let contest = Contest {
        backroom: workerd.address("backroom")?,
        rival: workerd.address("read")?,
        pid: workerd.pid(),
    };
    publish(contest.backroom, &setup.operator_secret)?;
    println!("{}", stamp());
    println!(
        "medians of {ROUNDS} rounds of {} requests over {} connections each, taken in turn",
        Load::ROUND.requests(),
        Load::ROUND.connections
    );
    for read in READS {
        compare_answers(&contest, read)?;
        measure(&contest, read)?;
    }
    Ok(())
}

/// Makes a shop, imports its goods and waits until they can be read.
fn publish(backroom: SocketAddr, operator_secret: &str) -> Result<()> {
    let api = Api::new(&format!("http://{backroom}"));
    let key = api.open_shop(operator_secret, "bench")?;
    api.take_in(&key, GOODS)?;
    let started = now();
    while get(backroom, READS[0].path)?.status != 200 {
        ensure!(started.elapsed() < PUBLISH_LIMIT, "the goods were not published in time");
        sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// A rival that does less work would be no measure.
fn compare_answers(contest: &Contest, read: &Read) -> Result<()> {
    let ours = get(contest.backroom, read.path)?;
    let theirs = get(contest.rival, read.path)?;
    ensure!(
        ours.status == theirs.status && ours.etag == theirs.etag && ours.body == theirs.body,
        "the rival answers otherwise than the Worker: bring crates/xtask/bench/read.js up to it\n\
         {ours:#?}\n{theirs:#?}"
    );
    Ok(())
}

fn measure(contest: &Contest, read: &Read) -> Result<()> {
    say(&format!("measuring {}", read.name));
    // The first round of each warms its isolate and is forgotten.
    round(contest, contest.backroom, read)?;
    round(contest, contest.rival, read)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(round(contest, contest.backroom, read)?);
        theirs.push(round(contest, contest.rival, read)?);
    }
    let speed = |rounds: &[Round]| median(rounds.iter().map(|round| round.per_second).collect());
    let cpu = |rounds: &[Round]| median(rounds.iter().map(|round| round.cpu_us).collect());
    let ratio = cpu(&ours) / cpu(&theirs);
    println!("\n{:<14}{:>14}{:>18}", read.name, "requests/s", "CPU µs/request");
    println!("{:<14}{:>14.0}{:>18.1}", "  Backroom", speed(&ours), cpu(&ours));
    println!("{:<14}{:>14.0}{:>18.1}", "  JavaScript", speed(&theirs), cpu(&theirs));
    let reached = if ratio <= read.aim { "reached" } else { "not reached" };
    println!(
        "{:<14}{:>14.2}{:>18.2}  (aim for CPU: at most {}, {reached})",
        "  ratio",
        speed(&ours) / speed(&theirs),
        ratio,
        read.aim
    );
    Ok(())
}

fn round(contest: &Contest, address: SocketAddr, read: &Read) -> Result<Round> {
    let pid = contest.pid;
    let before = cpu_seconds(pid)?;
    let start = now();
    Load::ROUND.run(address, read.path)?;
    let took = start.elapsed();
    let requests = f64::from(Load::ROUND.requests());
    let cpu = cpu_seconds(pid)? - before;
    Ok(Round { per_second: requests / took.as_secs_f64(), cpu_us: cpu * 1e6 / requests })
}
