//! Refusing writes while too many are under way: before anybody has looked at them, never after.

use crate::{
    failure::{Failure, reject},
    limits::{MAX_WRITES_UNDER_WAY, WRITE_LOST_MS},
};
use std::{cell::RefCell, collections::HashMap};
use wire::Code;

/// The writes under way in this isolate: when each began, by its number.
#[derive(Default)]
struct UnderWay {
    begun: HashMap<u64, i64>,
    last: u64,
}

thread_local! {
    static UNDER_WAY: RefCell<UnderWay> = RefCell::default();
}

/// A write under way; it is over when this goes.
#[derive(Debug)]
pub(crate) struct Write(u64);

impl Write {
    /// Are half of them under way that may be?
    pub(crate) fn are_many() -> bool {
        UNDER_WAY.with_borrow(|under_way| under_way.begun.len() >= MAX_WRITES_UNDER_WAY / 2)
    }

    /// Begins one at `now`, unless there are too many.
    pub(crate) fn begin(now: i64) -> Result<Self, Failure> {
        UNDER_WAY.with_borrow_mut(|under_way| under_way.begin(now)).map(Self).ok_or_else(|| {
            let detail = "Too many writes are under way. This one was not begun: send it again.";
            reject(Code::Overloaded, detail)
        })
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        UNDER_WAY.with_borrow_mut(|under_way| under_way.begun.remove(&self.0));
    }
}

impl UnderWay {
    fn begin(&mut self, now: i64) -> Option<u64> {
        if self.begun.len() >= MAX_WRITES_UNDER_WAY {
            // The platform drops a request whose client has gone without a word to us.
            self.begun.retain(|_, begun| now.saturating_sub(*begun) < WRITE_LOST_MS);
        }
        if self.begun.len() >= MAX_WRITES_UNDER_WAY {
            return None;
        }
        self.last = self.last.wrapping_add(1);
        self.begun.insert(self.last, now);
        Some(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_too_many_is_refused_until_one_is_over() {
        assert!(!Write::are_many());
        let mut writes: Vec<_> =
            (0..MAX_WRITES_UNDER_WAY).map(|_| Write::begin(0).unwrap()).collect();
        assert!(Write::are_many());
        let refused = Write::begin(1).map_err(|failure| failure.code());
        assert_eq!(refused.err(), Some(Code::Overloaded));
        writes.pop();
        writes.push(Write::begin(1).unwrap());
        assert!(Write::begin(WRITE_LOST_MS - 1).is_err());
        // All but the latest are lost by now.
        assert!(Write::begin(WRITE_LOST_MS).is_ok());
        assert_eq!(UNDER_WAY.with_borrow(|under_way| under_way.begun.len()), 1);
    }
}
