//! What there is of one SKU at one location.

/// The largest net either way. Far beyond any stock, and far below 2^53, up to which SQLite's
/// integers pass through JavaScript's numbers unharmed.
pub const MAX_NET: i64 = 1_000_000_000_000;

/// Units of one SKU at one location. Never both above zero: stock that is there covers what is
/// owed first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    on_hand: i64,
    shortfall: i64,
}

impl Balance {
    /// The balance whose movements add up to `net`, if that is within [`MAX_NET`].
    pub fn from_net(net: i64) -> Option<Self> {
        if !(-MAX_NET..=MAX_NET).contains(&net) {
            return None;
        }
        Some(Self { on_hand: net.max(0), shortfall: net.min(0).saturating_neg() })
    }

    /// Units that are there.
    pub fn on_hand(self) -> i64 {
        self.on_hand
    }

    /// Units that were sold and are not there.
    pub fn shortfall(self) -> i64 {
        self.shortfall
    }

    /// The sum of the movements.
    pub fn net(self) -> i64 {
        self.on_hand.saturating_sub(self.shortfall)
    }

    /// The balance after `quantity` more units (fewer, if negative), if that is within bounds.
    pub fn moved(self, quantity: i64) -> Option<Self> {
        Self::from_net(self.net().checked_add(quantity)?)
    }
}
