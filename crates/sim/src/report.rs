//! What a run of many seeds says.

use sim::{
    faults::{Marks, NAMES},
    run::{self, Outcome},
};
use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    process::Command,
    time::{Duration, Instant},
};

/// Lines of what happened last that a failing seed shows.
const LAST_EVENTS: usize = 30;

/// From so many seeds on, each fault must have struck at least once in so many of them: 1,000
/// times in 10,000.
const SEEDS_THAT_COUNT: u64 = 1_000;
const SEEDS_PER_STRIKE: u64 = 10;

/// What came of the seeds so far.
pub(crate) struct Report {
    from: u64,
    asked: u64,
    begun: Instant,
    seeds: u64,
    commands: usize,
    marks: Marks,
    heard: BTreeMap<String, u64>,
    failed: Vec<u64>,
}

impl Report {
    pub(crate) fn new(from: u64, asked: u64) -> Self {
        println!("base {from}, {asked} seeds, commit {}", commit());
        let marks = [0; NAMES.len()];
        Self {
            from,
            asked,
            begun: now(),
            seeds: 0,
            commands: 0,
            marks,
            heard: BTreeMap::new(),
            failed: Vec::new(),
        }
    }

    /// Adds a seed that failed before; it is none of those that were asked for.
    pub(crate) fn add_known(&mut self, seed: u64, outcome: &Outcome) {
        if outcome.result.is_err() {
            self.fails(seed);
        }
    }

    /// Shows a seed that failed.
    fn fails(&mut self, seed: u64) {
        self.failed.push(seed);
        // The same again, this time with somebody watching.
        let again = run::run(seed, LAST_EVENTS);
        for line in &again.trace {
            println!("{line}");
        }
        ended(seed, &again);
    }

    /// Adds a seed; is that enough?
    pub(crate) fn add(&mut self, seed: u64, outcome: &Outcome, most: usize) -> ControlFlow<()> {
        self.seeds += 1;
        self.commands += outcome.commands;
        for (sum, mark) in self.marks.iter_mut().zip(outcome.marks) {
            *sum += mark;
        }
        for (what, times) in &outcome.heard {
            *self.heard.entry(what.clone()).or_default() += times;
        }
        if outcome.result.is_err() {
            self.fails(seed);
        }
        if self.failed.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// The table and the figures; true if all is well.
    pub(crate) fn finish(self, bug: Option<&str>) -> bool {
        let took = self.begun.elapsed().max(Duration::from_millis(1));
        let counts = self.seeds >= SEEDS_THAT_COUNT && bug.is_none();
        let least = if counts { self.seeds / SEEDS_PER_STRIKE } else { 0 };
        let mut well = self.failed.is_empty();
        println!("{:>12}  decided", "times");
        for (what, times) in &self.heard {
            println!("{times:>12}  {what}");
        }
        println!("{:>12}  fault", "strikes");
        for ((_, name), mark) in NAMES.iter().zip(self.marks) {
            let rare = mark < least;
            well &= !rare;
            println!("{mark:>12}  {name}{}", if rare { ": too rare" } else { "" });
        }
        println!(
            "{} of {} seeds from {}, {} commands, in {:.1} s: {:.1} seeds/s; {} failed{}",
            self.seeds,
            self.asked,
            self.from,
            self.commands,
            took.as_secs_f64(),
            self.seeds as f64 / took.as_secs_f64(),
            self.failed.len(),
            bug.map(|bug| format!(" with {bug}")).unwrap_or_default(),
        );
        well
    }
}

/// Says how a seed ended; true if all was well.
pub(crate) fn ended(seed: u64, outcome: &Outcome) -> bool {
    match &outcome.result {
        Ok(()) => {
            println!("seed {seed}: all is well ({:016x})", outcome.fingerprint);
            true
        }
        Err(broken) => {
            println!("seed {seed} breaks: {}", broken.invariant);
            println!("  {}", broken.detail);
            println!("  again: cargo run --profile sim --package sim -- --seed {seed}");
            false
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the ban is for the Worker; this runs at a desk")]
fn now() -> Instant {
    Instant::now()
}

/// What is being tested, if git can say.
fn commit() -> String {
    let said = Command::new("git").args(["describe", "--always", "--dirty"]).output();
    let text = said.ok().and_then(|said| String::from_utf8(said.stdout).ok());
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}
