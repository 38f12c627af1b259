//! The Limiter objects: how many mails strangers may cause, over all shops.
//!
//! Whoever knows somebody's address can sign it up, and each shop asks whoever has it whether they
//! want that. So those mails, of kind `confirm`, are counted: one in ten minutes and three a day for
//! an address. Everything else was asked for: by whoever confirmed, or by a buyer with their order.
//! A claim's window runs, so nothing of that is held up here.
//!
//! Each object has the addresses whose keyed hash begins with its digit, and knows one by the
//! hash's next [`FINGERPRINT_BITS`]: see there what that costs.

use crate::{
    body::{self, inner},
    clock::{self, within},
    contact::{ContactKeys, LIMITED_BITS},
    failure::{Failure, reject},
    js,
    limits::{
        CONFIRMATION_GAP_MS, CONFIRMATIONS_PER_DAY, CONFIRMATIONS_PER_HOUR, LIMITER_TIMEOUT_MS,
        MAX_JSON_BYTES, SWEEP_GAP_MS, SWEPT_PER_RUN,
    },
    log,
    mail::Answer,
    mail_queue::Lease,
    objects, respond,
    sql::ObjectSql,
};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    cell::Cell,
    collections::{BTreeMap, HashMap},
    iter::repeat,
};
use store::{
    Fault,
    limiter::{Question, Rule, Verdict},
};
use wasm_bindgen::{JsCast, JsValue};
use wire::{Code, Confirmations};
use worker::{DurableObject, Env, Request, Response, State, durable_object};

/// How many objects there are. One would do, with some hundred questions a second of its own; of
/// these, one that fails or is slow holds up a sixteenth.
const LIMITERS: u32 = 1 << (LIMITED_BITS - FINGERPRINT_BITS);

/// By how many bits an object knows an address. With the four that say which object, that is one of
/// 2^24: each stands for 300 of the world's five billion addresses, and leads back to nobody.
///
/// It also means that an address may wait for a stranger's. With as many mails as the breaker lets
/// go, 20,000 an hour: 3,333 of the last ten minutes in 2^24 make one of 5,000 wait for at most
/// ten minutes more; 480,000 of a day are 0.029 for each, so three of them met one address in
/// 0.029^3 / 6, four in a million, which wait for at most a day.
const FINGERPRINT_BITS: u32 = 20;

/// The kind of message that strangers cause.
const ASKS: &str = "confirm";

/// How soon the alarm comes again after it failed.
const ALARM_RETRY_MS: i64 = 60_000;

/// From the queue's consumer: a mail that would go.
#[derive(Serialize, Deserialize)]
struct Asked {
    message: Vec<u8>,
    address: u32,
}

/// To it: what becomes of that.
#[derive(Clone, Copy, Serialize, Deserialize)]
enum Said {
    Go,
    Rest(i64),
    Breaker(i64),
}

/// To the Worker: what went in this hour, and what may.
#[derive(Serialize, Deserialize)]
struct Hour {
    sent: i64,
    most: i64,
}

/// Those of these messages that may not go now, by id, with what there is to be reported of them.
pub(crate) async fn held_up(
    env: &Env,
    keys: &ContactKeys,
    shop: &str,
    leases: &[Lease],
) -> HashMap<String, Answer> {
    let mut held_up = HashMap::new();
    let mut questions: BTreeMap<u32, Vec<(&Lease, Asked)>> = BTreeMap::new();
    for lease in leases.iter().filter(|lease| lease.kind == ASKS) {
        match question(keys, shop, lease) {
            Some((limiter, asked)) => questions.entry(limiter).or_default().push((lease, asked)),
            None => drop(held_up.insert(lease.id.clone(), Answer::Again("address".to_owned()))),
        }
    }
    let asking = questions.into_iter().map(|(limiter, questions)| async move {
        let (leases, asked): (Vec<_>, Vec<_>) = questions.into_iter().unzip();
        let said = within(LIMITER_TIMEOUT_MS, ask::<Vec<Said>>(env, limiter, "/ask", &asked)).await;
        let said = said.unwrap_or_else(|failure| {
            log::Entry::new("mail").hindered(&failure);
            Vec::new()
        });
        // What nothing is said of does not go.
        let answers =
            said.into_iter().map(answer_of).chain(repeat(Some(Answer::unready("limiter"))));
        let ids = leases.into_iter().map(|lease| lease.id.clone());
        ids.zip(answers).filter_map(|(id, answer)| Some((id, answer?))).collect::<Vec<_>>()
    });
    held_up.extend(join_all(asking).await.into_iter().flatten());
    held_up
}

/// Which object is asked, and what.
fn question(keys: &ContactKeys, shop: &str, lease: &Lease) -> Option<(u32, Asked)> {
    let email = keys.open(shop, lease.key, &lease.sealed)?;
    let (limiter, address) = split(keys.limited(&email).ok()?);
    Some((limiter, Asked { message: keys.limited_message(&lease.id).ok()?, address }))
}

/// The object that has an address, and what it knows it by there.
const fn split(hash: u32) -> (u32, u32) {
    (hash >> FINGERPRINT_BITS, hash & ((1 << FINGERPRINT_BITS) - 1))
}

fn answer_of(said: Said) -> Option<Answer> {
    match said {
        Said::Go => None,
        Said::Rest(at) => Some(Answer::NotBefore(at, "rest".to_owned())),
        Said::Breaker(at) => Some(Answer::NotBefore(at, "breaker".to_owned())),
    }
}

/// What went in this hour, over all objects.
pub(crate) async fn confirmations(env: &Env) -> Result<Confirmations, Failure> {
    let hours = (0..LIMITERS).map(|limiter| async move {
        within(LIMITER_TIMEOUT_MS, ask::<Hour>(env, limiter, "/hour", &())).await
    });
    let mut all = Confirmations { sent: 0, most: 0, breakers_open: 0 };
    for hour in join_all(hours).await {
        let Hour { sent, most } = hour?;
        let unsigned = |value| u64::try_from(value).unwrap_or(0);
        all.sent = all.sent.saturating_add(unsigned(sent));
        all.most = all.most.saturating_add(unsigned(most));
        all.breakers_open = all.breakers_open.saturating_add(u32::from(sent >= most));
    }
    Ok(all)
}

async fn ask<T: DeserializeOwned>(
    env: &Env,
    limiter: u32,
    path: &str,
    body: &impl Serialize,
) -> Result<T, Failure> {
    let object = objects::stub(env, "LIMITER", &format!("limiter/{limiter:x}"))?;
    objects::ask(&object, path, body).await
}

/// An object's share, rounded up, of what the operator's variable allows, or of what is usual.
fn share_of(set: &str) -> i64 {
    let in_all = set.trim().parse().ok().filter(|most| *most > 0).unwrap_or(CONFIRMATIONS_PER_HOUR);
    let limiters = i64::from(LIMITERS);
    in_all.saturating_add(limiters.saturating_sub(1)).checked_div(limiters).unwrap_or(1)
}

/// The object.
#[durable_object]
pub struct Limiter {
    rule: Rule,
    storage: js::Storage,
    store: store::limiter::Limiter<ObjectSql>,
    awake: Cell<bool>,
    alarm_is_set: Cell<bool>,
    /// Until when the breaker is open, as was logged last.
    logged: Cell<i64>,
}

impl DurableObject for Limiter {
    fn new(state: State, env: Env) -> Self {
        let storage = state.storage();
        let storage: &JsValue = storage.as_raw().as_ref();
        let storage: js::Storage = storage.clone().unchecked_into();
        #[cfg(feature = "bugs")]
        crate::bug::switch_on(&env);
        let set = env.var("CONFIRMATIONS_PER_HOUR").map(|set| set.to_string()).unwrap_or_default();
        Self {
            rule: Rule {
                gap_ms: CONFIRMATION_GAP_MS,
                per_day: CONFIRMATIONS_PER_DAY,
                per_hour: share_of(&set),
            },
            store: store::limiter::Limiter::new(ObjectSql::new(storage.clone())),
            storage,
            awake: Cell::new(false),
            alarm_is_set: Cell::new(false),
            logged: Cell::new(0),
        }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let answered = self.answer(&mut request).await.or_else(|failure| {
            let entry = log::Entry::new("limiter");
            entry.failed(&failure);
            respond::problem(&failure, entry.request_id())
        });
        answered.map_err(|failure| worker::Error::RustError(failure.to_string()))
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.alarm_is_set.set(false);
        let now = clock::now();
        let swept =
            self.wake().and_then(|()| self.store.sweep(now, SWEPT_PER_RUN)).map_err(Failure::from);
        let armed = match swept {
            Ok(()) => self.arm(now.saturating_add(SWEEP_GAP_MS)).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = armed {
            log::Entry::new("limiter alarm").failed(&failure);
            // If even that fails, the next question arms it.
            let _ = self.set_alarm(now.saturating_add(ALARM_RETRY_MS)).await;
        }
        Response::empty()
    }
}

impl Limiter {
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
            "/ask" => self.ask(&inner::<Vec<Asked>>(&body)?, now),
            "/hour" => self.hour(now),
            _ => Err(reject(Code::NotFound, "There is nothing here.")),
        };
        // If it cannot be set, what was done stands all the same; the next one sets it.
        if let Err(failure) = self.arm(0).await {
            log::Entry::new("limiter").hindered(&failure);
        }
        answered
    }

    /// Idempotent: yes, by message. The answer leaves when what it permits is written down.
    /// Input: an [`Asked`] for each. Output: 200, a [`Said`] for each.
    fn ask(&self, asked: &[Asked], now: i64) -> Result<Response, Failure> {
        let questions: Vec<_> = asked
            .iter()
            .map(|Asked { message, address }| Question { message, address: i64::from(*address) })
            .collect();
        let verdicts = self.store.ask(&questions, self.rule, now)?;
        let said: Vec<_> = verdicts.into_iter().map(|verdict| self.said(verdict)).collect();
        respond::with_json(200, &said)
    }

    fn said(&self, verdict: Verdict) -> Said {
        match verdict {
            Verdict::Now => Said::Go,
            Verdict::Rest(at) => Said::Rest(at),
            Verdict::Breaker(at) => {
                // Once for the hour, however many ask.
                if self.logged.replace(at) != at {
                    let most = self.rule.per_hour;
                    let open = format!(
                        "breaker_open: {most} confirmations went in this hour, this object's \
                         share; the others wait until {}",
                        clock::rfc3339(at)
                    );
                    log::Entry::new("limiter").hindered(&Failure::Retryable(open));
                }
                Said::Breaker(at)
            }
        }
    }

    /// Idempotent: yes, it only reads.
    /// Output: 200 [`Hour`].
    fn hour(&self, now: i64) -> Result<Response, Failure> {
        let sent = self.store.permitted_this_hour(now)?;
        respond::with_json(200, &Hour { sent, most: self.rule.per_hour })
    }

    /// Sets the alarm for the oldest row's end, but for no time before `from`. What comes later
    /// ends later, so once it is set it stays.
    async fn arm(&self, from: i64) -> Result<(), Failure> {
        if self.alarm_is_set.get() {
            return Ok(());
        }
        match self.store.next_due()? {
            Some(due) => self.set_alarm(due.max(from)).await,
            None => Ok(()),
        }
    }

    async fn set_alarm(&self, at: i64) -> Result<(), Failure> {
        #[expect(clippy::cast_precision_loss, reason = "a time in milliseconds is far below 2^53")]
        let set = self.storage.set_alarm(at as f64).await;
        self.alarm_is_set.set(set.is_ok());
        set.map(drop).map_err(|thrown| Failure::platform(&thrown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_may_send_is_shared_out_evenly() {
        let usual = CONFIRMATIONS_PER_HOUR / i64::from(LIMITERS);
        for (set, share) in [
            ("", usual),
            ("many", usual),
            ("0", usual),
            ("-5", usual),
            ("1", 1),
            ("16", 1),
            ("17", 2),
            (" 1600 ", 100),
        ] {
            assert_eq!(share_of(set), share, "{set}");
        }
    }

    #[test]
    fn each_address_has_its_object() {
        assert_eq!(split(0), (0, 0));
        assert_eq!(split(0x00a1_2345), (0xa, 0x1_2345));
        assert_eq!(split((1 << LIMITED_BITS) - 1), (LIMITERS - 1, 0xf_ffff));
    }

    #[test]
    fn what_waits_says_why() {
        assert_eq!(answer_of(Said::Go), None);
        assert_eq!(answer_of(Said::Rest(7)), Some(Answer::NotBefore(7, "rest".to_owned())));
        assert_eq!(answer_of(Said::Breaker(7)), Some(Answer::NotBefore(7, "breaker".to_owned())));
    }
}
