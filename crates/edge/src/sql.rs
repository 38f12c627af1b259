//! `store`'s door to SQLite, in a Durable Object.

use crate::js::{Storage, text_of};
use js_sys::{Array, Uint8Array};
use store::{Fault, Row, Sql, Value};
use wasm_bindgen::{JsCast, JsValue};

/// The object's own SQLite database.
pub(crate) struct ObjectSql {
    storage: Storage,
}

impl ObjectSql {
    pub(crate) fn new(storage: Storage) -> Self {
        Self { storage }
    }
}

impl Sql for ObjectSql {
    fn query(&self, statement: &str, bind: &[Value]) -> Result<Vec<Row>, Fault> {
        let bind: Array = bind.iter().map(to_js).collect();
        let cursor = self.storage.sql().exec(statement, &bind).map_err(|thrown| fault(&thrown))?;
        let rows = cursor.raw().map_err(|thrown| fault(&thrown))?;
        rows.into_iter()
            .map(|row| {
                let row = row.map_err(|thrown| fault(&thrown))?;
                let columns: Array = row.unchecked_into();
                columns.iter().map(|column| from_js(&column)).collect()
            })
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
        if !js_sys::Number::is_safe_integer(value) {
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
