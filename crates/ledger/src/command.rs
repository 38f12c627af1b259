//! What somebody wants or reports, and how much of it there may be.

use crate::{
    Hold, Location, NewOrder, NewPoLine, Order, PoChange, PoReceipt, PurchaseOrder, Region,
    ReturnTo, Sku, Way,
};
use std::collections::BTreeMap;

/// Most lines of one command; far above a household's basket, and small enough that a command
/// stays a fraction of a millisecond of the object's one thread.
pub const MAX_LINES: usize = 100;

/// Most units of one line; with [`MAX_LINES`] a command moves at most 10^8, so no sum of one
/// command comes near [`crate::MAX_NET`].
pub const MAX_QUANTITY: i64 = 1_000_000;

/// Most units that a count may find at one place.
pub const MAX_COUNT: i64 = 1_000_000_000;

/// The shortest hold.
pub const MIN_LIFETIME_MS: i64 = 1_000;

/// The longest hold: an hour, as long as the slowest way to pay takes.
pub const MAX_LIFETIME_MS: i64 = 60 * 60 * 1_000;

/// The longest hold that a browser may make by itself.
pub const MAX_BROWSER_LIFETIME_MS: i64 = 10 * 60 * 1_000;

/// Holds that one network may have open in browsers: a household's.
pub const MAX_HOLDS_PER_NETWORK: i64 = 3;

/// What browsers together may hold of a SKU, in percent of the units that are there.
pub const BROWSER_SHARE_PERCENT: i64 = 20;

/// What somebody wants or reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Units move.
    Move(Kind, Vec<Line>),
    /// Units were counted: the books are set to what is there.
    Count(Vec<CountLine>),
    /// A cart's units are kept for a while: all of them or none.
    Hold(Cart),
    /// A hold ends.
    Resolve(Hold, Way),
    /// Something is ordered, from the shelf or from what is on its way.
    Order(NewOrder),
    /// Units of an order leave: those named, or all that are there for it.
    Ship(Order, Vec<(Sku, i64)>),
    /// Units of an order are not wanted any more: those named, or all that have not left.
    Cancel {
        /// Of which.
        order: Order,
        /// What.
        lines: Vec<(Sku, i64)>,
        /// Not those that are there: a buyer may cancel what still waits.
        only_waiting: bool,
    },
    /// Units of an order came back.
    Return {
        /// Of which.
        order: Order,
        /// What.
        lines: Vec<(Sku, i64)>,
        /// What becomes of them.
        to: ReturnTo,
    },
    /// A supplier is to send something: the order's id and its lines.
    PlacePo(String, Vec<NewPoLine>),
    /// What is expected of a purchase order changes.
    ChangePo(PurchaseOrder, Vec<PoChange>),
    /// Units of a purchase order came in.
    ReceivePo(PurchaseOrder, Vec<PoReceipt>),
}

/// The kinds of movement that are asked for or reported. [`Kind::Sell`] and [`Kind::Adjust`] are
/// requests; the others are facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Units came in.
    Receive,
    /// The count was wrong by this many units, either way.
    Adjust,
    /// May these units be sold? All of them or none.
    Sell,
    /// These units were sold, whether they were there or not.
    Sold,
    /// These units came back into stock.
    Returned,
}

/// Units of one SKU. Lines of one SKU are summed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Of what.
    pub sku: Sku,
    /// Where. Without it, what is sold or held is shared out by the shop's strategy, and whatever
    /// comes in comes to [`Location::main`].
    pub location: Option<Location>,
    /// How many; above zero, but for [`Kind::Adjust`], where it is not zero.
    pub quantity: i64,
}

/// A count of one SKU at one location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountLine {
    /// Of what.
    pub sku: Sku,
    /// Where.
    pub location: Location,
    /// Units found, 0 to [`MAX_COUNT`].
    pub counted: i64,
    /// The units that the counter believed to be on hand: if the books say otherwise by now, the
    /// count is stale. Without it the count goes over whatever they say.
    pub expected: Option<i64>,
}

/// What a hold is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cart {
    /// The hold's id, chosen by its sender.
    pub id: String,
    /// What is to be held.
    pub lines: Vec<Line>,
    /// [`MIN_LIFETIME_MS`] to [`MAX_LIFETIME_MS`]; in a browser to [`MAX_BROWSER_LIFETIME_MS`].
    pub lifetime_ms: i64,
    /// Where the buyer is.
    pub region: Option<Region>,
    /// What the buyer holds already, if the shop limits that.
    pub buyer: Option<BuyerLimit>,
    /// What browsers hold already, if this hold is a browser's own.
    pub browser: Option<BrowserLimit>,
}

/// How much of a SKU one buyer may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuyerLimit {
    /// Units of one SKU at once; a kit's components are counted as such.
    pub most: i64,
    /// Units that the buyer holds.
    pub held: BTreeMap<Sku, i64>,
}

/// How much browsers may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserLimit {
    /// Holds that this buyer's network has open.
    pub holds_of_network: i64,
    /// Units that browsers hold.
    pub held: BTreeMap<Sku, i64>,
}
