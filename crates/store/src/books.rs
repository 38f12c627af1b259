//! Writing down what was decided.

use crate::{Fault, Moment, Sql, Store, load::Loaded, sql::bind};
use ledger::{Balance, Decision, Effect, Kind, Location, Sku};
use std::collections::BTreeSet;

/// What a movement is booked as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Booked {
    /// An import found a SKU at a location for the first time.
    Opened,
    /// Units came in.
    Received,
    /// The count was wrong by so many.
    Adjusted,
    /// What is there was counted.
    Counted,
    /// Units were sold: asked for, reported, or held and committed.
    Sold,
    /// Units came back.
    Returned,
}

impl From<Kind> for Booked {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Receive => Self::Received,
            Kind::Adjust => Self::Adjusted,
            Kind::Sell | Kind::Sold => Self::Sold,
            Kind::Returned => Self::Returned,
        }
    }
}

impl Booked {
    const ALL: &[Self] =
        &[Self::Opened, Self::Received, Self::Adjusted, Self::Counted, Self::Sold, Self::Returned];

    pub(crate) fn from_str(text: &str) -> Result<Self, Fault> {
        let known = Self::ALL.iter().find(|booked| booked.as_str() == text);
        known.copied().ok_or(Fault::Corrupt("a movement's kind is unknown"))
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Received => "received",
            Self::Adjusted => "adjusted",
            Self::Counted => "counted",
            Self::Sold => "sold",
            Self::Returned => "returned",
        }
    }
}

/// Where a movement comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub(crate) id: &'a str,
    pub(crate) kind: Booked,
    pub(crate) reason: Option<&'a str>,
}

/// What has still to be written, once for several decisions.
#[derive(Default)]
pub(crate) struct Dirty {
    /// Positions whose balance has changed.
    pub(crate) places: BTreeSet<(Sku, Location)>,
    /// SKUs whose supply or queue has.
    pub(crate) queues: BTreeSet<Sku>,
}

impl<S: Sql> Store<S> {
    /// Books one decision, and shows shoppers what comes of it; call it in a
    /// transaction. `loaded` is as it leaves it afterwards.
    pub(crate) fn write_down(
        &self,
        loaded: &mut Loaded,
        decision: &Decision,
        source: Source<'_>,
        moment: Moment,
    ) -> Result<(), Fault> {
        let mut dirty = Dirty::default();
        self.book(loaded, decision, source, moment, &mut dirty)?;
        self.settle(loaded, &dirty, moment)
    }

    /// Books movements; the balances that they leave are written by [`Store::settle`], once for
    /// several decisions.
    pub(crate) fn book(
        &self,
        loaded: &mut Loaded,
        decision: &Decision,
        source: Source<'_>,
        moment: Moment,
        dirty: &mut Dirty,
    ) -> Result<(), Fault> {
        for (id, line) in &decision.lines {
            self.write_po_line(id, line)?;
        }
        for (sku, queue) in &decision.queues {
            let known = loaded.stock.skus.entry(sku.clone()).or_default();
            if known.arrivals != queue.arrivals {
                self.write_arrivals(sku, &queue.arrivals)?;
            }
            (known.waiting, known.settling) = (queue.waiting, queue.settling);
            known.supply.clone_from(&queue.supply);
            known.arrivals.clone_from(&queue.arrivals);
            self.write_queue(sku, queue)?;
            dirty.queues.insert(sku.clone());
        }
        for effect in &decision.effects {
            let place = (effect.sku.clone(), effect.location.clone());
            if !loaded.moves.contains_key(&place) {
                self.open_location(&effect.location)?;
            }
            let moves = loaded.moves.entry(place.clone()).or_insert(0);
            if effect.quantity != 0 || source.kind == Booked::Opened {
                *moves = moves.saturating_add(1);
                self.insert_movement(effect, *moves, source, moment.now)?;
            }
            loaded.stock.put(&effect.sku, &effect.location, effect.balance);
            dirty.places.insert(place);
        }
        Ok(())
    }

    fn insert_movement(
        &self,
        effect: &Effect,
        n: i64,
        source: Source<'_>,
        now: i64,
    ) -> Result<(), Fault> {
        self.sql.query(
            "INSERT INTO movements (sku, location, n, at, kind, quantity, net, source, reason)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            bind![
                effect.sku.as_str(),
                effect.location.as_str(),
                n,
                now,
                source.kind.as_str(),
                effect.quantity,
                effect.balance.net(),
                source.id,
                source.reason,
            ],
        )?;
        Ok(())
    }

    /// Writes the balances, and then, once all of them are: units that only change their location
    /// are no news to shoppers.
    pub(crate) fn settle(
        &self,
        loaded: &Loaded,
        dirty: &Dirty,
        moment: Moment,
    ) -> Result<(), Fault> {
        let mut skus: BTreeSet<_> = dirty.queues.iter().collect();
        for place in &dirty.places {
            let moves = loaded.moves.get(place).copied().unwrap_or(0);
            let (sku, location) = place;
            self.write_balance(sku, location, loaded.stock.balance(sku, location), moves)?;
            skus.insert(sku);
        }
        for &sku in &skus {
            self.refresh_loaded(loaded, sku, false, moment)?;
        }
        for sku in skus {
            if loaded.faces.get(sku).is_some_and(|face| face.in_kits) {
                self.refresh_kits_of(sku, moment)?;
            }
        }
        Ok(())
    }

    pub(crate) fn write_balance(
        &self,
        sku: &Sku,
        location: &Location,
        balance: Balance,
        moves: i64,
    ) -> Result<(), Fault> {
        self.sql.query(
            "INSERT INTO balances
                (sku, location, on_hand, shortfall, held, committed, safety_stock, moves)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (sku, location) DO UPDATE SET
                on_hand = excluded.on_hand, shortfall = excluded.shortfall,
                held = excluded.held, committed = excluded.committed,
                safety_stock = excluded.safety_stock, moves = excluded.moves",
            bind![
                sku.as_str(),
                location.as_str(),
                balance.on_hand(),
                balance.shortfall(),
                balance.held(),
                balance.committed(),
                balance.safety_stock(),
                moves,
            ],
        )?;
        Ok(())
    }
}
