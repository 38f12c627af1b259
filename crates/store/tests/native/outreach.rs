//! Sign-ups: who asked to be told about a SKU. And where to write to about an order.

use crate::{
    fixture::{NOW, fail_each_write_to},
    sqlite::Sqlite,
};
use store::{
    Fault,
    outreach::{
        Address, Ask, HeardOfOrder, KeptContact, Limits, OrderContact, Outreach, SignUp, Taken,
    },
};

pub(crate) const NOW_MS: i64 = NOW.now;

pub(crate) const LIMITS: Limits = Limits {
    per_network: 3,
    in_all: 5,
    window_ms: 1_000,
    kept: 7,
    lifetime_ms: 9_000,
    ask_gap_ms: 2_000,
    asks_per_day: 3,
};

/// One that stands for all its kind, under the secret's version 2. Its ids say whose it is.
pub(crate) fn sign_up<'a>(sku: &'a str, hash: &'a [u8]) -> SignUp<'a> {
    SignUp {
        sku,
        address: Address { key: 2, sealed: b"sealed", hash, earlier: &[] },
        quantity: 1,
        lang: "en",
        consent_text: 1,
        marketing: false,
        network: b"home",
        subscriber: leak(format!("{} of {sku}", hash.escape_ascii())),
        ask: Ask { id: leak(format!("ask {} of {sku}", hash.escape_ascii())), payload: "{}" },
    }
}

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

pub(crate) fn empty() -> Sqlite {
    let sqlite = Sqlite::new("");
    Outreach::new(&sqlite).migrate(NOW_MS).unwrap();
    sqlite
}

pub(crate) fn taken(sqlite: &Sqlite, sign_up: &SignUp<'_>, now: i64) -> Taken {
    Outreach::new(sqlite).sign_up(sign_up, LIMITS, now).unwrap()
}

const ROWS: &str = "SELECT id, sku, quantity, lang, marketing, made_at FROM sign_ups ORDER BY id";

#[test]
fn a_sign_up_is_kept_as_it_was_made_and_unconfirmed() {
    let sqlite = empty();
    let wish = SignUp {
        quantity: 12,
        lang: "de",
        consent_text: 3,
        marketing: true,
        ..sign_up("mug/red 🎁", b"hash")
    };
    assert_eq!(taken(&sqlite, &wish, NOW_MS), Taken::Yes);
    let rows = sqlite.rows(
        "SELECT hex(hash), sku, key, hex(address), quantity, lang, consent_text,
            consented_at - made_at, marketing, state, expires_at - made_at FROM sign_ups",
    );
    let sealed = "7365616C6564";
    assert_eq!(rows, [format!("68617368|mug/red 🎁|2|{sealed}|12|de|3|0|1|unconfirmed|9000")]);
}

#[test]
fn the_same_again_replaces_what_was_and_keeps_its_place() {
    let sqlite = empty();
    taken(&sqlite, &sign_up("a", b"jane"), NOW_MS);
    taken(&sqlite, &sign_up("a", b"john"), NOW_MS + 1);
    let again = SignUp { quantity: 4, lang: "fr", ..sign_up("a", b"jane") };
    assert_eq!(taken(&sqlite, &again, NOW_MS + 2_000), Taken::Yes);
    taken(&sqlite, &sign_up("b", b"jane"), NOW_MS + 2_001);
    let at = |ms: i64| NOW_MS + ms;
    let (jane, john) = (format!("1|a|4|fr|0|{}", at(0)), format!("2|a|1|en|0|{}", at(1)));
    let other = format!("3|b|1|en|0|{}", at(2_001));
    assert_eq!(sqlite.rows(ROWS), [jane, john, other]);
    let renewed = sqlite.rows("SELECT consented_at, expires_at FROM sign_ups WHERE id = 1");
    assert_eq!(renewed, [format!("{}|{}", at(2_000), at(9_000))], "and it goes no later");
}

#[test]
fn nobody_confirms_what_another_agreed_to_since_they_were_asked() {
    for (agreed, then, stands) in
        [(true, true, 1), (true, false, 0), (false, true, 0), (false, false, 0)]
    {
        let sqlite = empty();
        let with = |marketing| SignUp { marketing, ..sign_up("a", b"jane") };
        for (marketing, at) in [(agreed, 0), (then, 1), (true, 5_000)] {
            assert_eq!(taken(&sqlite, &with(marketing), NOW_MS + at), Taken::Yes);
        }
        let kept = sqlite.rows("SELECT marketing FROM sign_ups");
        assert_eq!(kept, [stands.to_string()], "{agreed}, {then}");
    }
}

#[test]
fn an_address_that_is_known_counts_as_much() {
    let sqlite = empty();
    let counts = |sign_up: &SignUp<'_>, now| {
        let before = sqlite.rows("SELECT SUM(taken) FROM takings");
        assert_eq!(taken(&sqlite, sign_up, now), Taken::Yes);
        (before, sqlite.rows("SELECT SUM(taken) FROM takings"))
    };
    let counted = |from: &str, to: &str| (vec![from.to_owned()], vec![to.to_owned()]);
    assert_eq!(counts(&sign_up("a", b"jane"), NOW_MS), counted("", "2"));
    assert_eq!(counts(&sign_up("a", b"jane"), NOW_MS), counted("2", "4"));
    assert_eq!(counts(&sign_up("a", b"john"), NOW_MS), counted("4", "6"));
}

#[test]
fn an_address_is_found_under_the_secrets_earlier_versions() {
    let sqlite = empty();
    let old = |hash| Address { key: 1, sealed: b"old", hash, earlier: &[] };
    taken(&sqlite, &SignUp { address: old(b"jane 1"), ..sign_up("a", b"") }, NOW_MS);
    taken(&sqlite, &SignUp { address: old(b"jane 1"), ..sign_up("b", b"") }, NOW_MS);
    let earlier = [b"jane 0".to_vec(), b"jane 1".to_vec()];
    let address = Address { key: 2, sealed: b"new", hash: b"jane 2", earlier: &earlier };
    taken(&sqlite, &SignUp { address, quantity: 5, ..sign_up("a", b"") }, NOW_MS + 7);
    let rows = sqlite.rows(
        "SELECT id, sku, key, CAST(hash AS TEXT), CAST(address AS TEXT), quantity, made_at
         FROM sign_ups ORDER BY id",
    );
    let kept = format!("2|b|1|jane 1|old|1|{NOW_MS}");
    assert_eq!(rows, [format!("1|a|2|jane 2|new|5|{NOW_MS}"), kept]);
}

#[test]
fn a_network_signs_up_so_often_in_a_while() {
    let sqlite = empty();
    let from = |network, now| {
        // The same address each time: what is counted is not what is kept.
        taken(&sqlite, &SignUp { network, ..sign_up("a", b"jane") }, now)
    };
    for ms in [0, 400, 999] {
        assert_eq!(from(b"home", NOW_MS + ms), Taken::Yes);
    }
    let before = sqlite.state(&[]);
    let later = Taken::NotBefore(NOW_MS + 1_000);
    assert_eq!(from(b"home", NOW_MS + 999), later);
    assert_eq!(sqlite.state(&[]), before);
    assert_eq!(from(b"work", NOW_MS + 999), Taken::Yes);
    assert_eq!(from(b"home", NOW_MS + 1_000), Taken::Yes);
}

#[test]
fn a_clock_that_goes_back_shuts_nobody_out() {
    let sqlite = empty();
    let jane = sign_up("a", b"jane");
    for _ in 0..3 {
        taken(&sqlite, &jane, NOW_MS);
    }
    assert_eq!(taken(&sqlite, &jane, NOW_MS), Taken::NotBefore(NOW_MS + 1_000));
    assert_eq!(taken(&sqlite, &jane, NOW_MS - 300_000), Taken::Yes);
}

#[test]
fn a_shop_takes_so_many_in_a_while_and_keeps_so_many() {
    let sqlite = empty();
    let network = |at: i64| format!("network {at}").into_bytes();
    let hash = |at: i64| format!("person {at}").into_bytes();
    let store = Outreach::new(&sqlite);
    let take = |at: i64, now| {
        let (network, hash) = (network(at), hash(at));
        let wish = SignUp { network: &network, ..sign_up("a", &hash) };
        store.sign_up(&wish, LIMITS, now).unwrap()
    };
    for at in 0..5 {
        assert_eq!(take(at, NOW_MS + at), Taken::Yes);
    }
    assert_eq!(take(5, NOW_MS + 9), Taken::NotBefore(NOW_MS + 1_000));
    for at in 5..7 {
        assert_eq!(take(at, NOW_MS + 1_000), Taken::Yes);
    }
    // Seven are kept: there is room when the first of them goes, for those who are known, too.
    let until = Taken::NotBefore(NOW_MS + LIMITS.lifetime_ms);
    assert_eq!(take(7, NOW_MS + 2_000), until);
    assert_eq!(take(3, NOW_MS + 2_000), until);
    // Also for one who has just woken, and counts.
    assert_eq!(taken(&sqlite, &sign_up("a", b"jane"), NOW_MS + 2_000), until);
    let now = NOW_MS + LIMITS.lifetime_ms;
    store.sweep(LIMITS.window_ms, now, 9).unwrap();
    assert_eq!(take(7, now), Taken::Yes);
    assert_eq!(sqlite.rows("SELECT COUNT(*) FROM sign_ups"), ["7"]);
}

#[test]
fn what_is_replaced_takes_no_room() {
    let sqlite = empty();
    let store = Outreach::new(&sqlite);
    for at in 0..20 {
        let now = NOW_MS + at * LIMITS.window_ms;
        let taken = store.sign_up(&sign_up("a", b"jane"), LIMITS, now);
        assert_eq!(taken, Ok(Taken::Yes), "the {at}th");
    }
}

#[test]
fn what_nobody_confirms_goes_when_its_time_is_over() {
    let sqlite = empty();
    let store = Outreach::new(&sqlite);
    assert_eq!(store.next_due(LIMITS.window_ms), Ok(None));
    for (at, hash) in [b"a", b"b", b"c"].into_iter().enumerate() {
        let now = NOW_MS + at as i64;
        store.sign_up(&sign_up("a", hash), LIMITS, now).unwrap();
    }
    let sweep = |now, most| store.sweep(LIMITS.window_ms, now, most).unwrap();
    let left = || sqlite.rows("SELECT COUNT(*) FROM sign_ups");
    assert_eq!(store.next_due(LIMITS.window_ms), Ok(Some(NOW_MS + 1_000)));
    sweep(NOW_MS + 1_000, 9);
    assert_eq!(sqlite.rows("SELECT COUNT(*) FROM takings"), ["0"]);
    assert_eq!(store.next_due(LIMITS.window_ms), Ok(Some(NOW_MS + 9_000)));
    sweep(NOW_MS + 8_999, 9);
    assert_eq!(left(), ["3"]);
    sweep(NOW_MS + 9_001, 1);
    assert_eq!(left(), ["2"], "no more than it may at a time");
    sweep(NOW_MS + 9_001, 9);
    assert_eq!(left(), ["1"]);
    assert_eq!(store.next_due(LIMITS.window_ms), Ok(Some(NOW_MS + 9_002)));
}

#[test]
fn a_sign_up_that_fails_leaves_nothing() {
    let known = || {
        let sqlite = empty();
        taken(&sqlite, &sign_up("a", b"jane"), NOW_MS);
        sqlite
    };
    for make in [&empty as &dyn Fn() -> Sqlite, &known] {
        fail_each_write_to(make, |sqlite| {
            let wish = SignUp { quantity: 9, ..sign_up("a", b"jane") };
            Outreach::new(sqlite).sign_up(&wish, LIMITS, NOW_MS + 5)
        });
    }
    fail_each_write_to(known, |sqlite| {
        Outreach::new(sqlite).sweep(LIMITS.window_ms, NOW_MS + 9_000, 9)
    });
}

#[test]
fn what_a_later_build_wrote_is_left_alone() {
    let sqlite = empty();
    sqlite.rows("INSERT INTO _migrations VALUES (99, '0099_later', 1) RETURNING id");
    let before = sqlite.state(&[]);
    assert_eq!(Outreach::new(&sqlite).migrate(NOW_MS), Err(Fault::NewerSchema(99)));
    assert_eq!(sqlite.state(&[]), before);
}

/// As an object has it that sleeps since.
#[test]
fn what_version_1_holds_is_read_and_goes_on() {
    let sqlite = Sqlite::new(include_str!("../stored/outreach_0001.sql"));
    let schema = |sqlite: &Sqlite| sqlite.rows("SELECT name, sql FROM sqlite_master ORDER BY name");
    let store = Outreach::new(&sqlite);
    store.migrate(NOW_MS).unwrap();
    assert_eq!(schema(&sqlite), schema(&empty()));
    assert_eq!(store.next_due(LIMITS.window_ms), Ok(Some(NOW_MS + LIMITS.window_ms)));
    // Nothing was ever sent to them, and no link names them.
    assert_eq!(sqlite.rows("SELECT DISTINCT subscriber, asked_at FROM sign_ups"), ["|"]);
    let jane = sign_up("a", b"jane 2");
    let address = Address { earlier: &[b"jane 1".to_vec()], ..jane.address };
    let jane = SignUp { address, quantity: 3, ..jane };
    assert_eq!(taken(&sqlite, &jane, NOW_MS), Taken::NotBefore(NOW_MS + LIMITS.window_ms));
    assert_eq!(taken(&sqlite, &jane, NOW_MS + LIMITS.window_ms), Taken::Yes);
    let kept = format!("1|a|3|en|0|{NOW_MS}");
    assert_eq!(sqlite.rows(ROWS), [kept, format!("2|🎁 a/b|1|en-US|1|{}", NOW_MS + 5)]);
    assert_eq!(sqlite.rows("SELECT subscriber FROM messages"), ["jane 2 of a"]);
}

/// The same of the version that sends.
#[test]
fn what_version_3_holds_is_read_and_goes_on() {
    let sqlite = Sqlite::new(include_str!("../stored/outreach_0003.sql"));
    let schema = |sqlite: &Sqlite| sqlite.rows("SELECT name, sql FROM sqlite_master ORDER BY name");
    let store = Outreach::new(&sqlite);
    store.migrate(NOW_MS).unwrap();
    assert_eq!(schema(&sqlite), schema(&empty()));
    let ids = ["one", "two", "three", "four"].map(str::to_owned);
    let leased = store.lease(&ids, NOW_MS + 900, NOW_MS + 100).unwrap();
    let leased: Vec<_> = leased.iter().map(|it| (it.id.as_str(), it.attempt)).collect();
    // The others wait, are leased, or are dead.
    assert_eq!(leased, [("two", 1)]);
    let dead = store.dead_after("").unwrap();
    assert_eq!(
        dead.iter().map(|it| (&*it.id, &*it.error)).collect::<Vec<_>>(),
        [("four", "http_500")]
    );
    assert_eq!(store.wanted("s 2").unwrap().unwrap().lang, "de");
    store.end("s 2", NOW_MS + 7).unwrap();
    assert_eq!(sqlite.rows("SELECT ended_at FROM proofs"), [(NOW_MS + 7).to_string()]);
    assert_eq!(sqlite.rows("SELECT hex(hash), reason FROM suppressed"), ["6A6F686E|bounced"]);
}

#[test]
fn what_version_4_holds_is_read_and_goes_on() {
    let sqlite = Sqlite::new(include_str!("../stored/outreach_0004.sql"));
    let schema = |sqlite: &Sqlite| sqlite.rows("SELECT name, sql FROM sqlite_master ORDER BY name");
    let store = Outreach::new(&sqlite);
    store.migrate(NOW_MS).unwrap();
    assert_eq!(schema(&sqlite), schema(&empty()));
    let subject = store.export(&[b"jane".to_vec()]).unwrap();
    let messages: Vec<_> = subject.messages.iter().map(|it| (&*it.id, &*it.kind)).collect();
    assert_eq!(messages, [("ask jane of a", "confirm"), ("jars.c", "back")]);
    assert_eq!((subject.sign_ups.len(), subject.consents.len()), (2, 2));
    // A message that was told by the build before goes as it is.
    let again = NOW_MS + 900;
    assert_eq!(store.hand_over(9, again, NOW_MS + 100, 9).unwrap().len(), 2);
    let leased = store.lease(&["jars.c".to_owned()], again, NOW_MS + 100).unwrap();
    let leased: Vec<_> = leased.iter().map(|it| (&*it.id, &*it.kind)).collect();
    assert_eq!(leased, [("jars.c", "back")]);
    store.sent("jars.c").unwrap();
    // An order's contact has heard nothing yet.
    let heard = store.heard_of("order 1", NOW_MS).unwrap();
    assert_eq!(heard, Some(HeardOfOrder { version: 0, waiting: None }));
    store.end("jane of b", NOW_MS + 7).unwrap();
    let news = store.place_news(9).unwrap();
    assert_eq!(news.iter().map(|it| &*it.subscriber).collect::<Vec<_>>(), ["jane of b"]);
}

fn contact<'a>(order: &'a str, hash: &'a [u8]) -> OrderContact<'a> {
    let address = Address { key: 2, sealed: b"sealed", hash, earlier: &[] };
    OrderContact { order, address, lang: "de", expires_at: NOW_MS + 100 }
}

#[test]
fn where_to_write_about_an_order_is_kept_once_and_forgotten_in_time() {
    let sqlite = empty();
    let store = Outreach::new(&sqlite);
    assert_eq!(store.keep_contact(&contact("🎁/1", b"new"), NOW_MS), Ok(true));
    assert_eq!(store.keep_contact(&contact("🎁/1", b"new"), NOW_MS + 1), Ok(true));
    assert_eq!(store.keep_contact(&contact("🎁/1", b"other"), NOW_MS), Ok(false));
    // The same address, under a version that came since.
    let mut rotated = contact("🎁/1", b"newer");
    let earlier = [b"new".to_vec()];
    rotated.address.earlier = &earlier;
    assert_eq!(store.keep_contact(&rotated, NOW_MS), Ok(true));
    let kept = KeptContact { key: 2, sealed: b"sealed".to_vec(), lang: "de".to_owned() };
    assert_eq!(store.contact("🎁/1", NOW_MS + 99), Ok(Some(kept)));
    assert_eq!(store.contact("🎁/1", NOW_MS + 100), Ok(None));
    assert_eq!(store.contact("2", NOW_MS), Ok(None));
    assert_eq!(
        sqlite.rows("SELECT order_id, CAST(hash AS TEXT), kept_at FROM order_contacts"),
        [format!("🎁/1|new|{NOW_MS}")]
    );
    assert_eq!(store.next_due(LIMITS.window_ms), Ok(Some(NOW_MS + 100)));
    store.sweep(LIMITS.window_ms, NOW_MS + 99, 10).unwrap();
    assert_eq!(sqlite.rows("SELECT COUNT(*) FROM order_contacts"), ["1"]);
    store.sweep(LIMITS.window_ms, NOW_MS + 100, 10).unwrap();
    assert_eq!(sqlite.rows("SELECT COUNT(*) FROM order_contacts"), ["0"]);
    assert_eq!(store.next_due(LIMITS.window_ms), Ok(None));
}
