//! Where to write to about an order: the Outreach object keeps it, the ledger never hears of it.

use crate::{
    Fault, Sql,
    outreach::{Address, Outreach},
    sql::bind,
};

/// Where to write to about an order.
#[derive(Clone, Debug)]
pub struct OrderContact<'a> {
    /// The order's id.
    pub order: &'a str,
    /// The address.
    pub address: Address<'a>,
    /// BCP 47: the language to write in.
    pub lang: &'a str,
    /// When it is forgotten, in UTC milliseconds.
    pub expires_at: i64,
}

/// What is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptContact {
    /// The version of the secret that it is encrypted under.
    pub key: i64,
    /// Encrypted.
    pub sealed: Vec<u8>,
    /// BCP 47.
    pub lang: String,
}

impl<S: Sql> Outreach<S> {
    /// Keeps where to write to about an order. The same again is well; `false` if it was another
    /// address, and then nothing was written.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written.
    pub fn keep_contact(&self, contact: &OrderContact<'_>, now: i64) -> Result<bool, Fault> {
        let OrderContact { order, address, lang, expires_at } = contact;
        let sql = &self.sql;
        sql.transaction(|| {
            let rows =
                sql.query("SELECT hash FROM order_contacts WHERE order_id = ?", bind![*order])?;
            if let Some(mut row) = rows.into_iter().next() {
                let hash = row.blob()?;
                return Ok(hash == address.hash || address.earlier.contains(&hash));
            }
            sql.query(
                "INSERT INTO order_contacts (order_id, key, hash, address, lang, kept_at,
                    expires_at)
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
                bind![*order, address.key, address.hash, address.sealed, *lang, now, *expires_at],
            )?;
            Ok(true)
        })
    }

    /// Where to write to about this order.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn contact(&self, order: &str, now: i64) -> Result<Option<KeptContact>, Fault> {
        let rows = self.sql.query(
            "SELECT key, address, lang FROM order_contacts WHERE order_id = ? AND expires_at > ?",
            bind![order, now],
        )?;
        let kept = rows.into_iter().next().map(|mut row| {
            Ok(KeptContact { key: row.integer()?, sealed: row.blob()?, lang: row.text()? })
        });
        kept.transpose()
    }
}
