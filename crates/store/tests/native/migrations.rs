//! Migrations: from nothing and from everything that an earlier build stored.

use crate::{
    fixture::*,
    sqlite::{Failing, Sqlite},
};
use jiff::civil::date;
use ledger::{Command, Kind, Precision, Restock};
use sha2::{Digest, Sha256};
use std::{fs, path::Path};
use store::{
    Answer, Answered, Columns, Counts, Due, Item, Money, OutboxHealth, Receiver, Request,
    ShownState, Totals,
};

/// Each migration and its SHA-256. A new one is added; none is ever changed.
const PINNED: [(&str, &str); 1] =
    [("0001_first.sql", "d64ac10181c2180eafdc857c26dcaf4d9c7bec1aa61fa89e8ecdd40529fc57ce")];

/// A database of schema version 1, as a shop has it whose object sleeps since.
fn stored() -> Sqlite {
    Sqlite::new(include_str!("../stored/0001.sql"))
}

fn schema(sqlite: &Sqlite) -> Vec<String> {
    sqlite.rows("SELECT name, sql FROM sqlite_master ORDER BY name")
}

#[test]
fn an_applied_migration_is_never_edited() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/migrations");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap()).collect();
    files.sort_by_key(fs::DirEntry::file_name);
    let found = files.iter().map(|file| {
        let hash = Sha256::digest(fs::read(file.path()).unwrap());
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        (file.file_name().into_string().unwrap(), hash)
    });
    let pinned = PINNED.map(|(name, hash)| (name.to_owned(), hash.to_owned()));
    assert_eq!(
        found.collect::<Vec<_>>(),
        pinned,
        "shops that applied it would keep the old schema: add a migration instead"
    );
}

#[test]
fn twice_is_once() {
    for sqlite in [Sqlite::new(""), stored()] {
        sqlite.store().migrate(1).unwrap();
        let (schema_once, state) = (schema(&sqlite), sqlite.state(&[]));
        sqlite.store().migrate(2).unwrap();
        assert_eq!((schema(&sqlite), sqlite.state(&[])), (schema_once, state));
        let head = sqlite.rows("SELECT COUNT(*), MAX(id) FROM _migrations");
        assert_eq!(head, [format!("{0}|{0}", PINNED.len())]);
    }
}

#[test]
fn old_shops_and_new_ones_have_one_schema() {
    let [new, old] = [Sqlite::new(""), stored()].map(|sqlite| {
        sqlite.store().migrate(1).unwrap();
        schema(&sqlite)
    });
    assert_eq!(new, old);
}

#[test]
fn a_migration_that_fails_leaves_nothing_of_it() {
    let unmigrated = || {
        let sqlite = Sqlite::new("");
        sqlite.fail_write(2, Failing::Persisted);
        assert!(sqlite.store().migrate(1).is_err() && sqlite.has_failed());
        assert_eq!(sqlite.state(&[]), "_migrations:\n");
        sqlite
    };
    fail_each_write(unmigrated, |store| store.migrate(1));
}

#[test]
fn the_catalogue_of_version_1_is_read() {
    let sqlite = stored();
    let store = sqlite.store();
    store.migrate(NOW.now).unwrap();
    let third = date(2026, 12, 3);
    let restock = |first, until, precision| Restock::new(first, until, precision).ok();
    let range = restock(date(2026, 12, 1), Some(date(2026, 12, 10)), Precision::Range);
    for (sku, state, version, restock) in [
        ("plenty", ShownState::InStock, 1, None),
        ("low's", ShownState::Low(2), 2, None),
        ("owed", ShownState::Out, 2, None),
        ("85123A", ShownState::OutDated, 1, range),
        ("85123a", ShownState::OutDated, 1, restock(third, None, Precision::Week)),
        ("🎁 a/b", ShownState::OutDated, 1, restock(third, None, Precision::Month)),
        ("day", ShownState::OutDated, 1, restock(third, None, Precision::Day)),
    ] {
        let shown = store.shown(sku).unwrap().unwrap();
        assert_eq!((shown.state, shown.version, shown.changed_at), (state, version, NOW.now));
        assert_eq!(shown.item.restock, restock, "{sku}");
    }
    let some = |text: &str| Some(text.to_owned());
    let full = Item {
        sku: sku("85123A"),
        product_id: some("jars"),
        title: "Jam Jar \"Été\" 🎁 <b>".to_owned(),
        category: some("Kitchen"),
        options: some("Red / XL"),
        price: Some(Money { minor: 1299, currency: "GBP".to_owned() }),
        url: some("/jars"),
        image: some("https://shop.example/jar.webp"),
        restock: range,
    };
    assert_eq!(store.shown("85123A").unwrap().unwrap().item, full);
}

#[test]
fn the_books_of_version_1_are_read_and_go_on() {
    let sqlite = stored();
    let store = sqlite.store();
    store.migrate(NOW.now).unwrap();
    let levels = store.levels_after(("", "")).unwrap();
    let levels: Vec<_> = levels
        .iter()
        .map(|level| (level.sku.as_str(), level.location.as_str(), level.balance.net()))
        .collect();
    let golden = [
        ("low's", "main", 2),
        ("owed", "main", -2),
        ("plenty", "main", 89),
        ("plenty", "shop", 10),
    ];
    assert_eq!(levels, golden);
    for (id, status) in [("order 1", 200), ("order 2", 409), ("order 3", 200)] {
        let digest = format!("digest of {id}").into_bytes();
        let command = Command { kind: Kind::Sell, lines: vec![] };
        let request = Request { id, digest: &digest, command, reason: None };
        let answer = Answer { status, body: format!(r#"{{"id":"{id}"}}"#) };
        let again = store.run(&request, NOW, |_| Answer { status: 500, body: String::new() });
        assert_eq!(again, Ok(Answered::Again(answer)));
    }
    assert!(matches!(
        run(&store, "order 4", Kind::Sell, &[("low's", "main", 2)]),
        Ok(Answered::First(answer)) if answer.status == 200
    ));
    assert_eq!(store.shown("low's").unwrap().unwrap().state, ShownState::Out);
}

#[test]
fn the_shop_of_version_1_is_read_with_all_that_is_under_way() {
    let sqlite = stored();
    let store = sqlite.store();
    store.migrate(NOW.now).unwrap();
    assert_eq!(store.shop(), Ok(Some(settings())));
    let keys = [("sk_1", "hash 1"), ("sk_2", "hash 2")];
    let keys = keys.map(|(prefix, hash)| (prefix.to_owned(), hash.as_bytes().to_vec()));
    assert_eq!(store.key_hashes(), Ok(keys.to_vec()));
    assert_eq!(store.rooms(), Ok(vec![(7, NOW.now + 60_000)]));

    let row = |sku: &str, attempts| Due { sku: sku.to_owned(), version: 2, attempts };
    assert_eq!(due(&store, Receiver::Kv), [row("low's", 0), row("owed", 1)]);
    assert_eq!(due(&store, Receiver::Room(7)), [row("low's", 0), row("owed", 0)]);
    assert_eq!(store.next_due(0), Ok(Some(NOW.now)));
    let health = OutboxHealth { rows: 4, oldest: Some(NOW.now) };
    assert_eq!(store.outbox_health(), Ok(health));

    let totals = store.apply_import(2, Columns::default(), Counts::Open, NOW);
    assert_eq!(totals, Ok(Totals { rows: 1, created: 1, opened: 1, ..Totals::default() }));
}
