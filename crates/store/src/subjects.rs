//! Whoever has an address, as a whole: what they wait for, all that is kept of them, and that it
//! goes.

use crate::{
    Fault, Sql,
    consent::Reason,
    outreach::Outreach,
    sql::{Row, bind},
};

/// To whom a sign-up is, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whose {
    /// The keyed hash of their address, under whichever version of the secret.
    pub hash: Vec<u8>,
    /// Their address, encrypted, and under which version; `None` if only the proof is left.
    pub sealed: Option<(i64, Vec<u8>)>,
}

/// Something that somebody waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What their sign-up is called.
    pub subscriber: String,
    /// For which SKU.
    pub sku: String,
    /// How far it is.
    pub stage: AlertStage,
}

/// How far an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertStage {
    /// They have not said yet that it was they who asked.
    Unconfirmed,
    /// It is not back yet.
    Waiting,
    /// They were told that it is back: perhaps it is kept for them.
    Told,
}

/// All that is kept of whoever has an address; times are UTC milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// What they asked for and was not done yet.
    pub sign_ups: Vec<KeptSignUp>,
    /// That they agreed.
    pub consents: Vec<Consent>,
    /// Messages to them that wait, or could not be sent.
    pub messages: Vec<KeptMessage>,
    /// Orders about which they are written to.
    pub orders: Vec<KeptOrder>,
    /// Nothing is sent to them, since when and why.
    pub suppressed: Option<(Reason, i64)>,
}

/// A sign-up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as the columns of `sign_ups` in www/docs/storage.md")]
pub struct KeptSignUp {
    pub sku: String,
    pub quantity: i64,
    pub lang: String,
    pub marketing: bool,
    pub made_at: i64,
    pub confirmed_at: Option<i64>,
    pub expires_at: i64,
}

/// A proof of consent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as the columns of `proofs` in www/docs/storage.md")]
pub struct Consent {
    pub sku: String,
    pub lang: String,
    pub text: i64,
    pub marketing: bool,
    pub consented_at: i64,
    pub confirmed_at: i64,
    pub ended_at: Option<i64>,
    pub expires_at: i64,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as the columns of `messages` in www/docs/storage.md")]
pub struct KeptMessage {
    pub id: String,
    pub kind: String,
    pub made_at: i64,
    pub expires_at: i64,
}

/// An order's contact.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as the columns of `order_contacts` in www/docs/storage.md")]
pub struct KeptOrder {
    pub order: String,
    pub lang: String,
    pub kept_at: i64,
    pub expires_at: i64,
}

impl<S: Sql> Outreach<S> {
    /// Whose sign-up this is, or was while its proof is kept.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn whose(&self, subscriber: &str) -> Result<Option<Whose>, Fault> {
        let rows = self.sql.query(
            "SELECT hash, key, address FROM sign_ups WHERE subscriber = ?1
             UNION ALL SELECT hash, NULL, NULL FROM proofs WHERE subscriber = ?1 LIMIT 1",
            bind![subscriber],
        )?;
        rows.into_iter()
            .next()
            .map(|mut row| {
                let (hash, key) = (row.blob()?, row.integer_or_null()?);
                let sealed = key.map(|key| Ok::<_, Fault>((key, row.blob()?))).transpose()?;
                Ok(Whose { hash, sealed })
            })
            .transpose()
    }

    /// What whoever has these hashes waits for, the oldest first.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn alerts(&self, hashes: &[Vec<u8>], now: i64) -> Result<Vec<Alert>, Fault> {
        let mut alerts = Vec::new();
        for hash in hashes {
            let rows = self.sql.query(
                "SELECT subscriber, sku, state, made_at, id FROM sign_ups
                 WHERE hash = ?1 AND subscriber IS NOT NULL
                 UNION ALL SELECT places.subscriber, places.sku, places.state, consented_at, 0
                 FROM proofs JOIN places ON places.subscriber = proofs.subscriber
                 WHERE proofs.hash = ?1 AND places.state = 'told' AND places.expires_at > ?2
                 ORDER BY 4, 5",
                bind![hash.as_slice(), now],
            )?;
            for mut row in rows {
                let (subscriber, sku) = (row.text()?, row.text()?);
                let stage = match row.text()?.as_str() {
                    "unconfirmed" => AlertStage::Unconfirmed,
                    "told" => AlertStage::Told,
                    _ => AlertStage::Waiting,
                };
                alerts.push(Alert { subscriber, sku, stage });
            }
        }
        Ok(alerts)
    }

    /// All that is kept of whoever has these hashes.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn export(&self, hashes: &[Vec<u8>]) -> Result<Subject, Fault> {
        let mut subject = Subject::default();
        for hash in hashes {
            let of = |statement| self.sql.query(statement, bind![hash.as_slice()]);
            let sign_ups = of("SELECT sku, quantity, lang, marketing, made_at, confirmed_at,
                    expires_at FROM sign_ups WHERE hash = ? ORDER BY id")?;
            for row in sign_ups {
                subject.sign_ups.push(sign_up(row)?);
            }
            let consents = of("SELECT sku, lang, consent_text, marketing, consented_at,
                    confirmed_at, ended_at, expires_at FROM proofs WHERE hash = ?
                 ORDER BY confirmed_at")?;
            for row in consents {
                subject.consents.push(consent(row)?);
            }
            let messages = of("SELECT id, kind, made_at, expires_at FROM messages
                 WHERE hash = ? ORDER BY made_at")?;
            for mut row in messages {
                let (id, kind) = (row.text()?, row.text()?);
                let (made_at, expires_at) = (row.integer()?, row.integer()?);
                subject.messages.push(KeptMessage { id, kind, made_at, expires_at });
            }
            let orders = of("SELECT order_id, lang, kept_at, expires_at FROM order_contacts
                 WHERE hash = ? ORDER BY kept_at")?;
            for mut row in orders {
                let (order, lang) = (row.text()?, row.text()?);
                let (kept_at, expires_at) = (row.integer()?, row.integer()?);
                subject.orders.push(KeptOrder { order, lang, kept_at, expires_at });
            }
            for mut row in of("SELECT reason, at FROM suppressed WHERE hash = ?")? {
                let reason = Reason::from_key(&row.text()?)?;
                subject.suppressed = Some((reason, row.integer()?));
            }
        }
        Ok(subject)
    }

    /// Nothing of whoever has these hashes is kept any more. Their places are, by opaque ids that
    /// lead nowhere, until the Shop object has heard that they have left.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written.
    pub fn erase(&self, hashes: &[Vec<u8>]) -> Result<(), Fault> {
        self.kept.set(None);
        self.sql.transaction(|| {
            for hash in hashes {
                let of = |statement| self.sql.query(statement, bind![hash.as_slice()]);
                let mut gone = of("DELETE FROM sign_ups WHERE hash = ? RETURNING subscriber")?;
                gone.extend(of("DELETE FROM proofs WHERE hash = ? RETURNING subscriber")?);
                for mut row in gone {
                    self.sql.query(
                        "UPDATE places SET state = 'leaving', expires_at = NULL
                         WHERE subscriber = ?",
                        bind![row.text_or_null()?],
                    )?;
                }
                for statement in [
                    "DELETE FROM messages WHERE hash = ?",
                    "DELETE FROM order_contacts WHERE hash = ?",
                    "DELETE FROM suppressed WHERE hash = ?",
                ] {
                    of(statement)?;
                }
            }
            Ok(())
        })
    }
}

fn sign_up(mut row: Row) -> Result<KeptSignUp, Fault> {
    Ok(KeptSignUp {
        sku: row.text()?,
        quantity: row.integer()?,
        lang: row.text()?,
        marketing: row.integer()? != 0,
        made_at: row.integer()?,
        confirmed_at: row.integer_or_null()?,
        expires_at: row.integer()?,
    })
}

fn consent(mut row: Row) -> Result<Consent, Fault> {
    Ok(Consent {
        sku: row.text()?,
        lang: row.text()?,
        text: row.integer()?,
        marketing: row.integer()? != 0,
        consented_at: row.integer()?,
        confirmed_at: row.integer()?,
        ended_at: row.integer_or_null()?,
        expires_at: row.integer()?,
    })
}
