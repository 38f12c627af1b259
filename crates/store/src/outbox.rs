//! What has still to be told, and to whom.
//!
//! A row closes when its receiver has confirmed that very version, never when it was sent: a
//! crash or a lost answer only means that it is told once more.

use crate::{
    Fault, Sql, Store,
    bugs::{self, Bug},
    sql::bind,
};

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// The snapshots in KV.
    Kv,
    /// A Room with sockets, by its number.
    Room(i64),
}

/// A row whose time has come. The empty SKU stands for the shop's own record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Of what.
    pub sku: String,
    /// The version to tell; the newest, whatever was in the row before.
    pub version: i64,
    /// How often it was tried in vain.
    pub attempts: i64,
}

/// How the outbox stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboxHealth {
    /// Rows in it.
    pub rows: i64,
    /// When the oldest of them came in.
    pub oldest: Option<i64>,
}

impl Receiver {
    fn key(self) -> String {
        match self {
            Self::Kv => "kv".to_owned(),
            Self::Room(room) => format!("room/{room}"),
        }
    }
}

impl<S: Sql> Store<S> {
    /// Puts a row into the outbox, or a newer version into the row that is there.
    pub(crate) fn tell(
        &self,
        receiver: Receiver,
        sku: &str,
        version: i64,
        now: i64,
    ) -> Result<(), Fault> {
        self.sql.query(
            "INSERT INTO outbox (receiver, sku, version, since, due) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (receiver, sku) DO UPDATE SET version = excluded.version",
            bind![receiver.key(), sku, version, now, now],
        )?;
        self.news.set(true);
        Ok(())
    }

    /// Puts a row into the outbox for everybody who shows this SKU: KV and each leased Room.
    pub(crate) fn tell_everybody(&self, sku: &str, version: i64, now: i64) -> Result<(), Fault> {
        self.tell(Receiver::Kv, sku, version, now)?;
        for room in self.leased_rooms(now)? {
            self.tell(Receiver::Room(room), sku, version, now)?;
        }
        Ok(())
    }

    /// At most `most` rows for this receiver whose time has come, the oldest first.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn due(&self, receiver: Receiver, now: i64, most: i64) -> Result<Vec<Due>, Fault> {
        let due: Vec<Due> = self
            .sql
            .query(
                "SELECT sku, version, attempts FROM outbox WHERE receiver = ? AND due <= ?
                 ORDER BY since, sku LIMIT ?",
                bind![receiver.key(), now, most],
            )?
            .into_iter()
            .map(|mut row| {
                Ok(Due { sku: row.text()?, version: row.integer()?, attempts: row.integer()? })
            })
            .collect::<Result<_, Fault>>()?;
        if bugs::has(Bug::OutboxClosedOnSend) {
            for row in &due {
                self.confirm(receiver, &row.sku, row.version)?;
            }
        }
        Ok(due)
    }

    /// The receiver has this version. A row that has a newer one by now stays.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn confirm(&self, receiver: Receiver, sku: &str, version: i64) -> Result<(), Fault> {
        self.sql.query(
            "DELETE FROM outbox WHERE receiver = ? AND sku = ? AND version = ?",
            bind![receiver.key(), sku, version],
        )?;
        Ok(())
    }

    /// Try this row again at `due`; `failed` when that is because telling it failed.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn postpone(
        &self,
        receiver: Receiver,
        sku: &str,
        due: i64,
        failed: bool,
    ) -> Result<(), Fault> {
        self.sql.query(
            "UPDATE outbox SET due = ?, attempts = attempts + ? WHERE receiver = ? AND sku = ?",
            bind![due, i64::from(failed), receiver.key(), sku],
        )?;
        Ok(())
    }

    /// When the next row is due; KV's rows at `kv_from` at the earliest.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn next_due(&self, kv_from: i64) -> Result<Option<i64>, Fault> {
        let rows = self.sql.query(
            "SELECT MIN(CASE receiver WHEN 'kv' THEN MAX(due, ?) ELSE due END) FROM outbox",
            bind![kv_from],
        )?;
        rows.into_iter().next().map_or(Ok(None), |mut row| row.integer_or_null())
    }

    /// How the outbox stands.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn outbox_health(&self) -> Result<OutboxHealth, Fault> {
        let rows = self.sql.query("SELECT COUNT(*), MIN(since) FROM outbox", &[])?;
        let mut row = rows.into_iter().next().ok_or(Fault::Corrupt("a count has no row"))?;
        Ok(OutboxHealth { rows: row.integer()?, oldest: row.integer_or_null()? })
    }

    /// Rooms to tell.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn leased_rooms(&self, now: i64) -> Result<Vec<i64>, Fault> {
        self.sql
            .query("SELECT room FROM rooms WHERE leased_until > ?", bind![now])?
            .into_iter()
            .map(|mut row| row.integer())
            .collect()
    }

    /// A Room has sockets, at least until `until`. A lease that lasts as long already is left.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn lease_room(&self, room: i64, until: i64) -> Result<(), Fault> {
        self.sql.query(
            "INSERT INTO rooms (room, leased_until) VALUES (?, ?)
             ON CONFLICT (room) DO UPDATE SET leased_until = excluded.leased_until
             WHERE leased_until < excluded.leased_until",
            bind![room, until],
        )?;
        Ok(())
    }

    /// A Room had no sockets any more, when its lease was this one: what it has not been told
    /// needs no telling. If it has leased itself anew meanwhile, nothing happens.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn end_lease(&self, room: i64, leased_until: i64) -> Result<(), Fault> {
        self.atomically(|| {
            let ended = self.sql.query(
                "DELETE FROM rooms WHERE room = ? AND leased_until = ? RETURNING room",
                bind![room, leased_until],
            )?;
            if !ended.is_empty() {
                let room = Receiver::Room(room).key();
                self.sql.query("DELETE FROM outbox WHERE receiver = ?", bind![room])?;
            }
            Ok(())
        })
    }

    /// The Rooms that were leased, each with the end of its lease, which may have passed.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn rooms(&self) -> Result<Vec<(i64, i64)>, Fault> {
        self.sql
            .query("SELECT room, leased_until FROM rooms", &[])?
            .into_iter()
            .map(|mut row| Ok((row.integer()?, row.integer()?)))
            .collect()
    }
}
