//! Orders: what was sold, from the shelf or from what is on its way, until it is shipped.

use crate::{
    AheadKind, Balance, Decision, Hold, Line, Location, PoLineId, Region, Reject, Restock, Sku,
    Stock, Way,
    allocate::{Shares, Wanted, allocate},
    decide::{add, demand, room},
    draft::Draft,
    promise,
    supply::sooner,
};
use std::collections::BTreeMap;

/// Most lines of purchase orders that one line of an order may wait for. A line that would need
/// more is refused; with them an order of 100 lines stays below 1,000 rows.
pub const MAX_WAITS: usize = 8;

/// An order, as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Chosen by its sender.
    pub id: String,
    /// Its place in the queue: who ordered first has the lower.
    pub number: i64,
    /// UTC milliseconds.
    pub placed_at: i64,
    /// How it leaves.
    pub shipping: Shipping,
    /// What was ordered; a kit stands here as its components.
    pub lines: BTreeMap<Sku, OrderLine>,
}

/// What was ordered of one SKU. `ordered` = ready + waiting + `shipped` + `cancelled`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderLine {
    /// Units ordered.
    pub ordered: i64,
    /// As what those were sold that were not there; `None` if all of them were.
    pub kind: Option<AheadKind>,
    /// Units that are there for it.
    pub ready: BTreeMap<Location, i64>,
    /// Units that are not.
    pub waiting: Vec<Wait>,
    /// Units that have left.
    pub shipped: i64,
    /// Units that are not wanted any more.
    pub cancelled: i64,
    /// Units of those shipped that came back.
    pub returned: i64,
    /// Units of those returned that are not for sale again before somebody has looked at them.
    pub quarantined: i64,
    /// Units of those returned that never will be.
    pub written_off: i64,
}

/// What becomes of units that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReturnTo {
    /// They are for sale again there.
    Stock(Location),
    /// They are looked at first; an adjustment brings them into stock later.
    Quarantine,
    /// They are gone.
    WrittenOff,
}

/// Units that an order waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The line that they are promised from; `None` if none can promise them.
    pub on: Option<PoLineId>,
    /// How many.
    pub units: i64,
    /// The date that the buyer was told last.
    pub promised: Option<Restock>,
}

/// How an order leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shipping {
    /// When all of it is there.
    Together,
    /// As it comes.
    Split,
}

/// How a shop treats a cart of which some is there and some is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mixed {
    /// What is there is sent, and the rest follows.
    #[default]
    Split,
    /// All of it waits for the last of it.
    Together,
    /// It is no order.
    Refuse,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderState {
    /// Some of it is not there.
    Waiting,
    /// All that is left of it is there.
    Ready,
    /// All that was not cancelled has left.
    Shipped,
    /// All of it was cancelled.
    Cancelled,
}

/// What can happen to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderEvent {
    /// Units for it have come.
    Served,
    /// Units left.
    Shipped,
    /// Units are not wanted any more.
    Cancelled,
    /// Units came back.
    Returned,
}

/// The state machine: from, what, to. What is not here cannot happen.
pub const ORDER_STATES: &[(OrderState, OrderEvent, OrderState)] = &[
    (OrderState::Waiting, OrderEvent::Served, OrderState::Waiting),
    (OrderState::Waiting, OrderEvent::Served, OrderState::Ready),
    (OrderState::Waiting, OrderEvent::Shipped, OrderState::Waiting),
    (OrderState::Waiting, OrderEvent::Cancelled, OrderState::Waiting),
    (OrderState::Waiting, OrderEvent::Cancelled, OrderState::Ready),
    (OrderState::Waiting, OrderEvent::Cancelled, OrderState::Shipped),
    (OrderState::Waiting, OrderEvent::Cancelled, OrderState::Cancelled),
    (OrderState::Waiting, OrderEvent::Returned, OrderState::Waiting),
    (OrderState::Ready, OrderEvent::Shipped, OrderState::Ready),
    (OrderState::Ready, OrderEvent::Shipped, OrderState::Shipped),
    (OrderState::Ready, OrderEvent::Cancelled, OrderState::Ready),
    (OrderState::Ready, OrderEvent::Cancelled, OrderState::Shipped),
    (OrderState::Ready, OrderEvent::Cancelled, OrderState::Cancelled),
    (OrderState::Ready, OrderEvent::Returned, OrderState::Ready),
    (OrderState::Shipped, OrderEvent::Returned, OrderState::Shipped),
];

impl OrderState {
    /// Every state.
    pub const ALL: &[Self] = &[Self::Waiting, Self::Ready, Self::Shipped, Self::Cancelled];

    /// As it stands in the books and in the documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Shipped => "shipped",
            Self::Cancelled => "cancelled",
        }
    }
}

impl OrderEvent {
    /// Every one of them.
    pub const ALL: &[Self] = &[Self::Served, Self::Shipped, Self::Cancelled, Self::Returned];

    /// As it stands in the documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::Shipped => "shipped",
            Self::Cancelled => "cancelled",
            Self::Returned => "returned",
        }
    }
}

impl OrderLine {
    /// Units that are there for it.
    pub fn ready(&self) -> i64 {
        self.ready.values().copied().fold(0, i64::saturating_add)
    }

    /// Units that are not.
    pub fn waiting(&self) -> i64 {
        self.waiting.iter().map(|wait| wait.units).fold(0, i64::saturating_add)
    }

    /// The date on which the last of it is promised; `None` if nothing waits, or if some of it is
    /// promised by no line.
    pub fn promised(&self) -> Option<Restock> {
        promised_last(self.waiting.iter())
    }
}

/// The date on which the last of these units are promised; `None` if there are none, or if some are
/// promised for no date.
pub fn promised_last<'a>(waits: impl Iterator<Item = &'a Wait>) -> Option<Restock> {
    let dates: Option<Vec<_>> = waits.map(|wait| wait.promised).collect();
    dates?.into_iter().max_by_key(|date| sooner(*date))
}

/// Is this a worse promise than the one before: a later date, or none any more?
pub fn is_later(was: Option<Restock>, now: Option<Restock>) -> bool {
    match (was, now) {
        (Some(was), Some(now)) => sooner(now) > sooner(was),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

impl Order {
    /// Where it stands.
    pub fn state(&self) -> OrderState {
        let sum = |units: fn(&OrderLine) -> i64| {
            self.lines.values().map(units).fold(0, i64::saturating_add)
        };
        if sum(OrderLine::waiting) > 0 {
            OrderState::Waiting
        } else if sum(OrderLine::ready) > 0 {
            OrderState::Ready
        } else if sum(|line| line.shipped) > 0 {
            OrderState::Shipped
        } else {
            OrderState::Cancelled
        }
    }
}

/// What is ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// Chosen by its sender.
    pub id: String,
    /// Its place in the queue.
    pub number: i64,
    /// The hold that the order takes over, if there is one: its units are there.
    pub hold: Option<Hold>,
    /// What is ordered besides.
    pub lines: Vec<Line>,
    /// Where the buyer is.
    pub region: Option<Region>,
    /// Units that the buyer waits for already.
    pub buyer_waits: BTreeMap<Sku, i64>,
}

/// Takes an order: what is there is committed, and the rest is promised from what is on its way.
pub(crate) fn placed(stock: &Stock, new: &NewOrder, now: i64) -> Result<Decision, Reject> {
    if stock.mirror {
        return Err(Reject::Mirror);
    }
    let mut draft = Draft::of(stock);
    let mut lines: BTreeMap<Sku, OrderLine> = BTreeMap::new();
    let mut hold = None;
    if let Some(open) = &new.hold {
        let state = open.after(Way::Commit, now)?;
        for line in &open.lines {
            let units = line.quantity;
            draft.change(&line.sku, &line.location, |balance| {
                balance.holding(units.saturating_neg())?.committing(units)
            })?;
            let ordered = lines.entry(line.sku.clone()).or_default();
            ordered.ordered = ordered.ordered.saturating_add(units);
            add(&mut ordered.ready, line.location.clone(), units);
        }
        let resolution = Some(new.id.clone());
        hold = Some(Hold { state, resolved_at: Some(now), resolution, ..open.clone() });
    }
    if new.hold.is_none() || !new.lines.is_empty() {
        let (pinned, open) = demand(stock, &new.lines)?;
        let (found, waits) = found(stock, new, pinned, &open)?;
        for ((sku, location), units) in found {
            draft.change(&sku, &location, |balance| balance.committing(units))?;
            let line = lines.entry(sku).or_default();
            line.ordered = line.ordered.saturating_add(units);
            add(&mut line.ready, location, units);
        }
        for (sku, units) in waits {
            let line = lines.entry(sku.clone()).or_default();
            line.ordered = line.ordered.saturating_add(units);
            line.kind = draft.stock.skus.get(&sku).and_then(|known| known.ahead).map(|it| it.kind);
            line.waiting = promise::promised(&mut draft, &sku, units)?;
        }
    }
    let order = Order {
        id: new.id.clone(),
        number: new.number,
        placed_at: now,
        shipping: if stock.mixed == Mixed::Together { Shipping::Together } else { Shipping::Split },
        lines,
    };
    let ready = order.lines.values().any(|line| line.ready() > 0);
    if stock.mixed == Mixed::Refuse && ready && order.state() == OrderState::Waiting {
        return Err(Reject::MixedCart);
    }
    Ok(Decision { order: Some(order), hold, ..draft.decision() })
}

/// Where units that are there are taken, and how many of each SKU are not.
fn found(
    stock: &Stock,
    new: &NewOrder,
    pinned: Shares,
    open: &Wanted,
) -> Result<(Shares, Wanted), Reject> {
    let (mut there, mut waits) = (Wanted::new(), Wanted::new());
    for ((sku, location), units) in &pinned {
        let available = stock.balance(sku, location).available();
        crate::decide::check(sku, Some(location), *units, available)?;
    }
    for sku in open.keys().chain(pinned.keys().map(|(sku, _)| sku)) {
        let of_pinned = pinned.iter().filter(|((of, _), _)| of == sku);
        let pinned = of_pinned.map(|(_, units)| *units).fold(0, i64::saturating_add);
        let available = stock.available_to_sell(sku);
        crate::decide::check(sku, None, pinned, available)?;
        let Some(wanted) = open.get(sku) else { continue };
        let taken = (*wanted).min(available.saturating_sub(pinned)).max(0);
        let missing = wanted.saturating_sub(taken);
        if taken > 0 {
            there.insert(sku.clone(), taken);
        }
        if missing > 0 {
            check_ahead(stock, new, sku, missing, *wanted)?;
            waits.insert(sku.clone(), missing);
        }
    }
    let mut shares = pinned;
    let room = room(stock, &there, &shares, Balance::available);
    for (place, units) in allocate(stock, &room, &there, new.region.as_ref()) {
        add(&mut shares, place, units);
    }
    Ok((shares, waits))
}

/// May so many be ordered that are not there?
fn check_ahead(
    stock: &Stock,
    new: &NewOrder,
    sku: &Sku,
    missing: i64,
    wanted: i64,
) -> Result<(), Reject> {
    let known = stock.skus.get(sku);
    let Some((known, ahead)) = known.and_then(|known| Some((known, known.ahead?))) else {
        let available = wanted.saturating_sub(missing);
        return crate::decide::check(sku, None, wanted, available);
    };
    if known.settling {
        return Err(Reject::Settling(sku.clone()));
    }
    let waits = new.buyer_waits.get(sku).copied().unwrap_or(0);
    if let Some(most) = ahead.limit_per_buyer
        && waits.saturating_add(missing) > most
    {
        let sku = sku.clone();
        return Err(Reject::AheadLimit { sku, most, waiting: waits, wanted: missing });
    }
    let orderable = known.orderable(stock.today);
    if missing > orderable {
        let sku = sku.clone();
        return Err(Reject::CannotPromise { sku, wanted: missing, promisable: orderable });
    }
    Ok(())
}

/// Units leave: those named, or without a name all that are there.
pub(crate) fn shipped(
    stock: &Stock,
    order: &Order,
    lines: &[(Sku, i64)],
) -> Result<Decision, Reject> {
    if order.shipping == Shipping::Together && order.state() == OrderState::Waiting {
        return Err(Reject::NotAllThere);
    }
    let mut order = order.clone();
    let all = |order: &Order| {
        let ready = order.lines.iter().map(|(sku, line)| (sku.clone(), line.ready()));
        ready.filter(|(_, units)| *units > 0).collect::<Vec<_>>()
    };
    let lines = if lines.is_empty() { all(&order) } else { lines.to_vec() };
    if lines.is_empty() {
        return Err(Reject::NothingReady);
    }
    let mut draft = Draft::of(stock);
    for (sku, units) in lines {
        let line = open_line(&mut order, &sku, units)?;
        let ready = line.ready();
        if units > ready {
            return Err(Reject::NotReady { sku, ready, wanted: units });
        }
        for (location, units) in taken(&mut line.ready, units) {
            draft.move_out(&sku, &location, units)?;
        }
        line.shipped = line.shipped.saturating_add(units);
    }
    Ok(Decision { order: Some(order), ..draft.decision() })
}

/// Units are not wanted any more: first those that wait, the latest promise first, and then those
/// that are there. Without a name, all that has not left.
pub(crate) fn cancelled(
    stock: &Stock,
    order: &Order,
    lines: &[(Sku, i64)],
    only_waiting: bool,
) -> Result<Decision, Reject> {
    let mut order = order.clone();
    let open = |line: &OrderLine| {
        line.waiting().saturating_add(if only_waiting { 0 } else { line.ready() })
    };
    let all = |order: &Order| {
        let open = order.lines.iter().map(|(sku, line)| (sku.clone(), open(line)));
        open.filter(|(_, units)| *units > 0).collect::<Vec<_>>()
    };
    let lines = if lines.is_empty() { all(&order) } else { lines.to_vec() };
    if lines.is_empty() {
        return Err(Reject::NothingOpen);
    }
    let mut draft = Draft::of(stock);
    for (sku, units) in lines {
        let line = open_line(&mut order, &sku, units)?;
        let open = open(line);
        if units > open {
            return Err(Reject::NotOpen { sku, open, wanted: units });
        }
        let left = promise::unpromise(&mut draft, &sku, &mut line.waiting, units)?;
        for (location, units) in taken(&mut line.ready, left) {
            draft.change(&sku, &location, |balance| balance.committing(units.saturating_neg()))?;
        }
        line.cancelled = line.cancelled.saturating_add(units);
    }
    Ok(Decision { order: Some(order), ..draft.decision() })
}

/// Units that were shipped came back. Of those in quarantine or written off only the order knows.
pub(crate) fn returned(
    stock: &Stock,
    order: &Order,
    lines: &[(Sku, i64)],
    to: &ReturnTo,
) -> Result<Decision, Reject> {
    crate::decide::check_count(lines.len())?;
    let mut order = order.clone();
    let mut draft = Draft::of(stock);
    for (sku, units) in lines {
        let line = open_line(&mut order, sku, *units)?;
        let out = line.shipped.saturating_sub(line.returned);
        if *units > out {
            let sku = sku.clone();
            return Err(Reject::NotShipped { sku, shipped: out, wanted: *units });
        }
        line.returned = line.returned.saturating_add(*units);
        match to {
            ReturnTo::Stock(location) => {
                // It may have become a kit since it was sold.
                crate::decide::check_stocked(stock, sku)?;
                draft.move_in(sku, location, *units)?;
            }
            ReturnTo::Quarantine => add_to(&mut line.quarantined, *units),
            ReturnTo::WrittenOff => add_to(&mut line.written_off, *units),
        }
    }
    Ok(Decision { order: Some(order), ..draft.decision() })
}

fn add_to(count: &mut i64, units: i64) {
    *count = count.saturating_add(units);
}

fn open_line<'a>(order: &'a mut Order, sku: &Sku, units: i64) -> Result<&'a mut OrderLine, Reject> {
    if units <= 0 {
        return Err(Reject::Quantity(units));
    }
    order.lines.get_mut(sku).ok_or_else(|| Reject::NotInOrder(sku.clone()))
}

/// Takes so many units from these places, one after the other.
fn taken(from: &mut BTreeMap<Location, i64>, units: i64) -> Vec<(Location, i64)> {
    let mut left = units;
    let mut taken = Vec::new();
    for (location, there) in from.iter_mut() {
        let share = (*there).min(left);
        if share > 0 {
            taken.push((location.clone(), share));
            *there = there.saturating_sub(share);
            left = left.saturating_sub(share);
        }
    }
    from.retain(|_, units| *units > 0);
    taken
}
