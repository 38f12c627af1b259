//! What shoppers are shown, and who has still to be told.

use crate::fixture::*;
use ledger::Kind;
use store::{Due, OutboxHealth, Receiver, ShownState};

fn row(sku: &str, version: i64) -> Due {
    Due { sku: sku.to_owned(), version, attempts: 0 }
}

#[test]
fn plenty_stays_plenty_and_each_scarce_unit_is_a_version() {
    let sqlite = stocked(&[("a", "main", 8)]);
    let store = sqlite.store();
    for (id, (kind, quantity, state, version)) in (0..).zip([
        (Kind::Sell, 1, ShownState::InStock, 1),
        (Kind::Sold, 1, ShownState::InStock, 1),
        (Kind::Sell, 1, ShownState::Low(5), 2),
        (Kind::Sell, 1, ShownState::Low(4), 3),
        (Kind::Returned, 1, ShownState::Low(5), 4),
        (Kind::Sold, 7, ShownState::Out(None), 5),
        (Kind::Sold, 1, ShownState::Out(None), 5),
        (Kind::Receive, 3, ShownState::Out(None), 5),
        (Kind::Receive, 1, ShownState::Low(1), 6),
        (Kind::Receive, 900, ShownState::InStock, 7),
    ]) {
        tell_all(&store);
        let told = store.shown("a").unwrap().unwrap().version;
        run(&store, &format!("{id}"), kind, &[("a", "main", quantity)]).unwrap();
        let shown = store.shown("a").unwrap().unwrap();
        assert_eq!((shown.state, shown.version), (state, version), "after {kind:?} {quantity}");
        let news = if version > told { vec![row("a", version)] } else { vec![] };
        assert_eq!(due(&store, Receiver::Kv), news, "after {kind:?} {quantity}");
    }
}

#[test]
fn a_row_closes_when_its_very_version_is_confirmed() {
    let sqlite = stocked(&[("a", "main", 5)]);
    let store = sqlite.store();
    run(&store, "1", Kind::Sell, &[("a", "main", 1)]).unwrap();
    assert_eq!(due(&store, Receiver::Kv), [row("a", 2)]);
    run(&store, "2", Kind::Sell, &[("a", "main", 1)]).unwrap();
    for wrong in [(Receiver::Kv, "a", 2), (Receiver::Kv, "b", 3), (Receiver::Room(1), "a", 3)] {
        store.confirm(wrong.0, wrong.1, wrong.2).unwrap();
        assert_eq!(due(&store, Receiver::Kv), [row("a", 3)], "{wrong:?} is another row");
    }
    store.confirm(Receiver::Kv, "a", 3).unwrap();
    assert_eq!(due(&store, Receiver::Kv), []);
}

#[test]
fn a_newer_version_is_as_old_as_what_it_replaces() {
    let sqlite = shop();
    let store = sqlite.store();
    assert_eq!(store.outbox_health(), Ok(OutboxHealth { rows: 0, oldest: None }));
    for milliseconds in [10, 20] {
        store.change_shop(&settings(), later(milliseconds)).unwrap();
        let health = OutboxHealth { rows: 1, oldest: Some(NOW.now + 10) };
        assert_eq!(store.outbox_health(), Ok(health));
    }
}

#[test]
fn a_row_that_failed_waits_and_remembers_how_often() {
    let sqlite = stocked(&[("a", "main", 5), ("b", "main", 5)]);
    let store = sqlite.store();
    assert_eq!(store.next_due(0), Ok(None));
    run(&store, "1", Kind::Sell, &[("a", "main", 1), ("b", "main", 1)]).unwrap();
    assert_eq!(store.next_due(0), Ok(Some(NOW.now)));
    assert_eq!(store.next_due(NOW.now + 9), Ok(Some(NOW.now + 9)), "KV is left alone till then");
    assert_eq!(store.due(Receiver::Kv, NOW.now - 1, 9), Ok(vec![]));
    assert_eq!(store.due(Receiver::Kv, NOW.now, 1), Ok(vec![row("a", 2)]), "at most one");

    store.postpone(Receiver::Kv, "a", NOW.now + 50, true).unwrap();
    store.postpone(Receiver::Kv, "b", NOW.now + 40, false).unwrap();
    assert_eq!(store.next_due(0), Ok(Some(NOW.now + 40)));
    assert_eq!(store.due(Receiver::Kv, NOW.now + 40, 9), Ok(vec![row("b", 2)]));

    run(&store, "2", Kind::Sell, &[("a", "main", 1)]).unwrap();
    let failed = Due { attempts: 1, ..row("a", 3) };
    assert_eq!(store.due(Receiver::Kv, NOW.now + 49, 9), Ok(vec![row("b", 2)]), "still waiting");
    assert_eq!(store.due(Receiver::Kv, NOW.now + 50, 9), Ok(vec![failed, row("b", 2)]));
}

#[test]
fn rooms_are_told_while_they_are_leased() {
    let sqlite = stocked(&[("a", "main", 5)]);
    let store = sqlite.store();
    let receivers = [Receiver::Kv, Receiver::Room(1), Receiver::Room(2)];
    store.lease_room(1, NOW.now + 1).unwrap();
    store.lease_room(2, NOW.now).unwrap();
    run(&store, "1", Kind::Sell, &[("a", "main", 1)]).unwrap();
    let told = receivers.map(|receiver| due(&store, receiver));
    assert_eq!(told, [vec![row("a", 2)], vec![row("a", 2)], vec![]], "the lease of 2 has passed");

    store.end_lease(1, NOW.now).unwrap();
    assert_eq!(due(&store, Receiver::Room(1)), [row("a", 2)], "it has another lease by now");
    store.end_lease(1, NOW.now + 1).unwrap();
    let told = receivers.map(|receiver| due(&store, receiver));
    assert_eq!(told, [vec![row("a", 2)], vec![], vec![]], "1 needs no telling any more");
    run(&store, "2", Kind::Sell, &[("a", "main", 1)]).unwrap();
    assert_eq!(due(&store, Receiver::Room(1)), []);
}

#[test]
fn a_lease_is_only_made_longer() {
    let sqlite = shop();
    let store = sqlite.store();
    for (until, kept) in [(50, 50), (40, 50), (60, 60)] {
        store.lease_room(1, until).unwrap();
        assert_eq!(store.rooms(), Ok(vec![(1, kept)]));
    }
    assert_eq!(store.leased_rooms(59), Ok(vec![1]));
    assert_eq!(store.leased_rooms(60), Ok(vec![]));
}

#[test]
fn an_end_of_a_lease_that_fails_leaves_the_lease() {
    let make = || {
        let sqlite = stocked(&[("a", "main", 5)]);
        sqlite.store().lease_room(1, NOW.now + 1).unwrap();
        run(&sqlite.store(), "1", Kind::Sell, &[("a", "main", 1)]).unwrap();
        sqlite
    };
    fail_each_write(make, |store| store.end_lease(1, NOW.now + 1));
}
