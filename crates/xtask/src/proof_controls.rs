//! `cargo xtask proof controls`: a proof that cannot fail shows nothing. So the Worker is built
//! with bugs in it, one of which is chosen at run time, and each must turn its proof red.

use crate::build;
use crate::progress::say;
use crate::proof::Violation;
use crate::tools::Tools;
use crate::trial::{Storage, Trial};
use crate::{proof_crash, proof_linearize, proof_notify, proof_oversell, proof_sign_ups};
use anyhow::{Result, bail};

/// A proof, in its short form.
struct Short {
    name: &'static str,
    run: fn(&mut Trial) -> Result<()>,
}

const OVERSELL: Short = Short { name: "oversell", run: proof_oversell::run };
const CRASH: Short = Short { name: "crash", run: |trial| proof_crash::run(trial, false) };
const LINEARIZE: Short =
    Short { name: "linearize", run: |trial| proof_linearize::run(trial, false) };

/// Each bug, and the proof that must find it. Some show only when the storage fails, which a sound
/// one does not; an outbox that closes too soon is for `sim` to find.
const BUGS: &[(&str, Storage, Short)] = &[
    ("await_before_write", Storage::Sound, OVERSELL),
    ("await_before_write", Storage::Sound, LINEARIZE),
    ("dedupe_skipped", Storage::Sound, CRASH),
    ("no_transaction", Storage::Faulty, CRASH),
    ("record_outside_transaction", Storage::Faulty, CRASH),
];

/// These are no matter of a shop's: a Worker that sends mails shows them.
const LIMITER_OFF: &str = "limiter_off";
const KEY_NOT_SENT: &str = "key_not_sent";

pub(crate) fn run(tools: &Tools) -> Result<()> {
    let worker = build::with_bugs(tools)?;
    say("without a bug, a storage that fails now and then must do no harm");
    (CRASH.run)(&mut Trial::new(tools, Storage::Faulty, &worker, None)?)?;
    for (bug, storage, proof) in BUGS {
        must_fail(bug, proof.name, || {
            (proof.run)(&mut Trial::new(tools, *storage, &worker, Some(bug))?)
        })?;
    }
    must_fail(LIMITER_OFF, "sign-ups", || {
        proof_sign_ups::run(tools, Some((&worker, LIMITER_OFF)), false)
    })?;
    must_fail(KEY_NOT_SENT, "notify", || {
        proof_notify::run(tools, &worker, Some(KEY_NOT_SENT), false)
    })
}

fn must_fail(bug: &str, proof: &str, run: impl FnOnce() -> Result<()>) -> Result<()> {
    say(&format!("with {bug}, {proof} must fail"));
    match run() {
        Ok(()) => bail!(Violation(format!("{proof} did not find {bug}"))),
        Err(error) if error.is::<Violation>() => {
            println!("{bug}: {proof} found it: {error}");
            Ok(())
        }
        Err(error) => Err(error),
    }
}
