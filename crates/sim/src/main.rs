//! `sim`: runs seeds, and says which of them broke what.

mod report;

use anyhow::{Result, bail};
use clap::Parser;
use report::Report;
use sim::run;
use std::{
    ops::ControlFlow,
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

/// Failing seeds after which a run gives up: one bug breaks many.
const MOST_FAILURES: usize = 5;

#[derive(Parser)]
#[command(name = "sim", about = "Simulates shops in which everything fails, one for each seed.")]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed; drawn, and printed, without it.
    #[arg(long)]
    from: Option<u64>,
    /// This seed alone, with everything that happens in it.
    #[arg(long)]
    seed: Option<u64>,
    /// With a bug of the store's switched on; needs the feature `bugs`.
    #[arg(long)]
    bug: Option<String>,
    /// How many seeds at a time.
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.seed.is_none() {
        // What a panic says is shown with its seed, once.
        std::panic::set_hook(Box::new(|_| {}));
    }
    let done = choose(arguments.bug.as_deref()).and_then(|()| match arguments.seed {
        Some(seed) => one(seed),
        None => many(&arguments),
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(feature = "bugs")]
fn choose(bug: Option<&str>) -> Result<()> {
    if !store::bugs::choose(bug) {
        let names: Vec<_> = store::bugs::Bug::ALL.iter().map(|(name, _)| *name).collect();
        bail!("there is no such bug; there are {}", names.join(", "));
    }
    Ok(())
}

#[cfg(not(feature = "bugs"))]
fn choose(bug: Option<&str>) -> Result<()> {
    if bug.is_some() {
        bail!("this was built without bugs: build it with --features bugs");
    }
    Ok(())
}

/// One seed, with all that happens in it.
fn one(seed: u64) -> Result<bool> {
    let outcome = run::run(seed, usize::MAX);
    for line in &outcome.trace {
        println!("{line}");
    }
    Ok(report::ended(seed, &outcome))
}

/// Seeds from `from` on, each thread taking the next.
fn many(arguments: &Arguments) -> Result<bool> {
    let from = match arguments.from {
        Some(from) => from,
        // Such that a row of seeds from here is easily read, and its end no overflow.
        None => u64::from(getrandom::u32()?) << 20,
    };
    let mut report = Report::new(from, arguments.seeds);
    for (seed, _) in run::known_seeds() {
        report.add_known(seed, &run::run(seed, 0));
    }
    let report = Mutex::new(report);
    let next = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..arguments.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    if nth >= arguments.seeds {
                        break;
                    }
                    let outcome = run::run(from + nth, 0);
                    let Ok(mut report) = report.lock() else { break };
                    if report.add(from + nth, &outcome, MOST_FAILURES) == ControlFlow::Break(()) {
                        next.store(arguments.seeds, Ordering::Relaxed);
                        break;
                    }
                }
            });
        }
    });
    let report = report.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    Ok(report.finish(arguments.bug.as_deref()))
}
