//! Migrations: from nothing and from everything that an earlier build stored.

use crate::{
    fixture::*,
    sqlite::{Failing, Sqlite},
};
use jiff::civil::{date, time};
use ledger::{
    Command, HoldState, Kind, LineChange, PlaceState, PoChange, Precision, Restock, Strategy, Way,
};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use store::{
    Answer, Answered, Brand, Columns, Counts, Due, Fault, Item, LineNews, LocationKind, Money,
    OutboxHealth, PoAction, PoRequest, Receiver, Request, Resolution, ShownState, Totals,
    limiter::Limiter, outreach::Outreach,
};

/// Each migration and its SHA-256. A new one is added; none is ever changed.
const PINNED: [(&str, &str); 7] = [
    ("0001_first.sql", "d64ac10181c2180eafdc857c26dcaf4d9c7bec1aa61fa89e8ecdd40529fc57ce"),
    ("0002_ledger.sql", "ef0551179fc61002b146bf49d14ee9109a3b839dc607f1d1722ee538e7d59b18"),
    ("0003_substitutes.sql", "79b54d4902fd38a49a14e3d6da1fff79aca2980b69dd362288cadbc8e01fa356"),
    ("0004_supply.sql", "c95b202ac8edbefcbf4fdfac4954d3994f1ced83aa7fdabb3e6da60b1e3d32ac"),
    ("0005_waitlists.sql", "2a00118a909e4b67b4ae675158f928a6293386fa7d391b80718ad796f1063dfc"),
    ("0006_brand.sql", "66ba328cef8621f370b14515ab8111391e3a085bceada63a9f46b158778c12d3"),
    ("0007_order_notices.sql", "e70e5b2bcdb0dfd6ce912539006f8082103d39dd213c4db9a10af2ee486cef3b"),
];

/// Those of the Outreach object.
const PINNED_OUTREACH: [(&str, &str); 6] = [
    ("0001_first.sql", "cab6bf2bd5b9f736df055b680a6ab155c7acb3939d23d901705d18fb2e5a8404"),
    ("0002_order_contacts.sql", "1a2d59a73f6535f317c41d46761c3833c772b647d4a8fdc79b68bd62a422f622"),
    ("0003_messages.sql", "8ea20ba09e6587624e2387be1ca68b602d738fbd7282c1b981a830eead03d04c"),
    ("0004_places.sql", "fe4f504220cda514216195bc55d1239264f9d502f7f9dd7565fef293cad42770"),
    ("0005_subjects.sql", "267bf415dc44c62529109f0a8386b2ea539104d73e46a74c69b974b1178f45c7"),
    ("0006_order_messages.sql", "b3bc0bf66e4543671e2c9424a89befab7ba9537854bfd32754afb6e3247b4e55"),
];

/// Those of a Limiter object.
const PINNED_LIMITER: [(&str, &str); 1] =
    [("0001_first.sql", "82ea7f8e1dd7b033494cdfc844e4c397ba9860d9db7e3467004392290586edb0")];

/// A database of schema version 1, as a shop has it whose object sleeps since.
fn stored() -> Sqlite {
    Sqlite::new(include_str!("../stored/0001.sql"))
}

/// The same of version 2.
fn stored_2() -> Sqlite {
    Sqlite::new(include_str!("../stored/0002.sql"))
}

/// The same of version 3.
fn stored_3() -> Sqlite {
    Sqlite::new(include_str!("../stored/0003.sql"))
}

/// The same of version 5, with orders, a purchase order and waitlists under way.
fn stored_5() -> Sqlite {
    Sqlite::new(include_str!("../stored/0005.sql"))
}

fn schema(sqlite: &Sqlite) -> Vec<String> {
    sqlite.rows("SELECT name, sql FROM sqlite_master ORDER BY name")
}

#[test]
fn an_applied_migration_is_never_edited() {
    for (folder, pinned) in
        [("migrations", &PINNED[..]), ("outreach", &PINNED_OUTREACH), ("limiter", &PINNED_LIMITER)]
    {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap()).collect();
        files.sort_by_key(fs::DirEntry::file_name);
        let found = files.iter().map(|file| {
            let hash = Sha256::digest(fs::read(file.path()).unwrap());
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            (file.file_name().into_string().unwrap(), hash)
        });
        let pinned: Vec<_> =
            pinned.iter().map(|(name, hash)| ((*name).to_owned(), (*hash).to_owned())).collect();
        assert_eq!(
            found.collect::<Vec<_>>(),
            pinned,
            "shops that applied it would keep the old schema: add a migration instead"
        );
    }
}

#[test]
fn twice_is_once() {
    for sqlite in [Sqlite::new(""), stored(), stored_2(), stored_3(), stored_5()] {
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
    let [new, first, second, third, fifth] =
        [Sqlite::new(""), stored(), stored_2(), stored_3(), stored_5()].map(|sqlite| {
            sqlite.store().migrate(1).unwrap();
            schema(&sqlite)
        });
    assert_eq!([&first, &second, &third, &fifth], [&new; 4]);
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
    fail_each_write(stored, |store| store.migrate(1));
}

#[test]
fn what_a_later_build_wrote_is_left_alone() {
    let sqlite = stocked(&[("a", "main", 9)]);
    sqlite.rows("INSERT INTO _migrations VALUES (99, '0099_later', 1) RETURNING id");
    let before = sqlite.state(&[]);
    assert_eq!(sqlite.store().migrate(NOW.now), Err(Fault::NewerSchema(99)));
    assert_eq!(sqlite.state(&[]), before);
}

#[test]
fn the_catalogue_of_version_1_is_read() {
    let sqlite = stored();
    let store = sqlite.store();
    store.migrate(NOW.now).unwrap();
    let third = date(2026, 12, 3);
    let restock = |first, until, precision| Restock::new(first, until, precision).ok();
    let range = restock(date(2026, 12, 1), Some(date(2026, 12, 10)), Precision::Range);
    let [week, month, day] = [Precision::Week, Precision::Month, Precision::Day]
        .map(|precision| restock(third, None, precision));
    for (sku, state, version, restock) in [
        ("plenty", ShownState::InStock, 1, None),
        ("low's", ShownState::Low(2), 2, None),
        ("owed", ShownState::Out(None), 2, None),
        ("85123A", ShownState::Out(range), 1, range),
        ("85123a", ShownState::Out(week), 1, week),
        ("🎁 a/b", ShownState::Out(month), 1, month),
        ("day", ShownState::Out(day), 1, day),
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
        chosen: vec![],
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
        let command = Command::Move(Kind::Sell, vec![]);
        let request = Request { id, digest: &digest, command, reason: None };
        let answer = Answer { status, body: format!(r#"{{"id":"{id}"}}"#) };
        let again = store.run(&request, NOW, |_| Answer { status: 500, body: String::new() });
        assert_eq!(again, Ok(Answered::Again(answer)));
    }
    assert!(matches!(
        run(&store, "order 4", Kind::Sell, &[("low's", "main", 2)]),
        Ok(Answered::First(answer)) if answer.status == 200
    ));
    assert_eq!(store.shown("low's").unwrap().unwrap().state, ShownState::Out(None));
}

#[test]
fn the_shop_of_version_1_is_read_with_all_that_is_under_way() {
    let sqlite = stored();
    let store = sqlite.store();
    store.migrate(NOW.now).unwrap();
    assert_eq!(store.shop().unwrap().as_deref(), Some(&settings()));
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

#[test]
fn the_movements_of_version_1_are_numbered_and_explain_their_balances() {
    let sqlite = stored();
    let store = sqlite.store();
    store.migrate(NOW.now).unwrap();
    for level in store.levels_after(("", "")).unwrap() {
        let explained = store.explain(&level.sku, &level.location, NOW.now, None).unwrap();
        assert_eq!(explained.net, Some(level.balance.net()), "{level:?}");
        let sum: i64 = explained.movements.iter().map(|movement| movement.quantity).sum();
        assert_eq!(sum, level.balance.net(), "{level:?}");
        let numbers: Vec<_> = explained.movements.iter().rev().map(|movement| movement.n).collect();
        assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>());
    }
}

#[test]
fn what_version_2_holds_is_read_and_goes_on() {
    let sqlite = stored_2();
    let store = sqlite.store();
    store.migrate(NOW.now).unwrap();
    let state = |id| store.hold_of(id, None).unwrap().map(|hold| hold.state);
    let states = ["cart 1", "cart 2", "cart 3", "cart 4"].map(state);
    let ended = [Some(HoldState::Committed), Some(HoldState::Released)];
    assert_eq!(states, [Some(HoldState::Open), None, ended[0], ended[1]]);
    let answer = |ok: bool| Answer { status: if ok { 200 } else { 409 }, body: String::new() };
    let commit = |hold, id| {
        let resolution = Resolution { hold, id, way: Way::Commit, reason: None, buyer: None };
        store.resolve(&resolution, later(9), |decided| answer(decided.is_ok())).unwrap()
    };
    assert_eq!(commit("cart 3", "order 9"), Some(Answered::Again(answer(true))));
    assert_eq!(commit("cart 4", "order 9"), Some(Answered::First(answer(false))));
    assert_eq!(store.next_expiry(), Ok(Some(NOW.now + 600_002)));
    assert_eq!(store.expire_due(later(600_002), 9), Ok(1));
    assert_eq!(store.shown("held").unwrap().unwrap().state, ShownState::Low(2));
    let shop = store.shop().unwrap().unwrap();
    assert_eq!((shop.strategy, shop.max_held_per_buyer), (Strategy::Nearest, Some(9)));
    assert!(shop.browser_holds && !shop.hide_undated);
    let place = store.locations_after("main").unwrap().remove(0);
    assert_eq!((place.kind, place.cut_off), (LocationKind::Store, Some(time(16, 30, 0, 0))));
    assert_eq!(store.bundles_after("").unwrap()[0].components.len(), 2);
    assert_eq!(store.available_to_sell(&sku("set"), NOW), Ok(Some(2)));
    assert_eq!(store.shown("cup").unwrap().unwrap().state, ShownState::Hidden);
    let counts = store.counts_before((i64::MAX >> 10, "", "", "")).unwrap();
    assert_eq!(counts.iter().map(|count| count.difference).collect::<Vec<_>>(), [-1]);
}

#[test]
fn what_version_3_holds_is_read_and_goes_on() {
    let sqlite = stored_3();
    let store = sqlite.store();
    store.migrate(NOW.now).unwrap();
    let skus = |texts: &[&str]| texts.iter().map(|text| sku(text)).collect::<Vec<_>>();
    let plenty = store.shown("plenty").unwrap().unwrap();
    assert_eq!(plenty.item.chosen, skus(&["gone", "🎁 a/b"]));
    assert_eq!(plenty.candidates, skus(&["🎁 a/b", "85123A", "low's"]));
    let columns = Columns { substitutes: true, ..Columns::default() };
    store.apply_import(11, columns, Counts::Open, NOW).unwrap();
    let unfinished = store.shown("unfinished").unwrap().unwrap();
    assert_eq!(unfinished.item.chosen, skus(&["a|b", "plenty"]));
    assert_eq!(unfinished.candidates, skus(&["plenty"]));
}

#[test]
fn what_version_5_holds_is_read_and_goes_on() {
    let sqlite = stored_5();
    let store = sqlite.store();
    store.migrate(NOW.now).unwrap();
    assert_eq!(store.shop().unwrap().unwrap().brand, Brand::default());
    // The orders, and what they are promised.
    let december = |day| Restock::new(date(2026, 12, day), None, Precision::Day).ok();
    let second = || store.order("second").unwrap().unwrap();
    let line = || second().order.lines[&sku("a")].clone();
    assert_eq!((line().waiting(), line().promised()), (2, december(9)));
    assert_eq!(second().moved_from(&sku("a")), None, "what moved before was not kept");
    let later = PoChange { line: 1, change: LineChange::Expected(december(20)) };
    let request = PoRequest {
        po: "po",
        id: "later still",
        digest: b"later still",
        action: PoAction::Change(vec![later]),
        reason: None,
    };
    let answer = |ok: bool| Answer { status: if ok { 200 } else { 409 }, body: String::new() };
    store.run_po(&request, NOW, |decided| answer(decided.is_ok())).unwrap().unwrap();
    while store.settle_due(NOW, 9).unwrap() {}
    assert_eq!(line().promised(), december(20));
    assert_eq!(second().moved_from(&sku("a")), december(9));
    let told = store.order_notices().unwrap();
    let moved = LineNews::Moved { was: december(9), now: december(20) };
    assert_eq!((told.len(), told[0].order.as_str(), told[0].news), (1, "second", moved));
    // The waitlists: who is offered something, who waits, and who has left.
    let state = |id| store.place(id).unwrap().unwrap().state;
    use PlaceState::{Left, Offered, Taken, Waiting};
    let everybody = ["ann", "bob", "cem", "dee", "eve"];
    assert_eq!(everybody.map(state), [Offered, Waiting, Offered, Left, Waiting]);
    assert_eq!(store.notices().unwrap().len(), 2);
    let bought =
        Resolution { hold: "ann", id: "ann's", way: Way::Commit, reason: None, buyer: None };
    store.resolve(&bought, NOW, |decided| answer(decided.is_ok())).unwrap().unwrap();
    run(&store, "mugs", Kind::Receive, &[("c", "main", 1)]).unwrap();
    assert_eq!(everybody.map(state), [Taken, Waiting, Offered, Left, Offered]);
}

#[test]
fn every_table_and_column_is_documented() {
    let [shop, outreach, limiter] = [Sqlite::new(""), Sqlite::new(""), Sqlite::new("")];
    shop.store().migrate(1).unwrap();
    Outreach::new(&outreach).migrate(1).unwrap();
    Limiter::new(&limiter).migrate(1).unwrap();
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/docs/storage.md");
    let document = fs::read_to_string(document).unwrap();
    // The rows of its tables; those of KV and of the objects name no column first.
    let documented: BTreeMap<String, BTreeSet<String>> = document
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | `"))
        .map(|(table, rest)| {
            let columns = rest.split_once("` |").unwrap().0.split("`, `");
            (table.to_owned(), columns.map(str::to_owned).collect())
        })
        .collect();
    let mut found = BTreeMap::new();
    for sqlite in [shop, outreach, limiter] {
        for table in sqlite.rows("SELECT name FROM sqlite_master WHERE type = 'table'") {
            let columns = sqlite.rows(&format!("SELECT name FROM pragma_table_info('{table}')"));
            found.insert(table, columns.into_iter().collect::<BTreeSet<_>>());
        }
    }
    assert_eq!(documented, found);
}
