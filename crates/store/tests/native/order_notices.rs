//! What Outreach is told of orders: each change once, and the last word of it.

use crate::{fixture::*, sqlite::Sqlite, supply::*};
use ledger::{LineChange, PoChange, Restock};
use store::{LineNews, OrderAction, OrderNotice, PoAction, Store};

/// The only line of `po` is expected then.
fn expect(store: &Store<&Sqlite>, id: &str, expected: Option<Restock>) {
    let change = match expected {
        Some(_) => LineChange::Expected(expected),
        None => LineChange::Cancel,
    };
    run_po(store, ("po", id), PoAction::Change(vec![PoChange { line: 1, change }])).unwrap();
}

fn waiting() -> Sqlite {
    let sqlite = supplied();
    order(&sqlite.store(), "first", 4);
    order(&sqlite.store(), "second", 3);
    sqlite
}

fn told(store: &Store<&Sqlite>) -> Vec<(String, i64, LineNews)> {
    let notices = store.order_notices().unwrap().into_iter();
    notices.map(|notice| (notice.order, notice.units, notice.news)).collect()
}

fn moved(was: i8, now: Option<i8>) -> LineNews {
    LineNews::Moved { was: Some(december(was)), now: now.map(december) }
}

#[test]
fn nothing_is_told_while_promises_stand() {
    let sqlite = waiting();
    expect(&sqlite.store(), "the same", Some(december(1)));
    receive(&sqlite.store(), "too few for the first", 3, false).unwrap();
    assert_eq!(told(&sqlite.store()), []);
    assert_eq!(sqlite.store().has_order_notices(), Ok(false));
}

#[test]
fn a_date_that_moves_is_told_of_each_order_until_that_is_confirmed() {
    let sqlite = waiting();
    let store = sqlite.store();
    store.take_news();
    expect(&store, "later", Some(december(8)));
    assert!(store.take_news(), "the alarm has to look");
    let all =
        [("first".to_owned(), 4, moved(1, Some(8))), ("second".to_owned(), 3, moved(1, Some(8)))];
    for _ in 0..2 {
        assert_eq!(told(&store), all);
    }
    let notices = store.order_notices().unwrap();
    let [first, second] = &notices[..] else { panic!("two orders wait: {notices:?}") };
    assert!(first.version != second.version || first.number != second.number);
    store.confirm_order_notices(std::slice::from_ref(first)).unwrap();
    assert_eq!(told(&store), all[1..]);
    store.confirm_order_notices(&notices).unwrap();
    assert_eq!((told(&store), store.has_order_notices()), (vec![], Ok(false)));
}

#[test]
fn several_changes_are_told_as_the_last_and_what_is_confirmed_late_closes_no_newer_one() {
    let sqlite = supplied();
    let store = sqlite.store();
    order(&store, "first", 4);
    let mut versions = Vec::new();
    for (id, day) in [("1", 8), ("2", 6), ("3", 12)] {
        expect(&store, id, Some(december(day)));
        let [OrderNotice { version, news, .. }] = store.order_notices().unwrap()[..] else {
            panic!("{id}: one line has moved")
        };
        assert_eq!(news, moved(1, Some(day)));
        versions.push(version);
    }
    assert!(versions.is_sorted_by(|one, next| one < next), "{versions:?}");
    let mut late = store.order_notices().unwrap();
    late[0].version = versions[1];
    store.confirm_order_notices(&late).unwrap();
    assert_eq!(told(&store), [("first".to_owned(), 4, moved(1, Some(12)))]);
    // Back to where it was, and then lost.
    expect(&store, "4", Some(december(1)));
    assert_eq!(told(&store), [("first".to_owned(), 4, moved(1, Some(1)))]);
    expect(&store, "5", None);
    assert_eq!(told(&store), [("first".to_owned(), 4, moved(1, None))]);
    // What is cancelled waits for nothing.
    assert_eq!(change(&store, "first", "cancel", OrderAction::Cancel { by_buyer: true }), 200);
    assert_eq!(told(&store), [("first".to_owned(), 0, LineNews::Nothing)]);
}

#[test]
fn a_line_is_ready_once_all_of_it_has_come() {
    let sqlite = waiting();
    let store = sqlite.store();
    receive(&store, "some", 3, false).unwrap();
    assert_eq!(told(&store), []);
    receive(&store, "the first's last, and some of the second's", 2, false).unwrap();
    assert_eq!(told(&store), [("first".to_owned(), 4, LineNews::Ready)]);
    let ready = store.order_notices().unwrap();
    store.confirm_order_notices(&ready).unwrap();
    // One that moves and comes before anybody is told has come.
    expect(&store, "later", Some(december(8)));
    assert_eq!(told(&store), [("second".to_owned(), 2, moved(1, Some(8)))]);
    receive(&store, "the rest", 5, false).unwrap();
    assert_eq!(told(&store), [("second".to_owned(), 3, LineNews::Ready)]);
}

#[test]
fn of_a_line_that_waits_for_several_the_last_date_counts() {
    let sqlite = supplied();
    let store = sqlite.store();
    place_po(&store, "next", 10, Some(december(20))).unwrap();
    order(&store, "both", 12);
    // Ten of it were to come earlier, and still will before the others.
    expect(&store, "later", Some(december(9)));
    assert_eq!(told(&store), []);
    expect(&store, "latest", Some(december(24)));
    let [(_, units, LineNews::Moved { was, now })] = &told(&store)[..] else {
        panic!("it comes later: {:?}", told(&store))
    };
    assert_eq!((*units, *was, *now), (12, Some(december(20)), Some(december(24))));
}

#[test]
fn a_move_is_told_in_the_transaction_in_which_it_is_written() {
    let store_of = waiting;
    fail_each_write(store_of, |store| {
        let change = LineChange::Expected(Some(december(8)));
        run_po(store, ("po", "later"), PoAction::Change(vec![PoChange { line: 1, change }]))
    });
    let noted = || {
        let sqlite = waiting();
        expect(&sqlite.store(), "later", Some(december(8)));
        sqlite
    };
    fail_each_write(noted, |store| store.confirm_order_notices(&store.order_notices().unwrap()));
}
