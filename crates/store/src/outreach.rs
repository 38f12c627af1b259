//! What the Outreach object keeps: who asked to be told about a SKU, and where to write to about an
//! order. It is the only place with addresses, and they come here encrypted, beside a keyed hash by
//! which they are found. What is sent to them is in [`crate::messages`], and what they answer in
//! [`crate::consent`].

use crate::{
    Fault, Sql,
    messages::NewMessage,
    migrate::{self, Migration},
    sql::{Row, bind},
};
use std::cell::Cell;

pub use crate::order_contacts::{HeardOfOrder, KeptContact, OrderContact, OrderMail};

const MIGRATIONS: &[Migration] = &[
    (1, "0001_first", include_str!("outreach/0001_first.sql")),
    (2, "0002_order_contacts", include_str!("outreach/0002_order_contacts.sql")),
    (3, "0003_messages", include_str!("outreach/0003_messages.sql")),
    (4, "0004_places", include_str!("outreach/0004_places.sql")),
    (5, "0005_subjects", include_str!("outreach/0005_subjects.sql")),
    (6, "0006_order_messages", include_str!("outreach/0006_order_messages.sql")),
];

/// Somebody who asks to be told about a SKU.
#[derive(Clone, Debug)]
pub struct SignUp<'a> {
    /// About which.
    pub sku: &'a str,
    /// Their address.
    pub address: Address<'a>,
    /// Units that they would like.
    pub quantity: i64,
    /// BCP 47: the language that they were asked in.
    pub lang: &'a str,
    /// The version of the words, in `lang`, that they agreed to.
    pub consent_text: i64,
    /// Did they agree to be told of other things, too?
    pub marketing: bool,
    /// A keyed hash of the network that they call from; not empty.
    pub network: &'a [u8],
    /// What it is called outside if it is new: an id that nothing had before.
    pub subscriber: &'a str,
    /// The message that asks whether the address is theirs, if one is sent.
    pub ask: Ask<'a>,
}

/// A message that asks whoever has an address whether they want to be told.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// An id that nothing had before.
    pub id: &'a str,
    /// JSON: what the message is about.
    pub payload: &'a str,
}

/// An address, as it is kept.
#[derive(Clone, Debug)]
pub struct Address<'a> {
    /// The version of the secret that it is encrypted and hashed under.
    pub key: i64,
    /// Encrypted.
    pub sealed: &'a [u8],
    /// Its keyed hash.
    pub hash: &'a [u8],
    /// Its hashes under the secret's earlier versions: it may be here since then.
    pub earlier: &'a [Vec<u8>],
}

/// How many sign-ups are taken, and how long they are kept.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From one network, in a window.
    pub per_network: i64,
    /// From everywhere, in a window.
    pub in_all: i64,
    /// The window's length, in milliseconds.
    pub window_ms: i64,
    /// That are kept.
    pub kept: i64,
    /// How long one is kept that nobody confirms, in milliseconds.
    pub lifetime_ms: i64,
    /// For so long an address is not asked again about the same SKU, in milliseconds.
    pub ask_gap_ms: i64,
    /// For how many SKUs an address is asked in a day.
    pub asks_per_day: i64,
}

/// What came of a sign-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is here.
    Yes,
    /// There are too many, and nothing was written; from this time on it may come again.
    NotBefore(i64),
}

/// The storage of a shop's Outreach object.
pub struct Outreach<S> {
    pub(crate) sql: S,
    /// Sign-ups that are kept and unconfirmed, while that is known: to count them reads them all.
    pub(crate) kept: Cell<Option<i64>>,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What is there of a sign-up that comes again.
#[derive(Debug, Default)]
struct Before {
    id: Option<i64>,
    made_at: Option<i64>,
    subscriber: Option<String>,
    asked_at: Option<i64>,
    /// Rows that were unconfirmed.
    unconfirmed: i64,
    /// Somebody was asked, and had not agreed to be told of other things.
    is_plain: bool,
    confirmed: Option<Confirmed>,
}

/// What somebody has confirmed: no stranger who knows the address changes it.
#[derive(Debug)]
struct Confirmed {
    quantity: i64,
    lang: String,
    consent_text: i64,
    consented_at: i64,
    marketing: i64,
    expires_at: i64,
    confirmed_at: i64,
}

impl<S: Sql> Outreach<S> {
    /// Storage on `sql`, which is left as it is.
    pub fn new(sql: S) -> Self {
        Self { sql, kept: Cell::new(None) }
    }

    /// Brings the schema to this build's, as [`crate::Store::migrate`] does.
    ///
    /// # Errors
    /// As there.
    pub fn migrate(&self, now: i64) -> Result<(), Fault> {
        migrate::apply(&self.sql, MIGRATIONS, now)
    }

    /// Takes a sign-up, and puts the message into the outbox that asks whether the address is
    /// theirs. One of the same address for the same SKU is replaced and keeps its place, but agrees
    /// to no more than it did when somebody was asked; one that is confirmed stays as it was
    /// confirmed. What is done is the same for one that is new, so that nobody learns who was here
    /// before.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written.
    pub fn sign_up(&self, sign_up: &SignUp<'_>, limits: Limits, now: i64) -> Result<Taken, Fault> {
        // Not known until it is written.
        let kept = match self.kept.take() {
            Some(kept) => kept,
            None => self.count()?,
        };
        let taken = self.sql.transaction(|| {
            if kept >= limits.kept {
                return Ok((Taken::NotBefore(self.first_expiry()?.unwrap_or(now)), kept));
            }
            let mut windows = Vec::new();
            for (network, most) in [(sign_up.network, limits.per_network), (&[], limits.in_all)] {
                let (since, taken) = self.lately(network, limits.window_ms, now)?;
                if taken >= most {
                    return Ok((Taken::NotBefore(since.saturating_add(limits.window_ms)), kept));
                }
                windows.push((network, since, taken.saturating_add(1)));
            }
            for (network, since, taken) in windows {
                self.sql.query(
                    "INSERT OR REPLACE INTO takings (network, since, taken) VALUES (?, ?, ?)",
                    bind![network, since, taken],
                )?;
            }
            let before = self.take_out(sign_up)?;
            let added = i64::from(before.confirmed.is_none());
            let kept_now = kept.saturating_add(added).saturating_sub(before.unconfirmed);
            self.write(sign_up, before, limits, now)?;
            Ok((Taken::Yes, kept_now))
        });
        // After a fault it is counted again.
        let (taken, kept) = taken?;
        self.kept.set(Some(kept));
        Ok(taken)
    }

    /// Removes what is there of a sign-up, under whichever version of the secret. What is said of
    /// the address besides is found under the newest, too, from now on.
    fn take_out(&self, sign_up: &SignUp<'_>) -> Result<Before, Fault> {
        let Address { hash, earlier, .. } = sign_up.address;
        let mut before = Before::default();
        for earlier in earlier.iter().map(Vec::as_slice).chain([hash]) {
            let rows = self.sql.query(
                "DELETE FROM sign_ups WHERE hash = ? AND sku = ?
                 RETURNING id, made_at, subscriber, asked_at, confirmed_at, marketing, quantity,
                    lang, consent_text, consented_at, expires_at",
                bind![earlier, sign_up.sku],
            )?;
            for row in rows {
                before.add(row)?;
            }
            // What stands here under the earlier one is found under that.
            self.sql.query(
                "INSERT OR IGNORE INTO suppressed (hash, reason, at)
                 SELECT ?, reason, at FROM suppressed WHERE hash = ?",
                bind![hash, earlier],
            )?;
        }
        Ok(before)
    }

    /// Writes a sign-up, in place of what was there of it, and asks.
    fn write(
        &self,
        sign_up: &SignUp<'_>,
        before: Before,
        limits: Limits,
        now: i64,
    ) -> Result<(), Fault> {
        let Address { key, sealed, hash, .. } = sign_up.address;
        let made_at = before.made_at.unwrap_or(now).min(now);
        let subscriber = before.subscriber.as_deref().unwrap_or(sign_up.subscriber);
        let asks = before.confirmed.is_none()
            & self.may_ask(sign_up, subscriber, before.asked_at, limits, now)?;
        let (state, confirmed_at) = match &before.confirmed {
            Some(confirmed) => ("confirmed", Some(confirmed.confirmed_at)),
            None => ("unconfirmed", None),
        };
        let it = before.confirmed.unwrap_or_else(|| Confirmed {
            quantity: sign_up.quantity,
            lang: sign_up.lang.to_owned(),
            consent_text: sign_up.consent_text,
            consented_at: now,
            // Nobody confirms what a stranger has agreed to since they were asked.
            marketing: i64::from(sign_up.marketing && !before.is_plain),
            // Whoever knows an address can sign it up again, but not keep it here for longer.
            expires_at: made_at.saturating_add(limits.lifetime_ms),
            confirmed_at: now,
        });
        let asked_at = if asks { Some(now) } else { before.asked_at };
        self.sql.query(
            "INSERT INTO sign_ups (id, hash, sku, key, address, quantity, lang, consent_text,
                consented_at, marketing, made_at, state, expires_at, subscriber, asked_at,
                confirmed_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            bind![
                before.id,
                hash,
                sign_up.sku,
                key,
                sealed,
                it.quantity,
                it.lang.as_str(),
                it.consent_text,
                it.consented_at,
                it.marketing,
                made_at,
                state,
                it.expires_at,
                subscriber,
                asked_at,
                confirmed_at,
            ],
        )?;
        let message = NewMessage {
            id: sign_up.ask.id,
            kind: "confirm",
            subscriber: Some(subscriber),
            address: &sign_up.address,
            lang: &it.lang,
            payload: sign_up.ask.payload,
            expires_at: it.expires_at,
        };
        self.put_if(asks, &message, now)
    }

    /// May this address be asked now? Not twice within a while, not while a message that asks is
    /// on its way, and not for all the SKUs that somebody else signs it up for.
    fn may_ask(
        &self,
        sign_up: &SignUp<'_>,
        subscriber: &str,
        asked_at: Option<i64>,
        limits: Limits,
        now: i64,
    ) -> Result<bool, Fault> {
        let rows = self.sql.query(
            "SELECT (SELECT COUNT(*) FROM sign_ups WHERE hash = ? AND asked_at > ?),
                (SELECT COUNT(*) FROM messages WHERE subscriber = ? AND state <> 'dead')",
            bind![sign_up.address.hash, now.saturating_sub(DAY_MS), subscriber],
        )?;
        let mut row = rows.into_iter().next().ok_or(Fault::Corrupt("a count has no row"))?;
        let (today, on_their_way) = (row.integer()?, row.integer()?);
        let rested = asked_at.is_none_or(|at| now.saturating_sub(at) >= limits.ask_gap_ms);
        Ok(rested && today < limits.asks_per_day && on_their_way == 0)
    }

    /// How many were taken from this network, and since when: in its window, or in a new one if
    /// that is over. One that would begin later than now is that of a clock that went back.
    fn lately(&self, network: &[u8], window_ms: i64, now: i64) -> Result<(i64, i64), Fault> {
        let rows =
            self.sql.query("SELECT since, taken FROM takings WHERE network = ?", bind![network])?;
        for mut row in rows {
            let (since, taken) = (row.integer()?, row.integer()?);
            if (0..window_ms).contains(&now.saturating_sub(since)) {
                return Ok((since, taken));
            }
        }
        Ok((now, 0))
    }

    fn first_expiry(&self) -> Result<Option<i64>, Fault> {
        let rows = self
            .sql
            .query("SELECT MIN(expires_at) FROM sign_ups WHERE state = 'unconfirmed'", &[])?;
        rows.into_iter().next().map_or(Ok(None), |mut row| row.integer_or_null())
    }

    fn count(&self) -> Result<i64, Fault> {
        let rows =
            self.sql.query("SELECT COUNT(*) FROM sign_ups WHERE state = 'unconfirmed'", &[])?;
        rows.into_iter().next().ok_or(Fault::Corrupt("a count has no row"))?.integer()
    }

    /// When the next row has to go; those of messages aside.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn next_due(&self, window_ms: i64) -> Result<Option<i64>, Fault> {
        let rows = self.sql.query(
            "SELECT MIN(due) FROM (SELECT MIN(expires_at) AS due FROM sign_ups
             UNION ALL SELECT MIN(expires_at) FROM order_contacts
             UNION ALL SELECT MIN(since) + ? FROM takings
             UNION ALL SELECT MIN(expires_at) FROM proofs
             UNION ALL SELECT MIN(expires_at) FROM places WHERE expires_at IS NOT NULL)",
            bind![window_ms],
        )?;
        rows.into_iter().next().map_or(Ok(None), |mut row| row.integer_or_null())
    }

    /// Removes at most `most` sign-ups whose time is over, with their messages, and as many contacts,
    /// windows, messages and proofs. A claim's message, or one that something is back, is dead
    /// first, so that the merchant sees it.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was removed.
    pub fn sweep(&self, window_ms: i64, now: i64, most: i64) -> Result<(), Fault> {
        self.kept.set(None);
        self.sql.transaction(|| {
            let gone = self.sql.query(
                "DELETE FROM sign_ups WHERE id IN
                    (SELECT id FROM sign_ups WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
                 RETURNING subscriber",
                bind![now, most],
            )?;
            for mut row in gone {
                let subscriber = row.text_or_null()?;
                self.sql.query(
                    "DELETE FROM messages WHERE subscriber = ?",
                    bind![subscriber.as_deref()],
                )?;
                self.sql.query(
                    "UPDATE places SET state = 'waited_out'
                     WHERE subscriber = ? AND state IN ('joining', 'joined')",
                    bind![subscriber],
                )?;
            }
            self.sql.query(
                "DELETE FROM places WHERE subscriber IN (SELECT subscriber FROM places
                    WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)",
                bind![now, most],
            )?;
            self.bury_expired(now, most)?;
            self.sql.query(
                "DELETE FROM messages WHERE id IN (SELECT id FROM messages
                    WHERE due <= ? AND expires_at <= ? ORDER BY due LIMIT ?)",
                bind![now, now, most],
            )?;
            self.sql.query(
                "DELETE FROM proofs WHERE subscriber IN (SELECT subscriber FROM proofs
                    WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)",
                bind![now, most],
            )?;
            self.sql.query(
                "DELETE FROM order_contacts WHERE order_id IN (SELECT order_id FROM order_contacts
                    WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)",
                bind![now, most],
            )?;
            self.sql.query(
                "DELETE FROM takings WHERE network IN
                    (SELECT network FROM takings WHERE since <= ? ORDER BY since LIMIT ?)",
                bind![now.saturating_sub(window_ms), most],
            )?;
            Ok(())
        })
    }
}

impl Before {
    /// One of the rows that were there.
    fn add(&mut self, mut row: Row) -> Result<(), Fault> {
        let (id, made_at) = (row.integer()?, row.integer()?);
        let (subscriber, asked_at) = (row.text_or_null()?, row.integer_or_null()?);
        self.id = Some(self.id.map_or(id, |first| first.min(id)));
        self.made_at = Some(self.made_at.map_or(made_at, |first| first.min(made_at)));
        self.asked_at = self.asked_at.max(asked_at);
        let confirmed_at = row.integer_or_null()?;
        if confirmed_at.is_some() || self.subscriber.is_none() {
            self.subscriber = subscriber;
        }
        let marketing = row.integer()?;
        match confirmed_at {
            None => {
                self.unconfirmed = self.unconfirmed.saturating_add(1);
                self.is_plain |= asked_at.is_some() && marketing == 0;
            }
            Some(confirmed_at) => {
                self.confirmed = Some(Confirmed {
                    quantity: row.integer()?,
                    lang: row.text()?,
                    consent_text: row.integer()?,
                    consented_at: row.integer()?,
                    marketing,
                    expires_at: row.integer()?,
                    confirmed_at,
                });
            }
        }
        Ok(())
    }
}
