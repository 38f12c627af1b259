//! Bugs to be switched on. A proof that stays green with one of them proves nothing; without the
//! feature `bugs` none of this is there.

/// Bugs that others have shipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// What should stand together is written piece by piece.
    NoTransaction,
    /// An outbox row closes when it is read, not when its receiver has confirmed it.
    OutboxClosedOnSend,
    /// The record of a command is written after its effect, not with it.
    RecordOutsideTransaction,
    /// Nobody looks whether a command came before.
    DedupeSkipped,
    /// Something is awaited between reading what is so and writing what follows. The waiting is
    /// the Worker's to do, by `Store::look` and `decide_on`.
    AwaitBeforeWrite,
    /// What comes in on a purchase order is not kept for those who wait for it.
    ArrivalsNotKept,
    /// What has arrived goes to who ordered last.
    LastServedFirst,
    /// A promise moves, and nobody is told.
    MoveUntold,
    /// More is promised of a purchase order than is to come.
    PromisedBeyond,
    /// Units are handed out, and still waited for.
    WaitNotTaken,
    /// Promises are made anew piece by piece, not in one transaction.
    SettledApart,
    /// The place of a claim that ends is written before the claim's end, not with it.
    ClaimEndedApart,
    /// What is free is offered to who joined last.
    LastInLineFirst,
    /// A notice closes when it is read, not when Outreach has confirmed it.
    NoticeClosedOnRead,
    /// Every mail may go.
    LimiterOff,
    /// A mail provider is not told by what it would know a message again. The sending is the
    /// Worker's.
    KeyNotSent,
}

impl Bug {
    /// Every bug, by its name.
    pub const ALL: &[(&str, Self)] = &[
        ("no_transaction", Self::NoTransaction),
        ("outbox_closed_on_send", Self::OutboxClosedOnSend),
        ("record_outside_transaction", Self::RecordOutsideTransaction),
        ("dedupe_skipped", Self::DedupeSkipped),
        ("await_before_write", Self::AwaitBeforeWrite),
        ("arrivals_not_kept", Self::ArrivalsNotKept),
        ("last_served_first", Self::LastServedFirst),
        ("move_untold", Self::MoveUntold),
        ("promised_beyond", Self::PromisedBeyond),
        ("wait_not_taken", Self::WaitNotTaken),
        ("settled_apart", Self::SettledApart),
        ("claim_ended_apart", Self::ClaimEndedApart),
        ("last_in_line_first", Self::LastInLineFirst),
        ("notice_closed_on_read", Self::NoticeClosedOnRead),
        ("limiter_off", Self::LimiterOff),
        ("key_not_sent", Self::KeyNotSent),
    ];
}

#[cfg(feature = "bugs")]
mod chosen {
    use super::Bug;
    use crate::{Fault, Moment, Sql, Store, catalogue::sku_from, load::Loaded};
    use std::{cell::RefCell, sync::OnceLock};

    static CHOSEN: OnceLock<Option<Bug>> = OnceLock::new();

    thread_local! {
        static LOOKED: RefCell<Option<Loaded>> = const { RefCell::new(None) };
    }

    /// Switches one bug on, or none, for the rest of the program; the first call counts. False for
    /// a name that is no bug's.
    pub fn choose(name: Option<&str>) -> bool {
        let bug = name.and_then(|name| Bug::ALL.iter().find(|(known, _)| *known == name));
        CHOSEN.get_or_init(|| bug.map(|(_, bug)| *bug));
        name.is_none() || bug.is_some()
    }

    /// Is this the bug that was switched on?
    pub fn has(bug: Bug) -> bool {
        CHOSEN.get().copied().flatten() == Some(bug)
    }

    /// What was so when somebody looked.
    pub struct Looked(Loaded);

    impl<S: Sql> Store<S> {
        /// What is so of everything now, for [`decide_on`] later; nothing without the bug.
        ///
        /// # Errors
        /// [`Fault`].
        pub fn look(&self, moment: Moment) -> Result<Option<Looked>, Fault> {
            if !has(Bug::AwaitBeforeWrite) || !self.exists()? {
                return Ok(None);
            }
            let rows = self.sql.query("SELECT sku FROM skus", &[])?.into_iter();
            let skus = rows.map(|mut row| sku_from(row.text()?)).collect::<Result<Vec<_>, _>>()?;
            Ok(Some(Looked(self.load(&skus, moment)?)))
        }
    }

    /// The next decision is made on what was so then.
    pub fn decide_on(looked: Option<Looked>) {
        LOOKED.set(looked.map(|looked| looked.0));
    }

    pub(crate) fn looked() -> Option<Loaded> {
        LOOKED.take()
    }
}

#[cfg(feature = "bugs")]
pub(crate) use chosen::looked;
#[cfg(feature = "bugs")]
pub use chosen::{Looked, choose, decide_on, has};

/// Is this the bug that was switched on? Without the feature there is none.
#[cfg(not(feature = "bugs"))]
pub const fn has(_: Bug) -> bool {
    false
}

/// What has arrived for those who wait is anybody's.
pub(crate) fn give_away(decision: &mut ledger::Decision) {
    for (sku, queue) in &mut decision.queues {
        for ((_, at), units) in std::mem::take(&mut queue.arrivals) {
            let here = |effect: &&mut ledger::Effect| effect.sku == *sku && effect.location == at;
            if let Some(effect) = decision.effects.iter_mut().find(here)
                && let Some(balance) = effect.balance.committing(units.saturating_neg())
            {
                effect.balance = balance;
            }
        }
    }
}

#[cfg(not(feature = "bugs"))]
pub(crate) const fn looked() -> Option<crate::load::Loaded> {
    None
}
