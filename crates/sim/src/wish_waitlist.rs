//! What clients want of waitlists.

use crate::{
    command::{Body, Name, Order},
    waitlist::Place,
    world::World,
};
use ledger::{PlaceEvent, PlaceState, Policy, Way};

const MINUTE_MS: i64 = 60_000;

const HOUR_MS: i64 = 60 * MINUTE_MS;

/// How a shop may serve its waitlists.
pub fn policy(rng: &mut fastrand::Rng) -> Policy {
    Policy {
        wave: [1, 2, 3, 100][rng.usize(0..4)],
        window_ms: match rng.u8(0..3) {
            0 => rng.i64(MINUTE_MS..3 * MINUTE_MS),
            1 => rng.i64(2 * MINUTE_MS..HOUR_MS),
            _ => rng.i64(HOUR_MS..ledger::MAX_WINDOW_MS),
        },
        min_restock: if rng.u8(0..3) == 0 { rng.i64(2..6) } else { 1 },
        shelf_percent: [0, 0, 10, 30, 50, 100][rng.usize(0..6)],
        smaller: rng.bool(),
    }
}

/// Of ten wishes at a checkout, so many are about a waitlist: in one of three runs none.
pub fn waiters(rng: &mut fastrand::Rng) -> u8 {
    [0, 0, 1, 2, 3, 5][rng.usize(0..6)]
}

impl World {
    /// Is the next wish about a waitlist?
    pub(crate) fn waits(&mut self) -> bool {
        self.rng.u8(0..10) < self.waiters
    }

    /// Somebody joins a line, leaves it, or comes for what they were offered.
    pub(crate) fn wish_of_waiter(&mut self) -> Body {
        let told = |world: &Self, place: &Place| world.outreach.told.contains_key(&place.id);
        let claim =
            self.any_place(|world, place| place.state == PlaceState::Offered && told(world, place));
        let waits = self.any_place(|_, place| place.state == PlaceState::Waiting);
        let any = self.any_place(|_, _| true);
        match (self.rng.u8(0..20), claim, waits, any) {
            (0..=4, Some(hold), ..) => {
                let way = if self.rng.u8(0..3) == 0 { Way::Release } else { Way::Commit };
                Body::Resolve { hold, way, buyer: None }
            }
            (5..=6, Some(hold), ..) => {
                let lines = if self.rng.u8(0..4) == 0 { self.lines(1..3) } else { Vec::new() };
                Body::Order(Order { hold: Some(hold), lines, region: None, buyer: None })
            }
            (7, Some(place), ..) | (8, _, Some(place), _) | (9, .., Some(place)) => {
                let waits_out = self.rng.u8(0..3) == 0;
                let event = if waits_out { PlaceEvent::WaitOut } else { PlaceEvent::Leave };
                Body::Leave { place, event }
            }
            _ => self.join(),
        }
    }

    /// Mostly for what many others wait for.
    fn join(&mut self) -> Body {
        let wanted = if self.rng.u8(0..5) == 0 { self.rng.i64(1..12) } else { self.rng.i64(1..3) };
        let many = self.any_place(|_, place| place.state == PlaceState::Waiting);
        let many = many.and_then(|id| Some(self.books.place_of(&id)?.sku.clone()));
        let sku = match many {
            Some(sku) if self.rng.u8(0..3) > 0 => sku,
            _ => self.sku(),
        };
        let place = format!("place {}", self.number()).into();
        Body::Join { place, sku, wanted }
    }

    fn any_place(&mut self, is_meant: impl Fn(&Self, &Place) -> bool) -> Option<Name> {
        let places = self.books.line.places.iter().filter(|place| is_meant(self, place));
        let ids: Vec<Name> = places.map(|place| place.id.clone()).collect();
        self.rng.choice(ids)
    }
}
