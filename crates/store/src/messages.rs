//! What the Outreach object has to send: its outbox.
//!
//! ```text
//! waiting ──▶ handed ──▶ leased ──▶ gone, once the provider has taken it
//!    ▲          │ ▲        │ │
//!    │          └─┘        │ └──▶ dead, after the last try or too late: until somebody retries it
//!    └─────────────────────┘
//! ```
//!
//! What is leased may have to wait before it is sent ([`Outreach::put_off`]); then it goes back, and
//! that was no try.
//!
//! The alarm hands ids to the queue, and whoever takes them from there leases their rows. A queue's
//! message that is lost, doubled or late changes nothing: what was handed over and not leased is
//! handed over again, what is leased cannot be leased twice, and a lease of which nothing is heard
//! ends by itself. So a message can be sent twice, if the word of it is lost; its id is the same
//! then, and by that the provider knows it.

use crate::{
    Fault, MAX_PAGE, Sql,
    outreach::{Address, Outreach},
    sql::{Row, bind},
};

/// A message to be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewMessage<'a> {
    /// Random: the provider's idempotency key.
    pub(crate) id: &'a str,
    /// What it says.
    pub(crate) kind: &'a str,
    /// Whose sign-up it is about, and with which it goes.
    pub(crate) subscriber: Option<&'a str>,
    pub(crate) address: &'a Address<'a>,
    /// BCP 47.
    pub(crate) lang: &'a str,
    /// JSON, by kind.
    pub(crate) payload: &'a str,
    /// When nobody wants it any more.
    pub(crate) expires_at: i64,
}

/// A message that somebody is to send, until the lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// Its id: the provider's idempotency key.
    pub id: String,
    /// What it says.
    pub kind: String,
    /// Whose sign-up it is about.
    pub subscriber: Option<String>,
    /// The version of the secret that the address is encrypted under.
    pub key: i64,
    /// Encrypted.
    pub sealed: Vec<u8>,
    /// BCP 47.
    pub lang: String,
    /// JSON, by kind.
    pub payload: String,
    /// When nobody wants it any more.
    pub expires_at: i64,
    /// Which of its leases this is, from 1.
    pub attempt: i64,
}

/// A message that could not be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dead {
    /// Its id.
    pub id: String,
    /// What it says.
    pub kind: String,
    /// JSON, by kind.
    pub payload: String,
    /// Since when it was to be sent.
    pub made_at: i64,
    /// How often it was tried.
    pub attempts: i64,
    /// Why the last try failed, by name.
    pub error: String,
}

/// What a lease came to if the provider did not take the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    /// It is tried again at this time.
    Again(i64),
    /// It is not tried again.
    ForGood,
}

/// Messages that go together as one mail: more make no mail that anybody reads to its end.
const DIGESTED: i64 = 20;

/// The name of what became of a lease of which nothing was heard.
pub const UNREPORTED: &str = "unreported";

/// The name of what became of a message whose time was over before it could be sent.
pub const EXPIRED: &str = "expired";

/// How long one that expired stays among the dead, in milliseconds: a merchant hears of an outage's
/// claims when it is over.
const EXPIRED_KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// The shortest wait before a last try.
const LAST_WAIT_MS: i64 = 5_000;

impl<S: Sql> Outreach<S> {
    /// Puts a message into the outbox if `wanted`; the statement is the same if not. Run inside of
    /// the transaction of what it tells of.
    pub(crate) fn put_if(
        &self,
        wanted: bool,
        message: &NewMessage<'_>,
        now: i64,
    ) -> Result<(), Fault> {
        let Address { key, sealed, hash, .. } = *message.address;
        self.sql.query(
            "INSERT INTO messages (id, kind, subscriber, key, hash, address, lang, payload,
                made_at, expires_at, state, due, attempts)
             SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, 0 WHERE ?",
            bind![
                message.id,
                message.kind,
                message.subscriber,
                key,
                hash,
                sealed,
                message.lang,
                message.payload,
                now,
                message.expires_at,
                now,
                i64::from(wanted),
            ],
        )?;
        Ok(())
    }

    /// At most `most` messages whose time has come, to be handed to the queue; those of which
    /// nothing is heard until `again` are due then. One whose last lease ended unheard after
    /// `tries` of them is dead.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written.
    pub fn hand_over(
        &self,
        tries: i64,
        again: i64,
        now: i64,
        most: i64,
    ) -> Result<Vec<String>, Fault> {
        self.sql.transaction(|| {
            let handed = self.sql.query(
                "UPDATE messages SET state = iif(is_over, 'dead', 'handed'),
                    due = iif(is_over, expires_at, ?1), error = iif(is_over, ?2, error)
                 FROM (SELECT id AS due_id, state = 'leased' AND attempts >= ?3 AS is_over
                    FROM messages WHERE due <= ?4 AND state <> 'dead' ORDER BY due LIMIT ?5)
                 WHERE id = due_id RETURNING state, id",
                bind![again, UNREPORTED, tries, now, most],
            )?;
            let mut ids = Vec::new();
            for mut row in handed {
                if row.text()? == "handed" {
                    ids.push(row.text()?);
                }
            }
            Ok(ids)
        })
    }

    /// The queue did not take these: they are due again at this time, unless something has become
    /// of them meanwhile.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written.
    pub fn take_back(&self, ids: &[String], due: i64) -> Result<(), Fault> {
        self.sql.transaction(|| {
            for id in ids {
                self.sql.query(
                    "UPDATE messages SET state = 'waiting', due = ?
                     WHERE id = ? AND state = 'handed'",
                    bind![due, id.as_str()],
                )?;
            }
            Ok(())
        })
    }

    /// Leases those of these messages that are to be sent now and are not leased to anybody else,
    /// until `until`. What goes to a suppressed address goes instead; what comes too late is left to
    /// [`Outreach::sweep`].
    ///
    /// Of those that say that something is back, all that wait for the same address go together:
    /// as one mail of the kind `digest`, its payload a list of theirs. Which those are stays as it
    /// was with the first lease, but for those that have ended since: a claim never goes with
    /// others, for its time runs.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written.
    pub fn lease(&self, ids: &[String], until: i64, now: i64) -> Result<Vec<Leased>, Fault> {
        self.sql.transaction(|| {
            let mut leased = Vec::new();
            for id in ids {
                self.sql.query(
                    "DELETE FROM messages WHERE id = ? AND state <> 'dead'
                        AND hash IN (SELECT hash FROM suppressed)",
                    bind![id.as_str()],
                )?;
                let rows = self.sql.query(
                    "UPDATE messages SET state = 'leased', attempts = attempts + 1, due = ?1
                     WHERE id = ?2 AND (state = 'handed' OR (state = 'leased' AND due <= ?3))
                        AND expires_at > ?3
                     RETURNING id, kind, subscriber, key, address, lang, payload, expires_at,
                        attempts, hash, digest, made_at",
                    bind![until, id.as_str(), now],
                )?;
                for mut row in rows {
                    let lease = leased_of(&mut row)?;
                    leased.push(match lease.kind.as_str() {
                        "back" => self.digest(lease, row, until, now)?,
                        _ => lease,
                    });
                }
            }
            Ok(leased)
        })
    }

    /// Leases what goes with this message, too, and makes one lease of all. `row` has its `hash`,
    /// its `digest` and its `made_at`.
    fn digest(&self, first: Leased, mut row: Row, until: i64, now: i64) -> Result<Leased, Fault> {
        let (hash, digest, made_at) = (row.blob()?, row.text_or_null()?, row.integer()?);
        let others = match &digest {
            None => {
                self.sql
                    .query("UPDATE messages SET digest = id WHERE id = ?", bind![&*first.id])?;
                self.sql.query(
                    "UPDATE messages SET state = 'leased', attempts = ?1, due = ?2, digest = ?3
                     WHERE id IN (SELECT id FROM messages WHERE hash = ?4 AND kind = 'back'
                            AND digest IS NULL AND lang = ?5 AND attempts = 0
                            AND state IN ('waiting', 'handed') AND expires_at > ?6 AND ?1 = 1
                        ORDER BY made_at, id LIMIT ?7)
                     RETURNING made_at, id, subscriber, payload",
                    bind![
                        first.attempt,
                        until,
                        &*first.id,
                        &*hash,
                        &*first.lang,
                        now,
                        DIGESTED.saturating_sub(1),
                    ],
                )?
            }
            Some(digest) => self.sql.query(
                "UPDATE messages SET state = 'leased', attempts = ?, due = ?
                 WHERE digest = ? AND id <> ? AND state <> 'dead' AND expires_at > ?
                 RETURNING made_at, id, subscriber, payload",
                bind![first.attempt, until, &**digest, &*first.id, now],
            )?,
        };
        let id = digest.unwrap_or_else(|| first.id.clone());
        let mut all = vec![(made_at, first.id, first.subscriber, first.payload)];
        for mut row in others {
            all.push((row.integer()?, row.text()?, row.text_or_null()?, row.text()?));
        }
        // The mail is the same at each try.
        all.sort();
        let subscriber = all.first().and_then(|(_, _, subscriber, _)| subscriber.clone());
        let mut payloads: Vec<_> = all.into_iter().map(|(.., payload)| payload).collect();
        let (kind, payload) = match (payloads.len(), payloads.pop()) {
            (1, Some(only)) => (first.kind, only),
            (_, last) => {
                payloads.extend(last);
                ("digest".to_owned(), format!("[{}]", payloads.join(",")))
            }
        };
        Ok(Leased { id, kind, subscriber, payload, ..first })
    }

    /// The provider has this message, and those that went with it, whichever lease it was sent
    /// under.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn sent(&self, id: &str) -> Result<(), Fault> {
        self.sql.query("DELETE FROM messages WHERE id = ?1 OR digest = ?1", bind![id])?;
        Ok(())
    }

    /// The provider did not take this message under this lease. If that has ended meanwhile,
    /// nothing happens: another's word counts.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn failed(
        &self,
        id: &str,
        attempt: i64,
        failed: Failed,
        error: &str,
        now: i64,
    ) -> Result<(), Fault> {
        match failed {
            // While there is time it is tried: again when half of what is left is over.
            Failed::Again(due) => self.sql.query(
                "UPDATE messages SET state = 'waiting', error = ?3,
                    due = MIN(?2, MAX(?5, (?6 + expires_at) / 2))
                 WHERE (id = ?1 OR digest = ?1) AND attempts = ?4 AND state = 'leased'",
                bind![id, due, error, attempt, now.saturating_add(LAST_WAIT_MS), now],
            ),
            Failed::ForGood => self.sql.query(
                "UPDATE messages SET state = 'dead', due = expires_at, error = ?2
                 WHERE (id = ?1 OR digest = ?1) AND attempts = ?3 AND state = 'leased'",
                bind![id, error, attempt],
            ),
        }
        .map(drop)
    }

    /// This message was leased, and those that go with it, and it is not to be sent before `due`.
    /// That was no try, so it counts as none. If the lease has ended meanwhile, nothing happens.
    /// Should two leases have one number by this and the word of the earlier come late, the later's
    /// message is sent again, with the same key.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn put_off(&self, id: &str, attempt: i64, due: i64, why: &str) -> Result<(), Fault> {
        self.sql.query(
            // One that nobody wants any more by then goes when its time is over.
            "UPDATE messages SET state = 'waiting', due = MIN(?1, expires_at),
                attempts = attempts - 1, error = ?2
             WHERE (id = ?3 OR digest = ?3) AND attempts = ?4 AND state = 'leased'",
            bind![due, why, id, attempt],
        )?;
        Ok(())
    }

    /// When the alarm has to look at a message next.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn next_message(&self) -> Result<Option<i64>, Fault> {
        let rows = self.sql.query("SELECT MIN(due) FROM messages", &[])?;
        rows.into_iter().next().map_or(Ok(None), |mut row| row.integer_or_null())
    }

    /// A page of the messages that could not be sent, by id, after this one.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn dead_after(&self, id: &str) -> Result<Vec<Dead>, Fault> {
        self.sql
            .query(
                "SELECT id, kind, payload, made_at, attempts, error FROM messages
                 WHERE state = 'dead' AND id > ? ORDER BY id LIMIT ?",
                bind![id, MAX_PAGE],
            )?
            .into_iter()
            .map(|mut row| {
                Ok(Dead {
                    id: row.text()?,
                    kind: row.text()?,
                    payload: row.text()?,
                    made_at: row.integer()?,
                    attempts: row.integer()?,
                    error: row.text_or_null()?.unwrap_or_default(),
                })
            })
            .collect()
    }

    /// Tries a dead message again, as after a first try, and what went with it; of one that is not
    /// dead nothing changes. Is there such a message?
    ///
    /// # Errors
    /// [`Fault`].
    pub fn retry(&self, id: &str, now: i64) -> Result<bool, Fault> {
        let there = self.sql.query("SELECT 1 FROM messages WHERE id = ?", bind![id])?;
        self.sql.query(
            // Not as if it had never been tried: it may have been sent, and still says the same.
            "UPDATE messages SET state = 'waiting', due = ?2, attempts = 1, error = NULL
             WHERE (id = ?1 OR digest = (SELECT digest FROM messages WHERE id = ?1))
                AND state = 'dead'",
            bind![id, now],
        )?;
        Ok(!there.is_empty())
    }

    /// What somebody was to hear of a unit or of goods, and was not sent in its time, is to be seen
    /// among the dead: at most `most` of them, inside of a transaction.
    pub(crate) fn bury_expired(&self, now: i64, most: i64) -> Result<(), Fault> {
        self.sql.query(
            "UPDATE messages SET state = 'dead', due = ?1,
                error = iif(state = 'leased', ?2, ?3)
             WHERE id IN (SELECT id FROM messages
                WHERE due <= ?4 AND expires_at <= ?4 AND state <> 'dead'
                    AND kind IN ('claim', 'back') AND hash NOT IN (SELECT hash FROM suppressed)
                ORDER BY due LIMIT ?5)",
            bind![now.saturating_add(EXPIRED_KEPT_MS), UNREPORTED, EXPIRED, now, most],
        )?;
        Ok(())
    }
}

fn leased_of(row: &mut Row) -> Result<Leased, Fault> {
    Ok(Leased {
        id: row.text()?,
        kind: row.text()?,
        subscriber: row.text_or_null()?,
        key: row.integer()?,
        sealed: row.blob()?,
        lang: row.text()?,
        payload: row.text()?,
        expires_at: row.integer()?,
        attempt: row.integer()?,
    })
}
