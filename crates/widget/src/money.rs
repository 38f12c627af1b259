//! Amounts of money, as a language writes them.

use crate::languages::Language;
use iso_currency::Currency;
use std::num::NonZero;
use wire::Price;

/// `£1,234.50`, `1.234,50 €`; of a currency without a sign in that language `CHF 1,234.50`.
pub(crate) fn money(price: &Price, language: &Language) -> String {
    let code = price.currency.as_str();
    let sign = language.signs.iter().find(|(own, _)| *own == code).map_or(code, |(_, sign)| sign);
    let number = amount(price.amount_minor.unsigned_abs(), code, language);
    let minus = if price.amount_minor < 0 { "\u{2212}" } else { "" };
    // A sign that ends in a letter does not touch the number (CLDR's currency spacing).
    let apart = sign.ends_with(char::is_alphabetic) && language.money.contains("{s}{n}");
    let gap = if apart { "\u{a0}" } else { "" };
    let sign = [sign, gap].concat();
    [minus, &language.money.replace("{n}", &number).replace("{s}", &sign)].concat()
}

/// With as many digits behind the point as the currency has (ISO 4217).
fn amount(minor: u64, currency: &str, language: &Language) -> String {
    let digits = Currency::from_code(currency).and_then(Currency::exponent).unwrap_or(2);
    let whole = NonZero::new(10_u64.saturating_pow(digits.into())).unwrap_or(NonZero::<u64>::MIN);
    let (units, rest) = (minor / whole, minor % whole);
    let units = if units < 10_000 && !language.groups_four_digits {
        units.to_string()
    } else {
        grouped(units, language.group)
    };
    if digits == 0 {
        return units;
    }
    format!("{units}{}{rest:0width$}", language.decimal, width = usize::from(digits))
}

/// `1,234,567`
fn grouped(number: u64, group: &str) -> String {
    if number < 1_000 {
        number.to_string()
    } else {
        format!("{}{group}{:03}", grouped(number / 1_000, group), number % 1_000)
    }
}
