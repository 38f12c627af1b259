//! The store on native SQLite: the statements that run in the Worker, with writes that fail when
//! they are told to.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod agreements;
mod commands;
mod consent;
mod days;
mod digests;
mod fixture;
mod holds;
mod import;
mod limiter;
mod merchant;
mod messages;
mod migrations;
mod order_mail;
mod order_notices;
mod outbox;
mod outreach;
mod shop;
mod sqlite;
mod subjects;
mod substitutes;
mod supply;
mod waitlist;
