//! Offering to those who wait what is free, and telling Outreach of it, as the alarm does; and
//! Outreach itself, as far as it hears of that.

use crate::{
    broken::{Broken, same},
    command::{Body, Name},
    courier::{TIMEOUT_MS, backoff},
    faults::Fault,
    order_notices::OrdersHeard,
    publish::{SETTLED_PER_STEP, SETTLING_RISK},
    waitlist::Notice,
    world::{Event, Turn, World},
};
use ledger::{HoldState, PlaceState};
use std::collections::BTreeMap;

const TOLD: &str = "Outreach hears of each offer once, with its units and its end";

/// What Outreach has heard, by place.
#[derive(Clone, Debug, Default)]
pub struct Outreach {
    /// The notices: one that comes again is no other.
    pub told: BTreeMap<Name, Notice>,
    /// Of orders.
    pub orders: OrdersHeard,
}

impl World {
    /// What was offered in this turn is judged and booked.
    pub(crate) fn takes_offers(&mut self, moment: store::Moment) -> Result<(), Broken> {
        let news = self.books.takes_offers(&self.outreach.told, moment)?;
        let offered = news.offered.values().map(|_| PlaceState::Offered);
        for state in offered.chain(news.ended.into_values()) {
            *self.heard.entry(format!("Place: {}", state.as_str())).or_default() += 1;
        }
        Ok(())
    }

    /// Before a hold is ended by its id whatever is overdue ends, in a turn of its own: the store
    /// would see to it in the same turn, and nobody could tell what was offered when. False if that
    /// failed.
    pub(crate) fn ends_what_is_overdue(&mut self, body: &Body) -> Result<bool, Broken> {
        if !matches!(body, Body::Resolve { .. } | Body::Leave { .. }) {
            return Ok(true);
        }
        let now = self.clock.shop();
        let is_overdue = |hold: &crate::books::Hold| {
            hold.held.state == HoldState::Open && hold.held.expires_at <= now
        };
        if self.books.holds.values().any(is_overdue) { self.expires() } else { Ok(true) }
    }

    /// A step of the alarm's: is there more to be offered? Nothing if that failed.
    pub(crate) fn offers(&mut self, run: u64) -> Result<Option<bool>, Broken> {
        let mut moment = None;
        let is_due = self.books.supply.lists.rows.values().any(|row| row.due);
        self.risk = if is_due { SETTLING_RISK } else { 1 };
        let changes = self.sqlite.total_changes();
        let turn = self.turn(|world| {
            let now = world.moment()?;
            moment = Some(now);
            world.object.store.offer_due(now, SETTLED_PER_STEP)
        });
        self.risk = 1;
        let turn = turn?;
        self.say(|| format!("   offered: {turn:?}"));
        if let Some(moment) = moment.filter(|_| self.sqlite.total_changes() != changes) {
            if matches!(turn, Turn::Done(_)) {
                self.lands(moment, |_| ())?;
            } else {
                self.all_or_nothing(moment, |_| ())?;
            }
        }
        match turn {
            Turn::Done(more) => Ok(Some(more)),
            Turn::Failed(_) => self.finish(run, true).map(|()| None),
            Turn::Died => Ok(None),
        }
    }

    /// Outreach is sent what it has not confirmed.
    pub(crate) fn tell_outreach(&mut self, run: u64) -> Result<(), Broken> {
        let turn = self.turn(|world| {
            let is_paused = world.clock.shop() < world.object.courier.notices_paused_until;
            if is_paused {
                return Ok((Vec::new(), Vec::new()));
            }
            Ok((world.object.store.notices()?, world.object.store.order_notices()?))
        })?;
        let (found, orders) = match turn {
            Turn::Done(found) => found,
            Turn::Failed(_) => return self.finish(run, true),
            Turn::Died => return Ok(()),
        };
        if found.is_empty() && orders.is_empty() {
            return Ok(());
        }
        self.order_notices_are_the_last_word(&orders)?;
        let telling = self.number();
        if let Some(run) = self.object.courier.runs.get_mut(&run) {
            run.notices = Some((telling, found.clone(), orders.clone()));
        }
        let notices: Vec<Notice> = found
            .into_iter()
            .map(|notice| {
                let sku = notice.sku.as_str().into();
                (notice.place.into(), sku, notice.units, notice.kept_until)
            })
            .collect();
        self.after(TIMEOUT_MS, Event::NoticesAreHeardOf { telling, taken: false });
        if self.faults.strikes(Fault::NoticeDoubled) {
            let (notices, orders) = (notices.clone(), orders.clone());
            let doubled = Event::NoticesArrive { telling, notices, orders, is_answered: false };
            self.within(1..60_000, doubled);
        }
        let lost = self.faults.strikes(Fault::NoticeLost);
        if lost && self.rng.bool() {
            return Ok(());
        }
        let ms = if self.faults.strikes(Fault::NoticeSlow) { 2_000..30_000 } else { 1..50 };
        self.within(ms, Event::NoticesArrive { telling, notices, orders, is_answered: !lost });
        Ok(())
    }

    /// Outreach has got them; perhaps it dies before it says so.
    pub(crate) fn notices_arrive(
        &mut self,
        telling: u64,
        notices: Vec<Notice>,
        is_answered: bool,
    ) -> Result<(), Broken> {
        for notice in notices {
            same(TOLD, &notice.0, &self.books.line.notices.get(&notice.0), &Some(&notice))?;
            let known =
                self.outreach.told.entry(notice.0.clone()).or_insert_with(|| notice.clone());
            same(TOLD, "what it has heard before", known, &notice)?;
        }
        if is_answered {
            self.within(1..50, Event::NoticesAreHeardOf { telling, taken: true });
        }
        Ok(())
    }

    /// The object hears that Outreach has them, or has waited for too long.
    pub(crate) fn notices_end(&mut self, telling: u64, taken: bool) -> Result<(), Broken> {
        let mut runs = self.object.courier.runs.iter_mut();
        let found = runs.find_map(|(number, run)| {
            let told = run.notices.take_if(|(told, ..)| *told == telling);
            told.map(|(_, notices, orders)| (*number, notices, orders))
        });
        let Some((run, notices, orders)) = found else { return Ok(()) };
        if !taken {
            self.object.courier.notices_paused_until = self.clock.shop() + backoff(0);
            return self.run_goes_on(run);
        }
        let mut moment = None;
        let turn = self.turn(|world| {
            moment = Some(world.moment()?);
            world.object.store.confirm_notices(&notices)?;
            world.object.store.confirm_order_notices(&orders)
        })?;
        match (moment, &turn) {
            (Some(moment), Turn::Done(())) => self.lands(moment, |_| ())?,
            (Some(moment), _) => self.all_or_nothing(moment, |_| ())?,
            (None, _) => {}
        }
        match turn {
            Turn::Done(()) => self.run_goes_on(run),
            Turn::Failed(_) => self.finish(run, true),
            Turn::Died => Ok(()),
        }
    }

    /// At the end Outreach has heard of every offer, and nothing is left to be offered or told.
    pub(crate) fn everybody_was_told(&self) -> Result<(), Broken> {
        let lists = &self.books.supply.lists;
        same(TOLD, "all of them", &self.books.line.notices, &self.outreach.told)?;
        same(TOLD, "notices", &0, &lists.notices.len())?;
        let due: Vec<_> = lists.rows.iter().filter(|(_, row)| row.due).collect();
        same("everything that may be offered is, after healing", "due", &Vec::new(), &due)
    }
}
