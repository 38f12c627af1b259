//! What becomes of a sign-up: confirmed, ended, suppressed.

use crate::{
    fixture::fail_each_write_to,
    outreach::{LIMITS, NOW_MS, empty, sign_up, taken},
    sqlite::Sqlite,
};
use store::{
    consent::{Reason, Wanted},
    outreach::{Address, Outreach, SignUp, Taken},
    waits::{ChangedPlace, ForPlace, PlaceNews},
};

const LIFETIME: i64 = 50_000;
const PROOF: i64 = 70_000;
const JANE: &str = "jane of a";

fn asked() -> Sqlite {
    let sqlite = empty();
    taken(&sqlite, &sign_up("a", b"jane"), NOW_MS);
    sqlite
}

fn confirm(sqlite: &Sqlite, subscriber: &str, now: i64) -> Option<Wanted> {
    Outreach::new(sqlite).confirm("jars", subscriber, LIFETIME, PROOF, now).unwrap()
}

fn confirmed() -> Sqlite {
    let sqlite = asked();
    assert!(confirm(&sqlite, JANE, NOW_MS + 5).is_some());
    sqlite
}

const SIGN_UPS: &str =
    "SELECT id, subscriber, state, confirmed_at, expires_at, quantity FROM sign_ups";

#[test]
fn whoever_confirms_stays_and_the_proof_longer() {
    let sqlite = asked();
    let wanted = Wanted { sku: "a".to_owned(), lang: "en".to_owned() };
    assert_eq!(Outreach::new(&sqlite).wanted(JANE), Ok(Some(wanted.clone())));
    let at = NOW_MS + 5;
    assert_eq!(confirm(&sqlite, JANE, at), Some(wanted.clone()));
    let end = at + LIFETIME;
    let rows = [format!("1|{JANE}|confirmed|{at}|{end}|1")];
    assert_eq!(sqlite.rows(SIGN_UPS), rows);
    assert_eq!(sqlite.rows("SELECT id FROM messages"), [""; 0], "there is nothing left to ask");
    let proof = sqlite.rows("SELECT * FROM proofs");
    let [key, hash] = ["2", "[106, 97, 110, 101]"];
    assert_eq!(proof, [format!("{JANE}|{key}|{hash}|a|en|1|{NOW_MS}|0|{at}||{}", end + PROOF)]);
    let before = sqlite.state(&[]);
    assert_eq!(confirm(&sqlite, JANE, at + 9), Some(wanted));
    assert_eq!(sqlite.state(&[]), before, "twice is once");
    assert_eq!(confirm(&sqlite, "john of a", at), None);
    assert_eq!(sqlite.state(&[]), before);
    // Then all of it goes.
    let store = Outreach::new(&sqlite);
    store.sweep(LIMITS.window_ms, end, 9).unwrap();
    assert_eq!(sqlite.rows(SIGN_UPS), [""; 0]);
    assert_eq!(store.next_due(LIMITS.window_ms), Ok(Some(end + PROOF)));
    store.sweep(LIMITS.window_ms, end + PROOF, 9).unwrap();
    assert_eq!(sqlite.rows("SELECT * FROM proofs"), [""; 0]);
}

#[test]
fn what_is_confirmed_is_changed_by_nobody_who_knows_the_address() {
    let sqlite = confirmed();
    let state = |sqlite: &Sqlite| sqlite.state(&["takings"]);
    let before = state(&sqlite);
    let again = SignUp {
        quantity: 900,
        lang: "fr",
        consent_text: 2,
        marketing: true,
        ..sign_up("a", b"jane")
    };
    assert_eq!(taken(&sqlite, &again, NOW_MS + 5_000), Taken::Yes);
    assert_eq!(state(&sqlite), before, "nor is anybody asked");
    // Also under a later version of the secret, under which it is kept from then on.
    let earlier = [b"jane".to_vec()];
    let address = Address { key: 3, sealed: b"anew", hash: b"jane 3", earlier: &earlier };
    taken(&sqlite, &SignUp { address, ..again }, NOW_MS + 9_000);
    let (at, end) = (NOW_MS + 5, NOW_MS + 5 + LIFETIME);
    assert_eq!(sqlite.rows(SIGN_UPS), [format!("1|{JANE}|confirmed|{at}|{end}|1")]);
    let kept = sqlite.rows("SELECT key, CAST(hash AS TEXT), CAST(address AS TEXT) FROM sign_ups");
    assert_eq!(kept, ["3|jane 3|anew"]);
    assert_eq!(sqlite.rows("SELECT id FROM messages"), [""; 0]);
}

#[test]
fn who_has_confirmed_takes_no_room_from_who_has_not() {
    let sqlite = confirmed();
    let store = Outreach::new(&sqlite);
    let take = |at: i64| {
        let (hash, network) = (format!("person {at}"), format!("network {at}"));
        let wish = SignUp { network: network.as_bytes(), ..sign_up("a", hash.as_bytes()) };
        store.sign_up(&wish, LIMITS, NOW_MS + at * LIMITS.window_ms).unwrap()
    };
    for at in 1..=LIMITS.kept {
        assert_eq!(take(at), Taken::Yes, "the {at}th");
    }
    assert!(matches!(take(8), Taken::NotBefore(_)));
    // One of them confirms, and there is room.
    let now = NOW_MS + 8_000;
    store.confirm("jars", "person 1 of a", LIFETIME, PROOF, now).unwrap();
    assert_eq!(take(8), Taken::Yes);
    assert!(matches!(take(8), Taken::NotBefore(_)));
}

#[test]
fn what_is_ended_is_gone_with_all_that_was_to_be_sent_of_it() {
    for make in [asked as fn() -> Sqlite, confirmed] {
        let sqlite = make();
        taken(&sqlite, &sign_up("b", b"jane"), NOW_MS);
        let store = Outreach::new(&sqlite);
        let ids = store.hand_over(9, NOW_MS + 60, NOW_MS, 9).unwrap();
        store.end(JANE, NOW_MS + 7).unwrap();
        let leased = store.lease(&ids, NOW_MS + 99, NOW_MS).unwrap();
        assert_eq!(leased.iter().map(|it| &*it.id).collect::<Vec<_>>(), ["ask jane of b"]);
        assert_eq!(sqlite.rows("SELECT sku FROM sign_ups"), ["b"], "the other alert stays");
        let ended = sqlite.rows("SELECT ended_at FROM proofs");
        assert!(ended.iter().all(|at| *at == (NOW_MS + 7).to_string()), "{ended:?}");
        let before = sqlite.state(&[]);
        store.end(JANE, NOW_MS + 9).unwrap();
        assert_eq!(sqlite.state(&[]), before);
        assert_eq!(confirm(&sqlite, JANE, NOW_MS + 9), None, "nor does an old link bring it back");
    }
}

#[test]
fn nothing_is_sent_to_a_suppressed_address() {
    let sqlite = asked();
    let store = Outreach::new(&sqlite);
    let ids = store.hand_over(9, NOW_MS + 60, NOW_MS, 9).unwrap();
    let hashes = [b"jane 3".to_vec(), b"jane".to_vec()];
    store.suppress(&hashes, Reason::Bounced, NOW_MS).unwrap();
    store.suppress(&hashes, Reason::Complained, NOW_MS + 1).unwrap();
    let stored = sqlite.rows("SELECT CAST(hash AS TEXT), reason, at FROM suppressed");
    assert_eq!(stored, [format!("jane|bounced|{NOW_MS}"), format!("jane 3|bounced|{NOW_MS}")]);
    assert_eq!(store.lease(&ids, NOW_MS + 99, NOW_MS), Ok(vec![]));
    assert_eq!(sqlite.rows("SELECT id FROM messages"), [""; 0]);
}

#[test]
fn who_is_suppressed_is_so_under_later_versions_of_the_secret() {
    let sqlite = empty();
    let store = Outreach::new(&sqlite);
    store.suppress(&[b"jane".to_vec()], Reason::Complained, NOW_MS).unwrap();
    let earlier = [b"jane".to_vec()];
    let address = Address { key: 3, sealed: b"anew", hash: b"jane 3", earlier: &earlier };
    taken(&sqlite, &SignUp { address, ..sign_up("a", b"jane") }, NOW_MS);
    let ids = store.hand_over(9, NOW_MS + 60, NOW_MS, 9).unwrap();
    assert_eq!((ids.len(), store.lease(&ids, NOW_MS + 99, NOW_MS)), (1, Ok(vec![])));
    // And what is there under the earlier one still goes nowhere.
    let sqlite = empty();
    let store = Outreach::new(&sqlite);
    taken(&sqlite, &sign_up("b", b"jane"), NOW_MS);
    store.suppress(&[b"jane".to_vec()], Reason::Complained, NOW_MS).unwrap();
    let address = Address { key: 3, sealed: b"anew", hash: b"jane 3", earlier: &earlier };
    taken(&sqlite, &SignUp { address, ..sign_up("a", b"jane") }, NOW_MS);
    let ids = store.hand_over(9, NOW_MS + 60, NOW_MS, 9).unwrap();
    assert_eq!((ids.len(), store.lease(&ids, NOW_MS + 99, NOW_MS)), (2, Ok(vec![])));
}

#[test]
fn a_step_that_fails_leaves_nothing_of_it() {
    fail_each_write_to(asked, |sqlite| {
        Outreach::new(sqlite).confirm("jars", JANE, LIFETIME, PROOF, NOW_MS + 5)
    });
    fail_each_write_to(confirmed, |sqlite| Outreach::new(sqlite).end(JANE, NOW_MS + 7));
    let hashes = [b"jane".to_vec(), b"john".to_vec()];
    fail_each_write_to(asked, |sqlite| {
        Outreach::new(sqlite).suppress(&hashes, Reason::Bounced, NOW_MS)
    });
}

fn changed(sqlite: &Sqlite) -> Vec<PlaceNews> {
    let places = Outreach::new(sqlite).place_news(9).unwrap();
    places.into_iter().map(|place| place.news).collect()
}

fn heard(sqlite: &Sqlite) {
    let store = Outreach::new(sqlite);
    for ChangedPlace { subscriber, news, .. } in store.place_news(9).unwrap() {
        store.place_heard(&subscriber, &news).unwrap();
    }
}

const TOLD: ForPlace<'_> = ForPlace {
    subscriber: JANE,
    shop: "jars",
    id: "the message",
    kind: "claim",
    payload: "{}",
    expires_at: NOW_MS + 50,
    due: NOW_MS + 9,
};

#[test]
fn whoever_confirms_has_a_place_until_they_end_it_or_their_time_does() {
    let sqlite = confirmed();
    let joining = PlaceNews::Joining { sku: "a".to_owned(), quantity: 1 };
    let place = ChangedPlace {
        subscriber: JANE.to_owned(),
        shop: "jars".to_owned(),
        news: joining.clone(),
    };
    assert_eq!(Outreach::new(&sqlite).place_news(9), Ok(vec![place]));
    // It ends while the Shop object is still to hear that it began.
    Outreach::new(&sqlite).end(JANE, NOW_MS + 6).unwrap();
    Outreach::new(&sqlite).place_heard(JANE, &joining).unwrap();
    assert_eq!(changed(&sqlite), [PlaceNews::Leaving]);
    heard(&sqlite);
    assert_eq!(sqlite.rows("SELECT * FROM places"), [""; 0]);

    let sqlite = confirmed();
    heard(&sqlite);
    assert_eq!(changed(&sqlite), []);
    Outreach::new(&sqlite).sweep(LIMITS.window_ms, NOW_MS + 5 + LIFETIME, 9).unwrap();
    assert_eq!(changed(&sqlite), [PlaceNews::WaitedOut]);
}

#[test]
fn who_confirms_first_is_first_in_line_though_nobody_has_heard_of_either() {
    let sqlite = asked();
    for (name, at) in [("john", 7), ("ann", 5)] {
        taken(&sqlite, &sign_up("a", name.as_bytes()), NOW_MS);
        assert!(confirm(&sqlite, &format!("{name} of a"), NOW_MS + at).is_some());
    }
    assert!(confirm(&sqlite, JANE, NOW_MS + 4).is_some());
    let line = |most| {
        let places = Outreach::new(&sqlite).place_news(most).unwrap();
        places.into_iter().map(|place| place.subscriber).collect::<Vec<_>>()
    };
    assert_eq!(line(9), [JANE, "ann of a", "john of a"]);
    assert_eq!(line(2), [JANE, "ann of a"]);
}

#[test]
fn what_there_is_for_a_place_is_told_once_and_ends_its_sign_up() {
    let sqlite = confirmed();
    heard(&sqlite);
    let store = Outreach::new(&sqlite);
    for _ in 0..2 {
        store.tell_place(&TOLD, NOW_MS + 9).unwrap();
    }
    let messages =
        "SELECT id, kind, subscriber, CAST(hash AS TEXT), lang, payload, state FROM messages";
    assert_eq!(sqlite.rows(messages), [format!("the message|claim|{JANE}|jane|en|{{}}|waiting")]);
    assert_eq!(sqlite.rows(SIGN_UPS), [""; 0]);
    assert_eq!(changed(&sqlite), []);
    // Whoever presses the button once more hears the same, and nothing begins anew.
    assert!(confirm(&sqlite, JANE, NOW_MS + 10).is_some());
    assert_eq!((sqlite.rows(SIGN_UPS), changed(&sqlite)), (vec![], vec![]));
    // Sent, and heard once more: it is not sent again.
    store.sent("the message").unwrap();
    store.tell_place(&TOLD, NOW_MS + 9).unwrap();
    assert_eq!(sqlite.rows(messages), [""; 0]);
    store.sweep(LIMITS.window_ms, NOW_MS + 50, 9).unwrap();
    assert_eq!(sqlite.rows("SELECT * FROM places"), [""; 0]);
}

#[test]
fn a_place_that_has_ended_here_is_left_there_and_nothing_is_sent() {
    let sqlite = confirmed();
    heard(&sqlite);
    Outreach::new(&sqlite).end(JANE, NOW_MS + 6).unwrap();
    Outreach::new(&sqlite).tell_place(&TOLD, NOW_MS + 9).unwrap();
    assert_eq!(changed(&sqlite), [PlaceNews::Leaving]);
    assert_eq!(sqlite.rows("SELECT * FROM messages"), [""; 0]);

    // It was told, and then ended: the message goes, and what is kept goes to the next.
    let sqlite = confirmed();
    heard(&sqlite);
    Outreach::new(&sqlite).tell_place(&TOLD, NOW_MS + 9).unwrap();
    Outreach::new(&sqlite).end(JANE, NOW_MS + 10).unwrap();
    assert_eq!(changed(&sqlite), [PlaceNews::Leaving]);
    assert_eq!(sqlite.rows("SELECT * FROM messages"), [""; 0]);

    // One that was never here.
    let sqlite = empty();
    Outreach::new(&sqlite).tell_place(&TOLD, NOW_MS).unwrap();
    assert_eq!(changed(&sqlite), [PlaceNews::Leaving]);
}

#[test]
fn a_place_whose_write_fails_is_as_it_was() {
    fail_each_write_to(confirmed, |sqlite| Outreach::new(sqlite).tell_place(&TOLD, NOW_MS + 9));
    fail_each_write_to(confirmed, |sqlite| Outreach::new(sqlite).end(JANE, NOW_MS + 9));
}
