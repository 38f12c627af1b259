//! Waitlists: who is offered what, in which order, and what becomes of it.

use crate::{fixture::*, sqlite::Sqlite};
use ledger::{Kind, Line, PlaceEvent, PlaceState, Policy, Way};
use std::collections::BTreeMap;
use store::{
    Answer, Answered, Bundle, HoldRequest, Joined, MOVEMENTS_KEPT_MS, Mode, Notice, OrderRequest,
    Payment, Resolution, Shop, ShownState, SkuChange, Store,
};

const HOUR_MS: i64 = 3_600_000;

/// A shop that has none of `a` and serves its waitlist so.
fn empty(policy: Policy) -> Sqlite {
    let sqlite = stocked(&[("a", "main", 0), ("b", "main", 0)]);
    let shop = Shop { waitlist: policy, ..settings() };
    sqlite.store().change_shop(&shop, NOW).unwrap();
    tell_all(&sqlite.store());
    sqlite
}

fn policy() -> Policy {
    Policy { window_ms: HOUR_MS, ..Policy::default() }
}

fn join(store: &Store<&Sqlite>, id: &str, wanted: i64) {
    assert_eq!(store.join(id, &sku("a"), wanted, NOW), Ok(Joined::Yes));
}

fn state(store: &Store<&Sqlite>, id: &str) -> PlaceState {
    store.place(id).unwrap().unwrap().state
}

fn states(store: &Store<&Sqlite>, ids: &[&str]) -> Vec<PlaceState> {
    ids.iter().map(|id| state(store, id)).collect()
}

fn receive(store: &Store<&Sqlite>, id: &str, units: i64) {
    run(store, id, Kind::Receive, &[("a", "main", units)]).unwrap();
}

fn end(store: &Store<&Sqlite>, id: &str, way: Way, after_ms: i64) -> u16 {
    let end = format!("end of {id}");
    let resolution = Resolution { hold: id, id: &end, way, reason: None, buyer: None };
    let answered = store.resolve(&resolution, later(after_ms), |decided| Answer {
        status: if decided.is_ok() { 200 } else { 409 },
        body: String::new(),
    });
    match answered.unwrap().unwrap() {
        Answered::First(answer) | Answered::Again(answer) => answer.status,
        Answered::IdReused => 422,
    }
}

fn hold(store: &Store<&Sqlite>, id: &str, units: i64) -> u16 {
    let request = HoldRequest {
        id,
        digest: b"a cart",
        lines: vec![Line { sku: sku("a"), location: None, quantity: units }],
        lifetime_ms: 600_000,
        region: None,
        buyer: None,
        network: None,
    };
    let answered = store.hold(&request, NOW, |decided| Answer {
        status: if decided.is_ok() { 200 } else { 409 },
        body: String::new(),
    });
    match answered.unwrap() {
        Answered::First(answer) | Answered::Again(answer) => answer.status,
        Answered::IdReused => 422,
    }
}

/// Units of `a` that nobody holds.
fn free(sqlite: &Sqlite) -> i64 {
    let rows = sqlite.rows("SELECT SUM(on_hand - held - committed) FROM balances WHERE sku = 'a'");
    rows[0].parse().unwrap()
}

#[test]
fn a_restock_is_offered_to_the_first_in_line_and_goes_on_to_the_next() {
    let sqlite = empty(policy());
    let store = sqlite.store();
    for id in ["ann", "bob", "cem", "dee"] {
        join(&store, id, 1);
    }
    join(&store, "ann", 1);
    assert_eq!(store.join("eve", &sku("none"), 1, NOW), Ok(Joined::UnknownSku));
    receive(&store, "two", 2);
    let all = ["ann", "bob", "cem", "dee"];
    use PlaceState::{Declined, Lapsed, Left, Offered, Taken, Waiting};
    assert_eq!(states(&store, &all), [Offered, Offered, Waiting, Waiting]);
    let until = NOW.now + HOUR_MS;
    let claim = |n, place: &str| Notice {
        n,
        place: place.to_owned(),
        sku: sku("a"),
        units: 1,
        kept_until: Some(until),
    };
    assert_eq!(store.notices(), Ok(vec![claim(1, "ann"), claim(2, "bob")]));
    assert_eq!(store.shown("a").unwrap().unwrap().state, ShownState::AllHeld(until));
    assert_eq!(hold(&store, "cart", 1), 409, "what is kept for somebody is nobody else's");

    assert_eq!(end(&store, "ann", Way::Commit, 0), 200);
    assert_eq!(end(&store, "bob", Way::Release, 0), 200);
    assert_eq!(states(&store, &all), [Taken, Declined, Offered, Waiting]);
    // Nobody comes for it.
    assert_eq!(store.expire_due(later(HOUR_MS), 9), Ok(1));
    assert_eq!(states(&store, &all), [Taken, Declined, Lapsed, Offered]);
    assert_eq!(end(&store, "cem", Way::Commit, HOUR_MS), 409);
    store.leave("dee", PlaceEvent::Leave, later(HOUR_MS)).unwrap();
    assert_eq!(state(&store, "dee"), Declined);
    assert_eq!(free(&sqlite), 1);
    join(&store, "fay", 5);
    store.leave("fay", PlaceEvent::Leave, NOW).unwrap();
    assert_eq!(state(&store, "fay"), Left);
    let told = store.notices().unwrap();
    store.confirm_notices(&told[..3]).unwrap();
    assert_eq!(store.notices().unwrap(), told[3..]);
    store.confirm_notices(&told).unwrap();
    // Heard late: the numbers are another's by now.
    join(&store, "gus", 1);
    assert_eq!(store.notices().unwrap()[0].n, 1);
    store.confirm_notices(&told).unwrap();
    assert_eq!(store.notices().unwrap().len(), 1);
}

#[test]
fn who_wants_more_than_there_is_keeps_their_place_or_is_offered_less() {
    for (smaller, after) in [
        (false, [PlaceState::Waiting, PlaceState::Offered]),
        (true, [PlaceState::Offered, PlaceState::Waiting]),
    ] {
        let sqlite = empty(Policy { smaller, ..policy() });
        let store = sqlite.store();
        join(&store, "many", 3);
        join(&store, "few", 2);
        receive(&store, "two", 2);
        assert_eq!(states(&store, &["many", "few"]), after);
        assert_eq!(store.place("many").unwrap().unwrap().offered, smaller.then_some(2));
        receive(&store, "three", 3);
        assert_eq!(states(&store, &["many", "few"]), [PlaceState::Offered; 2]);
    }
}

#[test]
fn a_wave_is_no_larger_than_it_may_be_and_begins_with_enough() {
    let sqlite = empty(Policy { wave: 2, min_restock: 3, ..policy() });
    let store = sqlite.store();
    let ids: Vec<String> = (0..5).map(|n| format!("place {n}")).collect();
    for id in &ids {
        join(&store, id, 1);
    }
    receive(&store, "two", 2);
    assert_eq!(sqlite.rows("SELECT COUNT(*) FROM holds"), ["0"]);
    receive(&store, "two more", 2);
    assert_eq!(sqlite.rows("SELECT id FROM holds"), ["place 0", "place 1"]);
    end(&store, "place 0", Way::Commit, 0);
    assert_eq!(sqlite.rows("SELECT id FROM holds WHERE open = 1"), ["place 1", "place 2"]);
}

#[test]
fn the_open_shelf_keeps_its_share() {
    let sqlite = empty(Policy { shelf_percent: 50, ..policy() });
    let store = sqlite.store();
    for n in 0..9 {
        join(&store, &format!("place {n}"), 1);
    }
    receive(&store, "six", 6);
    assert_eq!(free(&sqlite), 3);
    assert_eq!(hold(&store, "cart", 3), 200);
    assert_eq!(hold(&store, "cart 2", 1), 409);
    // What a shopper leaves is shared, too.
    assert_eq!(end(&store, "cart", Way::Release, 0), 200);
    assert_eq!(free(&sqlite), 1);
    assert_eq!(sqlite.rows("SELECT COUNT(*) FROM holds WHERE claim = 'a'"), ["5"]);
}

#[test]
fn one_that_frees_up_is_offered_too() {
    let sqlite = empty(policy());
    let store = sqlite.store();
    receive(&store, "one", 1);
    assert_eq!(hold(&store, "cart", 1), 200);
    join(&store, "ann", 1);
    assert_eq!(state(&store, "ann"), PlaceState::Waiting);
    assert_eq!(store.expire_due(later(600_000), 9), Ok(1));
    assert_eq!(state(&store, "ann"), PlaceState::Offered);
}

#[test]
fn what_is_hidden_is_offered_to_nobody_until_it_is_shown() {
    let sqlite = empty(policy());
    let store = sqlite.store();
    let hide = |hidden| {
        let change = SkuChange { hidden: Some(hidden), ..SkuChange::default() };
        assert_eq!(store.change_sku(&sku("a"), &change, NOW), Ok(Ok(())));
    };
    join(&store, "ann", 1);
    hide(true);
    receive(&store, "three", 3);
    join(&store, "bob", 1);
    assert_eq!(store.offer_due(NOW, 9), Ok(false));
    assert_eq!(states(&store, &["ann", "bob"]), [PlaceState::Waiting; 2]);
    hide(false);
    assert_eq!(store.offer_due(NOW, 9), Ok(false));
    assert_eq!(states(&store, &["ann", "bob"]), [PlaceState::Offered; 2]);
}

#[test]
fn a_hold_with_a_places_id_is_in_nobodys_way() {
    let sqlite = empty(policy());
    let store = sqlite.store();
    join(&store, "ann", 1);
    receive(&store, "one", 1);
    assert_eq!(hold(&store, "ann", 1), 422, "it is a claim");
    join(&store, "cem", 1);
    join(&store, "dee", 1);
    end(&store, "ann", Way::Commit, 0);
    run(&store, "stock", Kind::Receive, &[("b", "main", 5)]).unwrap();
    let request = HoldRequest {
        id: "cem",
        digest: b"a cart",
        lines: vec![Line { sku: sku("b"), location: None, quantity: 1 }],
        lifetime_ms: 600_000,
        region: None,
        buyer: None,
        network: None,
    };
    store.hold(&request, NOW, |_| Answer { status: 200, body: String::new() }).unwrap();
    for units in [1, 2] {
        receive(&store, &format!("{units} more"), units);
    }
    assert_eq!(state(&store, "cem"), PlaceState::Waiting);
    assert_eq!(state(&store, "dee"), PlaceState::Offered);
    assert_eq!(end(&store, "cem", Way::Release, 0), 200);
    assert_eq!(state(&store, "cem"), PlaceState::Waiting);
}

#[test]
fn a_claim_is_bought_as_an_order() {
    let sqlite = empty(policy());
    let store = sqlite.store();
    join(&store, "ann", 2);
    receive(&store, "two", 2);
    let order = |hold| {
        let request = OrderRequest {
            id: "order",
            digest: b"an order",
            hold: Some(hold),
            lines: Vec::new(),
            region: None,
            buyer: None,
            payment: Payment::Now,
        };
        let answered = store.place_order(&request, NOW, |decided| Answer {
            status: if decided.is_ok() { 200 } else { 409 },
            body: String::new(),
        });
        answered.unwrap().is_some()
    };
    assert!(!order("bob"));
    assert!(order("ann"));
    assert_eq!(state(&store, "ann"), PlaceState::Taken);
    assert_eq!(sqlite.rows("SELECT claims, claimed, seen FROM waitlists"), ["0|0|0"]);
    assert_eq!(free(&sqlite), 0);
}

#[test]
fn a_kit_is_offered_when_its_components_are_there() {
    let sqlite = empty(policy());
    let store = sqlite.store();
    let parts = vec![ledger::Component { sku: sku("b"), quantity: 2 }];
    let bundle = Bundle { kit: sku("a"), components: parts };
    drop(store.join("early", &sku("b"), 1, NOW));
    store.leave("early", PlaceEvent::WaitOut, NOW).unwrap();
    sqlite.rows("DELETE FROM balances WHERE sku = 'a' RETURNING 1");
    store.put_bundle(&bundle, NOW).unwrap().unwrap();
    join(&store, "ann", 1);
    run(&store, "one", Kind::Receive, &[("b", "main", 1)]).unwrap();
    assert_eq!(state(&store, "ann"), PlaceState::Waiting);
    run(&store, "another", Kind::Receive, &[("b", "main", 1)]).unwrap();
    // The alarm sees to kits.
    assert_eq!(store.offer_due(NOW, 50), Ok(false));
    assert_eq!(state(&store, "ann"), PlaceState::Offered);
    assert_eq!(store.place("ann").unwrap().unwrap().offered, Some(1));
    assert_eq!(state(&store, "early"), PlaceState::WaitedOut);
}

#[test]
fn a_claim_of_what_was_a_kit_goes_on_to_the_next() {
    let sqlite = empty(Policy { wave: 1, ..policy() });
    let store = sqlite.store();
    let parts = vec![ledger::Component { sku: sku("b"), quantity: 1 }];
    for table in ["balances", "movements"] {
        sqlite.rows(&format!("DELETE FROM {table} WHERE sku = 'a' RETURNING 1"));
    }
    store.put_bundle(&Bundle { kit: sku("a"), components: parts }, NOW).unwrap().unwrap();
    join(&store, "ann", 1);
    join(&store, "bob", 1);
    run(&store, "one", Kind::Receive, &[("b", "main", 1)]).unwrap();
    assert_eq!(store.offer_due(NOW, 50), Ok(false));
    assert_eq!(store.remove_bundle(&sku("a"), NOW), Ok(true));
    receive(&store, "two", 2);
    assert_eq!(
        states(&store, &["ann", "bob"]),
        [PlaceState::Offered, PlaceState::Waiting],
        "no more than one at once"
    );
    assert_eq!(end(&store, "ann", Way::Release, 0), 200);
    assert_eq!(states(&store, &["ann", "bob"]), [PlaceState::Declined, PlaceState::Offered]);
    assert_eq!(sqlite.rows("SELECT claims, claimed, seen FROM waitlists"), ["1|1|2"]);
}

#[test]
fn in_a_mirror_they_are_told_and_nothing_is_kept() {
    let sqlite = empty(policy());
    let store = sqlite.store();
    store.change_shop(&Shop { mode: Mode::Mirror, ..settings() }, NOW).unwrap();
    for id in ["ann", "bob", "cem"] {
        join(&store, id, 1);
    }
    receive(&store, "two", 2);
    use PlaceState::{Told, Waiting};
    assert_eq!(states(&store, &["ann", "bob", "cem"]), [Told, Told, Waiting]);
    assert_eq!(sqlite.rows("SELECT COUNT(*) FROM holds"), ["0"]);
    let kept: Vec<_> =
        store.notices().unwrap().into_iter().map(|notice| notice.kept_until).collect();
    assert_eq!(kept, [None, None]);
    run(&store, "sold", Kind::Sold, &[("a", "main", 2)]).unwrap();
    receive(&store, "one", 1);
    assert_eq!(state(&store, "cem"), Told);
}

#[test]
fn demand_is_counted_by_what_became_of_it() {
    let sqlite = empty(policy());
    let store = sqlite.store();
    join(&store, "ann", 2);
    join(&store, "bob", 3);
    join(&store, "cem", 4);
    store.leave("cem", PlaceEvent::WaitOut, NOW).unwrap();
    receive(&store, "two", 2);
    let demand = store.demand_after("").unwrap();
    let of_a: BTreeMap<_, _> =
        demand[0].places.iter().map(|(state, places, units)| (*state, (*places, *units))).collect();
    assert_eq!(demand.len(), 1);
    let expected = [
        (PlaceState::Waiting, (1, 3)),
        (PlaceState::Offered, (1, 2)),
        (PlaceState::WaitedOut, (1, 4)),
    ];
    assert_eq!(of_a, BTreeMap::from(expected));
    assert_eq!(store.demand_after("a"), Ok(vec![]));
}

#[test]
fn what_fails_leaves_nothing() {
    let waiting = || {
        let sqlite = empty(policy());
        join(&sqlite.store(), "ann", 1);
        join(&sqlite.store(), "bob", 1);
        sqlite
    };
    let offered = || {
        let sqlite = waiting();
        receive(&sqlite.store(), "one", 1);
        sqlite
    };
    fail_each_write(|| empty(policy()), |store| store.join("ann", &sku("a"), 2, NOW));
    fail_each_write(waiting, |store| store.leave("ann", PlaceEvent::Leave, NOW));
    fail_each_write(waiting, |store| run(store, "one", Kind::Receive, &[("a", "main", 1)]));
    fail_each_write(offered, |store| store.leave("ann", PlaceEvent::Leave, NOW));
    fail_each_write(offered, |store| store.expire_due(later(HOUR_MS), 9).map(|_| ()));
}

#[test]
fn a_place_that_ended_long_ago_goes() {
    let sqlite = empty(policy());
    let store = sqlite.store();
    for id in ["ann", "bob", "cem", "dee"] {
        join(&store, id, 1);
    }
    receive(&store, "two", 2);
    assert_eq!(end(&store, "ann", Way::Commit, 0), 200);
    store.leave("dee", PlaceEvent::Leave, NOW).unwrap();
    let year = later(MOVEMENTS_KEPT_MS + 1);
    while store.sweep(year, 2).unwrap() {}
    let left = || sqlite.rows("SELECT id FROM places ORDER BY n");
    assert_eq!(left(), ["ann", "bob", "cem", "dee"], "what Outreach has not heard of stays");
    store.confirm_notices(&store.notices().unwrap()).unwrap();
    while store.sweep(later(MOVEMENTS_KEPT_MS + HOUR_MS * 7), 2).unwrap() {}
    assert_eq!(left(), ["bob", "cem", "dee"], "nor does one that is not over, or the last");
}

/// The issue's own case, with ends by chance.
#[test]
fn forty_units_for_five_hundred_are_served_in_order_and_none_is_idle() {
    let shelf_percent = 10;
    let sqlite = empty(Policy { wave: 15, shelf_percent, ..policy() });
    let store = sqlite.store();
    for n in 0..500 {
        join(&store, &format!("{n:03}"), 1);
    }
    receive(&store, "forty", 40);
    let (mut served, mut sold, mut clock, mut chance) = (Vec::new(), 0, 0_i64, 12_345_u64);
    for round in 0..2_000 {
        let open = sqlite.rows("SELECT id FROM holds WHERE open = 1 AND claim = 'a' ORDER BY id");
        let unserved = open.iter().filter(|id| !served.contains(*id)).cloned().collect::<Vec<_>>();
        served.extend(unserved);
        let claims = open.len() as i64;
        assert!(claims + sold <= 40, "round {round}: {claims} claims, {sold} sold");
        // Beyond the shelf's share and the wave nothing is idle.
        let left = free(&sqlite);
        assert!(claims == 15 || left <= 4, "round {round}: {left} are idle");
        let Some(next) = open.get(chance as usize % open.len().max(1)) else { break };
        chance =
            chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        match (chance >> 33) % 4 {
            0 => {
                assert_eq!(end(&store, next, Way::Commit, clock), 200);
                sold += 1;
            }
            1 => assert_eq!(end(&store, next, Way::Release, clock), 200),
            2 => store.leave(next, PlaceEvent::Leave, later(clock)).unwrap(),
            _ => {
                clock += HOUR_MS;
                store.expire_due(later(clock), 99).unwrap();
            }
        }
    }
    let in_order: Vec<_> = (0..served.len()).map(|n| format!("{n:03}")).collect();
    assert_eq!(served, in_order);
    assert_eq!((sold, free(&sqlite)), (36, 4), "all but the shelf's share was sold");
}
