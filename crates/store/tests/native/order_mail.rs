//! What is said of an order to whoever has it: once, in one mail as long as that waits.

use crate::{fixture::fail_each_write_to, outreach::*, sqlite::Sqlite};
use store::{
    messages::Failed,
    outreach::{Address, HeardOfOrder, OrderContact, OrderMail, Outreach},
};

const DUE: i64 = NOW_MS + 60;

fn store(sqlite: &Sqlite) -> Outreach<&Sqlite> {
    Outreach::new(sqlite)
}

/// Jane has ordered, and left her address.
fn ordered() -> Sqlite {
    let sqlite = empty();
    let address = Address { key: 2, sealed: b"sealed", hash: b"jane", earlier: &[] };
    let expires_at = NOW_MS + 1_000;
    let contact = OrderContact { order: "hers", address, lang: "de", expires_at };
    assert_eq!(store(&sqlite).keep_contact(&contact, NOW_MS), Ok(true));
    sqlite
}

fn mail<'a>(version: i64, payload: Option<&'a str>) -> OrderMail<'a> {
    let id = ["one", "two", "three", "four"][usize::try_from(version).unwrap() - 1];
    OrderMail { order: "hers", version, id, payload, due: DUE }
}

fn tell(sqlite: &Sqlite, version: i64, payload: Option<&str>, now: i64) {
    store(sqlite).tell_order(&mail(version, payload), now).unwrap();
}

fn heard(sqlite: &Sqlite, now: i64) -> (i64, Option<String>) {
    let HeardOfOrder { version, waiting } = store(sqlite).heard_of("hers", now).unwrap().unwrap();
    (version, waiting)
}

fn messages(sqlite: &Sqlite) -> Vec<String> {
    sqlite.rows("SELECT id, payload, due, state FROM messages ORDER BY id")
}

#[test]
fn a_message_waits_for_more_to_say_and_says_the_last_of_it() {
    let sqlite = ordered();
    assert_eq!(heard(&sqlite, NOW_MS), (0, None));
    tell(&sqlite, 1, Some("[1]"), NOW_MS);
    assert_eq!(heard(&sqlite, NOW_MS), (1, Some("[1]".to_owned())));
    tell(&sqlite, 2, Some("[1,2]"), NOW_MS + 9);
    assert_eq!(heard(&sqlite, NOW_MS), (2, Some("[1,2]".to_owned())));
    assert_eq!(messages(&sqlite), [format!("one|[1,2]|{DUE}|waiting")]);
    assert_eq!(
        sqlite.rows(
            "SELECT kind, subscriber IS NULL, key, CAST(hash AS TEXT), CAST(address AS TEXT), lang,
                expires_at FROM messages"
        ),
        [format!("order|1|2|jane|sealed|de|{}", NOW_MS + 1_000)]
    );
    // It has all moved back.
    tell(&sqlite, 3, None, NOW_MS + 9);
    assert_eq!((heard(&sqlite, NOW_MS), messages(&sqlite)), ((3, None), vec![]));
    tell(&sqlite, 4, Some("[4]"), NOW_MS + 9);
    assert_eq!(messages(&sqlite), [format!("four|[4]|{DUE}|waiting")]);
}

#[test]
fn the_last_word_does_not_come_before_another() {
    // What is being sent now says what it said. What was tried in vain may have been sent, so that
    // another mail takes its place: it would come after that.
    for (nth, waits, said) in [
        (0, true, &["one|[2]"][..]),
        (1, true, &["one|[2]"]),
        (2, false, &["one|[1]", "two|[2]"]),
        (3, true, &["two|[2]"]),
        (4, true, &["two|[2]"]),
        (5, true, &["two|[2]"]),
    ] {
        let sqlite = ordered();
        tell(&sqlite, 1, Some("[1]"), NOW_MS);
        // Due, handed over, leased, tried in vain, dead, retried.
        if nth > 0 {
            assert_eq!(store(&sqlite).hand_over(3, DUE + 500, DUE, 9).unwrap(), ["one"]);
        }
        if nth > 1 {
            let leased = store(&sqlite).lease(&["one".to_owned()], DUE + 100, DUE).unwrap();
            assert_eq!((&*leased[0].kind, leased[0].subscriber.as_ref()), ("order", None));
        }
        if nth > 2 {
            let failed = if nth > 3 { Failed::ForGood } else { Failed::Again(DUE + 500) };
            store(&sqlite).failed("one", 1, failed, "timeout", DUE).unwrap();
        }
        if nth > 4 {
            assert_eq!(store(&sqlite).retry("one", DUE), Ok(true));
        }
        assert_eq!(heard(&sqlite, DUE), (1, waits.then(|| "[1]".to_owned())), "{nth}");
        tell(&sqlite, 2, Some("[2]"), DUE);
        let left = sqlite.rows("SELECT id, payload FROM messages ORDER BY id");
        assert_eq!(left, said, "{nth}");
        tell(&sqlite, 3, None, DUE);
        assert_eq!(messages(&sqlite).len(), usize::from(!waits), "{nth}");
    }
}

#[test]
fn of_an_order_without_a_contact_nothing_stays() {
    let sqlite = empty();
    let before = sqlite.state(&[]);
    assert_eq!(store(&sqlite).heard_of("hers", NOW_MS), Ok(None));
    tell(&sqlite, 1, Some("[1]"), NOW_MS);
    assert_eq!(sqlite.state(&[]), before);
    // Nor of one whose contact has had its time.
    let sqlite = ordered();
    assert_eq!(store(&sqlite).heard_of("hers", NOW_MS + 1_000), Ok(None));
    tell(&sqlite, 1, Some("[1]"), NOW_MS + 1_000);
    assert_eq!(messages(&sqlite), [""; 0]);
}

#[test]
fn what_is_said_of_an_order_stands_whole_or_not_at_all() {
    let waiting = || {
        let sqlite = ordered();
        tell(&sqlite, 1, Some("[1]"), NOW_MS);
        sqlite
    };
    fail_each_write_to(ordered, |sqlite| store(sqlite).tell_order(&mail(1, Some("[1]")), NOW_MS));
    fail_each_write_to(waiting, |sqlite| store(sqlite).tell_order(&mail(2, Some("[2]")), NOW_MS));
    fail_each_write_to(waiting, |sqlite| store(sqlite).tell_order(&mail(2, None), NOW_MS));
}
