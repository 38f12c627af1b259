//! What clients send, in words of the simulator's own: what the store makes of it is compared with
//! what the auditor makes of it.

use ledger::{Ahead, Kind, Mixed, PlaceEvent, Policy, Strategy, Way};
use std::rc::Rc;

/// A SKU, a location, an id.
pub type Name = Rc<str>;

/// A message with what makes it this one and no other.
#[derive(Clone, Debug)]
pub struct Command {
    /// Chosen by its sender.
    pub id: Name,
    /// What is wanted or reported.
    pub body: Body,
}

/// What is wanted or reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Units move.
    Move(Kind, Vec<Line>),
    /// Units were counted.
    Count(Vec<Counted>),
    /// A cart's units are kept for a while.
    Hold(Cart),
    /// A hold ends.
    Resolve {
        /// Its id.
        hold: Name,
        /// How.
        way: Way,
        /// Only if it is this buyer's.
        buyer: Option<u8>,
    },
    /// The shop's settings change.
    Settings(Settings),
    /// A file of SKUs and counts comes in.
    Import(Import),
    /// The merchant says something about a location.
    Location(Name, Site),
    /// A SKU is made of others from now on; of none, if it has stock of its own again.
    Bundle {
        /// The kit.
        kit: Name,
        /// Units of each component.
        parts: Vec<(Name, i64)>,
    },
    /// The merchant hides all variants of a product, or shows them again.
    Product {
        /// Which.
        id: Name,
        /// Are they hidden?
        hidden: bool,
    },
    /// The merchant hides a SKU, or keeps units of it back.
    Sku {
        /// Which.
        sku: Name,
        /// Is it hidden?
        hidden: bool,
        /// Units kept back at a location.
        safety_stock: Option<(Name, i64)>,
        /// May it be ordered that is not there? Without it that stays as it is.
        ahead: Option<Option<Ahead>>,
    },
    /// Something is ordered, from the shelf or from what is on its way.
    Order(Order),
    /// Units of an order leave, are not wanted any more or come back.
    ChangeOrder {
        /// Its id.
        order: Name,
        /// What becomes of them.
        action: Action,
        /// How many of what; all, if it says nothing.
        lines: Vec<(Name, i64)>,
    },
    /// A purchase order, whose id is the command's.
    PlacePo(Vec<PoLine>),
    /// Of some lines of a purchase order, the day on which they are expected now, if any; or that
    /// nothing will come.
    ChangePo(Name, Vec<(u32, Option<Expected>)>),
    /// Units of some lines of a purchase order came in; and is that all?
    ReceivePo(Name, Vec<(u32, i64, bool)>),
    /// Somebody waits for units of a SKU.
    Join {
        /// The id of their place in the line.
        place: Name,
        /// Of what.
        sku: Name,
        /// How many.
        wanted: i64,
    },
    /// Somebody does not wait any more.
    Leave {
        /// The id of their place.
        place: Name,
        /// Because they do not want to, or have for long enough.
        event: PlaceEvent,
    },
}

/// A day, counted from that of [`crate::clock::START`], or nobody knows when.
pub type Expected = Option<i64>;

/// What is ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The hold that it takes over.
    pub hold: Option<Name>,
    /// What is ordered besides.
    pub lines: Vec<Line>,
    /// Where the buyer is.
    pub region: Option<&'static str>,
    /// Who the buyer is.
    pub buyer: Option<u8>,
}

/// What becomes of units of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// They leave.
    Ship,
    /// They are not wanted any more: by the buyer, only those that wait.
    Cancel {
        /// Is it the buyer who says so?
        by_buyer: bool,
    },
    /// They came back, and are for sale again there, or nowhere.
    Return {
        /// Where.
        to: Option<Name>,
    },
}

/// A line of a purchase order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoLine {
    /// Of what.
    pub sku: Name,
    /// Where it is to arrive.
    pub location: Name,
    /// How many.
    pub quantity: i64,
    /// When.
    pub expected: Expected,
}

/// Units of one SKU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Of what.
    pub sku: Name,
    /// Where, if the sender says.
    pub location: Option<Name>,
    /// How many.
    pub quantity: i64,
}

/// Units that were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Of what.
    pub sku: Name,
    /// Where.
    pub location: Name,
    /// How many.
    pub counted: i64,
    /// How many the counter believed to be there.
    pub expected: Option<i64>,
}

/// What a hold is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cart {
    /// What is to be held.
    pub lines: Vec<Line>,
    /// For how long.
    pub lifetime_ms: i64,
    /// Where the buyer is.
    pub region: Option<&'static str>,
    /// Who the buyer is.
    pub buyer: Option<u8>,
    /// Of a browser's own hold, where it came from.
    pub network: Option<u8>,
}

/// What a merchant changes about the shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// At or under so many each unit counts.
    pub low_mark: u32,
    /// One of [`crate::clock::ZONES`].
    pub zone: &'static str,
    /// From where an order is served.
    pub strategy: Strategy,
    /// Hide what is out and has no date.
    pub hide_undated: bool,
    /// Units of a SKU that one buyer may hold.
    pub max_held_per_buyer: Option<u32>,
    /// What becomes of a cart of which some is there and some is not.
    pub mixed: Mixed,
    /// Whoever waits gets the better date when one appears.
    pub improve: bool,
    /// How waitlists are served.
    pub waitlist: Policy,
}

/// What a merchant says about a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// Lower goes first.
    pub priority: i64,
    /// Where it is near to.
    pub region: Option<&'static str>,
    /// What is ordered from this hour on leaves the next day.
    pub cut_off_hour: Option<i8>,
}

/// A small file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Do its counts go over the books?
    pub sets: bool,
    /// Its rows, none of which repeats a SKU and location.
    pub rows: Vec<Row>,
}

/// A row of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Of what.
    pub sku: Name,
    /// Its title.
    pub title: Name,
    /// What it is a variant of.
    pub product: Option<Name>,
    /// Where it was counted.
    pub location: Name,
    /// Units found there.
    pub counted: Option<i64>,
    /// The day on which more come, counted from that of [`crate::clock::START`].
    pub restock_in: Option<i64>,
}

impl Default for Site {
    fn default() -> Self {
        Self { priority: 100, region: None, cut_off_hour: None }
    }
}

impl Command {
    /// Tells a retry from another command with the same id.
    pub fn digest(&self) -> Vec<u8> {
        format!("{:?}", self.body).into_bytes()
    }

    /// May it come again after others have said something else?
    pub fn may_come_late(&self) -> bool {
        self.is_recorded() || matches!(self.body, Body::Join { .. } | Body::Leave { .. })
    }

    /// Is the answer to it kept, under its id?
    pub fn is_recorded(&self) -> bool {
        !matches!(
            self.body,
            Body::Settings(_)
                | Body::Import(_)
                | Body::Location(..)
                | Body::Bundle { .. }
                | Body::Product { .. }
                | Body::Sku { .. }
                | Body::Join { .. }
                | Body::Leave { .. }
        )
    }
}
