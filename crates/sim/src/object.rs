//! The Shop object as `edge` has it: what it remembers while it is awake, and its courier's memory.

use crate::{clock, command::Name, courier::Courier, sqlite::Handle};
use std::rc::Rc;
use store::{Fault, Shop, Store};

/// How soon the alarm comes again after it failed.
pub const ALARM_RETRY_MS: i64 = 1_000;

/// Between two runs of the alarm for what expires.
const EXPIRY_GAP_MS: i64 = 250;

/// An object in memory. When it dies, nothing of this is left.
pub struct Object {
    /// The storage's own state is what the database holds.
    pub store: Store<Handle>,
    awake: bool,
    /// For when it has set its alarm, as far as it knows.
    pub alarm_at: Option<i64>,
    /// Is that the earliest of what stands in tables?
    pub looked: bool,
    /// There is more to remove than one alarm may.
    pub unswept: bool,
    rang_at: i64,
    /// The last import's number.
    pub last_import: i64,
    /// What the courier remembers.
    pub courier: Courier,
}

impl Object {
    /// A new object on what is stored.
    pub fn new(sql: Handle) -> Self {
        Self {
            store: Store::new(sql),
            awake: false,
            alarm_at: None,
            looked: false,
            unswept: false,
            rang_at: 0,
            last_import: 0,
            courier: Courier::default(),
        }
    }

    /// Once for each waking: brings the schema up to date and throws away what an import that died
    /// had staged.
    pub fn wake(&mut self, now: i64) -> Result<(), Fault> {
        if !self.awake && self.store.exists()? {
            self.store.migrate(now)?;
            self.store.unstage(None)?;
            self.awake = true;
        }
        Ok(())
    }

    /// Makes the shop, if there is none.
    pub fn create(&mut self, shop: &Shop, now: i64) -> Result<bool, Fault> {
        let made = self.store.create_shop(shop, "sk_1", b"hash 1", now)?;
        self.awake = true;
        Ok(made)
    }

    /// The shop; `None` if nobody made it.
    pub fn shop(&self) -> Result<Option<Rc<Shop>>, Fault> {
        if self.awake { self.store.shop() } else { Ok(None) }
    }

    /// The alarm rings: it is set no more.
    pub fn rings(&mut self, now: i64) {
        self.alarm_at = None;
        self.looked = false;
        self.rang_at = now;
    }

    /// When the alarm is to be set for, if it has to be set anew. Tables are looked at only if
    /// something may have come into them.
    pub fn next_due(&mut self, now: i64, besides: Option<i64>) -> Result<Option<i64>, Fault> {
        let Some(shop) = self.shop()? else { return Ok(None) };
        if self.store.take_news() {
            self.looked = false;
        }
        if self.alarm_at.is_some_and(|at| at <= now) {
            return Ok(None);
        }
        let next_run = self.rang_at.min(now) + EXPIRY_GAP_MS;
        let expiry = self.store.next_expiry()?.map(|expiry| expiry.max(next_run));
        let sweep = self.unswept.then_some(next_run);
        let (mut told, mut settle, mut notice) = (None, None, None);
        if !self.looked {
            told = self.told_or_midnight(&shop)?;
            let is_at_work = self.store.is_settling()? || self.store.is_offering()?;
            settle = is_at_work.then_some(next_run);
            let notices = !self.store.notices()?.is_empty() || self.store.has_order_notices()?;
            notice = notices.then_some(next_run.max(self.courier.notices_paused_until));
        }
        let due = [besides, expiry, sweep, settle, notice, told].into_iter().flatten().min();
        Ok(due.filter(|due| self.alarm_at.is_none_or(|at| *due < at)))
    }

    /// When the next restock date passes that shoppers are shown.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn midnight(&self, zone: &str) -> Result<Option<i64>, Fault> {
        let day = self.store.next_date_to_pass()?;
        Ok(day.and_then(|day| clock::end_of(day, zone)))
    }

    /// When the outbox has something to tell, or a restock date passes.
    fn told_or_midnight(&self, shop: &Shop) -> Result<Option<i64>, Fault> {
        let midnight = self.midnight(&shop.time_zone)?;
        let told = self.store.next_due(self.courier.paused_until)?;
        Ok([told, midnight].into_iter().flatten().min())
    }
}

/// A row of the outbox that is being told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Of what.
    pub sku: Name,
    /// Which version.
    pub version: i64,
    /// How often it was tried in vain.
    pub attempts: i64,
}
