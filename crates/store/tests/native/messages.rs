//! The outbox of messages: each is sent once, whatever is lost or doubled on the way.

use crate::{
    fixture::fail_each_write_to,
    outreach::{LIMITS, NOW_MS, empty, sign_up, taken},
    sqlite::Sqlite,
};
use store::{
    consent::Reason,
    messages::{EXPIRED, Failed, UNREPORTED},
    outreach::{Outreach, SignUp},
    waits::ForPlace,
};

const TRIES: i64 = 3;
/// When what was handed over and not heard of is due again.
const AGAIN: i64 = NOW_MS + 60;
/// How long a lease lasts.
const LEASE: i64 = 100;
const ID: &str = "ask jane of a";

fn store(sqlite: &Sqlite) -> Outreach<&Sqlite> {
    Outreach::new(sqlite)
}

/// Jane has signed up, and has to be asked.
fn asked() -> Sqlite {
    let sqlite = empty();
    taken(&sqlite, &sign_up("a", b"jane"), NOW_MS);
    sqlite
}

/// And her message is with the queue.
fn handed() -> Sqlite {
    let sqlite = asked();
    assert_eq!(hand_over(&sqlite, NOW_MS), [ID]);
    sqlite
}

fn hand_over(sqlite: &Sqlite, now: i64) -> Vec<String> {
    store(sqlite).hand_over(TRIES, now + 60, now, 9).unwrap()
}

/// Leases it at this time, and gives which of its leases that is; 0 for none.
fn lease(sqlite: &Sqlite, now: i64) -> i64 {
    let leased = store(sqlite).lease(&[ID.to_owned()], now + LEASE, now).unwrap();
    leased.first().map_or(0, |leased| leased.attempt)
}

fn state(sqlite: &Sqlite) -> Vec<String> {
    sqlite.rows("SELECT state, due, attempts, COALESCE(error, '') FROM messages")
}

#[test]
fn a_sign_up_puts_its_message_into_the_outbox_in_the_same_breath() {
    let sqlite = asked();
    let row = sqlite.rows(
        "SELECT id, kind, subscriber, key, CAST(hash AS TEXT), CAST(address AS TEXT), lang, payload,
            made_at, expires_at, state, due, attempts FROM messages",
    );
    let (at, end) = (NOW_MS, NOW_MS + LIMITS.lifetime_ms);
    let wanted = format!("{ID}|confirm|jane of a|2|jane|sealed|en|{{}}|{at}|{end}|waiting|{at}|0");
    assert_eq!(row, [wanted]);
    assert_eq!(
        sqlite.rows("SELECT subscriber, asked_at FROM sign_ups"),
        [format!("jane of a|{at}")]
    );
    assert_eq!(store(&sqlite).next_message(), Ok(Some(NOW_MS)));
}

#[test]
fn an_address_is_asked_once_in_a_while_and_for_so_many_skus() {
    let sqlite = empty();
    let asks = || sqlite.rows("SELECT id FROM messages ORDER BY id");
    let ask = |sku: &str, ms: i64| {
        let network = ms.to_string();
        let network = network.as_bytes();
        let sign_up = SignUp { network, ..sign_up(sku, b"jane") };
        let limits = store::outreach::Limits { in_all: 99, ..LIMITS };
        store(&sqlite).sign_up(&sign_up, limits, NOW_MS + ms).unwrap();
    };
    ask("a", 0);
    // It is on its way, and then it was there just now.
    ask("a", 3_000);
    assert_eq!(asks().len(), 1);
    store(&sqlite).sent(ID).unwrap();
    ask("a", 1_999);
    assert_eq!(asks(), [""; 0]);
    ask("a", 2_000);
    assert_eq!(asks(), [ID]);
    ask("b", 2_001);
    ask("c", 2_002);
    assert_eq!(asks().len(), 3);
    // Somebody signs her up for everything that there is.
    ask("d", 2_003);
    ask("e", 2_004);
    assert_eq!(asks().len(), 3);
    assert_eq!(sqlite.rows("SELECT COUNT(*) FROM sign_ups"), ["5"]);
    let day = 24 * 60 * 60 * 1_000;
    ask("e", day + 1_999);
    assert_eq!(asks().len(), 3);
    ask("e", day + 2_000);
    assert_eq!(asks().len(), 4);
}

#[test]
fn what_the_provider_has_taken_is_gone_whoever_says_so() {
    let sqlite = handed();
    assert_eq!(lease(&sqlite, NOW_MS), 1);
    let leased = NOW_MS + LEASE;
    assert_eq!(state(&sqlite), [format!("leased|{leased}|1|")]);
    // The lease has ended, somebody else has it, and the first is heard of after all.
    assert_eq!(lease(&sqlite, leased), 2);
    store(&sqlite).sent(ID).unwrap();
    assert_eq!(state(&sqlite), [""; 0]);
    store(&sqlite).failed(ID, 2, Failed::Again(leased), "timeout", NOW_MS).unwrap();
    assert_eq!((lease(&sqlite, leased), store(&sqlite).next_message()), (0, Ok(None)));
    assert_eq!(store(&sqlite).sent(ID), Ok(()));
}

#[test]
fn what_is_leased_is_leased_to_nobody_else() {
    let sqlite = handed();
    assert_eq!([lease(&sqlite, NOW_MS), lease(&sqlite, NOW_MS + LEASE - 1)], [1, 0]);
    // Nor is it handed over again before the lease ends.
    assert_eq!(hand_over(&sqlite, NOW_MS + LEASE - 1), [""; 0]);
    assert_eq!(hand_over(&sqlite, NOW_MS + LEASE), [ID]);
    assert_eq!(lease(&sqlite, NOW_MS + LEASE), 2);
}

#[test]
fn a_queue_may_lose_its_messages_and_double_them() {
    let sqlite = handed();
    assert_eq!(store(&sqlite).next_message(), Ok(Some(AGAIN)));
    assert_eq!(hand_over(&sqlite, AGAIN - 1), [""; 0]);
    assert_eq!(hand_over(&sqlite, AGAIN), [ID], "it was lost");
    assert_eq!(state(&sqlite), [format!("handed|{}|0|", AGAIN + 60)], "that is no try");
    let leased = store(&sqlite).lease(&[ID.to_owned(), ID.to_owned()], AGAIN + LEASE, AGAIN);
    assert_eq!(leased.unwrap().len(), 1);
    // One that comes from the queue while it waits for its next try is too early.
    store(&sqlite).failed(ID, 1, Failed::Again(AGAIN + 500), "timeout", NOW_MS).unwrap();
    assert_eq!(lease(&sqlite, AGAIN + 499), 0);
    assert_eq!(state(&sqlite), [format!("waiting|{}|1|timeout", AGAIN + 500)]);
    assert_eq!(hand_over(&sqlite, AGAIN + 500), [ID]);
    assert_eq!(lease(&sqlite, AGAIN + 500), 2);
}

#[test]
fn what_may_not_go_yet_waits_and_that_was_no_try() {
    let sqlite = handed();
    let end = NOW_MS + LIMITS.lifetime_ms;
    for wait in 1..=2 * TRIES {
        let now = NOW_MS + 500 * wait;
        let due = now + 500;
        hand_over(&sqlite, now);
        assert_eq!(lease(&sqlite, now), 1);
        // The word of another lease is not heard.
        store(&sqlite).put_off(ID, 2, due, "rest").unwrap();
        assert_eq!(state(&sqlite)[0].split('|').next(), Some("leased"));
        store(&sqlite).put_off(ID, 1, due, "rest").unwrap();
        assert_eq!(state(&sqlite), [format!("waiting|{due}|0|rest")]);
        // Said twice, or of what is nobody's, it is nothing more.
        store(&sqlite).put_off(ID, 1, due + 1, "rest").unwrap();
        assert_eq!(state(&sqlite), [format!("waiting|{due}|0|rest")]);
    }
    // A time at which nobody wants it any more is that at which it goes.
    let now = NOW_MS + 4_000;
    hand_over(&sqlite, now);
    assert_eq!(lease(&sqlite, now), 1);
    store(&sqlite).put_off(ID, 1, end + 1, "rest").unwrap();
    assert_eq!(state(&sqlite), [format!("waiting|{end}|0|rest")]);
    store(&sqlite).sweep(LIMITS.window_ms, end, 9).unwrap();
    assert_eq!(state(&sqlite), [""; 0]);
}

#[test]
fn a_queue_that_takes_nothing_is_asked_again() {
    let sqlite = handed();
    let ids = [ID.to_owned(), "nothing".to_owned()];
    store(&sqlite).take_back(&ids, NOW_MS + 5).unwrap();
    assert_eq!(state(&sqlite), [format!("waiting|{}|0|", NOW_MS + 5)]);
    assert_eq!(hand_over(&sqlite, NOW_MS + 5), [ID]);
    assert_eq!(lease(&sqlite, NOW_MS + 5), 1);
    // It took it after all.
    store(&sqlite).take_back(&ids, NOW_MS + 9).unwrap();
    assert_eq!(state(&sqlite), [format!("leased|{}|1|", NOW_MS + 5 + LEASE)]);
}

#[test]
fn the_word_of_a_lease_that_has_ended_counts_nothing() {
    let sqlite = handed();
    lease(&sqlite, NOW_MS);
    lease(&sqlite, NOW_MS + LEASE);
    let before = state(&sqlite);
    for failed in [Failed::Again(NOW_MS), Failed::ForGood] {
        store(&sqlite).failed(ID, 1, failed, "timeout", NOW_MS).unwrap();
        assert_eq!(state(&sqlite), before);
    }
}

#[test]
fn after_its_last_try_it_is_dead_until_somebody_retries_it() {
    let sqlite = handed();
    for nth in 1..=TRIES {
        let now = NOW_MS + nth * LEASE;
        assert_eq!(lease(&sqlite, now), nth);
        assert!(hand_over(&sqlite, now).is_empty());
    }
    let end = NOW_MS + (TRIES + 1) * LEASE;
    assert_eq!(hand_over(&sqlite, end), [""; 0], "a lease that ends unheard is a try, too");
    let gone = NOW_MS + LIMITS.lifetime_ms;
    assert_eq!(state(&sqlite), [format!("dead|{gone}|3|{UNREPORTED}")]);
    assert_eq!(lease(&sqlite, end), 0);
    let [dead] = &store(&sqlite).dead_after("").unwrap()[..] else { panic!("one is dead") };
    assert_eq!(
        (&*dead.id, &*dead.kind, dead.attempts, &*dead.error),
        (ID, "confirm", 3, UNREPORTED)
    );
    assert_eq!(store(&sqlite).dead_after(ID), Ok(vec![]));
    assert_eq!(store(&sqlite).retry("nothing", end), Ok(false));
    for _ in 0..2 {
        assert_eq!(store(&sqlite).retry(ID, end), Ok(true));
        assert_eq!(state(&sqlite), [format!("waiting|{end}|1|")]);
    }
    assert_eq!(hand_over(&sqlite, end), [ID]);
    assert_eq!(lease(&sqlite, end), 2);
    // What is under way is not disturbed.
    let leased = state(&sqlite);
    assert_eq!(store(&sqlite).retry(ID, end + 1), Ok(true));
    assert_eq!(state(&sqlite), leased);
    store(&sqlite).failed(ID, 2, Failed::ForGood, "refused", NOW_MS).unwrap();
    assert_eq!(state(&sqlite), [format!("dead|{gone}|2|refused")]);
}

#[test]
fn only_so_many_are_handed_over_at_a_time_and_the_oldest_first() {
    let sqlite = empty();
    for (at, hash) in [b"b", b"a", b"c"].into_iter().enumerate() {
        taken(&sqlite, &sign_up("a", hash), NOW_MS + at as i64);
    }
    let now = NOW_MS + 9;
    let mut handed = store(&sqlite).hand_over(TRIES, now + 60, now, 2).unwrap();
    handed.sort();
    assert_eq!(handed, ["ask a of a", "ask b of a"]);
    assert_eq!(store(&sqlite).next_message(), Ok(Some(NOW_MS + 2)));
    assert_eq!(store(&sqlite).hand_over(TRIES, now + 60, now, 2).unwrap(), ["ask c of a"]);
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// A unit is kept for Jane, for an hour, and what says so is with the queue.
fn offered() -> Sqlite {
    let sqlite = empty();
    let wish = sign_up("a", b"jane");
    taken(&sqlite, &wish, NOW_MS);
    store(&sqlite).confirm("jars", wish.subscriber, 9_000, 0, NOW_MS).unwrap().unwrap();
    let told = ForPlace {
        subscriber: wish.subscriber,
        shop: "jars",
        id: "claim",
        kind: "claim",
        payload: "{}",
        expires_at: NOW_MS + HOUR,
        due: NOW_MS,
    };
    store(&sqlite).tell_place(&told, NOW_MS).unwrap();
    sqlite.rows("DELETE FROM messages WHERE kind = 'confirm'");
    assert_eq!(hand_over(&sqlite, NOW_MS), ["claim"]);
    sqlite
}

#[test]
fn while_there_is_time_it_is_tried() {
    let sqlite = offered();
    let lease = |now| store(&sqlite).lease(&["claim".to_owned()], now + LEASE, now).unwrap().len();
    for (nth, minute, next) in [(1, 0, 30), (2, 30, 45), (3, 50, 55)] {
        let now = NOW_MS + minute * MINUTE;
        hand_over(&sqlite, now);
        assert_eq!(lease(now), 1, "{nth}");
        // As long as the waits have grown.
        let again = Failed::Again(now + 4 * HOUR);
        store(&sqlite).failed("claim", nth, again, "timeout", now).unwrap();
        let due = NOW_MS + next * MINUTE;
        assert_eq!(state(&sqlite), [format!("waiting|{due}|{nth}|timeout")]);
    }
    let now = NOW_MS + HOUR - 1;
    hand_over(&sqlite, now);
    assert_eq!(lease(now), 1);
    store(&sqlite).failed("claim", 4, Failed::Again(now + HOUR), "timeout", now).unwrap();
    assert_eq!(state(&sqlite), [format!("waiting|{}|4|timeout", now + 5_000)]);
}

#[test]
fn what_nobody_heard_of_in_time_is_to_be_seen_among_the_dead() {
    let week = 7 * 24 * HOUR;
    let end = NOW_MS + HOUR;
    for (leases, error) in [(false, EXPIRED), (true, UNREPORTED)] {
        let sqlite = offered();
        if leases {
            let ids = ["claim".to_owned()];
            assert_eq!(store(&sqlite).lease(&ids, end, end - 1).unwrap().len(), 1);
        }
        store(&sqlite).sweep(LIMITS.window_ms, end - 1, 9).unwrap();
        assert_eq!(store(&sqlite).dead_after(""), Ok(vec![]));
        store(&sqlite).sweep(LIMITS.window_ms, end, 9).unwrap();
        let dead = format!("dead|{}|{}|{error}", end + week, i64::from(leases));
        assert_eq!(state(&sqlite), [&*dead]);
        // Nobody is sent what is no more so.
        assert_eq!(store(&sqlite).retry("claim", end), Ok(true));
        assert_eq!(hand_over(&sqlite, end), ["claim"]);
        assert_eq!(store(&sqlite).lease(&["claim".to_owned()], end + 9, end), Ok(vec![]));
        store(&sqlite).sweep(LIMITS.window_ms, end + 60, 9).unwrap();
        assert_eq!(state(&sqlite), [format!("dead|{}|1|{EXPIRED}", end + 60 + week)]);
        store(&sqlite).sweep(LIMITS.window_ms, end + 59 + week, 9).unwrap();
        assert_eq!(state(&sqlite).len(), 1);
        store(&sqlite).sweep(LIMITS.window_ms, end + 60 + week, 9).unwrap();
        assert_eq!(state(&sqlite), [""; 0]);
    }
    // Whoever complained is not kept here for that.
    let sqlite = offered();
    store(&sqlite).suppress(&[b"jane".to_vec()], Reason::Complained, NOW_MS).unwrap();
    store(&sqlite).sweep(LIMITS.window_ms, end, 9).unwrap();
    assert_eq!(state(&sqlite), [""; 0]);
}

#[test]
fn nothing_is_sent_too_late_or_to_a_sign_up_that_has_gone() {
    let sqlite = handed();
    let end = NOW_MS + LIMITS.lifetime_ms;
    assert_eq!(lease(&sqlite, end), 0);
    store(&sqlite).sweep(LIMITS.window_ms, end + AGAIN, 9).unwrap();
    assert_eq!(state(&sqlite), [""; 0]);
    // Also while nothing can be sent at all, or when it is dead, and with a sweep that comes first.
    for dead in [false, true] {
        let sqlite = handed();
        if dead {
            lease(&sqlite, NOW_MS);
            store(&sqlite).failed(ID, 1, Failed::ForGood, "refused", NOW_MS).unwrap();
        }
        store(&sqlite).sweep(LIMITS.window_ms, end, 9).unwrap();
        assert_eq!(state(&sqlite), [""; 0]);
    }
}

#[test]
fn a_step_that_fails_leaves_nothing_of_it() {
    let again = NOW_MS + 60;
    fail_each_write_to(asked, |sqlite| store(sqlite).hand_over(TRIES, again, NOW_MS, 9));
    let ids = [ID.to_owned()];
    fail_each_write_to(handed, |sqlite| store(sqlite).lease(&ids, NOW_MS + LEASE, NOW_MS));
    fail_each_write_to(handed, |sqlite| store(sqlite).take_back(&ids, NOW_MS + 5));
    let unheard = || {
        let sqlite = handed();
        for nth in 1..=TRIES {
            assert_eq!(lease(&sqlite, NOW_MS + nth * LEASE), nth);
        }
        sqlite
    };
    let end = NOW_MS + (TRIES + 1) * LEASE;
    fail_each_write_to(unheard, |sqlite| store(sqlite).hand_over(TRIES, end + 60, end, 9));
}
