//! What there is of one SKU at one location.

/// The largest net either way. Far beyond any stock, and far below 2^53, up to which SQLite's
/// integers pass through JavaScript's numbers unharmed.
pub const MAX_NET: i64 = 1_000_000_000_000;

/// Units of one SKU at one location. `on_hand` and `shortfall` are never both above zero: stock
/// that is there covers what is owed first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    on_hand: i64,
    shortfall: i64,
    held: i64,
    committed: i64,
    safety_stock: i64,
}

impl Balance {
    /// The balance whose movements add up to `net`, with nothing held and nothing kept back; if
    /// that is within [`MAX_NET`].
    pub fn from_net(net: i64) -> Option<Self> {
        if !(-MAX_NET..=MAX_NET).contains(&net) {
            return None;
        }
        let (on_hand, shortfall) = (net.max(0), net.min(0).saturating_neg());
        Some(Self { on_hand, shortfall, held: 0, committed: 0, safety_stock: 0 })
    }

    /// Units that are there.
    pub fn on_hand(self) -> i64 {
        self.on_hand
    }

    /// Units that were sold and are not there.
    pub fn shortfall(self) -> i64 {
        self.shortfall
    }

    /// Units in open holds. More than there are, if a fact took what was held.
    pub fn held(self) -> i64 {
        self.held
    }

    /// Units that are there for orders, and not shipped yet. More than there are, if a fact took
    /// what was promised.
    pub fn committed(self) -> i64 {
        self.committed
    }

    /// Units that no request may have.
    pub fn safety_stock(self) -> i64 {
        self.safety_stock
    }

    /// The sum of the movements.
    pub fn net(self) -> i64 {
        self.on_hand.saturating_sub(self.shortfall)
    }

    /// Units that nobody holds, has ordered or is owed; below zero when more is promised than
    /// there is.
    pub fn free(self) -> i64 {
        self.net().saturating_sub(self.held).saturating_sub(self.committed)
    }

    /// What this location adds to the SKU's available-to-sell: its free units without the safety
    /// stock, or what it owes. An empty location has no safety stock to keep back.
    pub fn contribution(self) -> i64 {
        match self.free() {
            free if free <= 0 => free,
            free => free.saturating_sub(self.safety_stock).max(0),
        }
    }

    /// Units that a request may have from here.
    pub fn available(self) -> i64 {
        self.contribution().max(0)
    }

    /// After `quantity` more units (fewer, if negative), if that is within bounds.
    pub fn moved(self, quantity: i64) -> Option<Self> {
        let Self { on_hand, shortfall, .. } = Self::from_net(self.net().checked_add(quantity)?)?;
        Some(Self { on_hand, shortfall, ..self })
    }

    /// After `quantity` more units are held (fewer, if negative), if that is within bounds.
    pub fn holding(self, quantity: i64) -> Option<Self> {
        let held = self.held.checked_add(quantity)?;
        (0..=MAX_NET).contains(&held).then_some(Self { held, ..self })
    }

    /// After `quantity` more units are there for orders (fewer, if negative), if that is within
    /// bounds.
    pub fn committing(self, quantity: i64) -> Option<Self> {
        let committed = self.committed.checked_add(quantity)?;
        (0..=MAX_NET).contains(&committed).then_some(Self { committed, ..self })
    }

    /// With this safety stock, if that is within bounds.
    pub fn with_safety_stock(self, units: i64) -> Option<Self> {
        (0..=MAX_NET).contains(&units).then_some(Self { safety_stock: units, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balance(net: i64, held: i64, safety_stock: i64) -> Balance {
        let balance = Balance::from_net(net).and_then(|balance| balance.holding(held));
        balance.and_then(|balance| balance.with_safety_stock(safety_stock)).unwrap()
    }

    #[test]
    fn what_a_location_contributes() {
        for (net, held, safety_stock, contribution) in [
            (10, 0, 0, 10),
            (10, 4, 0, 6),
            (10, 4, 5, 1),
            (10, 4, 6, 0),
            (10, 4, 9, 0),
            (0, 0, 9, 0),
            (2, 5, 9, -3),
            (-2, 0, 9, -2),
        ] {
            let balance = balance(net, held, safety_stock);
            assert_eq!(balance.contribution(), contribution, "{balance:?}");
            assert_eq!(balance.available(), contribution.max(0));
        }
    }

    #[test]
    fn a_balance_stays_within_bounds() {
        assert_eq!(Balance::from_net(MAX_NET + 1), None);
        assert_eq!(balance(MAX_NET, 0, 0).moved(1), None);
        assert_eq!(balance(-MAX_NET, 0, 0).moved(-1), None);
        assert_eq!(balance(5, 2, 0).holding(-3), None);
        assert_eq!(balance(5, MAX_NET, 0).holding(1), None);
        assert_eq!(balance(5, 0, 0).with_safety_stock(-1), None);
        assert_eq!(balance(5, 3, 2).moved(-7), Some(balance(-2, 3, 2)));
    }
}
