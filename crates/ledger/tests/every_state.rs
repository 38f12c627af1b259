//! Every state that three clients can bring two units into, each of them with one cart, by every
//! order of what they can do: a model checker walks them all.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use ledger::{
    Balance, Cart, Command, Hold, HoldState, Kind, Line, Location, Reject, Sku, Stock, Way, decide,
};
use stateright::{Checker, Model, Property};

const UNITS: i64 = 2;
const CLIENTS: u8 = 3;
const LIFETIME_MS: i64 = 1_000;
/// Long enough for a hold that is made in the last tick but two to be overdue.
const TICKS: u8 = 4;

/// Where a client's cart stands: what it was told last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Told {
    Nothing,
    Held { made: u8 },
    Ended(HoldState),
    Refused,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    tick: u8,
    on_hand: i64,
    shortfall: i64,
    held: i64,
    /// Units sold to whoever does not hold: by requests, and reported.
    sold: i64,
    reported: i64,
    clients: Vec<Told>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Tick,
    Hold(u8, i64),
    Resolve(u8, Way),
    Sell,
    ReportSold,
}

struct Shop;

fn sku() -> Sku {
    Sku::new("a").unwrap()
}

fn lines(quantity: i64) -> Vec<Line> {
    vec![Line { sku: sku(), location: None, quantity }]
}

impl State {
    fn now(&self) -> i64 {
        i64::from(self.tick) * LIFETIME_MS / 2
    }

    fn stock(&self) -> Stock {
        let balance = Balance::from_net(self.on_hand - self.shortfall);
        let balance = balance.and_then(|balance| balance.holding(self.held)).unwrap();
        let mut stock = Stock::default();
        stock.put(&sku(), &Location::main(), balance);
        stock
    }

    /// The hold of this client, which has held every unit that its first wish was for.
    fn hold(&self, client: u8) -> Option<Hold> {
        let state = match self.clients[usize::from(client)] {
            Told::Held { .. } => HoldState::Open,
            Told::Ended(state) => state,
            Told::Nothing | Told::Refused => return None,
        };
        let made = match self.clients[usize::from(client)] {
            Told::Held { made } => made,
            _ => 0,
        };
        let cart = Cart {
            id: client.to_string(),
            lines: lines(wish(client)),
            lifetime_ms: LIFETIME_MS,
            region: None,
            buyer: None,
            browser: None,
        };
        let mut plenty = Stock::default();
        plenty.put(&sku(), &Location::main(), Balance::from_net(UNITS).unwrap());
        let made_at = i64::from(made) * LIFETIME_MS / 2;
        let hold = decide(&plenty, &Command::Hold(cart), made_at).unwrap().hold.unwrap();
        Some(Hold { state, ..hold })
    }
}

/// The last client wants both units.
fn wish(client: u8) -> i64 {
    if client + 1 == CLIENTS { UNITS } else { 1 }
}

impl Model for Shop {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let clients = vec![Told::Nothing; usize::from(CLIENTS)];
        let (on_hand, shortfall, held, sold, reported) = (UNITS, 0, 0, 0, 0);
        vec![State { tick: 0, on_hand, shortfall, held, sold, reported, clients }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.tick < TICKS {
            actions.push(Action::Tick);
        }
        if state.sold < UNITS {
            actions.push(Action::Sell);
        }
        if state.reported == 0 {
            actions.push(Action::ReportSold);
        }
        for client in 0..CLIENTS {
            if state.clients[usize::from(client)] == Told::Nothing {
                actions.push(Action::Hold(client, wish(client)));
            }
            // Whoever has a hold may end it, in time or not, once or twice.
            if let Some(hold) = state.hold(client) {
                actions.push(Action::Resolve(client, Way::Commit));
                actions.push(Action::Resolve(client, Way::Release));
                if hold.state == HoldState::Open && state.now() >= hold.expires_at {
                    actions.push(Action::Resolve(client, Way::Expire));
                }
            }
        }
    }

    fn next_state(&self, before: &State, action: Action) -> Option<State> {
        let mut state = before.clone();
        let command = match action {
            Action::Tick => {
                state.tick += 1;
                return Some(state);
            }
            Action::Hold(client, units) => Command::Hold(Cart {
                id: client.to_string(),
                lines: lines(units),
                lifetime_ms: LIFETIME_MS,
                region: None,
                buyer: None,
                browser: None,
            }),
            Action::Resolve(client, way) => Command::Resolve(before.hold(client)?, way),
            Action::Sell => Command::Move(Kind::Sell, lines(1)),
            Action::ReportSold => Command::Move(Kind::Sold, lines(1)),
        };
        let decided = decide(&before.stock(), &command, before.now());
        if let Ok(decision) = &decided {
            for effect in &decision.effects {
                let balance = effect.balance;
                (state.on_hand, state.shortfall) = (balance.on_hand(), balance.shortfall());
                state.held = balance.held();
            }
        }
        match (action, decided) {
            (Action::Hold(client, _), decided) => {
                let made = before.tick;
                let told = decided.map_or(Told::Refused, |_| Told::Held { made });
                state.clients[usize::from(client)] = told;
            }
            (Action::Resolve(client, _), Ok(decision)) => {
                state.clients[usize::from(client)] = Told::Ended(decision.hold?.state);
            }
            (Action::Sell, Ok(_)) => state.sold += 1,
            (Action::ReportSold, Ok(_)) => state.reported += 1,
            (_, Err(_)) | (Action::Tick, Ok(_)) => {}
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("requests never get more than there was", |_, state: &State| {
                promised(state) <= UNITS
            }),
            Property::always("the books add up", |_, state: &State| {
                let gone = state.sold + state.reported + units(state, HoldState::Committed);
                state.on_hand - state.shortfall == UNITS - gone
                    && (state.on_hand == 0 || state.shortfall == 0)
            }),
            Property::always("held is what open holds hold", |_, state: &State| {
                state.held == units(state, HoldState::Open)
            }),
            Property::always("who comes too late hears so", |_, state: &State| {
                (0..CLIENTS).filter_map(|client| state.hold(client)).all(|hold| {
                    let late = state.now() >= hold.expires_at;
                    let told = hold.after(Way::Commit, state.now());
                    match hold.state {
                        HoldState::Open if late => told == Err(Reject::Expired),
                        HoldState::Open => told == Ok(HoldState::Committed),
                        HoldState::Committed => told == Err(Reject::AlreadyCommitted),
                        HoldState::Released => told == Err(Reject::AlreadyReleased),
                        HoldState::Expired => told == Err(Reject::Expired),
                    }
                })
            }),
            Property::sometimes("all is held", |_, state: &State| state.held == UNITS),
            Property::sometimes("a hold expires", |_, state: &State| {
                units(state, HoldState::Expired) > 0
            }),
            Property::sometimes("a fact takes what is held", |_, state: &State| {
                state.shortfall > 0
            }),
        ]
    }
}

/// Units of the clients' carts that stand so.
fn units(state: &State, wanted: HoldState) -> i64 {
    let holds = (0..CLIENTS).filter_map(|client| state.hold(client));
    let units = holds.filter(|hold| hold.state == wanted).map(|hold| hold.lines[0].quantity);
    units.sum()
}

/// Units that requests were promised and that nothing has given back.
fn promised(state: &State) -> i64 {
    state.sold + units(state, HoldState::Open) + units(state, HoldState::Committed)
}

#[test]
fn no_order_of_events_breaks_an_invariant() {
    let checker = Shop.checker().spawn_bfs().join();
    checker.assert_properties();
    let states = checker.unique_state_count();
    assert!(states > 4_000, "{states} states: the model has lost its moves");
    println!("{states} states");
}
