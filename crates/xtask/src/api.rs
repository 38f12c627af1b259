//! The edge API, as far as the tasks here use it.

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use std::time::Duration;
use ureq::Agent;
use wire::{CreateShop, ImportReport, Problem, ShopCreated};

/// An import is the longest call: 4,000 goods took two seconds.
const CALL_LIMIT: Duration = Duration::from_secs(120);

/// A client of one Worker.
pub(crate) struct Api {
    agent: Agent,
    url: String,
}

/// What came back: the body of a success, or the problem.
pub(crate) type Answer<T> = Result<T, Box<Problem>>;

impl Api {
    pub(crate) fn new(url: &str) -> Self {
        let config =
            Agent::config_builder().http_status_as_error(false).timeout_global(Some(CALL_LIMIT));
        Self { agent: config.build().into(), url: url.to_owned() }
    }

    pub(crate) fn create_shop(
        &self,
        operator_secret: &str,
        shop: &CreateShop,
    ) -> Result<Answer<ShopCreated>> {
        let body = serde_json::to_vec(shop)?;
        self.post("/v1/shops", operator_secret, "application/json", &body)
    }

    pub(crate) fn import(&self, key: &str, csv: &[u8]) -> Result<Answer<ImportReport>> {
        self.post("/v1/import", key, "text/csv", csv)
    }

    fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        bearer: &str,
        media_type: &str,
        body: &[u8],
    ) -> Result<Answer<T>> {
        let mut response = self
            .agent
            .post(format!("{}{path}", self.url))
            .header("Authorization", format!("Bearer {bearer}"))
            .header("Content-Type", media_type)
            .send(body)
            .with_context(|| format!("POST {path} was not answered"))?;
        let status = response.status();
        let text = response.body_mut().read_to_string()?;
        if status.is_success() {
            return Ok(Ok(serde_json::from_str(&text).context("an answer of another shape")?));
        }
        match serde_json::from_str(&text) {
            Ok(problem) => Ok(Err(Box::new(problem))),
            Err(_) => bail!("POST {path} was answered {status}: {text}"),
        }
    }
}

/// A problem in one line.
pub(crate) fn in_words(problem: &Problem) -> String {
    format!("{}: {}", problem.title, problem.detail)
}
