//! CSV records from a stream of bytes.

use crate::{
    failure::{Failure, reject},
    limits::MAX_RECORD_BYTES,
};
use csv_core::{ReadRecordResult, Reader};
use wire::Code;

/// Cells that a row may have before it is refused unread: enough for another system's export, so
/// that its owner hears which columns are meant instead.
const MAX_COLUMNS: usize = 128;

/// A record and its number in the file; the header is 1.
pub(crate) struct Record {
    /// Its place in the file.
    pub(crate) number: u64,
    /// Its cells, quotes taken off.
    pub(crate) fields: Vec<Vec<u8>>,
}

/// CSV records from chunks of bytes, whichever way the chunks fall.
pub(crate) struct Records {
    parser: Reader,
    bytes: Vec<u8>,
    filled: usize,
    ends: [usize; MAX_COLUMNS],
    ended: usize,
    number: u64,
}

impl Records {
    /// Before the first byte.
    pub(crate) fn new() -> Self {
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
    pub(crate) fn next(&mut self, input: &mut &[u8]) -> Result<Option<Record>, Failure> {
        if input.is_empty() {
            return Ok(None);
        }
        self.read(input)
    }

    /// A record that the end of the file ends: an empty input is how the parser hears of it.
    pub(crate) fn end(&mut self) -> Result<Option<Record>, Failure> {
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
