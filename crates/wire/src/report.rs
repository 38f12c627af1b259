//! What an import did, or why it did nothing.

use serde::{Deserialize, Serialize};

/// The answer to `POST /v1/import`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportReport {
    /// Data rows read, the header not counted.
    pub rows: u64,
    /// SKUs that were new.
    pub created: u64,
    /// SKUs whose details changed.
    pub updated: u64,
    /// SKUs that were as the file says already.
    pub unchanged: u64,
    /// Stock positions (SKU and location) opened with their `on_hand`.
    pub opened: u64,
    /// Stock positions that `counts=set` corrected.
    pub adjusted: u64,
}

/// A cell that could not be taken. With one of them, nothing of the file is applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CellFault {
    /// The record's number in the file; the header is row 1.
    pub row: u64,
    /// The column's name as in the header.
    pub column: String,
    /// What is wrong with it, and what would be right.
    pub fault: String,
}
