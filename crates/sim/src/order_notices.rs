//! What Outreach is told of orders: each promise that comes to be later, and each line that has come,
//! until it has heard of that.

use crate::{
    broken::{Broken, same},
    command::Name,
    judge_supply::cancelled,
    supply::{Dates, Event, Supply},
    world::World,
};
use ledger::Restock;
use std::collections::{BTreeMap, BTreeSet};
use store::{LineNews, OrderNotice};

const NOTED: &str = "a promise that comes to be later, and a line that has come, is to be told";
const KEPT: &str = "what is to be told of an order stays until Outreach has heard it";
const LAST: &str = "what is told of an order is the last word";

/// A line of an order: the order's number, and the SKU.
type Line = (i64, Name);

/// What Outreach has heard of orders, and had to.
#[derive(Clone, Debug, Default)]
pub struct OrdersHeard {
    /// The last version of each line.
    pub heard: BTreeMap<Line, i64>,
    /// The last event of each of which it had to hear.
    due: BTreeMap<Line, i64>,
}

impl World {
    /// Judges what is to be told after a turn, and what is not any more.
    pub(crate) fn judge_order_notices(
        &mut self,
        old: &Supply,
        new: &Supply,
        events: &[Event],
    ) -> Result<(), Broken> {
        let orders = &mut self.outreach.orders;
        for (line, version) in &*old.notices {
            let left = new.notices.get(line).or_else(|| orders.heard.get(line));
            if left.is_none_or(|left| left < version) {
                return Err(Broken::new(KEPT, format!("{line:?}, {version}: {left:?}")));
            }
        }
        let lines: BTreeSet<_> = events.iter().map(|event| (event.number, &event.sku)).collect();
        for (number, sku) in lines {
            let of_line = |event: &&Event| (event.number, &event.sku) == (number, sku);
            let told = is_told(old, new, (number, sku));
            let Some(event) = events.iter().rfind(of_line).filter(|_| told) else {
                continue;
            };
            let line = (number, sku.clone());
            let noted = new.notices.get(&line).max(orders.heard.get(&line)).copied();
            if noted.is_none_or(|noted| noted < event.n) {
                return Err(Broken::new(NOTED, format!("{event:?}: {noted:?}")));
            }
            orders.due.insert(line, event.n);
        }
        Ok(())
    }

    /// What the store tells is what is written.
    pub(crate) fn order_notices_are_the_last_word(
        &self,
        notices: &[OrderNotice],
    ) -> Result<(), Broken> {
        let supply = &self.books.supply;
        for notice in notices {
            let sku: Name = notice.sku.as_str().into();
            let waiting = supply.waiting(notice.number, &sku);
            let ready: i64 = supply.ready_of(notice.number, &sku).values().sum();
            let found = match notice.news {
                LineNews::Moved { now, .. } => (Some(now.map(dates)), notice.units, 0),
                LineNews::Ready => (None, 0, notice.units),
                LineNews::Nothing => (None, 0, 0),
            };
            let promised = supply.promised(notice.number, &sku);
            let expected = (promised, waiting, if waiting > 0 { 0 } else { ready });
            same(LAST, format!("{notice:?}"), &expected, &found)?;
        }
        Ok(())
    }

    /// Outreach hears them: one that is not newer than what it has heard is no news.
    pub(crate) fn orders_are_heard_of(&mut self, notices: &[OrderNotice]) {
        for notice in notices {
            let line = (notice.number, notice.sku.as_str().into());
            let heard = self.outreach.orders.heard.entry(line).or_default();
            let news = if notice.version > *heard { "Order told" } else { "Order told again" };
            *heard = notice.version.max(*heard);
            *self.heard.entry(news.to_owned()).or_default() += 1;
        }
    }

    /// At the end Outreach has heard of all that it had to.
    pub(crate) fn every_order_was_told_of(&self) -> Result<(), Broken> {
        let orders = &self.outreach.orders;
        same(KEPT, "order notices", &0, &self.books.supply.notices.len())?;
        for (line, n) in &orders.due {
            let heard = orders.heard.get(line);
            if heard.is_none_or(|heard| heard < n) {
                return Err(Broken::new(KEPT, format!("{line:?}, {n}: {heard:?}")));
            }
        }
        Ok(())
    }
}

/// Has something become of this line that its buyer has to hear? Of one that was cancelled nobody
/// can say from outside what came when.
fn is_told(old: &Supply, new: &Supply, (number, sku): (i64, &Name)) -> bool {
    let Some(before) = old.promised(number, sku) else { return false };
    if cancelled(old, new, (number, sku)) > 0 {
        return false;
    }
    match (before, new.promised(number, sku)) {
        (_, None) | (Some(_), Some(None)) => true,
        (Some(before), Some(Some(now))) => now > before,
        (None, Some(_)) => false,
    }
}

fn dates(restock: Restock) -> Dates {
    (restock.last(), restock.first())
}
