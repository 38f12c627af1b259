//! A link to all that somebody waits for in a shop, `at_…`: a page with a button to end each.
//! Whoever fetches it changes nothing.

use crate::{
    address::parameter,
    body::{self, field},
    clock,
    failure::Failure,
    kv::{Entry, Snapshots, sku_key},
    letter::title_of,
    limits::MAX_FORM_BYTES,
    link_page::LinkPage,
    outreach_do,
    places::{self, PlaceTold},
    sign_up_link::{Purpose, open},
    subjects::{AlertTold, AskAlerts, End, Stage},
    writes::Write,
};
use ledger::PlaceState;
use std::collections::BTreeMap;
use widget::{AlertState, AlertView};
use wire::Snapshot;
use worker::{Env, Request, Response};

/// `GET /v1/alerts`: the page.
pub(crate) async fn show(request: &Request, query: &str, env: &Env) -> Result<Response, Failure> {
    let page = LinkPage::new(request, "GET /v1/alerts")?;
    answer(page, env, &parameter(query, "token").unwrap_or_default(), None).await
}

/// `POST /v1/alerts`, from one of its buttons: what it ends has ended when this is answered.
pub(crate) async fn end(mut request: Request, env: &Env) -> Result<Response, Failure> {
    let form = body::bytes(&mut request, MAX_FORM_BYTES).await?;
    let page = LinkPage::new(&request, "POST /v1/alerts")?;
    let _write = Write::begin(clock::now())?;
    let all = field(&form, "all").as_deref() == Some("yes");
    let end = if all { Some(End::All) } else { field(&form, "id").map(End::One) };
    answer(page, env, &field(&form, "token").unwrap_or_default(), end).await
}

async fn answer(
    mut page: LinkPage,
    env: &Env,
    token: &str,
    end: Option<End>,
) -> Result<Response, Failure> {
    let signed = match open(token, Purpose::Alerts, env) {
        Ok(signed) => signed,
        Err(failure) => return page.refuse(&failure),
    };
    let shop = signed.shop.clone();
    page.entry.of_shop(&shop);
    let ask = AskAlerts { shop: signed.shop, subscriber: signed.subject, end };
    let told: Vec<AlertTold> = outreach_do::ask(env, &shop, "/alerts", &ask).await?;
    let mut alerts = Vec::new();
    for alert in &told {
        if let Some(state) = state_of(env, &shop, alert).await? {
            alerts.push((alert, state));
        }
    }
    let titles = titles(env, &shop, &told).await?;
    let views: Vec<_> = alerts
        .iter()
        .map(|(alert, state)| AlertView {
            id: &alert.id,
            title: title_of(titles.get(&alert.sku), &alert.sku),
            state: *state,
        })
        .collect();
    page.speak_as(env, &shop).await;
    page.give(200, |language, nonce| widget::alerts_page(language, &views, token, nonce))
}

/// How far it is; `None` if it is over: what was kept is not any more, or nothing ever was.
async fn state_of(env: &Env, shop: &str, alert: &AlertTold) -> Result<Option<AlertState>, Failure> {
    Ok(match alert.stage {
        Stage::Unconfirmed => Some(AlertState::Unconfirmed),
        Stage::Waiting => Some(AlertState::Waiting),
        Stage::Told => {
            let place: Option<PlaceTold> = places::ask(env, shop, "/place", &alert.id).await?;
            let kept = place.is_some_and(|place| place.state == PlaceState::Offered.as_str());
            kept.then_some(AlertState::Kept)
        }
    })
}

/// What is published of the SKUs.
async fn titles(
    env: &Env,
    shop: &str,
    alerts: &[AlertTold],
) -> Result<BTreeMap<String, Snapshot>, Failure> {
    if alerts.is_empty() {
        return Ok(BTreeMap::new());
    }
    let keys: Vec<_> = alerts.iter().map(|alert| sku_key(shop, &alert.sku)).collect();
    let found = Snapshots::of(env)?.many(&keys).await?;
    let read = |entry: Option<Entry>| entry.as_ref().and_then(Entry::read::<Snapshot>);
    let pairs = alerts.iter().zip(found.into_iter().map(read));
    Ok(pairs.filter_map(|(alert, shown)| Some((alert.sku.clone(), shown?))).collect())
}
