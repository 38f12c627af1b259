//! The Outreach object, one for each shop: who asked to be told about its SKUs, and where to write
//! to about its orders. It is the only place where addresses are kept, and they come to it
//! encrypted.

use crate::{
    address, body, clock,
    contact::Kept,
    failure::{Failure, Reject, json, reject},
    js,
    limits::{
        MAX_JSON_BYTES, MAX_SIGN_UPS, SIGN_UP_LIFETIME_MS, SIGN_UP_WINDOW_MS, SIGN_UPS_IN_ALL,
        SIGN_UPS_PER_NETWORK, SWEEP_GAP_MS, SWEPT_PER_RUN,
    },
    log, respond,
    sql::ObjectSql,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::cell::Cell;
use store::{
    Fault,
    outreach::{Limits, OrderContact, SignUp, Taken},
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

/// From the Worker: a sign-up.
#[derive(Serialize, Deserialize)]
pub(crate) struct Wish {
    pub(crate) sku: String,
    pub(crate) quantity: u32,
    pub(crate) lang: String,
    pub(crate) marketing: bool,
    pub(crate) address: Kept,
    pub(crate) network: Vec<u8>,
}

/// From the Shop object: where to write to about an order.
#[derive(Serialize, Deserialize)]
pub(crate) struct ContactWish {
    pub(crate) order: String,
    pub(crate) lang: String,
    pub(crate) address: Kept,
    pub(crate) expires_at: i64,
}

/// To the Shop object: where to write to about an order.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredContact {
    pub(crate) key: i64,
    pub(crate) sealed: Vec<u8>,
    pub(crate) lang: String,
}

/// To the Worker: what came of it.
#[derive(Serialize, Deserialize)]
struct Outcome {
    /// There are too many; from then on it may come again.
    not_before: Option<i64>,
}

/// Hands a sign-up to the object of this shop.
pub(crate) async fn sign_up(env: &Env, shop: &str, wish: &Wish) -> Result<(), Failure> {
    let outcome: Outcome = post(env, shop, "/sign-up", wish).await?;
    match outcome.not_before {
        None => Ok(()),
        Some(at) => Err(too_many(at.saturating_sub(clock::now()))),
    }
}

/// Asks the object of this shop.
pub(crate) async fn post<T: DeserializeOwned>(
    env: &Env,
    shop: &str,
    path: &str,
    body: &impl Serialize,
) -> Result<T, Failure> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers).with_body(Some(json(body).into()));
    let request = Request::new_with_init(&format!("https://outreach{path}"), &init)?;
    let object = env.durable_object("OUTREACH")?.get_by_name(&format!("outreach/{shop}"))?;
    let mut response = object.fetch_with_request(request).await?;
    match response.status_code() {
        200 => Ok(response.json().await?),
        status => Err(Failure::Retryable(format!("an Outreach object answered {status}"))),
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
        let answered = self.answer(&mut request).await.or_else(|failure| {
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

    async fn answer(&self, request: &mut Request) -> Result<Response, Failure> {
        let url = request.inner().url();
        let (path, _) = address::split(&url);
        self.wake()?;
        match path {
            "/sign-up" => self.sign_up(body::json(request, MAX_JSON_BYTES).await?).await,
            "/keep-contact" => self.keep_contact(body::json(request, MAX_JSON_BYTES).await?).await,
            "/contact" => self.contact(&body::json::<String>(request, MAX_JSON_BYTES).await?),
            _ => Err(reject(Code::NotFound, format!("There is nothing at {path}."))),
        }
    }

    /// Idempotent: yes, but that it counts.
    /// Input: from the Worker. Output: 200 [`Outcome`].
    async fn sign_up(&self, wish: Wish) -> Result<Response, Failure> {
        let sign_up = SignUp {
            sku: &wish.sku,
            address: wish.address.stored(),
            quantity: i64::from(wish.quantity),
            lang: &wish.lang,
            consent_text: CONSENT_TEXT,
            marketing: wish.marketing,
            network: &wish.network,
        };
        let taken = self.store.sign_up(&sign_up, LIMITS, clock::now())?;
        self.arm_if_possible().await;
        let not_before = match taken {
            Taken::Yes => None,
            Taken::NotBefore(at) => Some(at),
        };
        respond::with_json(200, &Outcome { not_before })
    }

    /// Idempotent: yes.
    /// Input: from the Shop object. Output: 200, whether it is this address that is kept.
    async fn keep_contact(&self, wish: ContactWish) -> Result<Response, Failure> {
        let contact = OrderContact {
            order: &wish.order,
            address: wish.address.stored(),
            lang: &wish.lang,
            expires_at: wish.expires_at,
        };
        let kept = self.store.keep_contact(&contact, clock::now())?;
        self.arm_if_possible().await;
        respond::with_json(200, &kept)
    }

    /// Idempotent: yes, it only reads.
    /// Input: an order's id, from the Shop object. Output: 200 [`StoredContact`], or null.
    fn contact(&self, order: &str) -> Result<Response, Failure> {
        let kept = self.store.contact(order, clock::now())?;
        let stored =
            kept.map(|kept| StoredContact { key: kept.key, sealed: kept.sealed, lang: kept.lang });
        respond::with_json(200, &stored)
    }

    /// If the alarm cannot be set, what was written stands all the same; the next one sets it.
    async fn arm_if_possible(&self) {
        if let Err(failure) = self.arm(0).await {
            log::Entry::new("outreach").hindered(&failure);
        }
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
