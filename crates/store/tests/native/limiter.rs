//! How many mails an address gets, over all shops, and how many all of them get.

use crate::{
    fixture::{NOW, fail_each_write_to},
    sqlite::Sqlite,
};
use store::limiter::{Limiter, Question, Rule, Verdict};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Half past something.
const NOW_MS: i64 = NOW.now;
const RULE: Rule = Rule { gap_ms: 10 * MINUTE, per_day: 3, per_hour: 5 };

fn empty() -> Sqlite {
    let sqlite = Sqlite::new("");
    Limiter::new(&sqlite).migrate(NOW_MS).unwrap();
    sqlite
}

fn ask(sqlite: &Sqlite, message: &str, address: i64, now: i64) -> Verdict {
    let question = Question { message: message.as_bytes(), address };
    Limiter::new(sqlite).ask(&[question], RULE, now).unwrap()[0]
}

fn rows(sqlite: &Sqlite) -> usize {
    sqlite.rows("SELECT 1 FROM permits").len()
}

#[test]
fn an_address_has_one_in_ten_minutes_and_another_is_not_hindered() {
    let sqlite = empty();
    assert_eq!(ask(&sqlite, "a", 7, NOW_MS), Verdict::Now);
    let rested = NOW_MS + 10 * MINUTE;
    assert_eq!(ask(&sqlite, "b", 7, NOW_MS), Verdict::Rest(rested));
    assert_eq!(ask(&sqlite, "c", 8, NOW_MS), Verdict::Now);
    assert_eq!(ask(&sqlite, "b", 7, rested - 1), Verdict::Rest(rested));
    assert_eq!(ask(&sqlite, "b", 7, rested), Verdict::Now);
    assert_eq!(rows(&sqlite), 3);
}

#[test]
fn the_same_message_is_permitted_again_and_counts_once() {
    let sqlite = empty();
    for later in [0, 1, DAY - 1] {
        assert_eq!(ask(&sqlite, "a", 7, NOW_MS + later), Verdict::Now);
        assert_eq!(rows(&sqlite), 1);
    }
    // Twice in one question, too.
    let twice = [Question { message: b"x", address: 9 }; 2];
    let said = Limiter::new(&sqlite).ask(&twice, RULE, NOW_MS).unwrap();
    assert_eq!((said, rows(&sqlite)), (vec![Verdict::Now; 2], 2));
}

/// Somebody signs one address up all the time for three days: what goes, goes as the rule says, and
/// as much of it as the rule allows.
#[test]
fn whatever_comes_no_address_has_more_than_three_in_a_day() {
    let sqlite = empty();
    let mut sent = Vec::new();
    for second in (0..3 * DAY).step_by(20_000) {
        let now = NOW_MS + second;
        if ask(&sqlite, &second.to_string(), 7, now) == Verdict::Now {
            sent.push(second);
        }
    }
    let begin = |day: i64| [0, 10 * MINUTE, 20 * MINUTE].map(|at| day * DAY + at);
    assert_eq!(sent, [begin(0), begin(1), begin(2)].concat());
    for (at, first) in sent.iter().enumerate() {
        let within = |ms: i64| sent[at..].iter().filter(|later| *later - first < ms).count();
        assert!(within(10 * MINUTE) == 1 && within(DAY) <= 3);
    }
}

#[test]
fn the_wait_that_is_told_is_the_whole_wait() {
    let sqlite = empty();
    let mut now = NOW_MS;
    let mut waits = Vec::new();
    for message in ["a", "b", "c", "d", "e"] {
        if let Verdict::Rest(at) = ask(&sqlite, message, 7, now) {
            waits.push(at - NOW_MS);
            now = at;
            assert_eq!(ask(&sqlite, message, 7, now), Verdict::Now);
        }
    }
    assert_eq!(waits, [10 * MINUTE, 20 * MINUTE, DAY, DAY + 10 * MINUTE]);
}

#[test]
fn the_breaker_opens_for_all_addresses_until_the_hour_is_over() {
    let sqlite = empty();
    for address in 0..5 {
        assert_eq!(ask(&sqlite, "a", address, NOW_MS), Verdict::Now);
    }
    assert_eq!(Limiter::new(&sqlite).permitted_this_hour(NOW_MS), Ok(5));
    let over = NOW_MS - NOW_MS.rem_euclid(HOUR) + HOUR;
    assert_eq!(ask(&sqlite, "a", 5, NOW_MS), Verdict::Breaker(over));
    assert_eq!(ask(&sqlite, "a", 5, over - 1), Verdict::Breaker(over));
    // What was permitted stays so.
    assert_eq!(ask(&sqlite, "a", 4, over - 1), Verdict::Now);
    assert_eq!(ask(&sqlite, "a", 5, over), Verdict::Now);
    assert_eq!(Limiter::new(&sqlite).permitted_this_hour(over), Ok(1));
    // Within one question it counts, too.
    let many: Vec<_> = (10..16).map(|address| Question { message: b"b", address }).collect();
    let said = Limiter::new(&sqlite).ask(&many, RULE, over).unwrap();
    assert_eq!(said[..4], [Verdict::Now; 4]);
    assert_eq!(said[4..], [Verdict::Breaker(over + HOUR); 2]);
}

#[test]
fn a_clock_that_goes_back_makes_nobody_wait_for_it() {
    let sqlite = empty();
    ask(&sqlite, "a", 7, NOW_MS + 9 * DAY);
    assert_eq!(ask(&sqlite, "b", 7, NOW_MS), Verdict::Rest(NOW_MS + 10 * MINUTE));
    assert_eq!(Limiter::new(&sqlite).next_due(), Ok(Some(NOW_MS + DAY)));
}

#[test]
fn what_is_a_day_old_goes() {
    let sqlite = empty();
    let limiter = Limiter::new(&sqlite);
    assert_eq!(limiter.next_due(), Ok(None));
    for address in 0..4 {
        ask(&sqlite, "a", address, NOW_MS + address);
    }
    assert_eq!(limiter.next_due(), Ok(Some(NOW_MS + DAY)));
    limiter.sweep(NOW_MS + DAY - 1, 9).unwrap();
    assert_eq!(rows(&sqlite), 4);
    limiter.sweep(NOW_MS + DAY + 2, 2).unwrap();
    assert_eq!(sqlite.rows("SELECT address FROM permits ORDER BY address"), ["2", "3"]);
    assert_eq!(limiter.next_due(), Ok(Some(NOW_MS + 2 + DAY)));
}

#[test]
fn what_fails_permits_nothing() {
    let asked = || {
        let sqlite = empty();
        ask(&sqlite, "a", 1, NOW_MS);
        sqlite
    };
    fail_each_write_to(asked, |sqlite| {
        let both = [2, 3].map(|address| Question { message: b"b", address });
        Limiter::new(sqlite).ask(&both, RULE, NOW_MS).map(drop)
    });
}
