//! What buyers agree to when a promise has moved.

use crate::{
    Answer, Answered, Fault, Moment, PlacedOrder, Sql, Store, catalogue::restock_columns, sql::bind,
};
use ledger::{Reject, Restock, Sku, is_later};
use std::collections::BTreeMap;

/// A buyer agrees to what is promised now.
#[derive(Clone, Debug)]
pub struct Agreement<'a> {
    /// The order's id.
    pub order: &'a str,
    /// Chosen by the sender.
    pub id: &'a str,
    /// SHA-256 of what was sent.
    pub digest: &'a [u8],
    /// Of which lines, and to which date: none, if nobody knows one.
    pub to: BTreeMap<Sku, Option<Restock>>,
}

/// What a buyer has said of a line's promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    /// What was promised before it came to be later, as long as they have not agreed to that.
    pub before: Option<Restock>,
    /// What they agreed to last.
    pub agreed: Option<Agreed>,
}

/// What was agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// UTC milliseconds.
    pub at: i64,
    /// The date; `None` if nobody knew one.
    pub promised: Option<Restock>,
}

impl PlacedOrder {
    /// What was promised of this line before, if it waits for longer than the buyer has agreed to.
    pub fn moved_from(&self, sku: &Sku) -> Option<Restock> {
        let before = self.consents.get(sku)?.before;
        let line = self.order.lines.get(sku).filter(|line| line.waiting() > 0)?;
        before.filter(|_| is_later(before, line.promised()))
    }

    /// Which line is promised for another date than this.
    fn moved_since(&self, to: &BTreeMap<Sku, Option<Restock>>) -> Option<Reject> {
        to.iter().find_map(|(sku, promised)| match self.order.lines.get(sku) {
            None => Some(Reject::NotInOrder(sku.clone())),
            Some(line) if line.waiting() > 0 && line.promised() != *promised => {
                Some(Reject::PromiseMoved(sku.clone()))
            }
            Some(_) => None,
        })
    }
}

impl<S: Sql> Store<S> {
    /// Takes note of what a buyer agrees to; `None` if there is no such order. What has moved again
    /// since they looked is refused, and a refusal is remembered.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written and the same can be sent again.
    pub fn agree(
        &self,
        agreement: &Agreement<'_>,
        moment: Moment,
        answer: impl FnOnce(Result<(), &Reject>) -> Answer,
    ) -> Result<Option<Answered>, Fault> {
        let Agreement { order, id, digest, to } = agreement;
        if let Some(answered) = self.answered(id, digest)? {
            return Ok(Some(answered));
        }
        let Some(placed) = self.order(order)? else { return Ok(None) };
        if let Some(why) = placed.moved_since(to) {
            return self.refuse(id, digest, answer(Err(&why)), moment).map(Some);
        }
        let answer = answer(Ok(()));
        self.atomically(|| {
            self.remember(id, digest, &answer, moment)?;
            for sku in to.keys().filter(|sku| placed.moved_from(sku).is_some()) {
                let promised = placed.order.lines.get(sku).and_then(|line| line.promised());
                let [first, last, precision] = restock_columns(promised);
                self.sql.query(
                    "UPDATE order_lines SET agreed_at = ?, agreed_first = ?, agreed_last = ?,
                        agreed_precision = ?,
                        moved_first = NULL, moved_last = NULL, moved_precision = NULL
                     WHERE number = ? AND sku = ?",
                    bind![moment.now, first, last, precision, placed.order.number, sku.as_str(),],
                )?;
            }
            Ok(())
        })?;
        Ok(Some(Answered::First(answer)))
    }
}
