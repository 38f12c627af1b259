//! A client of one shop: what it can ask, under an id that it chose.

use crate::api::{Api, Reply, in_words};
use crate::progress::now;
use crate::proof::Violation;
use anyhow::{Result, anyhow, bail, ensure};
use std::thread::sleep;
use std::time::Duration;
use wire::{
    Code, Command, CommandKind, CommitHold, Health, Hold, HoldRequest, HoldsPage, Line,
    ReleaseHold, StockLevel, StockPage,
};

/// How long a client goes on asking for a decision. workerd is back within a second of a kill.
const DECISION_LIMIT: Duration = Duration::from_secs(30);
/// The pause after an answer that was no decision.
const AGAIN_AFTER: Duration = Duration::from_millis(50);
/// The longest that a hold can be asked for: no proof takes as long, so none expires in one.
const HOLD_SECONDS: u32 = 3_600;

/// What can be asked; the same again is answered as the first time.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Hold(HoldRequest),
    Commit { hold: String, body: CommitHold },
    Release { hold: String, body: ReleaseHold },
    Command(Command),
}

impl Ask {
    /// Keeps these units for this buyer.
    pub(crate) fn hold(id: String, buyer: String, lines: &[(&str, i64)]) -> Self {
        let lines = lines.iter().map(|(sku, quantity)| line(sku, *quantity)).collect();
        let (seconds, buyer) = (Some(HOLD_SECONDS), Some(buyer));
        Self::Hold(HoldRequest { id, lines, seconds, buyer, region: None })
    }

    pub(crate) fn commit(id: String, hold: String) -> Self {
        Self::Commit { hold, body: CommitHold { id, reason: None } }
    }

    pub(crate) fn release(id: String, hold: String) -> Self {
        Self::Release { hold, body: ReleaseHold { id } }
    }

    pub(crate) fn sell(id: String, sku: &str, quantity: i64) -> Self {
        Self::command(id, CommandKind::Sell, sku, quantity)
    }

    pub(crate) fn sold(id: String, sku: &str, quantity: i64) -> Self {
        Self::command(id, CommandKind::Sold, sku, quantity)
    }

    pub(crate) fn receive(id: String, sku: &str, quantity: i64) -> Self {
        Self::command(id, CommandKind::Receive, sku, quantity)
    }

    fn command(id: String, kind: CommandKind, sku: &str, quantity: i64) -> Self {
        Self::Command(Command { id, kind, lines: vec![line(sku, quantity)], reason: None })
    }
}

fn line(sku: &str, quantity: i64) -> Line {
    Line { sku: sku.to_owned(), location: None, quantity }
}

/// A client with connections and a key.
pub(crate) struct Client {
    api: Api,
    key: String,
    again_after_faults: bool,
}

impl Client {
    pub(crate) fn new(url: &str, key: &str) -> Self {
        Self { api: Api::new(url), key: key.to_owned(), again_after_faults: false }
    }

    /// Whether it insists after an answer that something broke, too.
    pub(crate) fn asking_again_after_faults(self, again_after_faults: bool) -> Self {
        Self { again_after_faults, ..self }
    }

    /// Asks once. An error means that nobody knows whether it happened.
    pub(crate) fn ask(&self, ask: &Ask) -> Result<Reply> {
        let (api, key) = (&self.api, &self.key);
        match ask {
            Ask::Hold(body) => api.post_json("/v1/holds", key, body),
            Ask::Commit { hold, body } => {
                api.post_json(&format!("/v1/holds/{hold}/commit"), key, body)
            }
            Ask::Release { hold, body } => {
                api.post_json(&format!("/v1/holds/{hold}/release"), key, body)
            }
            Ask::Command(body) => api.post_json("/v1/commands", key, body),
        }
    }

    /// Asks under the same id for as long as it is told to come again later. An error of the
    /// connection is the caller's.
    pub(crate) fn insist(&self, ask: &Ask) -> Result<Reply> {
        let started = now();
        loop {
            let reply = self.ask(ask)?;
            let broken = reply.status == 500 && self.again_after_faults;
            if !broken && !is_put_off(&reply) {
                return Ok(reply);
            }
            ensure!(
                started.elapsed() < DECISION_LIMIT,
                Violation(format!("no decision in {DECISION_LIMIT:?}: {}", reply.body))
            );
            sleep(AGAIN_AFTER);
        }
    }

    /// The stock of one SKU that is at one location.
    pub(crate) fn level(&self, sku: &str) -> Result<StockLevel> {
        let page: StockPage = self.get(&format!("/v1/stock?sku={sku}"))?;
        match <[StockLevel; 1]>::try_from(page.stock) {
            Ok([level]) => Ok(level),
            Err(levels) => bail!("{sku} should be at one location: {levels:?}"),
        }
    }

    /// All stock.
    pub(crate) fn levels(&self) -> Result<Vec<StockLevel>> {
        let mut levels = Vec::new();
        let mut path = "/v1/stock".to_owned();
        loop {
            let page: StockPage = self.get(&path)?;
            levels.extend(page.stock);
            let Some(next) = page.next else { return Ok(levels) };
            path = format!("/v1/stock?cursor={next}");
        }
    }

    /// How many things the shop has still to tell.
    pub(crate) fn outbox_rows(&self) -> Result<u64> {
        let health: Health = self.get("/v1/health")?;
        Ok(health.outbox.map_or(0, |outbox| outbox.rows))
    }

    /// Whether there is a hold of this id, open or ended.
    pub(crate) fn has_hold(&self, id: &str) -> Result<bool> {
        match self.api.get(&format!("/v1/holds/{id}"), &self.key)?.read::<Hold>()? {
            Ok(_) => Ok(true),
            Err(problem) if problem.code == Code::UnknownHold => Ok(false),
            Err(problem) => bail!(in_words(&problem)),
        }
    }

    /// The open holds.
    pub(crate) fn open_holds(&self) -> Result<Vec<Hold>> {
        let mut holds = Vec::new();
        let mut path = "/v1/holds".to_owned();
        loop {
            let page: HoldsPage = self.get(&path)?;
            holds.extend(page.holds);
            let Some(next) = page.next else { return Ok(holds) };
            path = format!("/v1/holds?cursor={next}");
        }
    }

    fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.api.get(path, &self.key)?.read()?.map_err(|problem| anyhow!(in_words(&problem)))
    }
}

/// Whether nothing was decided for now, and asking again is right.
pub(crate) fn is_put_off(reply: &Reply) -> bool {
    matches!(reply.status, 429 | 503)
}
