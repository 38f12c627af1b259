//! The object's one alarm: what it does, and when. It is set for the earliest thing that is due,
//! and only when that moves earlier.

use crate::{
    clock::{self, within},
    failure::Failure,
    js,
    limits::{
        EXPIRED_PER_RUN, EXPIRY_GAP_MS, EXPIRY_TICK_MS, OUTREACH_TIMEOUT_MS, SETTLED_PER_STEP,
        SETTLED_STEPS_PER_RUN, SWEPT_PER_RUN, TOLD_PER_RUN,
    },
    log, order_mail, places,
    publish::Publisher,
    sql::ObjectSql,
};
use futures_util::{
    future::{Either, join, join3, select},
    pin_mut,
};
use std::{cell::Cell, time::Duration};
use store::{Shop, Store};
use worker::{Delay, Env};

/// The alarm, as far as this object knows of it.
pub(crate) struct Alarm {
    storage: js::Storage,
    /// When it is set for.
    at: Cell<Option<i64>>,
    /// Is that the earliest of what stands in tables, so that nobody need look there?
    looked: Cell<bool>,
    rang_at: Cell<i64>,
    /// There is more to remove than one run may.
    unswept: Cell<bool>,
}

/// What the alarm works on.
pub(crate) struct AtWork<'a> {
    pub(crate) env: &'a Env,
    pub(crate) store: &'a Store<ObjectSql>,
    pub(crate) publisher: &'a Publisher,
    pub(crate) shop: &'a Shop,
    pub(crate) entry: &'a log::Entry,
}

impl Alarm {
    /// That of an object which has just woken.
    pub(crate) fn new(storage: js::Storage) -> Self {
        Self {
            storage,
            at: Cell::new(None),
            looked: Cell::new(false),
            rang_at: Cell::new(0),
            unswept: Cell::new(false),
        }
    }

    /// It rings now, and is set no more.
    pub(crate) fn rings(&self, now: i64) {
        self.at.set(None);
        self.looked.set(false);
        self.rang_at.set(now);
    }

    /// What it does when it rings: bounded steps, and whatever fails, the rest is tried.
    pub(crate) async fn work(&self, at: &AtWork<'_>) -> Result<(), Failure> {
        let moment = clock::moment(clock::now(), &at.shop.time_zone)?;
        let turned = at.store.turn_day(moment).map_err(Failure::from);
        let expired = at.expire();
        let swept = at.store.sweep(moment, SWEPT_PER_RUN).map_err(Failure::from);
        self.unswept.set(swept.as_ref().is_ok_and(|more| *more));
        let (settled, published) = {
            let publishing = at.publisher.publish(at.store, at.env, at.shop, at.entry);
            let working = join(at.settle_and_tell(), publishing);
            let expiring = at.keep_expiring();
            pin_mut!(working, expiring);
            match select(working, expiring).await {
                Either::Left((worked, _)) => worked,
                Either::Right(((), _)) => (Ok(()), Ok(())),
            }
        };
        turned.and(expired).and(settled).and(published).and(swept.map(drop))
    }

    /// Sets it for the earliest thing due, `besides` among them, if that is sooner than it is set
    /// for. Tables are looked at only if something may have come into them.
    pub(crate) async fn arm(
        &self,
        store: &Store<ObjectSql>,
        publisher: &Publisher,
        shop: &Shop,
        besides: Option<i64>,
    ) -> Result<(), Failure> {
        if store.take_news() {
            self.looked.set(false);
        }
        if self.at.get().is_some_and(|at| at <= clock::now()) {
            return Ok(());
        }
        // A clock that went back since it rang delays nothing.
        let next_run = self.rang_at.get().min(clock::now()).saturating_add(EXPIRY_GAP_MS);
        let expiry = store.next_expiry()?.map(|expiry| expiry.max(next_run));
        let sweep = self.unswept.get().then_some(next_run);
        let (mut told, mut settle) = (None, None);
        if !self.looked.get() {
            told = told_or_midnight(store, publisher, shop)?;
            let is_at_work = store.is_settling()? || store.is_offering()?;
            settle = (is_at_work || store.has_notices()? || store.has_order_notices()?)
                .then_some(next_run);
        }
        let due = [besides, expiry, sweep, settle, told].into_iter().flatten().min();
        if let Some(due) = due
            && self.at.get().is_none_or(|at| due < at)
        {
            self.set(due).await?;
        }
        self.looked.set(true);
        Ok(())
    }

    /// Sets it.
    pub(crate) async fn set(&self, at: i64) -> Result<(), Failure> {
        self.at.set(Some(at));
        #[expect(clippy::cast_precision_loss, reason = "a time in milliseconds is far below 2^53")]
        let set = self.storage.set_alarm(at as f64).await;
        set.map(drop).map_err(|thrown| {
            self.at.set(None);
            self.looked.set(false);
            Failure::platform(&thrown)
        })
    }
}

impl AtWork<'_> {
    fn expire(&self) -> Result<(), Failure> {
        let moment = clock::moment(clock::now(), &self.shop.time_zone)?;
        self.store.expire_due(moment, EXPIRED_PER_RUN)?;
        Ok(())
    }

    /// Makes promises anew, offers what is free, and tells Outreach of both while more of it is done:
    /// nobody's claim waits for a slow KV, or for the last of ten thousand others. Whichever of it
    /// fails, the rest is done; and there is no more of it in one run than takes a second, for what
    /// is sold meanwhile is published by the next.
    async fn settle_and_tell(&self) -> Result<(), Failure> {
        let is_settled = Cell::new(false);
        let settling = async {
            let settled = self.settle().await;
            is_settled.set(true);
            settled
        };
        let offers = tell(&is_settled, || places::tell(self.env, self.store, self.shop));
        let orders = tell(&is_settled, || order_mail::tell(self.env, self.store, self.shop));
        let (settled, offers, orders) = join3(settling, offers, orders).await;
        orders.and(offers).and(settled)
    }

    /// Makes promises anew and offers what is free to those who wait, with the input gate open
    /// between the steps: ten thousand orders that wait for one receipt hold up nobody.
    async fn settle(&self) -> Result<(), Failure> {
        for _ in 0..SETTLED_STEPS_PER_RUN {
            let moment = clock::moment(clock::now(), &self.shop.time_zone)?;
            let settling = self.store.settle_due(moment, SETTLED_PER_STEP)?;
            let offering = self.store.offer_due(moment, SETTLED_PER_STEP)?;
            if !settling && !offering {
                return Ok(());
            }
            let_others_in().await;
        }
        Ok(())
    }

    /// Lets holds expire for as long as it is polled: a slow KV must not keep their units.
    async fn keep_expiring(&self) {
        loop {
            Delay::from(Duration::from_millis(EXPIRY_TICK_MS)).await;
            match self.expire() {
                Ok(()) => self.publisher.news(),
                Err(failure) => self.entry.hindered(&failure),
            }
        }
    }
}

/// Tells some at a time, until there is no more and nothing is made any more that would be told, or
/// until it was enough for one run.
async fn tell<T: Future<Output = Result<bool, Failure>>>(
    is_settled: &Cell<bool>,
    some: impl Fn() -> T,
) -> Result<(), Failure> {
    let mut left = TOLD_PER_RUN;
    while left > 0 {
        let is_last = is_settled.get();
        if within(OUTREACH_TIMEOUT_MS, some()).await? {
            left = left.saturating_sub(1);
        } else if is_last {
            break;
        }
        let_others_in().await;
    }
    Ok(())
}

/// Whoever calls meanwhile is heard. An object that is asked on the same machine answers before
/// anything that comes from without is looked at, so to wait for one is not enough.
async fn let_others_in() {
    Delay::from(Duration::from_millis(1)).await;
}

/// When the outbox has something to tell, or a restock date passes.
fn told_or_midnight(
    store: &Store<ObjectSql>,
    publisher: &Publisher,
    shop: &Shop,
) -> Result<Option<i64>, Failure> {
    let midnight = store
        .next_date_to_pass()?
        .map(|day| clock::end_of(day, &shop.time_zone))
        .transpose()?
        .flatten();
    let told = store.next_due(publisher.kv_paused_until())?;
    Ok([told, midnight].into_iter().flatten().min())
}
