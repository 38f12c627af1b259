//! Purchase orders: placed, changed, received.

use crate::{
    Answer, Answered, Fault, MAX_PAGE, Moment, Row, Sql, Store,
    books::{Booked, Source},
    bugs::{self, Bug},
    commands::skus_of,
    holds::EXPIRED_AT_ONCE,
    sql::bind,
    supply::{number_from, po_line_columns, po_line_from},
};
use ledger::{
    Arrived, Command, Discrepancy, NewPoLine, PoChange, PoReceipt, PurchaseOrder, Reject, decide,
};

/// A purchase order, and what else is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedPo {
    /// Its id and its lines.
    pub po: PurchaseOrder,
    /// Who sends it.
    pub supplier: String,
    /// UTC milliseconds.
    pub placed_at: i64,
}

/// What is done about a purchase order.
#[derive(Clone, Debug)]
pub struct PoRequest<'a> {
    /// The purchase order's id.
    pub po: &'a str,
    /// Chosen by the sender; of a new one, its own id.
    pub id: &'a str,
    /// SHA-256 of what was sent.
    pub digest: &'a [u8],
    /// What.
    pub action: PoAction<'a>,
    /// Why, for the books.
    pub reason: Option<&'a str>,
}

/// What is done about a purchase order.
#[derive(Clone, Debug)]
pub enum PoAction<'a> {
    /// It is placed.
    Place {
        /// Who sends it.
        supplier: &'a str,
        /// What.
        lines: Vec<NewPoLine>,
    },
    /// What is expected of it changes.
    Change(Vec<PoChange>),
    /// Units of it came in.
    Receive(Vec<PoReceipt>),
}

/// What came of a purchase order's line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptNote {
    /// UTC milliseconds.
    pub at: i64,
    /// Which, and how many.
    pub arrived: Arrived,
    /// Why, if somebody said.
    pub reason: Option<String>,
}

impl<S: Sql> Store<S> {
    /// Places, changes or receives a purchase order; `None` if it is to be there and is not. A
    /// refusal is remembered.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written and the same can be sent again.
    pub fn run_po(
        &self,
        request: &PoRequest<'_>,
        moment: Moment,
        answer: impl FnOnce(Result<(&PlacedPo, &[Arrived]), &Reject>) -> Answer,
    ) -> Result<Option<Answered>, Fault> {
        self.expire_due(moment, EXPIRED_AT_ONCE)?;
        if let Some(answered) = self.answered(request.id, request.digest)? {
            return Ok(Some(answered));
        }
        let known = self.purchase_order(request.po)?;
        let (command, mut placed) = match (&request.action, known) {
            (PoAction::Place { supplier, lines }, None) => {
                let po = PurchaseOrder { id: request.po.to_owned(), lines: [].into() };
                let supplier = (*supplier).to_owned();
                let placed = PlacedPo { po, supplier, placed_at: moment.now };
                (Command::PlacePo(request.po.to_owned(), lines.clone()), placed)
            }
            (PoAction::Place { .. }, Some(_)) => return Ok(Some(Answered::IdReused)),
            (_, None) => return Ok(None),
            (PoAction::Change(changes), Some(placed)) => {
                (Command::ChangePo(placed.po.clone(), changes.clone()), placed)
            }
            (PoAction::Receive(receipts), Some(placed)) => {
                (Command::ReceivePo(placed.po.clone(), receipts.clone()), placed)
            }
        };
        let mut loaded = self.load(skus_of(&command), moment)?;
        let mut decision = match decide(&loaded.stock, &command, moment.now) {
            Ok(decision) => decision,
            Err(why) => {
                return self
                    .refuse(request.id, request.digest, answer(Err(&why)), moment)
                    .map(Some);
            }
        };
        if bugs::has(Bug::ArrivalsNotKept) {
            bugs::give_away(&mut decision);
        }
        for (id, line) in decision.lines.iter().filter(|(id, _)| id.po == request.po) {
            placed.po.lines.insert(id.line, line.clone());
        }
        let answer = answer(Ok((&placed, &decision.arrived)));
        self.atomically(|| {
            self.remember(request.id, request.digest, &answer, moment)?;
            if matches!(request.action, PoAction::Place { .. }) {
                self.sql.query(
                    "INSERT INTO purchase_orders (id, supplier, placed_at) VALUES (?, ?, ?)",
                    bind![request.po, placed.supplier.as_str(), moment.now],
                )?;
            }
            for arrived in &decision.arrived {
                self.insert_receipt(&placed, arrived, request, moment)?;
            }
            let source = Source { id: request.id, kind: Booked::Received, reason: request.reason };
            self.write_down(&mut loaded, &decision, source, moment)?;
            self.go_on(&decision, moment)
        })?;
        Ok(Some(Answered::First(answer)))
    }

    /// The purchase order of this id; `None` if there is none.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn purchase_order(&self, id: &str) -> Result<Option<PlacedPo>, Fault> {
        let rows = self
            .sql
            .query("SELECT id, supplier, placed_at FROM purchase_orders WHERE id = ?", bind![id])?;
        rows.into_iter().next().map(|row| self.po_from(row)).transpose()
    }

    /// At most `most` purchase orders after this id, by id.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn purchase_orders_after(&self, id: &str, most: i64) -> Result<Vec<PlacedPo>, Fault> {
        let rows = self.sql.query(
            "SELECT id, supplier, placed_at FROM purchase_orders WHERE id > ?
             ORDER BY id LIMIT ?",
            bind![id, most.min(MAX_PAGE)],
        )?;
        rows.into_iter().map(|row| self.po_from(row)).collect()
    }

    fn po_from(&self, mut row: Row) -> Result<PlacedPo, Fault> {
        let (id, supplier, placed_at) = (row.text()?, row.text()?, row.integer()?);
        let lines = self
            .sql
            .query(
                concat!(
                    "SELECT line, ",
                    po_line_columns!(),
                    " FROM po_lines WHERE po = ? ORDER BY line"
                ),
                bind![id.as_str()],
            )?
            .into_iter()
            .map(|mut row| Ok((number_from(row.integer()?)?, po_line_from(&mut row)?)))
            .collect::<Result<_, Fault>>()?;
        Ok(PlacedPo { po: PurchaseOrder { id, lines }, supplier, placed_at })
    }

    fn insert_receipt(
        &self,
        placed: &PlacedPo,
        arrived: &Arrived,
        request: &PoRequest<'_>,
        moment: Moment,
    ) -> Result<(), Fault> {
        let line = placed.po.lines.get(&arrived.line);
        let sku = &line.ok_or(Fault::Corrupt("a receipt has no line"))?.sku;
        let words: Vec<_> = arrived.discrepancies.iter().map(|how| how.as_str()).collect();
        self.sql.query(
            "INSERT INTO receipts (sku, at, po, line, source, units, missing, discrepancies, reason)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            bind![
                sku.as_str(),
                moment.now,
                request.po,
                i64::from(arrived.line),
                request.id,
                arrived.quantity,
                arrived.missing,
                words.join(" "),
                request.reason,
            ],
        )?;
        Ok(())
    }

    /// What came of a purchase order, the first first.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn receipts_of(&self, po: &PurchaseOrder) -> Result<Vec<ReceiptNote>, Fault> {
        let mut notes = Vec::new();
        for (number, line) in &po.lines {
            for mut row in self.sql.query(
                "SELECT at, units, missing, discrepancies, reason FROM receipts
                 WHERE sku = ? AND po = ? AND line = ? ORDER BY at",
                bind![line.sku.as_str(), po.id.as_str(), i64::from(*number)],
            )? {
                let at = row.integer()?;
                let (quantity, missing) = (row.integer()?, row.integer()?);
                let discrepancies = discrepancies_from(&row.text()?)?;
                let arrived = Arrived { line: *number, quantity, missing, discrepancies };
                notes.push(ReceiptNote { at, arrived, reason: row.text_or_null()? });
            }
        }
        notes.sort_by_key(|note| note.at);
        Ok(notes)
    }
}

fn discrepancies_from(text: &str) -> Result<Vec<Discrepancy>, Fault> {
    let of = |word: &str| Discrepancy::ALL.iter().find(|how| how.as_str() == word).copied();
    let words = text.split_whitespace().map(of);
    words.collect::<Option<_>>().ok_or(Fault::Corrupt("a discrepancy is unknown"))
}
