//! Purchase orders and orders: written whole, handed out a few rows at a time.

use crate::{fixture::*, sqlite::Sqlite};
use jiff::civil::date;
use ledger::{
    Ahead, AheadKind, Kind, Line, LineChange, Location, NewPoLine, PoChange, PoReceipt, Precision,
    Restock, ReturnTo,
};
use store::{
    Answer, Answered, Cause, Fault, Moment, News, OrderAction, OrderChange, OrderRequest, Payment,
    PlacedOrder, PoAction, PoRequest, Receiver, ShownState, SkuChange, Store,
};

pub(crate) fn december(day: i8) -> Restock {
    Restock::new(date(2026, 12, day), None, Precision::Day).unwrap()
}

/// A shop that sells `a` ahead; `po` brings ten of it on 1 December.
pub(crate) fn supplied() -> Sqlite {
    let sqlite = stocked(&[("a", "main", 0), ("b", "main", 2)]);
    let store = sqlite.store();
    sell_ahead(&store, None);
    place_po(&store, "po", 10, Some(december(1))).unwrap();
    tell_all(&store);
    sqlite
}

fn sell_ahead(store: &Store<&Sqlite>, limit: Option<i64>) {
    let ahead = Ahead { kind: AheadKind::Backorder, limit, limit_per_buyer: Some(100) };
    let change = SkuChange { ahead: Some(Some(ahead)), ..SkuChange::default() };
    store.change_sku(&sku("a"), &change, NOW).unwrap().unwrap();
}

pub(crate) fn run_po(
    store: &Store<&Sqlite>,
    (po, id): (&str, &str),
    action: PoAction<'_>,
) -> Result<Option<Answered>, Fault> {
    let digest = format!("{action:?}").into_bytes();
    let request = PoRequest { po, id, digest: &digest, action, reason: Some("a test") };
    store.run_po(&request, NOW, |decided| Answer {
        status: if decided.is_ok() { 200 } else { 409 },
        body: format!("{decided:?}"),
    })
}

pub(crate) fn place_po(
    store: &Store<&Sqlite>,
    id: &str,
    quantity: i64,
    expected: Option<Restock>,
) -> Result<Option<Answered>, Fault> {
    let line = NewPoLine { sku: sku("a"), location: Location::main(), quantity, expected };
    run_po(store, (id, id), PoAction::Place { supplier: "Acme", lines: vec![line] })
}

pub(crate) fn receive(
    store: &Store<&Sqlite>,
    id: &str,
    quantity: i64,
    close: bool,
) -> Option<Answered> {
    let receipt = PoReceipt { line: 1, quantity, close };
    run_po(store, ("po", id), PoAction::Receive(vec![receipt])).unwrap()
}

pub(crate) fn order_of(
    store: &Store<&Sqlite>,
    id: &str,
    hold: Option<&str>,
    lines: &[(&str, i64)],
) -> Result<Option<Answered>, Fault> {
    let line = |(text, quantity): &(&str, i64)| Line {
        sku: sku(text),
        location: None,
        quantity: *quantity,
    };
    let digest = format!("{hold:?} {lines:?}").into_bytes();
    let request = OrderRequest {
        id,
        digest: &digest,
        hold,
        lines: lines.iter().map(line).collect(),
        region: None,
        buyer: Some(b"ann"),
        payment: Payment::Deposit,
    };
    store.place_order(&request, NOW, |decided| Answer {
        status: if decided.is_ok() { 200 } else { 409 },
        body: format!("{decided:?}"),
    })
}

pub(crate) fn order(store: &Store<&Sqlite>, id: &str, units: i64) -> PlacedOrder {
    let Ok(Some(Answered::First(answer))) = order_of(store, id, None, &[("a", units)]) else {
        panic!("{id} is new")
    };
    assert_eq!(answer.status, 200, "{}", answer.body);
    store.order(id).unwrap().unwrap()
}

pub(crate) fn change(store: &Store<&Sqlite>, order: &str, id: &str, action: OrderAction) -> u16 {
    let digest = format!("{action:?}").into_bytes();
    let lines = Vec::new();
    let change = OrderChange { order, id, digest: &digest, action, lines, reason: None };
    let answered = store.change_order(&change, NOW, |decided| Answer {
        status: if decided.is_ok() { 200 } else { 409 },
        body: format!("{decided:?}"),
    });
    match answered {
        Ok(Some(Answered::First(answer) | Answered::Again(answer))) => answer.status,
        other => panic!("{other:?}"),
    }
}

fn settle(store: &Store<&Sqlite>) {
    while store.settle_due(NOW, 50).unwrap() {}
}

fn events(store: &Store<&Sqlite>) -> Vec<(String, i64, News)> {
    let events = store.events_after(0).unwrap().into_iter();
    events.map(|event| (event.order, event.units, event.news)).collect()
}

/// What must be so whatever happened.
fn assert_balanced(sqlite: &Sqlite) {
    let wrong = sqlite.rows(
        "SELECT 'line', number, sku FROM order_lines WHERE ordered <> shipped + cancelled
            + COALESCE((SELECT SUM(units) FROM ready WHERE ready.number = order_lines.number
                AND ready.sku = order_lines.sku), 0)
            + COALESCE((SELECT SUM(units) FROM waits WHERE waits.number = order_lines.number
                AND waits.sku = order_lines.sku), 0)
         UNION ALL SELECT 'waiting', sku, waiting FROM skus WHERE waiting <>
            COALESCE((SELECT SUM(units) FROM waits WHERE waits.sku = skus.sku), 0)
         UNION ALL SELECT 'committed', sku, '' FROM skus
            WHERE (SELECT SUM(committed) FROM balances WHERE balances.sku = skus.sku) <>
                COALESCE((SELECT SUM(units) FROM ready WHERE ready.sku = skus.sku), 0)
                + COALESCE((SELECT SUM(units) FROM arrivals WHERE arrivals.sku = skus.sku), 0)
         UNION ALL SELECT 'promised', po, line FROM po_lines WHERE pegged > ordered - received",
    );
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn a_back_order_is_promised_shown_served_and_shipped() {
    let sqlite = supplied();
    let store = sqlite.store();
    let shown = || store.shown("a").unwrap().unwrap();
    assert_eq!(shown().state, ShownState::Ahead(AheadKind::Backorder, december(1)));
    let placed = order(&store, "first", 4);
    let line = &placed.order.lines[&sku("a")];
    assert_eq!((line.promised(), line.kind), (Some(december(1)), Some(AheadKind::Backorder)));
    assert_eq!(placed.payment, Payment::Deposit);
    assert_balanced(&sqlite);
    assert_eq!(change(&store, "first", "ship 1", OrderAction::Ship), 409);
    receive(&store, "receipt", 6, false).unwrap();
    assert_balanced(&sqlite);
    assert_eq!(events(&store), [("first".to_owned(), 4, News::Ready)]);
    assert_eq!(shown().state, ShownState::Low(2));
    assert_eq!(change(&store, "first", "ship 2", OrderAction::Ship), 200);
    let states = sqlite.rows("SELECT state FROM orders");
    assert_eq!(states, ["shipped"]);
    let sold = sqlite.rows("SELECT kind, quantity, source FROM movements WHERE sku = 'a'");
    assert_eq!(sold, ["opened|0|import/1", "received|6|receipt", "sold|-4|ship 2"]);
    let back = OrderAction::Return { to: ReturnTo::Stock(Location::main()) };
    let lines = vec![(sku("a"), 1)];
    let back =
        OrderChange { order: "first", id: "back", digest: b"", action: back, lines, reason: None };
    let body =
        |_: Result<&PlacedOrder, &ledger::Reject>| Answer { status: 200, body: String::new() };
    store.change_order(&back, NOW, body).unwrap().unwrap();
    assert_eq!(sqlite.rows("SELECT on_hand FROM balances WHERE sku = 'a'"), ["3"]);
    assert_balanced(&sqlite);
}

#[test]
fn a_date_that_slips_is_told_to_those_who_wait_and_shown_as_moved() {
    let sqlite = supplied();
    let store = sqlite.store();
    order(&store, "first", 4);
    let slip = |id, expected| {
        let change = PoChange { line: 1, change: LineChange::Expected(expected) };
        run_po(&store, ("po", id), PoAction::Change(vec![change])).unwrap().unwrap();
    };
    slip("later", Some(december(9)));
    let moved = |was, now| ("first".to_owned(), 4, News::PromiseMoved { was, now });
    assert_eq!(events(&store), [moved(Some(december(1)), Some(december(9)))]);
    let shown = store.shown("a").unwrap().unwrap();
    assert_eq!(shown.state.date(), Some(december(9)));
    assert_eq!(shown.was, Some(december(1)));
    slip("later still", Some(december(20)));
    assert_eq!(store.shown("a").unwrap().unwrap().was, Some(december(1)), "the first promise");
    slip("sooner after all", Some(december(1)));
    assert_eq!(store.shown("a").unwrap().unwrap().was, None);
    slip("never", None);
    assert_eq!(events(&store)[3], moved(Some(december(1)), None));
    assert_eq!(store.shown("a").unwrap().unwrap().state, ShownState::Out(None));
}

#[test]
fn a_thousand_orders_are_served_a_few_at_a_time_and_nobody_takes_their_units() {
    let sqlite = supplied();
    let store = sqlite.store();
    place_po(&store, "large", 1000, Some(december(2))).unwrap();
    for n in 0..300 {
        let digest = [0];
        let id = format!("order {n:03}");
        let line = Line { sku: sku("a"), location: None, quantity: 2 };
        let request = OrderRequest {
            id: &id,
            digest: &digest,
            hold: None,
            lines: vec![line],
            region: None,
            buyer: None,
            payment: Payment::Now,
        };
        let answer =
            |_: Result<&PlacedOrder, &ledger::Reject>| Answer { status: 200, body: String::new() };
        store.place_order(&request, NOW, answer).unwrap().unwrap();
    }
    let receipt = PoReceipt { line: 1, quantity: 400, close: false };
    run_po(&store, ("large", "receipt"), PoAction::Receive(vec![receipt])).unwrap().unwrap();
    assert!(store.is_settling().unwrap());
    assert_balanced(&sqlite);
    let sell = run(&store, "sell", Kind::Sell, &[("a", "main", 1)]).unwrap();
    assert!(matches!(sell, Answered::First(answer) if answer.status == 409), "they are taken");
    // Whoever is promised something already is not in the way of somebody new.
    let settled = |store: &Store<&Sqlite>| {
        sqlite
            .rows("SELECT COUNT(*) FROM orders WHERE state = 'ready'")
            .first()
            .cloned()
            .map(|count| (count, store.is_settling().unwrap()))
    };
    assert_eq!(settled(&store), Some(("50".to_owned(), true)));
    store.settle_due(NOW, 50).unwrap();
    assert_eq!(settled(&store), Some(("100".to_owned(), true)));
    assert!(matches!(order_of(&store, "new", None, &[("a", 1)]), Err(Fault::Busy(_))));
    settle(&store);
    assert_balanced(&sqlite);
    // Five orders waited for the first line.
    assert_eq!(settled(&store), Some(("200".to_owned(), false)));
    let served = sqlite.rows("SELECT MIN(number), MAX(number) FROM orders WHERE state = 'ready'");
    assert_eq!(served, ["6|205"], "in the order of the queue");
    order(&store, "new", 1);
}

#[test]
fn a_hold_becomes_an_order_and_its_units_stay_where_they_are() {
    let sqlite = supplied();
    let store = sqlite.store();
    let held = |id: &str| {
        let request = store::HoldRequest {
            id,
            digest: b"",
            lines: vec![line(&("b", "", 2))],
            lifetime_ms: 60_000,
            region: None,
            buyer: None,
            network: None,
        };
        store.hold(&request, NOW, |_| Answer { status: 200, body: String::new() }).unwrap();
    };
    held("cart");
    assert_eq!(order_of(&store, "none", Some("nobody's"), &[]), Ok(None));
    let placed = order_of(&store, "first", Some("cart"), &[("a", 1)]).unwrap().unwrap();
    assert_eq!(
        order_of(&store, "first", Some("cart"), &[("a", 1)]).unwrap(),
        Some(match placed {
            Answered::First(answer) => Answered::Again(answer),
            other => panic!("{other:?}"),
        })
    );
    let balance = "SELECT on_hand, held, committed FROM balances WHERE sku = 'b'";
    assert_eq!(sqlite.rows(balance), ["2|0|2"]);
    assert_eq!(sqlite.rows("SELECT state, resolution FROM holds"), ["committed|first"]);
    assert_eq!(change(&store, "first", "cancel", OrderAction::Cancel { by_buyer: true }), 200);
    assert_eq!(sqlite.rows(balance), ["2|0|2"], "a buyer cancels what waits");
    assert_eq!(change(&store, "first", "all", OrderAction::Cancel { by_buyer: false }), 200);
    assert_eq!(sqlite.rows(balance), ["2|0|0"]);
    assert_eq!(sqlite.rows("SELECT state FROM orders"), ["cancelled"]);
    assert_balanced(&sqlite);
}

#[test]
fn each_write_of_them_stands_whole_or_not_at_all() {
    let waiting = || {
        let sqlite = supplied();
        order(&sqlite.store(), "first", 7);
        order(&sqlite.store(), "second", 3);
        sqlite
    };
    fail_each_write(supplied, |store| order_of(store, "new", None, &[("a", 2), ("b", 1)]));
    fail_each_write(supplied, |store| place_po(store, "new", 5, None));
    fail_each_write(waiting, |store| {
        let receipt = PoReceipt { line: 1, quantity: 8, close: true };
        run_po(store, ("po", "receipt"), PoAction::Receive(vec![receipt]))
    });
    fail_each_write(waiting, |store| {
        let change = PoChange { line: 1, change: LineChange::Cancel };
        run_po(store, ("po", "cancel"), PoAction::Change(vec![change]))
    });
    fail_each_write(waiting, |store| {
        let (action, lines) = (OrderAction::Cancel { by_buyer: false }, Vec::new());
        let change =
            OrderChange { order: "first", id: "1", digest: b"", action, lines, reason: None };
        store.change_order(&change, NOW, |decided| Answer {
            status: 200,
            body: format!("{decided:?}"),
        })
    });
}

#[test]
fn a_stockout_is_noted_with_what_led_to_it() {
    let causes = |sqlite: &Sqlite| -> Vec<_> {
        let stockouts = sqlite.store().stockouts_after(("", 0)).unwrap().into_iter();
        stockouts.map(|stockout| (stockout.cause, stockout.ended_at)).collect()
    };
    let gone = |sqlite: &Sqlite, kind, units| {
        run(&sqlite.store(), "gone", kind, &[("a", "main", units)]).unwrap()
    };
    let stock = || stocked(&[("a", "main", 5)]);

    let sqlite = stock();
    gone(&sqlite, Kind::Sold, 5);
    assert_eq!(causes(&sqlite), [(Cause::NoPo, None)]);
    let later = Moment { now: NOW.now + 5, ..NOW };
    let back = ledger::Command::Move(Kind::Receive, vec![line(&("a", "main", 1))]);
    let request = store::Request { id: "back", digest: b"", command: back, reason: None };
    sqlite.store().run(&request, later, |_| Answer { status: 200, body: String::new() }).unwrap();
    assert_eq!(causes(&sqlite), [(Cause::NoPo, Some(later.now))]);

    let sqlite = stock();
    gone(&sqlite, Kind::Adjust, -5);
    assert_eq!(causes(&sqlite), [(Cause::CountCorrection, None)]);

    for (expected, cause) in [
        (Restock::new(date(2026, 11, 20), None, Precision::Day).ok(), Cause::LatePo),
        (Some(december(1)), Cause::Demand),
    ] {
        let sqlite = stock();
        place_po(&sqlite.store(), "po", 5, expected).unwrap();
        gone(&sqlite, Kind::Sold, 5);
        assert_eq!(causes(&sqlite), [(cause, None)]);
    }

    let sqlite = stock();
    place_po(&sqlite.store(), "po", 5, Some(december(1))).unwrap();
    receive(&sqlite.store(), "receipt", 1, true).unwrap();
    gone(&sqlite, Kind::Sold, 6);
    assert_eq!(causes(&sqlite), [(Cause::ShortReceipt, None)]);
    let notes = sqlite.rows("SELECT units, missing, discrepancies, reason FROM receipts");
    assert_eq!(notes, ["1|4|early short|a test"]);
}

#[test]
fn a_purchase_order_is_one_by_its_id() {
    let sqlite = supplied();
    let store = sqlite.store();
    let state = sqlite.state(&[]);
    let again = place_po(&store, "po", 10, Some(december(1))).unwrap();
    assert!(matches!(again, Some(Answered::Again(_))));
    assert_eq!(place_po(&store, "po", 11, None), Ok(Some(Answered::IdReused)));
    let change = PoAction::Change(vec![PoChange { line: 1, change: LineChange::Cancel }]);
    assert_eq!(run_po(&store, ("another", "1"), change), Ok(None));
    assert_eq!(sqlite.state(&[]), state);
    assert!(due(&store, Receiver::Kv).is_empty());
}
