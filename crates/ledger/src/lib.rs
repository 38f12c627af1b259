//! Stock truth as pure decisions: no I/O, no clock, no JSON, no SQL.
