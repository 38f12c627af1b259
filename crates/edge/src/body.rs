//! Bodies, read up to their limit.

use crate::failure::{Failure, reject};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use wire::Code;
use worker::Request;

/// Hands the body to `take` as it comes in, and refuses it as soon as it is over `most` bytes.
pub(crate) async fn stream(
    request: &mut Request,
    most: usize,
    mut take: impl FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let too_large = || {
        let detail = format!("This address takes at most {most} bytes; send less at a time.");
        reject(Code::BodyTooLarge, detail)
    };
    let declared = request.headers().get("content-length")?;
    if declared.and_then(|length| length.parse().ok()).is_some_and(|length: usize| length > most) {
        return Err(too_large());
    }
    if request.inner().body().is_none() {
        return Ok(());
    }
    let mut chunks = request.stream()?;
    let mut read = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        read = read.saturating_add(chunk.len());
        if read > most {
            return Err(too_large());
        }
        take(&chunk)?;
    }
    Ok(())
}

/// The body as JSON of this shape.
pub(crate) async fn json<T: DeserializeOwned>(
    request: &mut Request,
    most: usize,
) -> Result<T, Failure> {
    let mut bytes = Vec::new();
    stream(request, most, |chunk| {
        bytes.extend_from_slice(chunk);
        Ok(())
    })
    .await?;
    serde_json::from_slice(&bytes)
        .map_err(|error| reject(Code::BadJson, format!("The body does not fit: {error}.")))
}
