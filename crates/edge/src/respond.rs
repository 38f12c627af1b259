//! Answers other than the two reads' own.

use crate::failure::{Failure, json};
use serde::Serialize;
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
