//! `cargo xtask proof`: what Backroom promises of its ledger, shown on the built Worker in real
//! workerd. Each proof says what it did with date and commit, and fails if a promise was broken.

use crate::api::Api;
use crate::client::Client;
use crate::progress::{say, stamp, timed};
use crate::tools::Tools;
use crate::workerd::{BACKROOM, FAULTY, Setup, Workerd};
use crate::{proof_controls, proof_crash, proof_linearize, proof_oversell};
use anyhow::{Context, Result};
use clap::Subcommand;
use std::path::{Path, PathBuf};

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
        let trial = || Trial::new(tools, Storage::Sound, &tools.root.join("build/worker"), None);
        match self {
            Self::Oversell => proof_oversell::run(&mut trial()?),
            Self::Crash { long } => proof_crash::run(&mut trial()?, long),
            Self::Linearize { long } => proof_linearize::run(&mut trial()?, long),
            Self::Controls => proof_controls::run(tools),
        }
    }
}

/// What the Worker stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    Sound,
    /// A statement fails now and then; then the client is told so, and asks again.
    Faulty,
}

/// A Worker that is tried, with one shop in it.
pub(crate) struct Trial {
    setup: Setup,
    workerd: Option<Workerd>,
    key: String,
    storage: Storage,
    /// Where a proof may write down what it found.
    pub(crate) findings: PathBuf,
}

impl Trial {
    /// Starts it on an empty state, with the bug of this name if it was built with bugs, and makes
    /// the shop.
    pub(crate) fn new(
        tools: &Tools,
        storage: Storage,
        worker: &Path,
        bug: Option<&str>,
    ) -> Result<Self> {
        let variables = vec![("BUG", bug.unwrap_or_default().to_owned())];
        let config = match storage {
            Storage::Sound => BACKROOM,
            Storage::Faulty => FAULTY,
        };
        let setup = Setup::new(tools, config, worker, variables)?;
        let workerd = setup.start()?;
        let findings = tools.target.join("xtask/proof");
        let mut trial =
            Self { setup, workerd: Some(workerd), key: String::new(), storage, findings };
        trial.key = trial.api()?.open_shop(&trial.setup.operator_secret, "trial")?;
        Ok(trial)
    }

    /// Makes SKUs of these names, with nothing in stock.
    pub(crate) fn create_skus(&self, names: &[String]) -> Result<()> {
        let rows: String = names.iter().map(|name| format!("{name},{name},0\n")).collect();
        let csv = format!("sku,title,on_hand\n{rows}");
        self.api()?.take_in(&self.key, &csv)
    }

    /// A client with a connection of its own.
    pub(crate) fn client(&self) -> Result<Client> {
        let client = Client::new(&self.url()?, &self.key);
        Ok(client.asking_again_after_faults(self.storage == Storage::Faulty))
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        if let Some(workerd) = self.workerd.take() {
            workerd.kill();
        }
    }

    /// Starts it on the state that it left; clients from before reach nobody.
    pub(crate) fn restart(&mut self) -> Result<()> {
        self.kill();
        self.workerd = Some(self.setup.start()?);
        Ok(())
    }

    fn api(&self) -> Result<Api> {
        Ok(Api::new(&self.url()?))
    }

    fn url(&self) -> Result<String> {
        let workerd = self.workerd.as_ref().context("workerd was killed and not started again")?;
        Ok(format!("http://{}", workerd.address("backroom")?))
    }
}
