//! A Worker that is tried: started, killed and started again on its state, with one shop in it.

use crate::api::Api;
use crate::client::Client;
use crate::tools::Tools;
use crate::workerd::{BACKROOM, FAULTY, Setup, Workerd};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// What the Worker stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    Sound,
    /// A statement fails now and then; then the client is told so, and asks again.
    Faulty,
}

/// The Worker, and its shop.
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
