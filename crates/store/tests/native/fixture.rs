//! A shop to test with, and what tests say to it.

use crate::sqlite::{Failing, Sqlite, failed};
use jiff::civil::{date, time};
use ledger::{Command, Kind, Line, Location, Mixed, Policy, Sku, Strategy};
use std::fmt::Debug;
use store::{
    Answer, Answered, Brand, Columns, Counts, Due, Fault, Mode, Moment, Receiver, Request, Shop,
    Staged, Store, Totals,
};

pub(crate) const NOW: Moment =
    Moment { now: 1_795_253_400_000, today: date(2026, 11, 21), time: time(9, 30, 0, 0) };

pub(crate) const EVERY_COLUMN: Columns = Columns {
    product_id: true,
    title: true,
    category: true,
    options: true,
    price: true,
    url: true,
    image: true,
    restock: true,
    substitutes: true,
};

/// SKU, location and units.
pub(crate) type Units<'a> = (&'a str, &'a str, i64);

/// So many milliseconds later on the same day.
pub(crate) fn later(milliseconds: i64) -> Moment {
    Moment { now: NOW.now + milliseconds, ..NOW }
}

pub(crate) fn settings() -> Shop {
    Shop {
        id: "jars".to_owned(),
        currency: "GBP".to_owned(),
        time_zone: "Europe/London".to_owned(),
        locale: "en-GB".to_owned(),
        low_mark: 5,
        mode: Mode::Authority,
        origins: vec!["https://a.example".to_owned(), "https://b.example".to_owned()],
        strategy: Strategy::Priority,
        hide_undated: false,
        browser_holds: false,
        max_held_per_buyer: None,
        mixed: Mixed::Split,
        improve: true,
        waitlist: Policy::default(),
        brand: Brand::default(),
    }
}

/// A new shop that has told everything.
pub(crate) fn shop() -> Sqlite {
    let sqlite = Sqlite::new("");
    assert!(sqlite.store().create_shop(&settings(), "sk_1", b"hash 1", NOW.now).unwrap());
    tell_all(&sqlite.store());
    sqlite
}

/// A shop with this stock that has told everything.
pub(crate) fn stocked(units: &[Units<'_>]) -> Sqlite {
    let sqlite = shop();
    let rows: Vec<_> = units.iter().map(|units| counted(*units)).collect();
    import(&sqlite.store(), &rows, EVERY_COLUMN, Counts::Open).unwrap();
    tell_all(&sqlite.store());
    sqlite
}

/// Confirms all that KV is due.
pub(crate) fn tell_all(store: &Store<&Sqlite>) {
    for Due { sku, version, .. } in due(store, Receiver::Kv) {
        store.confirm(Receiver::Kv, &sku, version).unwrap();
    }
}

pub(crate) fn due(store: &Store<&Sqlite>, receiver: Receiver) -> Vec<Due> {
    store.due(receiver, i64::MAX >> 10, 1000).unwrap()
}

pub(crate) fn sku(text: &str) -> Sku {
    Sku::new(text).unwrap()
}

/// An import's row that has nothing but its SKU.
pub(crate) fn bare(text: &str) -> Staged {
    Staged {
        row: 0,
        sku: sku(text),
        product_id: None,
        title: None,
        category: None,
        options: None,
        price: None,
        url: None,
        image: None,
        location: Location::main(),
        on_hand: None,
        restock: None,
        chosen: vec![],
    }
}

/// An import's row that has nothing but its SKU and a count.
pub(crate) fn counted((text, location, units): Units<'_>) -> Staged {
    let location = Location::new(location).unwrap();
    Staged { location, on_hand: Some(units), ..bare(text) }
}

/// Imports rows as a file has them, the header being row 1.
pub(crate) fn import(
    store: &Store<&Sqlite>,
    rows: &[Staged],
    columns: Columns,
    counts: Counts,
) -> Result<Totals, Fault> {
    for (row, staged) in (2..).zip(rows) {
        store.stage(1, &Staged { row, ..staged.clone() })?;
    }
    store.apply_import(1, columns, counts, NOW)
}

/// A line at a location.
pub(crate) fn line(&(text, location, quantity): &Units<'_>) -> Line {
    Line { sku: sku(text), location: Location::new(location).ok(), quantity }
}

/// Runs a command whose digest and answer stand for what they are made of.
pub(crate) fn run(
    store: &Store<&Sqlite>,
    id: &str,
    kind: Kind,
    units: &[Units<'_>],
) -> Result<Answered, Fault> {
    let command = Command::Move(kind, units.iter().map(line).collect());
    let digest = format!("{command:?}").into_bytes();
    let request = Request { id, digest: &digest, command, reason: Some("a test") };
    store.run(&request, NOW, |decided| Answer {
        status: if decided.is_ok() { 200 } else { 409 },
        body: format!("{decided:?}"),
    })
}

/// Fails each write of `act` on what `make` makes, in both ways, and shows that nothing of it
/// stays and that the same once more then does all of it, once.
pub(crate) fn fail_each_write<T: Debug + PartialEq>(
    make: impl Fn() -> Sqlite,
    act: impl Fn(&Store<&Sqlite>) -> Result<T, Fault>,
) {
    fail_each_write_to(make, |sqlite| act(&sqlite.store()));
}

/// The same of whatever is stored there.
pub(crate) fn fail_each_write_to<T: Debug + PartialEq>(
    make: impl Fn() -> Sqlite,
    act: impl Fn(&Sqlite) -> Result<T, Fault>,
) {
    let unharmed = make();
    let before = unharmed.state(&[]);
    let wanted = act(&unharmed);
    let after = unharmed.state(&[]);
    assert_ne!(before, after, "it writes nothing");
    for failing in [Failing::Unpersisted, Failing::Persisted] {
        for nth in 1.. {
            let sqlite = make();
            sqlite.fail_write(nth, failing);
            let result = act(&sqlite);
            if !sqlite.has_failed() {
                assert!(nth > 1, "it has no write to fail");
                break;
            }
            assert_eq!(result, Err(failed()), "write {nth} {failing:?}");
            assert_eq!(sqlite.state(&[]), before, "write {nth} {failing:?} left something");
            assert_eq!(act(&sqlite), wanted, "the retry after write {nth} {failing:?}");
            assert_eq!(sqlite.state(&[]), after, "the retry after write {nth} {failing:?}");
        }
    }
}
