//! Holds: placed, read, committed and released.

use crate::{
    browser_token,
    call::{Call, digest, refusal},
    clock::{self, rfc3339},
    convert::{self, check_id, check_reason},
    failure::{Failure, json, reject},
    limits::{DEFAULT_HOLD_SECONDS, MAX_BUYER_BYTES},
    page, respond,
};
use ledger::{Hold, HoldState, Region, Way};
use sha2::{Digest, Sha256};
use store::{Answer, HoldRequest, Resolution};
use wire::{Code, CommitHold, HeldLine, HoldsPage, ReleaseHold, Resolved, Shortfall};
use worker::Response;

/// Idempotent: by the hold's id.
/// Input: [`wire::HoldRequest`].
/// Output: 200 [`wire::Hold`], open, or the refusal; either is remembered.
pub(crate) async fn place(call: &mut Call<'_>) -> Result<Response, Failure> {
    let sent: wire::HoldRequest = call.json().await?;
    check_id("id", &sent.id)?;
    check_browser(call, &sent)?;
    let buyer = buyer(call, &sent)?;
    let network = call.network()?;
    let region = sent.region.as_deref().map(Region::new).transpose();
    let request = HoldRequest {
        id: &sent.id,
        digest: &digest(&sent),
        lines: convert::lines(&sent.lines)?,
        lifetime_ms: i64::from(sent.seconds.unwrap_or(DEFAULT_HOLD_SECONDS)).saturating_mul(1_000),
        region: region.map_err(|why| reject(Code::BadValue, format!("`region`: {why}.")))?,
        buyer: buyer.as_deref(),
        network: network.as_deref(),
    };
    let answered = call.store.hold(&request, call.moment()?, |decided| match decided {
        // However it has ended since: the first answer was that it is open.
        Ok(hold) => Answer { status: 200, body: json(&as_placed(hold)) },
        Err(why) => refusal(&convert::rejected(why), &sent.id),
    })?;
    respond::answered(answered)
}

/// A page holds units under ids of its own, for a buyer that it does not choose.
fn check_browser(call: &Call<'_>, sent: &wire::HoldRequest) -> Result<(), Failure> {
    let Some(claims) = call.browser() else { return Ok(()) };
    if !call.shop.browser_holds {
        return Err(browser_token::holds_are_off());
    }
    let prefix = claims.prefix();
    if !sent.id.starts_with(&prefix) {
        let detail = format!("The `id` of a hold with this token begins with `{prefix}`.");
        return Err(reject(Code::BadValue, detail));
    }
    if sent.buyer.is_some() {
        return Err(reject(Code::BadValue, "A browser's `buyer` is its token; leave it out."));
    }
    Ok(())
}

/// A hash of the buyer, by the token of a page or by the name that the shop has for them.
fn buyer(call: &Call<'_>, sent: &wire::HoldRequest) -> Result<Option<Vec<u8>>, Failure> {
    match &sent.buyer {
        None => Ok(own(call)),
        Some(name) => named(call, name).map(Some),
    }
}

/// A hash of the buyer by the name that the shop has for them.
pub(crate) fn named(call: &Call<'_>, name: &str) -> Result<Vec<u8>, Failure> {
    if name.is_empty() || name.len() > MAX_BUYER_BYTES {
        let detail = format!("`buyer` is 1 to {MAX_BUYER_BYTES} bytes; this has {}.", name.len());
        return Err(reject(Code::BadValue, detail));
    }
    Ok(hash(call, "named", name))
}

/// The buyer whose holds alone there are for this caller; `None` for one who has all of them.
fn own(call: &Call<'_>) -> Option<Vec<u8>> {
    call.browser().map(|claims| hash(call, "browser", &claims.buyer))
}

/// It has the shop in it, so that nobody finds one buyer in two shops.
fn hash(call: &Call<'_>, kind: &str, name: &str) -> Vec<u8> {
    Sha256::digest(format!("{}\n{kind}\n{name}", call.shop.id)).to_vec()
}

/// Idempotent: yes, it only reads.
/// Output: 200 [`HoldsPage`].
pub(crate) fn list(call: &Call<'_>) -> Result<Response, Failure> {
    let [after] = page::after(&call.query)?;
    let holds = call.store.holds_after(&after)?;
    let now = clock::now();
    let next = page::next(&holds, |hold| [hold.id.clone()]);
    let open = holds.iter().filter(|hold| now < hold.expires_at);
    let holds = open.map(|hold| as_it_stands(hold, now)).collect();
    respond::with_json(200, &HoldsPage { holds, next })
}

/// Idempotent: yes, it only reads.
/// Output: 200 [`wire::Hold`].
pub(crate) fn read(call: &Call<'_>) -> Result<Response, Failure> {
    let hold = call.store.hold_of(&call.named, own(call).as_deref())?;
    let hold = hold.ok_or_else(|| unknown(&call.named))?;
    respond::with_json(200, &as_it_stands(&hold, clock::now()))
}

/// Idempotent: by the commit's id.
/// Input: [`CommitHold`].
/// Output: 200 [`Resolved`].
pub(crate) async fn commit(call: &mut Call<'_>) -> Result<Response, Failure> {
    let CommitHold { id, reason } = call.json().await?;
    check_reason(reason.as_deref())?;
    resolve(call, &id, Way::Commit, reason.as_deref())
}

/// Idempotent: by the release's id.
/// Input: [`ReleaseHold`].
/// Output: 200 [`Resolved`].
pub(crate) async fn release(call: &mut Call<'_>) -> Result<Response, Failure> {
    let ReleaseHold { id } = call.json().await?;
    resolve(call, &id, Way::Release, None)
}

fn resolve(call: &Call<'_>, id: &str, way: Way, reason: Option<&str>) -> Result<Response, Failure> {
    check_id("id", id)?;
    let buyer = own(call);
    let resolution = Resolution { hold: &call.named, id, way, reason, buyer: buyer.as_deref() };
    let answered = call.store.resolve(&resolution, call.moment()?, |decided| match decided {
        Ok(hold) => Answer { status: 200, body: json(&resolved(id, hold)) },
        Err(why) => refusal(&convert::rejected(why), id),
    })?;
    respond::answered(answered.ok_or_else(|| unknown(&call.named))?)
}

/// The shop has no such hold.
pub(crate) fn unknown(id: &str) -> Failure {
    let detail = format!("There is no hold `{id}`; one that has ended is kept for a week.");
    reject(Code::UnknownHold, detail)
}

fn as_placed(hold: &Hold) -> wire::Hold {
    wire::Hold {
        id: hold.id.clone(),
        state: wire::HoldState::Open,
        expires_at: rfc3339(hold.expires_at),
        resolved_at: None,
        resolution: None,
        lines: lines(hold),
    }
}

/// As it stands at `now`: one whose time is over has expired, whether or not anything has taken
/// its units back yet.
fn as_it_stands(hold: &Hold, now: i64) -> wire::Hold {
    let overdue = hold.state == HoldState::Open && now >= hold.expires_at;
    let ended = if overdue { Some(hold.expires_at) } else { hold.resolved_at };
    wire::Hold {
        state: if overdue { wire::HoldState::Expired } else { state(hold.state) },
        resolved_at: ended.map(rfc3339),
        resolution: hold.resolution.clone(),
        ..as_placed(hold)
    }
}

fn resolved(id: &str, hold: &Hold) -> Resolved {
    let short = hold.lines.iter().filter(|line| line.shortfall > 0);
    Resolved {
        id: id.to_owned(),
        hold: hold.id.clone(),
        state: state(hold.state),
        at: rfc3339(hold.resolved_at.unwrap_or(hold.expires_at)),
        lines: lines(hold),
        shortfalls: short
            .map(|line| Shortfall {
                sku: line.sku.to_string(),
                location: line.location.to_string(),
                units: line.shortfall,
            })
            .collect(),
    }
}

fn lines(hold: &Hold) -> Vec<HeldLine> {
    let line = |line: &ledger::HeldLine| HeldLine {
        sku: line.sku.to_string(),
        location: line.location.to_string(),
        quantity: line.quantity,
    };
    hold.lines.iter().map(line).collect()
}

fn state(state: HoldState) -> wire::HoldState {
    match state {
        HoldState::Open => wire::HoldState::Open,
        HoldState::Committed => wire::HoldState::Committed,
        HoldState::Released => wire::HoldState::Released,
        HoldState::Expired => wire::HoldState::Expired,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(state: HoldState) -> Hold {
        Hold {
            id: "cart".to_owned(),
            state,
            made_at: 0,
            expires_at: 1_000,
            resolved_at: (state != HoldState::Open).then_some(500),
            resolution: (state == HoldState::Committed).then(|| "order".to_owned()),
            lines: Vec::new(),
        }
    }

    #[test]
    fn a_hold_whose_time_is_over_has_expired_though_no_alarm_ran() {
        let told = |state, now| {
            let hold = as_it_stands(&hold(state), now);
            (hold.state, hold.resolved_at)
        };
        let half = Some("1970-01-01T00:00:00.500Z".to_owned());
        let end = Some("1970-01-01T00:00:01.000Z".to_owned());
        assert_eq!(told(HoldState::Open, 999), (wire::HoldState::Open, None));
        assert_eq!(told(HoldState::Open, 1_000), (wire::HoldState::Expired, end));
        assert_eq!(told(HoldState::Committed, 1_000), (wire::HoldState::Committed, half));
    }

    #[test]
    fn the_first_answer_stays_the_first() {
        let placed = as_placed(&hold(HoldState::Committed));
        assert_eq!(placed, as_placed(&hold(HoldState::Open)));
        assert_eq!(placed.state, wire::HoldState::Open);
    }
}
