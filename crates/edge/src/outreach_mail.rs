//! The Outreach object's messages on their way: handed to the queue by its alarm, leased by who takes
//! them from there, and gone once it says that they are sent.

use crate::{
    clock,
    failure::Failure,
    letter::skus_of,
    limits::{
        FIRST_MAIL_WAIT_MS, HANDED_AGAIN_MS, HANDED_PER_RUN, LONGEST_MAIL_WAIT_MS, MAIL_LEASE_MS,
        MAIL_OFF_GAP_MS, MAIL_TRIES, MAILS_PER_QUEUE_MESSAGE,
    },
    log,
    mail::{Answer, Post},
    mail_queue::{self, Lease, Report},
    outreach_do::{ALARM_RETRY_MS, Stored, mail_is_off},
    respond,
};
use std::cell::Cell;
use store::messages::{Dead, Failed, Leased};
use wire::DeadMessage;
use worker::{Env, Response};

/// Hands what is due to the queue; what that does not take is due again. `off_until` is until when
/// nobody need look whether anything can be sent.
pub(crate) async fn hand_over(
    env: &Env,
    store: &Stored,
    off_until: &Cell<i64>,
    entry: &log::Entry,
) -> Result<(), Failure> {
    let now = clock::now();
    if store.next_message()?.is_none_or(|due| now < due) {
        return Ok(());
    }
    if let Err(missing) = Post::of(env) {
        entry.hindered(&mail_is_off(missing));
        off_until.set(now.saturating_add(MAIL_OFF_GAP_MS));
        return Ok(());
    }
    off_until.set(0);
    let again = now.saturating_add(HANDED_AGAIN_MS);
    let handed = store.hand_over(MAIL_TRIES, again, now, HANDED_PER_RUN)?;
    for ids in handed.chunks(MAILS_PER_QUEUE_MESSAGE) {
        if let Err(failure) = mail_queue::hand_over(env, ids).await {
            entry.hindered(&failure);
            store.take_back(ids, now.saturating_add(ALARM_RETRY_MS))?;
        }
    }
    Ok(())
}

/// Idempotent: yes, what is leased is not leased again.
/// Input: ids, from the queue. Output: 200, a [`Lease`] for each that is to be sent.
pub(crate) fn lease(store: &Stored, ids: &[String], now: i64) -> Result<Response, Failure> {
    let leased = store.lease(ids, now.saturating_add(MAIL_LEASE_MS), now)?;
    respond::with_json(200, &leased.into_iter().map(lease_of).collect::<Vec<_>>())
}

/// Idempotent: yes.
/// Input: a [`Report`] for each. Output: 200 null.
pub(crate) fn report(store: &Stored, reports: &[Report], now: i64) -> Result<Response, Failure> {
    for Report { id, attempt, answer } in reports {
        match answer {
            Answer::Taken => store.sent(id)?,
            Answer::Refused(why) => store.failed(id, *attempt, Failed::ForGood, why, now)?,
            Answer::Again(why) => store.failed(id, *attempt, again(*attempt, now), why, now)?,
            Answer::NotBefore(at, why) => store.put_off(id, *attempt, *at, why)?,
        }
    }
    respond::with_json(200, &())
}

/// Idempotent: yes, it only reads.
/// Input: the id after which the page begins. Output: 200, a [`DeadMessage`] for each.
pub(crate) fn dead(store: &Stored, after: &str) -> Result<Response, Failure> {
    let dead = store.dead_after(after)?;
    respond::with_json(200, &dead.into_iter().map(dead_message).collect::<Vec<_>>())
}

/// Idempotent: yes.
/// Input: an id. Output: 200, whether there is such a message.
pub(crate) fn retry(store: &Stored, id: &str, now: i64) -> Result<Response, Failure> {
    respond::with_json(200, &store.retry(id, now)?)
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

fn lease_of(leased: Leased) -> Lease {
    Lease {
        id: leased.id,
        kind: leased.kind,
        subscriber: leased.subscriber,
        key: leased.key,
        sealed: leased.sealed,
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
        sku: skus_of(&dead.payload).into_iter().next(),
        made_at: clock::rfc3339(dead.made_at),
        attempts: u32::try_from(dead.attempts).unwrap_or(u32::MAX),
        error: dead.error,
    }
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
}
