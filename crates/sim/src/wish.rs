//! What clients want: drawn, with a share of what nobody should want.

use crate::{
    client::Role,
    clock::ZONES,
    command::{Body, Cart, Counted, Import, Line, Name, Row, Settings, Site},
    wish_waitlist,
    world::World,
};
use ledger::{Kind, Mixed, Strategy, Way};

/// SKUs of a new shop; their names are opaque.
const SKUS: [&str; 8] = ["a", "A", "b's", "🎁 c/d", "e%20", "\"f\"", "g", "kit"];

/// Locations that anybody names.
const LOCATIONS: [&str; 4] = ["main", "shop", "far east", "sup'plier"];

/// Products that group SKUs.
const PRODUCTS: [&str; 3] = ["jars", "lids", "nothing's"];

const REGIONS: [Option<&str>; 3] = [None, Some("GB"), Some("US")];

const STRATEGIES: [Strategy; 4] =
    [Strategy::Priority, Strategy::FewestParcels, Strategy::Nearest, Strategy::Spread];

impl Settings {
    /// Settings, as a merchant might have them.
    pub fn drawn(rng: &mut fastrand::Rng) -> Self {
        Self {
            low_mark: rng.u32(0..8),
            zone: ZONES[rng.usize(0..ZONES.len())].0,
            strategy: STRATEGIES[rng.usize(0..STRATEGIES.len())],
            hide_undated: rng.u8(0..4) == 0,
            max_held_per_buyer: (rng.u8(0..3) == 0).then(|| rng.u32(1..6)),
            mixed: [Mixed::Split, Mixed::Split, Mixed::Together, Mixed::Refuse][rng.usize(0..4)],
            improve: rng.bool(),
            waitlist: wish_waitlist::policy(rng),
        }
    }
}

impl World {
    /// What a client wants next.
    pub(crate) fn wish(&mut self, client: usize) -> Body {
        let actor = self.clients.get(client);
        let (role, made) = actor.map_or((Role::Merchant, 0), |actor| (actor.role, actor.made));
        match role {
            Role::Checkout if self.waits() => self.wish_of_waiter(),
            Role::Checkout if self.trades(5) => self.wish_of_buyer(client),
            Role::Checkout => self.wish_of_checkout(client),
            Role::Platform => {
                let kind = if self.rng.u8(0..5) == 0 { Kind::Returned } else { Kind::Sold };
                Body::Move(kind, self.lines(1..4))
            }
            Role::Warehouse if made < 4 && self.trades(10) => self.po(),
            Role::Warehouse if self.trades(6) => self.wish_of_dock(),
            Role::Warehouse => match self.rng.u8(0..10) {
                0..=4 => Body::Move(Kind::Receive, self.lines(1..12)),
                5 => Body::Move(Kind::Returned, self.lines(1..3)),
                6 => Body::Move(Kind::Adjust, self.lines(-4..5)),
                _ => Body::Count(self.counts()),
            },
            Role::Merchant => self.wish_of_merchant(made),
        }
    }

    fn wish_of_checkout(&mut self, client: usize) -> Body {
        let holds = self.clients.get(client).map(|client| client.holds.clone());
        let hold = self.rng.choice(holds.unwrap_or_default());
        match (self.rng.u8(0..10), hold) {
            (0..=3, Some(hold)) => {
                let way = if self.rng.u8(0..3) == 0 { Way::Release } else { Way::Commit };
                let buyer = (self.rng.u8(0..8) == 0).then(|| self.rng.u8(0..4));
                Body::Resolve { hold, way, buyer }
            }
            (4..=6, _) => Body::Move(Kind::Sell, self.lines(1..4)),
            _ => Body::Hold(self.cart()),
        }
    }

    fn cart(&mut self) -> Cart {
        let network = (self.rng.u8(0..4) == 0).then(|| self.rng.u8(0..2));
        // A browser may hold a fifth of what is there, so mostly one unit.
        let lines = if network.is_some() && self.rng.u8(0..3) > 0 {
            vec![Line { sku: self.sku(), location: None, quantity: 1 }]
        } else {
            self.lines(1..4)
        };
        let lifetime_ms = match self.rng.u8(0..20) {
            0 => self.rng.i64(0..2_000),
            1 => self.rng.i64(600_000..3_700_000),
            _ => self.rng.i64(1_000..120_000),
        };
        Cart {
            lines,
            lifetime_ms,
            region: self.pick(&REGIONS),
            buyer: (self.rng.bool()).then(|| self.rng.u8(0..4)),
            network,
        }
    }

    fn wish_of_merchant(&mut self, made: u32) -> Body {
        if made == 1 {
            return self.bundle();
        }
        if made < 8 && self.trades(10) {
            return self.ahead();
        }
        if self.trades(5) {
            return self.wish_of_buying();
        }
        match self.rng.u8(0..10) {
            0..=1 => Body::Settings(Settings::drawn(&mut self.rng)),
            2..=3 => Body::Import(self.file()),
            4..=5 => {
                let name = self.location();
                let region = self.pick(&REGIONS);
                let cut_off_hour = self.rng.bool().then(|| self.rng.i8(0..24));
                let priority = self.rng.i64(0..3) * 50;
                Body::Location(name, Site { priority, region, cut_off_hour })
            }
            6 => self.bundle(),
            7 => {
                let id = self.pick(&PRODUCTS).into();
                Body::Product { id, hidden: self.rng.u8(0..3) == 0 }
            }
            _ => {
                let safety_stock = self.rng.bool().then(|| (self.location(), self.rng.i64(0..4)));
                let hidden = self.rng.u8(0..4) == 0;
                Body::Sku { sku: self.sku(), hidden, safety_stock, ahead: None }
            }
        }
    }

    /// The file with which a new shop begins: every SKU, in one place or more.
    pub(crate) fn first_file(&mut self) -> Import {
        let mut rows = Vec::new();
        for sku in SKUS {
            let places = self.rng.usize(1..=LOCATIONS.len());
            for location in self.rng.choose_multiple(LOCATIONS.iter(), places) {
                let mut row = self.row(sku.into());
                row.location = (*location).into();
                if sku == "kit" {
                    row.counted = None;
                }
                rows.push(row);
            }
        }
        Import { sets: false, rows }
    }

    /// A small file, in which no place comes twice.
    fn file(&mut self) -> Import {
        let mut rows: Vec<Row> = Vec::new();
        for _ in 0..self.rng.usize(1..4) {
            let sku = self.sku();
            let row = self.row(sku);
            if !rows.iter().any(|other| (&other.sku, &other.location) == (&row.sku, &row.location))
            {
                rows.push(row);
            }
        }
        Import { sets: self.rng.bool(), rows }
    }

    fn row(&mut self, sku: Name) -> Row {
        let title = format!("{sku} {}", self.rng.u8(0..3)).into();
        let counted = (self.rng.u8(0..4) > 0).then(|| self.rng.i64(0..15));
        let restock_in = self.rng.bool().then(|| self.rng.i64(-3..9));
        let product = self.rng.bool().then(|| self.pick(&PRODUCTS).into());
        Row { sku, title, product, location: self.location(), counted, restock_in }
    }

    /// A SKU made of two or three others, or of none any more.
    fn bundle(&mut self) -> Body {
        let mut parts: Vec<(Name, i64)> = Vec::new();
        if self.rng.u8(0..4) > 0 {
            for _ in 0..self.rng.usize(1..4) {
                let (sku, each) = (self.sku(), self.rng.i64(1..3));
                if !parts.iter().any(|(other, _)| *other == sku) {
                    parts.push((sku, each));
                }
            }
        }
        parts.sort();
        let kit = if self.rng.u8(0..3) > 0 { "kit".into() } else { self.sku() };
        Body::Bundle { kit, parts }
    }

    fn counts(&mut self) -> Vec<Counted> {
        let count = |world: &mut Self| {
            let (sku, location) = (world.sku(), world.location());
            let there = world.books.place(&sku, &location).on_hand();
            let counted = if world.rng.bool() { there } else { world.rng.i64(0..12) };
            let expected = match world.rng.u8(0..4) {
                0 => None,
                1 => Some(world.rng.i64(0..12)),
                _ => Some(there),
            };
            Counted { sku, location, counted, expected }
        };
        (0..self.rng.usize(1..4)).map(|_| count(self)).collect()
    }

    /// One to three lines; one in thirty is more than anybody may want, or nothing at all.
    pub(crate) fn lines(&mut self, units: std::ops::Range<i64>) -> Vec<Line> {
        let lines = if self.rng.u8(0..60) == 0 { 0 } else { self.rng.usize(1..4) };
        let mut wanted = Vec::new();
        for _ in 0..lines {
            let location = (self.rng.u8(0..10) < 3).then(|| self.location());
            let quantity = match self.rng.u8(0..60) {
                0 => 0,
                1 => 1_000_001,
                _ => self.rng.i64(units.clone()),
            };
            wanted.push(Line { sku: self.sku(), location, quantity });
        }
        wanted
    }

    /// A SKU that the shop has; one in fifty is one that it has not.
    pub(crate) fn sku(&mut self) -> Name {
        if self.rng.u8(0..50) == 0 {
            return "nobody has this".into();
        }
        let at = self.rng.usize(0..self.books.skus.len().max(1));
        self.books.skus.keys().nth(at).cloned().unwrap_or_else(|| "a".into())
    }

    pub(crate) fn location(&mut self) -> Name {
        self.pick(&LOCATIONS).into()
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.rng.usize(0..from.len())]
    }
}
