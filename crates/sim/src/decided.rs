//! What the store says it decided, in the simulator's own words.

use crate::command::Name;
use ledger::HoldState;

/// What was decided about a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// Units moved.
    Moved(Vec<Effect>),
    /// A hold was made or has ended.
    Held(Held),
    /// It is refused.
    Rejected(Why),
}

/// What happened at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Of what.
    pub sku: Name,
    /// Where.
    pub location: Name,
    /// Units in, or out if negative.
    pub quantity: i64,
    /// Units that are there afterwards.
    pub on_hand: i64,
    /// Units that are owed afterwards.
    pub owed: i64,
    /// Units that are held afterwards.
    pub held: i64,
    /// Units by which the movement went beyond the stock.
    pub shortfall: i64,
}

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Where it stands.
    pub state: HoldState,
    /// From then on it holds nothing.
    pub expires_at: i64,
    /// What it holds, where, and what of it was not there any more when it was committed.
    pub lines: Vec<(Name, Name, i64, i64)>,
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the ledger's of the same name")]
pub enum Why {
    LineCount,
    Quantity,
    CountedTwice,
    UnknownSku,
    IsBundle,
    InsufficientStock,
    BelowZero,
    CountStale,
    OutOfBounds,
    Lifetime,
    BuyerLimit,
    NetworkLimit,
    BrowserShare,
    AlreadyCommitted,
    AlreadyReleased,
    Expired,
    Mirror,
    Supply,
}
