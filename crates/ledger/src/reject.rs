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
}

fn at(location: Option<&Location>) -> String {
    location.map(|location| format!(" at `{location}`")).unwrap_or_default()
}
