//! The bytes of every public JSON type, both ways: what is written stays the same, and what was
//! written once is read for ever. A failure says for whom a change would break.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod catalogue;
mod holds;
mod messages;
mod notify;
mod orders;
mod problems;
mod purchases;
mod reading;
mod shop;
mod stock;
mod subjects;
mod waitlists;

use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// Each value is written as its golden text, and the text is read as the value. A golden text may
/// stand on several lines; their breaks and indents are no part of it.
#[track_caller]
pub(crate) fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(
    breaks: &str,
    cases: &[(T, &str)],
) {
    for (value, golden) in cases {
        let golden: String = golden.lines().map(str::trim).collect();
        let written = serde_json::to_string(value).unwrap();
        assert_eq!(written, golden, "this breaks {breaks}");
        let read = serde_json::from_str::<T>(&golden).map_err(|error| error.to_string());
        assert_eq!(read.as_ref(), Ok(value), "this breaks {breaks}");
    }
}

/// Why `json` is no `T`.
pub(crate) fn refusal<T: DeserializeOwned>(json: &str) -> Option<String> {
    serde_json::from_str::<T>(json).err().map(|error| error.to_string())
}
