//! Where each address leads. Readers are answered here, from KV; everything else goes to the
//! shop's object, whose shop the caller's key names.

use crate::{
    body,
    failure::{Failure, json, reject},
    keys,
    kv::{Snapshots, shop_key},
    limits::{MAX_JSON_BYTES, ROOMS},
    log, read, respond, room_do, shop_do,
};
use wire::{Code, CreateShop, Health};
use worker::{Env, Method, Request, Response};

/// Answers a request, whatever comes.
pub(crate) async fn answer(request: web_sys::Request, env: &Env) -> web_sys::Response {
    let url = request.url();
    let (path, query) = split(&url);
    let method = request.method();
    let read = match (method.as_str(), path) {
        ("GET" | "HEAD", "/v1/availability") => {
            read::availability(env, query, if_none_match(&request)).await
        }
        ("GET" | "HEAD", "/v1/fragment") => {
            read::fragment(env, query, if_none_match(&request)).await
        }
        _ => {
            let answered = other(request.into(), path, query, env).await;
            return with_cors(path, answered).into();
        }
    };
    match read {
        Ok(response) => response,
        Err(failure) => {
            let entry = log::Entry::new(format!("{method} {path}"));
            with_cors(path, refused(&entry, &failure)).into()
        }
    }
}

/// Path and query of an absolute address.
fn split(url: &str) -> (&str, &str) {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let from_path = after_scheme.find('/').and_then(|at| after_scheme.get(at..)).unwrap_or("/");
    let without_fragment = from_path.split('#').next().unwrap_or(from_path);
    without_fragment.split_once('?').unwrap_or((without_fragment, ""))
}

fn if_none_match(request: &web_sys::Request) -> Option<String> {
    request.headers().get("if-none-match").ok().flatten()
}

/// Everything but the two reads.
async fn other(request: Request, path: &str, query: &str, env: &Env) -> Response {
    let method = request.method();
    let entry = log::Entry::new(format!("{method:?} {path}"));
    match routed(request, &method, path, query, env).await {
        Ok(response) => response,
        Err(failure) => {
            let response = refused(&entry, &failure);
            if failure.code() == Code::MethodNotAllowed {
                let allowed = names(methods(path).unwrap_or_default());
                // A constant name and a list of methods are always taken.
                let _ = response.headers().set("allow", &allowed);
            }
            response
        }
    }
}

async fn routed(
    request: Request,
    method: &Method,
    path: &str,
    query: &str,
    env: &Env,
) -> Result<Response, Failure> {
    let allowed = methods(path)
        .ok_or_else(|| reject(Code::NotFound, format!("There is nothing at {path}.")))?;
    if *method == Method::Options {
        return preflight(allowed);
    }
    if !allowed.contains(method) {
        let names = names(allowed);
        return Err(reject(Code::MethodNotAllowed, format!("{path} takes {names}.")));
    }
    match path {
        "/v1/live" => live(&request, query, env).await,
        "/v1/shops" => create_shop(request, env).await,
        "/v1/health" if authorization(&request)?.is_none() => {
            respond::with_json(200, &Health { build: read::BUILD.to_owned(), outbox: None })
        }
        _ => forward(request, env).await,
    }
}

/// The methods that an address takes; `None` where there is nothing.
fn methods(path: &str) -> Option<&'static [Method]> {
    match path {
        "/v1/availability" | "/v1/fragment" => Some(&[Method::Get, Method::Head]),
        "/v1/live" | "/v1/stock" | "/v1/health" => Some(&[Method::Get]),
        "/v1/shops" | "/v1/keys" | "/v1/import" | "/v1/commands" => Some(&[Method::Post]),
        "/v1/shop" => Some(&[Method::Get, Method::Patch]),
        _ if path.strip_prefix("/v1/keys/").is_some_and(|prefix| !prefix.contains('/')) => {
            Some(&[Method::Delete])
        }
        _ => None,
    }
}

fn names(methods: &[Method]) -> String {
    let names: Vec<_> = methods.iter().map(|method| format!("{method:?}").to_uppercase()).collect();
    names.join(", ")
}

/// What a browser asks before it writes. It carries no key, so it cannot be told which shop is
/// meant: the write itself is refused if its origin is not one of the shop's.
fn preflight(allowed: &[Method]) -> Result<Response, Failure> {
    let response = Response::empty()?.with_status(204);
    let headers = response.headers().clone();
    headers.set("access-control-allow-methods", &names(allowed))?;
    headers.set("access-control-allow-headers", "authorization, content-type, if-none-match")?;
    headers.set("access-control-max-age", "86400")?;
    Ok(response.with_headers(headers))
}

/// Any origin may read any answer: nothing here rests on cookies, and a secret key that a page
/// knows is no secret. What a page may *write* is the shop's to say; its object looks at `Origin`.
fn with_cors(path: &str, response: Response) -> Response {
    if path == "/v1/live" {
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

/// To the object of the shop that the key names.
async fn forward(mut request: Request, env: &Env) -> Result<Response, Failure> {
    let header = authorization(&request)?;
    match shop_named(header.as_deref()) {
        Ok(shop) => Ok(shop_do::stub(env, shop)?.fetch_with_request(request).await?),
        Err(refused) => {
            body::discard(&mut request).await;
            Err(refused)
        }
    }
}

fn shop_named(authorization: Option<&str>) -> Result<&str, Failure> {
    let key = keys::bearer(authorization).ok_or_else(|| {
        reject(Code::KeyMissing, "Send `Authorization: Bearer sk_…` with the shop's secret key.")
    })?;
    keys::shop_of(key)
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
    let shop = form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "shop").then(|| value.into_owned()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_falls_into_path_and_query() {
        for (url, parts) in [
            ("http://a:1/v1/x?b=c&d=%2F", ("/v1/x", "b=c&d=%2F")),
            ("https://a/v1/x", ("/v1/x", "")),
            ("https://a/?q", ("/", "q")),
            ("https://a", ("/", "")),
            ("https://a/x#y?z", ("/x", "")),
        ] {
            assert_eq!(split(url), parts, "{url}");
        }
    }

    #[test]
    fn only_what_is_documented_is_there() {
        assert!(methods("/v1/keys/0a1b2c3d").is_some());
        for path in ["/", "/watch", "/push", "/v1", "/v1/", "/v1/keys/a/b", "/v1/shops/"] {
            assert!(methods(path).is_none(), "{path}");
        }
    }
}
