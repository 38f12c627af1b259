//! What the Outreach object keeps: who asked to be told about a SKU, and where to write to about an
//! order. It is the only place with
//! addresses, and they come here encrypted, beside a keyed hash by which they are found.

use crate::{
    Fault, Sql,
    migrate::{self, Migration},
    sql::bind,
};
use std::cell::Cell;

pub use crate::order_contacts::{KeptContact, OrderContact};

const MIGRATIONS: &[Migration] = &[
    (1, "0001_first", include_str!("outreach/0001_first.sql")),
    (2, "0002_order_contacts", include_str!("outreach/0002_order_contacts.sql")),
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
    sql: S,
    /// Sign-ups that are kept, while that is known: to count them reads them all.
    kept: Cell<Option<i64>>,
}

impl<S: Sql> Outreach<S> {
    /// Storage on `sql`, which is left as it is.
    pub fn new(sql: S) -> Self {
        Self { sql, kept: Cell::new(None) }
    }

    pub(crate) fn sql(&self) -> &S {
        &self.sql
    }

    /// Brings the schema to this build's, as [`crate::Store::migrate`] does.
    ///
    /// # Errors
    /// As there.
    pub fn migrate(&self, now: i64) -> Result<(), Fault> {
        migrate::apply(&self.sql, MIGRATIONS, now)
    }

    /// Takes a sign-up. One of the same address for the same SKU is replaced and keeps its place.
    /// What is done is the same for one that is new, so that nobody learns who was here before.
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
            let replaced = self.write(sign_up, limits.lifetime_ms, now)?;
            Ok((Taken::Yes, kept.saturating_add(1).saturating_sub(replaced)))
        });
        // After a fault it is counted again.
        let (taken, kept) = taken?;
        self.kept.set(Some(kept));
        Ok(taken)
    }

    /// Writes a sign-up in place of what is there of it, and gives how many rows that were.
    fn write(&self, sign_up: &SignUp<'_>, lifetime_ms: i64, now: i64) -> Result<i64, Fault> {
        let Address { key, sealed, hash, earlier } = sign_up.address;
        let (mut place, mut made_at, mut replaced) = (None, now, 0_i64);
        for hash in earlier.iter().map(Vec::as_slice).chain([hash]) {
            let rows = self.sql.query(
                "DELETE FROM sign_ups WHERE hash = ? AND sku = ? RETURNING id, made_at",
                bind![hash, sign_up.sku],
            )?;
            for mut row in rows {
                let id = row.integer()?;
                place = Some(place.map_or(id, |first: i64| first.min(id)));
                made_at = made_at.min(row.integer()?);
                replaced = replaced.saturating_add(1);
            }
        }
        self.sql.query(
            "INSERT INTO sign_ups (id, hash, sku, key, address, quantity, lang, consent_text,
                consented_at, marketing, made_at, state, expires_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'unconfirmed', ?)",
            bind![
                place,
                hash,
                sign_up.sku,
                key,
                sealed,
                sign_up.quantity,
                sign_up.lang,
                sign_up.consent_text,
                now,
                i64::from(sign_up.marketing),
                made_at,
                // Whoever knows an address can sign it up again, but not keep it here for longer.
                made_at.saturating_add(lifetime_ms),
            ],
        )?;
        Ok(replaced)
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
        let rows = self.sql.query("SELECT MIN(expires_at) FROM sign_ups", &[])?;
        rows.into_iter().next().map_or(Ok(None), |mut row| row.integer_or_null())
    }

    fn count(&self) -> Result<i64, Fault> {
        let rows = self.sql.query("SELECT COUNT(*) FROM sign_ups", &[])?;
        rows.into_iter().next().ok_or(Fault::Corrupt("a count has no row"))?.integer()
    }

    /// When the next row has to go.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn next_due(&self, window_ms: i64) -> Result<Option<i64>, Fault> {
        let rows = self.sql.query(
            "SELECT MIN(due) FROM (SELECT MIN(expires_at) AS due FROM sign_ups
             UNION ALL SELECT MIN(expires_at) FROM order_contacts
             UNION ALL SELECT MIN(since) + ? FROM takings)",
            bind![window_ms],
        )?;
        rows.into_iter().next().map_or(Ok(None), |mut row| row.integer_or_null())
    }

    /// Removes at most `most` sign-ups whose time is over, as many contacts and as many windows.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was removed.
    pub fn sweep(&self, window_ms: i64, now: i64, most: i64) -> Result<(), Fault> {
        self.kept.set(None);
        self.sql.transaction(|| {
            self.sql.query(
                "DELETE FROM sign_ups WHERE id IN
                    (SELECT id FROM sign_ups WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)",
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
