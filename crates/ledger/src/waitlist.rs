//! The waitlist of a SKU: who is offered the units that come free, in which order, and how many
//! at once.
//!
//! A unit that is offered is held ([`Hold`]) for the one it is offered to, for a window that the
//! shop sets: that is a claim. So claims can never be more than there is, and whatever else a hold
//! guarantees they have too. Units that are in no claim are on the open shelf, for everybody.

use crate::{
    Decision, Hold, Line, Reject, Sku, Stock,
    decide::{held_at, requested},
};

/// The shortest window of a claim: what a queue loses is handed over again after two minutes, and
/// whoever is written to then still has three.
pub const MIN_WINDOW_MS: i64 = 5 * 60 * 1_000;

/// The longest: whoever reads their mail once a week.
pub const MAX_WINDOW_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// Most claims of one SKU at once.
pub const MAX_WAVE: i64 = 10_000;

/// How a shop serves its waitlists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Claims of one SKU that are open at once, 1 to [`MAX_WAVE`]. As each ends, the next in line
    /// has its turn.
    pub wave: i64,
    /// How long a claim is kept, [`MIN_WINDOW_MS`] to [`MAX_WINDOW_MS`].
    pub window_ms: i64,
    /// Fewer units than that do not begin a wave.
    pub min_restock: i64,
    /// Of units that come free, how many in a hundred stay on the open shelf, 0 to 100.
    pub shelf_percent: i64,
    /// May fewer units be offered than somebody wants? Else they are passed over, and keep their
    /// place.
    pub smaller: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            wave: 100,
            window_ms: 24 * 60 * 60 * 1_000,
            min_restock: 1,
            shelf_percent: 0,
            smaller: false,
        }
    }
}

/// How the waitlist of a SKU stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waitlist {
    /// Places that wait.
    pub places: i64,
    /// Claims that are open.
    pub claims: i64,
    /// Units in them.
    pub claimed: i64,
    /// Units, of those that nobody holds, that are for the open shelf alone.
    pub shelf: i64,
    /// Units that were free or in claims when it was last looked at.
    pub seen: i64,
    /// A wave has begun, and what it was begun for is not used up.
    pub offering: bool,
}

/// Somebody's place in the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Opaque: it says nothing of who that is.
    pub id: String,
    /// Units wanted.
    pub wanted: i64,
}

/// Where a place stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlaceState {
    /// It waits.
    Waiting,
    /// Units are kept for it.
    Offered,
    /// They were bought.
    Taken,
    /// They were passed on.
    Declined,
    /// Nobody came for them in time.
    Lapsed,
    /// It was told that there are some, and none was kept: the shop's platform sells its own count.
    Told,
    /// Whoever waited does not want to any more.
    Left,
    /// It has waited for as long as it may.
    WaitedOut,
}

/// What happens to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlaceEvent {
    /// Units are kept for it.
    Offer,
    /// They are bought.
    Take,
    /// They are passed on.
    Decline,
    /// The window is over.
    Lapse,
    /// It is told that there are some.
    Tell,
    /// Whoever waited does not want to any more.
    Leave,
    /// Its time is over.
    WaitOut,
}

/// The state machine: from, how, to. What is not here cannot happen.
pub const PLACE_STATES: &[(PlaceState, PlaceEvent, PlaceState)] = &[
    (PlaceState::Waiting, PlaceEvent::Offer, PlaceState::Offered),
    (PlaceState::Waiting, PlaceEvent::Tell, PlaceState::Told),
    (PlaceState::Waiting, PlaceEvent::Leave, PlaceState::Left),
    (PlaceState::Waiting, PlaceEvent::WaitOut, PlaceState::WaitedOut),
    (PlaceState::Offered, PlaceEvent::Take, PlaceState::Taken),
    (PlaceState::Offered, PlaceEvent::Decline, PlaceState::Declined),
    (PlaceState::Offered, PlaceEvent::Leave, PlaceState::Declined),
    (PlaceState::Offered, PlaceEvent::Lapse, PlaceState::Lapsed),
];

impl PlaceState {
    /// Every state.
    pub const ALL: &[Self] = &[
        Self::Waiting,
        Self::Offered,
        Self::Taken,
        Self::Declined,
        Self::Lapsed,
        Self::Told,
        Self::Left,
        Self::WaitedOut,
    ];

    /// As it stands in the books and in the documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Offered => "offered",
            Self::Taken => "taken",
            Self::Declined => "declined",
            Self::Lapsed => "lapsed",
            Self::Told => "told",
            Self::Left => "left",
            Self::WaitedOut => "waited_out",
        }
    }

    /// Where this leads; `None` if it cannot happen.
    pub fn after(self, event: PlaceEvent) -> Option<Self> {
        let row = PLACE_STATES.iter().find(|(from, how, _)| (*from, *how) == (self, event));
        row.map(|(.., to)| *to)
    }
}

impl PlaceEvent {
    /// Every event.
    pub const ALL: &[Self] = &[
        Self::Offer,
        Self::Take,
        Self::Decline,
        Self::Lapse,
        Self::Tell,
        Self::Leave,
        Self::WaitOut,
    ];

    /// As it stands in the documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Take => "take",
            Self::Decline => "decline",
            Self::Lapse => "lapse",
            Self::Tell => "tell",
            Self::Leave => "leave",
            Self::WaitOut => "wait_out",
        }
    }
}

impl Waitlist {
    /// Takes note of how many units nobody holds. Of those that have come free since the last look
    /// the shelf gets its share, and those that have gone went from the shelf first.
    pub fn looked_at(&mut self, available: i64, policy: &Policy) {
        let total = available.saturating_add(self.claimed);
        let more = total.saturating_sub(self.seen);
        let share = if more > 0 {
            more.saturating_mul(policy.shelf_percent).checked_div(100).unwrap_or(0)
        } else {
            more
        };
        self.shelf = self.shelf.saturating_add(share).clamp(0, available.max(0));
        self.seen = total;
        if available <= 0 && self.claims == 0 {
            self.offering = false;
        }
    }

    /// Units that may be offered now, if so many are available and somebody waits.
    pub fn to_offer(&self, available: i64, policy: &Policy) -> i64 {
        let units = available.saturating_sub(self.shelf);
        let begins = self.offering || units >= policy.min_restock;
        let may = begins && self.places > 0 && self.claims < policy.wave;
        if may { units.max(0) } else { 0 }
    }

    /// A claim of so many units has ended. If they were bought, they are not there any more, and
    /// the shelf has nothing to do with it.
    pub fn claim_ended(&mut self, units: i64, bought: bool) {
        self.claims = self.claims.saturating_sub(1).max(0);
        self.claimed = self.claimed.saturating_sub(units).max(0);
        if bought {
            self.seen = self.seen.saturating_sub(units);
        }
    }
}

/// What is offered, and to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// What follows for the stock.
    pub decision: Decision,
    /// The claims, each a hold with its place's id.
    pub claims: Vec<Hold>,
    /// The places that are told that there are some, of which none is kept, and how many each.
    pub told: Vec<(String, i64)>,
    /// The waitlist afterwards.
    pub waitlist: Waitlist,
}

/// Offers what there is to these places, which are the first in line, in their order. `waitlist`
/// has been [`Waitlist::looked_at`] since the stock last changed.
///
/// # Errors
/// [`Reject::OutOfBounds`], if a balance cannot be.
pub fn offer(
    stock: &Stock,
    sku: &Sku,
    waitlist: Waitlist,
    places: &[Place],
    policy: &Policy,
    now: i64,
) -> Result<Offer, Reject> {
    let mut stock = stock.clone();
    let mut offer = Offer { waitlist, ..Offer::default() };
    for place in places {
        let room = offer.waitlist.to_offer(stock.available_to_sell(sku), policy);
        if room <= 0 {
            break;
        }
        if place.wanted > room && !policy.smaller {
            continue;
        }
        let units = place.wanted.min(room);
        offer.waitlist.offering = true;
        offer.waitlist.places = offer.waitlist.places.saturating_sub(1);
        if stock.mirror {
            // Nothing can be kept; but what one was told of is not told to the next.
            offer.waitlist.shelf = offer.waitlist.shelf.saturating_add(units);
            offer.told.push((place.id.clone(), units));
            continue;
        }
        let line = Line { sku: sku.clone(), location: None, quantity: units };
        let shares = requested(&stock, &[line], None)?;
        let expires_at = now.saturating_add(policy.window_ms);
        let claim = held_at(&stock, &place.id, shares, now, expires_at)?;
        for effect in &claim.effects {
            stock.put(&effect.sku, &effect.location, effect.balance);
        }
        offer.decision.effects.extend(claim.effects);
        offer.claims.extend(claim.hold);
        offer.waitlist.claims = offer.waitlist.claims.saturating_add(1);
        offer.waitlist.claimed = offer.waitlist.claimed.saturating_add(units);
    }
    Ok(offer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_reached_and_every_end_is_an_end() {
        for &state in PlaceState::ALL {
            let entered = PLACE_STATES.iter().any(|(.., to)| *to == state);
            assert_eq!(entered, state != PlaceState::Waiting, "{state:?}");
            let leaves = PLACE_STATES.iter().any(|(from, ..)| *from == state);
            let open = matches!(state, PlaceState::Waiting | PlaceState::Offered);
            assert_eq!(leaves, open, "{state:?}");
        }
        for &event in PlaceEvent::ALL {
            assert!(PLACE_STATES.iter().any(|(_, how, _)| *how == event), "{event:?}");
        }
    }

    #[test]
    fn the_shelf_has_its_share_and_sells_from_it_first() {
        let policy = Policy { shelf_percent: 20, ..Policy::default() };
        let mut waitlist = Waitlist { places: 500, ..Waitlist::default() };
        waitlist.looked_at(40, &policy);
        assert_eq!((waitlist.shelf, waitlist.to_offer(40, &policy)), (8, 32));
        // Three are sold to shoppers.
        waitlist.looked_at(37, &policy);
        assert_eq!((waitlist.shelf, waitlist.to_offer(37, &policy)), (5, 32));
        // Ten are claimed, and one of those claims is bought, another is passed on.
        (waitlist.claims, waitlist.claimed) = (10, 10);
        waitlist.looked_at(27, &policy);
        assert_eq!(waitlist.to_offer(27, &policy), 22);
        waitlist.claim_ended(1, true);
        waitlist.looked_at(27, &policy);
        waitlist.claim_ended(1, false);
        waitlist.looked_at(28, &policy);
        assert_eq!((waitlist.shelf, waitlist.to_offer(28, &policy)), (5, 23));
    }

    #[test]
    fn too_few_units_begin_no_wave_but_go_on_with_one() {
        let policy = Policy { min_restock: 3, ..Policy::default() };
        let mut waitlist = Waitlist { places: 9, ..Waitlist::default() };
        waitlist.looked_at(2, &policy);
        assert_eq!(waitlist.to_offer(2, &policy), 0);
        waitlist.looked_at(3, &policy);
        assert_eq!(waitlist.to_offer(3, &policy), 3);
        waitlist.offering = true;
        waitlist.looked_at(1, &policy);
        assert_eq!(waitlist.to_offer(1, &policy), 1);
        waitlist.looked_at(0, &policy);
        waitlist.looked_at(2, &policy);
        assert_eq!(waitlist.to_offer(2, &policy), 0);
    }
}
