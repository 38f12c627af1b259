//! What a Limiter object keeps: which mails it has permitted in the last day, so that nobody gets
//! too many, over all shops. It knows an address by a short fingerprint only, which it shares with
//! hundreds of others.
//!
//! A permission counts from when it was given. A mail that a provider does not take for hours is
//! tried until it does, and may so arrive beside a later one.

use crate::{
    Fault, Sql,
    bugs::{self, Bug},
    migrate::{self, Migration},
    sql::bind,
};

const MIGRATIONS: &[Migration] = &[(1, "0001_first", include_str!("limiter/0001_first.sql"))];

const HOUR_MS: i64 = 60 * 60 * 1_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A mail that somebody would like to send.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Stands for the message: what was permitted once stays so.
    pub message: &'a [u8],
    /// Stands for the address.
    pub address: i64,
}

/// How many mails may go.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Between two to one address, in milliseconds.
    pub gap_ms: i64,
    /// To one address in any 24 hours.
    pub per_day: usize,
    /// To all addresses of this object in an hour, as the clock (UTC) has them.
    pub per_hour: i64,
}

/// Whether a mail may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Now,
    /// Its address had one just now, or as many as a day has: not before this time.
    Rest(i64),
    /// The breaker is open, for all addresses, until then.
    Breaker(i64),
}

/// The storage of a Limiter object.
pub struct Limiter<S> {
    sql: S,
}

impl<S: Sql> Limiter<S> {
    /// Storage on `sql`, which is left as it is.
    pub fn new(sql: S) -> Self {
        Self { sql }
    }

    /// Brings the schema to this build's, as [`crate::Store::migrate`] does.
    ///
    /// # Errors
    /// As there.
    pub fn migrate(&self, now: i64) -> Result<(), Fault> {
        migrate::apply(&self.sql, MIGRATIONS, now)
    }

    /// Says of each mail whether it may go, and counts those that may. One that was permitted
    /// before is so again, and counts once: whoever was told may have died before sending it.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was permitted.
    pub fn ask(
        &self,
        questions: &[Question<'_>],
        rule: Rule,
        now: i64,
    ) -> Result<Vec<Verdict>, Fault> {
        if bugs::has(Bug::LimiterOff) {
            return Ok(vec![Verdict::Now; questions.len()]);
        }
        self.sql.transaction(|| {
            // What is later than now is of a clock that went back: nobody waits for it to come.
            self.sql.query("UPDATE permits SET at = ? WHERE at > ?", bind![now, now])?;
            let mut this_hour = self.permitted_this_hour(now)?;
            let mut verdicts = Vec::new();
            for question in questions {
                let Judged { verdict, counts } = self.judge(question, rule, this_hour, now)?;
                if counts {
                    this_hour = this_hour.saturating_add(1);
                    self.sql.query(
                        "INSERT INTO permits (address, message, at) VALUES (?, ?, ?)",
                        bind![question.address, question.message, now],
                    )?;
                }
                verdicts.push(verdict);
            }
            Ok(verdicts)
        })
    }

    fn judge(
        &self,
        question: &Question<'_>,
        rule: Rule,
        this_hour: i64,
        now: i64,
    ) -> Result<Judged, Fault> {
        let mut sent = Vec::new();
        let rows = self.sql.query(
            "SELECT message, at FROM permits WHERE address = ? ORDER BY at",
            bind![question.address],
        )?;
        for mut row in rows {
            let (message, at) = (row.blob()?, row.integer()?);
            if message == question.message {
                return Ok(Judged { verdict: Verdict::Now, counts: false });
            }
            sent.push(at);
        }
        let verdict = match free_from(&sent, rule) {
            Some(at) if now < at => Verdict::Rest(at),
            _ if this_hour >= rule.per_hour => Verdict::Breaker(end_of_hour(now)),
            _ => Verdict::Now,
        };
        Ok(Judged { verdict, counts: verdict == Verdict::Now })
    }

    /// How many were permitted in this hour of the clock.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn permitted_this_hour(&self, now: i64) -> Result<i64, Fault> {
        let since = end_of_hour(now).saturating_sub(HOUR_MS);
        let rows = self.sql.query("SELECT COUNT(*) FROM permits WHERE at >= ?", bind![since])?;
        rows.into_iter().next().ok_or(Fault::Corrupt("a count has no row"))?.integer()
    }

    /// When the next row has to go.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn next_due(&self) -> Result<Option<i64>, Fault> {
        let rows = self.sql.query("SELECT MIN(at) FROM permits", &[])?;
        let oldest = rows.into_iter().next().map_or(Ok(None), |mut row| row.integer_or_null())?;
        Ok(oldest.map(|at| at.saturating_add(DAY_MS)))
    }

    /// Removes at most `most` rows that are a day old.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was removed.
    pub fn sweep(&self, now: i64, most: i64) -> Result<(), Fault> {
        self.sql.query(
            "DELETE FROM permits WHERE (address, message) IN
                (SELECT address, message FROM permits WHERE at <= ? ORDER BY at LIMIT ?)",
            bind![now.saturating_sub(DAY_MS), most],
        )?;
        Ok(())
    }
}

/// A verdict, and whether it is one mail more.
struct Judged {
    verdict: Verdict,
    counts: bool,
}

/// From when on another mail may go to an address to which mails went at these times, the latest
/// last; `None` if none did.
fn free_from(sent: &[i64], rule: Rule) -> Option<i64> {
    let rested = sent.last().map(|last| last.saturating_add(rule.gap_ms));
    let first_of_a_day = sent.len().checked_sub(rule.per_day).and_then(|at| sent.get(at));
    rested.max(first_of_a_day.map(|first| first.saturating_add(DAY_MS)))
}

/// The next full hour.
fn end_of_hour(now: i64) -> i64 {
    now.saturating_sub(now.rem_euclid(HOUR_MS)).saturating_add(HOUR_MS)
}
