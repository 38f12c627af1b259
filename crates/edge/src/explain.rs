//! Reading the books: what made a number, and how far counts were from it.

use crate::{
    address::parameter,
    call::Call,
    clock::{self, from_rfc3339, rfc3339},
    convert::{location_or_main, unknown_sku},
    failure::{Failure, reject},
    page::{self, bad_cursor},
    respond,
};
use ledger::Sku;
use store::{Booked, Count, Movement};
use wire::{Code, Drift, DriftPage, Explanation, MovementKind};
use worker::Response;

/// After every time that there is, and within 2^53, as all of SQLite's integers here.
const AFTER_ALL_MS: i64 = 9_000_000_000_000_000;

/// Idempotent: yes, it only reads.
/// Input: `sku`, `location`, `at`, `cursor`.
/// Output: 200 [`Explanation`].
pub(crate) fn number(call: &Call<'_>) -> Result<Response, Failure> {
    let bad = |detail: String| reject(Code::BadParameter, detail);
    let sku = parameter(&call.query, "sku").unwrap_or_default();
    let sku = Sku::new(sku).map_err(|why| bad(format!("`sku`: {why}.")))?;
    let location = parameter(&call.query, "location");
    let location =
        location_or_main(location.as_deref()).map_err(|why| bad(format!("`location`: {why}.")))?;
    let at = match parameter(&call.query, "at") {
        None => clock::now(),
        Some(text) => from_rfc3339(&text).ok_or_else(|| {
            bad(format!("`at` is a time like 2026-11-21T09:30:00Z, not `{text}`."))
        })?,
    };
    let [before] = page::after(&call.query)?;
    let before = match before.as_str() {
        "" => None,
        number => Some(number.parse().map_err(|_| bad_cursor())?),
    };
    if !call.store.has_sku(&sku)? {
        return Err(unknown_sku(&sku));
    }
    let explained = call.store.explain(&sku, &location, at, before)?;
    let Some(balance) = explained.balance() else {
        let detail = format!("What `{sku}` at `{location}` was made of then is no longer kept.");
        return Err(reject(Code::TooLongAgo, detail));
    };
    let next = page::next(&explained.movements, |movement| [movement.n.to_string()]);
    let movements = explained.movements.into_iter().map(movement).collect();
    let explanation = Explanation {
        sku: sku.to_string(),
        location: location.to_string(),
        at: rfc3339(at),
        on_hand: balance.on_hand(),
        shortfall: balance.shortfall(),
        movements,
        next,
    };
    respond::with_json(200, &explanation)
}

/// Idempotent: yes, it only reads.
/// Output: 200 [`DriftPage`].
pub(crate) fn drift(call: &Call<'_>) -> Result<Response, Failure> {
    let [at, source, sku, location] = page::after(&call.query)?;
    let at = match at.as_str() {
        "" => AFTER_ALL_MS,
        number => number.parse().map_err(|_| bad_cursor())?,
    };
    let counts = call.store.counts_before((at, &source, &sku, &location))?;
    let next = page::next(&counts, |last| {
        [last.at.to_string(), last.source.clone(), last.sku.to_string(), last.location.to_string()]
    });
    let counts = counts.into_iter().map(drift_of).collect();
    respond::with_json(200, &DriftPage { counts, next })
}

fn drift_of(count: Count) -> Drift {
    Drift {
        count: count.source,
        at: rfc3339(count.at),
        sku: count.sku.to_string(),
        location: count.location.to_string(),
        booked: count.counted.saturating_sub(count.difference),
        counted: count.counted,
        difference: count.difference,
        reason: count.reason,
    }
}

fn movement(movement: Movement) -> wire::Movement {
    wire::Movement {
        n: movement.n,
        at: rfc3339(movement.at),
        kind: match movement.kind {
            Booked::Opened => MovementKind::Opened,
            Booked::Received => MovementKind::Received,
            Booked::Adjusted => MovementKind::Adjusted,
            Booked::Counted => MovementKind::Counted,
            Booked::Sold => MovementKind::Sold,
            Booked::Returned => MovementKind::Returned,
        },
        quantity: movement.quantity,
        net: movement.net,
        source: movement.source,
        reason: movement.reason,
    }
}
