//! Commands and counts: whatever moves stock under an id of its sender's.

use crate::{
    call::{Call, digest, refusal},
    convert::{self, check_id, check_reason},
    failure::{Failure, json},
    respond,
};
use ledger::Command;
use store::{Answer, Request};
use worker::Response;

/// Idempotent: by the command's id.
/// Input: [`wire::Command`].
/// Output: 200 [`wire::Applied`], or the refusal; either is remembered.
pub(crate) async fn run(call: &mut Call<'_>) -> Result<Response, Failure> {
    let sent: wire::Command = call.json().await?;
    let command = Command::Move(convert::kind(sent.kind), convert::lines(&sent.lines)?);
    book(call, &sent.id, &digest(&sent), command, sent.reason.as_deref())
}

/// Idempotent: by the count's id.
/// Input: [`wire::Count`].
/// Output: 200 [`wire::Applied`], or the refusal; either is remembered.
pub(crate) async fn count(call: &mut Call<'_>) -> Result<Response, Failure> {
    let sent: wire::Count = call.json().await?;
    let lines = sent.lines.iter().enumerate().map(convert::count_line).collect::<Result<_, _>>()?;
    book(call, &sent.id, &digest(&sent), Command::Count(lines), sent.reason.as_deref())
}

fn book(
    call: &Call<'_>,
    id: &str,
    digest: &[u8],
    command: Command,
    reason: Option<&str>,
) -> Result<Response, Failure> {
    check_id("id", id)?;
    check_reason(reason)?;
    let request = Request { id, digest, command, reason };
    let answered = call.store.run(&request, call.moment()?, |decided| match decided {
        Ok(decision) => Answer { status: 200, body: json(&convert::applied(id, decision)) },
        Err(why) => refusal(&convert::rejected(why), id),
    })?;
    respond::answered(answered)
}
