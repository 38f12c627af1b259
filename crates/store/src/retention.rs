//! What is old enough goes, some of it at a time.

use crate::{Fault, Moment, Sql, Store, sql::bind};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// How long the answer to a command, and a hold that has ended, are kept: a week, longer than any
/// platform retries a webhook (75.6 hours at most).
pub const RECORDS_KEPT_MS: i64 = 7 * DAY_MS;

/// How long movements, counts and ended places in a waitlist are kept: a year and a month, so that a year can be compared
/// with the one before. The oldest that is kept says what all those before it came to.
pub const MOVEMENTS_KEPT_MS: i64 = 400 * DAY_MS;

/// How often it is looked for.
const SWEEP_EVERY_MS: i64 = 6 * 60 * 60 * 1_000;

impl<S: Sql> Store<S> {
    /// Removes at most `most` rows of each kind that are old enough; true if there may be more. It
    /// looks only every six hours: to find them reads everything.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was removed.
    pub fn sweep(&self, moment: Moment, most: i64) -> Result<bool, Fault> {
        let rows = self.sql.query("SELECT swept_at FROM shop", &[])?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(false) };
        let swept_at = row.integer()?;
        // A clock that went back must not stop it for as long as that.
        let since = moment.now.saturating_sub(swept_at);
        if (0..SWEEP_EVERY_MS).contains(&since) {
            return Ok(false);
        }
        self.atomically(|| {
            let records = moment.now.saturating_sub(RECORDS_KEPT_MS);
            let movements = moment.now.saturating_sub(MOVEMENTS_KEPT_MS);
            let mut more = false;
            for (statement, before) in [
                (
                    "DELETE FROM commands WHERE id IN
                        (SELECT id FROM commands WHERE at < ? LIMIT ?) RETURNING 1",
                    records,
                ),
                (
                    "DELETE FROM holds WHERE open = 0 AND id IN
                        (SELECT id FROM holds WHERE open = 0 AND resolved_at < ? LIMIT ?)
                     RETURNING 1",
                    records,
                ),
                // By number, not by time, for a clock can go back; and never the last one.
                (
                    "WITH kept AS MATERIALIZED (
                        SELECT sku, location, COALESCE(
                            (SELECT n FROM movements WHERE movements.sku = balances.sku
                                AND movements.location = balances.location AND at >= ?
                             ORDER BY n LIMIT 1), moves) AS first
                        FROM balances)
                     DELETE FROM movements WHERE (sku, location, n) IN
                        (SELECT movements.sku, movements.location, n FROM kept
                         JOIN movements ON movements.sku = kept.sku
                            AND movements.location = kept.location AND n < first
                         ORDER BY 1, 2, 3 LIMIT ?) RETURNING 1",
                    movements,
                ),
                (
                    "DELETE FROM counts WHERE (at, source, sku, location) IN
                        (SELECT at, source, sku, location FROM counts WHERE at < ? LIMIT ?)
                     RETURNING 1",
                    movements,
                ),
                (
                    // The last one stays, for its number would be another's.
                    "DELETE FROM places WHERE n IN (SELECT n FROM places
                        WHERE state NOT IN ('waiting', 'offered') AND changed_at < ?
                            AND n < (SELECT MAX(n) FROM places)
                            AND id NOT IN (SELECT place FROM notices)
                        ORDER BY changed_at LIMIT ?) RETURNING 1",
                    movements,
                ),
            ] {
                let gone = self.sql.query(statement, bind![before, most])?.len();
                more |= i64::try_from(gone) == Ok(most);
            }
            if !more {
                self.sql.query("UPDATE shop SET swept_at = ?", bind![moment.now])?;
            }
            Ok(more)
        })
    }
}
