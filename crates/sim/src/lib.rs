//! A deterministic simulation of a shop: the real `ledger` and `store`, on SQLite in memory, under
//! a virtual clock, with everything failing that can fail.
//!
//! One seed is one run, the same run each time. Clients send commands to a Shop object that dies
//! and wakes, a courier empties its outbox to a modelled KV, to modelled Rooms and to a modelled
//! Outreach, and an auditor ([`books`]) who keeps books of his own judges every decision, compares
//! his books with the database, and at the end, when all faults are healed, checks that nothing was
//! lost, nothing was done twice, and everybody knows what the books say.
//!
//! The object's alarm, its courier and the Rooms are modelled after `edge`'s `alarm.rs`,
//! `publish_kv.rs`, `publish_rooms.rs` and `room_do.rs`: whoever changes their rules changes them
//! here ([`object`], [`courier`], [`publish`], [`outreach`], [`pages`]).
//!
//! What is not simulated: several objects, real networks and workerd's own input gates, which the
//! proofs against real workerd look at. A write to KV that its dead object had begun either has
//! arrived when the object dies or never does.

pub mod adopt;
pub mod apply;
pub mod ask;
pub mod ask_supply;
pub mod books;
pub mod broken;
pub mod check;
pub mod client;
pub mod clock;
pub mod command;
pub mod compare;
pub mod courier;
pub mod decided;
pub mod deliver;
pub mod demand;
pub mod faults;
pub mod judge;
pub mod judge_holds;
pub mod judge_orders;
pub mod judge_pos;
pub mod judge_supply;
pub mod judge_waitlist;
pub mod kv;
pub mod object;
pub mod order_notices;
pub mod outreach;
pub mod pages;
pub mod probe;
pub mod promised;
pub mod publish;
pub mod reads;
pub mod rooms;
pub mod run;
pub mod shares;
pub mod shows;
pub mod sqlite;
pub mod supply;
pub mod sweep;
pub mod trace;
pub mod waitlist;
pub mod wish;
pub mod wish_supply;
pub mod wish_waitlist;
pub mod world;
