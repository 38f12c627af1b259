//! The shop itself: its settings, its keys, and how it fares.

use crate::{
    address::parameter,
    call::Call,
    clock,
    convert::check_id,
    failure::{Failure, reject},
    keys,
    mail::Post,
    read::BUILD,
    respond, settings,
};
use store::{Fault, RetireKey};
use wire::{Code, Health, Mail, NewKey, Operation, Outbox, SettingsChange};
use worker::{Env, Response};

/// Idempotent: yes, it only reads.
/// Output: 200 [`wire::Settings`].
pub(crate) fn read(call: &Call<'_>) -> Result<Response, Failure> {
    respond::with_json(200, &settings::settings(&call.shop))
}

/// Idempotent: yes.
/// Input: [`SettingsChange`].
/// Output: 200 [`wire::Settings`].
pub(crate) async fn change(call: &mut Call<'_>) -> Result<Response, Failure> {
    let change: SettingsChange = call.json().await?;
    // Read now: another change may have come in while this one's body did.
    let before = call.store.shop()?.ok_or(Fault::Corrupt("there is no shop"))?;
    let shop = settings::changed(&before, change)?;
    let moment = clock::moment(clock::now(), &shop.time_zone)?;
    call.store.change_shop(&shop, moment)?;
    respond::with_json(200, &settings::settings(&shop))
}

/// Idempotent: yes, it only reads.
/// Output: 200 [`Health`].
pub(crate) fn health(call: &Call<'_>) -> Result<Response, Failure> {
    let health = call.store.outbox_health()?;
    let age = health.oldest.map_or(0, |oldest| clock::now().saturating_sub(oldest));
    let unsigned = |value| u64::try_from(value).unwrap_or(0);
    let outbox = Outbox { rows: unsigned(health.rows), oldest_age_ms: unsigned(age) };
    respond::with_json(200, &health_of(call.env, Some(outbox)))
}

/// How this Worker fares, and a shop's outbox if one is asked for.
pub(crate) fn health_of(env: &Env, outbox: Option<Outbox>) -> Health {
    let mail = if Post::of(env).is_ok() { Mail::On } else { Mail::Off };
    Health { build: BUILD.to_owned(), outbox, mail, confirmations: None }
}

/// Makes a key or retires one, as the route says.
pub(crate) fn change_keys(call: &Call<'_>) -> Result<Response, Failure> {
    match call.route.operation {
        Operation::AddKey => add_key(call),
        _ => retire_key(call),
    }
}

/// Idempotent: by the `id` in the query, so far as a secret can be: the same id again makes a new
/// key in place of the one that it made before, whose answer was lost.
/// Output: 201 [`NewKey`].
fn add_key(call: &Call<'_>) -> Result<Response, Failure> {
    let made_by = parameter(&call.query, "id");
    if let Some(id) = &made_by {
        check_id("id", id)?;
    }
    let key = keys::fresh_key(&call.shop.id)?;
    if !call.store.add_key(&key.prefix, &key.hash, made_by.as_deref(), clock::now())? {
        let detail = "Retire one first: DELETE /v1/keys/ and its first eight digits.";
        return Err(reject(Code::TooManyKeys, detail));
    }
    respond::with_json(201, &NewKey { secret_key: key.text })
}

/// Idempotent: a second call hears that there is no such key.
/// Input: the first eight hex digits of the key.
/// Output: 204.
fn retire_key(call: &Call<'_>) -> Result<Response, Failure> {
    match call.store.retire_key(&call.named)? {
        RetireKey::Retired => respond::done(),
        RetireKey::Last => {
            Err(reject(Code::LastKey, "Make another with POST /v1/keys and retire this then."))
        }
        RetireKey::Unknown => Err(reject(
            Code::NotFound,
            "No live key begins with these; give the first eight of its forty hex digits.",
        )),
    }
}
