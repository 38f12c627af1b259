//! A buyer's own order: `ot_{shop}_{expiry}_{order}_{MAC}` in a link reads it, and cancels what of it
//! has not come.

use crate::{
    address::parameter,
    body,
    call::digest,
    clock,
    failure::{Failure, json, reject},
    keys::random_hex,
    kv::{ShopRecord, Snapshots, shop_key},
    limits::{MAX_FORM_BYTES, ORDER_LINK_MS},
    log, orders, respond, shop_do,
    signed::{self, Signed},
    sql::ObjectSql,
    writes::Write,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Answer, OrderAction, OrderChange, PlacedOrder, Store};
use widget::Language;
use wire::{Code, Order};
use worker::{Env, Request, Response};

const PURPOSE: &str = "ot";

/// 128 bits: nobody guesses by what a page allows its style.
const NONCE_BYTES: usize = 16;

/// What a link opens.
#[derive(Debug, PartialEq, Eq)]
struct Link {
    shop: String,
    order: String,
}

/// What the Worker asks the shop's object.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Ask {
    order: String,
    /// What has not come is not wanted any more.
    cancel: bool,
}

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
struct Found {
    order: Order,
    /// What the SKUs are called.
    titles: BTreeMap<String, String>,
}

/// The address under which the buyer of this order finds it; `None` if this Worker signs nothing.
pub(crate) fn address(env: &Env, shop: &str, placed: &PlacedOrder) -> Option<String> {
    let secret = signed::secret(env)?;
    let expires_at = placed.order.placed_at.saturating_add(ORDER_LINK_MS);
    let token = sign(&secret, shop, &placed.order.id, expires_at).ok()?;
    Some(format!("/v1/my-order?token={token}"))
}

fn sign(secret: &str, shop: &str, order: &str, expires_at: i64) -> Result<String, Failure> {
    let (shop, subject) = (shop.to_owned(), hex::encode(order));
    Signed { shop, expires_at, subject }.sign(PURPOSE, secret)
}

fn wrong() -> Failure {
    reject(Code::TokenWrong, "This link is mistyped or too old.")
}

fn open(token: &str, secret: &str, now: i64) -> Result<Link, Failure> {
    let Signed { shop, subject, .. } =
        Signed::open(token, PURPOSE, secret, now).ok_or_else(wrong)?;
    let order = hex::decode(subject).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    Ok(Link { shop, order: order.ok_or_else(wrong)? })
}

/// `GET /v1/my-order`: the page. It changes nothing, whoever fetches it.
pub(crate) async fn read(request: &Request, query: &str, env: &Env) -> Result<Response, Failure> {
    let token = parameter(query, "token").unwrap_or_default();
    answer(request, env, &token, false).await
}

/// `POST /v1/my-order`: what has not come is cancelled, and the page says so.
pub(crate) async fn cancel(mut request: Request, env: &Env) -> Result<Response, Failure> {
    let body = body::bytes(&mut request, MAX_FORM_BYTES).await?;
    let token = form_urlencoded::parse(&body)
        .find_map(|(name, value)| (name == "token").then(|| value.into_owned()));
    let _write = Write::begin(clock::now())?;
    answer(&request, env, &token.unwrap_or_default(), true).await
}

async fn answer(
    request: &Request,
    env: &Env,
    token: &str,
    cancel: bool,
) -> Result<Response, Failure> {
    let what = if cancel { "POST /v1/my-order" } else { "GET /v1/my-order" };
    let entry = log::Entry::new(what);
    let accepts = request.headers().get("accept-language")?.unwrap_or_default();
    let asked = accepts.split([',', ';']).map(str::trim).find_map(Language::of);
    let nonce = random_hex::<NONCE_BYTES>()?;
    let found = find(env, token, cancel, &entry).await;
    match found {
        Ok((shop, Found { order, titles })) => {
            let language = match asked {
                Some(language) => language,
                None => own_language(env, &shop).await?,
            };
            let title = |sku: &str| titles.get(sku).cloned().unwrap_or_else(|| sku.to_owned());
            let html = widget::order_page(language, &order, title, token, &nonce);
            respond::page(200, html, &nonce, "'self'")
        }
        Err(failure) if matches!(failure.code(), Code::TokenWrong | Code::UnknownOrder) => {
            entry.failed(&failure);
            let language = asked.unwrap_or_else(Language::english);
            let html = widget::no_order_page(language, &nonce);
            respond::page(failure.code().status(), html, &nonce, "'none'")
        }
        Err(failure) => Err(failure),
    }
}

/// A shop's own language, for somebody who speaks none of ours.
pub(crate) async fn own_language(env: &Env, shop: &str) -> Result<&'static Language, Failure> {
    let record = Snapshots::of(env)?.one(&shop_key(shop)).await?;
    let record = record.and_then(|record| record.read::<ShopRecord>());
    let own = record.and_then(|shop| Language::of(&shop.locale));
    Ok(own.unwrap_or_else(Language::english))
}

async fn find(
    env: &Env,
    token: &str,
    cancel: bool,
    entry: &log::Entry,
) -> Result<(String, Found), Failure> {
    let link = open(token, &signed::secret(env).ok_or_else(wrong)?, clock::now())?;
    entry.of_shop(&link.shop);
    let ask = json(&Ask { order: link.order, cancel });
    let mut response = shop_do::post(env, &link.shop, "/my-order", ask).await?;
    match response.status_code() {
        200 => Ok((link.shop, response.json().await?)),
        404 => Err(reject(Code::UnknownOrder, "There is no such order any more.")),
        status => Err(Failure::Retryable(format!("a shop answered {status}"))),
    }
}

/// In the shop's object: the order, after what of it still waited was cancelled, if that is asked.
pub(crate) fn found(
    env: &Env,
    store: &Store<ObjectSql>,
    shop: &store::Shop,
    ask: &Ask,
) -> Result<Response, Failure> {
    let unknown = || reject(Code::UnknownOrder, "There is no such order.");
    let before = store.order(&ask.order)?.ok_or_else(unknown)?;
    let waits = before.order.lines.values().any(|line| line.waiting() > 0);
    if ask.cancel && waits {
        // Sent twice, it finds nothing more to cancel; so an id for each state that it ends.
        let cancelled: i64 = before.order.lines.values().map(|line| line.cancelled).sum();
        // No sender can have chosen it: theirs have no control characters.
        let id = format!("buyer\n{}\n{cancelled}", before.order.number);
        let change = OrderChange {
            order: &ask.order,
            id: &id,
            digest: &digest(&ask),
            action: OrderAction::Cancel { by_buyer: true },
            lines: Vec::new(),
            reason: Some("the buyer"),
        };
        let moment = clock::moment(clock::now(), &shop.time_zone)?;
        let kept =
            |_: Result<&PlacedOrder, &ledger::Reject>| Answer { status: 200, body: String::new() };
        store.change_order(&change, moment, kept)?;
    }
    let placed = store.order(&ask.order)?.ok_or_else(unknown)?;
    let mut titles = BTreeMap::new();
    for sku in placed.order.lines.keys() {
        if let Some(shown) = store.shown(sku.as_str())? {
            titles.insert(sku.to_string(), shown.item.title);
        }
    }
    let order = orders::order(env, &shop.id, &placed);
    respond::with_json(200, &Found { order, titles })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_its_order_until_its_time() {
        let token = sign("secret", "my-shop", "order_1/🎁", 1_000).unwrap();
        let link = Link { shop: "my-shop".to_owned(), order: "order_1/🎁".to_owned() };
        assert_eq!(open(&token, "secret", 999), Ok(link));
        assert_eq!(open(&token, "secret", 1_000), Err(wrong()));
        assert_eq!(open(&token, "another", 0), Err(wrong()));
        for forged in [
            token.replacen("my-shop", "my-shoq", 1),
            token.replacen("_1000_", "_9999_", 1),
            token.replacen("ot_", "bt_", 1),
            String::new(),
            "ot_".to_owned(),
        ] {
            assert_eq!(open(&forged, "secret", 0), Err(wrong()), "{forged}");
        }
    }
}
