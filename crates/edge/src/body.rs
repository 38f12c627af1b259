//! Bodies, read up to their limit.

use crate::{
    failure::{Failure, reject},
    limits::MAX_IMPORT_BYTES,
};
use futures_util::StreamExt;
use js_sys::{Object, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use wire::Code;
use worker::Request;

/// A field of a form; of one that is there several times, the first.
pub(crate) fn field(form: &[u8], wanted: &str) -> Option<String> {
    form_urlencoded::parse(form)
        .find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
}

/// Hands the body to `take` as it comes in. What is refused, for being over `most` bytes or by
/// `take`, is read on up to as much again: most senders listen only once they have sent all, and
/// a connection that is cut off before takes the answer with it.
pub(crate) async fn stream(
    request: &mut Request,
    most: usize,
    mut take: impl FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let too_large = || {
        let detail = format!("This address takes at most {most} bytes; send less at a time.");
        reject(Code::BodyTooLarge, detail)
    };
    let patience = most.saturating_mul(2);
    let declared = declared(request)?.unwrap_or(0);
    let mut taken = if declared > most { Err(too_large()) } else { Ok(()) };
    if declared > patience || request.inner().body().is_none() {
        return taken;
    }
    let mut chunks = request.stream()?;
    let mut read = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        read = read.saturating_add(chunk.len());
        if read > patience {
            break;
        }
        if taken.is_ok() {
            taken = if read > most { Err(too_large()) } else { take(&chunk) };
        }
    }
    taken
}

/// Reads a body that a refusal has left unread, so that its sender hears the refusal.
pub(crate) async fn discard(request: &mut Request) {
    // Read already, or its sender has gone: either way there is nothing left to do.
    let _ = stream(request, MAX_IMPORT_BYTES, |_| Ok(())).await;
}

/// The body as JSON of this shape.
pub(crate) async fn json<T: DeserializeOwned>(
    request: &mut Request,
    most: usize,
) -> Result<T, Failure> {
    let bytes = bytes(request, most).await?;
    serde_json::from_slice(&bytes)
        .map_err(|error| reject(Code::BadJson, format!("The body does not fit: {error}.")))
}

/// The same request with its whole body in hand, so that whoever it is handed on to need not wait
/// for its sender.
pub(crate) async fn in_hand(request: Request, most: usize) -> Result<web_sys::Request, Failure> {
    let mut request = request;
    let thrown = |thrown| Failure::platform(&thrown);
    let body: Object = if declared(&request)?.is_some_and(|length| length <= most) {
        let buffer = request.inner().array_buffer().map_err(thrown)?;
        JsFuture::from(buffer).await.map_err(thrown)?.unchecked_into()
    } else {
        Uint8Array::from(bytes(&mut request, most).await?.as_slice()).into()
    };
    let init = web_sys::RequestInit::new();
    init.set_method(&request.inner().method());
    init.set_headers(&request.inner().headers());
    init.set_body(&body);
    web_sys::Request::new_with_str_and_init(&request.inner().url(), &init).map_err(thrown)
}

/// The whole body.
pub(crate) async fn bytes(request: &mut Request, most: usize) -> Result<Vec<u8>, Failure> {
    if declared(request)?.is_some_and(|length| length <= most) {
        // At one go: for a small body that is half the work of answering.
        return Ok(request.bytes().await?);
    }
    let mut bytes = Vec::new();
    stream(request, most, |chunk| {
        bytes.extend_from_slice(chunk);
        Ok(())
    })
    .await?;
    Ok(bytes)
}

/// What one of our own objects, or the Worker, has sent to another.
pub(crate) fn inner<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| Failure::Retryable(error.to_string()))
}

/// How long the body is, by its sender's word, which the platform holds it to.
fn declared(request: &Request) -> Result<Option<usize>, Failure> {
    let length = request.headers().get("content-length")?;
    Ok(length.and_then(|length| length.parse().ok()))
}
