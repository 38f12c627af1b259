//! One row of an import's file: its cells by name, and what each of them says.

use crate::{
    csv_records::Record,
    limits::{MAX_COUNT, MAX_DETAIL_BYTES, MAX_PRICE_MINOR, MAX_TITLE_BYTES, MAX_URL_BYTES},
    settings::exponent,
};
use jiff::civil::Date;
use ledger::{Location, Precision, Restock, Sku};
use std::collections::BTreeSet;
use store::{Money, Staged};
use substitutes::MAX_CHOSEN;
use url::Url;
use wire::CellFault;

/// The columns of an import. Only `sku` must be there; the order is free.
pub(crate) const COLUMNS: [&str; 14] = [
    "sku",
    "product_id",
    "title",
    "category",
    "options",
    "price",
    "currency",
    "url",
    "image",
    "location",
    "on_hand",
    "restock_date",
    "precision",
    "substitutes",
];

/// One row's cells by name, and what was found wrong with them.
pub(crate) struct Cells<'a> {
    row: u64,
    texts: [Option<&'a str>; COLUMNS.len()],
    pub(crate) faults: Vec<CellFault>,
}

impl<'a> Cells<'a> {
    /// The cells of a record; one that is missing or empty is `None`.
    pub(crate) fn of(record: &'a Record, header: &[usize]) -> Result<Self, CellFault> {
        if record.fields.len() != header.len() {
            let fault = format!(
                "this row has {} cells and the header has {}; is a comma not in quotes?",
                record.fields.len(),
                header.len()
            );
            return Err(cell_fault(record.number, "", fault));
        }
        let mut texts = [None; COLUMNS.len()];
        for (column, bytes) in header.iter().zip(&record.fields) {
            let name = COLUMNS.get(*column).copied().unwrap_or_default();
            let text = std::str::from_utf8(bytes)
                .map_err(|_| cell_fault(record.number, name, "it is not UTF-8; save it as such"))?;
            if let Some(slot) = texts.get_mut(*column) {
                *slot = Some(text).filter(|text| !text.is_empty());
            }
        }
        Ok(Self { row: record.number, texts, faults: Vec::new() })
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        let column = COLUMNS.iter().position(|known| *known == name)?;
        self.texts.get(column).copied().flatten()
    }

    /// The cell of this name through `parse`; a fault is noted and counts as an empty cell.
    fn parsed<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match parse(self.text(name)?) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.faults.push(cell_fault(self.row, name, fault));
                None
            }
        }
    }

    fn detail(&mut self, name: &str, most: usize) -> Option<String> {
        self.parsed(name, |text| plain(text, most))
    }

    /// The row, if it is sound so far as its place is concerned.
    pub(crate) fn staged(&mut self, default_currency: &str) -> Option<Staged> {
        if self.text("sku").is_none() {
            self.faults.push(cell_fault(self.row, "sku", "it is empty"));
        }
        let sku = self.parsed("sku", |text| Sku::new(text).map_err(|why| why.to_string()));
        let location = match self.text("location") {
            None => Some(Location::main()),
            Some(_) => {
                self.parsed("location", |text| Location::new(text).map_err(|why| why.to_string()))
            }
        };
        let product_id = self.detail("product_id", MAX_DETAIL_BYTES);
        let title = self.detail("title", MAX_TITLE_BYTES);
        let category = self.detail("category", MAX_DETAIL_BYTES);
        let options = self.detail("options", MAX_DETAIL_BYTES);
        let price = self.price(default_currency);
        let url = self.parsed("url", address);
        let image = self.parsed("image", address);
        let on_hand = self.parsed("on_hand", counted);
        let restock = self.restock();
        let chosen = self.parsed("substitutes", list).unwrap_or_default();
        Some(Staged {
            row: i64::try_from(self.row).ok()?,
            sku: sku?,
            product_id,
            title,
            category,
            options,
            price,
            url,
            image,
            location: location?,
            on_hand,
            restock,
            chosen,
        })
    }

    fn price(&mut self, default_currency: &str) -> Option<Money> {
        let currency = self.text("currency").unwrap_or(default_currency).to_owned();
        let Some(decimals) = exponent(&currency) else {
            let fault = format!("`{currency}` is no ISO 4217 code such as GBP");
            self.faults.push(cell_fault(self.row, "currency", fault));
            return None;
        };
        let minor = self.parsed("price", |text| minor_units(text, &currency, decimals))?;
        Some(Money { minor, currency })
    }

    fn restock(&mut self) -> Option<Restock> {
        let precision = self.parsed("precision", precision);
        if self.text("restock_date").is_none() && self.text("precision").is_some() {
            let fault = "there is a precision but no restock_date";
            self.faults.push(cell_fault(self.row, "restock_date", fault));
        }
        self.parsed("restock_date", |text| restock(text, precision.unwrap_or(Precision::Day)))
    }
}

fn plain(text: &str, most: usize) -> Result<String, String> {
    if text.len() > most {
        return Err(format!("it has {} bytes; at most {most} are allowed", text.len()));
    }
    if text.chars().any(char::is_control) {
        return Err("it has a control character, such as a line break, in it".to_owned());
    }
    Ok(text.to_owned())
}

/// An address that the widget will link to: https, or a path on the shop's own site.
fn address(text: &str) -> Result<String, String> {
    let text = plain(text, MAX_URL_BYTES)?;
    let is_whole = || text.starts_with('/') || Url::parse(&text).is_ok();
    if widget::link::safe(&text).is_some() && is_whole() {
        return Ok(text);
    }
    Err("an address is https://… or a path that begins with one slash".to_owned())
}

fn counted(text: &str) -> Result<i64, String> {
    let units: Option<i64> = text.parse().ok().filter(|units| (0..=MAX_COUNT).contains(units));
    units.ok_or_else(|| format!("`{text}` is no whole number from 0 to {MAX_COUNT}"))
}

/// `12.5` in pounds is 1250 pence; more decimals than the currency has are an error.
fn minor_units(text: &str, currency: &str, decimals: u32) -> Result<i64, String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
        return Err(format!("`{text}` is no price such as 12.50"));
    }
    let places = usize::try_from(decimals).unwrap_or(usize::MAX);
    if fraction.len() > places {
        return Err(format!("{currency} has {decimals} decimals, and `{text}` has more"));
    }
    format!("{whole}{fraction:0<places$}")
        .parse()
        .ok()
        .filter(|minor| (0..=MAX_PRICE_MINOR).contains(minor))
        .ok_or_else(|| format!("`{text}` is too high a price"))
}

fn precision(text: &str) -> Result<Precision, String> {
    match text {
        "day" => Ok(Precision::Day),
        "week" => Ok(Precision::Week),
        "month" => Ok(Precision::Month),
        "range" => Ok(Precision::Range),
        _ => Err(format!("`{text}` is none of day, week, month and range")),
    }
}

fn restock(text: &str, precision: Precision) -> Result<Restock, String> {
    let day = |text: &str| {
        let date: Result<Date, _> = match precision {
            Precision::Month if text.len() == "2026-12".len() => format!("{text}-01").parse(),
            _ => text.parse(),
        };
        date.map_err(|_| format!("`{text}` is no date such as 2026-12-01"))
    };
    let (first, last) = match text.split_once('/') {
        Some((first, last)) => (day(first)?, Some(day(last)?)),
        None => (day(text)?, None),
    };
    Restock::new(first, last, precision).map_err(|why| why.to_string())
}

/// SKUs, one a line or with `|` between them. Lines take a SKU as it is, one with a `|` in it too.
fn list(text: &str) -> Result<Vec<Sku>, String> {
    let names: Vec<_> = if text.contains('\n') {
        text.lines().collect()
    } else {
        text.split('|').map(str::trim).collect()
    };
    if names.len() > MAX_CHOSEN {
        return Err(format!("it has {} SKUs; at most {MAX_CHOSEN} are allowed", names.len()));
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = names.iter().find(|name| !seen.insert(**name)) {
        return Err(format!("it has `{twice}` twice"));
    }
    let sku = |name| Sku::new(name).map_err(|why| format!("the SKU `{name}` in it: {why}"));
    names.into_iter().map(sku).collect()
}

pub(crate) fn cell_fault(row: u64, column: &str, fault: impl Into<String>) -> CellFault {
    CellFault { row, column: column.to_owned(), fault: fault.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_whole_minor_units() {
        let minor = |text, currency, decimals| minor_units(text, currency, decimals).ok();
        assert_eq!(minor("12.50", "GBP", 2), Some(1_250));
        assert_eq!(minor("12", "GBP", 2), Some(1_200));
        assert_eq!(minor("0.001", "KWD", 3), Some(1));
        assert_eq!(minor("500", "JPY", 0), Some(500));
        assert_eq!(minor("12.505", "GBP", 2), None);
        for bad in [".5", "1.", "1,5", "+1", " 1", "1 ", "", "99999999999999999999"] {
            assert_eq!(minor(bad, "GBP", 2), None, "{bad}");
        }
    }

    #[test]
    fn lists_are_skus_with_bars_or_line_breaks_between() {
        let names = |text| {
            let list = list(text).unwrap();
            list.iter().map(Sku::to_string).collect::<Vec<_>>()
        };
        assert_eq!(names("a | B|a b, c;"), ["a", "B", "a b, c;"]);
        assert_eq!(names("a|b\n c \r\n🎁"), ["a|b", " c ", "🎁"]);
        assert_eq!(names("a|b\n"), ["a|b"], "the line break says that it is one");
        let most: Vec<_> = (0..MAX_CHOSEN).map(|at| at.to_string()).collect();
        assert_eq!(names(&most.join("|")), most);
        let long = "x".repeat(129);
        let more = format!("{}|more", most.join("|"));
        for bad in ["|", "a||b", "a\n\nb", "a|b|a", "a\tb|c", "a\rb", &long, &more] {
            assert!(list(bad).is_err(), "{bad:?}");
        }
    }
}
