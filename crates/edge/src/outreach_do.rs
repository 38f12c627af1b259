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
    letter::AboutSku,
    limits::{
        ASK_GAP_MS, ASKS_PER_DAY, BACK_LIFETIME_MS, CONFIRMED_LIFETIME_MS, GATHERED_MS,
        MAX_JSON_BYTES, MAX_SIGN_UPS, PLACES_PER_RUN, PROOF_KEPT_MS, SIGN_UP_LIFETIME_MS,
        SIGN_UP_WINDOW_MS, SIGN_UPS_IN_ALL, SIGN_UPS_PER_NETWORK, SWEEP_GAP_MS, SWEPT_PER_RUN,
    },
    log,
    mail_queue::Report,
    objects,
    order_mail::{self, OrderNotices},
    outreach_mail,
    places::{self, Join, Leave, Notices},
    respond,
    signed::Signed,
    sql::ObjectSql,
    subjects,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{cell::Cell, collections::HashSet};
use store::{
    Fault,
    consent::{Reason, Wanted},
    outreach::{Ask, Limits, OrderContact, SignUp, Taken},
    waits::{ChangedPlace, ForPlace, PlaceNews},
};
use wasm_bindgen::{JsCast, JsValue};
use wire::{Code, MailEventKind};
use worker::{DurableObject, Env, Request, Response, State, durable_object};

/// The version of the words that a shopper agrees to beside the form's box: one more whenever what
/// they say changes, in any language.
const CONSENT_TEXT: i64 = 1;

/// How soon the alarm comes again after it failed.
pub(crate) const ALARM_RETRY_MS: i64 = 60_000;

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
pub(crate) const ID_BYTES: usize = 16;

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
    /// Under each version of the secret.
    pub(crate) hashes: Vec<Vec<u8>>,
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
    let object = objects::stub(env, "OUTREACH", &format!("outreach/{shop}"))?;
    objects::ask(&object, path, body).await
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

/// What the object keeps.
pub(crate) type Stored = store::outreach::Outreach<ObjectSql>;

/// The object.
#[durable_object]
pub struct Outreach {
    env: Env,
    storage: js::Storage,
    store: Stored,
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
            store: Stored::new(ObjectSql::new(storage.clone())),
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
            "/alerts" => subjects::alerts(&self.store, &self.env, &inner(&body)?),
            "/export" => subjects::exported(&self.store, &inner::<Vec<Vec<u8>>>(&body)?),
            "/erase" => respond::with_json(200, &self.store.erase(&inner::<Vec<Vec<u8>>>(&body)?)?),
            "/order-notices" => self.order_notices(&inner(&body)?, now),
            "/lease" => outreach_mail::lease(&self.store, &inner::<Vec<String>>(&body)?, now),
            "/report" => outreach_mail::report(&self.store, &inner::<Vec<Report>>(&body)?, now),
            "/dead" => outreach_mail::dead(&self.store, &inner::<String>(&body)?),
            "/retry" => outreach_mail::retry(&self.store, &inner::<String>(&body)?, now),
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
                due: if until.is_some() { now } else { now.saturating_add(GATHERED_MS) },
            };
            self.store.tell_place(&message, now)?;
        }
        respond::with_json(200, &())
    }

    /// Idempotent: yes, by each line's version.
    /// Input: [`OrderNotices`], from the Shop object. Output: 200 null.
    fn order_notices(&self, notices: &OrderNotices, now: i64) -> Result<Response, Failure> {
        for news in &notices.orders {
            order_mail::hear(&self.store, &notices.shop, news, now)?;
        }
        respond::with_json(200, &())
    }

    /// Tells the Shop object who waits, and who does not any more. One that cannot be told holds
    /// up none but those behind it in its line, who would come before it.
    async fn tell_shop(&self) -> Result<(), Failure> {
        let mut told = Ok(());
        let mut held_up = HashSet::new();
        for place in self.store.place_news(PLACES_PER_RUN)? {
            let line = match &place.news {
                PlaceNews::Joining { sku, .. } => Some(sku),
                PlaceNews::Leaving | PlaceNews::WaitedOut => None,
            };
            if line.is_some_and(|sku| held_up.contains(sku)) {
                continue;
            }
            match self.tell_place(&place).await {
                Ok(()) => self.store.place_heard(&place.subscriber, &place.news)?,
                Err(failure) => {
                    held_up.extend(line.cloned());
                    told = Err(failure);
                }
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
        let reason = match suppress.reason {
            MailEventKind::Bounced => Reason::Bounced,
            MailEventKind::Complained => Reason::Complained,
        };
        respond::with_json(200, &self.store.suppress(&suppress.hashes, reason, now)?)
    }

    /// What the alarm does; whichever part fails, the other is tried.
    async fn work(&self, entry: &log::Entry) -> Result<(), Failure> {
        self.wake()?;
        let swept = self.store.sweep(SIGN_UP_WINDOW_MS, clock::now(), SWEPT_PER_RUN);
        let told = self.tell_shop().await;
        outreach_mail::hand_over(&self.env, &self.store, &self.mail_off_until, entry).await?;
        told?;
        swept?;
        self.arm(clock::now().saturating_add(SWEEP_GAP_MS)).await
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

fn told(wanted: Wanted) -> (String, String) {
    (wanted.sku, wanted.lang)
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
