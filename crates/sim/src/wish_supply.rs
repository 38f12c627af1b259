//! What clients want of orders and purchase orders.

use crate::{
    clock::START,
    command::{Action, Body, Expected, Name, Order, PoLine},
    supply::LineId,
    world::World,
};
use ledger::{Ahead, AheadKind};

const DAY_MS: i64 = 86_400_000;

/// How much a run has to do with orders and purchase orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trade {
    /// Nothing is ordered: checkouts sell and hold.
    Without,
    /// Orders among everything else.
    Some,
    /// Everybody orders the same: a drop.
    Hot,
}

impl Trade {
    /// One in six runs is without, and one in eight a drop.
    pub fn drawn(rng: &mut fastrand::Rng) -> Self {
        match rng.u8(0..24) {
            0..=3 => Self::Without,
            4..=6 => Self::Hot,
            _ => Self::Some,
        }
    }
}

impl World {
    /// What a client wishes of orders and purchase orders, in so many of ten wishes; the others are
    /// of something else.
    pub(crate) fn trades(&mut self, of_ten: u8) -> bool {
        let of_ten = if self.trade == Trade::Hot { of_ten.max(8) } else { of_ten };
        self.trade != Trade::Without && self.rng.u8(0..10) < of_ten
    }

    /// A checkout orders, and now and then its buyer thinks better of it.
    pub(crate) fn wish_of_buyer(&mut self, client: usize) -> Body {
        if self.rng.u8(0..6) == 0
            && let Some(order) = self.any_order()
        {
            let lines = self.lines_of_order(&order);
            return Body::ChangeOrder { order, action: Action::Cancel { by_buyer: true }, lines };
        }
        let holds = self.clients.get(client).map(|client| client.holds.clone());
        let hold = self.rng.choice(holds.unwrap_or_default());
        let hold = hold.filter(|_| self.rng.u8(0..4) == 0);
        let mut lines = if hold.is_some() && self.rng.bool() {
            Vec::new()
        } else {
            let units = if self.rng.u8(0..3) == 0 { 1..12 } else { 1..5 };
            self.lines(units)
        };
        if self.trade == Trade::Hot && self.rng.u8(0..4) > 0 {
            lines.truncate(1);
            for line in &mut lines {
                (line.sku, line.location) = (self.hot(), None);
                line.quantity = line.quantity.min(2);
            }
            let (region, buyer) = (None, None);
            return Body::Order(Order { hold: None, lines, region, buyer });
        }
        for line in &mut lines {
            if self.rng.bool() {
                line.location = None;
            }
            if self.rng.u8(0..3) == 0
                && let Some(sku) = self.coming()
            {
                // More than is there.
                line.quantity += self.books.available_to_sell(&sku);
                (line.sku, line.location) = (sku, None);
            }
        }
        let region = [None, Some("GB"), Some("US")][self.rng.usize(0..3)];
        let buyer = self.rng.bool().then(|| self.rng.u8(0..4));
        Body::Order(Order { hold, lines, region, buyer })
    }

    /// A warehouse receives what was ordered from suppliers, ships, and takes back.
    pub(crate) fn wish_of_dock(&mut self) -> Body {
        if let (0..=5, Some(po)) = (self.rng.u8(0..10), self.any_po()) {
            return Body::ReceivePo(po.clone(), self.receipts(&po));
        }
        let back = self.rng.u8(0..6) == 0;
        if let Some((order, sku, units)) = self.shipped().filter(|_| back) {
            let to = (self.rng.u8(0..3) > 0).then(|| self.location());
            let lines = vec![(sku, self.rng.i64(1..=units))];
            return Body::ChangeOrder { order, action: Action::Return { to }, lines };
        }
        let Some(order) = self.any_order() else { return self.po() };
        let action = match self.rng.u8(0..10) {
            0..=5 => Action::Ship,
            6..=8 => Action::Cancel { by_buyer: false },
            _ => {
                let to = (self.rng.u8(0..3) > 0).then(|| self.location());
                Action::Return { to }
            }
        };
        Body::ChangeOrder { lines: self.lines_of_order(&order), order, action }
    }

    /// A merchant orders from suppliers, hears that they are late, and says what may be ordered
    /// ahead.
    pub(crate) fn wish_of_buying(&mut self) -> Body {
        match (self.rng.u8(0..10), self.any_po()) {
            (0..=3, Some(po)) => Body::ChangePo(po.clone(), self.changes(&po)),
            (0..=6, _) => self.po(),
            _ => self.ahead(),
        }
    }

    /// What may be ordered ahead: mostly something, mostly without a limit.
    pub(crate) fn ahead(&mut self) -> Body {
        let limit = |world: &mut Self| (world.rng.u8(0..6) == 0).then(|| world.rng.i64(1..20));
        let kind = if self.rng.bool() { AheadKind::Backorder } else { AheadKind::Preorder };
        let ahead = Ahead { kind, limit: limit(self), limit_per_buyer: limit(self) };
        let ahead = Some((self.rng.u8(0..6) > 0).then_some(ahead));
        let sku = if self.trade == Trade::Hot { self.hot() } else { self.sku() };
        Body::Sku { sku, hidden: false, safety_stock: None, ahead }
    }

    /// A purchase order.
    pub(crate) fn po(&mut self) -> Body {
        let lines = if self.rng.u8(0..40) == 0 { 0 } else { self.rng.usize(1..5) };
        let line = |world: &mut Self| {
            let is_hot = world.trade == Trade::Hot;
            let sku = if is_hot && world.rng.bool() { world.hot() } else { world.sku() };
            let quantity = match world.rng.u8(0..60) {
                0 => 0,
                _ if is_hot => world.rng.i64(20..80),
                _ => world.rng.i64(1..25),
            };
            PoLine { sku, location: world.location(), quantity, expected: world.expected() }
        };
        Body::PlacePo((0..lines).map(|_| line(self)).collect())
    }

    /// Some day soon; or one that is over, or nobody knows which.
    fn expected(&mut self) -> Expected {
        if self.rng.u8(0..6) == 0 {
            return None;
        }
        let today = (self.clock.shop() - START) / DAY_MS;
        Some(today + self.rng.i64(-1..9))
    }

    fn changes(&mut self, po: &Name) -> Vec<(u32, Option<Expected>)> {
        let lines = self.some_lines(po);
        let change = |world: &mut Self| (world.rng.u8(0..5) > 0).then(|| world.expected());
        lines.into_iter().map(|line| (line, change(self))).collect()
    }

    /// Some of it comes, or all, or too much; and perhaps that is all.
    fn receipts(&mut self, po: &Name) -> Vec<(u32, i64, bool)> {
        let lines = self.some_lines(po);
        let receipt = |world: &mut Self, line: u32| {
            let of = world.books.bought.get(&(po.clone(), line));
            let left = of.map_or(5, |line| line.units[0] - line.units[1]).max(1);
            let units = match world.rng.u8(0..8) {
                0 => 0,
                1..=3 => left,
                4 => left + world.rng.i64(1..6),
                _ => world.rng.i64(1..=left),
            };
            (line, units, world.rng.u8(0..4) == 0)
        };
        lines.into_iter().map(|line| receipt(self, line)).collect()
    }

    /// One or two lines of a purchase order; one in thirty is one that it has not.
    fn some_lines(&mut self, po: &Name) -> Vec<u32> {
        let lines: Vec<u32> = self.books.lines_of(po).map(|(number, _)| number).collect();
        let promised = self.promised();
        let of_po = promised.iter().filter(|(other, _)| other == po).map(|(_, line)| *line);
        let promised: Vec<u32> = of_po.collect();
        let lines = if self.rng.bool() && !promised.is_empty() { promised } else { lines };
        let many = self.rng.usize(1..3);
        let mut some = self.rng.choose_multiple(lines, many);
        if self.rng.u8(0..30) == 0 {
            some.push(99);
        }
        some
    }

    /// Mostly all of an order, else some units of one SKU, now and then of one that it has not.
    fn lines_of_order(&mut self, order: &Name) -> Vec<(Name, i64)> {
        if self.rng.u8(0..5) > 1 {
            return Vec::new();
        }
        let number = self.books.number(order).unwrap_or_default();
        let known = self.books.orders.get(&number);
        let skus: Vec<Name> =
            known.map(|known| known.lines.keys().cloned().collect()).unwrap_or_default();
        let sku = self.rng.choice(skus).unwrap_or_else(|| "a".into());
        let sku = if self.rng.u8(0..20) == 0 { self.sku() } else { sku };
        vec![(sku, self.rng.i64(1..4) - i64::from(self.rng.u8(0..40) == 0) * 3)]
    }

    /// An order, the later ones rather than the first; one in fifty is one that is not.
    fn any_order(&mut self) -> Option<Name> {
        if self.rng.u8(0..50) == 0 {
            return Some("nobody's order".into());
        }
        let from = self.books.orders.len().saturating_sub(12);
        let recent: Vec<Name> =
            self.books.orders.values().skip(from).map(|order| order.id.clone()).collect();
        self.rng.choice(recent)
    }

    /// Units of an order that have left and are not back.
    fn shipped(&mut self) -> Option<(Name, Name, i64)> {
        let orders = self.books.orders.values().flat_map(|order| {
            order.lines.iter().map(|(sku, units)| (order.id.clone(), sku.clone(), units))
        });
        let out = orders.map(|(id, sku, units)| (id, sku, units.shipped - units.returned));
        let out: Vec<_> = out.filter(|(.., units)| *units > 0).collect();
        self.rng.choice(out)
    }

    /// Lines of purchase orders that somebody counts on.
    fn promised(&self) -> Vec<LineId> {
        let lines = self.books.supply.lines.iter().filter(|(_, line)| line.pegged > 0);
        lines.map(|(id, _)| id.clone()).collect()
    }

    /// A SKU that may be ordered ahead and is on its way.
    fn coming(&mut self) -> Option<Name> {
        let today = self.books.latest;
        let skus = self.books.skus.keys();
        let coming: Vec<Name> =
            skus.filter(|sku| self.books.supply.orderable(sku, today) > 0).cloned().collect();
        self.rng.choice(coming)
    }

    fn any_po(&mut self) -> Option<Name> {
        if self.rng.u8(0..50) == 0 {
            return Some("nobody's purchase order".into());
        }
        let promised = self.promised();
        if self.rng.bool()
            && let Some((po, _)) = self.rng.choice(promised)
        {
            return Some(po);
        }
        let is_open = |line: &crate::decided::Bought| line.state == "open";
        let all = self.rng.u8(0..10) == 0;
        let of = self.books.bought.iter().filter(|(_, line)| all || is_open(line));
        let mut pos: Vec<Name> = of.map(|((po, _), _)| po.clone()).collect();
        pos.dedup();
        self.rng.choice(pos)
    }

    fn hot(&self) -> Name {
        self.books.skus.keys().next().cloned().unwrap_or_else(|| "a".into())
    }
}
