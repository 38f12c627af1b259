//! An import's file: CSV in chunks of bytes, out come checked rows and faults by cell.

use crate::{
    csv_records::{Record, Records},
    failure::{Failure, Reject, reject},
    import_cells::{COLUMNS, Cells, cell_fault},
    limits::{MAX_CELL_FAULTS, MAX_IMPORT_ROWS},
};
use ledger::{Location, Sku};
use std::collections::HashMap;
use store::{Columns, Staged};
use wire::{CellFault, Code};

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
            substitutes: has("substitutes"),
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
    Failure::Reject(Reject { code: Code::BadCells, detail, cells, retry_after: None })
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

#[cfg(test)]
mod tests {
    use super::*;
    use store::Money;

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
}
