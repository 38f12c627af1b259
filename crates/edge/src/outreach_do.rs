//! The Outreach object, one for each shop: who asked to be told about its SKUs, where to write to
//! about its orders, and the messages to them. It is the only place where addresses are kept, and
//! they come to it encrypted.
//!
//! Its alarm hands messages to the queue and removes what has had its time. Whoever takes them from
//! the queue asks here for each, and says here what became of it.

use crate::{
    body::{self, inner},
    clock,
    contact::Kept,
    failure::{Failure, Reject, json, reject},
    js,
    keys::random_hex,
    letter::{AboutSku, sku_of},
    limits::{
        ASK_GAP_MS, ASKS_PER_DAY, BACK_LIFETIME_MS, CONFIRMED_LIFETIME_MS, FIRST_MAIL_WAIT_MS,
        HANDED_AGAIN_MS, HANDED_PER_RUN, LONGEST_MAIL_WAIT_MS, MAIL_LEASE_MS, MAIL_OFF_GAP_MS,
        MAIL_TRIES, MAILS_PER_LEASE, MAX_JSON_BYTES, MAX_SIGN_UPS, PLACES_PER_RUN, PROOF_KEPT_MS,
        SIGN_UP_LIFETIME_MS, SIGN_UP_WINDOW_MS, SIGN_UPS_IN_ALL, SIGN_UPS_PER_NETWORK,
        SWEEP_GAP_MS, SWEPT_PER_RUN,
    },
    log,
    mail::{Answer, Post},
    mail_queue::{self, Lease, Report},
    places::{self, Join, Leave, Notices},
    respond,
    signed::Signed,
    sql::ObjectSql,
    subjects,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::cell::Cell;
use store::{
    Fault,
    consent::{Reason, Wanted},
    messages::{Dead, Failed, Leased},
    outreach::{Ask, Limits, OrderContact, SignUp, Taken},
    waits::{ChangedPlace, ForPlace, PlaceNews},
};
use wasm_bindgen::{JsCast, JsValue};
use wire::{Code, DeadMessage, MailEventKind};
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
    ask_gap_ms: ASK_GAP_MS,
    asks_per_day: ASKS_PER_DAY,
};

/// 128 bits: nobody guesses what a message or a subscriber is called.
const ID_BYTES: usize = 16;

/// From the Worker: a sign-up.
#[derive(Serialize, Deserialize)]
pub(crate) struct Wish {
    pub(crate) shop: String,
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

/// From the Worker: nothing is sent to an address any more.
#[derive(Serialize, Deserialize)]
pub(crate) struct Suppress {
    /// Under each version of the secret, as hex digits.
    pub(crate) hashes: Vec<String>,
    pub(crate) reason: MailEventKind,
}

/// Hands a sign-up to the object of this shop.
pub(crate) async fn sign_up(env: &Env, wish: &Wish) -> Result<(), Failure> {
    let outcome: Outcome = ask(env, &wish.shop, "/sign-up", wish).await?;
    match outcome.not_before {
        None => Ok(()),
        Some(at) => Err(too_many(at.saturating_sub(clock::now()))),
    }
}

/// Asks the object of this shop.
pub(crate) async fn ask<T: DeserializeOwned>(
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

/// Nothing can be sent without this variable, secret or binding.
pub(crate) fn mail_is_off(missing: &str) -> Failure {
    Failure::Retryable(format!("mail is off: this Worker has no {missing}"))
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
    env: Env,
    storage: js::Storage,
    store: store::outreach::Outreach<ObjectSql>,
    awake: Cell<bool>,
    /// When the alarm is set for, as far as this object knows of it.
    alarm_at: Cell<Option<i64>>,
    /// Nothing can be sent, as far as it knows, and it does not look before this.
    mail_off_until: Cell<i64>,
}

impl DurableObject for Outreach {
    fn new(state: State, env: Env) -> Self {
        let storage = state.storage();
        let storage: &JsValue = storage.as_raw().as_ref();
        let storage: js::Storage = storage.clone().unchecked_into();
        Self {
            env,
            store: store::outreach::Outreach::new(ObjectSql::new(storage.clone())),
            storage,
            awake: Cell::new(false),
            alarm_at: Cell::new(None),
            mail_off_until: Cell::new(0),
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
        let entry = log::Entry::new("outreach alarm");
        if let Err(failure) = self.work(&entry).await {
            entry.failed(&failure);
            // If even that fails, the next request arms it.
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
        let path = request.path();
        let body = body::bytes(request, MAX_JSON_BYTES).await?;
        self.wake()?;
        let now = clock::now();
        let answered = match path.as_str() {
            "/sign-up" => self.sign_up(&inner(&body)?, now).await,
            "/keep-contact" => self.keep_contact(&inner(&body)?, now),
            "/contact" => self.contact(&inner::<String>(&body)?, now),
            "/notices" => self.notices(&inner(&body)?, now),
            "/wanted" => self.wanted(&inner::<String>(&body)?),
            "/confirm" => self.confirm(&inner(&body)?, now),
            "/end" => self.end(&inner::<String>(&body)?, now),
            "/suppress" => self.suppress(&inner(&body)?, now),
            "/lease" => self.lease(&inner::<Vec<String>>(&body)?, now),
            "/report" => self.report(&inner::<Vec<Report>>(&body)?, now),
            "/alerts" => subjects::alerts(&self.store, &self.env, &inner(&body)?),
            "/export" => subjects::exported(&self.store, &inner::<Vec<Vec<u8>>>(&body)?),
            "/erase" => respond::with_json(200, &self.store.erase(&inner::<Vec<Vec<u8>>>(&body)?)?),
            "/dead" => self.dead(&inner::<String>(&body)?),
            "/retry" => self.retry(&inner::<String>(&body)?, now),
            _ => Err(reject(Code::NotFound, "There is nothing here.")),
        };
        // If it cannot be set, what was done stands all the same; the next one sets it.
        if let Err(failure) = self.arm(0).await {
            log::Entry::new("outreach").hindered(&failure);
        }
        answered
    }

    /// Idempotent: yes, but that it counts.
    /// Input: [`Wish`], from the Worker. Output: 200 [`Outcome`].
    async fn sign_up(&self, wish: &Wish, now: i64) -> Result<Response, Failure> {
        let message = format!("{}.{}", wish.shop, random_hex::<ID_BYTES>()?);
        let sign_up = SignUp {
            sku: &wish.sku,
            address: wish.address.stored(),
            quantity: i64::from(wish.quantity),
            lang: &wish.lang,
            consent_text: CONSENT_TEXT,
            marketing: wish.marketing,
            network: &wish.network,
            subscriber: &random_hex::<ID_BYTES>()?,
            ask: Ask { id: &message, payload: &json(&AboutSku { sku: wish.sku.clone() }) },
        };
        let not_before = match self.store.sign_up(&sign_up, LIMITS, now)? {
            Taken::Yes => {
                self.ring(now).await;
                None
            }
            Taken::NotBefore(at) => Some(at),
        };
        respond::with_json(200, &Outcome { not_before })
    }

    /// Idempotent: yes.
    /// Input: [`ContactWish`], from the Shop object. Output: 200, whether it is this address that is
    /// kept.
    fn keep_contact(&self, wish: &ContactWish, now: i64) -> Result<Response, Failure> {
        let contact = OrderContact {
            order: &wish.order,
            address: wish.address.stored(),
            lang: &wish.lang,
            expires_at: wish.expires_at,
        };
        respond::with_json(200, &self.store.keep_contact(&contact, now)?)
    }

    /// Idempotent: yes, it only reads.
    /// Input: an order's id, from the Shop object. Output: 200 [`StoredContact`], or null.
    fn contact(&self, order: &str, now: i64) -> Result<Response, Failure> {
        let kept = self.store.contact(order, now)?;
        let stored =
            kept.map(|kept| StoredContact { key: kept.key, sealed: kept.sealed, lang: kept.lang });
        respond::with_json(200, &stored)
    }

    /// Idempotent: yes.
    /// Input: [`Notices`], from the Shop object. Output: 200 null.
    fn notices(&self, notices: &Notices, now: i64) -> Result<Response, Failure> {
        for told in &notices.told {
            let until = told.kept.as_ref().map(|kept| kept.until);
            let message = ForPlace {
                subscriber: &told.place,
                shop: &notices.shop,
                id: &format!("{}.{}", notices.shop, told.place),
                kind: if until.is_some() { "claim" } else { "back" },
                payload: &json(told),
                expires_at: until.unwrap_or(now.saturating_add(BACK_LIFETIME_MS)),
            };
            self.store.tell_place(&message, now)?;
        }
        respond::with_json(200, &())
    }

    /// Tells the Shop object who waits, and who does not any more. One that cannot be told holds
    /// up no other.
    async fn tell_shop(&self) -> Result<(), Failure> {
        let mut told = Ok(());
        for place in self.store.place_news(PLACES_PER_RUN)? {
            match self.tell_place(&place).await {
                Ok(()) => self.store.place_heard(&place.subscriber, &place.news)?,
                Err(failure) => told = Err(failure),
            }
        }
        told
    }

    async fn tell_place(&self, place: &ChangedPlace) -> Result<(), Failure> {
        let ChangedPlace { subscriber, shop, news } = place;
        let id = subscriber.clone();
        match news {
            PlaceNews::Joining { sku, quantity } => {
                let join = Join { id, sku: sku.clone(), wanted: *quantity };
                places::ask::<bool>(&self.env, shop, "/join", &join).await?;
            }
            PlaceNews::Leaving | PlaceNews::WaitedOut => {
                let leave = Leave { id, waited_out: *news == PlaceNews::WaitedOut };
                places::ask::<()>(&self.env, shop, "/leave", &leave).await?;
            }
        }
        Ok(())
    }

    /// Idempotent: yes, it only reads.
    /// Input: a subscriber, from the Worker, which has checked their link, as for the next two.
    /// Output: 200 with the SKU and the language, or null.
    fn wanted(&self, subscriber: &str) -> Result<Response, Failure> {
        respond::with_json(200, &self.store.wanted(subscriber)?.map(told))
    }

    /// Idempotent: yes.
    /// Output: as of [`Outreach::wanted`].
    fn confirm(&self, token: &Signed, now: i64) -> Result<Response, Failure> {
        let Signed { shop, subject, .. } = token;
        let wanted =
            self.store.confirm(shop, subject, CONFIRMED_LIFETIME_MS, PROOF_KEPT_MS, now)?;
        respond::with_json(200, &wanted.map(told))
    }

    /// Idempotent: yes.
    /// Output: 200 null.
    fn end(&self, subscriber: &str, now: i64) -> Result<Response, Failure> {
        respond::with_json(200, &self.store.end(subscriber, now)?)
    }

    /// Idempotent: yes.
    /// Input: [`Suppress`]. Output: 200 null.
    fn suppress(&self, suppress: &Suppress, now: i64) -> Result<Response, Failure> {
        let hashes =
            suppress.hashes.iter().map(|hash| bytes(hash)).collect::<Result<Vec<_>, _>>()?;
        let reason = match suppress.reason {
            MailEventKind::Bounced => Reason::Bounced,
            MailEventKind::Complained => Reason::Complained,
        };
        respond::with_json(200, &self.store.suppress(&hashes, reason, now)?)
    }

    /// Idempotent: yes, what is leased is not leased again.
    /// Input: ids, from the queue. Output: 200, a [`Lease`] for each that is to be sent.
    fn lease(&self, ids: &[String], now: i64) -> Result<Response, Failure> {
        let leased = self.store.lease(ids, now.saturating_add(MAIL_LEASE_MS), now)?;
        respond::with_json(200, &leased.into_iter().map(lease).collect::<Vec<_>>())
    }

    /// Idempotent: yes.
    /// Input: a [`Report`] for each. Output: 200 null.
    fn report(&self, reports: &[Report], now: i64) -> Result<Response, Failure> {
        for Report { id, attempt, answer } in reports {
            match answer {
                Answer::Taken => self.store.sent(id)?,
                Answer::Refused(why) => {
                    self.store.failed(id, *attempt, Failed::ForGood, why)?;
                }
                Answer::Again(why) => {
                    self.store.failed(id, *attempt, again(*attempt, now), why)?;
                }
                Answer::NotBefore(at, why) => self.store.put_off(id, *attempt, *at, why)?,
            }
        }
        respond::with_json(200, &())
    }

    /// Idempotent: yes, it only reads.
    /// Input: the id after which the page begins. Output: 200, a [`DeadMessage`] for each.
    fn dead(&self, after: &str) -> Result<Response, Failure> {
        let dead = self.store.dead_after(after)?;
        respond::with_json(200, &dead.into_iter().map(dead_message).collect::<Vec<_>>())
    }

    /// Idempotent: yes.
    /// Input: an id. Output: 200, whether there is such a message.
    fn retry(&self, id: &str, now: i64) -> Result<Response, Failure> {
        respond::with_json(200, &self.store.retry(id, now)?)
    }

    /// What the alarm does; whichever part fails, the other is tried.
    async fn work(&self, entry: &log::Entry) -> Result<(), Failure> {
        self.wake()?;
        let swept = self.store.sweep(SIGN_UP_WINDOW_MS, clock::now(), SWEPT_PER_RUN);
        let told = self.tell_shop().await;
        self.hand_over(entry).await?;
        told?;
        swept?;
        self.arm(clock::now().saturating_add(SWEEP_GAP_MS)).await
    }

    /// Hands what is due to the queue; what that does not take is due again.
    async fn hand_over(&self, entry: &log::Entry) -> Result<(), Failure> {
        let now = clock::now();
        if self.store.next_message()?.is_none_or(|due| now < due) {
            return Ok(());
        }
        if let Err(missing) = Post::of(&self.env) {
            entry.hindered(&mail_is_off(missing));
            self.mail_off_until.set(now.saturating_add(MAIL_OFF_GAP_MS));
            return Ok(());
        }
        self.mail_off_until.set(0);
        let again = now.saturating_add(HANDED_AGAIN_MS);
        let handed = self.store.hand_over(MAIL_TRIES, again, now, HANDED_PER_RUN)?;
        for ids in handed.chunks(MAILS_PER_LEASE) {
            if let Err(failure) = mail_queue::hand_over(&self.env, ids).await {
                entry.hindered(&failure);
                self.store.take_back(ids, now.saturating_add(ALARM_RETRY_MS))?;
            }
        }
        Ok(())
    }

    /// Sets the alarm for now, whether or not there is anything to be sent: that would tell by the
    /// time it takes who was here before.
    async fn ring(&self, now: i64) {
        if self.alarm_at.get().is_some_and(|at| at <= now) {
            return;
        }
        if let Err(failure) = self.set_alarm(now).await {
            log::Entry::new("outreach").hindered(&failure);
        }
    }

    /// Sets the alarm for what is due next, unless it is set for earlier; nothing is swept before
    /// `sweep_from`.
    async fn arm(&self, sweep_from: i64) -> Result<(), Failure> {
        let sweep = self.store.next_due(SIGN_UP_WINDOW_MS)?.map(|due| due.max(sweep_from));
        let message = self.store.next_message()?.map(|due| due.max(self.mail_off_until.get()));
        let news = self.store.has_place_news()?.then(clock::now);
        let Some(due) = [sweep, message, news].into_iter().flatten().min() else { return Ok(()) };
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

/// When a message is tried again after this try in vain, if it is.
fn again(attempt: i64, now: i64) -> Failed {
    if attempt >= MAIL_TRIES {
        return Failed::ForGood;
    }
    let doublings = u32::try_from(attempt.saturating_sub(1).clamp(0, 32)).unwrap_or(32);
    let wait = FIRST_MAIL_WAIT_MS.saturating_mul(2_i64.saturating_pow(doublings));
    Failed::Again(now.saturating_add(wait.min(LONGEST_MAIL_WAIT_MS)))
}

fn told(wanted: Wanted) -> (String, String) {
    (wanted.sku, wanted.lang)
}

fn lease(leased: Leased) -> Lease {
    Lease {
        id: leased.id,
        kind: leased.kind,
        subscriber: leased.subscriber,
        key: leased.key,
        sealed: hex::encode(leased.sealed),
        lang: leased.lang,
        payload: leased.payload,
        expires_at: leased.expires_at,
        attempt: leased.attempt,
    }
}

fn dead_message(dead: Dead) -> DeadMessage {
    DeadMessage {
        id: dead.id,
        kind: dead.kind,
        sku: sku_of(&dead.payload),
        made_at: clock::rfc3339(dead.made_at),
        attempts: u32::try_from(dead.attempts).unwrap_or(u32::MAX),
        error: dead.error,
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
    fn waits_double_and_the_last_try_is_within_a_day() {
        let mut at = 0;
        let mut waits = Vec::new();
        for attempt in 1..MAIL_TRIES {
            let Failed::Again(next) = again(attempt, at) else {
                panic!("try {attempt} is not last")
            };
            waits.push(next - at);
            at = next;
        }
        assert_eq!(waits[..3], [5_000, 10_000, 20_000]);
        assert_eq!(waits[11..], [10_240_000, 14_400_000, 14_400_000, 14_400_000, 14_400_000]);
        let day = 24 * 60 * 60 * 1_000;
        assert!(at + MAIL_TRIES * MAIL_LEASE_MS < day, "{at} ms");
        assert_eq!(again(MAIL_TRIES, at), Failed::ForGood);
        assert_eq!(again(i64::MAX, 0), Failed::ForGood);
    }

    #[test]
    fn who_came_too_often_hears_for_how_long_to_wait() {
        for (ms, seconds) in [(1, 1), (1_000, 1), (1_001, 2), (0, 0), (-5, 0)] {
            assert_eq!(too_many(ms).retry_after(), Some(seconds), "{ms}");
        }
    }
}
