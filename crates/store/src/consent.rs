//! What becomes of a sign-up: its address says that it was them, or ends it, or cannot be written
//! to.

use crate::{Fault, Sql, outreach::Outreach, sql::bind};

/// A sign-up, as the pages that its links lead to show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// About which SKU.
    pub sku: String,
    /// BCP 47: the language that it was made in.
    pub lang: String,
}

/// Why nothing is sent to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is nobody at it.
    Bounced,
    /// Somebody there has called a message unwanted.
    Complained,
}

impl Reason {
    /// As it is stored.
    fn key(self) -> &'static str {
        match self {
            Self::Bounced => "bounced",
            Self::Complained => "complained",
        }
    }

    /// That of its key.
    pub(crate) fn from_key(key: &str) -> Result<Self, Fault> {
        match key {
            "bounced" => Ok(Self::Bounced),
            "complained" => Ok(Self::Complained),
            _ => Err(Fault::Corrupt("a reason is unknown")),
        }
    }
}

impl<S: Sql> Outreach<S> {
    /// The sign-up of this name; also of one that was confirmed and has done what it was made for
    /// since, so that whoever looks again, or presses the button twice, hears the same.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn wanted(&self, subscriber: &str) -> Result<Option<Wanted>, Fault> {
        let rows = self.sql.query(
            "SELECT sku, lang FROM sign_ups WHERE subscriber = ?1
             UNION ALL SELECT sku, lang FROM proofs WHERE subscriber = ?1 AND ended_at IS NULL
             LIMIT 1",
            bind![subscriber],
        )?;
        rows.into_iter()
            .next()
            .map(|mut row| Ok(Wanted { sku: row.text()?, lang: row.text()? }))
            .transpose()
    }

    /// Whoever has the address says that it was them: the sign-up is a place in the waitlist of this
    /// shop, which the Shop object has to hear of, and stays for `lifetime_ms`, and the
    /// proof for `proof_ms` after that. The second time nothing changes. `None` if there is no such
    /// sign-up.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written.
    pub fn confirm(
        &self,
        shop: &str,
        subscriber: &str,
        lifetime_ms: i64,
        proof_ms: i64,
        now: i64,
    ) -> Result<Option<Wanted>, Fault> {
        self.kept.set(None);
        let ends_at = now.saturating_add(lifetime_ms);
        self.sql.transaction(|| {
            let confirmed = self.sql.query(
                "UPDATE sign_ups SET state = 'confirmed', confirmed_at = ?, expires_at = ?
                 WHERE subscriber = ? AND state = 'unconfirmed' RETURNING id",
                bind![now, ends_at, subscriber],
            )?;
            if !confirmed.is_empty() {
                self.sql.query(
                    "INSERT INTO proofs (subscriber, key, hash, sku, lang, consent_text,
                        consented_at, marketing, confirmed_at, expires_at)
                     SELECT subscriber, key, hash, sku, lang, consent_text, consented_at,
                        marketing, confirmed_at, ? FROM sign_ups WHERE subscriber = ?",
                    bind![ends_at.saturating_add(proof_ms), subscriber],
                )?;
                self.sql.query(
                    "DELETE FROM messages WHERE subscriber = ? AND kind = 'confirm'",
                    bind![subscriber],
                )?;
                self.sql.query(
                    "INSERT INTO places (subscriber, shop, sku, quantity, state)
                     SELECT subscriber, ?, sku, quantity, 'joining' FROM sign_ups
                     WHERE subscriber = ?",
                    bind![shop, subscriber],
                )?;
            }
            self.wanted(subscriber)
        })
    }

    /// Whoever has the address wants no more of it: the sign-up goes, and whatever was to be sent
    /// of it. What is not there is ended already.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written.
    pub fn end(&self, subscriber: &str, now: i64) -> Result<(), Fault> {
        self.kept.set(None);
        self.sql.transaction(|| {
            self.sql.query("DELETE FROM sign_ups WHERE subscriber = ?", bind![subscriber])?;
            self.sql.query("DELETE FROM messages WHERE subscriber = ?", bind![subscriber])?;
            // What is kept for them goes to the next.
            self.sql.query(
                "UPDATE places SET state = 'leaving', expires_at = NULL WHERE subscriber = ?",
                bind![subscriber],
            )?;
            self.sql.query(
                "UPDATE proofs SET ended_at = ? WHERE subscriber = ? AND ended_at IS NULL",
                bind![now, subscriber],
            )?;
            Ok(())
        })
    }

    /// Nothing is sent to this address any more: what waits for it goes as it would be sent. Its
    /// hashes are those under each version of the secret.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written.
    pub fn suppress(&self, hashes: &[Vec<u8>], reason: Reason, now: i64) -> Result<(), Fault> {
        self.sql.transaction(|| {
            for hash in hashes {
                self.sql.query(
                    "INSERT INTO suppressed (hash, reason, at) VALUES (?, ?, ?)
                     ON CONFLICT (hash) DO NOTHING",
                    bind![hash.as_slice(), reason.key(), now],
                )?;
            }
            Ok(())
        })
    }
}
