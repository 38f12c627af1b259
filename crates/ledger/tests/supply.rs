//! Orders and purchase orders against each other: whatever comes in whichever order, what is
//! promised is there, nothing is promised twice, and the queue is kept.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by failing"
)]

use jiff::civil::{Date, date};
use ledger::{
    Ahead, AheadKind, Balance, Command, Component, Decision, Kind, Line, LineChange, Location,
    Mixed, NewOrder, NewPoLine, ORDER_STATES, Order, OrderEvent, OrderState, PO_LINE_STATES,
    PoChange, PoLineEvent, PoLineId, PoLineState, PoReceipt, Precision, PurchaseOrder, Reject,
    Restock, ReturnTo, Row, Sku, SkuStock, Stock, Turn, Wait, decide, turn,
};
use proptest::prelude::{Strategy, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use std::collections::{BTreeMap, BTreeSet};

const TODAY: Date = date(2026, 11, 21);

fn sku(text: &str) -> Sku {
    Sku::new(text).unwrap()
}

fn day(in_days: i64) -> Option<Restock> {
    let date = TODAY.checked_add(jiff::Span::new().days(in_days)).unwrap();
    Some(Restock::new(date, None, Precision::Day).unwrap())
}

fn line(text: &str, quantity: i64) -> Line {
    Line { sku: sku(text), location: None, quantity }
}

/// A shop that writes everything down, as `store` does.
#[derive(Clone, Debug)]
struct Shop {
    stock: Stock,
    orders: BTreeMap<i64, Order>,
    /// In the order of their happening: the order, what it was promised, and what it is now.
    news: Vec<(i64, Option<Restock>, Option<Restock>)>,
    /// Rows that a turn may look at.
    batch: usize,
}

impl Shop {
    fn new(improve: bool, batch: usize) -> Self {
        let mut stock = Stock { today: TODAY, improve, ..Stock::default() };
        for text in ["a", "b"] {
            let ahead = Ahead { kind: AheadKind::Backorder, limit: None, limit_per_buyer: None };
            let known = SkuStock { ahead: Some(ahead), ..SkuStock::default() };
            stock.skus.insert(sku(text), known);
        }
        Self { stock, orders: BTreeMap::new(), news: Vec::new(), batch }
    }

    fn run(&mut self, command: &Command) -> Result<Decision, Reject> {
        let decision = decide(&self.stock, command, 0)?;
        self.write(&decision);
        self.check();
        Ok(decision)
    }

    fn write(&mut self, decision: &Decision) {
        for (sku, known) in &decision.queues {
            let balances = self.stock.skus[sku].balances.clone();
            self.stock.skus.insert(sku.clone(), SkuStock { balances, ..known.clone() });
        }
        for effect in &decision.effects {
            self.stock.put(&effect.sku, &effect.location, effect.balance);
        }
        if let Some(order) = &decision.order {
            self.orders.insert(order.number, order.clone());
        }
    }

    fn order(&mut self, lines: Vec<Line>) -> Result<i64, Reject> {
        let number = self.orders.len() as i64 + 1;
        let new = NewOrder {
            id: format!("order {number}"),
            number,
            hold: None,
            lines,
            region: None,
            buyer_waits: BTreeMap::new(),
        };
        self.run(&Command::Order(new)).map(|_| number)
    }

    fn po(&mut self, id: &str, lines: &[(&str, i64, Option<Restock>)]) {
        let line = |(text, quantity, expected): &(&str, i64, Option<Restock>)| NewPoLine {
            sku: sku(text),
            location: Location::main(),
            quantity: *quantity,
            expected: *expected,
        };
        let lines = lines.iter().map(line).collect();
        self.run(&Command::PlacePo(id.to_owned(), lines)).unwrap();
    }

    fn known_po(&self, id: &str) -> PurchaseOrder {
        let all = self.stock.skus.values().flat_map(|known| &known.supply);
        let lines = all.filter(|(line, _)| line.po == id);
        PurchaseOrder {
            id: id.to_owned(),
            lines: lines.map(|(id, line)| (id.line, line.clone())).collect(),
        }
    }

    fn change(&mut self, id: &str, line: u32, change: LineChange) -> Result<Decision, Reject> {
        self.run(&Command::ChangePo(self.known_po(id), vec![PoChange { line, change }]))
    }

    fn receive(
        &mut self,
        id: &str,
        line: u32,
        quantity: i64,
        close: bool,
    ) -> Result<Decision, Reject> {
        self.run(&Command::ReceivePo(self.known_po(id), vec![PoReceipt { line, quantity, close }]))
    }

    /// Makes all promises anew that have to be.
    fn settle(&mut self) {
        for sku in self.stock.skus.keys().cloned().collect::<Vec<_>>() {
            let mut cursor = 0;
            for round in 0.. {
                assert!(round < 10_000, "it comes to no end");
                let Some(next) = Turn::next(&self.stock, &sku) else { break };
                let (rows, is_last) = self.rows(&sku, &next, cursor);
                let (handed, decision) = turn(&self.stock, &sku, &next, &rows).unwrap();
                for (row, handed) in rows.iter().zip(handed) {
                    self.hand(&sku, row, handed.ready, handed.waits, next == Turn::Promise);
                }
                self.write(&decision);
                if next == Turn::Promise {
                    if is_last {
                        self.stock.skus.get_mut(&sku).unwrap().settling = false;
                    }
                    cursor = if is_last { 0 } else { rows.last().map_or(0, |row| row.order) };
                }
                self.check();
            }
        }
    }

    fn rows(&self, sku: &Sku, turn: &Turn, cursor: i64) -> (Vec<Row>, bool) {
        let waits = self.orders.values().flat_map(|order| {
            let lines = order.lines.get(sku).into_iter().flat_map(|line| &line.waiting);
            lines.map(|wait| Row { order: order.number, wait: wait.clone() })
        });
        let mut rows: Vec<_> = match turn {
            Turn::HandOut(on) => waits.filter(|row| row.wait.on.as_ref() == Some(on)).collect(),
            Turn::Loosen(on) => {
                let mut rows: Vec<_> =
                    waits.filter(|row| row.wait.on.as_ref() == Some(on)).collect();
                rows.reverse();
                rows
            }
            Turn::Promise => waits.filter(|row| row.order > cursor).collect(),
        };
        // All rows of an order come together.
        let last = rows.get(self.batch.saturating_sub(1)).map(|row| row.order);
        let end =
            rows.iter().rposition(|row| Some(row.order) == last).map_or(rows.len(), |at| at + 1);
        let is_last = end == rows.len();
        rows.truncate(end);
        (rows, is_last)
    }

    fn hand(
        &mut self,
        sku: &Sku,
        row: &Row,
        ready: Vec<(Location, i64)>,
        waits: Vec<Wait>,
        is_told: bool,
    ) {
        let line = self.orders.get_mut(&row.order).unwrap().lines.get_mut(sku).unwrap();
        // Units on no line are kept apart by what was told of them.
        let same = |one: &Wait, other: &Wait| {
            one.on == other.on && (one.on.is_some() || one.promised == other.promised)
        };
        // One row for each line that it waits for: what this one was goes, and what it is now comes.
        let was = line.waiting.iter_mut().find(|wait| same(wait, &row.wait)).unwrap();
        was.units -= row.wait.units;
        for (location, units) in ready {
            *line.ready.entry(location).or_insert(0) += units;
        }
        for wait in waits {
            if is_told && wait.promised != row.wait.promised {
                self.news.push((row.order, row.wait.promised, wait.promised));
            }
            match line.waiting.iter_mut().find(|other| same(other, &wait)) {
                Some(other) => {
                    other.units += wait.units;
                    other.promised = wait.promised;
                }
                None => line.waiting.push(wait),
            }
        }
        line.waiting.retain(|wait| wait.units > 0);
        line.ready.retain(|_, units| *units > 0);
    }

    fn promise(&self, order: i64) -> Option<Restock> {
        self.orders[&order].lines.values().find_map(|line| line.promised())
    }

    fn state(&self, order: i64) -> OrderState {
        self.orders[&order].state()
    }

    /// What must be so at any time.
    fn check(&self) {
        for (sku, known) in &self.stock.skus {
            let lines = || self.orders.values().filter_map(|order| order.lines.get(sku));
            let waits = || lines().flat_map(|line| &line.waiting);
            let sum = |units: &mut dyn Iterator<Item = i64>| units.sum::<i64>();
            for line in lines() {
                assert_eq!(
                    line.ordered,
                    line.ready() + line.waiting() + line.shipped + line.cancelled
                );
            }
            assert_eq!(known.waiting.units, sum(&mut waits().map(|wait| wait.units)), "{sku}");
            for (id, line) in &known.supply {
                let rows = sum(&mut waits()
                    .filter(|wait| wait.on.as_ref() == Some(id))
                    .map(|wait| wait.units));
                let arrived: i64 = known
                    .arrivals
                    .iter()
                    .filter(|((on, _), _)| on.as_ref() == Some(id))
                    .map(|(_, units)| *units)
                    .sum();
                assert_eq!(rows, line.pegged + line.loose + arrived, "{id:?}");
                assert!(line.pegged <= line.incoming(), "{id:?} promises too much");
            }
            let loose: i64 = known.supply.values().map(|line| line.loose).sum();
            let bare = sum(&mut waits().filter(|wait| wait.on.is_none()).map(|wait| wait.units));
            assert_eq!(known.waiting.unpegged, bare + loose, "{sku}");
            let committed: i64 = known.balances.values().map(|balance| balance.committed()).sum();
            let ready = sum(&mut lines().map(|line| line.ready()));
            assert_eq!(committed, ready + known.arriving(), "{sku}");
            let wanting = known.waiting.units - known.arriving();
            let wanting = if self.stock.improve {
                wanting
            } else {
                known.waiting.unpegged - known.spare_arrivals()
            };
            assert!(
                wanting <= 0 || self.stock.available_to_sell(sku) <= 0,
                "{sku} is there, and somebody waits"
            );
        }
    }

    /// What must be so when all promises are made.
    fn check_settled(&self) {
        for (sku, known) in &self.stock.skus {
            assert!(!known.settling && known.arrivals.is_empty(), "{sku}");
            let supply: i64 = known.promisable(TODAY).into_iter().map(|(.., units)| units).sum();
            assert!(
                known.waiting.unpegged == 0 || supply == 0,
                "{sku} is on its way, and somebody is promised nothing"
            );
            for order in self.orders.values() {
                for wait in order.lines.get(sku).into_iter().flat_map(|line| &line.waiting) {
                    let now = wait.on.as_ref().and_then(|on| known.supply[on].expected);
                    assert_eq!(wait.promised, now, "order {} was told otherwise", order.number);
                    if self.stock.improve {
                        let better = known
                            .promisable(TODAY)
                            .into_iter()
                            .any(|(_, date, _)| now.is_none_or(|now| date.last() < now.last()));
                        assert!(!better, "order {} could have a better date", order.number);
                    }
                }
            }
        }
    }
}

#[test]
fn an_order_waits_for_the_lines_that_promise_it_the_earliest_first() {
    let mut shop = Shop::new(false, 100);
    shop.po("late", &[("a", 10, day(20))]);
    shop.po("soon", &[("a", 3, day(5))]);
    shop.po("undated", &[("a", 90, None)]);
    let first = shop.order(vec![line("a", 5)]).unwrap();
    let waits = shop.orders[&first].lines[&sku("a")].waiting.clone();
    let on = |po: &str| Some(PoLineId { po: po.to_owned(), line: 1 });
    assert_eq!(
        waits,
        [
            Wait { on: on("soon"), units: 3, promised: day(5) },
            Wait { on: on("late"), units: 2, promised: day(20) },
        ]
    );
    assert_eq!(shop.promise(first), day(20));
    let refused = shop.order(vec![line("a", 9)]).unwrap_err();
    assert_eq!(refused, Reject::CannotPromise { sku: sku("a"), wanted: 9, promisable: 8 });
}

#[test]
fn a_receipt_serves_those_who_wait_for_it_in_their_order_and_then_the_shelf() {
    let mut shop = Shop::new(false, 1);
    shop.po("po", &[("a", 10, day(5))]);
    let orders: Vec<_> = [4, 4, 1].map(|units| shop.order(vec![line("a", units)]).unwrap()).into();
    let sold = Command::Move(Kind::Sell, vec![line("a", 1)]);
    shop.receive("po", 1, 6, false).unwrap();
    assert!(shop.run(&sold).is_err(), "what has come is theirs");
    shop.settle();
    assert_eq!(shop.state(orders[0]), OrderState::Ready);
    assert_eq!(shop.orders[&orders[1]].lines[&sku("a")].ready(), 2);
    assert_eq!(shop.state(orders[2]), OrderState::Waiting);
    shop.receive("po", 1, 4, false).unwrap();
    shop.settle();
    shop.check_settled();
    assert!(orders.iter().all(|order| shop.state(*order) == OrderState::Ready));
    assert!(shop.news.is_empty());
    shop.run(&sold).unwrap();
    assert!(shop.run(&sold).is_err());
}

#[test]
fn a_line_that_comes_short_moves_the_last_promises_and_no_others() {
    let mut shop = Shop::new(false, 2);
    shop.po("po", &[("a", 10, day(5))]);
    shop.po("next", &[("a", 2, day(9))]);
    let orders: Vec<_> = [4, 4, 2].map(|units| shop.order(vec![line("a", units)]).unwrap()).into();
    shop.receive("po", 1, 5, true).unwrap();
    assert!(shop.order(vec![line("a", 1)]).is_err(), "newcomers wait until the others have theirs");
    shop.settle();
    shop.check_settled();
    assert_eq!(shop.state(orders[0]), OrderState::Ready);
    // The second gets the one unit that came and what the next line has; the third nothing.
    let second = &shop.orders[&orders[1]].lines[&sku("a")];
    assert_eq!((second.ready(), second.waiting()), (1, 3));
    assert_eq!(
        shop.news,
        [(orders[1], day(5), day(9)), (orders[1], day(5), None), (orders[2], day(5), None),]
    );
    // Whoever was promised nothing goes first when there is something.
    shop.po("more", &[("a", 9, day(30))]);
    shop.settle();
    shop.check_settled();
    assert_eq!(shop.news.split_off(3), [(orders[1], None, day(30)), (orders[2], None, day(30))]);
}

#[test]
fn what_comes_with_the_last_of_a_line_is_kept_for_those_who_wait_for_it() {
    let mut shop = Shop::new(false, 2);
    shop.po("po", &[("a", 10, day(5))]);
    let order = shop.order(vec![line("a", 2)]).unwrap();
    // So many are owed elsewhere that nothing of what comes is free.
    shop.run(&Command::Move(Kind::Sold, vec![line("a", 9)])).unwrap();
    shop.receive("po", 1, 4, true).unwrap();
    shop.settle();
    shop.check_settled();
    assert_eq!(shop.state(order), OrderState::Ready);
}

#[test]
fn a_line_that_slips_moves_those_who_wait_for_it_in_their_order() {
    let mut shop = Shop::new(false, 1);
    shop.po("po", &[("a", 10, day(5))]);
    let early = [3, 3].map(|units| shop.order(vec![line("a", units)]).unwrap());
    shop.po("other", &[("a", 6, day(7))]);
    let rest = shop.order(vec![line("a", 4)]).unwrap();
    let other = shop.order(vec![line("a", 2)]).unwrap();
    assert_eq!((shop.promise(rest), shop.promise(other)), (day(5), day(7)));
    shop.change("po", 1, LineChange::Expected(day(12))).unwrap();
    shop.settle();
    shop.check_settled();
    // Four units of the other line were free: the first had three of them, the second one.
    assert_eq!(
        shop.news,
        [
            (early[0], day(5), day(7)),
            (early[1], day(5), day(7)),
            (early[1], day(5), day(12)),
            (rest, day(5), day(12)),
        ]
    );
    assert_eq!(shop.promise(other), day(7), "nobody else's promise moves");
}

#[test]
fn better_supply_moves_promises_forward_where_the_shop_wants_it() {
    for improve in [false, true] {
        let mut shop = Shop::new(improve, 1);
        shop.po("po", &[("a", 10, day(20))]);
        let first = shop.order(vec![line("a", 4)]).unwrap();
        shop.po("express", &[("a", 5, day(2))]);
        shop.settle();
        shop.check_settled();
        assert_eq!(shop.promise(first), day(if improve { 2 } else { 20 }));
        // What comes back is theirs, too.
        let back = Command::Move(Kind::Returned, vec![line("a", 4)]);
        shop.run(&back).unwrap();
        shop.settle();
        shop.check_settled();
        let state = if improve { OrderState::Ready } else { OrderState::Waiting };
        assert_eq!(shop.state(first), state);
    }
}

#[test]
fn what_is_cancelled_goes_back_to_where_it_came_from() {
    let mut shop = Shop::new(false, 3);
    let before = {
        shop.run(&Command::Move(Kind::Receive, vec![line("a", 3)])).unwrap();
        shop.po("po", &[("a", 10, day(5))]);
        shop.stock.clone()
    };
    let first = shop.order(vec![line("a", 8)]).unwrap();
    assert_eq!(shop.orders[&first].lines[&sku("a")].ready(), 3);
    let order = shop.orders[&first].clone();
    let cancel = |lines| Command::Cancel { order: order.clone(), lines, only_waiting: false };
    assert_eq!(
        shop.run(&cancel(vec![(sku("a"), 9)])).unwrap_err(),
        Reject::NotOpen { sku: sku("a"), open: 8, wanted: 9 },
    );
    shop.run(&cancel(Vec::new())).unwrap();
    shop.settle();
    assert_eq!(shop.state(first), OrderState::Cancelled);
    assert_eq!(shop.stock, before);
}

#[test]
fn an_order_is_shipped_as_it_comes_or_together() {
    let mut shop = Shop::new(false, 3);
    shop.run(&Command::Move(Kind::Receive, vec![line("a", 3)])).unwrap();
    shop.po("po", &[("a", 10, day(5))]);
    let split = shop.order(vec![line("a", 4)]).unwrap();
    let ship =
        |shop: &mut Shop, order| shop.run(&Command::Ship(shop.orders[&order].clone(), Vec::new()));
    ship(&mut shop, split).unwrap();
    assert_eq!(ship(&mut shop, split).unwrap_err(), Reject::NothingReady);
    let on_hand = |shop: &Shop| shop.stock.balance(&sku("a"), &Location::main()).on_hand();
    assert_eq!((shop.state(split), on_hand(&shop)), (OrderState::Waiting, 0));
    shop.run(&Command::Move(Kind::Receive, vec![line("b", 2)])).unwrap();
    shop.stock.mixed = Mixed::Together;
    let together = shop.order(vec![line("a", 1), line("b", 1)]).unwrap();
    assert_eq!(ship(&mut shop, together).unwrap_err(), Reject::NotAllThere);
    shop.receive("po", 1, 2, false).unwrap();
    shop.settle();
    ship(&mut shop, together).unwrap();
    ship(&mut shop, split).unwrap();
    assert_eq!(
        (shop.state(together), shop.state(split)),
        (OrderState::Shipped, OrderState::Shipped)
    );
    shop.stock.mixed = Mixed::Refuse;
    assert_eq!(shop.order(vec![line("a", 1), line("b", 1)]).unwrap_err(), Reject::MixedCart);
    let back = |units| Command::Return {
        order: shop.orders[&split].clone(),
        lines: vec![(sku("a"), units)],
        to: ReturnTo::Stock(Location::main()),
    };
    let (five, four) = (back(5), back(4));
    assert_eq!(
        shop.run(&five).unwrap_err(),
        Reject::NotShipped { sku: sku("a"), shipped: 4, wanted: 5 }
    );
    shop.run(&four).unwrap();
    assert_eq!(on_hand(&shop), 4);
}

#[test]
fn what_has_become_a_kit_has_no_stock_of_its_own() {
    let mut shop = Shop::new(false, 3);
    shop.run(&Command::Move(Kind::Receive, vec![line("a", 1)])).unwrap();
    let order = shop.order(vec![line("a", 1)]).unwrap();
    shop.run(&Command::Ship(shop.orders[&order].clone(), Vec::new())).unwrap();
    shop.po("po", &[("a", 1, None)]);
    shop.change("po", 1, LineChange::Cancel).unwrap();
    let parts = vec![Component { sku: sku("b"), quantity: 1 }];
    shop.stock.skus.get_mut(&sku("a")).unwrap().components = parts;
    let is_kit = Reject::IsBundle(sku("a"));
    assert_eq!(shop.receive("po", 1, 1, false).unwrap_err(), is_kit);
    let back = |shop: &Shop, to| Command::Return {
        order: shop.orders[&order].clone(),
        lines: vec![(sku("a"), 1)],
        to,
    };
    let (to_stock, away) =
        (back(&shop, ReturnTo::Stock(Location::main())), back(&shop, ReturnTo::Quarantine));
    assert_eq!(shop.run(&to_stock).unwrap_err(), is_kit);
    shop.run(&away).unwrap();
    let line = &shop.orders[&order].lines[&sku("a")];
    assert_eq!((line.returned, line.quarantined, line.written_off), (1, 1, 0));
}

#[test]
fn what_is_sold_ahead_has_its_limits() {
    let mut shop = Shop::new(false, 3);
    shop.po("po", &[("a", 10, day(5)), ("a", 10, day(-1))]);
    let ahead =
        |limit, limit_per_buyer| Some(Ahead { kind: AheadKind::Preorder, limit, limit_per_buyer });
    let set = |shop: &mut Shop, ahead| shop.stock.skus.get_mut(&sku("a")).unwrap().ahead = ahead;
    set(&mut shop, ahead(Some(4), Some(2)));
    let refused = shop.order(vec![line("a", 3)]).unwrap_err();
    assert_eq!(refused, Reject::AheadLimit { sku: sku("a"), most: 2, waiting: 0, wanted: 3 });
    for _ in 0..2 {
        shop.order(vec![line("a", 2)]).unwrap();
    }
    let refused = shop.order(vec![line("a", 1)]).unwrap_err();
    assert_eq!(refused, Reject::CannotPromise { sku: sku("a"), wanted: 1, promisable: 0 });
    set(&mut shop, None);
    assert!(matches!(shop.order(vec![line("a", 1)]), Err(Reject::InsufficientStock(_))));
}

#[test]
fn every_state_of_a_line_is_reached_and_every_end_is_an_end() {
    let ends: BTreeSet<_> = PO_LINE_STATES.iter().map(|(.., to)| *to).collect();
    assert_eq!(ends.len(), PoLineState::ALL.len());
    for state in PoLineState::ALL {
        for event in PoLineEvent::ALL {
            assert_eq!(state.after(*event).is_some(), *state == PoLineState::Open);
        }
    }
}

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    Receive(i64),
    Sell(i64),
    Sold(i64),
    Order(i64, i64),
    Place(i64, Option<i64>),
    Slip(usize, Option<i64>),
    CancelPo(usize),
    ReceivePo(usize, i64, bool),
    Ship(usize),
    Cancel(usize, i64),
    Settle,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let days = || prop::option::weighted(0.9, -1..12_i64);
    let step = prop_oneof![
        (1..6_i64).prop_map(Step::Receive),
        (1..4_i64).prop_map(Step::Sell),
        (1..4_i64).prop_map(Step::Sold),
        (0..6_i64, 0..6_i64).prop_map(|(a, b)| Step::Order(a, b)),
        (0..6_i64, 0..6_i64).prop_map(|(a, b)| Step::Order(a, b)),
        (1..12_i64, days()).prop_map(|(units, day)| Step::Place(units, day)),
        (0..8_usize, days()).prop_map(|(po, day)| Step::Slip(po, day)),
        (0..8_usize).prop_map(Step::CancelPo),
        (0..8_usize, 0..9_i64, prop::bool::ANY)
            .prop_map(|(po, units, close)| Step::ReceivePo(po, units, close)),
        (0..9_usize).prop_map(Step::Ship),
        (0..9_usize, 0..4_i64).prop_map(|(order, units)| Step::Cancel(order, units)),
        prop::strategy::Just(Step::Settle),
    ];
    prop::collection::vec(step, 1..40)
}

impl Shop {
    fn take(&mut self, step: &Step, at: usize) {
        let before: BTreeMap<_, _> =
            self.orders.iter().map(|(number, order)| (*number, order.state())).collect();
        self.happen(step, at);
        let event = match step {
            Step::Ship(_) => OrderEvent::Shipped,
            Step::Cancel(..) => OrderEvent::Cancelled,
            _ => OrderEvent::Served,
        };
        for (number, before) in before {
            let change = (before, event, self.state(number));
            assert!(change.0 == change.2 || ORDER_STATES.contains(&change), "{change:?}");
        }
    }

    fn happen(&mut self, step: &Step, at: usize) {
        let po = |at: &usize| format!("po {at}");
        let number = |shop: &Self, at: &usize| {
            shop.orders.keys().nth(at % shop.orders.len().max(1)).copied()
        };
        // Whatever is refused changes nothing; what is not is checked.
        let _ = match step {
            Step::Receive(units) => {
                self.run(&Command::Move(Kind::Receive, vec![line("a", *units)])).err()
            }
            Step::Sell(units) => {
                self.run(&Command::Move(Kind::Sell, vec![line("a", *units)])).err()
            }
            Step::Sold(units) => {
                self.run(&Command::Move(Kind::Sold, vec![line("a", *units)])).err()
            }
            Step::Order(a, b) => {
                let lines =
                    [line("a", *a), line("b", *b)].into_iter().filter(|line| line.quantity > 0);
                self.order(lines.collect()).err()
            }
            Step::Place(units, in_days) => {
                let id = po(&(at % 8));
                if self.known_po(&id).lines.is_empty() {
                    self.po(
                        &id,
                        &[
                            ("a", *units, in_days.and_then(day)),
                            ("b", *units, in_days.and_then(day)),
                        ],
                    );
                }
                None
            }
            Step::Slip(at, in_days) => {
                self.change(&po(at), 1, LineChange::Expected(in_days.and_then(day))).err()
            }
            Step::CancelPo(at) => self.change(&po(at), 1, LineChange::Cancel).err(),
            Step::ReceivePo(at, units, close) => self.receive(&po(at), 1, *units, *close).err(),
            Step::Ship(at) => number(self, at).and_then(|number| {
                self.run(&Command::Ship(self.orders[&number].clone(), Vec::new())).err()
            }),
            Step::Cancel(at, units) => number(self, at).and_then(|number| {
                let lines = if *units == 0 { Vec::new() } else { vec![(sku("a"), *units)] };
                let order = self.orders[&number].clone();
                self.run(&Command::Cancel { order, lines, only_waiting: false }).err()
            }),
            Step::Settle => {
                self.settle();
                self.check_settled();
                None
            }
        };
    }
}

proptest! {
    #[test]
    fn promises_are_kept(improve in prop::bool::ANY, batch in 1..5_usize, steps in steps()) {
        let mut shop = Shop::new(improve, batch);
        for (at, step) in steps.iter().enumerate() {
            shop.take(step, at);
        }
        shop.settle();
        shop.check_settled();
        // When all of it comes, everybody has theirs.
        let wanted = shop.stock.skus[&sku("a")].waiting.units;
        if wanted > 0 && !shop.stock.improve {
            shop.po("last", &[("a", wanted, day(30))]);
            shop.settle();
            shop.check_settled();
        }
        prop_assert!(shop.stock.skus[&sku("a")].waiting.unpegged == 0 || shop.stock.improve);
        prop_assert_eq!(Balance::default().committed(), 0);
    }
}
