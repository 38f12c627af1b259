//! `cargo xtask proof controls`: a proof that cannot fail shows nothing. So the Worker is built
//! with bugs in it, one of which is chosen at run time, and each must turn its proof red.

use crate::build;
use crate::progress::say;
use crate::proof::{Storage, Trial, Violation};
use crate::tools::Tools;
use crate::{proof_crash, proof_linearize, proof_oversell};
use anyhow::{Result, bail};
use std::path::Path;

/// What is tried. Some bugs show only when the storage fails, which a healthy one does not.
struct Control {
    /// No bug: what the others are compared with.
    bug: Option<&'static str>,
    storage: Storage,
    proof: &'static str,
    run: fn(&mut Trial) -> Result<()>,
}

const OVERSELL: fn(&mut Trial) -> Result<()> = proof_oversell::run;
const LINEARIZE: fn(&mut Trial) -> Result<()> = |trial| proof_linearize::run(trial, false);
const CRASH: fn(&mut Trial) -> Result<()> = |trial| proof_crash::run(trial, false);

#[rustfmt::skip]
const CONTROLS: &[Control] = &[
    Control { bug: Some("await_before_write"), storage: Storage::Sound, proof: "oversell", run: OVERSELL },
    Control { bug: Some("await_before_write"), storage: Storage::Sound, proof: "linearize", run: LINEARIZE },
    Control { bug: Some("dedupe_skipped"), storage: Storage::Sound, proof: "crash", run: CRASH },
    Control { bug: None, storage: Storage::Faulty, proof: "crash", run: CRASH },
    Control { bug: Some("no_transaction"), storage: Storage::Faulty, proof: "crash", run: CRASH },
    Control { bug: Some("record_outside_transaction"), storage: Storage::Faulty, proof: "crash", run: CRASH },
];

pub(crate) fn run(tools: &Tools) -> Result<()> {
    let worker = build::with_bugs(tools)?;
    for control in CONTROLS {
        control.check(tools, &worker)?;
    }
    Ok(())
}

impl Control {
    fn check(&self, tools: &Tools, worker: &Path) -> Result<()> {
        let Self { bug, proof, storage, run } = self;
        let on = if *storage == Storage::Faulty { " on a storage with faults" } else { "" };
        let outcome = if bug.is_some() { "fail" } else { "hold" };
        let bug_name = bug.unwrap_or("no bug");
        say(&format!("with {bug_name}{on}, {proof} must {outcome}"));
        match (run(&mut Trial::new(tools, *storage, worker, *bug)?), bug) {
            (Ok(()), None) => Ok(()),
            (Ok(()), Some(bug)) => bail!(Violation(format!("{proof} did not find {bug}"))),
            (Err(error), Some(bug)) if error.is::<Violation>() => {
                println!("{bug}{on}: {proof} found it: {error}");
                Ok(())
            }
            (Err(error), _) => Err(error),
        }
    }
}
