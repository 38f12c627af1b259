//! An import's file: CSV in chunks of bytes, out come checked rows and faults by cell.

use crate::{
    csv_records::{Record, Records},
    failure::{Failure, Reject, reject},
    limits::{
        MAX_CELL_FAULTS, MAX_COUNT, MAX_DETAIL_BYTES, MAX_IMPORT_ROWS, MAX_PRICE_MINOR,
        MAX_TITLE_BYTES, MAX_URL_BYTES,
    },
    settings::exponent,
};
use jiff::civil::Date;
use ledger::{Location, Precision, Restock, Sku};
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
        // The parser takes a byte order mark off, unless chunks part it.
        let name = std::str::from_utf8(name).unwrap_or("?").trim_start_matches('\u{feff}').trim();
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `file` in chunks of `size` bytes: what was staged, and the columns or the failure.
    fn read(file: &[u8], size: usize) -> (Vec<Staged>, Result<Columns, Failure>) {
        let mut staged = Vec::new();
        let mut stage = |row| {
            staged.push(row);
            Ok(())
        };
        let mut reader = ImportFile::new("GBP");
        let pushed = file.chunks(size).try_for_each(|chunk| reader.push(chunk, &mut stage));
        let outcome = pushed.and_then(|()| reader.finish(&mut stage));
        (staged, outcome)
    }

    fn faults(file: &str) -> Vec<(u64, String, String)> {
        match read(file.as_bytes(), 7).1 {
            Err(Failure::Reject(Reject { code: Code::BadCells, cells, .. })) => {
                cells.into_iter().map(|cell| (cell.row, cell.column, cell.fault)).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    fn code(file: &[u8]) -> Option<Code> {
        read(file, 4_096).1.err().map(|failure| failure.code())
    }

    const FILE: &str = "\u{feff}title,sku,price,on_hand,restock_date,precision,url\r\n\
        \"Tea, \"\"loose\"\"\",T-1,12.5,7,2026-12-03,week,/tea\r\n\
        ,t-1,,,2026-12,month,https://shop.example/tea\r\n\
        \r\n\
        \"Zwei\nZeilen\",x,1,0,2026-12-01/2026-12-10,range,\n\
        Last,🎁,3,1,,,";

    #[test]
    fn chunks_may_fall_anywhere() {
        let whole = read(FILE.replace("Zwei\nZeilen", "Zwei").as_bytes(), usize::MAX);
        assert_eq!(whole.0.len(), 4);
        assert!(whole.1.is_ok(), "{:?}", whole.1);
        for size in 1..40 {
            assert_eq!(
                read(FILE.replace("Zwei\nZeilen", "Zwei").as_bytes(), size),
                whole,
                "{size}"
            );
        }
    }

    #[test]
    fn cells_become_what_they_say() {
        let (rows, columns) = read(FILE.replace("Zwei\nZeilen", "Zwei").as_bytes(), 100);
        let tea = &rows[0];
        assert_eq!(tea.title.as_deref(), Some("Tea, \"loose\""));
        assert_eq!(tea.price, Some(Money { minor: 1_250, currency: "GBP".to_owned() }));
        assert_eq!(tea.on_hand, Some(7));
        assert_eq!(tea.restock.map(|date| date.first().to_string()).as_deref(), Some("2026-11-30"));
        assert_eq!((rows[1].sku.as_str(), &rows[1].title, &rows[1].on_hand), ("t-1", &None, &None));
        assert_eq!(
            rows[1].restock.map(|date| date.last().to_string()).as_deref(),
            Some("2026-12-31")
        );
        assert_eq!((rows[3].sku.as_str(), rows[3].row), ("🎁", 5));
        let columns = columns.unwrap();
        assert!(columns.title && columns.price && columns.restock && columns.url);
        assert!(!columns.product_id && !columns.image && !columns.category && !columns.options);
    }

    #[test]
    fn each_bad_cell_is_named_by_row_and_column() {
        let file = "sku,title,price,currency,on_hand,restock_date,precision,url,location\n\
            a,x,1.234,GBP,1,,,,\n\
            b,x,1.2,JPY,1,,,,\n\
            c,x,1,gbp,1,,,,\n\
            d,x,-1,,1,,,,\n\
            e,x,1e3,,1.5,,,,\n\
            f,x,1.,,-1,,,,\n\
            g,x,,,,2026-13-01,,,\n\
            h,x,,,,2026-12-01,soon,,\n\
            i,x,,,,,week,,\n\
            j,x,,,,2026-12-01/2026-12-02,day,,\n\
            k,x,,,,,,javascript:alert(1),\n\
            l,x,,,,,,//evil.example/x,\n\
            m,x,,,,,,http://shop.example/,\n\
            ,x,,,,,,,\n\
            n,x,,,,,,\n\
            o,\"x\ny\",,,,,,,\n\
            p,x,,,,,,,one\n\
            p,x,,,,,,,one\n\
            q,x,,,9999999999,,,,\n";
        let named: Vec<_> =
            faults(file).into_iter().map(|(row, column, _)| (row, column)).collect();
        let expected = [
            (2, "price"),
            (3, "price"),
            (4, "currency"),
            (5, "price"),
            (6, "price"),
            (6, "on_hand"),
            (7, "price"),
            (7, "on_hand"),
            (8, "restock_date"),
            (9, "precision"),
            (10, "restock_date"),
            (11, "restock_date"),
            (12, "url"),
            (13, "url"),
            (14, "url"),
            (15, "sku"),
            (16, ""),
            (17, "title"),
            (19, "sku"),
            (20, "on_hand"),
        ];
        let expected = expected.map(|(row, column)| (row, column.to_owned()));
        assert_eq!(named, expected);
    }

    #[test]
    fn a_broken_file_is_refused_as_what_it_is() {
        assert_eq!(code(b""), Some(Code::BadColumns));
        assert_eq!(code(b"title,price\nx,1\n"), Some(Code::BadColumns));
        assert_eq!(code(b"sku;title\nx;y\n"), Some(Code::BadColumns));
        assert_eq!(code(b"sku,SKU\n"), Some(Code::BadColumns));
        assert_eq!(code(b"sku,sku\n"), Some(Code::BadColumns));
        assert_eq!(code(b"sku,title\nx,\xff\xfe\n"), Some(Code::BadCells));
        let long = [b"sku,title\nx,".to_vec(), vec![b'y'; 10_000_000]].concat();
        assert_eq!(code(&long), Some(Code::RowTooLong));
        let wide = format!("sku{}\n", ",x".repeat(200));
        assert_eq!(code(wide.as_bytes()), Some(Code::RowTooLong));
        let many = format!("sku\n{}", "\u{7}\n".repeat(1_000));
        assert_eq!(faults(&many).len(), MAX_CELL_FAULTS);
    }

    #[test]
    fn nothing_is_staged_after_the_first_fault() {
        let (staged, outcome) = read(b"sku,price\na,1\nb,x\nc,1\n", 5);
        assert_eq!(staged.len(), 1);
        assert_eq!(outcome.err().map(|failure| failure.code()), Some(Code::BadCells));
    }

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
}
