//! Holds: units kept for a cart, for a while.

use crate::{Location, Reject, Sku};

/// A hold, as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Chosen by its sender.
    pub id: String,
    /// Where it stands.
    pub state: HoldState,
    /// UTC milliseconds.
    pub made_at: i64,
    /// From then on it holds nothing, UTC milliseconds.
    pub expires_at: i64,
    /// When it ended.
    pub resolved_at: Option<i64>,
    /// By whose id it was committed or released.
    pub resolution: Option<String>,
    /// What it holds and where; a kit stands here as its components.
    pub lines: Vec<HeldLine>,
}

/// Units of one SKU at one location, in a hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLine {
    /// Of what.
    pub sku: Sku,
    /// Where.
    pub location: Location,
    /// How many.
    pub quantity: i64,
    /// Of a committed hold, how many of them were not there any more: a fact had taken them.
    pub shortfall: i64,
}

/// Where a hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HoldState {
    /// Its units are kept.
    Open,
    /// Its units are sold.
    Committed,
    /// Its units were given back.
    Released,
    /// Its time was over, and its units went back.
    Expired,
}

/// How a hold ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// The cart was bought.
    Commit,
    /// The cart was given up.
    Release,
    /// Time ran out.
    Expire,
}

/// The state machine: from, how, to. What is not here cannot happen.
pub const HOLD_STATES: &[(HoldState, Way, HoldState)] = &[
    (HoldState::Open, Way::Commit, HoldState::Committed),
    (HoldState::Open, Way::Release, HoldState::Released),
    (HoldState::Open, Way::Expire, HoldState::Expired),
];

impl HoldState {
    /// Every state.
    pub const ALL: &[Self] = &[Self::Open, Self::Committed, Self::Released, Self::Expired];

    /// As it stands in the books and in the documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Committed => "committed",
            Self::Released => "released",
            Self::Expired => "expired",
        }
    }
}

impl Way {
    /// Every way.
    pub const ALL: &[Self] = &[Self::Commit, Self::Release, Self::Expire];

    /// As it stands in the documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Release => "release",
            Self::Expire => "expire",
        }
    }
}

impl Hold {
    /// Where this way would lead now.
    ///
    /// # Errors
    /// The name of the end that it has come to before; [`Reject::Expired`] as well when its time
    /// is over, though nothing has taken its units back yet.
    pub fn after(&self, way: Way, now: i64) -> Result<HoldState, Reject> {
        let over = now >= self.expires_at;
        match self.state {
            HoldState::Committed => Err(Reject::AlreadyCommitted),
            HoldState::Released => Err(Reject::AlreadyReleased),
            HoldState::Expired => Err(Reject::Expired),
            HoldState::Open if over && way != Way::Expire => Err(Reject::Expired),
            HoldState::Open => HOLD_STATES
                .iter()
                .find(|(from, how, _)| (*from, *how) == (HoldState::Open, way))
                .map(|(.., to)| *to)
                .ok_or(Reject::Expired),
        }
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
            resolved_at: None,
            resolution: None,
            lines: Vec::new(),
        }
    }

    #[test]
    fn every_state_is_reached_and_every_end_is_an_end() {
        for &state in HoldState::ALL {
            let entered = HOLD_STATES.iter().any(|(.., to)| *to == state);
            assert_eq!(entered, state != HoldState::Open, "{state:?}");
        }
        for &way in Way::ALL {
            assert_eq!(HOLD_STATES.iter().filter(|(_, how, _)| *how == way).count(), 1);
        }
        for &state in HoldState::ALL {
            for &way in Way::ALL {
                let listed = HOLD_STATES.iter().find(|row| (row.0, row.1) == (state, way));
                let led = hold(state).after(way, 999).ok();
                assert_eq!(led, listed.map(|row| row.2), "{state:?} {way:?}");
            }
        }
    }

    #[test]
    fn an_end_is_told_by_its_name() {
        for way in [Way::Commit, Way::Release] {
            let told = |state, now| hold(state).after(way, now).err();
            assert_eq!(told(HoldState::Committed, 0), Some(Reject::AlreadyCommitted));
            assert_eq!(told(HoldState::Released, 0), Some(Reject::AlreadyReleased));
            assert_eq!(told(HoldState::Expired, 0), Some(Reject::Expired));
            assert_eq!(told(HoldState::Open, 999), None);
            assert_eq!(told(HoldState::Open, 1_000), Some(Reject::Expired));
        }
    }
}
