//! Answers other than the two reads' own.

use crate::failure::{Failure, json, reject};
use serde::Serialize;
use store::Answered;
use wire::Code;
use worker::{Headers, Response, ResponseBuilder};

/// How long a caller should wait before it tries again, in seconds.
const RETRY_AFTER: &str = "2";

/// `value` with this status.
pub(crate) fn with_json(status: u16, value: &impl Serialize) -> Result<Response, Failure> {
    text(status, "application/json", json(value))
}

/// A body that is JSON already.
pub(crate) fn text(status: u16, content_type: &str, body: String) -> Result<Response, Failure> {
    let headers = Headers::new();
    headers.set("content-type", content_type)?;
    headers.set("cache-control", "no-store")?;
    headers.set("x-content-type-options", "nosniff")?;
    Ok(ResponseBuilder::new().with_status(status).with_headers(headers).fixed(body.into_bytes()))
}

/// It was done, and there is nothing to say.
pub(crate) fn done() -> Result<Response, Failure> {
    Ok(Response::empty()?.with_status(204))
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
    let problem = failure.problem(request_id);
    let status = problem.status;
    let mut response = text(status, "application/problem+json", json(&problem))?;
    match status {
        401 => response.headers_mut().set("www-authenticate", "Bearer")?,
        503 => response.headers_mut().set("retry-after", RETRY_AFTER)?,
        _ => {}
    }
    Ok(response)
}
