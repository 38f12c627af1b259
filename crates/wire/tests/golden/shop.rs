//! Shops, their settings and their health.

use crate::check;
use wire::*;

fn settings() -> Settings {
    Settings {
        currency: "GBP".to_owned(),
        time_zone: "Europe/London".to_owned(),
        locale: "en-GB".to_owned(),
        low_mark: 3,
        mode: Mode::Mirror,
        origins: vec!["https://shop.example".to_owned()],
        strategy: Strategy::Nearest,
        hide_undated: true,
        browser_holds: true,
        max_held_per_buyer: Some(4),
        mixed_carts: MixedCarts::Together,
        improve_promises: false,
        waitlist: POLICY,
        name: Some("Jars & Co".to_owned()),
        color: Some("#0a7d55".to_owned()),
        checkout_url: Some("https://shop.example/checkout?hold={hold}".to_owned()),
    }
}

const POLICY: WaitlistPolicy = WaitlistPolicy {
    wave: 7,
    window_seconds: 3_600,
    min_restock: 3,
    shelf_percent: 20,
    smaller: true,
};

const SETTINGS: &str = r##"{"currency":"GBP","time_zone":"Europe/London","locale":"en-GB",
    "low_mark":3,"mode":"mirror","origins":["https://shop.example"],"strategy":"nearest",
    "hide_undated":true,"browser_holds":true,"max_held_per_buyer":4,
    "mixed_carts":"together","improve_promises":false,"waitlist":{"wave":7,"window_seconds":3600,
    "min_restock":3,"shelf_percent":20,"smaller":true},"name":"Jars & Co","color":"#0a7d55",
    "checkout_url":"https://shop.example/checkout?hold={hold}"}"##;

#[test]
fn shops() {
    let with_settings = |text: &str| text.replace("SETTINGS", SETTINGS);
    check("programs that read and write a shop's settings", &[(settings(), SETTINGS)]);
    check(
        "programs that make shops",
        &[
            (
                CreateShop { id: Some("jars".to_owned()), settings: settings() },
                with_settings(r#"{"id":"jars","settings":SETTINGS}"#).as_str(),
            ),
            (
                CreateShop { id: None, settings: settings() },
                with_settings(r#"{"settings":SETTINGS}"#).as_str(),
            ),
        ],
    );
    check(
        "programs that make shops: the key is shown only once",
        &[(
            ShopCreated {
                id: "jars".to_owned(),
                secret_key: "sk_jars_x".to_owned(),
                settings: settings(),
            },
            with_settings(r#"{"id":"jars","secret_key":"sk_jars_x","settings":SETTINGS}"#).as_str(),
        )],
    );
    check(
        "programs that change over to a new key",
        &[(NewKey { secret_key: "sk_jars_y".to_owned() }, r#"{"secret_key":"sk_jars_y"}"#)],
    );
}

#[test]
fn changes_of_settings() {
    let whole = SettingsChange {
        currency: Some("EUR".to_owned()),
        time_zone: Some("Europe/Paris".to_owned()),
        locale: Some("fr".to_owned()),
        low_mark: Some(0),
        mode: Some(Mode::Authority),
        origins: Some(vec![]),
        strategy: Some(Strategy::FewestParcels),
        hide_undated: Some(false),
        browser_holds: Some(true),
        max_held_per_buyer: Some(None),
        mixed_carts: Some(MixedCarts::Refuse),
        improve_promises: Some(true),
        waitlist: Some(POLICY),
        name: Some(Some("Jars".to_owned())),
        color: Some(None),
        checkout_url: Some(None),
    };
    check(
        "programs that change a shop's settings",
        &[
            (
                whole,
                r#"{"currency":"EUR","time_zone":"Europe/Paris","locale":"fr","low_mark":0,
                    "mode":"authority","origins":[],"strategy":"fewest_parcels",
                    "hide_undated":false,"browser_holds":true,"max_held_per_buyer":null,
                    "mixed_carts":"refuse","improve_promises":true,"waitlist":{"wave":7,
                    "window_seconds":3600,"min_restock":3,"shelf_percent":20,"smaller":true},
                    "name":"Jars","color":null,"checkout_url":null}"#,
            ),
            (
                SettingsChange { low_mark: Some(9), ..SettingsChange::default() },
                r#"{"currency":null,"time_zone":null,"locale":null,"low_mark":9,
                    "mode":null,"origins":null,"strategy":null,"hide_undated":null,
                    "browser_holds":null,"mixed_carts":null,"improve_promises":null,
                    "waitlist":null}"#,
            ),
        ],
    );
}

#[test]
fn health() {
    check(
        "monitors that watch the age of the outbox",
        &[
            (
                Health {
                    build: "abc123def456".to_owned(),
                    outbox: Some(Outbox { rows: 2, oldest_age_ms: 1500 }),
                    mail: Mail::On,
                    confirmations: None,
                },
                r#"{"build":"abc123def456","outbox":{"rows":2,"oldest_age_ms":1500},"mail":"on"}"#,
            ),
            (
                Health {
                    build: "abc123def456".to_owned(),
                    outbox: None,
                    mail: Mail::Off,
                    confirmations: Some(Confirmations { sent: 7, most: 20_000, breakers_open: 1 }),
                },
                r#"{"build":"abc123def456","mail":"off",
                    "confirmations":{"sent":7,"most":20000,"breakers_open":1}}"#,
            ),
            (
                Health {
                    build: "abc123def456".to_owned(),
                    outbox: None,
                    mail: Mail::Off,
                    confirmations: None,
                },
                r#"{"build":"abc123def456","mail":"off"}"#,
            ),
        ],
    );
}

#[test]
fn what_a_merchant_may_leave_out() {
    let least = r#"{"currency":"EUR","time_zone":"Europe/Paris"}"#;
    let read: Settings = serde_json::from_str(least).unwrap();
    let meant = Settings {
        currency: "EUR".to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        locale: "en".to_owned(),
        low_mark: 5,
        mode: Mode::Authority,
        origins: vec![],
        strategy: Strategy::Priority,
        hide_undated: false,
        browser_holds: false,
        max_held_per_buyer: None,
        mixed_carts: MixedCarts::Split,
        improve_promises: true,
        waitlist: WaitlistPolicy::default(),
        name: None,
        color: None,
        checkout_url: None,
    };
    assert_eq!(
        Settings::new("EUR", "Europe/Paris"),
        meant,
        "shops made here would work differently"
    );
    assert_eq!(read, meant, "shops made with the least settings would work differently");
    assert_eq!(serde_json::from_str::<SettingsChange>("{}").unwrap(), SettingsChange::default());
}
