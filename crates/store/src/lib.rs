//! The SQL schema, and rows to ledger types and back.
