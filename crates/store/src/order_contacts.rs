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

/// How a contact stands when something is heard of its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardOfOrder {
    /// The version of the last that was heard; 0 before that.
    pub version: i64,
    /// What the last message says, by its payload, if it is not known to be sent.
    pub waiting: Option<String>,
}

/// What is to be said of an order, from now on.
#[derive(Clone, Copy, Debug)]
pub struct OrderMail<'a> {
    /// The order's id.
    pub order: &'a str,
    /// The version of the last that was heard.
    pub version: i64,
    /// The message's id, if it is a new one.
    pub id: &'a str,
    /// JSON; `None` if there is nothing to say.
    pub payload: Option<&'a str>,
    /// When a new one is sent: it waits for more to say.
    pub due: i64,
}

/// The last message of an order (by its id), unless somebody is sending it now.
macro_rules! unsent {
    () => {
        "id = (SELECT message FROM order_contacts WHERE order_id = ?) AND state <> 'leased'"
    };
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

    /// What was heard of this order before; `None` if there is nobody to write to about it.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn heard_of(&self, order: &str, now: i64) -> Result<Option<HeardOfOrder>, Fault> {
        let rows = self.sql.query(
            concat!(
                "SELECT heard, (SELECT payload FROM messages WHERE ",
                unsent!(),
                ") FROM order_contacts WHERE order_id = ? AND expires_at > ?"
            ),
            bind![order, order, now],
        )?;
        let heard = rows.into_iter().next().map(|mut row| {
            Ok(HeardOfOrder { version: row.integer()?, waiting: row.text_or_null()? })
        });
        heard.transpose()
    }

    /// Says this of an order: in the message that no lease has read yet, or in a new one. That
    /// takes the place of one that was tried in vain, which would come late and say what is no more
    /// so; the payload says all of that one's that still is. Nothing is said if nobody is to be
    /// written to.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written and the same can be told again.
    pub fn tell_order(&self, mail: &OrderMail<'_>, now: i64) -> Result<(), Fault> {
        let OrderMail { order, version, id, payload, due } = *mail;
        let sql = &self.sql;
        sql.transaction(|| {
            sql.query(
                concat!("DELETE FROM messages WHERE ", unsent!(), " AND (attempts > 0 OR ?)"),
                bind![order, i64::from(payload.is_none())],
            )?;
            let waiting = sql.query(
                concat!("UPDATE messages SET payload = ? WHERE ", unsent!(), " RETURNING 1"),
                bind![payload.unwrap_or_default(), order],
            )?;
            sql.query(
                "UPDATE order_contacts SET heard = ? WHERE order_id = ?",
                bind![version, order],
            )?;
            let Some(payload) = payload.filter(|_| waiting.is_empty()) else { return Ok(()) };
            sql.query(
                "INSERT INTO messages (id, kind, key, hash, address, lang, payload, made_at,
                    expires_at, state, due, attempts)
                 SELECT ?, 'order', key, hash, address, lang, ?, ?, expires_at, 'waiting', ?, 0
                 FROM order_contacts WHERE order_id = ? AND expires_at > ?",
                bind![id, payload, now, due, order, now],
            )?;
            sql.query(
                "UPDATE order_contacts SET message = ? WHERE order_id = ?",
                bind![id, order],
            )?;
            Ok(())
        })
    }
}
