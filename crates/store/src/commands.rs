//! Commands: decided, written and remembered in one transaction.

use crate::{
    Fault, Moment, Sql, Store,
    books::{Booked, Source},
    bugs::{self, Bug},
    explain::CountOf,
    holds::EXPIRED_AT_ONCE,
    sql::bind,
};
use ledger::{Command, Decision, Reject, Sku, decide};

/// A command with what makes it this one and no other.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Chosen by the sender.
    pub id: &'a str,
    /// SHA-256 of what was sent: tells a retry from another command with the same id.
    pub digest: &'a [u8],
    /// What is wanted or reported: a [`Command::Move`] or a [`Command::Count`]. The others have
    /// doors of their own: [`Store::hold`], [`Store::place_order`], [`Store::run_po`].
    pub command: Command,
    /// Why, for the books.
    pub reason: Option<&'a str>,
}

/// What is answered to a command, as it is sent and stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// An answer, and whether it is the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// The command was decided now.
    First(Answer),
    /// It was decided before; nothing happened now.
    Again(Answer),
    /// The id was used for another command; nothing happened.
    IdReused,
}

impl<S: Sql> Store<S> {
    /// Decides a command, writes what follows and remembers the answer that `answer` makes of it,
    /// all in one transaction. A refusal is remembered too: a retry hears the same.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written and the same command can be sent again.
    pub fn run(
        &self,
        request: &Request<'_>,
        moment: Moment,
        answer: impl FnOnce(Result<&Decision, &Reject>) -> Answer,
    ) -> Result<Answered, Fault> {
        let kind = booked_as(&request.command)?;
        self.expire_due(moment, EXPIRED_AT_ONCE)?;
        if let Some(answered) = self.answered(request.id, request.digest)? {
            return Ok(answered);
        }
        let mut loaded = self.load(skus_of(&request.command), moment)?;
        let decided = decide(&loaded.stock, &request.command, moment.now);
        let answer = answer(decided.as_ref());
        let late = bugs::has(Bug::RecordOutsideTransaction);
        self.atomically(|| {
            if !late {
                self.remember(request.id, request.digest, &answer, moment)?;
            }
            let Ok(decision) = &decided else { return Ok(()) };
            let source = Source { id: request.id, kind, reason: request.reason };
            if let Command::Count(lines) = &request.command {
                for line in lines {
                    let before = loaded.stock.balance(&line.sku, &line.location).net();
                    let difference = line.counted.saturating_sub(before);
                    let place = (&line.sku, &line.location);
                    let count = CountOf { place, counted: line.counted, difference };
                    self.insert_count(count, source, moment)?;
                }
            }
            self.write_down(&mut loaded, decision, source, moment)?;
            self.go_on(decision, moment)
        })?;
        if late {
            self.remember(request.id, request.digest, &answer, moment)?;
        }
        Ok(Answered::First(answer))
    }

    /// Remembers a refusal, which is all that came of a request.
    pub(crate) fn refuse(
        &self,
        id: &str,
        digest: &[u8],
        answer: Answer,
        moment: Moment,
    ) -> Result<Answered, Fault> {
        self.atomically(|| self.remember(id, digest, &answer, moment))?;
        Ok(Answered::First(answer))
    }

    /// Keeps the answer to a command, for whoever sends it again.
    pub(crate) fn remember(
        &self,
        id: &str,
        digest: &[u8],
        answer: &Answer,
        moment: Moment,
    ) -> Result<(), Fault> {
        let statement = if bugs::has(Bug::DedupeSkipped) {
            "REPLACE INTO commands (id, at, digest, status, answer) VALUES (?, ?, ?, ?, ?)"
        } else {
            "INSERT INTO commands (id, at, digest, status, answer) VALUES (?, ?, ?, ?, ?)"
        };
        let status = i64::from(answer.status);
        self.sql.query(statement, bind![id, moment.now, digest, status, answer.body.as_str()])?;
        Ok(())
    }

    /// What was answered to this id before. Commands, holds, orders and purchase orders share their
    /// ids.
    pub(crate) fn answered(&self, id: &str, digest: &[u8]) -> Result<Option<Answered>, Fault> {
        if bugs::has(Bug::DedupeSkipped) {
            return Ok(None);
        }
        let rows = self.sql.query(
            "SELECT digest, status, answer FROM commands WHERE id = ?
             UNION ALL SELECT NULL, 0, '' FROM holds WHERE open IN (0, 1) AND id = ?
             UNION ALL SELECT NULL, 0, '' FROM orders WHERE id = ?
             UNION ALL SELECT NULL, 0, '' FROM purchase_orders WHERE id = ?",
            bind![id, id, id, id],
        )?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
        if row.blob_or_null()?.is_none_or(|known| known != digest) {
            return Ok(Some(Answered::IdReused));
        }
        let (status, body) = (status_from(row.integer()?)?, row.text()?);
        Ok(Some(Answered::Again(Answer { status, body })))
    }
}

pub(crate) fn status_from(integer: i64) -> Result<u16, Fault> {
    u16::try_from(integer).map_err(|_| Fault::Corrupt("a status is out of range"))
}

/// The SKUs that a command names.
pub(crate) fn skus_of(command: &Command) -> Vec<&Sku> {
    match command {
        Command::Move(_, lines) => lines.iter().map(|line| &line.sku).collect(),
        Command::Count(lines) => lines.iter().map(|line| &line.sku).collect(),
        Command::Hold(cart) => cart.lines.iter().map(|line| &line.sku).collect(),
        Command::Resolve(hold, _) => hold.lines.iter().map(|line| &line.sku).collect(),
        Command::Order(new) => {
            let held = new.hold.iter().flat_map(|hold| &hold.lines).map(|line| &line.sku);
            held.chain(new.lines.iter().map(|line| &line.sku)).collect()
        }
        Command::Ship(order, _) | Command::Cancel { order, .. } | Command::Return { order, .. } => {
            order.lines.keys().collect()
        }
        Command::PlacePo(_, lines) => lines.iter().map(|line| &line.sku).collect(),
        Command::ChangePo(po, _) | Command::ReceivePo(po, _) => {
            po.lines.values().map(|line| &line.sku).collect()
        }
    }
}

/// What the movements of a command are booked as.
fn booked_as(command: &Command) -> Result<Booked, Fault> {
    match command {
        Command::Move(kind, _) => Ok((*kind).into()),
        Command::Count(_) => Ok(Booked::Counted),
        _ => Err(Fault::Corrupt("what has a door of its own came as a command")),
    }
}
