//! What the merchant says of SKUs, locations and bundles, and the books that explain a number.

use crate::{fixture::*, sqlite::Sqlite};
use jiff::civil::time;
use ledger::{Command, Component, CountLine, Kind, Line, Location, Region, Reject};
use store::{
    Answer, Answered, BadBundle, Bundle, Columns, Counts, Fault, LocationKind, LocationSettings,
    MOVEMENTS_KEPT_MS, Moment, RECORDS_KEPT_MS, Receiver, Request, Shop, ShownState, SkuChange,
    Store,
};

fn location(text: &str) -> Location {
    Location::new(text).unwrap()
}

fn state_of(store: &Store<&Sqlite>, text: &str) -> ShownState {
    store.shown(text).unwrap().unwrap().state
}

fn bundle(kit: &str, parts: &[(&str, i64)]) -> Bundle {
    let part = |&(text, quantity): &(&str, i64)| Component { sku: sku(text), quantity };
    Bundle { kit: sku(kit), components: parts.iter().map(part).collect() }
}

fn count(
    store: &Store<&Sqlite>,
    id: &str,
    counted: i64,
    expected: Option<i64>,
    moment: Moment,
) -> Result<Answered, Fault> {
    let line = CountLine { sku: sku("a"), location: Location::main(), counted, expected };
    let command = Command::Count(vec![line]);
    let digest = format!("{command:?}").into_bytes();
    let request = Request { id, digest: &digest, command, reason: Some("stock-take") };
    store.run(&request, moment, |decided| Answer {
        status: if decided.is_ok() { 200 } else { 409 },
        body: String::new(),
    })
}

#[test]
fn a_location_comes_to_be_with_its_first_balance() {
    let sqlite = stocked(&[("a", "main", 3)]);
    let store = sqlite.store();
    run(&store, "1", Kind::Receive, &[("a", "attic", 1)]).unwrap();
    let usual = |name| LocationSettings {
        name: location(name),
        kind: LocationKind::Warehouse,
        priority: 100,
        region: None,
        cut_off: None,
    };
    assert_eq!(store.locations_after(""), Ok(vec![usual("attic"), usual("main")]));
    let attic = LocationSettings {
        kind: LocationKind::Store,
        priority: 3,
        region: Region::new("GB").ok(),
        cut_off: Some(time(16, 30, 0, 0)),
        ..usual("attic")
    };
    store.put_location(&attic).unwrap();
    run(&store, "2", Kind::Receive, &[("a", "attic", 1)]).unwrap();
    assert_eq!(store.locations_after(""), Ok(vec![attic, usual("main")]));
    assert_eq!(store.locations_after("attic"), Ok(vec![usual("main")]));
}

#[test]
fn an_order_goes_to_the_location_that_the_strategy_says() {
    let sqlite = stocked(&[("a", "attic", 9), ("a", "main", 9)]);
    let store = sqlite.store();
    let attic = LocationSettings {
        name: location("attic"),
        kind: LocationKind::Warehouse,
        priority: 200,
        region: None,
        cut_off: Some(time(9, 30, 0, 0)),
    };
    store.put_location(&attic).unwrap();
    let sell = |id| {
        let line = Line { sku: sku("a"), location: None, quantity: 1 };
        let command = Command::Move(Kind::Sell, vec![line]);
        let request = Request { id, digest: b"", command, reason: None };
        store.run(&request, NOW, |_| Answer { status: 200, body: String::new() }).unwrap();
    };
    let left = || sqlite.rows("SELECT on_hand FROM balances ORDER BY location").join(" ");
    sell("1");
    assert_eq!(left(), "9 8", "by priority");
    store.put_location(&LocationSettings { priority: 100, ..attic }).unwrap();
    sell("2");
    assert_eq!(left(), "9 7", "what leaves the attic now leaves tomorrow");
}

#[test]
fn safety_stock_is_not_shown() {
    let sqlite = stocked(&[("a", "attic", 2), ("a", "main", 3)]);
    let store = sqlite.store();
    let change = |units| SkuChange {
        safety_stock: vec![(location("main"), units), (location("new"), 4)],
        ..SkuChange::default()
    };
    assert_eq!(store.change_sku(&sku("a"), &change(2), NOW), Ok(Ok(())));
    assert_eq!(state_of(&store, "a"), ShownState::Low(3));
    assert_eq!(store.available_to_sell(&sku("a"), NOW), Ok(Some(3)));
    assert_eq!(store.available_to_sell(&sku("b"), NOW), Ok(None));
    let unknown = Err(Reject::UnknownSku(sku("b")));
    assert_eq!(store.change_sku(&sku("b"), &change(2), NOW), Ok(unknown));
    // A file opens what was never counted, though a safety stock stands there.
    let totals = import(&store, &[counted(("a", "new", 5))], Columns::default(), Counts::Open);
    assert_eq!(totals.unwrap().opened, 1);
    assert_eq!(state_of(&store, "a"), ShownState::Low(4));
    fail_each_write(
        || stocked(&[("a", "main", 3)]),
        |store| store.change_sku(&sku("a"), &change(2), NOW),
    );
}

#[test]
fn a_sku_or_a_product_is_hidden_by_hand_or_by_rule() {
    let sqlite = shop();
    let store = sqlite.store();
    let rows = ["a", "b", "c"].map(|text| store::Staged {
        product_id: (text != "c").then(|| "jars".to_owned()),
        on_hand: Some(i64::from(text == "a")),
        ..bare(text)
    });
    import(&store, &rows, EVERY_COLUMN, Counts::Open).unwrap();
    let states = || ["a", "b", "c"].map(|text| state_of(&store, text));
    assert_eq!(store.hide_product("jars", true, NOW), Ok(true));
    assert_eq!(states(), [ShownState::Hidden, ShownState::Hidden, ShownState::Out(None)]);
    assert_eq!(store.hide_product("lids", true, NOW), Ok(false));
    let show = SkuChange { hidden: Some(false), ..SkuChange::default() };
    assert_eq!(store.change_sku(&sku("a"), &show, NOW), Ok(Ok(())));
    assert_eq!(states(), [ShownState::Low(1), ShownState::Hidden, ShownState::Out(None)]);
    store.change_shop(&Shop { hide_undated: true, ..settings() }, NOW).unwrap();
    assert_eq!(states(), [ShownState::Low(1), ShownState::Hidden, ShownState::Hidden]);
    store.hide_product("jars", false, NOW).unwrap();
    store.change_shop(&settings(), NOW).unwrap();
    assert_eq!(states(), [ShownState::Low(1), ShownState::Out(None), ShownState::Out(None)]);
}

#[test]
fn a_bundle_is_shown_as_its_components_are() {
    let sqlite = stocked(&[("cup", "main", 5), ("saucer", "main", 9), ("set", "main", 0)]);
    let store = sqlite.store();
    store.put_bundle(&bundle("set", &[("cup", 2), ("saucer", 1)]), NOW).unwrap().unwrap();
    assert_eq!(state_of(&store, "set"), ShownState::Low(2));
    tell_all(&store);
    run(&store, "1", Kind::Sell, &[("cup", "main", 2)]).unwrap();
    assert_eq!(state_of(&store, "set"), ShownState::Low(1));
    let told: Vec<_> = due(&store, Receiver::Kv).into_iter().map(|row| row.sku).collect();
    assert_eq!(told, ["cup", "set"]);
    store.put_bundle(&bundle("set", &[("saucer", 3)]), NOW).unwrap().unwrap();
    assert_eq!(state_of(&store, "set"), ShownState::Low(3));
    assert_eq!(store.bundles_after(""), Ok(vec![bundle("set", &[("saucer", 3)])]));
    assert_eq!(store.bundles_after("set"), Ok(vec![]));
    // The cup is in no bundle any more.
    tell_all(&store);
    run(&store, "2", Kind::Sell, &[("cup", "main", 1)]).unwrap();
    assert_eq!(state_of(&store, "set"), ShownState::Low(3));
    assert_eq!(store.remove_bundle(&sku("set"), NOW), Ok(true));
    assert_eq!(store.remove_bundle(&sku("set"), NOW), Ok(false));
    assert_eq!(state_of(&store, "set"), ShownState::Out(None));
    fail_each_write(
        || stocked(&[("cup", "main", 5), ("set", "main", 0)]),
        |store| store.put_bundle(&bundle("set", &[("cup", 2)]), NOW),
    );
}

#[test]
fn what_makes_no_bundle_is_named() {
    let sqlite =
        stocked(&[("cup", "main", 5), ("set", "main", 0), ("box", "main", 0), ("lid", "main", 0)]);
    let store = sqlite.store();
    store.put_bundle(&bundle("set", &[("cup", 2)]), NOW).unwrap().unwrap();
    let before = sqlite.state(&[]);
    for (bad, why) in [
        (bundle("box", &[]), BadBundle::ComponentCount(0)),
        (bundle("box", &[("cup", 1); 21]), BadBundle::ComponentCount(21)),
        (bundle("box", &[("cup", 0)]), BadBundle::Quantity(0)),
        (bundle("box", &[("cup", 1_001)]), BadBundle::Quantity(1_001)),
        (bundle("box", &[("cup", 1), ("cup", 1)]), BadBundle::Repeated(sku("cup"))),
        (bundle("box", &[("set", 1)]), BadBundle::Nested(sku("set"))),
        (bundle("box", &[("box", 1)]), BadBundle::Nested(sku("box"))),
        (bundle("box", &[("x", 1)]), BadBundle::UnknownSku(sku("x"))),
        (bundle("x", &[("cup", 1)]), BadBundle::UnknownSku(sku("x"))),
        (bundle("cup", &[("lid", 1)]), BadBundle::HasStock(sku("cup"))),
    ] {
        assert_eq!(store.put_bundle(&bad, NOW), Ok(Err(why)));
    }
    assert_eq!(sqlite.state(&[]), before);
    run(&store, "1", Kind::Sell, &[("cup", "main", 5)]).unwrap();
    let nested = store.put_bundle(&bundle("cup", &[("lid", 1)]), NOW);
    assert_eq!(nested, Ok(Err(BadBundle::IsComponent(sku("cup")))));
}

#[test]
fn a_count_is_booked_with_its_difference_and_its_reason() {
    let sqlite = stocked(&[("a", "main", 9)]);
    let store = sqlite.store();
    assert!(matches!(count(&store, "1", 7, Some(9), NOW), Ok(Answered::First(_))));
    assert!(matches!(count(&store, "1", 7, Some(9), later(5)), Ok(Answered::Again(_))));
    count(&store, "2", 7, Some(7), later(1)).unwrap();
    let before = sqlite.state(&["commands"]);
    count(&store, "3", 5, Some(9), later(2)).unwrap();
    assert_eq!(sqlite.state(&["commands"]), before, "a stale count changes nothing");
    let newest = (i64::MAX >> 10, "", "", "");
    let counts = store.counts_before(newest).unwrap();
    let told: Vec<_> = counts
        .iter()
        .map(|count| (count.source.as_str(), count.counted, count.difference))
        .collect();
    assert_eq!(told, [("2", 7, 0), ("1", 7, -2)]);
    assert_eq!(counts[1].reason.as_deref(), Some("stock-take"));
    let after = (counts[0].at, counts[0].source.as_str(), "a", "main");
    assert_eq!(store.counts_before(after).unwrap(), counts[1..]);
    fail_each_write(|| stocked(&[("a", "main", 9)]), |store| count(store, "1", 7, Some(9), NOW));
}

#[test]
fn a_number_is_explained_at_any_time() {
    let sqlite = stocked(&[("a", "main", 9)]);
    let store = sqlite.store();
    let (a, main) = (sku("a"), Location::main());
    for (id, after, counted) in [("1", 1_000, 7), ("2", 2_000, 12), ("3", 3_000, 4)] {
        count(&store, id, counted, None, later(after)).unwrap();
    }
    for (after, net, moves) in [(-1, 0, 0), (0, 9, 1), (1_999, 7, 2), (2_000, 12, 3), (9_000, 4, 4)]
    {
        let explained = store.explain(&a, &main, NOW.now + after, None).unwrap();
        assert_eq!((explained.net, explained.movements.len()), (Some(net), moves));
        let sum: i64 = explained.movements.iter().map(|movement| movement.quantity).sum();
        assert_eq!(sum, net);
    }
    let page = store.explain(&a, &main, NOW.now + 9_000, Some(3)).unwrap();
    assert_eq!(page.movements.iter().map(|movement| movement.n).collect::<Vec<_>>(), [2, 1]);
    let nowhere = store.explain(&a, &location("attic"), NOW.now, None).unwrap();
    assert_eq!(nowhere.net, Some(0));
}

#[test]
fn what_is_old_enough_goes_and_the_number_stays_explained() {
    let sqlite = stocked(&[("a", "main", 9)]);
    let store = sqlite.store();
    for id in ["1", "2", "3"] {
        run(&store, id, Kind::Sell, &[("a", "main", 1)]).unwrap();
    }
    let week = later(RECORDS_KEPT_MS);
    assert_eq!(store.sweep(week, 2), Ok(false), "a week is kept whole");
    count(&store, "4", 3, None, week).unwrap();
    let records = || sqlite.rows("SELECT COUNT(*) FROM commands").concat();
    // Nor is it looked for again so soon.
    assert_eq!((store.sweep(later(RECORDS_KEPT_MS + 1), 2), records()), (Ok(false), "4".into()));
    let later_on = later(RECORDS_KEPT_MS + 6 * 60 * 60 * 1_000);
    assert_eq!((store.sweep(later_on, 2), records()), (Ok(true), "2".into()));
    assert_eq!((store.sweep(later_on, 2), records()), (Ok(false), "1".into()));
    assert_eq!(sqlite.rows("SELECT COUNT(*) FROM movements"), ["5"]);
    let year = later(MOVEMENTS_KEPT_MS + 1);
    while store.sweep(year, 2).unwrap() {}
    assert_eq!(sqlite.rows("SELECT n, net FROM movements"), ["5|3"]);
    let explain = |at| store.explain(&sku("a"), &Location::main(), at, None).unwrap().net;
    assert_eq!((explain(year.now), explain(NOW.now)), (Some(3), None), "before, nobody knows");
    // The last one stays, however long it was quiet.
    while store.sweep(later(2 * MOVEMENTS_KEPT_MS), 9).unwrap() {}
    assert_eq!(explain(later(2 * MOVEMENTS_KEPT_MS).now), Some(3));
}

#[test]
fn a_clock_that_went_back_leaves_no_gap_in_the_movements() {
    let sqlite = stocked(&[("a", "main", 9)]);
    let store = sqlite.store();
    for (id, after, counted) in [("1", 9_000, 8), ("2", 1_000, 7), ("3", 9_500, 6)] {
        count(&store, id, counted, None, later(after)).unwrap();
    }
    while store.sweep(later(MOVEMENTS_KEPT_MS + 5_000), 9).unwrap() {}
    assert_eq!(sqlite.rows("SELECT n FROM movements ORDER BY n"), ["2", "3", "4"]);
}
