//! The edge API, as far as the tasks here use it.

use anyhow::{Context, Result, anyhow, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use ureq::typestate::WithBody;
use ureq::{Agent, RequestBuilder};
use wire::{CreateShop, ImportReport, Problem, Settings, ShopCreated};

const JSON: &str = "application/json";
/// An import is the longest call: 4,000 goods took two seconds.
const CALL_LIMIT: Duration = Duration::from_secs(120);
/// workerd closes a connection that nobody has used for five seconds (`pipelineTimeout` of its HTTP
/// server): one that is nearly as old is not used again, or a request would be sent into the void.
const IDLE_LIMIT: Duration = Duration::from_secs(3);

/// A client of one Worker, with connections of its own.
pub(crate) struct Api {
    agent: Agent,
    url: String,
}

/// What came back: the body of a success, or the problem.
pub(crate) type Answer<T> = Result<T, Box<Problem>>;

/// An answer as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Whether it is the answer to an earlier sending of the same id.
    pub(crate) replayed: bool,
    /// Seconds, of the header `Retry-After`.
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: String,
}

impl Api {
    pub(crate) fn new(url: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(CALL_LIMIT))
            .max_idle_age(IDLE_LIMIT)
            // It is on this machine.
            .proxy(None);
        Self { agent: config.build().into(), url: url.to_owned() }
    }

    pub(crate) fn create_shop(
        &self,
        operator_secret: &str,
        shop: &CreateShop,
    ) -> Result<Answer<ShopCreated>> {
        self.post_json("/v1/shops", operator_secret, shop)?.read()
    }

    pub(crate) fn import(&self, key: &str, csv: &[u8]) -> Result<Answer<ImportReport>> {
        self.post("/v1/import", key, "text/csv", csv)?.read()
    }

    /// Makes a shop with the usual settings, and returns its key.
    pub(crate) fn open_shop(&self, operator_secret: &str, id: &str) -> Result<String> {
        let shop = CreateShop { id: Some(id.to_owned()), settings: settings() };
        let created = self.create_shop(operator_secret, &shop)?;
        Ok(created.map_err(|problem| anyhow!(in_words(&problem)))?.secret_key)
    }

    /// Imports a file that must be taken.
    pub(crate) fn take_in(&self, key: &str, csv: &str) -> Result<()> {
        let imported = self.import(key, csv.as_bytes())?;
        imported.map_err(|problem| anyhow!(in_words(&problem)))?;
        Ok(())
    }

    pub(crate) fn get(&self, path: &str, bearer: &str) -> Result<Reply> {
        let request = self.agent.get(format!("{}{path}", self.url));
        let answered = request.header("Authorization", format!("Bearer {bearer}")).call();
        reply(answered).with_context(|| format!("GET {path} was not answered"))
    }

    pub(crate) fn post_json(
        &self,
        path: &str,
        bearer: &str,
        body: &impl Serialize,
    ) -> Result<Reply> {
        self.post(path, bearer, JSON, &serde_json::to_vec(body)?)
    }

    pub(crate) fn patch_json(
        &self,
        path: &str,
        bearer: &str,
        body: &impl Serialize,
    ) -> Result<Reply> {
        let request = self.agent.patch(format!("{}{path}", self.url));
        let request = with_headers(request, bearer, JSON);
        let answered = request.send(serde_json::to_vec(body)?);
        reply(answered).with_context(|| format!("PATCH {path} was not answered"))
    }

    /// Sends a form as a browser or a mail program does, with nobody's key.
    pub(crate) fn post_form(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        form: &str,
    ) -> Result<Reply> {
        let mut request = self.agent.post(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        reply(request.send(form)).with_context(|| format!("POST {path} was not answered"))
    }

    fn post(&self, path: &str, bearer: &str, media_type: &str, body: &[u8]) -> Result<Reply> {
        let request = self.agent.post(format!("{}{path}", self.url));
        let request = with_headers(request, bearer, media_type);
        reply(request.send(body)).with_context(|| format!("POST {path} was not answered"))
    }
}

fn with_headers(
    request: RequestBuilder<WithBody>,
    bearer: &str,
    media_type: &str,
) -> RequestBuilder<WithBody> {
    request.header("Authorization", format!("Bearer {bearer}")).header("Content-Type", media_type)
}

fn reply(answered: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Reply> {
    let mut response = answered?;
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    Ok(Reply {
        status: response.status().as_u16(),
        replayed: header("idempotent-replayed").is_some(),
        retry_after: header("retry-after").and_then(|seconds| seconds.parse().ok()),
        body: response.body_mut().read_to_string()?,
    })
}

impl Reply {
    /// The body as what it is.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<Answer<T>> {
        if self.status < 300 {
            let body = serde_json::from_str(&self.body);
            return Ok(Ok(body.with_context(|| format!("of another shape: {}", self.body))?));
        }
        match serde_json::from_str(&self.body) {
            Ok(problem) => Ok(Err(Box::new(problem))),
            Err(_) => bail!("an answer {} that is no problem document: {}", self.status, self.body),
        }
    }
}

/// A problem in one line.
pub(crate) fn in_words(problem: &Problem) -> String {
    format!("{}: {}", problem.title, problem.detail)
}

/// The settings of a shop that the tasks here make.
pub(crate) fn settings() -> Settings {
    Settings { locale: "en-GB".to_owned(), ..Settings::new("GBP", "Europe/London") }
}
