//! Every word that a shopper reads. The Worker writes them at first paint; the browser writes
//! them again, with this same code, when something changes.

use crate::date::Date;
use wire::{Precision, Price, Snapshot, State};

/// BCP 47: the language of the words below.
pub(crate) const LANGUAGE: &str = "en";

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The merchant's title; without one the SKU, since a link needs a name. Nothing of what is hidden.
pub(crate) fn title(snapshot: &Snapshot) -> String {
    let title = snapshot.title.trim();
    let named = !title.is_empty() || snapshot.state == State::Hidden;
    printable(if named { title } else { &snapshot.sku })
}

/// What can be had now.
pub(crate) fn state(snapshot: &Snapshot) -> String {
    match (snapshot.state, snapshot.quantity) {
        (State::InStock, _) => "In stock".to_owned(),
        (State::Low, Some(units)) => format!("Only {units} left"),
        (State::Low, None) => "Only a few left".to_owned(),
        (State::AllHeld, _) => "All in other shoppers' carts".to_owned(),
        (State::Hidden, _) => String::new(),
        (State::Out, _) if due(snapshot).is_some() => "Out of stock".to_owned(),
        (State::Out, _) => "Out of stock, no date yet".to_owned(),
    }
}

/// When it comes back; empty if it is there, or if nobody knows.
pub(crate) fn detail(snapshot: &Snapshot) -> String {
    match due(snapshot) {
        None if snapshot.state == State::AllHeld => "Some may be free again soon".to_owned(),
        None => String::new(),
        Some(Due::Day(on)) => format!("Back on {}", full(on)),
        Some(Due::Week(monday)) => format!("Back in the week of {}", day_and_month(monday)),
        Some(Due::Month(month)) => format!("Back in {} {}", month_name(month), month.year),
        Some(Due::Range(from, to)) => {
            let from = if from.year != to.year {
                full(from)
            } else if from.month != to.month {
                day_and_month(from)
            } else {
                from.day.to_string()
            };
            format!("Back between {from} and {}", full(to))
        }
    }
}

/// The same for `<time datetime>`. That knows no ranges, so a range becomes the month or the year
/// that it lies in: coarser than what is known, never finer.
pub(crate) fn datetime(snapshot: &Snapshot) -> Option<String> {
    match due(snapshot)? {
        Due::Day(on) => Some(format!("{:04}-{:02}-{:02}", on.year, on.month, on.day)),
        Due::Week(monday) => {
            let (year, week) = monday.iso_week();
            Some(format!("{year:04}-W{week:02}"))
        }
        Due::Range(from, to) if from.year != to.year => None,
        Due::Range(from, to) if from.month != to.month => Some(format!("{:04}", to.year)),
        Due::Month(month) | Due::Range(month, _) => {
            Some(format!("{:04}-{:02}", month.year, month.month))
        }
    }
}

/// What tells this variant from its siblings, and what it costs: `Red / XL · £24.50`.
pub(crate) fn price(snapshot: &Snapshot) -> String {
    let options = printable(snapshot.options.as_deref().unwrap_or_default());
    let price = snapshot.price.as_ref().map(money).unwrap_or_default();
    let between = if options.is_empty() || price.is_empty() { "" } else { " · " };
    [options.as_str(), between, &price].concat()
}

/// What a screen reader says when the state has changed.
#[cfg(feature = "hydrate")]
pub(crate) fn announcement(snapshot: &Snapshot) -> String {
    [&title(snapshot), ": ", &state(snapshot), ". ", &detail(snapshot)].concat()
}

/// When an `out` SKU comes back, if that can be read.
enum Due {
    Day(Date),
    /// The week that begins on this Monday.
    Week(Date),
    /// The month that this day is in.
    Month(Date),
    Range(Date, Date),
}

fn due(snapshot: &Snapshot) -> Option<Due> {
    let restock = snapshot.restock.as_ref().filter(|_| snapshot.state == State::Out)?;
    let date = Date::parse(&restock.date)?;
    Some(match restock.precision {
        Precision::Day => Due::Day(date),
        Precision::Week => Due::Week(date),
        Precision::Month => Due::Month(date),
        Precision::Range => Due::Range(date, Date::parse(restock.until.as_deref()?)?),
    })
}

fn full(date: Date) -> String {
    format!("{} {}", day_and_month(date), date.year)
}

fn day_and_month(date: Date) -> String {
    format!("{} {}", date.day, month_name(date))
}

fn month_name(date: Date) -> &'static str {
    MONTHS.get(usize::from(date.month).wrapping_sub(1)).copied().unwrap_or_default()
}

/// `£1,234.50`; for a currency without a sign of its own in English `CHF 1,234.50`.
fn money(price: &Price) -> String {
    let sign = match price.currency.as_str() {
        "GBP" => "£",
        "EUR" => "€",
        "USD" => "$",
        "JPY" => "¥",
        _ => "",
    };
    let code = if sign.is_empty() { [&price.currency, "\u{a0}"].concat() } else { String::new() };
    let minus = if price.amount_minor < 0 { "\u{2212}" } else { "" };
    [minus, &code, sign, &amount(price.amount_minor.unsigned_abs(), &price.currency)].concat()
}

/// With as many digits behind the point as the currency has (ISO 4217).
fn amount(minor: u64, currency: &str) -> String {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => grouped(minor),
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => {
            format!("{}.{:03}", grouped(minor / 1_000), minor % 1_000)
        }
        "CLF" | "UYW" => format!("{}.{:04}", grouped(minor / 10_000), minor % 10_000),
        _ => format!("{}.{:02}", grouped(minor / 100), minor % 100),
    }
}

/// `1,234,567`
fn grouped(number: u64) -> String {
    if number < 1_000 {
        number.to_string()
    } else {
        format!("{},{:03}", grouped(number / 1_000), number % 1_000)
    }
}

/// The text with spaces for control characters: HTML drops some of them and changes others, and
/// then the browser would not find the text that the Worker wrote. For those that direct text
/// too: with them an option could turn round the price that follows it.
fn printable(text: &str) -> String {
    let directs = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.replace(|c: char| c.is_control() || directs(c), " ")
}
