//! Waitlists, as the shop sees them.

use crate::{call::Call, failure::Failure, page, respond};
use ledger::PlaceState;
use store::{Demand, MAX_PAGE};
use wire::{Places, Waitlist, WaitlistsPage};
use worker::Response;

/// Idempotent: yes, it only reads.
/// Output: 200 [`WaitlistsPage`].
pub(crate) fn list(call: &Call<'_>) -> Result<Response, Failure> {
    let [after] = page::after(&call.query)?;
    let demand = call.store.demand_after(&after)?;
    let next = page::next_of(&demand, MAX_PAGE, |last| [last.sku.to_string()]);
    let waitlists = demand.into_iter().map(told).collect();
    respond::with_json(200, &WaitlistsPage { waitlists, next })
}

fn told(demand: Demand) -> Waitlist {
    let mut told = Waitlist { sku: demand.sku.to_string(), ..Waitlist::default() };
    for (state, places, units) in demand.places {
        let of = match state {
            PlaceState::Waiting => &mut told.waiting,
            PlaceState::Offered => &mut told.offered,
            PlaceState::Taken => &mut told.taken,
            PlaceState::Declined => &mut told.declined,
            PlaceState::Lapsed => &mut told.lapsed,
            PlaceState::Told => &mut told.told,
            PlaceState::Left => &mut told.left,
            PlaceState::WaitedOut => &mut told.waited_out,
        };
        *of = Places { places, units };
    }
    told
}
