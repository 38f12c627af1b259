//! [`Sql`] on native SQLite in memory, which fails and dies when a fault strikes.

use crate::faults::{Fault, Faults};
use rusqlite::{
    CachedStatement, Connection, OpenFlags, backup::Backup, config::DbConfig, params_from_iter,
    types,
};
use std::{cell::Cell, rc::Rc};
use store::{Fault as StoreFault, Row, Sql, Value};

/// Statements kept prepared; the store has fewer.
const CACHED_STATEMENTS: usize = 256;

/// What a database begins with.
pub enum Contents<'a> {
    /// No table.
    Nothing,
    /// What a text dump holds.
    Dump(&'a str),
    /// What another holds.
    CopyOf(&'a Sqlite),
}

/// Tables in which orders, promises and waitlists stand.
#[derive(Clone, Copy, Debug)]
#[expect(
    missing_docs,
    reason = "each is the table of the same name, or the claims among the holds"
)]
pub enum Table {
    Skus,
    Balances,
    PoLines,
    Waits,
    Ready,
    Arrivals,
    Orders,
    OrderLines,
    Events,
    Waitlists,
    Places,
    Claims,
    Notices,
    OrderNotices,
}

impl Table {
    /// All of them.
    pub const ALL: u16 = u16::MAX;

    const NAMES: [(Self, &str); 14] = [
        (Self::Skus, "UPDATE skus "),
        (Self::Balances, "INTO balances"),
        (Self::PoLines, "INTO po_lines"),
        (Self::Waits, " waits"),
        (Self::Ready, " ready "),
        (Self::Arrivals, " arrivals"),
        (Self::Orders, " orders "),
        (Self::OrderLines, " order_lines "),
        (Self::Events, "INTO events"),
        (Self::Waitlists, " waitlists "),
        (Self::Places, " places "),
        (Self::Claims, "claim"),
        (Self::Notices, " notices "),
        (Self::OrderNotices, " order_notices "),
    ];

    /// It alone.
    pub fn bit(self) -> u16 {
        1 << self as u16
    }

    /// Those into which this statement may write, and perhaps some more.
    fn of(statement: &str) -> u16 {
        if statement.starts_with("CREATE") || statement.starts_with("ALTER") {
            return Self::ALL;
        }
        let named = Self::NAMES.iter().filter(|(_, name)| statement.contains(name));
        let bits = named.fold(0, |bits, (table, _)| bits | table.bit());
        let is_new = statement.contains("INTO skus");
        bits | if is_new { Self::Skus.bit() } else { 0 }
    }
}

/// One shop's database.
pub struct Sqlite {
    connection: Connection,
    faults: Rc<Faults>,
    /// Statements until the object dies.
    dies_in: Cell<Option<i64>>,
    dead: Cell<bool>,
    in_transaction: Cell<bool>,
    /// Tables into which something was written.
    touched: Cell<u16>,
}

impl Sqlite {
    /// What this holds.
    pub fn new(contents: &Contents, faults: Rc<Faults>) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_in_memory_with_flags(flags)?;
        // Else it prepares statements anew for each value that is bound.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        match contents {
            Contents::Nothing => {}
            Contents::Dump(dump) => connection.execute_batch(dump)?,
            Contents::CopyOf(other) => {
                Backup::new(&other.connection, &mut connection)?.step(-1)?;
            }
        }
        Ok(Self {
            connection,
            faults,
            dies_in: Cell::new(None),
            dead: Cell::new(false),
            in_transaction: Cell::new(false),
            touched: Cell::new(Table::ALL),
        })
    }

    /// Tables into which something may have been written since the last time.
    pub fn take_touched(&self) -> u16 {
        self.touched.take()
    }

    /// Something may have been written into these.
    pub fn touch(&self, tables: u16) {
        self.touched.set(self.touched.get() | tables);
    }

    /// The object dies after so many more statements, if it comes to that.
    pub fn die_in(&self, statements: Option<i64>) {
        self.dies_in.set(statements);
    }

    /// Has the object died? Whatever it still does comes to nothing.
    pub fn is_dead(&self) -> bool {
        self.dead.get()
    }

    /// The database as a new object finds it: an open transaction is gone.
    pub fn revive(&self) -> Result<(), StoreFault> {
        self.dies_in.set(None);
        self.dead.set(false);
        self.in_transaction.set(false);
        if !self.connection.is_autocommit() {
            self.say("ROLLBACK")?;
        }
        Ok(())
    }

    /// Rows for whoever checks: no fault strikes here.
    pub fn rows<T>(
        &self,
        statement: &str,
        bind: &[&str],
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        let mut statement = self.connection.prepare_cached(statement)?;
        statement.query_map(params_from_iter(bind), read)?.collect()
    }

    /// Runs a script, for what is no part of the store.
    pub fn script(&self, script: &str) -> rusqlite::Result<()> {
        self.connection.execute_batch(script)
    }

    /// Grows with every row that is written.
    pub fn total_changes(&self) -> u64 {
        self.connection.total_changes()
    }

    fn count_down(&self) -> Result<(), StoreFault> {
        if let Some(left) = self.dies_in.get() {
            self.dies_in.set(Some(left - 1));
            if left <= 0 && !self.dead.replace(true) {
                self.faults.struck(if self.in_transaction.get() {
                    Fault::CrashInTransaction
                } else {
                    Fault::CrashBetweenEffects
                });
            }
        }
        if self.dead.get() { Err(told_to_fail("the object is dead")) } else { Ok(()) }
    }

    fn run(
        &self,
        statement: &mut CachedStatement<'_>,
        bind: &[Value],
    ) -> rusqlite::Result<Vec<Row>> {
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(bind.iter().map(Bound)))?;
        let mut read = Vec::new();
        while let Some(row) = rows.next()? {
            let values: rusqlite::Result<Vec<Value>> =
                (0..columns).map(|column| row.get_ref(column).map(value)).collect();
            read.push(values?.into_iter().collect());
        }
        Ok(read)
    }

    /// `BEGIN`, `COMMIT` or `ROLLBACK`.
    fn say(&self, word: &str) -> Result<(), StoreFault> {
        let said = self.connection.prepare_cached(word).and_then(|mut word| word.execute([]));
        said.map(drop).map_err(storage)
    }

    fn end(&self, committed: bool) -> Result<(), StoreFault> {
        self.in_transaction.set(false);
        if self.dead.get() {
            return Err(told_to_fail("the object is dead"));
        }
        if !committed {
            return self.say("ROLLBACK");
        }
        if self.faults.strikes(Fault::StorageBefore) {
            self.say("ROLLBACK")?;
            return Err(told_to_fail("the commit failed"));
        }
        self.say("COMMIT")?;
        if self.faults.strikes(Fault::CommitUnknown) {
            return Err(told_to_fail("the commit stands, and nobody knows"));
        }
        Ok(())
    }
}

/// A handle as the store takes it.
#[derive(Clone)]
pub struct Handle(pub Rc<Sqlite>);

impl Sql for Handle {
    fn query(&self, text: &str, bind: &[Value]) -> Result<Vec<Row>, StoreFault> {
        let sqlite = &*self.0;
        sqlite.count_down()?;
        let mut statement = sqlite.connection.prepare_cached(text).map_err(storage)?;
        if sqlite.faults.strikes(Fault::StorageBefore) {
            return Err(told_to_fail("told to fail before it persisted"));
        }
        let writes = !statement.readonly();
        if writes {
            sqlite.touch(Table::of(text));
        }
        let rows = sqlite.run(&mut statement, bind).map_err(storage)?;
        if writes && sqlite.faults.strikes(Fault::StorageAfter) {
            return Err(told_to_fail("told to fail after it persisted"));
        }
        Ok(rows)
    }

    fn transaction<T, E: From<StoreFault>>(
        &self,
        body: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let sqlite = &*self.0;
        sqlite.count_down()?;
        sqlite.say("BEGIN")?;
        sqlite.in_transaction.set(true);
        let result = body();
        sqlite.end(result.is_ok())?;
        result
    }
}

fn storage(error: rusqlite::Error) -> StoreFault {
    StoreFault::Storage(error.to_string())
}

fn told_to_fail(why: &str) -> StoreFault {
    StoreFault::Storage(why.to_owned())
}

/// A value bound without a copy of it.
struct Bound<'a>(&'a Value);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<types::ToSqlOutput<'_>> {
        Ok(types::ToSqlOutput::Borrowed(match self.0 {
            Value::Null => types::ValueRef::Null,
            Value::Integer(integer) => types::ValueRef::Integer(*integer),
            Value::Text(text) => types::ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => types::ValueRef::Blob(bytes),
        }))
    }
}

fn value(read: types::ValueRef<'_>) -> Value {
    match read {
        types::ValueRef::Null => Value::Null,
        types::ValueRef::Integer(integer) => Value::Integer(integer),
        // No column is one; the store calls it corrupt.
        types::ValueRef::Real(real) => Value::Text(real.to_string()),
        types::ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        types::ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}
