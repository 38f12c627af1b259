//! What a run says when something is not as it must be.

use std::fmt;

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{invariant}: {detail}")]
pub struct Broken {
    /// The rule, in a sentence.
    pub invariant: &'static str,
    /// What is the case instead.
    pub detail: String,
}

impl Broken {
    /// This rule does not hold, for that reason.
    pub fn new(invariant: &'static str, detail: impl fmt::Display) -> Self {
        Self { invariant, detail: detail.to_string() }
    }
}

impl From<rusqlite::Error> for Broken {
    fn from(error: rusqlite::Error) -> Self {
        Self::new("the database can be read by whoever checks it", error)
    }
}

/// Both are the same, or the invariant is broken.
pub fn same<T: PartialEq + fmt::Debug>(
    invariant: &'static str,
    what: impl fmt::Display,
    expected: &T,
    found: &T,
) -> Result<(), Broken> {
    if expected == found {
        return Ok(());
    }
    Err(Broken::new(invariant, format!("{what}: expected {expected:?}, found {found:?}")))
}
