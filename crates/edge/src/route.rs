//! Where each address leads. Readers are answered here, from KV; everything else goes to the
//! shop's object, whose shop the caller's key or token names.

use crate::{
    address::{self, Found, parameter},
    body, browser_token, clock,
    failure::{Failure, json, reject},
    keys,
    kv::{Snapshots, shop_key},
    limits::{MAX_JSON_BYTES, ROOMS},
    log, read, respond, room_do, shop_do,
    writes::Write,
};
use wire::{Code, Content, CreateShop, Health, Operation, Route};
use worker::{Env, Request, Response};

/// Answers a request, whatever comes.
pub(crate) async fn answer(request: web_sys::Request, env: &Env) -> web_sys::Response {
    let (url, method) = (request.url(), request.method());
    let (path, query) = address::split(&url);
    let found = address::find(&method, path);
    let operation = match &found {
        Found::Route(route, _) => Some(route.operation),
        Found::Takes(_) | Found::Nothing => None,
    };
    let read = match operation {
        Some(Operation::ReadAvailability) => {
            read::availability(env, query, if_none_match(&request)).await
        }
        Some(Operation::ReadFragment) => read::fragment(env, query, if_none_match(&request)).await,
        _ => {
            let answered = other(request.into(), &method, path, query, found, env).await;
            return with_cors(operation, answered).into();
        }
    };
    match read {
        Ok(response) => response,
        Err(failure) => {
            let entry = log::Entry::new(format!("{method} {path}"));
            with_cors(operation, refused(&entry, &failure)).into()
        }
    }
}

fn if_none_match(request: &web_sys::Request) -> Option<String> {
    request.headers().get("if-none-match").ok().flatten()
}

/// Everything but the two reads.
async fn other(
    request: Request,
    method: &str,
    path: &str,
    query: &str,
    found: Found,
    env: &Env,
) -> Response {
    let (what, answered) = match found {
        Found::Route(route, _) => (route.path, routed(request, route, query, env).await),
        // A path that leads nowhere is a stranger's text, and not for the log.
        Found::Nothing => {
            ("elsewhere", Err(reject(Code::NotFound, format!("There is nothing at {path}."))))
        }
        Found::Takes(methods) if method == "OPTIONS" => ("preflight", preflight(&methods)),
        Found::Takes(methods) => return wrong_method(path, &methods),
    };
    answered
        .unwrap_or_else(|failure| refused(&log::Entry::new(format!("{method} {what}")), &failure))
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
    request: Request,
    route: &Route,
    query: &str,
    env: &Env,
) -> Result<Response, Failure> {
    match route.operation {
        Operation::WatchLive => live(&request, query, env).await,
        Operation::MakeBrowserToken => browser_token::make(&request, query, env).await,
        Operation::CreateShop => create_shop(request, env).await,
        Operation::ReadHealth if authorization(&request)?.is_none() => {
            respond::with_json(200, &Health { build: read::BUILD.to_owned(), outbox: None })
        }
        _ => forward(request, route, env).await,
    }
}

/// What a browser asks before it writes. It carries no key, so it cannot be told which shop is
/// meant: the write itself is refused if its origin is not one of the shop's.
fn preflight(methods: &[&str]) -> Result<Response, Failure> {
    let response = Response::empty()?.with_status(204);
    let headers = response.headers().clone();
    headers.set("access-control-allow-methods", &methods.join(", "))?;
    headers.set("access-control-allow-headers", "authorization, content-type, if-none-match")?;
    headers.set("access-control-max-age", "86400")?;
    Ok(response.with_headers(headers))
}

/// Any origin may read any answer: nothing here rests on cookies, and a secret key that a page
/// knows is no secret. What a page may *write* is the shop's to say; its object looks at `Origin`.
fn with_cors(operation: Option<Operation>, response: Response) -> Response {
    if operation == Some(Operation::WatchLive) {
        return response;
    }
    let headers = response.headers().clone();
    // A constant name and value are always taken.
    let _ = headers.set("access-control-allow-origin", "*");
    let _ = headers.set("access-control-expose-headers", "retry-after, idempotent-replayed");
    response.with_headers(headers)
}

fn authorization(request: &Request) -> Result<Option<String>, Failure> {
    Ok(request.headers().get("authorization")?)
}

/// To the object of the shop that the key or token names.
async fn forward(mut request: Request, route: &Route, env: &Env) -> Result<Response, Failure> {
    let header = authorization(&request)?;
    let shop = match shop_named(header.as_deref()) {
        Ok(shop) => shop,
        Err(refused) => {
            body::discard(&mut request).await;
            return Err(refused);
        }
    };
    let stub = shop_do::stub(env, shop)?;
    if route.only_reads() || matches!(route.body, Content::Csv) {
        return Ok(stub.fetch_with_request(request).await?);
    }
    let request = body::in_hand(request, MAX_JSON_BYTES).await?;
    // Only now: whoever sends slowly must not keep others from sending. A write too many is
    // refused before the object has heard of it.
    let _write = Write::begin(clock::now())?;
    Ok(stub.fetch_with_request(request).await?)
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
    let asked = json(&CreateShop { id: Some(id.clone()), ..asked });
    shop_do::post(env, &id, "/v1/shops", asked).await
}

fn check_operator(request: &Request, env: &Env) -> Result<(), Failure> {
    let secret = env.secret("OPERATOR_SECRET").map(|secret| secret.to_string());
    let Some(secret) = secret.ok().filter(|secret| !secret.is_empty()) else {
        let detail = "This Worker has no OPERATOR_SECRET; set one with \
                      `wrangler secret put OPERATOR_SECRET`, or on your own machine in \
                      `.dev.vars`.";
        return Err(reject(Code::OperatorWrong, detail));
    };
    let header = authorization(request)?;
    let given = keys::hash(keys::bearer(header.as_deref()).unwrap_or_default());
    if keys::same(&given, &keys::hash(&secret)) {
        return Ok(());
    }
    let detail = "Send `Authorization: Bearer …` with the Worker's OPERATOR_SECRET.";
    Err(reject(Code::OperatorWrong, detail))
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
    // Otherwise any name would make an object.
    if Snapshots::of(env)?.one(&shop_key(&shop)).await?.is_none() {
        return Err(read::unknown_shop(&shop));
    }
    let room = keys::random_below(ROOMS)?;
    room_do::open(env, &shop, room).await
}

/// The problem document; an empty 500 if even that cannot be made.
fn refused(entry: &log::Entry, failure: &Failure) -> Response {
    entry.failed(failure);
    respond::problem(failure, &entry.request_id)
        .unwrap_or_else(|_| worker::ResponseBuilder::new().with_status(500).empty())
}
