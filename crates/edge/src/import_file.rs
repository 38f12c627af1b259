//! An import's file: CSV in chunks of bytes, out come checked rows and faults by cell.

use crate::{
    failure::{Failure, Reject, reject},
    limits::{
        MAX_CELL_FAULTS, MAX_COUNT, MAX_DETAIL_BYTES, MAX_IMPORT_ROWS, MAX_PRICE_MINOR,
        MAX_RECORD_BYTES, MAX_TITLE_BYTES, MAX_URL_BYTES,
    },
    settings::exponent,
};
use csv_core::{ReadRecordResult, Reader};
use jiff::civil::Date;
use ledger::{Balance, Location, Precision, Restock, Sku};
use std::collections::HashMap;
use store::{Columns, Money, Staged};
use url::Url;
use wire::{CellFault, Code};

/// The columns of an import. Only `sku` must be there; the order is free.
const COLUMNS: [&str; 13] = [
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
];

/// Cells that a row may have before it is refused unread: enough for another system's export, so
/// that its owner hears which columns are meant instead.
const MAX_COLUMNS: usize = 128;

/// A file that is being read.
pub(crate) struct ImportFile {
    records: Records,
    header: Option<Vec<usize>>,
    currency: String,
    seen: HashMap<(Sku, Location), u64>,
    faults: Vec<CellFault>,
}

impl ImportFile {
    /// A file whose prices are in `currency` where they do not say.
    pub(crate) fn new(currency: &str) -> Self {
        Self {
            records: Records::new(),
            header: None,
            currency: currency.to_owned(),
            seen: HashMap::new(),
            faults: Vec::new(),
        }
    }

    /// Takes the next bytes, and hands each good row to `stage`. Once a cell has been found
    /// faulty nothing is staged any more; the rest is read for its faults.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        stage: &mut impl FnMut(Staged) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut rest = bytes;
        while let Some(record) = self.records.next(&mut rest)? {
            self.take(&record, stage)?;
        }
        Ok(())
    }

    /// The file is over: the last row may have no line break. Gives the columns it had.
    pub(crate) fn finish(
        mut self,
        stage: &mut impl FnMut(Staged) -> Result<(), Failure>,
    ) -> Result<Columns, Failure> {
        // An empty input is how the parser hears of the end.
        while let Some(record) = self.records.end()? {
            self.take(&record, stage)?;
        }
        let Some(header) = &self.header else {
            return Err(bad_columns("The file is empty; its first line names the columns."));
        };
        if !self.faults.is_empty() {
            return Err(bad_cells(self.faults));
        }
        let has = |name| header.iter().any(|&column| COLUMNS.get(column) == Some(&name));
        Ok(Columns {
            product_id: has("product_id"),
            title: has("title"),
            category: has("category"),
            options: has("options"),
            price: has("price"),
            url: has("url"),
            image: has("image"),
            restock: has("restock_date"),
        })
    }

    fn take(
        &mut self,
        record: &Record,
        stage: &mut impl FnMut(Staged) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let Some(header) = &self.header else {
            self.header = Some(header_of(record)?);
            return Ok(());
        };
        if record.number > MAX_IMPORT_ROWS.saturating_add(1) {
            let detail = format!("An import has at most {MAX_IMPORT_ROWS} rows; send it in parts.");
            return Err(reject(Code::BodyTooLarge, detail));
        }
        let mut row = match Cells::of(record, header) {
            Ok(cells) => cells,
            Err(fault) => return self.fault(fault),
        };
        let staged = row.staged(&self.currency);
        for fault in row.faults {
            self.fault(fault)?;
        }
        let Some(staged) = staged else { return Ok(()) };
        let position = (staged.sku.clone(), staged.location.clone());
        if let Some(first) = self.seen.insert(position, record.number) {
            let fault = format!("row {first} has this SKU at this location already");
            return self.fault(cell_fault(record.number, "sku", fault));
        }
        if self.faults.is_empty() { stage(staged) } else { Ok(()) }
    }

    fn fault(&mut self, fault: CellFault) -> Result<(), Failure> {
        self.faults.push(fault);
        if self.faults.len() >= MAX_CELL_FAULTS {
            return Err(bad_cells(std::mem::take(&mut self.faults)));
        }
        Ok(())
    }
}

fn bad_columns(detail: impl Into<String>) -> Failure {
    reject(Code::BadColumns, detail)
}

fn bad_cells(cells: Vec<CellFault>) -> Failure {
    let detail = format!(
        "{} {} could not be taken; nothing of the file was applied. Mend them and send the whole \
         file again.",
        cells.len(),
        if cells.len() == 1 { "cell" } else { "cells" }
    );
    Failure::Reject(Reject { code: Code::BadCells, detail, cells })
}

fn cell_fault(row: u64, column: &str, fault: impl Into<String>) -> CellFault {
    CellFault { row, column: column.to_owned(), fault: fault.into() }
}

/// Which of [`COLUMNS`] each column of the file is.
fn header_of(record: &Record) -> Result<Vec<usize>, Failure> {
    let mut header = Vec::new();
    for name in &record.fields {
        let name = std::str::from_utf8(name).map(str::trim).unwrap_or("?");
        let Some(column) = COLUMNS.iter().position(|known| *known == name) else {
            return Err(bad_columns(format!(
                "There is no column `{}`. The columns are {}, with commas between them.",
                name.chars().take(100).collect::<String>(),
                COLUMNS.join(", ")
            )));
        };
        if header.contains(&column) {
            return Err(bad_columns(format!("The column `{name}` is there twice.")));
        }
        header.push(column);
    }
    if !header.contains(&0) {
        return Err(bad_columns("The column `sku` is missing."));
    }
    Ok(header)
}

/// One row's cells by name, and what was found wrong with them.
struct Cells<'a> {
    row: u64,
    texts: [Option<&'a str>; COLUMNS.len()],
    faults: Vec<CellFault>,
}

impl<'a> Cells<'a> {
    /// The cells of a record; one that is missing or empty is `None`.
    fn of(record: &'a Record, header: &[usize]) -> Result<Self, CellFault> {
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
    fn staged(&mut self, default_currency: &str) -> Option<Staged> {
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

/// An address that a page may link to: https, or a path on the shop's own site.
fn address(text: &str) -> Result<String, String> {
    let text = plain(text, MAX_URL_BYTES)?;
    let is_path = text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/\\");
    let is_https = || Url::parse(&text).is_ok_and(|url| url.scheme() == "https");
    if is_path || is_https() {
        return Ok(text);
    }
    Err("an address is https://… or a path that begins with one slash".to_owned())
}

fn counted(text: &str) -> Result<Balance, String> {
    let units: Option<i64> = text.parse().ok().filter(|units| (0..=MAX_COUNT).contains(units));
    units
        .and_then(Balance::from_net)
        .ok_or_else(|| format!("`{text}` is no whole number from 0 to {MAX_COUNT}"))
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

/// A record and its number in the file; the header is 1.
struct Record {
    number: u64,
    fields: Vec<Vec<u8>>,
}

/// CSV records from chunks of bytes, whichever way the chunks fall.
struct Records {
    parser: Reader,
    bytes: Vec<u8>,
    filled: usize,
    ends: [usize; MAX_COLUMNS],
    ended: usize,
    number: u64,
}

impl Records {
    fn new() -> Self {
        Self {
            parser: Reader::new(),
            bytes: vec![0; MAX_RECORD_BYTES],
            filled: 0,
            ends: [0; MAX_COLUMNS],
            ended: 0,
            number: 0,
        }
    }

    /// The next record of `input`, which is moved past what was read; `None` when it is used up.
    fn next(&mut self, input: &mut &[u8]) -> Result<Option<Record>, Failure> {
        if input.is_empty() {
            return Ok(None);
        }
        self.read(input)
    }

    /// A record that the end of the file ends.
    fn end(&mut self) -> Result<Option<Record>, Failure> {
        self.read(&mut &[][..])
    }

    fn read(&mut self, input: &mut &[u8]) -> Result<Option<Record>, Failure> {
        let too_long = || {
            let row = self.number.saturating_add(1);
            let detail = format!(
                "Row {row} is longer than {MAX_RECORD_BYTES} bytes or has more than {MAX_COLUMNS} \
                 cells. Is a quote or a line break missing?"
            );
            reject(Code::RowTooLong, detail)
        };
        let (Some(bytes), Some(ends)) =
            (self.bytes.get_mut(self.filled..), self.ends.get_mut(self.ended..))
        else {
            return Err(too_long());
        };
        let (result, read, written, fields) = self.parser.read_record(input, bytes, ends);
        *input = input.get(read..).unwrap_or_default();
        self.filled = self.filled.saturating_add(written);
        self.ended = self.ended.saturating_add(fields);
        match result {
            ReadRecordResult::InputEmpty | ReadRecordResult::End => Ok(None),
            ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => Err(too_long()),
            ReadRecordResult::Record => Ok(Some(self.record())),
        }
    }

    fn record(&mut self) -> Record {
        let mut fields = Vec::new();
        let mut start = 0;
        for &end in self.ends.get(..self.ended).unwrap_or_default() {
            fields.push(self.bytes.get(start..end).unwrap_or_default().to_vec());
            start = end;
        }
        self.filled = 0;
        self.ended = 0;
        self.number = self.number.saturating_add(1);
        Record { number: self.number, fields }
    }
}
