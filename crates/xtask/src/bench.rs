//! `cargo xtask bench read`: what a read costs, beside a Worker written by hand in JavaScript
//! (`bench/rival.js`), in one workerd with one KV. It reports and does not judge: a shared
//! machine's figures are no gate.

use crate::api::{Api, in_words};
use crate::build::{self, Mode};
use crate::load::{Load, get};
use crate::process::ask;
use crate::progress::{now, say};
use crate::server::{ephemeral_state, random_secret};
use crate::tools::Tools;
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;
use wire::{CreateShop, Settings};

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
    Read { name: "fragment", path: "/v1/fragment?shop=bench&sku=MUG-RED", aim: 1.5 },
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

/// Both Workers, running; dropped, they end.
struct Workerd {
    child: Child,
    backroom: SocketAddr,
    rival: SocketAddr,
}

impl Drop for Workerd {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Measures both reads and prints how they compare.
pub(crate) fn read() -> Result<()> {
    ensure!(Path::new("/proc/self/stat").exists(), "the bench reads /proc: it needs Linux");
    let tools = Tools::set_up()?;
    let build = build::build(&tools, Mode::Release)?;
    let state = ephemeral_state()?;
    let secret = random_secret()?;
    let workerd = start(&tools, state.path(), &secret, &build)?;
    publish(&workerd, &secret)?;
    println!("{}, commit {}", jiff::Timestamp::now().strftime("%F %T UTC"), commit());
    println!(
        "medians of {ROUNDS} rounds of {} requests over {} connections each, taken in turn",
        Load::ROUND.requests(),
        Load::ROUND.connections
    );
    for read in READS {
        compare_answers(&workerd, read)?;
        measure(&workerd, read)?;
    }
    Ok(())
}

fn start(tools: &Tools, state: &Path, secret: &str, build: &str) -> Result<Workerd> {
    let mut child = Command::new(binary(tools)?)
        .current_dir(&tools.root)
        .args(["serve", "crates/xtask/bench/config.capnp", "--control-fd=1"])
        .arg(format!("--directory-path=state={}", state.display()))
        .env("OPERATOR_SECRET", secret)
        .env("BUILD", build)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("workerd did not start")?;
    let lines = BufReader::new(child.stdout.take().context("workerd has no output")?).lines();
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut workerd = Workerd { child, backroom: nowhere, rival: nowhere };
    for line in lines {
        let listening: Listening = serde_json::from_str(&line?)?;
        match listening.socket.as_str() {
            "backroom" => workerd.backroom.set_port(listening.port),
            _ => workerd.rival.set_port(listening.port),
        }
        if workerd.backroom.port() != 0 && workerd.rival.port() != 0 {
            return Ok(workerd);
        }
    }
    bail!("workerd ended before it listened")
}

/// What workerd says on its control channel.
#[derive(Deserialize)]
struct Listening {
    socket: String,
    port: u16,
}

/// npm's `workerd` is a script that starts this; the process that works is the one to measure.
fn binary(tools: &Tools) -> Result<std::path::PathBuf> {
    let packages = tools.root.join("tests/node_modules/@cloudflare");
    for entry in fs::read_dir(packages)? {
        let binary = entry?.path().join("bin/workerd");
        if binary.is_file() {
            return Ok(binary);
        }
    }
    bail!("npm installed no workerd for this machine")
}

/// Makes a shop, imports its goods and waits until they can be read.
fn publish(workerd: &Workerd, secret: &str) -> Result<()> {
    let api = Api::new(&format!("http://{}", workerd.backroom));
    let settings = Settings::new("GBP", "Europe/London");
    let shop = CreateShop { id: Some("bench".to_owned()), settings };
    let created = api.create_shop(secret, &shop)?;
    let key = created.map_err(|problem| anyhow::anyhow!(in_words(&problem)))?.secret_key;
    let imported = api.import(&key, GOODS.as_bytes())?;
    imported.map_err(|problem| anyhow::anyhow!(in_words(&problem)))?;
    let started = now();
    while get(workerd.backroom, READS[0].path)?.status != 200 {
        ensure!(started.elapsed() < PUBLISH_LIMIT, "the goods were not published in time");
        sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// A rival that does less work would be no measure.
fn compare_answers(workerd: &Workerd, read: &Read) -> Result<()> {
    let ours = get(workerd.backroom, read.path)?;
    let theirs = get(workerd.rival, read.path)?;
    ensure!(
        ours.status == theirs.status && ours.etag == theirs.etag && ours.body == theirs.body,
        "the rival answers otherwise than the Worker: bring crates/xtask/bench/rival.js up to it\n\
         {ours:#?}\n{theirs:#?}"
    );
    Ok(())
}

fn measure(workerd: &Workerd, read: &Read) -> Result<()> {
    say(&format!("measuring {}", read.name));
    // The first round of each warms its isolate and is forgotten.
    round(workerd, workerd.backroom, read)?;
    round(workerd, workerd.rival, read)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(round(workerd, workerd.backroom, read)?);
        theirs.push(round(workerd, workerd.rival, read)?);
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

fn round(workerd: &Workerd, address: SocketAddr, read: &Read) -> Result<Round> {
    let pid = workerd.child.id();
    let before = cpu_seconds(pid)?;
    let start = now();
    Load::ROUND.run(address, read.path)?;
    let took = start.elapsed();
    let requests = f64::from(Load::ROUND.requests());
    let cpu = cpu_seconds(pid)? - before;
    Ok(Round { per_second: requests / took.as_secs_f64(), cpu_us: cpu * 1e6 / requests })
}

/// CPU time of a process so far, user and system.
fn cpu_seconds(pid: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is the name in parentheses, which may hold spaces; utime and stime are
    // the 14th and the 15th.
    let after_name = stat.rsplit_once(')').context("a stat without a name")?.1;
    let ticks: Vec<u32> =
        after_name.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    let per_second = u32::try_from(rustix::param::clock_ticks_per_second())?;
    Ok(f64::from(ticks.iter().sum::<u32>()) / f64::from(per_second))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What was measured, with a mark if the tree has changes that no commit has.
fn commit() -> String {
    let hash = ask("git", &["rev-parse", "--short=12", "HEAD"]).unwrap_or_default();
    let changes = ask("git", &["status", "--porcelain"]).unwrap_or_default();
    let mark = if changes.is_empty() { "" } else { " with changes" };
    format!("{hash}{mark}")
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), 2.0);
    }
}
