//! Settings and keys.

use crate::{fixture::*, sqlite::Sqlite};
use ledger::{Mixed, Policy, Strategy};
use store::{Brand, Counts, Mode, Receiver, RetireKey, Shop, ShownState};

fn other() -> Shop {
    Shop {
        id: "jars".to_owned(),
        currency: "EUR".to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        locale: "fr".to_owned(),
        low_mark: 0,
        mode: Mode::Mirror,
        origins: vec![],
        strategy: Strategy::Spread,
        hide_undated: true,
        browser_holds: true,
        max_held_per_buyer: Some(3),
        mixed: Mixed::Refuse,
        improve: false,
        waitlist: Policy {
            wave: 7,
            window_ms: 60_000,
            min_restock: 3,
            shelf_percent: 20,
            smaller: true,
        },
        brand: Brand {
            name: Some("Bocaux".to_owned()),
            color: Some("#0a7d55".to_owned()),
            checkout_url: Some("https://shop.example/?hold={hold}".to_owned()),
        },
    }
}

#[test]
fn a_shop_is_made_once() {
    let sqlite = Sqlite::new("");
    let store = sqlite.store();
    assert_eq!(store.exists(), Ok(false));
    assert_eq!(store.create_shop(&settings(), "sk_1", b"hash 1", NOW.now), Ok(true));
    assert_eq!(store.exists(), Ok(true));
    assert_eq!(due(&store, Receiver::Kv).len(), 1, "its own record has to be published");

    let state = sqlite.state(&[]);
    assert_eq!(store.create_shop(&other(), "sk_2", b"hash 2", NOW.now), Ok(false));
    assert_eq!(sqlite.state(&[]), state);
    assert_eq!(store.shop().unwrap().as_deref(), Some(&settings()));
    assert_eq!(store.key_hashes(), Ok(vec![("sk_1".to_owned(), b"hash 1".to_vec())]));
}

#[test]
fn a_making_that_fails_leaves_no_shop() {
    let make = || {
        let sqlite = Sqlite::new("");
        sqlite.store().migrate(NOW.now).unwrap();
        sqlite
    };
    fail_each_write(make, |store| store.create_shop(&settings(), "sk_1", b"hash 1", NOW.now));
}

#[test]
fn two_keys_live_and_the_last_one_stays() {
    let sqlite = shop();
    let store = sqlite.store();
    let live = || store.key_hashes().unwrap().into_iter().map(|key| key.0).collect::<Vec<_>>();
    assert_eq!(store.retire_key("sk_1"), Ok(RetireKey::Last));
    assert_eq!(store.add_key("sk_2", b"hash 2", None, NOW.now), Ok(true));
    assert_eq!(store.add_key("sk_3", b"hash 3", None, NOW.now), Ok(false));
    assert_eq!(live(), ["sk_1", "sk_2"]);
    assert_eq!(store.retire_key("sk_3"), Ok(RetireKey::Unknown));
    assert_eq!(store.retire_key("sk_1"), Ok(RetireKey::Retired));
    assert_eq!(store.retire_key("sk_2"), Ok(RetireKey::Last));
    assert_eq!(live(), ["sk_2"]);
    assert_eq!(store.add_key("sk_3", b"hash 3", None, NOW.now), Ok(true));
}

#[test]
fn a_key_whose_answer_was_lost_is_made_anew_in_its_place() {
    let sqlite = shop();
    let store = sqlite.store();
    let live = || store.key_hashes().unwrap().into_iter().map(|key| key.0).collect::<Vec<_>>();
    for (prefix, keys) in [("sk_2", ["sk_1", "sk_2"]), ("sk_3", ["sk_1", "sk_3"])] {
        assert_eq!(store.add_key(prefix, b"hash", Some("rotation"), NOW.now), Ok(true));
        assert_eq!(live(), keys);
    }
    assert_eq!(store.add_key("sk_4", b"hash", Some("another"), NOW.now), Ok(false));
    fail_each_write(shop, |store| store.add_key("sk_2", b"hash", Some("rotation"), NOW.now));
}

#[test]
fn a_shop_whose_answer_was_lost_is_made_again_while_nobody_touched_it() {
    let sqlite = Sqlite::new("");
    let store = sqlite.store();
    let make = |shop: &Shop, prefix| store.create_shop(shop, prefix, b"hash", NOW.now);
    let live = || store.key_hashes().unwrap().into_iter().map(|key| key.0).collect::<Vec<_>>();
    assert_eq!(make(&settings(), "sk_1"), Ok(true));
    assert_eq!(make(&settings(), "sk_2"), Ok(true));
    assert_eq!(live(), ["sk_2"], "the first one is gone with its answer");
    assert_eq!(make(&other(), "sk_3"), Ok(false));
    import(&store, &[bare("a")], EVERY_COLUMN, Counts::Open).unwrap();
    assert_eq!(make(&settings(), "sk_4"), Ok(false));
    assert_eq!(live(), ["sk_2"]);
}

#[test]
fn another_low_mark_shows_every_sku_anew() {
    let sqlite = stocked(&[("few", "main", 3), ("more", "main", 8), ("none", "main", 0)]);
    let store = sqlite.store();
    for (low_mark, states) in [
        (0, [ShownState::InStock, ShownState::InStock, ShownState::Out(None)]),
        (5, [ShownState::Low(3), ShownState::InStock, ShownState::Out(None)]),
        (8, [ShownState::Low(3), ShownState::Low(8), ShownState::Out(None)]),
    ] {
        store.change_shop(&Shop { low_mark, ..settings() }, NOW).unwrap();
        let shown = ["few", "more", "none"].map(|sku| store.shown(sku).unwrap().unwrap());
        assert_eq!(shown.map(|shown| shown.state), states, "with a low mark of {low_mark}");
    }
    let versions = ["few", "more", "none"].map(|sku| store.shown(sku).unwrap().unwrap().version);
    assert_eq!(versions, [3, 2, 1], "only what looks different is published");
}

#[test]
fn settings_are_kept_as_they_were_given() {
    let sqlite = shop();
    let store = sqlite.store();
    for shop in [other(), settings()] {
        store.change_shop(&shop, NOW).unwrap();
        assert_eq!(store.shop().unwrap().as_deref(), Some(&shop));
        // Also once it is forgotten.
        assert_eq!(sqlite.store().shop().unwrap().as_deref(), Some(&shop));
    }
}

#[test]
fn settings_that_change_twice_in_a_millisecond_are_told_twice() {
    let sqlite = shop();
    let store = sqlite.store();
    store.change_shop(&other(), NOW).unwrap();
    let sent = due(&store, Receiver::Kv);
    store.change_shop(&settings(), NOW).unwrap();
    store.confirm(Receiver::Kv, &sent[0].sku, sent[0].version).unwrap();
    assert_eq!(due(&store, Receiver::Kv).len(), 1, "the second change would never be published");
}

#[test]
fn a_clock_that_goes_back_takes_no_version_back() {
    let sqlite = shop();
    let store = sqlite.store();
    let told = |after: i64| {
        store.change_shop(&other(), later(after)).unwrap();
        let version =
            due(&store, Receiver::Kv).iter().find(|row| row.sku.is_empty()).unwrap().version;
        tell_all(&store);
        version
    };
    let first = told(0);
    assert!(told(-300_000) > first);
    assert_eq!(told(5_000), NOW.now + 5_000);
}

#[test]
fn a_change_that_fails_changes_nothing() {
    fail_each_write(
        || stocked(&[("few", "main", 3)]),
        |store| store.change_shop(&other(), later(1)),
    );
}
