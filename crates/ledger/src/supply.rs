//! Supply: lines of purchase orders, the units that are on their way, and who they are promised to.

use crate::{Location, MAX_QUANTITY, Reject, Restock, Sku, SkuStock};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Most lines of one purchase order; what a supplier's paper has, and a fraction of a second of
/// the object's one thread.
pub const MAX_PO_LINES: usize = 200;

/// A line of a purchase order: its order's id and its number there, from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoLineId {
    /// Of the purchase order, chosen by its sender.
    pub po: String,
    /// The line's number.
    pub line: u32,
}

/// Units of one SKU on their way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoLine {
    /// Of what; never of a kit.
    pub sku: Sku,
    /// Where they are to arrive.
    pub location: Location,
    /// Where it stands.
    pub state: PoLineState,
    /// Units ordered.
    pub ordered: i64,
    /// Units that came; more than were ordered if too many came.
    pub received: i64,
    /// Units that will never come.
    pub missing: i64,
    /// When the rest is expected, if that is known.
    pub expected: Option<Restock>,
    /// Units of the rest that are promised to orders.
    pub pegged: i64,
    /// Units that orders still count on, and that this line cannot give them any more: they are
    /// promised anew, a few at a time.
    pub loose: i64,
}

/// Where a line of a purchase order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PoLineState {
    /// More is to come.
    Open,
    /// All of it came.
    Received,
    /// Some of it came, and no more will.
    Short,
    /// Nothing came, and nothing will.
    Cancelled,
}

/// What can happen to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PoLineEvent {
    /// Units came, and more are to come.
    Part,
    /// The last of them came.
    Rest,
    /// No more will come, though some did.
    Close,
    /// Nothing will come.
    Cancel,
}

/// The state machine: from, what, to. Units may also come after a line's end; they change what was
/// received and nothing else.
pub const PO_LINE_STATES: &[(PoLineState, PoLineEvent, PoLineState)] = &[
    (PoLineState::Open, PoLineEvent::Part, PoLineState::Open),
    (PoLineState::Open, PoLineEvent::Rest, PoLineState::Received),
    (PoLineState::Open, PoLineEvent::Close, PoLineState::Short),
    (PoLineState::Open, PoLineEvent::Cancel, PoLineState::Cancelled),
];

impl PoLineState {
    /// Every state.
    pub const ALL: &[Self] = &[Self::Open, Self::Received, Self::Short, Self::Cancelled];

    /// As it stands in the books and in the documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Received => "received",
            Self::Short => "short",
            Self::Cancelled => "cancelled",
        }
    }

    /// Where this would lead, if it can happen here.
    pub fn after(self, event: PoLineEvent) -> Option<Self> {
        let row = PO_LINE_STATES.iter().find(|(from, what, _)| (*from, *what) == (self, event));
        row.map(|(.., to)| *to)
    }
}

impl PoLineEvent {
    /// Every one of them.
    pub const ALL: &[Self] = &[Self::Part, Self::Rest, Self::Close, Self::Cancel];

    /// As it stands in the documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Part => "part",
            Self::Rest => "rest",
            Self::Close => "close",
            Self::Cancel => "cancel",
        }
    }
}

impl PoLine {
    /// Units that are still to come.
    pub fn incoming(&self) -> i64 {
        if self.state != PoLineState::Open {
            return 0;
        }
        self.ordered.saturating_sub(self.received).saturating_sub(self.missing).max(0)
    }

    /// Units that are still to come and promised to nobody.
    pub fn unpromised(&self) -> i64 {
        self.incoming().saturating_sub(self.pegged).max(0)
    }

    /// When units of it can be promised on the day `today`: not without a date, and not when even
    /// its last day is over.
    pub fn promisable(&self, today: Date) -> Option<Restock> {
        let expected = self.expected.filter(|expected| !expected.has_passed(today))?;
        (self.unpromised() > 0).then_some(expected)
    }
}

/// Whether a SKU may be ordered that is not there, and how much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// As what it is sold.
    pub kind: AheadKind,
    /// Units that may wait, over all orders; as many as are on their way, without it.
    pub limit: Option<i64>,
    /// Units that may wait for one buyer.
    pub limit_per_buyer: Option<i64>,
}

/// As what a SKU is sold that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AheadKind {
    /// It was sold before, and comes again.
    Backorder,
    /// It was never released.
    Preorder,
}

/// Units that orders wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// All of them, those among them whose stock has arrived and is being handed out.
    pub units: i64,
    /// Those that no line promises: loose, or never promised.
    pub unpegged: i64,
}

/// Stock that is there and kept for orders that wait, until it is handed out in their order: to
/// those that wait for this line, or without one to whoever waits.
pub type Arrivals = BTreeMap<(Option<PoLineId>, Location), i64>;

impl SkuStock {
    /// Units that are kept for whoever waits, whichever line they waited for.
    pub fn spare_arrivals(&self) -> i64 {
        let spare = self.arrivals.iter().filter(|((line, _), _)| line.is_none());
        spare.map(|(_, units)| *units).fold(0, i64::saturating_add)
    }

    /// Units that are kept for orders and not handed out yet.
    pub fn arriving(&self) -> i64 {
        self.arrivals.values().copied().fold(0, i64::saturating_add)
    }

    /// Units that are on their way, all lines together.
    pub fn incoming(&self) -> i64 {
        self.supply.values().map(PoLine::incoming).fold(0, i64::saturating_add)
    }

    /// Lines that can promise, the earliest first, each with what it can.
    pub fn promisable(&self, today: Date) -> Vec<(&PoLineId, Restock, i64)> {
        let line =
            |(id, line): (_, &PoLine)| Some((id, line.promisable(today)?, line.unpromised()));
        let mut lines: Vec<_> = self.supply.iter().filter_map(line).collect();
        // The sort is stable and began by id.
        lines.sort_by_key(|(_, expected, _)| sooner(*expected));
        lines
    }

    /// How many more units may be ordered that are not there: what the lines can promise, within
    /// the merchant's own limit. None while somebody waits who was promised nothing: they go first.
    pub fn orderable(&self, today: Date) -> i64 {
        let Some(ahead) = self.ahead else { return 0 };
        let lines = self.promisable(today).into_iter().map(|(.., units)| units);
        let supply = lines.fold(0, i64::saturating_add).saturating_sub(self.waiting.unpegged);
        let left = ahead.limit.map_or(MAX_QUANTITY, |most| most.saturating_sub(self.waiting.units));
        supply.min(left).max(0)
    }
}

/// Orders dates by what can be relied on: the last day first.
pub(crate) fn sooner(date: Restock) -> (Date, Date) {
    (date.last(), date.first())
}

/// Refuses what is no number of units.
pub(crate) fn check_units(units: i64) -> Result<(), Reject> {
    if (1..=MAX_QUANTITY).contains(&units) { Ok(()) } else { Err(Reject::Quantity(units)) }
}
