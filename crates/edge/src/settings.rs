//! Settings as they come in: checked here, once.

use crate::{
    failure::{Failure, reject},
    keys::is_shop_id,
    limits::{MAX_LOW_MARK, MAX_ORIGINS},
};
use icu_locale_core::LanguageIdentifier;
use iso_currency::Currency;
use jiff::tz::TimeZone;
use ledger::{MAX_QUANTITY, MAX_WAVE, MAX_WINDOW_MS, MIN_WINDOW_MS, Mixed, Policy, Strategy};
use store::Shop;
use url::Url;
use wire::{Code, Settings, SettingsChange, WaitlistPolicy};

/// The shop that these settings make.
pub(crate) fn shop(id: &str, settings: Settings) -> Result<Shop, Failure> {
    check_id(id)?;
    check_currency(&settings.currency)?;
    check_time_zone(&settings.time_zone)?;
    check_locale(&settings.locale)?;
    check_low_mark(settings.low_mark)?;
    check_origins(&settings.origins)?;
    check_max_held(settings.max_held_per_buyer)?;
    Ok(Shop {
        id: id.to_owned(),
        currency: settings.currency,
        time_zone: settings.time_zone,
        locale: settings.locale,
        low_mark: settings.low_mark,
        mode: mode_from(settings.mode),
        origins: settings.origins,
        strategy: match settings.strategy {
            wire::Strategy::Priority => Strategy::Priority,
            wire::Strategy::FewestParcels => Strategy::FewestParcels,
            wire::Strategy::Nearest => Strategy::Nearest,
            wire::Strategy::Spread => Strategy::Spread,
        },
        hide_undated: settings.hide_undated,
        browser_holds: settings.browser_holds,
        max_held_per_buyer: settings.max_held_per_buyer,
        mixed: match settings.mixed_carts {
            wire::MixedCarts::Split => Mixed::Split,
            wire::MixedCarts::Together => Mixed::Together,
            wire::MixedCarts::Refuse => Mixed::Refuse,
        },
        improve: settings.improve_promises,
        waitlist: policy(settings.waitlist)?,
    })
}

/// The shop after a change.
pub(crate) fn changed(shop: &Shop, change: SettingsChange) -> Result<Shop, Failure> {
    let before = settings(shop);
    let after = Settings {
        currency: change.currency.unwrap_or(before.currency),
        time_zone: change.time_zone.unwrap_or(before.time_zone),
        locale: change.locale.unwrap_or(before.locale),
        low_mark: change.low_mark.unwrap_or(before.low_mark),
        mode: change.mode.unwrap_or(before.mode),
        origins: change.origins.unwrap_or(before.origins),
        strategy: change.strategy.unwrap_or(before.strategy),
        hide_undated: change.hide_undated.unwrap_or(before.hide_undated),
        browser_holds: change.browser_holds.unwrap_or(before.browser_holds),
        max_held_per_buyer: change.max_held_per_buyer.unwrap_or(before.max_held_per_buyer),
        mixed_carts: change.mixed_carts.unwrap_or(before.mixed_carts),
        improve_promises: change.improve_promises.unwrap_or(before.improve_promises),
        waitlist: change.waitlist.unwrap_or(before.waitlist),
    };
    self::shop(&shop.id, after)
}

/// The settings as they are told.
pub(crate) fn settings(shop: &Shop) -> Settings {
    Settings {
        currency: shop.currency.clone(),
        time_zone: shop.time_zone.clone(),
        locale: shop.locale.clone(),
        low_mark: shop.low_mark,
        mode: match shop.mode {
            store::Mode::Authority => wire::Mode::Authority,
            store::Mode::Mirror => wire::Mode::Mirror,
        },
        origins: shop.origins.clone(),
        strategy: match shop.strategy {
            Strategy::Priority => wire::Strategy::Priority,
            Strategy::FewestParcels => wire::Strategy::FewestParcels,
            Strategy::Nearest => wire::Strategy::Nearest,
            Strategy::Spread => wire::Strategy::Spread,
        },
        hide_undated: shop.hide_undated,
        browser_holds: shop.browser_holds,
        max_held_per_buyer: shop.max_held_per_buyer,
        mixed_carts: match shop.mixed {
            Mixed::Split => wire::MixedCarts::Split,
            Mixed::Together => wire::MixedCarts::Together,
            Mixed::Refuse => wire::MixedCarts::Refuse,
        },
        improve_promises: shop.improve,
        waitlist: told_policy(&shop.waitlist),
    }
}

fn policy(told: WaitlistPolicy) -> Result<Policy, Failure> {
    let policy = Policy {
        wave: i64::from(told.wave),
        window_ms: i64::from(told.window_seconds).saturating_mul(1_000),
        min_restock: i64::from(told.min_restock),
        shelf_percent: i64::from(told.shelf_percent),
        smaller: told.smaller,
    };
    for (name, value, least, most) in [
        ("wave", policy.wave, 1, MAX_WAVE),
        ("window_seconds", policy.window_ms / 1_000, MIN_WINDOW_MS / 1_000, MAX_WINDOW_MS / 1_000),
        ("min_restock", policy.min_restock, 1, MAX_QUANTITY),
        ("shelf_percent", policy.shelf_percent, 0, 100),
    ] {
        if !(least..=most).contains(&value) {
            return Err(bad(format!("`waitlist.{name}` is {least} to {most}, not {value}.")));
        }
    }
    Ok(policy)
}

fn told_policy(policy: &Policy) -> WaitlistPolicy {
    // All of them came in as such.
    let told = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
    WaitlistPolicy {
        wave: told(policy.wave),
        window_seconds: told(policy.window_ms / 1_000),
        min_restock: told(policy.min_restock),
        shelf_percent: told(policy.shelf_percent),
        smaller: policy.smaller,
    }
}

fn mode_from(mode: wire::Mode) -> store::Mode {
    match mode {
        wire::Mode::Authority => store::Mode::Authority,
        wire::Mode::Mirror => store::Mode::Mirror,
    }
}

fn bad(detail: String) -> Failure {
    reject(Code::BadValue, detail)
}

fn check_id(id: &str) -> Result<(), Failure> {
    if is_shop_id(id) {
        return Ok(());
    }
    Err(bad("`id` is 3 to 32 of a-z, 0-9 and `-`.".to_owned()))
}

fn check_currency(code: &str) -> Result<(), Failure> {
    match exponent(code) {
        Some(_) => Ok(()),
        None => Err(bad(format!("`currency` is an ISO 4217 code such as GBP, not `{code}`."))),
    }
}

fn check_time_zone(name: &str) -> Result<(), Failure> {
    match TimeZone::get(name) {
        Ok(_) => Ok(()),
        Err(_) => {
            Err(bad(format!("`time_zone` is an IANA name such as Europe/London, not `{name}`.")))
        }
    }
}

fn check_locale(tag: &str) -> Result<(), Failure> {
    match tag.parse::<LanguageIdentifier>() {
        Ok(_) => Ok(()),
        Err(_) => Err(bad(format!("`locale` is a BCP 47 tag such as en-GB, not `{tag}`."))),
    }
}

fn check_low_mark(low_mark: u32) -> Result<(), Failure> {
    if low_mark <= MAX_LOW_MARK {
        return Ok(());
    }
    Err(bad(format!("`low_mark` is at most {MAX_LOW_MARK}, not {low_mark}.")))
}

fn check_origins(origins: &[String]) -> Result<(), Failure> {
    if origins.len() > MAX_ORIGINS {
        return Err(bad(format!("`origins` lists at most {MAX_ORIGINS}, not {}.", origins.len())));
    }
    match origins.iter().find(|origin| !is_origin(origin)) {
        None => Ok(()),
        Some(origin) => Err(bad(format!(
            "`{origin}` is no origin: scheme and host, as in https://shop.example, without a \
             path or a slash at the end; http only for localhost and 127.0.0.1."
        ))),
    }
}

fn check_max_held(units: Option<u32>) -> Result<(), Failure> {
    if units == Some(0) {
        let detail = "`max_held_per_buyer` is 1 or more, or null for no limit.";
        return Err(bad(detail.to_owned()));
    }
    Ok(())
}

/// Exactly what a browser would send in `Origin`, so that comparing texts is enough.
fn is_origin(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let scheme_fits = match url.scheme() {
        "https" => true,
        "http" => matches!(url.host_str(), Some("localhost" | "127.0.0.1")),
        _ => false,
    };
    scheme_fits && url.origin().ascii_serialization() == text
}

/// The decimals of a currency; `None` if there is no such currency, or none that goods are priced
/// in (gold, the testing code).
pub(crate) fn exponent(code: &str) -> Option<u32> {
    Currency::from_code(code)?.exponent().map(u32::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> Settings {
        Settings {
            currency: "GBP".to_owned(),
            time_zone: "Europe/London".to_owned(),
            locale: "en-GB".to_owned(),
            low_mark: 5,
            mode: wire::Mode::Authority,
            origins: vec!["https://shop.example".to_owned(), "http://localhost:3000".to_owned()],
            strategy: wire::Strategy::Nearest,
            hide_undated: true,
            browser_holds: true,
            max_held_per_buyer: Some(2),
            mixed_carts: wire::MixedCarts::Together,
            improve_promises: false,
            waitlist: WaitlistPolicy { wave: 7, smaller: true, ..WaitlistPolicy::default() },
        }
    }

    #[test]
    fn good_settings_come_back_as_they_were() {
        assert_eq!(settings(&shop("demo", given()).unwrap()), given());
        let change = SettingsChange { low_mark: Some(2), ..SettingsChange::default() };
        let after = changed(&shop("demo", given()).unwrap(), change).unwrap();
        assert_eq!(settings(&after), Settings { low_mark: 2, ..given() });
        let change = SettingsChange { max_held_per_buyer: Some(None), ..Default::default() };
        let unlimited = changed(&after, change).unwrap();
        assert_eq!(unlimited.max_held_per_buyer, None);
    }

    fn with_policy(waitlist: WaitlistPolicy) -> Settings {
        Settings { waitlist, ..given() }
    }

    #[test]
    fn each_bad_setting_is_refused() {
        let bad = [
            Settings { currency: "gbp".to_owned(), ..given() },
            Settings { currency: "QQQ".to_owned(), ..given() },
            Settings { time_zone: "London".to_owned(), ..given() },
            Settings { locale: "english!".to_owned(), ..given() },
            Settings { low_mark: 1_001, ..given() },
            Settings { origins: vec!["https://a.example".to_owned(); 21], ..given() },
            Settings { max_held_per_buyer: Some(0), ..given() },
            with_policy(WaitlistPolicy { wave: 0, ..WaitlistPolicy::default() }),
            with_policy(WaitlistPolicy { window_seconds: 59, ..WaitlistPolicy::default() }),
            with_policy(WaitlistPolicy { min_restock: 0, ..WaitlistPolicy::default() }),
            with_policy(WaitlistPolicy { shelf_percent: 101, ..WaitlistPolicy::default() }),
        ];
        for settings in bad {
            let refused = shop("demo", settings.clone()).map_err(|failure| failure.code());
            assert_eq!(refused, Err(Code::BadValue), "{settings:?}");
        }
        for id in ["ab", "Demo", "a_b", "a/b", &"x".repeat(33)] {
            assert!(shop(id, given()).is_err(), "{id}");
        }
    }

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        for text in ["https://shop.example", "https://shop.example:8443", "http://127.0.0.1:80"] {
            let sent = text.strip_suffix(":80").unwrap_or(text);
            assert!(is_origin(sent), "{sent}");
        }
        for text in [
            "https://shop.example/",
            "https://Shop.example",
            "https://shop.example:443",
            "http://shop.example",
            "https://bücher.example",
            "https://user@shop.example",
            "shop.example",
            "null",
            "*",
            "",
        ] {
            assert!(!is_origin(text), "{text}");
        }
    }

    #[test]
    fn currencies_have_their_own_decimals() {
        let all = ["GBP", "JPY", "KWD", "XXX", "nope"].map(exponent);
        assert_eq!(all, [Some(2), Some(0), Some(3), None, None]);
    }
}
