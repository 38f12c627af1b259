//! The one door to SQLite, the same for a Durable Object and for native tests.

/// A value that is bound or read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// NULL.
    Null,
    /// An integer within ±2^53, the range that survives JavaScript's numbers.
    Integer(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// Ours, not the caller's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// SQLite or the platform said no; the text is theirs, for the log.
    #[error("storage: {0}")]
    Storage(String),
    /// A row is not what the schema promises.
    #[error("corrupt row: {0}")]
    Corrupt(&'static str),
    /// Something is under way that has to come to its end first; the same can be sent again.
    #[error("not yet: {0}")]
    Busy(&'static str),
    /// A later build has written here; this one must not.
    #[error("the schema has version {0}, which this build does not know")]
    NewerSchema(i64),
}

/// SQLite, as much of it as the store needs.
pub trait Sql {
    /// Runs one statement and gives all its rows. The statements are constants, so that they can
    /// be kept ready.
    ///
    /// # Errors
    /// [`Fault::Storage`] when the statement fails.
    fn query(&self, statement: &'static str, bind: &[Value]) -> Result<Vec<Row>, Fault>;

    /// Runs `body` in a transaction: if it fails, nothing it wrote stays.
    ///
    /// # Errors
    /// What `body` gave, or [`Fault::Storage`] when the transaction itself fails.
    fn transaction<T, E: From<Fault>>(&self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E>;
}

/// One row, read by column from left to right.
#[derive(Clone, Debug)]
pub struct Row {
    values: std::vec::IntoIter<Value>,
}

impl FromIterator<Value> for Row {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        Self { values: values.into_iter().collect::<Vec<_>>().into_iter() }
    }
}

impl Row {
    /// The next column, an integer.
    ///
    /// # Errors
    /// [`Fault::Corrupt`] when it is none, as for the methods below.
    pub fn integer(&mut self) -> Result<i64, Fault> {
        self.integer_or_null()?.ok_or(Fault::Corrupt("an integer is missing"))
    }

    /// The next column, an integer or NULL.
    ///
    /// # Errors
    /// See [`Row::integer`].
    pub fn integer_or_null(&mut self) -> Result<Option<i64>, Fault> {
        match self.values.next() {
            Some(Value::Integer(integer)) => Ok(Some(integer)),
            Some(Value::Null) => Ok(None),
            _ => Err(Fault::Corrupt("a column is no integer")),
        }
    }

    /// The next column, text.
    ///
    /// # Errors
    /// See [`Row::integer`].
    pub fn text(&mut self) -> Result<String, Fault> {
        self.text_or_null()?.ok_or(Fault::Corrupt("a text is missing"))
    }

    /// The next column, text or NULL.
    ///
    /// # Errors
    /// See [`Row::integer`].
    pub fn text_or_null(&mut self) -> Result<Option<String>, Fault> {
        match self.values.next() {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(Fault::Corrupt("a column is no text")),
        }
    }

    /// The next column, bytes.
    ///
    /// # Errors
    /// See [`Row::integer`].
    pub fn blob(&mut self) -> Result<Vec<u8>, Fault> {
        self.blob_or_null()?.ok_or(Fault::Corrupt("bytes are missing"))
    }

    /// The next column, bytes or NULL.
    ///
    /// # Errors
    /// See [`Row::integer`].
    pub fn blob_or_null(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        match self.values.next() {
            Some(Value::Blob(bytes)) => Ok(Some(bytes)),
            Some(Value::Null) => Ok(None),
            _ => Err(Fault::Corrupt("a column is no bytes")),
        }
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Blob(bytes.to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Binds values of several types: `bind![now, sku.as_str()]`.
macro_rules! bind {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*] };
}
pub(crate) use bind;
