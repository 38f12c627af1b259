//! Why a command is refused.

use crate::{
    BROWSER_SHARE_PERCENT, Location, MAX_HOLDS_PER_NETWORK, MAX_LINES, MIN_LIFETIME_MS, Sku,
};

/// Units beyond the stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// Of what.
    pub sku: Sku,
    /// Where, if the command said.
    pub location: Option<Location>,
    /// How many were asked for.
    pub wanted: i64,
    /// How many may be had.
    pub available: i64,
}

/// Why a command is refused. Nothing changes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reject {
    /// None, or more than [`MAX_LINES`].
    #[error("a command has 1 to {MAX_LINES} lines, and this one has {0}")]
    LineCount(usize),
    /// Zero, negative where it may not be, or beyond its bound.
    #[error("a quantity of {0} is not allowed here")]
    Quantity(i64),
    /// A count names one place twice.
    #[error("`{0}` at `{1}` is counted twice")]
    CountedTwice(Sku, Location),
    /// The shop has no such SKU.
    #[error("the shop has no SKU `{0}`")]
    UnknownSku(Sku),
    /// A kit has no stock of its own.
    #[error("`{0}` is a bundle and has no stock of its own: name its components")]
    IsBundle(Sku),
    /// A request in a mirror, where its answer would bind nobody.
    #[error("this shop is a mirror: report what its platform has sold as `sold`")]
    Mirror,
    /// A request for more than there is.
    #[error("{} of `{}` were asked for{} and {} can be sold",
        .0.wanted, .0.sku, at(.0.location.as_ref()), .0.available)]
    InsufficientStock(Shortage),
    /// An adjustment that would leave less than nothing.
    #[error("`{}`{} has {} on hand and cannot be adjusted down by {}",
        .0.sku, at(.0.location.as_ref()), .0.available, .0.wanted)]
    BelowZero(Shortage),
    /// The books have moved since the count was begun.
    #[error("`{sku}` at `{location}` has {on_hand} on hand by now and not {expected}")]
    CountStale {
        /// Of what.
        sku: Sku,
        /// Where.
        location: Location,
        /// What the counter believed.
        expected: i64,
        /// What the books say.
        on_hand: i64,
    },
    /// A balance beyond [`crate::MAX_NET`].
    #[error("no balance of `{0}` at `{1}` can be that large")]
    OutOfBounds(Sku, Location),
    /// Shorter or longer than a hold may be.
    #[error("a hold lasts {MIN_LIFETIME_MS} to {most_ms} ms here, not {asked_ms} ms")]
    Lifetime {
        /// What was asked for.
        asked_ms: i64,
        /// The longest allowed.
        most_ms: i64,
    },
    /// The buyer would hold too much of a SKU.
    #[error(
        "one buyer may hold {most} of `{sku}` at once; {held} are held and {wanted} were asked for"
    )]
    BuyerLimit {
        /// Of what.
        sku: Sku,
        /// The shop's limit.
        most: i64,
        /// Held already.
        held: i64,
        /// Asked for.
        wanted: i64,
    },
    /// The buyer's network has too many holds open.
    #[error("one network may have {MAX_HOLDS_PER_NETWORK} holds open in browsers")]
    NetworkLimit,
    /// Browsers would hold too much of a SKU.
    #[error(
        "browsers may hold {BROWSER_SHARE_PERCENT} % of a SKU together, and of `{0}` that is taken"
    )]
    BrowserShare(Sku),
    /// The hold was committed.
    #[error("this hold is already committed")]
    AlreadyCommitted,
    /// The hold was released.
    #[error("this hold is already released")]
    AlreadyReleased,
    /// The hold's time was over.
    #[error("this hold has expired")]
    Expired,
    /// It is not there, and what is on its way is promised to others or has no date.
    #[error(
        "{wanted} more of `{sku}` were ordered than are there, and {promisable} can be promised"
    )]
    CannotPromise {
        /// Of what.
        sku: Sku,
        /// Units that are not there.
        wanted: i64,
        /// Units that could be promised.
        promisable: i64,
    },
    /// The buyer would wait for too many.
    #[error(
        "one buyer may wait for {most} of `{sku}`; {waiting} are waited for and {wanted} were asked for"
    )]
    AheadLimit {
        /// Of what.
        sku: Sku,
        /// The merchant's limit.
        most: i64,
        /// Waited for already.
        waiting: i64,
        /// Asked for.
        wanted: i64,
    },
    /// Some of a cart is there and some is not, and the shop takes no such order.
    #[error("some of this cart is there and some is not; this shop wants two orders of it")]
    MixedCart,
    /// Promises of this SKU are being made anew.
    #[error("promises of `{0}` are being made anew: ask again in a moment")]
    Settling(Sku),
    /// The order leaves together, and some of it is not there.
    #[error("this order leaves together, and some of it is not there yet")]
    NotAllThere,
    /// Nothing of the order is there to be shipped.
    #[error("nothing of this order is there to be shipped")]
    NothingReady,
    /// Fewer are there than were to be shipped.
    #[error("{wanted} of `{sku}` were to be shipped, and {ready} are there for this order")]
    NotReady {
        /// Of what.
        sku: Sku,
        /// Units that are there for it.
        ready: i64,
        /// Asked for.
        wanted: i64,
    },
    /// What somebody agrees to is promised no more.
    #[error("`{0}` is promised for another date by now")]
    PromiseMoved(Sku),
    /// Nothing of the order can be cancelled any more.
    #[error("nothing of this order can be cancelled any more")]
    NothingOpen,
    /// Fewer are open than were to be cancelled.
    #[error("{wanted} of `{sku}` were to be cancelled, and {open} can be")]
    NotOpen {
        /// Of what.
        sku: Sku,
        /// Units that can be cancelled.
        open: i64,
        /// Asked for.
        wanted: i64,
    },
    /// Fewer were shipped than came back.
    #[error("{wanted} of `{sku}` came back, and {shipped} of this order are out")]
    NotShipped {
        /// Of what.
        sku: Sku,
        /// Units shipped and not come back.
        shipped: i64,
        /// Asked for.
        wanted: i64,
    },
    /// The order has no such SKU.
    #[error("this order has no `{0}`")]
    NotInOrder(Sku),
    /// The purchase order has no such line.
    #[error("this purchase order has no line {0}")]
    UnknownLine(u32),
    /// The line has come to its end.
    #[error("line {line} is {state}: nothing of it is to come")]
    LineClosed {
        /// Which.
        line: u32,
        /// As what it ended.
        state: &'static str,
    },
    /// Of a line some came already: the rest of it is closed as short.
    #[error("some of line {0} has come; close the rest of it as short")]
    PartlyReceived(u32),
}

fn at(location: Option<&Location>) -> String {
    location.map(|location| format!(" at `{location}`")).unwrap_or_default()
}
