//! Settings as they come in: checked here, once.

use crate::{
    failure::{Failure, reject},
    keys::is_shop_id,
    limits::{MAX_LOW_MARK, MAX_ORIGINS, MAX_SHOP_NAME_CHARS, MAX_URL_BYTES},
    places,
};
use icu_locale_core::LanguageIdentifier;
use iso_currency::Currency;
use jiff::tz::TimeZone;
use ledger::{MAX_QUANTITY, MAX_WAVE, MAX_WINDOW_MS, MIN_WINDOW_MS, Mixed, Policy, Strategy};
use store::{Brand, Shop};
use url::Url;
use widget::link;
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
    let brand =
        Brand { name: settings.name, color: settings.color, checkout_url: settings.checkout_url };
    check_brand(&brand)?;
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
        brand,
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
        name: change.name.unwrap_or(before.name),
        color: change.color.unwrap_or(before.color),
        checkout_url: change.checkout_url.unwrap_or(before.checkout_url),
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
        name: shop.brand.name.clone(),
        color: shop.brand.color.clone(),
        checkout_url: shop.brand.checkout_url.clone(),
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

fn check_brand(brand: &Brand) -> Result<(), Failure> {
    if let Some(name) = &brand.name {
        let length = name.chars().count();
        let is_text = name.trim() == name && !name.contains(char::is_control);
        if !is_text || !(1..=MAX_SHOP_NAME_CHARS).contains(&length) {
            let most = MAX_SHOP_NAME_CHARS;
            let detail =
                format!("`name` is 1 to {most} characters on one line, without blanks around.");
            return Err(bad(detail));
        }
    }
    let is_color = |color: &String| {
        let digits = color.strip_prefix('#').unwrap_or_default();
        digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    };
    if let Some(color) = brand.color.as_ref().filter(|color| !is_color(color)) {
        return Err(bad(format!("`color` is six hex digits, as in #0a7d55, not `{color}`.")));
    }
    match brand.checkout_url.as_ref().filter(|template| !is_template(template)) {
        Some(template) => Err(bad(format!(
            "`checkout_url` is an https address with `{{hold}}` in it, as in \
             https://shop.example/checkout?hold={{hold}}&sku={{sku}}&quantity={{quantity}}, not \
             `{template}`; http only for localhost and 127.0.0.1."
        ))),
        None => Ok(()),
    }
}

/// May claims be bought there? What stands for them may be anywhere behind the host.
fn is_template(template: &str) -> bool {
    let filled = places::checkout(template, "h", "s", 1);
    let host = |text: &str| Url::parse(text).ok().map(|url| url.origin().ascii_serialization());
    template.len() <= MAX_URL_BYTES
        && filled != template
        && template.contains("{hold}")
        && !filled.contains(['{', '}'])
        && link::absolute(&filled).is_some()
        && host(&filled) == host(&places::checkout(template, "i", "t", 2))
}

/// Exactly what a browser would send in `Origin`, so that comparing texts is enough; and nothing
/// that means more than itself in a policy's list.
pub(crate) fn is_origin(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    if text.contains(['*', ';', ',']) {
        return false;
    }
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
            name: Some("Jars & Co".to_owned()),
            color: Some("#0A7d55".to_owned()),
            checkout_url: Some("https://shop.example/buy/{sku}?n={quantity}#{hold}".to_owned()),
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
        let change = SettingsChange { name: Some(None), ..Default::default() };
        let nameless = changed(&after, change).unwrap();
        assert_eq!((nameless.brand.name, nameless.brand.color), (None, after.brand.color));
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
            with_policy(WaitlistPolicy { window_seconds: 299, ..WaitlistPolicy::default() }),
            with_policy(WaitlistPolicy { min_restock: 0, ..WaitlistPolicy::default() }),
            with_policy(WaitlistPolicy { shelf_percent: 101, ..WaitlistPolicy::default() }),
        ];
        for settings in bad {
            let refused = shop("demo", settings.clone()).map_err(|failure| failure.code());
            assert_eq!(refused, Err(Code::BadValue), "{settings:?}");
        }
        for name in ["", " ", " Jars", "Jars\n", &"x".repeat(61)] {
            let named = Settings { name: Some(name.to_owned()), ..given() };
            assert!(shop("demo", named).is_err(), "{name:?}");
        }
        for color in ["", "#fff", "0a7d55", "#0a7d5g", "#0a7d55;", "red"] {
            let colored = Settings { color: Some(color.to_owned()), ..given() };
            assert!(shop("demo", colored).is_err(), "{color}");
        }
        for template in [
            "https://shop.example/checkout",
            "https://shop.example/{sku}/{quantity}",
            "https://shop.example/{hold}?{cart}",
            "https://shop.example/{hold}?{",
            "https://{hold}.example/",
            "https://shop.example:{quantity}/{hold}",
            "http://shop.example/{hold}",
            "/checkout?hold={hold}",
            "javascript:alert({hold})",
            "{hold}",
        ] {
            let sold = Settings { checkout_url: Some(template.to_owned()), ..given() };
            assert!(shop("demo", sold).is_err(), "{template}");
        }
        let here =
            Settings { checkout_url: Some("http://127.0.0.1:80/{hold}".to_owned()), ..given() };
        assert!(shop("demo", here).is_ok());
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
            "https://*",
            "https://*.shop.example",
            "https://shop.example;script-src",
            "https://a,b",
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
