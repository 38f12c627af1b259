//! Buyers agree to a promise that has moved: to what they have seen, and to nothing else.

use crate::{fixture::*, sqlite::Sqlite, supply::*};
use ledger::{LineChange, PoChange, Reject, Restock, Sku};
use std::collections::BTreeMap;
use store::{Agreed, Agreement, Answer, Answered, OrderAction, PlacedOrder, PoAction, Store};

fn expect(store: &Store<&Sqlite>, day: i8) {
    let change = LineChange::Expected(Some(december(day)));
    let action = PoAction::Change(vec![PoChange { line: 1, change }]);
    run_po(store, ("po", &format!("{day}")), action).unwrap();
}

/// An order of 1 December that has moved to the 8th.
fn moved() -> Sqlite {
    let sqlite = supplied();
    order(&sqlite.store(), "mine", 4);
    expect(&sqlite.store(), 8);
    sqlite
}

fn to(day: i8) -> BTreeMap<Sku, Option<Restock>> {
    BTreeMap::from([(sku("a"), Some(december(day)))])
}

fn agree(store: &Store<&Sqlite>, id: &str, to: BTreeMap<Sku, Option<Restock>>) -> Answered {
    let digest = format!("{to:?}").into_bytes();
    let agreement = Agreement { order: "mine", id, digest: &digest, to };
    let answer = |said: Result<(), &Reject>| Answer {
        status: if said.is_ok() { 200 } else { 409 },
        body: said.map_or_else(ToString::to_string, |()| String::new()),
    };
    store.agree(&agreement, later(5), answer).unwrap().unwrap()
}

fn status(answered: &Answered) -> u16 {
    match answered {
        Answered::First(answer) | Answered::Again(answer) => answer.status,
        Answered::IdReused => 422,
    }
}

fn mine(store: &Store<&Sqlite>) -> PlacedOrder {
    store.order("mine").unwrap().unwrap()
}

#[test]
fn what_comes_later_is_asked_until_it_is_agreed_to() {
    let sqlite = moved();
    let store = sqlite.store();
    assert_eq!(mine(&store).moved_from(&sku("a")), Some(december(1)));
    for nth in 0..2 {
        let answered = agree(&store, "yes", to(8));
        assert_eq!((status(&answered), matches!(answered, Answered::First(_))), (200, nth == 0));
        assert_eq!(mine(&store).moved_from(&sku("a")), None);
        let agreed = Agreed { at: later(5).now, promised: Some(december(8)) };
        assert_eq!(mine(&store).consents[&sku("a")].agreed, Some(agreed));
    }
    // Agreed to once more, under another id, it is agreed to since then.
    let before = mine(&store);
    assert_eq!(status(&agree(&store, "yes, yes", to(8))), 200);
    assert_eq!(mine(&store), before);
    // It moves again, and is asked again.
    expect(&store, 12);
    assert_eq!(mine(&store).moved_from(&sku("a")), Some(december(8)));
}

#[test]
fn a_page_that_is_too_old_agrees_to_nothing() {
    let sqlite = moved();
    let store = sqlite.store();
    expect(&store, 12);
    let before = mine(&store);
    assert_eq!(before.moved_from(&sku("a")), Some(december(1)), "what they have agreed to");
    assert_eq!(status(&agree(&store, "old", to(8))), 409);
    let lost = BTreeMap::from([(sku("a"), None)]);
    assert_eq!(status(&agree(&store, "lost", lost)), 409);
    let another = BTreeMap::from([(sku("a"), Some(december(12))), (sku("b"), None)]);
    assert_eq!(status(&agree(&store, "another", another)), 409);
    assert_eq!(mine(&store), before);
    assert!(matches!(agree(&store, "old", to(8)), Answered::Again(_)), "refused once, for good");
    assert!(matches!(agree(&store, "old", to(12)), Answered::IdReused));
    assert_eq!(status(&agree(&store, "new", to(12))), 200);
}

#[test]
fn nothing_is_asked_of_what_moved_back_or_waits_no_more() {
    let sqlite = moved();
    let store = sqlite.store();
    expect(&store, 1);
    assert_eq!(mine(&store).moved_from(&sku("a")), None);
    expect(&store, 9);
    assert_eq!(mine(&store).moved_from(&sku("a")), Some(december(1)));
    receive(&store, "all", 10, false).unwrap();
    assert_eq!(mine(&store).moved_from(&sku("a")), None);
    // The page from before it came: nothing is left to agree to, and that is well.
    assert_eq!(status(&agree(&store, "late", to(9))), 200);
    assert_eq!(mine(&store).consents[&sku("a")].agreed, None);

    let sqlite = moved();
    let store = sqlite.store();
    assert_eq!(change(&store, "mine", "cancel", OrderAction::Cancel { by_buyer: true }), 200);
    assert_eq!(mine(&store).moved_from(&sku("a")), None);
}

#[test]
fn a_date_that_nobody_knows_any_more_can_be_agreed_to() {
    let sqlite = moved();
    let store = sqlite.store();
    let change = PoChange { line: 1, change: LineChange::Cancel };
    run_po(&store, ("po", "lost"), PoAction::Change(vec![change])).unwrap();
    assert_eq!(mine(&store).moved_from(&sku("a")), Some(december(1)));
    let lost = BTreeMap::from([(sku("a"), None)]);
    assert_eq!(status(&agree(&store, "waits", lost)), 200);
    let consent = mine(&store).consents[&sku("a")];
    assert_eq!((consent.before, consent.agreed.unwrap().promised), (None, None));
}

#[test]
fn an_agreement_stands_whole_or_not_at_all() {
    fail_each_write(moved, |store| {
        let agreement = Agreement { order: "mine", id: "yes", digest: b"", to: to(8) };
        store.agree(&agreement, NOW, |_| Answer { status: 200, body: String::new() })
    });
    let sqlite = moved();
    let agreement = Agreement { order: "another", id: "yes", digest: b"", to: to(8) };
    let answered =
        sqlite.store().agree(&agreement, NOW, |_| Answer { status: 200, body: String::new() });
    assert_eq!(answered, Ok(None));
}
