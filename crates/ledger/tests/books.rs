//! Whatever is thrown at the ledger, its invariants hold. `PROPTEST_CASES=100000` makes the long
//! form of it.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use ledger::{
    Balance, Cart, Command, Component, CountLine, Decision, Hold, HoldState, Kind, Line, Location,
    Reject, Site, Sku, Stock, Strategy, Way, decide,
};
use proptest::prelude::{Just, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::{strategy::Strategy as Any, test_runner::TestCaseError};
use std::collections::BTreeMap;

const SKUS: [&str; 4] = ["a", "b", "c", "kit"];
const PLACES: [&str; 3] = ["main", "attic", "shop"];
const STRATEGIES: [Strategy; 4] =
    [Strategy::Priority, Strategy::FewestParcels, Strategy::Nearest, Strategy::Spread];

/// One thing that somebody does; positions are taken modulo what there is.
#[derive(Clone, Debug)]
enum Step {
    Move(Kind, Vec<(usize, Option<usize>, i64)>),
    Count(usize, usize, i64, Option<i64>),
    Hold(Vec<(usize, Option<usize>, i64)>),
    Resolve(usize, Way),
    Protect(usize, usize, i64),
    Pass(i64),
}

fn some_lines() -> impl Any<Value = Vec<(usize, Option<usize>, i64)>> {
    prop::collection::vec((0..4_usize, prop::option::of(0..3_usize), -3..9_i64), 1..4)
}

fn steps() -> impl Any<Value = Step> {
    let kind = prop_oneof![
        Just(Kind::Receive),
        Just(Kind::Adjust),
        Just(Kind::Sell),
        Just(Kind::Sold),
        Just(Kind::Returned)
    ];
    prop_oneof![
        4 => (kind, some_lines()).prop_map(|(kind, lines)| Step::Move(kind, lines)),
        1 => (0..4_usize, 0..3_usize, -1..20_i64, prop::option::of(0..9_i64))
            .prop_map(|(sku, at, counted, expected)| Step::Count(sku, at, counted, expected)),
        4 => some_lines().prop_map(Step::Hold),
        4 => (0..9_usize, prop::sample::select(Way::ALL))
            .prop_map(|(hold, way)| Step::Resolve(hold, way)),
        1 => (0..3_usize, 0..3_usize, 0..4_i64).prop_map(|(sku, at, kept)| Step::Protect(sku, at, kept)),
        1 => (1..4_000_i64).prop_map(Step::Pass),
    ]
}

/// The books as a test keeps them: by adding up.
struct Books {
    stock: Stock,
    moved: BTreeMap<(Sku, Location), i64>,
    holds: Vec<Hold>,
    now: i64,
}

fn sku(at: usize) -> Sku {
    Sku::new(SKUS[at]).unwrap()
}

fn place(at: usize) -> Location {
    Location::new(PLACES[at]).unwrap()
}

fn lines(of: &[(usize, Option<usize>, i64)]) -> Vec<Line> {
    let line = |&(at, where_, quantity): &(usize, Option<usize>, i64)| Line {
        sku: sku(at),
        location: where_.map(place),
        quantity,
    };
    of.iter().map(line).collect()
}

impl Books {
    fn new(strategy: Strategy, late: usize) -> Self {
        let mut stock = Stock { strategy, ..Stock::default() };
        for at in 0..3 {
            stock.skus.entry(sku(at)).or_default();
        }
        let parts = [(0, 2), (1, 1)].map(|(at, quantity)| Component { sku: sku(at), quantity });
        stock.skus.entry(sku(3)).or_default().components = parts.to_vec();
        stock.sites.insert(place(late), Site { past_cut_off: true, ..Site::default() });
        Self { stock, moved: BTreeMap::new(), holds: Vec::new(), now: 1_000_000 }
    }

    fn run(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let command = match step {
            Step::Pass(time) => {
                self.now += time;
                return Ok(());
            }
            Step::Protect(at, where_, units) => {
                let before = self.stock.balance(&sku(*at), &place(*where_));
                let kept = before.with_safety_stock(*units).unwrap();
                self.stock.put(&sku(*at), &place(*where_), kept);
                return Ok(());
            }
            Step::Move(kind, of) => Command::Move(*kind, lines(of)),
            Step::Count(at, where_, counted, expected) => Command::Count(vec![CountLine {
                sku: sku(*at),
                location: place(*where_),
                counted: *counted,
                expected: *expected,
            }]),
            Step::Hold(of) => Command::Hold(Cart {
                id: self.holds.len().to_string(),
                lines: lines(of),
                lifetime_ms: 5_000,
                region: None,
                buyer: None,
                browser: None,
            }),
            Step::Resolve(at, way) => {
                let Some(hold) = self.holds.get(*at) else { return Ok(()) };
                if *way == Way::Expire && self.now < hold.expires_at {
                    return Ok(());
                }
                Command::Resolve(hold.clone(), *way)
            }
        };
        match decide(&self.stock, &command, self.now) {
            Ok(decision) => self.apply(&command, decision),
            Err(why) => self.check_refusal(&command, &why),
        }
    }

    fn apply(&mut self, command: &Command, decision: Decision) -> Result<(), TestCaseError> {
        let request = matches!(command, Command::Move(Kind::Sell, _) | Command::Hold(_));
        let mut taken: BTreeMap<Sku, i64> = BTreeMap::new();
        for effect in &decision.effects {
            let before = self.stock.balance(&effect.sku, &effect.location);
            let after = effect.balance;
            prop_assert!(after.on_hand() >= 0 && after.shortfall() >= 0 && after.held() >= 0);
            prop_assert!(after.on_hand() == 0 || after.shortfall() == 0);
            prop_assert_eq!(after.net() - before.net(), effect.quantity);
            prop_assert_eq!(after.safety_stock(), before.safety_stock());
            let owed = (after.shortfall() - before.shortfall()).max(0);
            prop_assert_eq!(effect.shortfall, owed);
            if request {
                let units = before.free() - after.free();
                prop_assert!(units > 0 && units <= before.available());
                *taken.entry(effect.sku.clone()).or_default() += units;
            }
        }
        for (sku, units) in taken {
            prop_assert!(units <= self.stock.available_to_sell(&sku));
        }
        for effect in decision.effects {
            let place = (effect.sku, effect.location);
            *self.moved.entry(place.clone()).or_default() += effect.quantity;
            self.stock.put(&place.0, &place.1, effect.balance);
        }
        if let Some(hold) = decision.hold {
            match self.holds.iter_mut().find(|known| known.id == hold.id) {
                Some(known) => {
                    prop_assert_eq!(known.state, HoldState::Open);
                    prop_assert!(hold.state != HoldState::Open);
                    *known = hold;
                }
                None => self.holds.push(hold),
            }
        }
        self.check_books()
    }

    fn check_books(&self) -> Result<(), TestCaseError> {
        let mut held: BTreeMap<(Sku, Location), i64> = BTreeMap::new();
        for hold in self.holds.iter().filter(|hold| hold.state == HoldState::Open) {
            for line in &hold.lines {
                *held.entry((line.sku.clone(), line.location.clone())).or_default() +=
                    line.quantity;
            }
        }
        for (name, known) in &self.stock.skus {
            prop_assert!(!known.is_kit() || known.balances.is_empty());
            for (at, balance) in &known.balances {
                let place = (name.clone(), at.clone());
                let moved = self.moved.get(&place).copied().unwrap_or(0);
                prop_assert_eq!(balance.net(), moved);
                prop_assert_eq!(balance.held(), held.get(&place).copied().unwrap_or(0));
            }
        }
        self.check_shown()
    }

    /// What a shopper is shown can be sold, and not one more.
    fn check_shown(&self) -> Result<(), TestCaseError> {
        for at in 0..4 {
            let shown = self.stock.available_to_sell(&sku(at));
            let sell = |units| {
                let line = Line { sku: sku(at), location: None, quantity: units };
                decide(&self.stock, &Command::Move(Kind::Sell, vec![line]), self.now)
            };
            prop_assert!(shown == 0 || sell(shown).is_ok());
            prop_assert!(matches!(sell(shown + 1), Err(Reject::InsufficientStock(_))));
        }
        Ok(())
    }

    /// A refusal for lack of stock names a lack that is so, and a fact never hears one.
    fn check_refusal(&self, command: &Command, why: &Reject) -> Result<(), TestCaseError> {
        if let Reject::InsufficientStock(shortage) = why {
            prop_assert!(matches!(command, Command::Move(Kind::Sell, _) | Command::Hold(_)));
            prop_assert!(shortage.wanted > shortage.available);
            let there = match &shortage.location {
                Some(at) => self.stock.balance(&shortage.sku, at).available(),
                None => self.stock.available_to_sell(&shortage.sku),
            };
            prop_assert_eq!(shortage.available, there);
        }
        prop_assert!(!matches!(why, Reject::OutOfBounds(..)));
        Ok(())
    }
}

proptest! {
    #[test]
    fn the_books_balance(
        strategy in prop::sample::select(&STRATEGIES[..]),
        late in 0..3_usize,
        steps in prop::collection::vec(steps(), 1..60),
    ) {
        let mut books = Books::new(strategy, late);
        for step in &steps {
            books.run(step)?;
        }
    }

    #[test]
    fn a_balance_is_what_its_parts_say(net in -99..99_i64, held in 0..50_i64, kept in 0..50_i64) {
        let balance = Balance::from_net(net).and_then(|balance| balance.holding(held)).unwrap();
        let kept = balance.with_safety_stock(kept).unwrap();
        prop_assert!(kept.available() <= balance.available());
        prop_assert!(kept.contribution() <= net - held);
        prop_assert_eq!(kept.free(), net - held);
    }
}
