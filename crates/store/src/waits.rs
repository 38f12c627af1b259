//! The Outreach object's side of waitlists: confirmed sign-ups are places that the Shop object has
//! to hear of, and what the Shop object has for a place becomes a message.

use crate::{Fault, Sql, outreach::Outreach, sql::bind};

/// A place of which the Shop object has still to hear something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedPlace {
    /// Its id there.
    pub subscriber: String,
    /// Whose object that is.
    pub shop: String,
    /// What there is to hear.
    pub news: PlaceNews,
}

/// What the Shop object has still to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceNews {
    /// Somebody waits.
    Joining {
        /// For what.
        sku: String,
        /// Units wanted.
        quantity: i64,
    },
    /// They do not want to any more.
    Leaving,
    /// They have waited for as long as they may.
    WaitedOut,
}

/// What there is for a place, as a message says it.
#[derive(Clone, Copy, Debug)]
pub struct ForPlace<'a> {
    /// The place.
    pub subscriber: &'a str,
    /// Whose it is.
    pub shop: &'a str,
    /// The message's id: the same whenever this is heard again.
    pub id: &'a str,
    /// `claim` or `back`.
    pub kind: &'a str,
    /// JSON, by kind.
    pub payload: &'a str,
    /// When nobody wants to hear it any more, in UTC milliseconds.
    pub expires_at: i64,
    /// When it is sent: a `back` waits for others that can go with it, see
    /// [`Outreach::lease`].
    pub due: i64,
}

impl<S: Sql> Outreach<S> {
    /// At most so many places of which the Shop object has to hear something, in the order in which
    /// they were confirmed: whoever joins first is served first.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn place_news(&self, most: i64) -> Result<Vec<ChangedPlace>, Fault> {
        self.sql
            .query(
                "SELECT places.subscriber, shop, state, places.sku, quantity FROM places
                 LEFT JOIN proofs ON proofs.subscriber = places.subscriber
                 WHERE state IN ('joining', 'leaving', 'waited_out')
                 ORDER BY proofs.confirmed_at LIMIT ?",
                bind![most],
            )?
            .into_iter()
            .map(|mut row| {
                let (subscriber, shop) = (row.text()?, row.text()?);
                let news = match row.text()?.as_str() {
                    "joining" => PlaceNews::Joining { sku: row.text()?, quantity: row.integer()? },
                    "leaving" => PlaceNews::Leaving,
                    _ => PlaceNews::WaitedOut,
                };
                Ok(ChangedPlace { subscriber, shop, news })
            })
            .collect()
    }

    /// Has the Shop object anything to hear?
    ///
    /// # Errors
    /// [`Fault`].
    pub fn has_place_news(&self) -> Result<bool, Fault> {
        let news = self.sql.query(
            "SELECT 1 FROM places WHERE state IN ('joining', 'leaving', 'waited_out') LIMIT 1",
            &[],
        )?;
        Ok(!news.is_empty())
    }

    /// The Shop object has heard this of a place. If something else has become of it meanwhile,
    /// that is still to be heard.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn place_heard(&self, subscriber: &str, news: &PlaceNews) -> Result<(), Fault> {
        let statement = match news {
            PlaceNews::Joining { .. } => {
                "UPDATE places SET state = 'joined' WHERE subscriber = ? AND state = 'joining'"
            }
            PlaceNews::Leaving => "DELETE FROM places WHERE subscriber = ? AND state = 'leaving'",
            PlaceNews::WaitedOut => {
                "DELETE FROM places WHERE subscriber = ? AND state = 'waited_out'"
            }
        };
        self.sql.query(statement, bind![subscriber])?;
        Ok(())
    }

    /// Puts a message into the outbox that says what there is for a place, and ends its sign-up:
    /// what it was made for has come. Heard again, nothing changes. A place that has ended here
    /// meanwhile is left there, too.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written and the same can be told again.
    pub fn tell_place(&self, told: &ForPlace<'_>, now: i64) -> Result<(), Fault> {
        self.kept.set(None);
        let ForPlace { subscriber, shop, id, kind, payload, expires_at, due } = *told;
        let sql = &self.sql;
        sql.transaction(|| {
            let waits = sql.query(
                "UPDATE places SET state = 'told', expires_at = ?
                 WHERE subscriber = ? AND state IN ('joining', 'joined') RETURNING 1",
                bind![expires_at, subscriber],
            )?;
            if waits.is_empty() {
                // Of one that was never here, or no longer is, the Shop object hears that it left.
                sql.query(
                    "INSERT OR IGNORE INTO places (subscriber, shop, sku, quantity, state)
                     VALUES (?, ?, '', 1, 'leaving')",
                    bind![subscriber, shop],
                )?;
                return Ok(());
            }
            sql.query(
                "INSERT INTO messages (id, kind, subscriber, key, hash, address, lang, payload,
                    made_at, expires_at, state, due, attempts)
                 SELECT ?, ?, subscriber, key, hash, address, lang, ?, ?, ?, 'waiting', ?, 0
                 FROM sign_ups WHERE subscriber = ?",
                bind![id, kind, payload, now, expires_at, due, subscriber],
            )?;
            sql.query("DELETE FROM sign_ups WHERE subscriber = ?", bind![subscriber])?;
            Ok(())
        })
    }
}
