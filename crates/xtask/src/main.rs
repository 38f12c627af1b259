//! Builds, runs, tests and measures Backroom.
fn main() {}
