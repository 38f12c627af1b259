//! Where each address leads. Readers are answered here, from KV; everything else goes to the
//! shop's object, whose shop the caller's key or token names.

use crate::{
    account,
    address::{self, Found, parameter},
    alerts_link, body, browser_token, claim_link, clock, desk,
    failure::{Failure, json, reject},
    keys,
    kv::{Snapshots, shop_key},
    limiter_do,
    limits::{MAX_JSON_BYTES, ROOMS},
    log, mail_event, notify, order_link, read, respond, room_do, shop_do, sign_up_link, specimens,
    turnstile,
    writes::Write,
};
use wire::{Code, Content, CreateShop, Health, Operation, Route};
use worker::{Env, Request, Response};

/// Answers a request, whatever comes.
pub(crate) async fn answer(request: web_sys::Request, env: &Env) -> web_sys::Response {
    let (url, method) = (request.url(), request.method());
    let (path, query) = address::split(&url);
    let (what, answered) = match address::find(&method, path) {
        Found::Route(route, _) => (route.path, routed(request, route, query, env).await),
        // A path that leads nowhere is a stranger's text, and not for the log.
        Found::Nothing => {
            ("elsewhere", Err(reject(Code::NotFound, format!("There is nothing at {path}."))))
        }
        Found::Takes(methods) if method == "OPTIONS" => {
            ("preflight", respond::preflight(&methods).map(Into::into))
        }
        Found::Takes(methods) => return wrong_method(path, &methods).into(),
    };
    answered.unwrap_or_else(|failure| {
        refused(&log::Entry::new(format!("{method} {what}")), &failure).into()
    })
}

fn if_none_match(request: &web_sys::Request) -> Option<String> {
    request.headers().get("if-none-match").ok().flatten()
}

fn wrong_method(path: &str, methods: &[&str]) -> Response {
    let methods = methods.join(", ");
    let failure = reject(Code::MethodNotAllowed, format!("{path} takes {methods}."));
    let response = refused(&log::Entry::new("wrong method"), &failure);
    // A constant name and a list of methods are always taken.
    let _ = response.headers().set("allow", &methods);
    response
}

async fn routed(
    request: web_sys::Request,
    route: &Route,
    query: &str,
    env: &Env,
) -> Result<web_sys::Response, Failure> {
    let response = match route.operation {
        Operation::ReadAvailability => {
            return read::availability(env, query, if_none_match(&request)).await;
        }
        Operation::ReadFragment => {
            return read::fragment(env, query, if_none_match(&request)).await;
        }
        Operation::WatchLive => live(&request.into(), query, env).await,
        Operation::MakeBrowserToken => browser_token::make(&request.into(), query, env).await,
        Operation::ReadMyOrder => order_link::read(&request.into(), query, env).await,
        Operation::CancelMyOrder => order_link::act(request.into(), env).await,
        Operation::SignUp => notify::answer(request.into(), env).await,
        Operation::ShowChallenge => turnstile::show(query, env).await,
        Operation::ShowConfirm => sign_up_link::show_confirm(&request.into(), query, env).await,
        Operation::ShowClaim => claim_link::show(&request.into(), query, env).await,
        Operation::ReadClaim => claim_link::state(query, env).await,
        Operation::PassClaimOn => claim_link::pass_on(request.into(), env).await,
        Operation::Confirm => sign_up_link::confirm(request.into(), env).await,
        Operation::ShowUnsubscribe => {
            sign_up_link::show_unsubscribe(&request.into(), query, env).await
        }
        Operation::Unsubscribe => sign_up_link::unsubscribe(request.into(), query, env).await,
        Operation::ShowAlerts => alerts_link::show(&request.into(), query, env).await,
        Operation::EndAlerts => alerts_link::end(request.into(), env).await,
        Operation::ShowDesk => desk::show(&request.into()),
        Operation::ActAtDesk => desk::act(request.into(), env).await,
        Operation::TakeMailEvent => mail_event::take(request.into(), env).await,
        Operation::CreateShop => create_shop(request.into(), env).await,
        Operation::ReadHealth if authorization(&request).is_none() => {
            respond::with_json(200, &account::health_of(env, None))
        }
        Operation::ReadHealth if is_operator(authorization(&request).as_deref(), env) => {
            let confirmations = Some(limiter_do::confirmations(env).await?);
            let health = Health { confirmations, ..account::health_of(env, None) };
            respond::with_json(200, &health)
        }
        _ => return forward(request, route, env).await,
    };
    Ok(response?.into())
}

fn authorization(request: &web_sys::Request) -> Option<String> {
    request.headers().get("authorization").ok().flatten()
}

/// To the object of the shop that the key or token names.
async fn forward(
    request: web_sys::Request,
    route: &Route,
    env: &Env,
) -> Result<web_sys::Response, Failure> {
    let header = authorization(&request);
    let shop = match shop_named(header.as_deref()) {
        Ok(shop) => shop,
        Err(refused) => {
            body::discard(&mut request.into()).await;
            return Err(refused);
        }
    };
    if route.only_reads() || matches!(route.body, Content::Csv) {
        return shop_do::hand_on(env, shop, &request).await;
    }
    // When many are under way, a write counts once its body is here: whoever sends slowly never
    // keeps the other half of the room from those who do not.
    let request = match route.body {
        Content::Json(_) if Write::are_many() => {
            body::in_hand(request.into(), MAX_JSON_BYTES).await?
        }
        _ => request,
    };
    // A write too many is refused before the object has heard of it.
    let _write = Write::begin(clock::now())?;
    shop_do::hand_on(env, shop, &request).await
}

fn shop_named(authorization: Option<&str>) -> Result<&str, Failure> {
    let given = keys::bearer(authorization).ok_or_else(|| {
        reject(Code::KeyMissing, "Send `Authorization: Bearer sk_…` with the shop's secret key.")
    })?;
    if given.starts_with("bt_") { browser_token::shop_of(given) } else { keys::shop_of(given) }
}

/// `POST /v1/shops`, for the operator.
async fn create_shop(mut request: Request, env: &Env) -> Result<Response, Failure> {
    check_operator(&request, env)?;
    let asked: CreateShop = body::json(&mut request, MAX_JSON_BYTES).await?;
    let id = match &asked.id {
        Some(id) => id.clone(),
        None => keys::fresh_shop_id()?,
    };
    if !keys::is_shop_id(&id) {
        return Err(reject(Code::BadValue, "`id` is 3 to 32 of a-z, 0-9 and `-`."));
    }
    if id == specimens::SHOP {
        return Err(reject(Code::BadValue, "`states` is the shop that shows every state."));
    }
    let asked = json(&CreateShop { id: Some(id.clone()), ..asked });
    shop_do::post(env, &id, "/v1/shops", asked).await
}

fn check_operator(request: &Request, env: &Env) -> Result<(), Failure> {
    if operator_secret(env).is_none() {
        let detail = "This Worker has no OPERATOR_SECRET; set one with \
                      `wrangler secret put OPERATOR_SECRET`, or on your own machine in \
                      `.dev.vars`.";
        return Err(reject(Code::OperatorWrong, detail));
    }
    if is_operator(authorization(request.inner()).as_deref(), env) {
        return Ok(());
    }
    let detail = "Send `Authorization: Bearer …` with the Worker's OPERATOR_SECRET.";
    Err(reject(Code::OperatorWrong, detail))
}

fn is_operator(authorization: Option<&str>, env: &Env) -> bool {
    let given = keys::hash(keys::bearer(authorization).unwrap_or_default());
    operator_secret(env).is_some_and(|secret| keys::same(&given, &keys::hash(&secret)))
}

fn operator_secret(env: &Env) -> Option<String> {
    let secret = env.secret("OPERATOR_SECRET").map(|secret| secret.to_string());
    secret.ok().filter(|secret| !secret.is_empty())
}

/// `GET /v1/live`, from a page: a socket in one of the shop's Rooms.
async fn live(request: &Request, query: &str, env: &Env) -> Result<Response, Failure> {
    let shop = parameter(query, "shop")
        .filter(|shop| keys::is_shop_id(shop))
        .ok_or_else(|| reject(Code::BadParameter, "`shop` is the shop's public id."))?;
    let upgrade = request.headers().get("upgrade")?;
    if !upgrade.is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket")) {
        return Err(reject(Code::UpgradeRequired, "Open it as a WebSocket."));
    }
    let language = read::language(parameter(query, "lang").as_deref())?;
    // Otherwise any name would make an object.
    if shop != specimens::SHOP && Snapshots::of(env)?.one(&shop_key(&shop)).await?.is_none() {
        return Err(read::unknown_shop(&shop));
    }
    let room = keys::random_below(ROOMS)?;
    room_do::open(env, &shop, room, language).await
}

/// The problem document; an empty 500 if even that cannot be made.
fn refused(entry: &log::Entry, failure: &Failure) -> Response {
    entry.failed(failure);
    respond::problem(failure, entry.request_id())
        .unwrap_or_else(|_| worker::ResponseBuilder::new().with_status(500).empty())
}
