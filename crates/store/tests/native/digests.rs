//! Messages that something is back, of several SKUs to one address: they go together, each once.

use crate::{
    fixture::fail_each_write_to,
    outreach::{LIMITS, NOW_MS, empty, sign_up},
    sqlite::Sqlite,
};
use store::{
    messages::{Failed, Leased},
    outreach::{Limits, Outreach, SignUp, Taken},
    waits::ForPlace,
};

const WAIT: i64 = 60;
const LEASE: i64 = 100;
const LATER: i64 = NOW_MS + WAIT;

fn store(sqlite: &Sqlite) -> Outreach<&Sqlite> {
    Outreach::new(sqlite)
}

/// They wait for this SKU, and hear so many milliseconds after the first that it is back.
fn back(sqlite: &Sqlite, sku: &str, hash: &[u8], ms: i64) {
    tell(sqlite, &sign_up(sku, hash), "back", NOW_MS + ms);
}

fn tell(sqlite: &Sqlite, sign_up: &SignUp<'_>, kind: &str, at: i64) {
    let limits = Limits { in_all: 99, kept: 99, per_network: 99, ..LIMITS };
    assert_eq!(store(sqlite).sign_up(sign_up, limits, at), Ok(Taken::Yes));
    store(sqlite).confirm("jars", sign_up.subscriber, 9_000, 0, at).unwrap().unwrap();
    let told = ForPlace {
        subscriber: sign_up.subscriber,
        shop: "jars",
        id: &format!("{} {}", sign_up.sku, sign_up.address.hash.escape_ascii()),
        kind,
        payload: &format!("\"{}\"", sign_up.sku),
        expires_at: at + 5_000,
        due: if kind == "back" { at + WAIT } else { at },
    };
    store(sqlite).tell_place(&told, at).unwrap();
}

/// Three SKUs are back for Jane, one after the other.
fn three() -> Sqlite {
    let sqlite = empty();
    back(&sqlite, "a", b"jane", 0);
    back(&sqlite, "b", b"jane", 5);
    back(&sqlite, "c", b"jane", 50);
    sqlite
}

fn hand_over(sqlite: &Sqlite, now: i64) -> Vec<String> {
    let mut handed = store(sqlite).hand_over(3, now + 500, now, 9).unwrap();
    handed.sort();
    handed
}

fn lease(sqlite: &Sqlite, ids: &[&str], now: i64) -> Vec<Leased> {
    let ids: Vec<_> = ids.iter().map(|id| (*id).to_owned()).collect();
    store(sqlite).lease(&ids, now + LEASE, now).unwrap()
}

/// Id, kind and payload of each.
fn said(leased: &[Leased]) -> Vec<(&str, &str, &str)> {
    leased.iter().map(|one| (&*one.id, &*one.kind, &*one.payload)).collect()
}

fn left(sqlite: &Sqlite) -> Vec<String> {
    sqlite.rows("SELECT id, state, attempts FROM messages ORDER BY id")
}

#[test]
fn those_to_one_address_go_as_one_mail_and_each_once() {
    let sqlite = three();
    assert_eq!(hand_over(&sqlite, LATER - 1), [""; 0], "it waits for more");
    assert_eq!(hand_over(&sqlite, LATER), ["a jane"]);
    let leased = lease(&sqlite, &["a jane"], LATER);
    assert_eq!(said(&leased), [("a jane", "digest", r#"["a","b","c"]"#)]);
    assert_eq!(leased[0].subscriber.as_deref(), Some("jane of a"));
    // The others are not due besides.
    assert_eq!(hand_over(&sqlite, LATER + LEASE - 1), [""; 0]);
    assert_eq!(lease(&sqlite, &["b jane", "c jane"], LATER + LEASE - 1), []);
    store(&sqlite).sent("a jane").unwrap();
    assert_eq!(left(&sqlite), [""; 0]);
}

#[test]
fn it_is_the_same_mail_at_each_try_whoever_of_them_is_leased() {
    let sqlite = three();
    assert_eq!(hand_over(&sqlite, LATER + 10), ["a jane", "b jane"]);
    let leased = lease(&sqlite, &["b jane", "a jane"], LATER + 10);
    assert_eq!(said(&leased), [("b jane", "digest", r#"["a","b","c"]"#)], "one lease is enough");
    // What comes now goes by itself.
    back(&sqlite, "d", b"jane", WAIT + 11);
    store(&sqlite).failed("b jane", 1, Failed::Again(LATER + 500), "timeout", NOW_MS).unwrap();
    assert_eq!(hand_over(&sqlite, LATER + 300), ["d jane"]);
    assert_eq!(said(&lease(&sqlite, &["d jane"], LATER + 300)), [("d jane", "back", "\"d\"")]);
    store(&sqlite).sent("d jane").unwrap();
    let again = hand_over(&sqlite, LATER + 500);
    assert_eq!(again, ["a jane", "b jane", "c jane"]);
    let leased = lease(&sqlite, &["c jane", "b jane", "a jane"], LATER + 500);
    assert_eq!(said(&leased), [("b jane", "digest", r#"["a","b","c"]"#)]);
    assert_eq!(leased[0].attempt, 2);
    // The first lease is heard of after all.
    store(&sqlite).sent("b jane").unwrap();
    assert_eq!(left(&sqlite), [""; 0]);
}

#[test]
fn what_may_not_go_yet_waits_as_a_whole_and_that_was_no_try() {
    let sqlite = three();
    for wait in 0..5 {
        let now = LATER + 200 * wait;
        hand_over(&sqlite, now);
        let leased = lease(&sqlite, &["a jane"], now);
        assert_eq!(said(&leased), [("a jane", "digest", r#"["a","b","c"]"#)]);
        assert_eq!(leased[0].attempt, 1);
        store(&sqlite).put_off("a jane", 1, now + 200, "catalogue").unwrap();
        assert_eq!(left(&sqlite), ["a jane|waiting|0", "b jane|waiting|0", "c jane|waiting|0"]);
    }
    let last = LATER + 1_000;
    assert_eq!(hand_over(&sqlite, last), ["a jane", "b jane", "c jane"]);
    let leased = lease(&sqlite, &["b jane"], last);
    assert_eq!(said(&leased), [("a jane", "digest", r#"["a","b","c"]"#)]);
}

#[test]
fn a_lease_of_which_nothing_is_heard_loses_none_of_them() {
    let sqlite = three();
    hand_over(&sqlite, LATER);
    lease(&sqlite, &["a jane"], LATER);
    let end = LATER + LEASE;
    assert_eq!(hand_over(&sqlite, end), ["a jane", "b jane", "c jane"]);
    let leased = lease(&sqlite, &["c jane"], end);
    assert_eq!(said(&leased), [("a jane", "digest", r#"["a","b","c"]"#)]);
    store(&sqlite).failed("a jane", 2, Failed::ForGood, "refused", NOW_MS).unwrap();
    assert_eq!(left(&sqlite), ["a jane|dead|2", "b jane|dead|2", "c jane|dead|2"]);
    // Whichever of them is retried, they go together again.
    assert_eq!(store(&sqlite).retry("b jane", end + 9), Ok(true));
    back(&sqlite, "d", b"jane", LEASE + 9);
    let handed = hand_over(&sqlite, end + 9 + WAIT);
    assert_eq!(handed, ["a jane", "b jane", "c jane", "d jane"]);
    // Another has nothing to do with what may have been sent.
    let leased = lease(&sqlite, &["d jane"], end + 9);
    assert_eq!(said(&leased), [("d jane", "back", "\"d\"")]);
    let leased = lease(&sqlite, &["b jane", "c jane", "a jane"], end + 9);
    assert_eq!(said(&leased), [("a jane", "digest", r#"["a","b","c"]"#)]);
}

#[test]
fn one_that_ends_goes_out_of_it_and_takes_no_other_with_it() {
    let sqlite = three();
    store(&sqlite).end("jane of b", NOW_MS + 55).unwrap();
    hand_over(&sqlite, LATER);
    let leased = lease(&sqlite, &["a jane"], LATER);
    assert_eq!(said(&leased), [("a jane", "digest", r#"["a","c"]"#)]);
    store(&sqlite).failed("a jane", 1, Failed::Again(LATER + 50), "timeout", NOW_MS).unwrap();
    // Now the one by which the provider may know it: it is the same mail.
    store(&sqlite).end("jane of a", LATER + 10).unwrap();
    assert_eq!(hand_over(&sqlite, LATER + 50), ["c jane"]);
    let leased = lease(&sqlite, &["c jane"], LATER + 50);
    assert_eq!(said(&leased), [("a jane", "back", "\"c\"")]);
    store(&sqlite).sent("a jane").unwrap();
    assert_eq!(left(&sqlite), [""; 0]);
}

#[test]
fn claims_other_people_and_other_languages_go_by_themselves() {
    let sqlite = empty();
    back(&sqlite, "a", b"jane", 0);
    back(&sqlite, "a", b"joe", 0);
    tell(&sqlite, &SignUp { lang: "de", ..sign_up("b", b"jane") }, "back", NOW_MS);
    tell(&sqlite, &sign_up("c", b"jane"), "claim", NOW_MS);
    assert_eq!(hand_over(&sqlite, NOW_MS), ["c jane"], "her time runs");
    hand_over(&sqlite, LATER);
    let leased = lease(&sqlite, &["a jane", "a joe", "b jane", "c jane"], LATER);
    let said = said(&leased);
    assert_eq!(
        said,
        [
            ("a jane", "back", "\"a\""),
            ("a joe", "back", "\"a\""),
            ("b jane", "back", "\"b\""),
            ("c jane", "claim", "\"c\""),
        ]
    );
}

#[test]
fn what_comes_too_late_goes_along_with_nobody() {
    let sqlite = three();
    // The first's time is over, and nobody has looked.
    let late = NOW_MS + 5_002;
    assert_eq!(hand_over(&sqlite, late), ["a jane", "b jane", "c jane"]);
    let leased = lease(&sqlite, &["b jane"], late);
    assert_eq!(said(&leased), [("b jane", "digest", r#"["b","c"]"#)]);
    assert_eq!(lease(&sqlite, &["a jane"], late), []);
    assert_eq!(left(&sqlite), ["a jane|handed|0", "b jane|leased|1", "c jane|leased|1"]);
    store(&sqlite).sent("b jane").unwrap();
    store(&sqlite).sweep(LIMITS.window_ms, late + 500, 9).unwrap();
    assert_eq!(left(&sqlite), ["a jane|dead|0"], "the merchant sees that it came to nothing");
}

#[test]
fn more_than_anybody_reads_make_another_mail() {
    let sqlite = empty();
    let skus: Vec<String> = (0..22).map(|n| format!("{n:02}")).collect();
    for sku in &skus {
        back(&sqlite, sku, b"jane", 0);
    }
    let ids = store(&sqlite).hand_over(3, LATER + 500, LATER, 99).unwrap();
    let leased = store(&sqlite).lease(&ids, LATER + LEASE, LATER).unwrap();
    let counts: Vec<_> = leased.iter().map(|one| one.payload.matches(',').count() + 1).collect();
    assert_eq!(counts, [20, 2]);
}

#[test]
fn a_lease_of_several_stands_whole_or_not_at_all() {
    let handed = || {
        let sqlite = three();
        hand_over(&sqlite, LATER);
        sqlite
    };
    let ids = ["a jane".to_owned()];
    fail_each_write_to(handed, |sqlite| store(sqlite).lease(&ids, LATER + LEASE, LATER));
}
