//! `cargo xtask proof`: what Backroom promises of its ledger, shown on the built Worker in real
//! workerd. Each proof says what it did with date and commit, and fails if a promise was broken.

use crate::progress::{say, stamp, timed};
use crate::tools::Tools;
use crate::trial::{Storage, Trial};
use crate::{
    proof_controls, proof_crash, proof_linearize, proof_notify, proof_oversell, proof_sign_ups,
    proof_unsubscribe,
};
use anyhow::Result;
use clap::Subcommand;

/// What is shown.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum Proof {
    /// 10,000 buyers want 100 units, and 100 get one; two want the last, and one gets it.
    Oversell,
    /// workerd is killed under load: nothing acknowledged is lost, nothing happens twice.
    Crash {
        /// 200 kills and 50,000 acknowledged, instead of a few.
        #[arg(long)]
        long: bool,
    },
    /// What clients saw, with kills among it, could have come one after the other.
    Linearize {
        /// 100 histories instead of two.
        #[arg(long)]
        long: bool,
    },
    /// One address is signed up again and again: it has one mail, and no answer tells who is known.
    SignUps {
        /// 10,000 times from 500 networks, instead of 300 from 15.
        #[arg(long)]
        long: bool,
    },
    /// Sign-ups, a restock and the mails of it, with kills and a provider that says nothing now and
    /// then: each mail once, and who was first is served first.
    Notify {
        /// 1,000 people and up to 100 kills, instead of some.
        #[arg(long)]
        long: bool,
    },
    /// Who ends an alert in the middle of a send gets no more of it.
    Unsubscribe {
        /// A send of 10,000 messages, instead of some hundreds.
        #[arg(long)]
        long: bool,
    },
    /// A Worker with a bug built in fails the proofs above.
    Controls,
}

/// A promise was broken. Any other error means that a proof could not be carried out.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Violation(pub(crate) String);

impl Proof {
    /// Each, as short as it can be.
    pub(crate) const SHORT: &[Self] = &[
        Self::Oversell,
        Self::Crash { long: false },
        Self::Linearize { long: false },
        Self::SignUps { long: false },
        Self::Notify { long: false },
        Self::Unsubscribe { long: false },
        Self::Controls,
    ];

    /// Carries it out on the built Worker.
    pub(crate) fn run(self, tools: &Tools) -> Result<()> {
        println!("{}", stamp());
        let (result, took) = timed(|| self.show(tools));
        say(&format!("took {:.1} s", took.as_secs_f64()));
        result
    }

    fn show(self, tools: &Tools) -> Result<()> {
        let worker = tools.root.join("build/worker");
        let trial = || Trial::new(tools, Storage::Sound, &worker, None);
        match self {
            Self::Oversell => proof_oversell::run(&mut trial()?),
            Self::Crash { long } => proof_crash::run(&mut trial()?, long),
            Self::Linearize { long } => proof_linearize::run(&mut trial()?, long),
            Self::SignUps { long } => proof_sign_ups::run(tools, None, long),
            Self::Notify { long } => proof_notify::run(tools, &worker, None, long),
            Self::Unsubscribe { long } => proof_unsubscribe::run(tools, &worker, long),
            Self::Controls => proof_controls::run(tools),
        }
    }
}
