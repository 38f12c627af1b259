//! A buyer's own order: `ot_{shop}_{expiry}_{order}_{MAC}` in a link reads it, cancels what of it has
//! not come, and agrees to dates that have moved.

use crate::{
    address::parameter,
    body::{self, field},
    call::digest,
    clock, convert,
    failure::{Failure, json, reject},
    limits::{MAX_JSON_BYTES, ORDER_LINK_MS},
    link_page::LinkPage,
    log, orders, respond, shop_do,
    signed::{self, Signed},
    sql::ObjectSql,
    writes::Write,
};
use ledger::{OrderLine, Sku};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Agreement, Answer, Answered, Moment, OrderAction, OrderChange, PlacedOrder, Store};
use wire::{Code, Order, Restock};
use worker::{Env, Request, Response};

const PURPOSE: &str = "ot";

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
    action: Action,
}

/// What is done about it before it is read.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Read,
    /// What has not come is not wanted any more.
    Cancel,
    /// The buyer agrees to these dates.
    Agree(Dates),
}

/// Dates by SKU; `None` where nobody knows one.
type Dates = BTreeMap<String, Option<Restock>>;

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
struct Found {
    order: Order,
    /// What the SKUs are called.
    titles: BTreeMap<String, String>,
    /// Nothing was agreed to: a date has moved since.
    stale: bool,
}

/// The address under which the buyer of this order finds it; `None` if this Worker signs nothing.
pub(crate) fn address(env: &Env, shop: &str, placed: &PlacedOrder) -> Option<String> {
    let secret = signed::secret(env)?;
    let expires_at = placed.order.placed_at.saturating_add(ORDER_LINK_MS);
    path(&secret, shop, &placed.order.id, expires_at).ok()
}

/// The same, until another time.
pub(crate) fn path(
    secret: &str,
    shop: &str,
    order: &str,
    expires_at: i64,
) -> Result<String, Failure> {
    Ok(format!("/v1/my-order?token={}", sign(secret, shop, order, expires_at)?))
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
    answer(LinkPage::new(request, "GET /v1/my-order")?, env, &token, Action::Read).await
}

/// `POST /v1/my-order`: what has not come is cancelled, or what has moved is agreed to, and the page
/// says how it is now.
pub(crate) async fn act(mut request: Request, env: &Env) -> Result<Response, Failure> {
    // As long as any JSON: the dates that are agreed to are some.
    let body = body::bytes(&mut request, MAX_JSON_BYTES).await?;
    let action = action(field(&body, "action").as_deref(), field(&body, "to").as_deref())?;
    let page = LinkPage::new(&request, "POST /v1/my-order")?;
    let _write = Write::begin(clock::now())?;
    answer(page, env, &field(&body, "token").unwrap_or_default(), action).await
}

/// What is to be done, by the fields `action` and `to` of the page's form.
fn action(action: Option<&str>, to: Option<&str>) -> Result<Action, Failure> {
    match action.unwrap_or("cancel") {
        "cancel" => Ok(Action::Cancel),
        "agree" => match to.and_then(|to| serde_json::from_str(to).ok()) {
            Some(to) => Ok(Action::Agree(to)),
            None => Err(reject(Code::BadValue, "`to` is what the page sends with `agree`.")),
        },
        _ => Err(reject(Code::BadValue, "`action` is `cancel` or `agree`.")),
    }
}

/// What the page sends if the reader agrees to how it is; `None` if there is nothing to agree to.
fn to_agree(order: &Order) -> Option<String> {
    let moved = order.lines.iter().filter(|line| line.moved_from.is_some());
    let dates: Dates = moved.map(|line| (line.sku.clone(), line.promised.clone())).collect();
    (!dates.is_empty()).then(|| json(&dates))
}

async fn answer(
    mut page: LinkPage,
    env: &Env,
    token: &str,
    action: Action,
) -> Result<Response, Failure> {
    let (shop, Found { order, titles, stale }) = match find(env, token, action, &page.entry).await {
        Ok(found) => found,
        Err(failure) => return page.refuse(&failure),
    };
    page.speak_as(env, &shop).await;
    if stale {
        page.entry.failed(&reject(Code::PromiseMoved, "The page that was sent is too old."));
    }
    let status = if stale { Code::PromiseMoved.status() } else { 200 };
    let title = |sku: &str| titles.get(sku).cloned().unwrap_or_else(|| sku.to_owned());
    let to = to_agree(&order);
    page.give(status, |language, nonce| {
        widget::order_page(language, &order, title, token, to.as_deref(), nonce)
    })
}

async fn find(
    env: &Env,
    token: &str,
    action: Action,
    entry: &log::Entry,
) -> Result<(String, Found), Failure> {
    let link = open(token, &signed::secret(env).ok_or_else(wrong)?, clock::now())?;
    entry.of_shop(&link.shop);
    let ask = json(&Ask { order: link.order, action });
    let mut response = shop_do::post(env, &link.shop, "/my-order", ask).await?;
    match response.status_code() {
        200 => Ok((link.shop, response.json().await?)),
        404 => Err(reject(Code::UnknownOrder, "There is no such order any more.")),
        status => Err(Failure::Retryable(format!("a shop answered {status}"))),
    }
}

/// In the shop's object: the order, after what is asked was done about it.
pub(crate) fn found(
    env: &Env,
    store: &Store<ObjectSql>,
    shop: &store::Shop,
    ask: &Ask,
) -> Result<Response, Failure> {
    let unknown = || reject(Code::UnknownOrder, "There is no such order.");
    let before = store.order(&ask.order)?.ok_or_else(unknown)?;
    let moment = clock::moment(clock::now(), &shop.time_zone)?;
    let mut stale = false;
    match &ask.action {
        Action::Read => {}
        Action::Cancel => cancel(store, ask, &before, moment)?,
        Action::Agree(to) => stale = !agree(store, to, &before, moment)?,
    }
    let placed = store.order(&ask.order)?.ok_or_else(unknown)?;
    let mut titles = BTreeMap::new();
    for sku in placed.order.lines.keys() {
        if let Some(shown) = store.shown(sku.as_str())? {
            titles.insert(sku.to_string(), shown.item.title);
        }
    }
    let order = orders::order(env, &shop.id, &placed);
    respond::with_json(200, &Found { order, titles, stale })
}

/// Cancels what still waits.
fn cancel(
    store: &Store<ObjectSql>,
    ask: &Ask,
    before: &PlacedOrder,
    moment: Moment,
) -> Result<(), Failure> {
    if before.order.lines.values().all(|line| line.waiting() == 0) {
        return Ok(());
    }
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
    let kept =
        |_: Result<&PlacedOrder, &ledger::Reject>| Answer { status: 200, body: String::new() };
    store.change_order(&change, moment, kept)?;
    Ok(())
}

/// Agrees to these dates; false if one of them has moved since.
fn agree(
    store: &Store<ObjectSql>,
    dates: &Dates,
    before: &PlacedOrder,
    moment: Moment,
) -> Result<bool, Failure> {
    let mut to = BTreeMap::new();
    let mut now = Vec::new();
    for (sku, date) in dates {
        let date = date.as_ref().map(|date| convert::date_from_wire("to", date)).transpose();
        // No page of ours has sent such a thing, so nothing is as it says.
        let (Ok(sku), Ok(date)) = (Sku::new(sku.as_str()), date) else { return Ok(false) };
        let line = before.order.lines.get(&sku);
        let agreed = before.consents.get(&sku).and_then(|consent| consent.agreed);
        let promised = line.and_then(OrderLine::promised).map(convert::date_to_wire);
        now.push((promised, agreed.map(|agreed| agreed.at)));
        to.insert(sku, date);
    }
    // As above: an id for each state in which somebody agrees to something.
    let state = hex::encode(digest(&(dates, now)));
    let agreement = Agreement {
        order: &before.order.id,
        id: &format!("buyer\n{}\nagrees\n{state}", before.order.number),
        digest: &digest(&dates),
        to,
    };
    let kept = |said: Result<(), &ledger::Reject>| Answer {
        status: if said.is_ok() { 200 } else { Code::PromiseMoved.status() },
        body: String::new(),
    };
    let answered = store.agree(&agreement, moment, kept)?;
    let Some(Answered::First(answer) | Answered::Again(answer)) = answered else {
        return Ok(false);
    };
    Ok(answer.status == 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_what_is_done() {
        let day = r#"{"a":{"date":"2026-12-20","precision":"day"},"b":null}"#;
        let Ok(Action::Agree(dates)) = action(Some("agree"), Some(day)) else {
            panic!("these are dates")
        };
        assert_eq!(json(&dates), day);
        assert_eq!(action(None, None), Ok(Action::Cancel));
        assert_eq!(action(Some("cancel"), Some("{")), Ok(Action::Cancel));
        for (name, to) in [("agree", None), ("agree", Some("{")), ("read", None), ("", None)] {
            let refused = action(Some(name), to).unwrap_err();
            assert_eq!(refused.code(), Code::BadValue, "{name} {to:?}");
        }
    }

    #[test]
    fn what_objects_say_to_each_other_of_an_order() {
        let ask = |action| json(&Ask { order: "o".to_owned(), action });
        assert_eq!(ask(Action::Read), r#"{"order":"o","action":"read"}"#);
        assert_eq!(ask(Action::Cancel), r#"{"order":"o","action":"cancel"}"#);
        let dates = Dates::from([("a".to_owned(), None)]);
        assert_eq!(ask(Action::Agree(dates)), r#"{"order":"o","action":{"agree":{"a":null}}}"#);
    }

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
