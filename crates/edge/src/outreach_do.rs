//! The Outreach object, one for each shop: who asked to be told about its SKUs. It is the only
//! place where addresses are kept, and they come to it encrypted.

use crate::{
    body, clock,
    failure::{Failure, Reject},
    js,
    limits::{
        MAX_JSON_BYTES, MAX_SIGN_UPS, SIGN_UP_LIFETIME_MS, SIGN_UP_WINDOW_MS, SIGN_UPS_IN_ALL,
        SIGN_UPS_PER_NETWORK, SWEEP_GAP_MS, SWEPT_PER_RUN,
    },
    log, respond,
    sql::ObjectSql,
};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use store::{
    Fault,
    outreach::{Address, Limits, SignUp, Taken},
};
use wasm_bindgen::{JsCast, JsValue};
use wire::Code;
use worker::{
    DurableObject, Env, Headers, Method, Request, RequestInit, Response, State, durable_object,
};

/// The version of the words that a shopper agrees to beside the form's box: one more whenever what
/// they say changes, in any language.
const CONSENT_TEXT: i64 = 1;

/// How soon the alarm comes again after it failed.
const ALARM_RETRY_MS: i64 = 60_000;

const LIMITS: Limits = Limits {
    per_network: SIGN_UPS_PER_NETWORK,
    in_all: SIGN_UPS_IN_ALL,
    window_ms: SIGN_UP_WINDOW_MS,
    kept: MAX_SIGN_UPS,
    lifetime_ms: SIGN_UP_LIFETIME_MS,
};

/// From the Worker: a sign-up, bytes as hex digits.
#[derive(Serialize, Deserialize)]
pub(crate) struct Wish {
    pub(crate) sku: String,
    pub(crate) quantity: u32,
    pub(crate) lang: String,
    pub(crate) marketing: bool,
    /// See [`crate::contact::Kept`], as for the next three.
    pub(crate) key: i64,
    pub(crate) sealed: String,
    pub(crate) hash: String,
    pub(crate) earlier: Vec<String>,
    pub(crate) network: String,
}

/// To the Worker: what came of it.
#[derive(Serialize, Deserialize)]
struct Outcome {
    /// There are too many; from then on it may come again.
    not_before: Option<i64>,
}

/// Hands a sign-up to the object of this shop.
pub(crate) async fn sign_up(env: &Env, shop: &str, wish: &Wish) -> Result<(), Failure> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let mut init = RequestInit::new();
    let wish = crate::failure::json(wish);
    init.with_method(Method::Post).with_headers(headers).with_body(Some(wish.into()));
    let request = Request::new_with_init("https://outreach/sign-up", &init)?;
    let object = env.durable_object("OUTREACH")?.get_by_name(&format!("outreach/{shop}"))?;
    let mut response = object.fetch_with_request(request).await?;
    let outcome: Outcome = match response.status_code() {
        200 => response.json().await?,
        status => return Err(Failure::Retryable(format!("an Outreach object answered {status}"))),
    };
    match outcome.not_before {
        None => Ok(()),
        Some(at) => Err(too_many(at.saturating_sub(clock::now()))),
    }
}

fn too_many(wait_ms: i64) -> Failure {
    let seconds = wait_ms.max(0).saturating_add(999).checked_div(1_000).unwrap_or(0);
    Failure::Reject(Reject {
        code: Code::TooManySignUps,
        detail: format!("Nothing was stored. It may come again in {seconds} s."),
        cells: Vec::new(),
        retry_after: Some(seconds),
    })
}

/// The object.
#[durable_object]
pub struct Outreach {
    storage: js::Storage,
    store: store::outreach::Outreach<ObjectSql>,
    awake: Cell<bool>,
    /// When the alarm is set for, as far as this object knows of it.
    alarm_at: Cell<Option<i64>>,
}

impl DurableObject for Outreach {
    fn new(state: State, _env: Env) -> Self {
        let storage = state.storage();
        let storage: &JsValue = storage.as_raw().as_ref();
        let storage: js::Storage = storage.clone().unchecked_into();
        Self {
            store: store::outreach::Outreach::new(ObjectSql::new(storage.clone())),
            storage,
            awake: Cell::new(false),
            alarm_at: Cell::new(None),
        }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let answered = self.sign_up(&mut request).await.or_else(|failure| {
            let entry = log::Entry::new("outreach");
            entry.failed(&failure);
            respond::problem(&failure, entry.request_id())
        });
        answered.map_err(|failure| worker::Error::RustError(failure.to_string()))
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.alarm_at.set(None);
        if let Err(failure) = self.sweep().await {
            log::Entry::new("outreach alarm").failed(&failure);
            // If even that fails, the next sign-up arms it.
            let _ = self.set_alarm(clock::now().saturating_add(ALARM_RETRY_MS)).await;
        }
        Response::empty()
    }
}

impl Outreach {
    /// Once for each waking: brings the schema up to date.
    fn wake(&self) -> Result<(), Fault> {
        if !self.awake.get() {
            self.store.migrate(clock::now())?;
            self.awake.set(true);
        }
        Ok(())
    }

    /// Idempotent: yes, but that it counts.
    /// Input: [`Wish`], from the Worker. Output: 200 [`Outcome`].
    async fn sign_up(&self, request: &mut Request) -> Result<Response, Failure> {
        let wish: Wish = body::json(request, MAX_JSON_BYTES).await?;
        self.wake()?;
        let earlier = wish.earlier.iter().map(|hash| bytes(hash)).collect::<Result<Vec<_>, _>>()?;
        let sign_up = SignUp {
            sku: &wish.sku,
            address: Address {
                key: wish.key,
                sealed: &bytes(&wish.sealed)?,
                hash: &bytes(&wish.hash)?,
                earlier: &earlier,
            },
            quantity: i64::from(wish.quantity),
            lang: &wish.lang,
            consent_text: CONSENT_TEXT,
            marketing: wish.marketing,
            network: &bytes(&wish.network)?,
        };
        let taken = self.store.sign_up(&sign_up, LIMITS, clock::now())?;
        // If it cannot be set, what was taken stands all the same; the next one sets it.
        if let Err(failure) = self.arm(0).await {
            log::Entry::new("outreach").hindered(&failure);
        }
        let not_before = match taken {
            Taken::Yes => None,
            Taken::NotBefore(at) => Some(at),
        };
        respond::with_json(200, &Outcome { not_before })
    }

    /// Removes what has had its time.
    async fn sweep(&self) -> Result<(), Failure> {
        self.wake()?;
        let now = clock::now();
        self.store.sweep(SIGN_UP_WINDOW_MS, now, SWEPT_PER_RUN)?;
        self.arm(now.saturating_add(SWEEP_GAP_MS)).await
    }

    /// Sets the alarm for when the next row has to go, or for this time if that is later, unless it
    /// is set for earlier.
    async fn arm(&self, earliest: i64) -> Result<(), Failure> {
        let Some(due) = self.store.next_due(SIGN_UP_WINDOW_MS)? else { return Ok(()) };
        let due = due.max(earliest);
        if self.alarm_at.get().is_some_and(|at| at <= due) {
            return Ok(());
        }
        self.set_alarm(due).await
    }

    async fn set_alarm(&self, at: i64) -> Result<(), Failure> {
        self.alarm_at.set(Some(at));
        #[expect(clippy::cast_precision_loss, reason = "a time in milliseconds is far below 2^53")]
        let set = self.storage.set_alarm(at as f64).await;
        set.map(drop).map_err(|thrown| {
            self.alarm_at.set(None);
            Failure::platform(&thrown)
        })
    }
}

/// What these digits stand for: the Worker wrote them.
fn bytes(digits: &str) -> Result<Vec<u8>, Failure> {
    hex::decode(digits).map_err(|error| Failure::Retryable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_came_too_often_hears_for_how_long_to_wait() {
        for (ms, seconds) in [(1, 1), (1_000, 1), (1_001, 2), (0, 0), (-5, 0)] {
            assert_eq!(too_many(ms).retry_after(), Some(seconds), "{ms}");
        }
    }
}
