//! How a Durable Object of ours is asked: JSON goes there, and JSON comes back.

use crate::failure::{Failure, json};
use serde::{Serialize, de::DeserializeOwned};
use worker::{Env, Headers, Method, Request, RequestInit, Response, Stub};

/// The object of this name, of the class that is bound so.
pub(crate) fn stub(env: &Env, binding: &str, name: &str) -> Result<Stub, Failure> {
    Ok(env.durable_object(binding)?.get_by_name(name)?)
}

/// Sends it a body of JSON.
pub(crate) async fn post(object: &Stub, path: &str, body: String) -> Result<Response, Failure> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers).with_body(Some(body.into()));
    // It has no host of its own.
    let request = Request::new_with_init(&format!("https://object{path}"), &init)?;
    Ok(object.fetch_with_request(request).await?)
}

/// Asks it for what it gives with a 200.
pub(crate) async fn ask<T: DeserializeOwned>(
    object: &Stub,
    path: &str,
    body: &impl Serialize,
) -> Result<T, Failure> {
    let mut response = post(object, path, json(body)).await?;
    match response.status_code() {
        200 => Ok(response.json().await?),
        status => Err(Failure::Retryable(format!("an object answered {path} with {status}"))),
    }
}
