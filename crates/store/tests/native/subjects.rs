//! Whoever has an address, as a whole.

use crate::{
    fixture::fail_each_write_to,
    outreach::{NOW_MS, empty, sign_up, taken},
    sqlite::Sqlite,
};
use store::{
    consent::Reason,
    outreach::{Address, OrderContact, Outreach, SignUp},
    subjects::{AlertStage, Consent, KeptMessage, KeptOrder, KeptSignUp, Subject, Whose},
    waits::{ForPlace, PlaceNews},
};

const LIFETIME: i64 = 50_000;
const PROOF: i64 = 70_000;
const NOBODY: Subject = Subject {
    sign_ups: vec![],
    consents: vec![],
    messages: vec![],
    orders: vec![],
    suppressed: None,
};

/// Jane has asked for a, waits for b, was told of c and has an order; John has asked for a, waits
/// for b and has an order, too.
fn jane_and_john() -> Sqlite {
    let sqlite = empty();
    let store = Outreach::new(&sqlite);
    for (sku, network) in [("b", &b"home"[..]), ("a", b"home"), ("c", b"away")] {
        taken(&sqlite, &SignUp { network, ..sign_up(sku, b"jane") }, NOW_MS);
    }
    for sku in ["a", "b"] {
        taken(&sqlite, &SignUp { network: b"john's", ..sign_up(sku, b"john") }, NOW_MS);
    }
    for subscriber in ["jane of b", "jane of c", "john of b"] {
        store.confirm("jars", subscriber, LIFETIME, PROOF, NOW_MS + 5).unwrap();
    }
    for place in store.place_news(9).unwrap() {
        store.place_heard(&place.subscriber, &place.news).unwrap();
    }
    let told = ForPlace {
        subscriber: "jane of c",
        shop: "jars",
        id: "jars.c",
        kind: "claim",
        payload: "{}",
        due: NOW_MS + 7,
        expires_at: NOW_MS + 900,
    };
    store.tell_place(&told, NOW_MS + 7).unwrap();
    for (order, hash) in [("order 1", b"jane"), ("order 2", b"john")] {
        let address = Address { key: 2, sealed: b"sealed", hash, earlier: &[] };
        let contact = OrderContact { order, address, lang: "en", expires_at: NOW_MS + 99 };
        assert_eq!(store.keep_contact(&contact, NOW_MS), Ok(true));
        store.suppress(&[hash.to_vec()], Reason::Bounced, NOW_MS).unwrap();
    }
    sqlite
}

fn hashes(names: &[&str]) -> Vec<Vec<u8>> {
    names.iter().map(|name| name.as_bytes().to_vec()).collect()
}

#[test]
fn what_somebody_waits_for_is_found_by_any_of_their_sign_ups() {
    let sqlite = jane_and_john();
    let store = Outreach::new(&sqlite);
    let sealed = Some((2, b"sealed".to_vec()));
    let hash = b"jane".to_vec();
    assert_eq!(store.whose("jane of a"), Ok(Some(Whose { hash: hash.clone(), sealed })));
    // Its sign-up has done what it was made for.
    assert_eq!(store.whose("jane of c"), Ok(Some(Whose { hash, sealed: None })));
    assert_eq!(store.whose("jane"), Ok(None));
    let alerts = |hashes: &[Vec<u8>], now| {
        let alerts = store.alerts(hashes, now).unwrap();
        alerts.into_iter().map(|alert| (alert.subscriber, alert.stage)).collect::<Vec<_>>()
    };
    let alert = |subscriber: &str, stage| (subscriber.to_owned(), stage);
    let mut janes = vec![
        alert("jane of c", AlertStage::Told),
        alert("jane of b", AlertStage::Waiting),
        alert("jane of a", AlertStage::Unconfirmed),
    ];
    assert_eq!(alerts(&hashes(&["jane"]), NOW_MS), janes);
    janes.remove(0);
    janes.push(alert("john of a", AlertStage::Unconfirmed));
    janes.push(alert("john of b", AlertStage::Waiting));
    let both = alerts(&hashes(&["jane", "john"]), NOW_MS + 900);
    assert_eq!(both, janes, "a claim whose time is over is none");
    assert_eq!(alerts(&hashes(&["jim"]), NOW_MS), []);
}

#[test]
fn all_that_is_kept_is_told() {
    let sqlite = jane_and_john();
    let store = Outreach::new(&sqlite);
    let sign_up = |sku: &str, confirmed_at: Option<i64>, expires_at| KeptSignUp {
        sku: sku.to_owned(),
        quantity: 1,
        lang: "en".to_owned(),
        marketing: false,
        made_at: NOW_MS,
        confirmed_at,
        expires_at,
    };
    let at = NOW_MS + 5;
    let consent = |sku: &str| Consent {
        sku: sku.to_owned(),
        lang: "en".to_owned(),
        text: 1,
        marketing: false,
        consented_at: NOW_MS,
        confirmed_at: at,
        ended_at: None,
        expires_at: at + LIFETIME + PROOF,
    };
    let message = |id: &str, kind: &str, made_at, expires_at| KeptMessage {
        id: id.to_owned(),
        kind: kind.to_owned(),
        made_at,
        expires_at,
    };
    let janes = Subject {
        sign_ups: vec![sign_up("b", Some(at), at + LIFETIME), sign_up("a", None, NOW_MS + 9_000)],
        consents: vec![consent("b"), consent("c")],
        messages: vec![
            message("ask jane of a", "confirm", NOW_MS, NOW_MS + 9_000),
            message("jars.c", "claim", NOW_MS + 7, NOW_MS + 900),
        ],
        orders: vec![KeptOrder {
            order: "order 1".to_owned(),
            lang: "en".to_owned(),
            kept_at: NOW_MS,
            expires_at: NOW_MS + 99,
        }],
        suppressed: Some((Reason::Bounced, NOW_MS)),
    };
    assert_eq!(store.export(&hashes(&["jane"])), Ok(janes.clone()));
    // Under whichever version of the secret they came.
    assert_eq!(store.export(&hashes(&["jane 3", "jane"])), Ok(janes));
    assert_eq!(store.export(&hashes(&["jim"])), Ok(NOBODY));
}

#[test]
fn who_is_erased_is_nowhere_and_nobody_else_is_touched() {
    let sqlite = jane_and_john();
    let store = Outreach::new(&sqlite);
    let john = store.export(&hashes(&["john"])).unwrap();
    store.erase(&hashes(&["jane 3", "jane"])).unwrap();
    assert_eq!(store.export(&hashes(&["jane"])), Ok(NOBODY));
    assert_eq!(store.export(&hashes(&["john"])), Ok(john));
    assert_eq!(store.whose("jane of c"), Ok(None));
    // The shop hears that the places are free.
    let news = store.place_news(9).unwrap();
    let left: Vec<_> = news.iter().map(|it| (it.subscriber.as_str(), &it.news)).collect();
    assert_eq!(left, [("jane of b", &PlaceNews::Leaving), ("jane of c", &PlaceNews::Leaving)]);
    for place in &news {
        store.place_heard(&place.subscriber, &place.news).unwrap();
    }
    let hex = |text: &str| format!("{:?}", text.as_bytes());
    for table in ["sign_ups", "proofs", "messages", "order_contacts", "suppressed", "places"] {
        let rows = sqlite.rows(&format!("SELECT * FROM {table}")).concat();
        assert!(!rows.contains("jane") && !rows.contains(&hex("jane")), "{table}: {rows}");
        assert!(rows.contains("john") || rows.contains(&hex("john")), "{table}: {rows}");
    }
    let before = sqlite.state(&[]);
    store.erase(&hashes(&["jane"])).unwrap();
    assert_eq!(sqlite.state(&[]), before, "twice is once");
}

#[test]
fn an_erasure_that_fails_leaves_all_of_it() {
    fail_each_write_to(jane_and_john, |sqlite| Outreach::new(sqlite).erase(&hashes(&["jane"])));
}
