//! Whoever has an address, as a whole: what they wait for, what is kept of them, and that it goes.

use crate::{
    call::Call,
    clock,
    contact::ContactKeys,
    email::Email,
    failure::{Failure, reject},
    limits::ALERTS_SHOWN,
    outreach_do, respond,
    sql::ObjectSql,
};
use serde::{Deserialize, Serialize};
use store::{
    consent::Reason,
    outreach::Outreach,
    subjects::{AlertStage, Consent, KeptSignUp},
};
use wire::{Code, MailEventKind, Subject, SubjectRequest, Suppressed};
use worker::{Env, Response};

/// To the Outreach object, from the Worker, which has checked their link: what does whoever made
/// this sign-up wait for?
#[derive(Serialize, Deserialize)]
pub(crate) struct AskAlerts {
    pub(crate) shop: String,
    pub(crate) subscriber: String,
    /// What ends before that.
    pub(crate) end: Option<End>,
}

/// What is to end.
#[derive(Serialize, Deserialize)]
pub(crate) enum End {
    /// The alert of this id.
    One(String),
    /// All of them.
    All,
}

/// One that they wait for.
#[derive(Serialize, Deserialize)]
pub(crate) struct AlertTold {
    pub(crate) id: String,
    pub(crate) sku: String,
    pub(crate) stage: Stage,
}

/// How far it is: see [`AlertStage`].
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Stage {
    Unconfirmed,
    Waiting,
    Told,
}

/// In the Outreach object. Idempotent: yes.
/// Output: 200, an [`AlertTold`] for each.
pub(crate) fn alerts(
    store: &Outreach<ObjectSql>,
    env: &Env,
    asked: &AskAlerts,
) -> Result<Response, Failure> {
    let now = clock::now();
    let hashes = hashes_of(store, env, &asked.shop, &asked.subscriber)?;
    let alerts = store.alerts(&hashes, now)?;
    let ends = |id: &str| match &asked.end {
        Some(End::One(one)) => one == id,
        Some(End::All) => true,
        None => false,
    };
    let (ended, stay): (Vec<_>, Vec<_>) =
        alerts.into_iter().partition(|alert| ends(&alert.subscriber));
    for alert in ended {
        store.end(&alert.subscriber, now)?;
    }
    let told = |alert: store::subjects::Alert| AlertTold {
        id: alert.subscriber,
        sku: alert.sku,
        stage: match alert.stage {
            AlertStage::Unconfirmed => Stage::Unconfirmed,
            AlertStage::Waiting => Stage::Waiting,
            AlertStage::Told => Stage::Told,
        },
    };
    let told = stay.into_iter().take(ALERTS_SHOWN).map(told);
    respond::with_json(200, &told.collect::<Vec<_>>())
}

/// By what is found whoever made this sign-up. Where their address is not kept any more, others
/// that they made under another version of the secret are not found.
fn hashes_of(
    store: &Outreach<ObjectSql>,
    env: &Env,
    shop: &str,
    subscriber: &str,
) -> Result<Vec<Vec<u8>>, Failure> {
    let Some(whose) = store.whose(subscriber)? else { return Ok(Vec::new()) };
    let keys = ContactKeys::of(env, Code::NotifyOff)?;
    match whose.sealed.and_then(|(key, sealed)| keys.open(shop, key, &sealed)) {
        Some(email) => keys.hashes(shop, &email),
        None => Ok(vec![whose.hash]),
    }
}

/// `POST /v1/subjects/export`. Idempotent: yes, it only reads.
/// Input: [`SubjectRequest`]. Output: 200 [`Subject`].
pub(crate) async fn export(call: &mut Call<'_>) -> Result<Response, Failure> {
    let hashes = asked(call).await?;
    let subject: Subject = outreach_do::ask(call.env, &call.shop.id, "/export", &hashes).await?;
    respond::with_json(200, &subject)
}

/// `POST /v1/subjects/erase`. Idempotent: yes.
/// Input: [`SubjectRequest`]. Output: 204, also if nothing was kept.
pub(crate) async fn erase(call: &mut Call<'_>) -> Result<Response, Failure> {
    let hashes = asked(call).await?;
    outreach_do::ask::<()>(call.env, &call.shop.id, "/erase", &hashes).await?;
    respond::done()
}

async fn asked(call: &mut Call<'_>) -> Result<Vec<Vec<u8>>, Failure> {
    let SubjectRequest { email } = call.json().await?;
    let email = Email::new(&email)
        .ok_or_else(|| reject(Code::BadEmail, "`email` is one address, as in jane@example.com."))?;
    ContactKeys::of(call.env, Code::NotifyOff)?.hashes(&call.shop.id, &email)
}

/// In the Outreach object. Idempotent: yes, it only reads.
/// Output: 200 [`Subject`].
pub(crate) fn exported(
    store: &Outreach<ObjectSql>,
    hashes: &[Vec<u8>],
) -> Result<Response, Failure> {
    let kept = store.export(hashes)?;
    let messages = kept.messages.into_iter().map(|message| wire::SubjectMessage {
        id: message.id,
        kind: message.kind,
        made_at: clock::rfc3339(message.made_at),
        expires_at: clock::rfc3339(message.expires_at),
    });
    let orders = kept.orders.into_iter().map(|order| wire::SubjectOrder {
        order: order.order,
        lang: order.lang,
        kept_at: clock::rfc3339(order.kept_at),
        expires_at: clock::rfc3339(order.expires_at),
    });
    let subject = Subject {
        sign_ups: kept.sign_ups.into_iter().map(sign_up).collect(),
        consents: kept.consents.into_iter().map(consent).collect(),
        messages: messages.collect(),
        orders: orders.collect(),
        suppressed: kept.suppressed.map(|(reason, at)| Suppressed {
            reason: match reason {
                Reason::Bounced => MailEventKind::Bounced,
                Reason::Complained => MailEventKind::Complained,
            },
            at: clock::rfc3339(at),
        }),
    };
    respond::with_json(200, &subject)
}

fn sign_up(kept: KeptSignUp) -> wire::SubjectSignUp {
    wire::SubjectSignUp {
        sku: kept.sku,
        // It came in as such.
        quantity: u32::try_from(kept.quantity).unwrap_or(u32::MAX),
        lang: kept.lang,
        marketing: kept.marketing,
        signed_up_at: clock::rfc3339(kept.made_at),
        confirmed_at: kept.confirmed_at.map(clock::rfc3339),
        expires_at: clock::rfc3339(kept.expires_at),
    }
}

fn consent(kept: Consent) -> wire::SubjectConsent {
    wire::SubjectConsent {
        sku: kept.sku,
        lang: kept.lang,
        text: u32::try_from(kept.text).unwrap_or_default(),
        marketing: kept.marketing,
        consented_at: clock::rfc3339(kept.consented_at),
        confirmed_at: clock::rfc3339(kept.confirmed_at),
        ended_at: kept.ended_at.map(clock::rfc3339),
        expires_at: clock::rfc3339(kept.expires_at),
    }
}
