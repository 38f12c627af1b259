//! Restock dates: promised up to their last day.

use crate::{fixture::*, sqlite::Sqlite};
use jiff::civil::{Date, date};
use ledger::{Precision, Restock};
use store::{Counts, Moment, Receiver, ShownState, Staged};

/// A SKU that is out, for each precision, with the last day of its date.
fn dated() -> [(&'static str, Restock, Date); 4] {
    let range = Some(date(2026, 12, 24));
    let restock = |date, until, precision| Restock::new(date, until, precision).unwrap();
    [
        ("day", restock(date(2026, 11, 25), None, Precision::Day), date(2026, 11, 25)),
        ("week", restock(date(2026, 11, 24), None, Precision::Week), date(2026, 11, 29)),
        ("month", restock(date(2026, 11, 5), None, Precision::Month), date(2026, 11, 30)),
        ("range", restock(date(2026, 12, 1), range, Precision::Range), date(2026, 12, 24)),
    ]
}

fn promising(sqlite: Sqlite) -> Sqlite {
    let rows = dated().map(|(sku, restock, _)| Staged { restock: Some(restock), ..bare(sku) });
    import(&sqlite.store(), &rows, EVERY_COLUMN, Counts::Open).unwrap();
    tell_all(&sqlite.store());
    sqlite
}

#[test]
fn a_date_is_taken_down_the_day_after_its_last() {
    let sqlite = promising(stocked(&[("never out", "main", 9), ("undated", "main", 0)]));
    let store = sqlite.store();
    for (sku, restock, last) in dated() {
        assert_eq!(store.next_date_to_pass(), Ok(Some(last)), "{sku} is next");
        for (today, state, version) in [
            (last, ShownState::Out(Some(restock)), 1),
            (last.tomorrow().unwrap(), ShownState::Out(None), 2),
        ] {
            store.turn_day(Moment { today, ..NOW }).unwrap();
            let shown = store.shown(sku).unwrap().unwrap();
            assert_eq!((shown.state, shown.version), (state, version), "{sku} on {today}");
            assert_eq!(shown.item.restock, Some(restock), "the merchant's date is kept");
        }
        let told: Vec<_> = due(&store, Receiver::Kv).into_iter().map(|row| row.sku).collect();
        assert_eq!(told, [sku], "and nobody else's");
        tell_all(&store);
    }
    assert_eq!(store.next_date_to_pass(), Ok(None));
}

#[test]
fn a_date_that_had_passed_when_it_came_is_never_shown() {
    let sqlite = shop();
    let restock = Restock::new(date(2026, 11, 20), None, Precision::Day).ok();
    import(&sqlite.store(), &[Staged { restock, ..bare("a") }], EVERY_COLUMN, Counts::Open)
        .unwrap();
    assert_eq!(sqlite.store().shown("a").unwrap().unwrap().state, ShownState::Out(None));
    assert_eq!(sqlite.store().next_date_to_pass(), Ok(None));
}

#[test]
fn a_turn_of_the_day_that_fails_leaves_every_date() {
    fail_each_write(
        || promising(shop()),
        |store| store.turn_day(Moment { today: date(2026, 12, 1), ..NOW }),
    );
}

#[test]
fn days_turn_where_nobody_made_a_shop() {
    let sqlite = Sqlite::new("");
    sqlite.store().migrate(NOW.now).unwrap();
    assert_eq!(sqlite.store().turn_day(NOW), Ok(()));
}
