//! [`Sql`] on native SQLite in memory, with a switch that makes the nth write fail.

use rusqlite::{Connection, params_from_iter, types};
use std::{cell::Cell, fmt::Write};
use store::{Fault, Row, Sql, Store, Value};

/// The range of integers that survives JavaScript's numbers.
const SAFE: std::ops::RangeInclusive<i64> = -(1 << 53)..=1 << 53;

/// How a write fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failing {
    /// Before it was written.
    Unpersisted,
    /// After it was written: only a transaction takes it back.
    Persisted,
}

pub(crate) struct Sqlite {
    connection: Connection,
    /// Writes until the one that fails.
    failing: Cell<Option<(u32, Failing)>>,
}

impl Sqlite {
    /// Nothing, or what a text dump holds.
    pub(crate) fn new(dump: &str) -> Self {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(dump).unwrap();
        Self { connection, failing: Cell::new(None) }
    }

    pub(crate) fn store(&self) -> Store<&Self> {
        Store::new(self)
    }

    /// Makes the nth write from now fail, counted from 1.
    pub(crate) fn fail_write(&self, nth: u32, failing: Failing) {
        self.failing.set(Some((nth, failing)));
    }

    /// Ends the failing; did it come to that?
    pub(crate) fn has_failed(&self) -> bool {
        self.failing.take().is_none()
    }

    /// Rows written so far.
    pub(crate) fn writes(&self) -> u64 {
        self.connection.total_changes()
    }

    /// Everything in it as text, but for the tables named.
    pub(crate) fn state(&self, but_for: &[&str]) -> String {
        let mut state = String::new();
        for table in self.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        {
            if but_for.contains(&table.as_str()) {
                continue;
            }
            writeln!(state, "{table}:").unwrap();
            for row in self.rows(&format!("SELECT * FROM {table}")) {
                writeln!(state, "  {row}").unwrap();
            }
        }
        state
    }

    /// The rows of a query, each as its columns with `|` between.
    pub(crate) fn rows(&self, query: &str) -> Vec<String> {
        let mut statement = self.connection.prepare(query).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            (0..columns).map(|column| Ok(text(&value(row.get_ref(column)?)))).collect()
        });
        rows.unwrap().map(|row: Result<Vec<_>, _>| row.unwrap().join("|")).collect()
    }

    fn failure_of_this_write(&self) -> Option<Failing> {
        let (nth, failing) = self.failing.get()?;
        self.failing.set((nth > 1).then_some((nth - 1, failing)));
        (nth == 1).then_some(failing)
    }
}

impl Sql for &Sqlite {
    fn query(&self, statement: &'static str, bind: &[Value]) -> Result<Vec<Row>, Fault> {
        let mut statement = self.connection.prepare(statement).map_err(storage)?;
        let failure = if statement.readonly() { None } else { self.failure_of_this_write() };
        if failure == Some(Failing::Unpersisted) {
            return Err(failed());
        }
        let columns = statement.column_count();
        let mut rows =
            statement.query(params_from_iter(bind.iter().map(bound))).map_err(storage)?;
        let mut read = Vec::new();
        while let Some(row) = rows.next().map_err(storage)? {
            read.push((0..columns).map(|column| value(row.get_ref(column).unwrap())).collect());
        }
        if failure == Some(Failing::Persisted) { Err(failed()) } else { Ok(read) }
    }

    fn transaction<T, E: From<Fault>>(&self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.connection.execute_batch("BEGIN").map_err(storage)?;
        let result = body();
        let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
        self.connection.execute_batch(end).map_err(storage)?;
        result
    }
}

fn storage(error: rusqlite::Error) -> Fault {
    Fault::Storage(error.to_string())
}

/// What a write that was told to fail gives.
pub(crate) fn failed() -> Fault {
    Fault::Storage("this write was told to fail".to_owned())
}

fn bound(value: &Value) -> types::Value {
    match value {
        Value::Null => types::Value::Null,
        Value::Integer(integer) => {
            assert!(SAFE.contains(integer), "{integer} does not survive JavaScript");
            types::Value::Integer(*integer)
        }
        Value::Text(text) => types::Value::Text(text.clone()),
        Value::Blob(bytes) => types::Value::Blob(bytes.clone()),
    }
}

fn value(read: types::ValueRef<'_>) -> Value {
    match read {
        types::ValueRef::Null => Value::Null,
        types::ValueRef::Integer(integer) => {
            assert!(SAFE.contains(&integer), "{integer} does not survive JavaScript");
            Value::Integer(integer)
        }
        types::ValueRef::Real(real) => panic!("no column is a float, and this one is {real}"),
        types::ValueRef::Text(text) => Value::Text(str::from_utf8(text).unwrap().to_owned()),
        types::ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(integer) => integer.to_string(),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => format!("{bytes:?}"),
    }
}
