//! What the store says it decided, in the simulator's own words.

use crate::{
    command::Name,
    supply::{Dates, LineId, Units},
};
use ledger::HoldState;
use std::collections::BTreeMap;

/// What was decided about a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// Units moved.
    Moved(Vec<Effect>),
    /// A hold was made or has ended.
    Held(Held),
    /// An order was placed or has changed.
    Order(Ordered),
    /// A purchase order was placed, has changed or was received.
    Po(Purchase),
    /// It is refused.
    Rejected(Why),
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    /// Its place in the queue.
    pub number: i64,
    /// Does it leave all at once?
    pub together: bool,
    /// By SKU.
    pub lines: BTreeMap<Name, OrderedLine>,
}

/// What was ordered of one SKU.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderedLine {
    /// How many, and what became of them.
    pub units: Units,
    /// Units that are there, by location.
    pub ready: BTreeMap<Name, i64>,
    /// Units that are waited for on a line, or on none, by the date that was promised.
    pub waits: BTreeMap<(Option<LineId>, Option<Dates>), i64>,
}

impl OrderedLine {
    /// Units that are waited for.
    pub fn waiting(&self) -> i64 {
        self.waits.values().sum()
    }

    /// Units that are there.
    pub fn ready(&self) -> i64 {
        self.ready.values().sum()
    }
}

/// A purchase order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// Its lines.
    pub lines: BTreeMap<u32, Bought>,
    /// Of a receipt: which lines, how many came, how many will not, and how that differed from what
    /// was ordered.
    pub arrived: Vec<(u32, i64, i64, Vec<&'static str>)>,
}

/// A line of a purchase order, without what is promised of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bought {
    /// Of what.
    pub sku: Name,
    /// Where it arrives.
    pub location: Name,
    /// `open`, `received`, `short` or `cancelled`.
    pub state: &'static str,
    /// Units ordered, units that came, and units that will not.
    pub units: [i64; 3],
    /// When the rest is expected.
    pub expected: Option<Dates>,
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
    CannotPromise,
    AheadLimit,
    MixedCart,
    Settling,
    NotAllThere,
    NothingReady,
    NotReady,
    PromiseMoved,
    NothingOpen,
    NotOpen,
    NotShipped,
    NotInOrder,
    UnknownLine,
    LineClosed,
    PartlyReceived,
}
