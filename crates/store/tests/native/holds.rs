//! Holds: made once, ended once, expired in time.

use crate::{fixture::*, sqlite::Sqlite};
use ledger::{HoldState, Kind, Line, Reject, Way};
use store::{
    Answer, Answered, Bundle, Fault, HoldRequest, Receiver, Resolution, Shop, ShownState, Store,
};

const TEN_MINUTES: i64 = 600_000;

fn anywhere(texts: &[(&str, i64)]) -> Vec<Line> {
    let line = |&(text, quantity): &(&str, i64)| Line { sku: sku(text), location: None, quantity };
    texts.iter().map(line).collect()
}

fn request<'a>(id: &'a str, units: &[(&str, i64)]) -> HoldRequest<'a> {
    HoldRequest {
        id,
        digest: b"the first",
        lines: anywhere(units),
        lifetime_ms: TEN_MINUTES,
        region: None,
        buyer: None,
        network: None,
    }
}

fn ask(
    store: &Store<&Sqlite>,
    request: &HoldRequest<'_>,
    after_ms: i64,
) -> Result<Answered, Fault> {
    store.hold(request, later(after_ms), |decided| Answer {
        status: if decided.is_ok() { 200 } else { 409 },
        body: match decided {
            Ok(hold) => format!("{} until {} {:?}", hold.id, hold.expires_at, hold.lines),
            Err(why) => why.to_string(),
        },
    })
}

fn hold(store: &Store<&Sqlite>, id: &str, units: &[(&str, i64)]) -> Result<Answered, Fault> {
    ask(store, &request(id, units), 0)
}

fn resolve(
    store: &Store<&Sqlite>,
    hold: &str,
    id: &str,
    way: Way,
    after_ms: i64,
) -> Result<Option<Answered>, Fault> {
    let resolution = Resolution { hold, id, way, reason: None, buyer: None };
    store.resolve(&resolution, later(after_ms), |decided| Answer {
        status: if decided.is_ok() { 200 } else { 409 },
        body: match decided {
            Ok(hold) => format!("{} {:?}", hold.id, hold.state),
            Err(why) => why.to_string(),
        },
    })
}

fn status(answered: Result<Answered, Fault>) -> u16 {
    match answered.unwrap() {
        Answered::First(answer) | Answered::Again(answer) => answer.status,
        Answered::IdReused => 422,
    }
}

fn first(status: u16, body: &str) -> Result<Option<Answered>, Fault> {
    Ok(Some(Answered::First(Answer { status, body: body.to_owned() })))
}

fn balances(sqlite: &Sqlite) -> Vec<String> {
    sqlite.rows("SELECT sku, location, on_hand, held FROM balances ORDER BY 1, 2")
}

fn state_of(store: &Store<&Sqlite>, text: &str) -> ShownState {
    store.shown(text).unwrap().unwrap().state
}

#[test]
fn a_cart_is_held_and_bought() {
    let sqlite = stocked(&[("a", "main", 9), ("b", "main", 4)]);
    let store = sqlite.store();
    assert_eq!(status(hold(&store, "cart", &[("a", 2), ("b", 1), ("a", 1)])), 200);
    assert_eq!(balances(&sqlite), ["a|main|9|3", "b|main|4|1"]);
    assert_eq!(sqlite.rows("SELECT COUNT(*) FROM movements WHERE kind = 'sold'"), ["0"]);
    let bought = resolve(&store, "cart", "order 1", Way::Commit, 5);
    assert_eq!(bought, first(200, "cart Committed"));
    assert_eq!(balances(&sqlite), ["a|main|6|0", "b|main|3|0"]);
    assert_eq!(
        sqlite.rows("SELECT sku, n, quantity, net, source FROM movements WHERE kind = 'sold'"),
        ["a|2|-3|6|order 1", "b|2|-1|3|order 1"]
    );
}

#[test]
fn five_rows_are_written_for_a_cart_that_is_bought() {
    let sqlite = stocked(&[("a", "main", 99)]);
    let store = sqlite.store();
    let before = sqlite.writes();
    hold(&store, "cart", &[("a", 2)]).unwrap();
    resolve(&store, "cart", "order 1", Way::Commit, 5).unwrap();
    // Hold and balance; hold, balance and movement. Plenty stays plenty: nothing is published.
    assert_eq!(sqlite.writes() - before, 5);
}

#[test]
fn the_same_hold_again_is_answered_as_the_first_time() {
    let sqlite = stocked(&[("a", "main", 9)]);
    let store = sqlite.store();
    let Ok(Answered::First(answer)) = hold(&store, "cart", &[("a", 2)]) else { panic!("new") };
    let other = HoldRequest { digest: b"another", ..request("cart", &[("a", 2)]) };
    for way in [None, Some(Way::Commit)] {
        if let Some(way) = way {
            resolve(&store, "cart", "order 1", way, 1).unwrap();
        }
        let state = sqlite.state(&[]);
        assert_eq!(hold(&store, "cart", &[("a", 2)]), Ok(Answered::Again(answer.clone())));
        assert_eq!(ask(&store, &other, 0), Ok(Answered::IdReused));
        let command = run(&store, "cart", Kind::Sell, &[("a", "main", 1)]);
        assert_eq!(command, Ok(Answered::IdReused), "commands and holds share their ids");
        assert_eq!(sqlite.state(&[]), state);
    }
    run(&store, "1", Kind::Sell, &[("a", "main", 1)]).unwrap();
    assert_eq!(hold(&store, "1", &[("a", 2)]), Ok(Answered::IdReused));
}

#[test]
fn a_refusal_is_answered_again_though_stock_came_in() {
    let sqlite = stocked(&[("a", "main", 1)]);
    let store = sqlite.store();
    let before = sqlite.state(&["commands"]);
    let Ok(Answered::First(answer)) = hold(&store, "cart", &[("a", 2)]) else { panic!("new") };
    assert_eq!((answer.status, sqlite.state(&["commands"])), (409, before));
    run(&store, "1", Kind::Receive, &[("a", "main", 5)]).unwrap();
    assert_eq!(hold(&store, "cart", &[("a", 2)]), Ok(Answered::Again(answer)));
    let other = HoldRequest { digest: b"another", ..request("cart", &[("a", 2)]) };
    assert_eq!(ask(&store, &other, 0), Ok(Answered::IdReused));
}

#[test]
fn an_end_is_told_by_its_name_and_to_its_own_id_as_the_first_time() {
    for (way, told, state) in [
        (Way::Commit, Reject::AlreadyCommitted, "cart Committed"),
        (Way::Release, Reject::AlreadyReleased, "cart Released"),
    ] {
        let sqlite = stocked(&[("a", "main", 9)]);
        let store = sqlite.store();
        assert_eq!(resolve(&store, "cart", "end", way, 0), Ok(None), "there is no such hold yet");
        hold(&store, "cart", &[("a", 2)]).unwrap();
        assert_eq!(resolve(&store, "cart", "end", way, 1), first(200, state));
        let before = sqlite.state(&[]);
        let again = Answer { status: 200, body: state.to_owned() };
        // Also when its time would long be over.
        for after in [1, 2 * TEN_MINUTES] {
            let answered = resolve(&store, "cart", "end", way, after);
            assert_eq!(answered, Ok(Some(Answered::Again(again.clone()))));
            for other in [Way::Commit, Way::Release] {
                let answered = resolve(&store, "cart", "another", other, after);
                assert_eq!(answered, first(409, &told.to_string()));
            }
        }
        let other = if way == Way::Commit { Way::Release } else { Way::Commit };
        assert_eq!(resolve(&store, "cart", "end", other, 2), first(409, &told.to_string()));
        assert_eq!(sqlite.state(&[]), before);
    }
}

#[test]
fn a_hold_that_is_overdue_holds_nothing() {
    let sqlite = stocked(&[("a", "main", 2)]);
    let store = sqlite.store();
    hold(&store, "cart", &[("a", 2)]).unwrap();
    assert_eq!(store.next_expiry(), Ok(Some(NOW.now + TEN_MINUTES)));
    let late = |id| HoldRequest { digest: b"late", ..request(id, &[("a", 2)]) };
    assert_eq!(status(ask(&store, &late("early"), TEN_MINUTES - 1)), 409);
    // Nobody has ended it: whoever comes next does.
    assert_eq!(status(ask(&store, &late("late"), TEN_MINUTES)), 200);
    assert_eq!(store.hold_of("cart", None).unwrap().unwrap().state, HoldState::Expired);
    let told = Reject::Expired.to_string();
    for way in [Way::Commit, Way::Release] {
        assert_eq!(resolve(&store, "cart", "end", way, TEN_MINUTES), first(409, &told));
        // A clock that goes back revives nothing.
        assert_eq!(resolve(&store, "cart", "end", way, 0), first(409, &told));
    }
    assert_eq!(balances(&sqlite), ["a|main|2|2"]);
}

#[test]
fn overdue_holds_end_some_at_a_time() {
    let sqlite = stocked(&[("a", "main", 9)]);
    let store = sqlite.store();
    for (id, seconds) in [("1", 1), ("2", 2), ("3", 3), ("4", 4)] {
        let lifetime_ms = seconds * 1_000;
        ask(&store, &HoldRequest { lifetime_ms, ..request(id, &[("a", 1)]) }, 0).unwrap();
    }
    resolve(&store, "1", "order", Way::Commit, 10).unwrap();
    assert_eq!(store.expire_due(later(999), 9), Ok(0));
    assert_eq!(store.expire_due(later(1_000), 9), Ok(0), "it is committed");
    assert_eq!(store.next_expiry(), Ok(Some(NOW.now + 2_000)));
    assert_eq!(store.expire_due(later(9_000), 2), Ok(2));
    assert_eq!(balances(&sqlite), ["a|main|8|1"]);
    assert_eq!(store.expire_due(later(9_000), 2), Ok(1));
    assert_eq!((store.expire_due(later(9_000), 2), store.next_expiry()), (Ok(0), Ok(None)));
    assert_eq!(balances(&sqlite), ["a|main|8|0"]);
}

#[test]
fn shoppers_see_that_all_is_held_and_until_when() {
    let sqlite = stocked(&[("a", "main", 2)]);
    let store = sqlite.store();
    ask(&store, &HoldRequest { lifetime_ms: 9_000, ..request("1", &[("a", 1)]) }, 0).unwrap();
    assert_eq!(state_of(&store, "a"), ShownState::Low(1));
    ask(&store, &HoldRequest { lifetime_ms: 5_000, ..request("2", &[("a", 1)]) }, 0).unwrap();
    assert_eq!(state_of(&store, "a"), ShownState::AllHeld(NOW.now + 5_000));
    resolve(&store, "2", "order", Way::Commit, 1).unwrap();
    assert_eq!(state_of(&store, "a"), ShownState::AllHeld(NOW.now + 9_000));
    assert_eq!(due(&store, Receiver::Kv)[0].version, 4);
    store.expire_due(later(9_000), 9).unwrap();
    assert_eq!(state_of(&store, "a"), ShownState::Low(1));
    hold(&store, "3", &[("a", 1)]).unwrap();
    resolve(&store, "3", "order 3", Way::Commit, 1).unwrap();
    assert_eq!(state_of(&store, "a"), ShownState::Out(None));
}

#[test]
fn a_kit_is_held_by_its_components() {
    let sqlite = stocked(&[("cup", "main", 5), ("saucer", "attic", 2), ("set", "main", 0)]);
    let store = sqlite.store();
    let components = [("cup", 2), ("saucer", 1)]
        .map(|(text, quantity)| ledger::Component { sku: sku(text), quantity })
        .to_vec();
    store.put_bundle(&Bundle { kit: sku("set"), components }, NOW).unwrap().unwrap();
    assert_eq!(state_of(&store, "set"), ShownState::Low(2));
    assert_eq!(status(hold(&store, "cart", &[("set", 2)])), 200);
    assert_eq!(balances(&sqlite), ["cup|main|5|4", "saucer|attic|2|2", "set|main|0|0"]);
    assert_eq!(state_of(&store, "set"), ShownState::AllHeld(NOW.now + TEN_MINUTES));
    assert_eq!(state_of(&store, "cup"), ShownState::Low(1));
    resolve(&store, "cart", "given up", Way::Release, 1).unwrap();
    assert_eq!(state_of(&store, "set"), ShownState::Low(2));
}

#[test]
fn limits_look_at_what_is_open() {
    let sqlite = stocked(&[("a", "main", 50)]);
    let store = sqlite.store();
    let limited = Shop { max_held_per_buyer: Some(3), ..settings() };
    store.change_shop(&limited, NOW).unwrap();
    let by = |id, units, buyer| HoldRequest { buyer, ..request(id, &[("a", units)]) };
    assert_eq!(status(ask(&store, &by("1", 3, Some(b"ann")), 0)), 200);
    assert_eq!(status(ask(&store, &by("2", 1, Some(b"ann")), 0)), 409);
    assert_eq!(status(ask(&store, &by("3", 3, Some(b"bob")), 0)), 200);
    assert_eq!(status(ask(&store, &by("4", 9, None), 0)), 200);
    resolve(&store, "1", "order", Way::Commit, 1).unwrap();
    assert_eq!(status(ask(&store, &by("5", 3, Some(b"ann")), 0)), 200);
    // A fifth of 47 that are there is for browsers, three holds of it for one network.
    let from = |id, units, network| HoldRequest { network, ..request(id, &[("a", units)]) };
    for id in ["6", "7", "8"] {
        assert_eq!(status(ask(&store, &from(id, 2, Some(b"home")), 0)), 200);
    }
    assert_eq!(status(ask(&store, &from("9", 1, Some(b"home")), 0)), 409);
    assert_eq!(status(ask(&store, &from("10", 4, Some(b"cafe")), 0)), 409);
    assert_eq!(status(ask(&store, &from("11", 3, Some(b"cafe")), 0)), 200);
}

#[test]
fn a_hold_of_anothers_is_none() {
    let sqlite = stocked(&[("a", "main", 50)]);
    let store = sqlite.store();
    let request = HoldRequest { buyer: Some(b"ann"), ..request("cart", &[("a", 1)]) };
    ask(&store, &request, 0).unwrap();
    for (buyer, theirs) in [(None, true), (Some(&b"ann"[..]), true), (Some(b"bob"), false)] {
        assert_eq!(store.hold_of("cart", buyer).unwrap().is_some(), theirs);
    }
    let theft =
        Resolution { hold: "cart", id: "x", way: Way::Release, reason: None, buyer: Some(b"bob") };
    let answered = store.resolve(&theft, NOW, |_| panic!("there is nothing to answer"));
    assert_eq!(answered, Ok(None));
}

#[test]
fn a_write_that_fails_leaves_nothing_and_the_retry_has_one_effect() {
    let make = || {
        let sqlite = stocked(&[("a", "attic", 2), ("a", "main", 3), ("b", "main", 5)]);
        let store = sqlite.store();
        store.lease_room(3, NOW.now + 1).unwrap();
        ask(&store, &HoldRequest { lifetime_ms: 5_000, ..request("1", &[("a", 1)]) }, 0).unwrap();
        ask(&store, &HoldRequest { lifetime_ms: 5_000, ..request("2", &[("b", 5)]) }, 0).unwrap();
        sqlite
    };
    fail_each_write(make, |store| hold(store, "cart", &[("a", 4)]));
    fail_each_write(make, |store| hold(store, "cart", &[("a", 5)]));
    fail_each_write(make, |store| resolve(store, "2", "order", Way::Commit, 1));
    fail_each_write(make, |store| resolve(store, "2", "order", Way::Release, 1));
    fail_each_write(make, |store| store.expire_due(later(5_000), 9).map(|ended| ended > 0));
}

#[test]
fn open_holds_are_listed_by_id() {
    let sqlite = stocked(&[("a", "main", 50)]);
    let store = sqlite.store();
    for id in ["c", "a", "b"] {
        hold(&store, id, &[("a", 1)]).unwrap();
    }
    resolve(&store, "b", "order", Way::Commit, 1).unwrap();
    let listed = |after| {
        let holds = store.holds_after(after).unwrap();
        holds.into_iter().map(|hold| hold.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(""), ["a", "c"]);
    assert_eq!(listed("a"), ["c"]);
}
