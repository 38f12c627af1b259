//! Commands: decided, written and remembered in one transaction.

use crate::{Fault, Level, Moment, Sql, Store, sql::bind, stock::Source};
use ledger::{Command, Decision, Reject, decide};
use std::collections::BTreeSet;

/// A command with what makes it this one and no other.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Chosen by the sender.
    pub id: &'a str,
    /// SHA-256 of what was sent: tells a retry from another command with the same id.
    pub digest: &'a [u8],
    /// What is wanted or reported.
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
        if let Some(answered) = self.answered(request)? {
            return Ok(answered);
        }
        let shop = self.shop()?.ok_or(Fault::Corrupt("there is no shop"))?;
        let named = request.command.lines.iter().map(|line| (&line.sku, &line.location));
        let decided = decide(&self.stock_of(named)?, &request.command);
        let answer = answer(decided.as_ref());
        self.sql.transaction(|| {
            self.sql.query(
                "INSERT INTO commands (id, at, digest, status, answer) VALUES (?, ?, ?, ?, ?)",
                bind![
                    request.id,
                    moment.now,
                    request.digest,
                    i64::from(answer.status),
                    answer.body.as_str(),
                ],
            )?;
            if let Ok(decision) = decided {
                self.write_down(request, decision, shop.low_mark, moment)?;
            }
            Ok(Answered::First(answer))
        })
    }

    fn write_down(
        &self,
        request: &Request<'_>,
        decision: Decision,
        low_mark: u32,
        moment: Moment,
    ) -> Result<(), Fault> {
        let source = Source {
            id: request.id,
            kind: request.command.kind.into(),
            reason: request.reason,
            at: moment.now,
        };
        let mut skus = BTreeSet::new();
        for effect in decision.effects {
            let level =
                Level { sku: effect.sku, location: effect.location, balance: effect.balance };
            self.book(source, &level, effect.quantity)?;
            skus.insert(level.sku);
        }
        // Once all is booked: units that only change their location are no news to shoppers.
        for sku in skus {
            self.refresh(sku.as_str(), low_mark, false, moment)?;
        }
        Ok(())
    }

    fn answered(&self, request: &Request<'_>) -> Result<Option<Answered>, Fault> {
        let rows = self
            .sql
            .query("SELECT digest, status, answer FROM commands WHERE id = ?", bind![request.id])?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
        if row.blob()? != request.digest {
            return Ok(Some(Answered::IdReused));
        }
        let status = u16::try_from(row.integer()?)
            .map_err(|_| Fault::Corrupt("a status is out of range"))?;
        Ok(Some(Answered::Again(Answer { status, body: row.text()? })))
    }
}
