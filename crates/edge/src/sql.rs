//! `store`'s door to SQLite, in a Durable Object.

use crate::js::{SqlStorage, Storage, text_of};
use js_sys::{Array, JsString, Uint8Array};
use std::{cell::RefCell, collections::HashMap};
use store::{Fault, Row, Sql, Value};
use wasm_bindgen::{JsCast, JsValue};

/// The object's own SQLite database.
pub(crate) struct ObjectSql {
    storage: Storage,
    sql: SqlStorage,
}

impl ObjectSql {
    pub(crate) fn new(storage: Storage) -> Self {
        let sql = storage.sql();
        Self { storage, sql }
    }
}

/// A statement, kept ready.
#[derive(Clone)]
struct Statement {
    /// As JavaScript's text: to make one takes longer than to run it.
    text: JsString,
    /// Does it give rows? To look for those of one that gives none takes long, too.
    gives_rows: bool,
}

thread_local! {
    /// Each statement, by where it stands.
    static STATEMENTS: RefCell<HashMap<(*const u8, usize), Statement>> = RefCell::default();
}

fn ready(statement: &'static str) -> Statement {
    let make = || Statement {
        text: JsString::from(statement),
        gives_rows: statement.starts_with("SELECT") || statement.contains("RETURNING"),
    };
    STATEMENTS.with_borrow_mut(|known| {
        known.entry((statement.as_ptr(), statement.len())).or_insert_with(make).clone()
    })
}

impl Sql for ObjectSql {
    fn query(&self, statement: &'static str, bind: &[Value]) -> Result<Vec<Row>, Fault> {
        let bind: Array = bind.iter().map(to_js).collect();
        let Statement { text, gives_rows } = ready(statement);
        let cursor = self.sql.exec(&text, &bind).map_err(|thrown| fault(&thrown))?;
        if !gives_rows {
            return Ok(Vec::new());
        }
        let rows =
            cursor.raw().and_then(|rows| rows.to_array()).map_err(|thrown| fault(&thrown))?;
        rows.iter()
            .map(|row| row.unchecked_into::<Array>().iter().map(|at| from_js(&at)).collect())
            .collect()
    }

    fn transaction<T, E: From<Fault>>(&self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let mut body = Some(body);
        let mut outcome = None;
        // The platform rolls back when the closure throws, and only then.
        let ran = self.storage.transaction_sync(&mut || {
            let Some(body) = body.take() else { return Err(JsValue::NULL) };
            let result = body();
            let failed = result.is_err();
            outcome = Some(result);
            if failed { Err(JsValue::NULL) } else { Ok(()) }
        });
        match (ran, outcome) {
            (Ok(()), Some(outcome)) => outcome,
            (Err(_), Some(Err(error))) => Err(error),
            (Err(thrown), _) => Err(fault(&thrown).into()),
            (Ok(()), None) => Err(Fault::Storage("a transaction did not run".to_owned()).into()),
        }
    }
}

fn fault(thrown: &JsValue) -> Fault {
    Fault::Storage(text_of(thrown))
}

#[expect(clippy::cast_precision_loss, reason = "`Value`'s integers stay within 2^53")]
fn to_js(value: &Value) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Integer(integer) => JsValue::from_f64(*integer as f64),
        Value::Text(text) => JsValue::from_str(text),
        Value::Blob(bytes) => Uint8Array::from(bytes.as_slice()).into(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and within 2^53")]
fn from_js(value: &JsValue) -> Result<Value, Fault> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    if let Some(number) = value.as_f64() {
        if number.fract() != 0.0 || number.abs() > js_sys::Number::MAX_SAFE_INTEGER {
            return Err(Fault::Corrupt("a number is no safe integer"));
        }
        return Ok(Value::Integer(number as i64));
    }
    if let Some(text) = value.as_string() {
        return Ok(Value::Text(text));
    }
    match value.dyn_ref::<js_sys::ArrayBuffer>() {
        Some(buffer) => Ok(Value::Blob(Uint8Array::new(buffer).to_vec())),
        None => Err(Fault::Corrupt("a column is of an unknown type")),
    }
}
