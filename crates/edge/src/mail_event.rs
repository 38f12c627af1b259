//! `POST /v1/mail-events`: what became of a mail that the provider had taken, told by whatever the
//! operator puts between its webhooks and this.

use crate::{
    body, clock,
    contact::ContactKeys,
    email::Email,
    failure::{Failure, reject},
    keys::{self, is_shop_id},
    kv::{ShopRecord, Snapshots, shop_key},
    limits::MAX_JSON_BYTES,
    outreach_do::{self, Suppress},
    respond,
    writes::Write,
};
use wire::{Code, MailEvent};
use worker::{Env, Request, Response};

/// Idempotent: yes.
/// Input: [`MailEvent`]. Output: 204.
pub(crate) async fn take(mut request: Request, env: &Env) -> Result<Response, Failure> {
    if let Err(refused) = check_secret(&request, env) {
        body::discard(&mut request).await;
        return Err(refused);
    }
    let event: MailEvent = body::json(&mut request, MAX_JSON_BYTES).await?;
    if !is_shop_id(&event.shop) {
        return Err(reject(Code::BadValue, "`shop` is the shop's public id."));
    }
    let record = Snapshots::of(env)?.one(&shop_key(&event.shop)).await?;
    ShopRecord::of(record.as_ref(), &event.shop)?;
    let email = Email::new(&event.email)
        .ok_or_else(|| reject(Code::BadEmail, "`email` is one address, as in jane@example.com."))?;
    let hashes = ContactKeys::of(env, Code::NotifyOff)?.hashes(&event.shop, &email)?;
    let _write = Write::begin(clock::now())?;
    let suppress = Suppress { hashes, reason: event.kind };
    outreach_do::ask::<()>(env, &event.shop, "/suppress", &suppress).await?;
    respond::done()
}

fn check_secret(request: &Request, env: &Env) -> Result<(), Failure> {
    let secret = env.secret("MAIL_EVENTS_SECRET").map(|secret| secret.to_string());
    let header = request.headers().get("authorization")?;
    let given = keys::hash(keys::bearer(header.as_deref()).unwrap_or_default());
    match secret {
        Ok(secret) if !secret.is_empty() && keys::same(&given, &keys::hash(&secret)) => Ok(()),
        _ => {
            let detail = "Send `Authorization: Bearer …` with the Worker's MAIL_EVENTS_SECRET; it \
                          takes none where there is no such secret.";
            Err(reject(Code::MailerWrong, detail))
        }
    }
}
