//! The merchant's look at what could not be sent.

use crate::{
    address::parameter,
    call::Call,
    failure::{Failure, reject},
    outreach_do, page, respond,
};
use wire::{Code, DeadMessage, MessagesPage};
use worker::Response;

/// Idempotent: yes, it only reads.
/// Output: 200 [`MessagesPage`].
pub(crate) async fn list(call: &Call<'_>) -> Result<Response, Failure> {
    if parameter(&call.query, "state").as_deref() != Some("dead") {
        return Err(reject(Code::BadParameter, "`state` is `dead`."));
    }
    let [after] = page::after(&call.query)?;
    let messages: Vec<DeadMessage> =
        outreach_do::ask(call.env, &call.shop.id, "/dead", &after).await?;
    let next = page::next(&messages, |last| [last.id.clone()]);
    respond::with_json(200, &MessagesPage { messages, next })
}

/// Idempotent: yes, what is not dead is left alone.
/// Output: 204.
pub(crate) async fn retry(call: &Call<'_>) -> Result<Response, Failure> {
    if outreach_do::ask(call.env, &call.shop.id, "/retry", &call.named).await? {
        return respond::done();
    }
    Err(reject(Code::UnknownMessage, "There is no such message, or it was sent meanwhile."))
}
