//! Orders: placed, shipped, cancelled, returned.

use crate::{
    Answer, Answered, Consent, Fault, Moment, Sql, Store,
    books::{Booked, Source},
    bugs::{self, Bug},
    commands::skus_of,
    holds::EXPIRED_AT_ONCE,
};
use ledger::{Command, Line, NewOrder, Order, Region, Reject, ReturnTo, Sku, decide};
use std::collections::BTreeMap;

/// An order that is placed.
#[derive(Clone, Debug)]
pub struct OrderRequest<'a> {
    /// Chosen by the sender; orders share their ids with commands and holds.
    pub id: &'a str,
    /// SHA-256 of what was sent.
    pub digest: &'a [u8],
    /// The hold that it takes over.
    pub hold: Option<&'a str>,
    /// What is ordered besides.
    pub lines: Vec<Line>,
    /// Where the buyer is.
    pub region: Option<Region>,
    /// A hash of who the buyer is, if the sender says.
    pub buyer: Option<&'a [u8]>,
    /// When the buyer pays: for the shop's platform, no money moves here.
    pub payment: Payment,
}

/// When the buyer pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payment {
    /// All of it, when ordering.
    Now,
    /// Some of it, when ordering.
    Deposit,
    /// When it is sent.
    AtDispatch,
}

/// An order, and what else is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedOrder {
    /// The order.
    pub order: Order,
    /// When the buyer pays.
    pub payment: Payment,
    /// Of lines whose promise has come to be later: what the buyer has said to that.
    pub consents: BTreeMap<Sku, Consent>,
}

/// What becomes of an order.
#[derive(Clone, Debug)]
pub struct OrderChange<'a> {
    /// The order's id.
    pub order: &'a str,
    /// Chosen by the sender.
    pub id: &'a str,
    /// SHA-256 of what was sent.
    pub digest: &'a [u8],
    /// What.
    pub action: OrderAction,
    /// Units of which SKUs; of all as far as it goes, if there are none.
    pub lines: Vec<(Sku, i64)>,
    /// Why, for the books.
    pub reason: Option<&'a str>,
}

/// What becomes of units of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderAction {
    /// They leave.
    Ship,
    /// They are not wanted any more; by the buyer, only those that still wait.
    Cancel {
        /// Is it the buyer who says so?
        by_buyer: bool,
    },
    /// They came back.
    Return {
        /// What becomes of them.
        to: ReturnTo,
    },
}

impl Payment {
    const ALL: [Self; 3] = [Self::Now, Self::Deposit, Self::AtDispatch];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Deposit => "deposit",
            Self::AtDispatch => "at_dispatch",
        }
    }

    pub(crate) fn from_str(text: &str) -> Result<Self, Fault> {
        let known = Self::ALL.into_iter().find(|payment| payment.as_str() == text);
        known.ok_or(Fault::Corrupt("a payment is unknown"))
    }
}

impl<S: Sql> Store<S> {
    /// Places an order: what is there is committed, and the rest is promised from what is on its
    /// way; all of it or none. A refusal is remembered; `None` if there is no such hold.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written and the same can be sent again. [`Fault::Busy`] while
    /// promises of one of its SKUs are made anew.
    pub fn place_order(
        &self,
        request: &OrderRequest<'_>,
        moment: Moment,
        answer: impl FnOnce(Result<&PlacedOrder, &Reject>) -> Answer,
    ) -> Result<Option<Answered>, Fault> {
        self.expire_due(moment, EXPIRED_AT_ONCE)?;
        if let Some(answered) = self.answered(request.id, request.digest)? {
            return Ok(Some(answered));
        }
        let hold = request.hold.map(|id| self.hold_of(id, None)).transpose()?;
        let hold = match hold {
            Some(None) => return Ok(None),
            Some(hold) => hold,
            None => None,
        };
        let command = Command::Order(NewOrder {
            id: request.id.to_owned(),
            number: self.next_order_number()?,
            hold,
            lines: request.lines.clone(),
            region: request.region.clone(),
            buyer_waits: match request.buyer {
                Some(buyer) => self.waited_for_by(buyer)?,
                None => BTreeMap::new(),
            },
        });
        let mut loaded = self.load(skus_of(&command), moment)?;
        if bugs::has(Bug::PromisedBeyond) {
            let supply = loaded.stock.skus.values_mut().flat_map(|known| known.supply.values_mut());
            supply.for_each(|line| line.ordered = line.ordered.saturating_add(line.pegged));
        }
        let decision = match decide(&loaded.stock, &command, moment.now) {
            Ok(decision) => decision,
            Err(Reject::Settling(_)) => {
                return Err(Fault::Busy("promises are being made anew"));
            }
            Err(why) => {
                return self
                    .refuse(request.id, request.digest, answer(Err(&why)), moment)
                    .map(Some);
            }
        };
        let order = decision.order.clone().ok_or(Fault::Corrupt("a decision has no order"))?;
        let placed = PlacedOrder { order, payment: request.payment, consents: BTreeMap::new() };
        let answer = answer(Ok(&placed));
        self.atomically(|| {
            self.remember(request.id, request.digest, &answer, moment)?;
            if let Some(hold) = &decision.hold {
                self.end_hold(hold, moment)?;
            }
            self.insert_order(&placed.order, request.payment, request.buyer)?;
            let source = Source { id: request.id, kind: Booked::Sold, reason: None };
            self.write_down(&mut loaded, &decision, source, moment)?;
            self.offer_after(moment)
        })?;
        Ok(Some(Answered::First(answer)))
    }

    /// Ships, cancels or takes back units of an order; `None` if there is no such order. A refusal
    /// is remembered.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written and the same can be sent again.
    pub fn change_order(
        &self,
        change: &OrderChange<'_>,
        moment: Moment,
        answer: impl FnOnce(Result<&PlacedOrder, &Reject>) -> Answer,
    ) -> Result<Option<Answered>, Fault> {
        self.expire_due(moment, EXPIRED_AT_ONCE)?;
        if let Some(answered) = self.answered(change.id, change.digest)? {
            return Ok(Some(answered));
        }
        let Some(placed) = self.order(change.order)? else { return Ok(None) };
        let (order, lines) = (placed.order.clone(), change.lines.clone());
        let (command, kind) = match &change.action {
            OrderAction::Ship => (Command::Ship(order, lines), Booked::Sold),
            OrderAction::Cancel { by_buyer } => {
                (Command::Cancel { order, lines, only_waiting: *by_buyer }, Booked::Returned)
            }
            OrderAction::Return { to } => {
                (Command::Return { order, lines, to: to.clone() }, Booked::Returned)
            }
        };
        let mut loaded = self.load(skus_of(&command), moment)?;
        let decision = match decide(&loaded.stock, &command, moment.now) {
            Ok(decision) => decision,
            Err(why) => {
                return self.refuse(change.id, change.digest, answer(Err(&why)), moment).map(Some);
            }
        };
        let order = decision.order.clone().ok_or(Fault::Corrupt("a decision has no order"))?;
        let after = PlacedOrder { order, ..placed.clone() };
        let answer = answer(Ok(&after));
        self.atomically(|| {
            self.remember(change.id, change.digest, &answer, moment)?;
            self.update_order(&placed.order, &after.order)?;
            let source = Source { id: change.id, kind, reason: change.reason };
            self.write_down(&mut loaded, &decision, source, moment)?;
            self.go_on(&decision, moment)
        })?;
        Ok(Some(Answered::First(answer)))
    }
}
