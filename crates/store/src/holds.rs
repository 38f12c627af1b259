//! Holds: made, ended, expired. A hold's row is also its record: what was answered is made of it
//! again, so a hold and its commit write five rows and no more.

use crate::{
    Answer, Answered, Fault, Moment, Sql, Store,
    books::{Booked, Dirty, Source},
    bugs::{self, Bug},
    hold_rows::Placed,
};
use ledger::{BuyerLimit, Cart, Command, Hold, Line, Region, Reject, Sku, Way, decide};
use std::collections::BTreeSet;

/// Overdue holds that a command ends before it is decided; the alarm ends the others. Each takes
/// some 50 µs.
pub(crate) const EXPIRED_AT_ONCE: i64 = 200;

/// A hold that is asked for.
#[derive(Clone, Debug)]
pub struct HoldRequest<'a> {
    /// Chosen by the sender; commands and holds share their ids.
    pub id: &'a str,
    /// SHA-256 of what was sent.
    pub digest: &'a [u8],
    /// What is to be held.
    pub lines: Vec<Line>,
    /// For how long.
    pub lifetime_ms: i64,
    /// Where the buyer is.
    pub region: Option<Region>,
    /// A hash of who the buyer is, if the sender says.
    pub buyer: Option<&'a [u8]>,
    /// Of a browser's own hold, a hash of the network it came from.
    pub network: Option<&'a [u8]>,
}

/// The end of a hold that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Resolution<'a> {
    /// The hold's id.
    pub hold: &'a str,
    /// Chosen by the sender: an order's number, say.
    pub id: &'a str,
    /// [`Way::Commit`] or [`Way::Release`].
    pub way: Way,
    /// Why, for the books.
    pub reason: Option<&'a str>,
    /// A hash of whose hold it must be: another's is none. Whoever's, if it is left out.
    pub buyer: Option<&'a [u8]>,
}

impl<S: Sql> Store<S> {
    /// Decides whether a cart can be held, and holds it. The same request again is answered from
    /// what was kept, by `answer` anew.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written and the same request can be sent again.
    pub fn hold(
        &self,
        request: &HoldRequest<'_>,
        moment: Moment,
        answer: impl FnOnce(Result<&Hold, &Reject>) -> Answer,
    ) -> Result<Answered, Fault> {
        self.expire_due(moment, EXPIRED_AT_ONCE)?;
        match self.placed(request.id)? {
            Some(Placed { digest, .. }) if digest != request.digest => {
                return Ok(Answered::IdReused);
            }
            Some(Placed { outcome: Ok(hold), .. }) => {
                return Ok(Answered::Again(answer(Ok(&hold))));
            }
            Some(Placed { outcome: Err(refusal), .. }) => return Ok(Answered::Again(refusal)),
            None => {}
        }
        let cart = self.cart(request)?;
        let mut loaded = self.load(cart.lines.iter().map(|line| &line.sku), moment)?;
        let decided = decide(&loaded.stock, &Command::Hold(cart), moment.now);
        let (hold, decision) = match decided {
            Ok(decision) => match &decision.hold {
                Some(hold) => (hold.clone(), decision),
                None => return Err(Fault::Corrupt("a decision has no hold")),
            },
            Err(why) => return self.refuse(request.id, request.digest, answer(Err(&why)), moment),
        };
        let answer = answer(Ok(&hold));
        let known = self.expiry.take();
        self.atomically(|| {
            self.insert_hold(request, &hold)?;
            let source = source(request.id, None);
            self.write_down(&mut loaded, &decision, source, moment)
        })?;
        // Only now: what is said to have failed may stand all the same.
        let earliest = |at: Option<i64>| at.map_or(hold.expires_at, |at| at.min(hold.expires_at));
        self.expiry.set(known.map(|at| Some(earliest(at))));
        Ok(Answered::First(answer))
    }

    /// Ends a hold; `None` if there is no such hold, or none any more. The same resolution again
    /// is answered by `answer` anew; another hears how the hold has ended.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written and the same can be sent again.
    pub fn resolve(
        &self,
        resolution: &Resolution<'_>,
        moment: Moment,
        answer: impl FnOnce(Result<&Hold, &Reject>) -> Answer,
    ) -> Result<Option<Answered>, Fault> {
        self.expire_due(moment, EXPIRED_AT_ONCE)?;
        let Some(hold) = self.hold_of(resolution.hold, resolution.buyer)? else {
            return Ok(None);
        };
        if hold.resolution.as_deref() == Some(resolution.id) && ended_so(&hold, resolution.way) {
            return Ok(Some(Answered::Again(answer(Ok(&hold)))));
        }
        let mut loaded = self.load(hold.lines.iter().map(|line| &line.sku), moment)?;
        let command = Command::Resolve(hold, resolution.way);
        let decision = match decide(&loaded.stock, &command, moment.now) {
            Ok(decision) => decision,
            Err(why) => return Ok(Some(Answered::First(answer(Err(&why))))),
        };
        let Some(mut hold) = decision.hold.clone() else {
            return Err(Fault::Corrupt("a decision has no hold"));
        };
        hold.resolution = Some(resolution.id.to_owned());
        let source = source(resolution.id, resolution.reason);
        if bugs::has(Bug::ClaimEndedApart) {
            self.end_claim_apart(&hold, moment)?;
        }
        self.atomically(|| {
            self.end_hold(&hold, moment)?;
            self.write_down(&mut loaded, &decision, source, moment)?;
            self.go_on(&decision, moment)
        })?;
        Ok(Some(Answered::First(answer(Ok(&hold)))))
    }

    /// Ends at most so many holds whose time is over, and says how many.
    ///
    /// # Errors
    /// [`Fault`]; then none of them was ended.
    pub fn expire_due(&self, moment: Moment, most: i64) -> Result<usize, Fault> {
        if self.next_expiry()?.is_none_or(|earliest| earliest > moment.now) {
            return Ok(0);
        }
        let due = self.overdue(moment.now, most)?;
        self.expiry.set(None);
        if due.is_empty() {
            return Ok(0);
        }
        let skus: BTreeSet<&Sku> =
            due.iter().flat_map(|hold| hold.lines.iter().map(|line| &line.sku)).collect();
        let mut loaded = self.load(skus, moment)?;
        self.atomically(|| {
            let mut dirty = Dirty::default();
            for hold in &due {
                let command = Command::Resolve(hold.clone(), Way::Expire);
                let decision = decide(&loaded.stock, &command, moment.now)
                    .map_err(|_| Fault::Corrupt("an open hold has ended"))?;
                if let Some(ended) = &decision.hold {
                    self.end_hold(ended, moment)?;
                }
                let source = source(&hold.id, None);
                self.book(&mut loaded, &decision, source, moment, &mut dirty)?;
            }
            self.settle(&loaded, &dirty, moment)?;
            self.offer_after(moment)
        })?;
        Ok(due.len())
    }

    /// No open hold expires before this; `None` if none is open. It may be early: the hold that it
    /// was is perhaps committed by now.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn next_expiry(&self) -> Result<Option<i64>, Fault> {
        if let Some(known) = self.expiry.get() {
            return Ok(known);
        }
        let rows = self.sql.query("SELECT MIN(expires_at) FROM holds WHERE open = 1", &[])?;
        let earliest = rows.into_iter().next().map_or(Ok(None), |mut row| row.integer_or_null())?;
        self.expiry.set(Some(earliest));
        Ok(earliest)
    }

    /// The cart, with whatever limits it.
    fn cart(&self, request: &HoldRequest<'_>) -> Result<Cart, Fault> {
        let most = self.settings()?.max_held_per_buyer;
        let buyer = match (most, request.buyer) {
            (Some(most), Some(buyer)) => {
                Some(BuyerLimit { most: i64::from(most), held: self.held_by(buyer)? })
            }
            _ => None,
        };
        let browser = request.network.map(|network| self.browser_limit(network)).transpose()?;
        Ok(Cart {
            id: request.id.to_owned(),
            lines: request.lines.clone(),
            lifetime_ms: request.lifetime_ms,
            region: request.region.clone(),
            buyer,
            browser,
        })
    }
}

fn ended_so(hold: &Hold, way: Way) -> bool {
    ledger::HOLD_STATES.iter().any(|(_, how, to)| (*how, *to) == (way, hold.state))
}

/// The only movement that a hold ever makes is the sale of its commit.
fn source<'a>(id: &'a str, reason: Option<&'a str>) -> Source<'a> {
    Source { id, kind: Booked::Sold, reason }
}
