//! A decision while it is worked out.

use crate::{Balance, Decision, Effect, Location, PoLine, PoLineId, Reject, Sku, Stock};
use std::collections::{BTreeMap, BTreeSet};

/// What follows from a command, while it is worked out.
pub(crate) struct Draft {
    /// As it is afterwards.
    pub(crate) stock: Stock,
    effects: BTreeMap<(Sku, Location), Effect>,
    /// The lines of purchase orders that have changed.
    pub(crate) lines: BTreeSet<(Sku, PoLineId)>,
    /// The SKUs whose queue has changed.
    pub(crate) waits: BTreeSet<Sku>,
    /// Those whose promises are to be made anew.
    pub(crate) settle: BTreeSet<Sku>,
}

impl Draft {
    pub(crate) fn of(stock: &Stock) -> Self {
        Self {
            stock: stock.clone(),
            effects: BTreeMap::new(),
            lines: BTreeSet::new(),
            waits: BTreeSet::new(),
            settle: BTreeSet::new(),
        }
    }

    /// Goes on from a decision.
    pub(crate) fn after(stock: &Stock, decision: &Decision) -> Self {
        let mut draft = Self::of(stock);
        for effect in &decision.effects {
            draft.stock.put(&effect.sku, &effect.location, effect.balance);
            draft.effects.insert((effect.sku.clone(), effect.location.clone()), effect.clone());
        }
        for (sku, queue) in &decision.queues {
            let known = draft.stock.skus.entry(sku.clone()).or_default();
            known.supply.clone_from(&queue.supply);
            (known.waiting, known.settling) = (queue.waiting, queue.settling);
            known.arrivals.clone_from(&queue.arrivals);
            draft.waits.insert(sku.clone());
        }
        draft.lines.extend(decision.lines.iter().map(|(id, line)| (line.sku.clone(), id.clone())));
        draft
    }

    /// Changes a balance.
    pub(crate) fn change(
        &mut self,
        sku: &Sku,
        location: &Location,
        change: impl FnOnce(Balance) -> Option<Balance>,
    ) -> Result<(), Reject> {
        self.moving(sku, location, 0, change)
    }

    /// Units come in.
    pub(crate) fn move_in(
        &mut self,
        sku: &Sku,
        location: &Location,
        units: i64,
    ) -> Result<(), Reject> {
        self.moving(sku, location, units, |balance| balance.moved(units))
    }

    /// Units leave that were there for an order.
    pub(crate) fn move_out(
        &mut self,
        sku: &Sku,
        location: &Location,
        units: i64,
    ) -> Result<(), Reject> {
        let out = units.saturating_neg();
        self.moving(sku, location, out, |balance| balance.committing(out)?.moved(out))
    }

    fn moving(
        &mut self,
        sku: &Sku,
        location: &Location,
        quantity: i64,
        change: impl FnOnce(Balance) -> Option<Balance>,
    ) -> Result<(), Reject> {
        let before = self.stock.balance(sku, location);
        let out_of_bounds = || Reject::OutOfBounds(sku.clone(), location.clone());
        let balance = change(before).ok_or_else(out_of_bounds)?;
        self.stock.put(sku, location, balance);
        let place = (sku.clone(), location.clone());
        let effect = self.effects.entry(place).or_insert_with(|| Effect {
            sku: sku.clone(),
            location: location.clone(),
            quantity: 0,
            balance: before,
            shortfall: 0,
        });
        let beyond = balance.shortfall().saturating_sub(before.shortfall()).max(0);
        effect.quantity = effect.quantity.saturating_add(quantity);
        effect.shortfall = effect.shortfall.saturating_add(beyond);
        effect.balance = balance;
        Ok(())
    }

    /// Puts a line of a purchase order in, new or changed.
    pub(crate) fn put_line(&mut self, id: PoLineId, line: PoLine) {
        let sku = line.sku.clone();
        let known = self.stock.skus.entry(sku.clone()).or_default();
        let before = known.supply.get(&id);
        let loosened = line.loose.saturating_sub(before.map_or(0, |line| line.loose));
        let is_moved = before.is_some_and(|before| before.expected != line.expected);
        let is_moved = is_moved && line.pegged > 0;
        known.waiting.unpegged = known.waiting.unpegged.saturating_add(loosened);
        known.supply.insert(id.clone(), line);
        self.waits.insert(sku.clone());
        if is_moved {
            self.settle.insert(sku.clone());
        }
        self.may_improve(&sku);
        self.lines.insert((sku, id));
    }

    /// Supply has come free, or is new: somebody who waits may want it.
    pub(crate) fn may_improve(&mut self, sku: &Sku) {
        let Some(known) = self.stock.skus.get(sku) else { return };
        if known.waiting.unpegged > 0 || (self.stock.improve && known.waiting.units > 0) {
            self.settle.insert(sku.clone());
        }
    }

    /// Units that have arrived for whoever waits for this line.
    pub(crate) fn arrived_on(&self, sku: &Sku, id: &PoLineId) -> i64 {
        let arrivals = self.stock.skus.get(sku).map(|known| &known.arrivals);
        let of_line = arrivals.into_iter().flatten().filter(|((on, _), _)| on.as_ref() == Some(id));
        of_line.map(|(_, units)| *units).fold(0, i64::saturating_add)
    }

    /// What it has come to.
    pub(crate) fn decision(mut self) -> Decision {
        for sku in &self.settle {
            let known = self.stock.skus.entry(sku.clone()).or_default();
            known.settling |= known.waiting.units > 0;
        }
        let of = |(sku, id): &(Sku, PoLineId)| {
            let line = self.stock.skus.get(sku)?.supply.get(id)?;
            Some((id.clone(), line.clone()))
        };
        let lines = self.lines.iter().filter_map(of).collect();
        let changed = self.waits.iter().chain(&self.settle);
        let queue = |sku: &Sku| Some((sku.clone(), self.stock.skus.get(sku)?.clone()));
        let queues = changed.filter_map(queue).collect();
        let effects = self.effects.into_values().collect();
        Decision { effects, lines, queues, ..Decision::default() }
    }
}
