//! `cargo xtask bench page`: what the widget costs a product page. The demo shop's page with it
//! and without it, in turn, in Chromium and by Lighthouse (`bench/page.mjs`). It reports and does
//! not judge: a shared machine's figures are no gate.

use crate::api::Api;
use crate::measure::median;
use crate::progress::{now, say, stamp, today};
use crate::server::{Options, Server, ephemeral_state, random_secret};
use crate::shop;
use crate::tools::Tools;
use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::mpsc::channel;
use std::thread::sleep;
use std::time::Duration;

/// Loads of each page with the widget and without, taken in turn.
const ROUNDS: usize = 9;
/// The goods are published by the shop's first alarms, well within this.
const PUBLISH_LIMIT: Duration = Duration::from_secs(30);

/// The demo's pages name it.
const SHOP: &str = "demo";

/// As the demo shop has them: their own product's element, and four on the shelf below it. The
/// first sleeps until a pointer comes: it is woken, too.
const PAGES: &[Page] = &[
    Page {
        path: "/shop/hanging-heart.html",
        name: "in stock: the widget sleeps",
        main_thread_aim: Some(15.0),
    },
    Page {
        path: "/shop/cakestand.html",
        name: "low stock: the widget wakes by itself when the page is at rest",
        main_thread_aim: None,
    },
];
/// Points of Lighthouse's score, of 100, that the widget may take.
const SCORE_AIM: f64 = 1.0;

/// A page of the demo shop.
#[derive(Serialize)]
struct Page {
    path: &'static str,
    #[serde(skip)]
    name: &'static str,
    /// Milliseconds of the main thread that the widget may take while the page loads, at a quarter
    /// of this machine's speed.
    #[serde(skip)]
    main_thread_aim: Option<f64>,
}

/// What `bench/page.mjs` is told.
#[derive(Serialize)]
struct Job<'a> {
    /// The built assets, from which it serves the shop as a merchant would.
    assets: PathBuf,
    /// Backroom's address.
    backroom: &'a str,
    chromium: PathBuf,
    /// The `node_modules` with playwright-core, and the one with Lighthouse.
    packages: PathBuf,
    extras: PathBuf,
    pages: &'static [Page],
    rounds: usize,
}

/// What was seen once: figures by name.
type Sample = BTreeMap<String, f64>;

/// What `bench/page.mjs` saw.
#[derive(Deserialize)]
struct Results {
    /// In the order of [`PAGES`].
    pages: Vec<PageResults>,
    woken: Vec<Woken>,
}

#[derive(Deserialize)]
struct PageResults {
    loaded: Pairs,
    judged: Pairs,
}

/// Samples in the order in which they were taken, so that those of one place are a pair.
#[derive(Deserialize)]
struct Pairs {
    with: Vec<Sample>,
    without: Vec<Sample>,
}

#[derive(Deserialize)]
struct Woken {
    slowdown: u32,
    samples: Vec<Sample>,
}

/// Measures and prints the tables.
pub(crate) fn page(tools: &Tools) -> Result<()> {
    let chromium = tools.chromium()?;
    let extras = tools.npm_extra("lighthouse")?;
    let state = ephemeral_state()?;
    let operator_secret = random_secret()?;
    let options = Options {
        port: 0,
        state: state.path(),
        operator_secret: &operator_secret,
        watch: false,
        // Nobody signs up, or follows a link.
        contact_keys: "",
        signing_secret: "",
        mail_api: "",
        worker: None,
        variables: &[],
        checkout: None,
    };
    say("starting the Worker");
    let (ended, _) = channel();
    let server = Server::start(tools, &options, ended)?;
    publish(tools, &server.url, &operator_secret)?;
    let job = Job {
        assets: tools.root.join("build/assets"),
        backroom: &server.url,
        chromium,
        packages: tools.root.join("tests/node_modules"),
        extras,
        pages: PAGES,
        rounds: ROUNDS,
    };
    let results = measure(tools, &job)?;
    println!("{}", stamp());
    println!("medians of {ROUNDS} loads with the widget and {ROUNDS} without, taken in turn; the");
    println!(
        "difference is the median of the pairs', and beside it the least and the most; each page"
    );
    println!("has five elements, its own product's and those of the shelf below it");
    for (page, results) in PAGES.iter().zip(&results.pages) {
        print_page(page, results)?;
    }
    print_woken(&results.woken)
}

/// Makes the demo shop and waits until all of its goods can be read.
fn publish(tools: &Tools, url: &str, operator_secret: &str) -> Result<()> {
    let api = Api::new(url);
    let key = api.open_shop(operator_secret, SHOP)?;
    let catalogue = shop::catalogue(&tools.root, today())?;
    api.take_in(&key, &catalogue)?;
    let started = now();
    for good in csv::Reader::from_reader(catalogue.as_bytes()).deserialize() {
        let good: BTreeMap<String, String> = good?;
        let sku = good.get("sku").context("goods without a SKU")?;
        let path = format!("/v1/availability?shop={SHOP}&sku={sku}");
        while api.get(&path, &key)?.status != 200 {
            ensure!(started.elapsed() < PUBLISH_LIMIT, "the goods were not published in time");
            sleep(Duration::from_millis(100));
        }
    }
    Ok(())
}

fn measure(tools: &Tools, job: &Job<'_>) -> Result<Results> {
    let mut node = tools.command("node");
    node.arg(tools.root.join("crates/xtask/bench/page.mjs"))
        .arg(serde_json::to_string(job)?)
        .stdout(Stdio::piped());
    let node = node.spawn().context("node did not start")?;
    // Broken off, this ends as when the script fails, and takes the Worker with it.
    let script = i32::try_from(node.id()).ok().and_then(Pid::from_raw);
    let script = script.context("a process id out of range")?;
    ctrlc::set_handler(move || {
        // It may have ended by the same key press.
        let _ = kill_process(script, Signal::TERM);
    })?;
    let output = node.wait_with_output()?;
    ensure!(output.status.success(), "bench/page.mjs failed ({})", output.status);
    serde_json::from_slice(&output.stdout).context("bench/page.mjs printed something else")
}

fn print_page(page: &Page, PageResults { loaded, judged }: &PageResults) -> Result<()> {
    println!("\n{}: {}", page.path, page.name);
    let head = ["with", "without", "difference"];
    println!("{:<34}{:>10}{:>10}{:>12}", "until at rest, at 4x", head[0], head[1], head[2]);
    let main_thread = loaded.row("main thread, ms", "main_thread")?;
    loaded.row("  of it scripts, ms", "script")?;
    loaded.row("long tasks", "long_tasks")?;
    loaded.row("longest task, ms", "longest_task")?;
    loaded.row("layout shift", "shift")?;
    loaded.row("requests", "requests")?;
    loaded.row("bytes, gzip, with headers", "bytes")?;
    println!("Lighthouse, phone, slow 4G");
    let score = judged.row("  performance, of 100", "score")?;
    judged.row("  first contentful paint, ms", "first_paint")?;
    judged.row("  largest contentful paint, ms", "largest_paint")?;
    judged.row("  total blocking time, ms", "blocking")?;
    judged.row("  layout shift", "shift")?;
    if let Some(aim) = page.main_thread_aim {
        println!("aim: at most {aim} ms more of the main thread: {}", verdict(main_thread, aim));
    }
    println!("aim: at most {SCORE_AIM} point less: {}", verdict(-score, SCORE_AIM));
    Ok(())
}

fn verdict(difference: f64, aim: f64) -> &'static str {
    if difference <= aim { "reached" } else { "not reached" }
}

impl Pairs {
    /// Prints a figure of both sides, and returns the difference.
    fn row(&self, name: &str, figure: &str) -> Result<f64> {
        let (with, without) = (all(&self.with, figure)?, all(&self.without, figure)?);
        let mut differences: Vec<f64> = with.iter().zip(&without).map(|(a, b)| a - b).collect();
        differences.sort_by(f64::total_cmp);
        let (least, most) = differences.first().zip(differences.last()).context("no samples")?;
        let range = format!("{} to {}", plain(*least), plain(*most));
        let difference = median(differences);
        let (with, without) = (median(with), median(without));
        println!(
            "{name:<34}{:>10}{:>10}{:>12}  {range}",
            plain(with),
            plain(without),
            plain(difference)
        );
        Ok(difference)
    }
}

fn all(samples: &[Sample], figure: &str) -> Result<Vec<f64>> {
    let each = samples.iter().map(|sample| sample.get(figure).copied());
    each.collect::<Option<_>>().with_context(|| format!("a sample without {figure}"))
}

/// As many digits as say something: layout shift is a small fraction.
fn plain(value: f64) -> String {
    if value.fract() == 0.0 || value.abs() >= 100.0 {
        format!("{value:.0}")
    } else if value.abs() >= 1.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.4}")
    }
}

fn print_woken(woken: &[Woken]) -> Result<()> {
    println!("\n{}: a pointer comes near, nothing of the widget is cached", PAGES[0].path);
    for Woken { slowdown, samples } in woken {
        let figure = |name: &str| Ok::<_, anyhow::Error>(median(all(samples, name)?));
        println!(
            "at {slowdown}x: hydrated {:.0} ms after the pointer, {:.0} ms after its import began; \
             long tasks {:.0}, the longest {:.0} ms",
            figure("pointer_to_hydrated")?,
            figure("import_to_hydrated")?,
            figure("long_tasks")?,
            figure("longest_task")?
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn figures_are_as_long_as_they_need_to_be() {
        assert_eq!([0.0, 3.0, 151.7, 12.34, -0.5].map(plain), ["0", "3", "152", "12.3", "-0.5000"]);
    }
}
