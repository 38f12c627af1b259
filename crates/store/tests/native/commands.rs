//! Commands: decided once, written whole.

use crate::{fixture::*, sqlite::Sqlite};
use ledger::Kind;
use proptest::prelude::*;
use store::{Answered, Receiver, ShownState};

const NAMES: [(&str, &str); 4] = [("a", "main"), ("a", "shop"), ("b", "main"), ("c", "main")];

#[test]
fn the_same_id_again_is_answered_as_the_first_time_and_moves_nothing() {
    for (kind, quantity, status) in [
        (Kind::Sell, 2, 200),
        (Kind::Sell, 9, 409),
        (Kind::Sold, 9, 200),
        (Kind::Adjust, -9, 409),
        (Kind::Receive, 0, 409),
    ] {
        let sqlite = stocked(&[("a", "main", 8)]);
        let store = sqlite.store();
        let units = [("a", "main", quantity)];
        let Ok(Answered::First(first)) = run(&store, "1", kind, &units) else {
            panic!("{kind:?} of {quantity} is new")
        };
        assert_eq!(first.status, status);
        let state = sqlite.state(&[]);
        assert_eq!(run(&store, "1", kind, &units), Ok(Answered::Again(first)));
        let other = run(&store, "1", kind, &[("a", "main", quantity + 1)]);
        assert_eq!(other, Ok(Answered::IdReused));
        assert_eq!(sqlite.state(&[]), state, "a retry of {kind:?} moved something");
    }
}

#[test]
fn a_refused_command_moves_nothing() {
    for units in [("a", "main", 9), ("unknown", "main", 1)] {
        let sqlite = stocked(&[("a", "main", 8)]);
        let before = sqlite.state(&["commands"]);
        let refused = run(&sqlite.store(), "1", Kind::Sell, &[("a", "main", 1), units]);
        assert!(matches!(refused, Ok(Answered::First(answer)) if answer.status == 409));
        assert_eq!(sqlite.state(&["commands"]), before);
    }
}

#[test]
fn the_books_say_where_a_movement_comes_from() {
    let sqlite = stocked(&[("a", "main", 8)]);
    for (id, kind) in [
        ("1", Kind::Receive),
        ("2", Kind::Adjust),
        ("3", Kind::Sell),
        ("4", Kind::Sold),
        ("5", Kind::Returned),
    ] {
        run(&sqlite.store(), id, kind, &[("a", "main", 2)]).unwrap();
    }
    let movements = sqlite.rows("SELECT source, kind, quantity, reason FROM movements ORDER BY n");
    assert_eq!(
        movements,
        [
            "import/1|opened|8|",
            "1|received|2|a test",
            "2|adjusted|2|a test",
            "3|sold|-2|a test",
            "4|sold|-2|a test",
            "5|returned|2|a test",
        ]
    );
}

#[test]
fn a_write_that_fails_leaves_nothing_and_the_retry_has_one_effect() {
    let make = || {
        let sqlite = stocked(&[("a", "main", 6), ("a", "shop", 1), ("b", "main", 5)]);
        sqlite.store().lease_room(3, NOW.now + 1).unwrap();
        sqlite
    };
    let units = [("a", "main", 2), ("a", "shop", 1), ("b", "main", 5)];
    for (kind, units) in [
        (Kind::Sell, &units[..]),
        (Kind::Sell, &[("b", "main", 6)]),
        (Kind::Sold, &[("b", "main", 6)]),
        (Kind::Receive, &[("c", "main", 1)]),
    ] {
        fail_each_write(make, |store| run(store, "1", kind, units));
    }
}

#[test]
fn a_command_that_only_moves_units_between_locations_shows_nothing_new() {
    let sqlite = stocked(&[("a", "main", 2), ("a", "shop", 1)]);
    let store = sqlite.store();
    let before = store.shown("a").unwrap();
    run(&store, "1", Kind::Adjust, &[("a", "main", -1), ("a", "shop", 1)]).unwrap();
    assert_eq!(store.shown("a").unwrap(), before);
    assert_eq!(due(&store, Receiver::Kv), []);
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Receive),
        Just(Kind::Adjust),
        Just(Kind::Sell),
        Just(Kind::Sold),
        Just(Kind::Returned)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is thrown at it, retries and reused ids included: the movements add up to the
    /// balances, and shoppers see each change of what is there as one new version.
    #[test]
    fn movements_add_up_to_balances_and_each_visible_change_is_one_version(
        commands in prop::collection::vec(
            (0..30_u8, kinds(), prop::collection::vec((0..4_usize, -1..6_i64), 1..4)), 1..40),
    ) {
        let sqlite = stocked(&[("a", "main", 4), ("a", "shop", 2), ("b", "main", 3)]);
        let store = sqlite.store();
        for (id, kind, lines) in commands {
            let before = ["a", "b"].map(|sku| store.shown(sku).unwrap().unwrap());
            let units: Vec<Units<'_>> = lines
                .into_iter()
                .map(|(at, quantity)| (NAMES[at].0, NAMES[at].1, quantity))
                .collect();
            run(&store, &id.to_string(), kind, &units).unwrap();
            prop_assert_eq!(balances(&sqlite), movements(&sqlite));
            for before in before {
                let sku = before.item.sku.as_str();
                let after = store.shown(sku).unwrap().unwrap();
                let changed = i64::from(after.state != before.state);
                prop_assert_eq!(after.version, before.version + changed);
                prop_assert_eq!(after.state, seen(&sqlite, sku));
            }
        }
    }
}

fn balances(sqlite: &Sqlite) -> Vec<String> {
    sqlite.rows("SELECT sku, location, on_hand - shortfall FROM balances ORDER BY 1, 2")
}

fn movements(sqlite: &Sqlite) -> Vec<String> {
    sqlite.rows("SELECT sku, location, SUM(quantity) FROM movements GROUP BY 1, 2 ORDER BY 1, 2")
}

/// What a shopper should see, by the movements alone.
fn seen(sqlite: &Sqlite, sku: &str) -> ShownState {
    let sum = format!("SELECT SUM(quantity) FROM movements WHERE sku = '{sku}'");
    match sqlite.rows(&sum)[0].parse::<i64>().unwrap() {
        ..=0 => ShownState::Out(None),
        units @ 1..=5 => ShownState::Low(units.try_into().unwrap()),
        6.. => ShownState::InStock,
    }
}
