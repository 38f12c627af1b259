//! Forward-only migrations, each in a numbered file, and all that a shop lacks in one transaction.
//!
//! An object wakes when somebody needs it, so it may be of any age: whatever it lacks is applied
//! then. The platform refuses `PRAGMA user_version`; the table `_migrations` says what is there.

use crate::{Fault, Sql, Store, sql::bind};

/// A numbered file: its number, its name and its statements.
pub(crate) type Migration = (i64, &'static str, &'static str);

const MIGRATIONS: &[Migration] = &[
    (1, "0001_first", include_str!("migrations/0001_first.sql")),
    (2, "0002_ledger", include_str!("migrations/0002_ledger.sql")),
    (3, "0003_substitutes", include_str!("migrations/0003_substitutes.sql")),
    (4, "0004_supply", include_str!("migrations/0004_supply.sql")),
    (5, "0005_waitlists", include_str!("migrations/0005_waitlists.sql")),
    (6, "0006_brand", include_str!("migrations/0006_brand.sql")),
    (7, "0007_order_notices", include_str!("migrations/0007_order_notices.sql")),
];

impl<S: Sql> Store<S> {
    /// Has anything ever been stored here?
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn exists(&self) -> Result<bool, Fault> {
        let rows = self.sql.query(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_migrations'",
            &[],
        )?;
        Ok(!rows.is_empty())
    }

    /// Brings the schema to this build's, from nothing or from any earlier version.
    ///
    /// # Errors
    /// [`Fault::Storage`]; then nothing was applied. [`Fault::NewerSchema`], and nothing is
    /// touched, if a later build was here before: what it added, this one would
    /// write past.
    pub fn migrate(&self, now: i64) -> Result<(), Fault> {
        apply(&self.sql, MIGRATIONS, now)
    }
}

/// Spaces and all as it was written first: SQLite keeps a table's text, and all shops have the same.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS _migrations (
                id INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL)";

/// Applies what is missing of these: see [`Store::migrate`].
pub(crate) fn apply(
    sql: &impl Sql,
    migrations: &'static [Migration],
    now: i64,
) -> Result<(), Fault> {
    sql.query(TABLE, &[])?;
    let mut applied = 0;
    for mut row in sql.query("SELECT COALESCE(MAX(id), 0) FROM _migrations", &[])? {
        applied = row.integer()?;
    }
    if migrations.last().is_some_and(|(newest, ..)| applied > *newest) {
        return Err(Fault::NewerSchema(applied));
    }
    sql.transaction(|| {
        for (id, name, script) in migrations.iter().filter(|(id, ..)| *id > applied) {
            for statement in script.split(";\n").filter(|text| !text.trim().is_empty()) {
                sql.query(statement, &[])?;
            }
            sql.query(
                "INSERT INTO _migrations (id, name, applied_at) VALUES (?, ?, ?)",
                bind![*id, *name, now],
            )?;
        }
        Ok(())
    })
}
