//! Every JSON type that crosses Backroom's border: what the edge API takes and answers, what KV
//! stores, what the socket carries and what the fragment hands to the widget.
//!
//! The types are plain and public; `edge` converts to and from them by hand, so the ledger's
//! types stay free to change. `tests/golden.rs` pins the bytes of each.

mod command;
mod live;
mod problem;
mod report;
mod shop;
mod snapshot;

pub use command::{Applied, Command, CommandKind, Line, Shortfall, StockLevel, StockPage};
pub use live::{FromPage, ToPage, Watched};
pub use problem::{Code, Problem};
pub use report::{CellFault, ImportReport};
pub use shop::{CreateShop, Health, Mode, NewKey, Outbox, Settings, SettingsChange, ShopCreated};
pub use snapshot::{Answer, Missing, Precision, Price, Restock, Snapshot, Snapshots, State};
