//! What follows from a command.

use crate::{
    Arrived, BROWSER_SHARE_PERCENT, Balance, BrowserLimit, BuyerLimit, Cart, Command, CountLine,
    Handed, HeldLine, Hold, HoldState, Kind, Line, Location, MAX_BROWSER_LIFETIME_MS, MAX_COUNT,
    MAX_HOLDS_PER_NETWORK, MAX_LIFETIME_MS, MAX_LINES, MAX_QUANTITY, MIN_LIFETIME_MS, Order,
    PoLine, PoLineId, Region, Reject, Row, Shortage, Sku, SkuStock, Stock, Turn, Way,
    allocate::{Room, Shares, Wanted, allocate},
    draft::Draft,
    order, promise, purchase,
};
use std::collections::{BTreeMap, BTreeSet};

/// What follows from a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// One entry for each SKU and location that the command touches, in their order.
    pub effects: Vec<Effect>,
    /// The hold that it made or ended, as it is afterwards.
    pub hold: Option<Hold>,
    /// The order that it took or changed, as it is afterwards.
    pub order: Option<Order>,
    /// The lines of purchase orders that it made or changed, as they are afterwards.
    pub lines: BTreeMap<PoLineId, PoLine>,
    /// Of each SKU whose queue it changed, what is known of it afterwards.
    pub queues: BTreeMap<Sku, SkuStock>,
    /// What a receipt came to.
    pub arrived: Vec<Arrived>,
}

/// A movement, a change of what is held, or both, and the balance it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Of what.
    pub sku: Sku,
    /// Where.
    pub location: Location,
    /// The movement: units in, or out if negative. 0 for none.
    pub quantity: i64,
    /// The balance after it.
    pub balance: Balance,
    /// Units by which this movement went beyond the stock; 0 for a request.
    pub shortfall: i64,
}

/// Decides `command` on `stock` at `now`, UTC milliseconds.
///
/// # Errors
/// A [`Reject`], by name; nothing follows from a refused command.
pub fn decide(stock: &Stock, command: &Command, now: i64) -> Result<Decision, Reject> {
    let decision = match command {
        Command::Move(kind, lines) => moved(stock, *kind, lines),
        Command::Count(lines) => counted(stock, lines),
        Command::Hold(cart) => held(stock, cart, now),
        Command::Resolve(hold, way) => resolved(stock, hold, *way, now),
        Command::Order(new) => order::placed(stock, new, now),
        Command::Ship(order, lines) => order::shipped(stock, order, lines),
        Command::Cancel { order, lines, only_waiting } => {
            order::cancelled(stock, order, lines, *only_waiting)
        }
        Command::Return { order, lines, to } => order::returned(stock, order, lines, to),
        Command::PlacePo(id, lines) => purchase::placed(stock, id, lines),
        Command::ChangePo(po, changes) => purchase::changed(stock, po, changes),
        Command::ReceivePo(po, receipts) => purchase::received(stock, po, receipts),
    }?;
    kept(stock, decision)
}

/// What comes free belongs first to whoever waits.
fn kept(stock: &Stock, decision: Decision) -> Result<Decision, Reject> {
    let waits = |effect: &Effect| {
        let queue = decision.queues.get(&effect.sku).or_else(|| stock.skus.get(&effect.sku));
        queue.is_some_and(|known| known.waiting.units > 0 || !known.arrivals.is_empty())
    };
    let touched = decision.effects.iter().filter(|effect| waits(effect)).map(|effect| &effect.sku);
    let skus: BTreeSet<_> = touched.chain(decision.queues.keys()).cloned().collect();
    if skus.is_empty() {
        return Ok(decision);
    }
    let mut draft = Draft::after(stock, &decision);
    for sku in &skus {
        promise::keep_for_waiting(&mut draft, sku)?;
    }
    let Decision { hold, order, arrived, .. } = decision;
    Ok(Decision { hold, order, arrived, ..draft.decision() })
}

/// Makes some of a SKU's promises anew: those of these rows of its queue. Gives what becomes of
/// each, and what follows besides. All is settled when [`Turn::Promise`] has come through the queue.
///
/// # Errors
/// [`Reject::OutOfBounds`], if a balance cannot be.
pub fn turn(
    stock: &Stock,
    sku: &Sku,
    turn: &Turn,
    rows: &[Row],
) -> Result<(Vec<Handed>, Decision), Reject> {
    let mut draft = Draft::of(stock);
    if *turn == Turn::Promise {
        promise::keep_for_waiting(&mut draft, sku)?;
    }
    let handed = promise::turned(&mut draft, sku, turn, rows);
    Ok((handed, draft.decision()))
}

fn moved(stock: &Stock, kind: Kind, lines: &[Line]) -> Result<Decision, Reject> {
    let shares = match kind {
        Kind::Sell => requested(stock, lines, None)?,
        Kind::Sold => reported(stock, lines)?,
        Kind::Receive | Kind::Adjust | Kind::Returned => brought(stock, kind, lines)?,
    };
    let out = matches!(kind, Kind::Sell | Kind::Sold);
    let effects = shares
        .into_iter()
        .map(|((sku, location), units)| {
            let quantity = if out { units.saturating_neg() } else { units };
            let effect = effect(stock, sku, location, quantity, 0)?;
            if effect.shortfall > 0 && kind == Kind::Adjust {
                let on_hand = stock.balance(&effect.sku, &effect.location).on_hand();
                return Err(Reject::BelowZero(Shortage {
                    sku: effect.sku,
                    location: Some(effect.location),
                    wanted: quantity.saturating_neg(),
                    available: on_hand,
                }));
            }
            Ok(effect)
        })
        .collect::<Result<_, _>>()?;
    Ok(Decision { effects, ..Decision::default() })
}

/// Where units that a request wants are taken: all of them or none.
pub(crate) fn requested(
    stock: &Stock,
    lines: &[Line],
    destination: Option<&Region>,
) -> Result<Shares, Reject> {
    if stock.mirror {
        return Err(Reject::Mirror);
    }
    let (mut shares, open) = demand(stock, lines)?;
    let mut total = open.clone();
    for ((sku, _), units) in &shares {
        add(&mut total, sku.clone(), *units);
    }
    for (sku, wanted) in &total {
        check(sku, None, *wanted, stock.available_to_sell(sku))?;
    }
    for ((sku, location), wanted) in &shares {
        let available = stock.balance(sku, location).available();
        check(sku, Some(location), *wanted, available)?;
    }
    let room = room(stock, &open, &shares, Balance::available);
    for (place, units) in allocate(stock, &room, &open, destination) {
        add(&mut shares, place, units);
    }
    Ok(shares)
}

pub(crate) fn check(
    sku: &Sku,
    location: Option<&Location>,
    wanted: i64,
    available: i64,
) -> Result<(), Reject> {
    if wanted <= available {
        return Ok(());
    }
    let (sku, location) = (sku.clone(), location.cloned());
    Err(Reject::InsufficientStock(Shortage { sku, location, wanted, available }))
}

/// Where units that were sold elsewhere are taken off: where nobody holds them, as far as that
/// goes, and the rest where the SKU is counted first.
fn reported(stock: &Stock, lines: &[Line]) -> Result<Shares, Reject> {
    let (mut shares, open) = demand(stock, lines)?;
    let room = room(stock, &open, &shares, Balance::free);
    let found = allocate(stock, &room, &open, None);
    for (sku, wanted) in open {
        let mut left = wanted;
        for ((_, location), units) in found.iter().filter(|((of, _), _)| *of == sku) {
            add(&mut shares, (sku.clone(), location.clone()), *units);
            left = left.saturating_sub(*units);
        }
        if left > 0 {
            let place = first_location(stock, &sku);
            add(&mut shares, (sku, place), left);
        }
    }
    Ok(shares)
}

/// Where units come in, or are found to be missing: where the line says.
fn brought(stock: &Stock, kind: Kind, lines: &[Line]) -> Result<Shares, Reject> {
    check_count(lines.len())?;
    let mut shares = Shares::new();
    for line in lines {
        let allowed = match kind {
            Kind::Adjust => line.quantity != 0 && line.quantity >= -MAX_QUANTITY,
            _ => line.quantity > 0,
        };
        if !allowed || line.quantity > MAX_QUANTITY {
            return Err(Reject::Quantity(line.quantity));
        }
        check_stocked(stock, &line.sku)?;
        let location = line.location.clone().unwrap_or_else(Location::main);
        add(&mut shares, (line.sku.clone(), location), line.quantity);
    }
    Ok(shares)
}

/// What lines that take units ask for, kits as their components: by place where they pin one, and
/// else by SKU. Lines that repeat one are summed, so that no two can each be allowed what only
/// one of them can have.
pub(crate) fn demand(stock: &Stock, lines: &[Line]) -> Result<(Shares, Wanted), Reject> {
    check_count(lines.len())?;
    let (mut pinned, mut open) = (Shares::new(), Wanted::new());
    for line in lines {
        if line.quantity <= 0 || line.quantity > MAX_QUANTITY {
            return Err(Reject::Quantity(line.quantity));
        }
        let Some(known) = stock.skus.get(&line.sku) else {
            return Err(Reject::UnknownSku(line.sku.clone()));
        };
        let mut want = |sku: &Sku, units: i64| match &line.location {
            Some(location) => add(&mut pinned, (sku.clone(), location.clone()), units),
            None => add(&mut open, sku.clone(), units),
        };
        if known.is_kit() {
            for part in &known.components {
                want(&part.sku, line.quantity.saturating_mul(part.quantity));
            }
        } else {
            want(&line.sku, line.quantity);
        }
    }
    Ok((pinned, open))
}

pub(crate) fn check_count(lines: usize) -> Result<(), Reject> {
    if (1..=MAX_LINES).contains(&lines) { Ok(()) } else { Err(Reject::LineCount(lines)) }
}

/// Does the shop have this SKU, with stock of its own?
pub(crate) fn check_stocked(stock: &Stock, sku: &Sku) -> Result<(), Reject> {
    match stock.skus.get(sku) {
        None => Err(Reject::UnknownSku(sku.clone())),
        Some(known) if known.is_kit() => Err(Reject::IsBundle(sku.clone())),
        Some(_) => Ok(()),
    }
}

pub(crate) fn add<K: Ord>(units: &mut BTreeMap<K, i64>, key: K, more: i64) {
    let sum = units.entry(key).or_insert(0);
    *sum = sum.saturating_add(more);
}

/// Where what is wanted may be taken from, beside what is pinned to a place.
pub(crate) fn room(
    stock: &Stock,
    wanted: &Wanted,
    pinned: &Shares,
    units: impl Fn(Balance) -> i64,
) -> Room {
    let mut room = Room::default();
    for sku in wanted.keys() {
        let balances = stock.skus.get(sku).map(|known| &known.balances);
        for (location, balance) in balances.into_iter().flatten() {
            let taken = pinned.get(&(sku.clone(), location.clone())).copied().unwrap_or(0);
            room.put(sku, location, units(*balance).saturating_sub(taken));
        }
    }
    room
}

/// The best location that this SKU was ever at.
fn first_location(stock: &Stock, sku: &Sku) -> Location {
    let priority = |location: &&Location| {
        stock.sites.get(*location).map_or(crate::USUAL_PRIORITY, |site| site.priority)
    };
    let balances = stock.skus.get(sku).map(|known| &known.balances);
    let places = balances.into_iter().flatten().map(|(location, _)| location);
    places.min_by_key(priority).cloned().unwrap_or_else(Location::main)
}

/// The effect of `quantity` units moving and `held` more units being held.
fn effect(
    stock: &Stock,
    sku: Sku,
    location: Location,
    quantity: i64,
    held: i64,
) -> Result<Effect, Reject> {
    let before = stock.balance(&sku, &location);
    let Some(balance) = before.moved(quantity).and_then(|balance| balance.holding(held)) else {
        return Err(Reject::OutOfBounds(sku, location));
    };
    let shortfall = balance.shortfall().saturating_sub(before.shortfall()).max(0);
    Ok(Effect { sku, location, quantity, balance, shortfall })
}

fn counted(stock: &Stock, lines: &[CountLine]) -> Result<Decision, Reject> {
    check_count(lines.len())?;
    let mut places = BTreeMap::new();
    for line in lines {
        if !(0..=MAX_COUNT).contains(&line.counted) {
            return Err(Reject::Quantity(line.counted));
        }
        check_stocked(stock, &line.sku)?;
        let place = (line.sku.clone(), line.location.clone());
        if places.insert(place, line).is_some() {
            return Err(Reject::CountedTwice(line.sku.clone(), line.location.clone()));
        }
    }
    let mut effects = Vec::new();
    for ((sku, location), line) in places {
        let before = stock.balance(&sku, &location);
        let on_hand = before.on_hand();
        if let Some(expected) = line.expected.filter(|expected| *expected != on_hand) {
            return Err(Reject::CountStale { sku, location, expected, on_hand });
        }
        let quantity = line.counted.saturating_sub(before.net());
        effects.push(effect(stock, sku, location, quantity, 0)?);
    }
    Ok(Decision { effects, ..Decision::default() })
}

fn held(stock: &Stock, cart: &Cart, now: i64) -> Result<Decision, Reject> {
    let most_ms = if cart.browser.is_some() { MAX_BROWSER_LIFETIME_MS } else { MAX_LIFETIME_MS };
    if !(MIN_LIFETIME_MS..=most_ms).contains(&cart.lifetime_ms) {
        return Err(Reject::Lifetime { asked_ms: cart.lifetime_ms, most_ms });
    }
    let shares = requested(stock, &cart.lines, cart.region.as_ref())?;
    let mut wanted = Wanted::new();
    for ((sku, _), units) in &shares {
        add(&mut wanted, sku.clone(), *units);
    }
    if let Some(limit) = &cart.buyer {
        check_buyer(limit, &wanted)?;
    }
    if let Some(limit) = &cart.browser {
        check_browser(stock, limit, &wanted)?;
    }
    held_at(stock, &cart.id, shares, now, now.saturating_add(cart.lifetime_ms))
}

/// Holds units where they are.
pub(crate) fn held_at(
    stock: &Stock,
    id: &str,
    shares: Shares,
    now: i64,
    expires_at: i64,
) -> Result<Decision, Reject> {
    let (mut effects, mut lines) = (Vec::new(), Vec::new());
    for ((sku, location), quantity) in shares {
        effects.push(effect(stock, sku.clone(), location.clone(), 0, quantity)?);
        lines.push(HeldLine { sku, location, quantity, shortfall: 0 });
    }
    let hold = Hold {
        id: id.to_owned(),
        state: HoldState::Open,
        made_at: now,
        expires_at,
        resolved_at: None,
        resolution: None,
        lines,
    };
    Ok(Decision { effects, hold: Some(hold), ..Decision::default() })
}

fn check_buyer(limit: &BuyerLimit, wanted: &Wanted) -> Result<(), Reject> {
    for (sku, wanted) in wanted {
        let held = limit.held.get(sku).copied().unwrap_or(0);
        if held.saturating_add(*wanted) > limit.most {
            let (sku, wanted, most) = (sku.clone(), *wanted, limit.most);
            return Err(Reject::BuyerLimit { sku, most, held, wanted });
        }
    }
    Ok(())
}

fn check_browser(stock: &Stock, limit: &BrowserLimit, wanted: &Wanted) -> Result<(), Reject> {
    if limit.holds_of_network >= MAX_HOLDS_PER_NETWORK {
        return Err(Reject::NetworkLimit);
    }
    for (sku, wanted) in wanted {
        let held = limit.held.get(sku).copied().unwrap_or(0);
        let share = stock.on_hand(sku).saturating_mul(BROWSER_SHARE_PERCENT) / 100;
        if held.saturating_add(*wanted) > share {
            return Err(Reject::BrowserShare(sku.clone()));
        }
    }
    Ok(())
}

fn resolved(stock: &Stock, hold: &Hold, way: Way, now: i64) -> Result<Decision, Reject> {
    let state = hold.after(way, now)?;
    let mut after = Hold { state, resolved_at: Some(now), ..hold.clone() };
    let mut effects = Vec::new();
    for line in &mut after.lines {
        let sold = if way == Way::Commit { line.quantity } else { 0 };
        let (sku, location) = (line.sku.clone(), line.location.clone());
        let released = line.quantity.saturating_neg();
        let effect = effect(stock, sku, location, sold.saturating_neg(), released)?;
        line.shortfall = effect.shortfall;
        effects.push(effect);
    }
    Ok(Decision { effects, hold: Some(after), ..Decision::default() })
}
