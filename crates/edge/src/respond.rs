//! Answers other than the two reads' own.

use crate::{
    failure::{Failure, json, reject},
    keys::random_hex,
};
use serde::Serialize;
use store::Answered;
use wire::{Code, Problem};
use worker::{Headers, Response, ResponseBuilder};

/// 128 bits: nobody guesses it.
const NONCE_BYTES: usize = 16;

/// `value` with this status.
pub(crate) fn with_json(status: u16, value: &impl Serialize) -> Result<Response, Failure> {
    text(status, "application/json", json(value))
}

/// A body that is JSON already.
pub(crate) fn text(status: u16, content_type: &str, body: String) -> Result<Response, Failure> {
    let headers = headers()?;
    headers.set("content-type", content_type)?;
    Ok(ResponseBuilder::new().with_status(status).with_headers(headers).fixed(body.into_bytes()))
}

/// It was done, and there is nothing to say.
pub(crate) fn done() -> Result<Response, Failure> {
    Ok(ResponseBuilder::new().with_status(204).with_headers(headers()?).empty())
}

/// The headers that every answer has.
///
/// Any origin may read any answer: nothing here rests on cookies, and a secret key that a page
/// knows is no secret. What a page may *write* is the shop's to say; its object looks at `Origin`.
fn headers() -> Result<Headers, Failure> {
    let headers = Headers::new();
    headers.set("cache-control", "no-store")?;
    headers.set("x-content-type-options", "nosniff")?;
    headers.set("access-control-allow-origin", "*")?;
    headers.set("access-control-expose-headers", "retry-after, idempotent-replayed")?;
    Ok(headers)
}

/// What a browser asks before it writes. It carries no key, so it cannot be told which shop is
/// meant: the write itself is refused if its origin is not one of the shop's.
pub(crate) fn preflight(methods: &[&str]) -> Result<Response, Failure> {
    let response = done()?;
    let headers = response.headers();
    headers.set("access-control-allow-methods", &methods.join(", "))?;
    headers.set("access-control-allow-headers", "authorization, content-type, if-none-match")?;
    headers.set("access-control-max-age", "86400")?;
    Ok(response)
}

/// The answer to what has an id of its sender's, and whether it is the first.
pub(crate) fn answered(answered: Answered) -> Result<Response, Failure> {
    let (answer, replayed) = match answered {
        Answered::First(answer) => (answer, false),
        Answered::Again(answer) => (answer, true),
        Answered::IdReused => {
            let detail = "This id came before with something else. Nothing was changed.";
            return Err(reject(Code::IdReused, detail));
        }
    };
    let content_type =
        if answer.status < 300 { "application/json" } else { "application/problem+json" };
    let mut response = text(answer.status, content_type, answer.body)?;
    if replayed {
        response.headers_mut().set("idempotent-replayed", "true")?;
    }
    Ok(response)
}

/// The problem document of a failure.
pub(crate) fn problem(failure: &Failure, request_id: &str) -> Result<Response, Failure> {
    document(failure, failure.problem(request_id))
}

/// The same, with a sentence for the shopper.
pub(crate) fn problem_said(
    failure: &Failure,
    request_id: &str,
    said: &str,
) -> Result<Response, Failure> {
    document(failure, Problem { said: Some(said.to_owned()), ..failure.problem(request_id) })
}

fn document(failure: &Failure, problem: Problem) -> Result<Response, Failure> {
    let mut response = text(problem.status, "application/problem+json", json(&problem))?;
    if problem.status == 401 {
        response.headers_mut().set("www-authenticate", "Bearer")?;
    }
    say_when(&mut response, failure)?;
    Ok(response)
}

/// Says in how many seconds a refused request may come again, if that is known.
pub(crate) fn say_when(response: &mut Response, failure: &Failure) -> Result<(), Failure> {
    if let Some(seconds) = failure.retry_after() {
        response.headers_mut().set("retry-after", &seconds.to_string())?;
    }
    Ok(())
}

/// By what a page allows its style and its scripts.
pub(crate) fn nonce() -> Result<String, Failure> {
    random_hex::<NONCE_BYTES>()
}

/// A page of ours that loads nothing, runs nothing and stands in no other; only the style of this
/// nonce is its own. `forms` is where its forms may go.
pub(crate) fn page(
    status: u16,
    html: String,
    nonce: &str,
    forms: &str,
) -> Result<Response, Failure> {
    with_policy(status, html, &policy(nonce, forms, "'none'"), "no-referrer")
}

/// A mail, as a program shows it: it runs nothing and leads nowhere.
pub(crate) fn mail(html: String) -> Result<Response, Failure> {
    let mut response = text(200, "text/html; charset=utf-8", html)?;
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src https:; sandbox; \
                  frame-ancestors 'none'";
    response.headers_mut().set("content-security-policy", policy)?;
    Ok(response)
}

/// The same of a page with a script of ours, and with a picture of the shop's.
pub(crate) fn page_with_script(
    status: u16,
    html: String,
    nonce: &str,
    forms: &str,
) -> Result<Response, Failure> {
    let own = policy(nonce, forms, "'none'");
    let policy = format!("{own}; script-src 'nonce-{nonce}'; img-src https:");
    with_policy(status, html, &policy, "no-referrer")
}

/// The same of a page that shows one of this origin in a frame, by a script of its, which loads
/// more. It may stand in pages of the origins `around`. What it sends says where it comes from.
pub(crate) fn page_with_frame(
    status: u16,
    html: String,
    nonce: &str,
    framed: &str,
    around: &str,
) -> Result<Response, Failure> {
    let own = policy(nonce, "'self'", around);
    let policy = format!("{own}; script-src 'nonce-{nonce}' 'strict-dynamic'; frame-src {framed}");
    with_policy(status, html, &policy, "same-origin")
}

fn policy(nonce: &str, forms: &str, around: &str) -> String {
    format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action {forms}; \
         frame-ancestors {around}"
    )
}

fn with_policy(
    status: u16,
    html: String,
    policy: &str,
    referrer: &str,
) -> Result<Response, Failure> {
    let mut response = text(status, "text/html; charset=utf-8", html)?;
    let headers = response.headers_mut();
    headers.set("content-security-policy", policy)?;
    headers.set("referrer-policy", referrer)?;
    Ok(response)
}
