//! `cargo xtask test`: everything that must hold before a change is kept.

use crate::build::{self, Mode};
use crate::process::{run, run_quiet};
use crate::progress::{say, timed};
use crate::proof::Proof;
use crate::size;
use crate::tools::{Tools, WASM_TARGET};
use anyhow::{Result, bail};
use clap::ValueEnum;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// A single test that takes longer hangs, and must fail the run rather than hold it. The longest
/// takes 20 s, and two minutes with `BACKROOM_LONG`.
const END_TO_END_LIMIT_MS: u32 = 240_000;

/// Seeds of one run: five minutes of two cores. Each fault strikes more than 1,000 times in them.
const SIMULATED: &str = "4000";

/// The parts, in the order in which they run: the quick ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// rustfmt changes nothing.
    Format,
    /// clippy has nothing to say.
    Clippy,
    /// rustdoc has nothing to say.
    Docs,
    /// The unit tests of each crate.
    Unit,
    /// The Worker and its assets build.
    Build,
    /// wrangler would deploy them.
    Deploy,
    /// What a page downloads is small enough.
    Size,
    /// The ledger and the store through thousands of shops' lives, with every fault.
    Simulation,
    /// What the ledger promises, in real workerd, and that its proofs can fail.
    Proofs,
    /// Real workerd and real Chromium.
    EndToEnd,
}

impl Part {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Whether it looks at what `Build` makes.
    fn needs_build(self) -> bool {
        matches!(self, Part::Deploy | Part::Size | Part::Proofs | Part::EndToEnd)
    }

    fn run(self, tools: &Tools) -> Result<()> {
        match self {
            Part::Format => format(tools),
            Part::Clippy => each_crate(tools, &["clippy", "--quiet"], &["--all-targets"], CLIPPY),
            Part::Docs => each_crate(tools, &["doc", "--quiet", "--no-deps"], &[], &[]),
            Part::Unit => unit(tools),
            Part::Build => build::build(tools, Mode::Release).map(drop),
            Part::Deploy => deploy(tools),
            Part::Size => size::size(tools, false),
            Part::Simulation => simulation(tools),
            Part::Proofs => proofs(tools),
            Part::EndToEnd => end_to_end(tools),
        }
    }
}

/// How a crate is compiled for a check. `widget` is two things, each with its own features; most
/// of `edge` is plain code, which is tested natively.
struct Check {
    krate: &'static str,
    arguments: &'static [&'static str],
    /// Native code whose tests can run here.
    native: bool,
}

const CHECKS: &[Check] = &[
    Check { krate: "ledger", arguments: &[], native: true },
    Check { krate: "store", arguments: &[], native: true },
    Check { krate: "substitutes", arguments: &[], native: true },
    // As the simulation runs it: its tests live through whole shops, too.
    Check { krate: "sim", arguments: &["--features", "bugs", "--profile", "sim"], native: true },
    Check { krate: "wire", arguments: &[], native: true },
    Check { krate: "xtask", arguments: &[], native: true },
    Check { krate: "widget", arguments: &["--features", "ssr"], native: true },
    Check { krate: "messages", arguments: &[], native: true },
    Check {
        krate: "widget",
        arguments: &["--features", "hydrate", "--target", WASM_TARGET],
        native: false,
    },
    Check { krate: "edge", arguments: &[], native: true },
    Check { krate: "edge", arguments: &["--target", WASM_TARGET], native: false },
    Check {
        krate: "edge",
        arguments: &["--features", "bugs", "--target", WASM_TARGET],
        native: false,
    },
];

const CLIPPY: &[&str] = &["--", "--deny", "warnings"];

/// Runs the parts asked for, or all, and says how each went.
pub(crate) fn test(asked: &[Part]) -> Result<ExitCode> {
    let tools = Tools::set_up()?;
    tools.rust_components()?;
    let parts: Vec<Part> = Part::value_variants()
        .iter()
        .copied()
        .filter(|part| asked.is_empty() || asked.contains(part))
        .collect();
    let mut lines = Vec::new();
    let mut failed: Vec<Part> = Vec::new();
    for part in &parts {
        let name = part.name();
        if part.needs_build() && failed.contains(&Part::Build) {
            lines.push(line(&name, "FAILED: nothing was built", Duration::ZERO));
            failed.push(*part);
            continue;
        }
        say(&format!("test: {name}"));
        let (result, took) = timed(|| part.run(&tools));
        if let Err(error) = &result {
            say(&format!("{error:#}"));
            failed.push(*part);
        }
        lines.push(line(&name, if result.is_ok() { "ok" } else { "FAILED" }, took));
    }
    println!("\n{}", lines.join("\n"));
    println!("{} passed, {} failed", parts.len() - failed.len(), failed.len());
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn line(name: &str, outcome: &str, took: Duration) -> String {
    format!("{name:<12} {outcome:<8} {:>7.1} s", took.as_secs_f64())
}

fn format(tools: &Tools) -> Result<()> {
    run(tools.cargo().args(["fmt", "--all", "--check"]))
}

/// Runs a command of cargo's for each crate as it is compiled; all of them, though one fails.
fn each_crate(tools: &Tools, command: &[&str], native: &[&str], last: &[&str]) -> Result<()> {
    let mut failed = Vec::new();
    for check in CHECKS {
        let mut cargo = tools.cargo();
        cargo
            .env("RUSTDOCFLAGS", "--deny warnings")
            .args(command)
            .args(["--package", check.krate])
            .args(check.arguments)
            .args(if check.native { native } else { &[] })
            .args(last);
        if let Err(error) = run(&mut cargo) {
            failed.push(format!("{error:#}"));
        }
    }
    if !failed.is_empty() {
        bail!("{}", failed.join("\n"));
    }
    Ok(())
}

fn unit(tools: &Tools) -> Result<()> {
    let mut failed = Vec::new();
    for check in CHECKS.iter().filter(|check| check.native) {
        let mut cargo = tools.cargo();
        cargo.args(["test", "--quiet", "--package", check.krate]).args(check.arguments);
        if let Err(error) = run(&mut cargo) {
            failed.push(format!("{error:#}"));
        }
    }
    if !failed.is_empty() {
        bail!("{}", failed.join("\n"));
    }
    Ok(())
}

fn deploy(tools: &Tools) -> Result<()> {
    let mut wrangler = tools.npm_program("wrangler");
    wrangler.env("BACKROOM_BUILT", "1").args(["deploy", "--dry-run"]);
    run_quiet(&mut wrangler)?;
    Ok(())
}

/// From a fresh seed each time; the run prints it.
fn simulation(tools: &Tools) -> Result<()> {
    let mut sim = tools.cargo();
    sim.args(["run", "--quiet", "--profile", "sim", "--package", "sim", "--"]);
    run(sim.args(["--seeds", SIMULATED]))
}

/// All of them, though one fails.
fn proofs(tools: &Tools) -> Result<()> {
    let mut failed = Vec::new();
    for proof in Proof::SHORT {
        say(&format!("proof: {proof:?}"));
        if let Err(error) = proof.run(tools) {
            failed.push(format!("{proof:?}: {error:#}"));
        }
    }
    if !failed.is_empty() {
        bail!("{}", failed.join("\n"));
    }
    Ok(())
}

/// Two files at a time: each starts a Worker of its own, and this machine may have two cores.
fn end_to_end(tools: &Tools) -> Result<()> {
    let chromium = tools.chromium()?;
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(tools.root.join("tests"))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        bail!("tests/ holds no *.test.mjs");
    }
    let mut node = tools.command("node");
    node.env("CHROMIUM", chromium)
        .env("BACKROOM_BUILT", "1")
        .args(["--test", "--test-concurrency=2"])
        // Nor may a socket that a failed test has left open.
        .args([&format!("--test-timeout={END_TO_END_LIMIT_MS}"), "--test-force-exit"])
        .args(files);
    run(&mut node)
}
