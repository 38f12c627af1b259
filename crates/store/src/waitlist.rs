//! Waitlists: places in line, claims offered to them a few at a time, and what Outreach has to be
//! told of that.

use crate::{
    Fault, Moment, Resolution, Sql, Store,
    books::{Booked, Source},
    bugs::{self, Bug},
    catalogue::sku_from,
    load::Loaded,
    sql::bind,
};
use ledger::{
    Decision, Hold, HoldState, MAX_QUANTITY, Offer, Place, PlaceEvent, PlaceState, Sku, Waitlist,
    Way, offer,
};

/// Places that are looked at in one transaction. Each that is offered something takes six
/// statements.
const PLACES_PER_TURN: i64 = 50;

/// Notices that Outreach is told at once.
pub const NOTICES_AT_ONCE: i64 = 100;

/// What came of joining a waitlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// It has its place, or had it before.
    Yes,
    /// The shop has no such SKU.
    UnknownSku,
}

/// Somebody's place, as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPlace {
    /// Of which SKU.
    pub sku: Sku,
    /// Units wanted.
    pub wanted: i64,
    /// Units offered, if any were.
    pub offered: Option<i64>,
    /// Where it stands.
    pub state: PlaceState,
}

/// What Outreach has to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its number; they grow.
    pub n: i64,
    /// The place's id.
    pub place: String,
    /// Of what there is some.
    pub sku: Sku,
    /// Units offered.
    pub units: i64,
    /// Until when they are kept, in UTC milliseconds; `None` if none are.
    pub kept_until: Option<i64>,
}

/// How many wait for a SKU, and what became of those who did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Of what.
    pub sku: Sku,
    /// Places and the units wanted with them, in the order of [`PlaceState::ALL`].
    pub places: Vec<(PlaceState, i64, i64)>,
}

impl<S: Sql> Store<S> {
    /// Gives somebody a place at the end of the line. The same id again has its place already.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written and the same can be sent again.
    pub fn join(&self, id: &str, sku: &Sku, wanted: i64, moment: Moment) -> Result<Joined, Fault> {
        if self.place(id)?.is_some() {
            return Ok(Joined::Yes);
        }
        self.atomically(|| {
            let known = self.sql.query(
                "UPDATE skus SET waited_for = 1 WHERE sku = ? RETURNING 1",
                bind![sku.as_str()],
            )?;
            if known.is_empty() {
                return Ok(Joined::UnknownSku);
            }
            self.sql.query(
                "INSERT INTO places (id, sku, wanted, joined_at, changed_at) VALUES (?, ?, ?, ?, ?)",
                bind![id, sku.as_str(), wanted, moment.now, moment.now],
            )?;
            self.sql.query(
                "INSERT INTO waitlists (sku, places) VALUES (?, 1)
                 ON CONFLICT (sku) DO UPDATE SET places = places + 1",
                bind![sku.as_str()],
            )?;
            self.look_at_waitlist(sku, &self.load([sku], moment)?)?;
            self.offer_after(moment)?;
            Ok(Joined::Yes)
        })
    }

    /// Ends a place: whoever waited does not want to any more, or has waited for as long as they
    /// may. What was offered to whoever leaves goes to the next. A place that has ended stays as it
    /// is, and so does one that is offered something when its time is over.
    ///
    /// # Errors
    /// [`Fault`]; then nothing was written and the same can be sent again.
    pub fn leave(&self, id: &str, event: PlaceEvent, moment: Moment) -> Result<(), Fault> {
        let Some(place) = self.place(id)? else { return Ok(()) };
        let Some(after) = place.state.after(event) else { return Ok(()) };
        if place.state == PlaceState::Offered {
            // Its end ends the place. Whoever else ends it first has ended it.
            let id_of_end = format!("leave\n{id}");
            let resolution = Resolution {
                hold: id,
                id: &id_of_end,
                way: Way::Release,
                reason: None,
                buyer: None,
            };
            let unsaid = |_: Result<&Hold, &ledger::Reject>| crate::Answer {
                status: 200,
                body: String::new(),
            };
            self.resolve(&resolution, moment, unsaid)?;
            return Ok(());
        }
        self.atomically(|| {
            self.write_place(id, after, None, moment)?;
            self.sql.query(
                "UPDATE waitlists SET places = places - 1 WHERE sku = ?",
                bind![place.sku.as_str()],
            )?;
            Ok(())
        })
    }

    /// The place of this id.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn place(&self, id: &str) -> Result<Option<StoredPlace>, Fault> {
        let rows = self
            .sql
            .query("SELECT sku, wanted, offered, state FROM places WHERE id = ?", bind![id])?;
        let place = rows.into_iter().next().map(|mut row| {
            Ok(StoredPlace {
                sku: sku_from(row.text()?)?,
                wanted: row.integer()?,
                offered: row.integer_or_null()?,
                state: state_from(&row.text()?)?,
            })
        });
        place.transpose()
    }

    /// Takes note of how many units of a SKU nobody holds, if somebody waits for it. What is hidden
    /// is offered to nobody.
    pub(crate) fn look_at_waitlist(&self, sku: &Sku, loaded: &Loaded) -> Result<(), Fault> {
        let before = self.waitlist_of(sku)?;
        let policy = self.settings()?.waitlist;
        let available = loaded.stock.available_to_sell(sku);
        let mut waitlist = before;
        waitlist.looked_at(available, &policy);
        let due = !is_hidden(loaded, sku) && waitlist.to_offer(available, &policy) > 0;
        if waitlist != before || due {
            self.write_waitlist(sku, &waitlist, due)?;
        }
        Ok(())
    }

    /// A hold has ended that was somebody's claim.
    pub(crate) fn claim_ends(&self, sku: &Sku, hold: &Hold, moment: Moment) -> Result<(), Fault> {
        let event = match hold.state {
            HoldState::Committed => PlaceEvent::Take,
            HoldState::Released => PlaceEvent::Decline,
            HoldState::Expired => PlaceEvent::Lapse,
            HoldState::Open => return Err(Fault::Corrupt("a claim that is open has ended")),
        };
        let place = self.place(&hold.id)?.ok_or(Fault::Corrupt("a claim has no place"))?;
        if bugs::has(Bug::ClaimEndedApart) && place.state != PlaceState::Offered {
            return Ok(());
        }
        let (Some(units), Some(after)) = (place.offered, place.state.after(event)) else {
            return Err(Fault::Corrupt("a claim's place is in another state"));
        };
        self.write_place(&hold.id, after, None, moment)?;
        let mut waitlist = self.waitlist_of(sku)?;
        waitlist.claim_ended(units, event == PlaceEvent::Take);
        // Who looks at a component looks at its kits; but what was a kit may be none any more.
        let was_kit = hold.lines.iter().all(|line| line.sku != *sku);
        self.write_waitlist(sku, &waitlist, was_kit)
    }

    /// See [`Bug::ClaimEndedApart`].
    pub(crate) fn end_claim_apart(&self, hold: &Hold, moment: Moment) -> Result<(), Fault> {
        let claims = self.sql.query(
            "SELECT claim FROM holds WHERE open = 1 AND id = ? AND claim IS NOT NULL",
            bind![hold.id.as_str()],
        )?;
        for mut row in claims {
            self.claim_ends(&sku_from(row.text()?)?, hold, moment)?;
        }
        Ok(())
    }

    /// What can be offered in the transaction of a command that changed what there is: in a small
    /// shop all of it. The alarm offers the rest.
    pub(crate) fn offer_after(&self, moment: Moment) -> Result<(), Fault> {
        if self.nothing_due.get() {
            return Ok(());
        }
        match self.offerable()? {
            Some(sku) => self.offer_some(&sku, moment)?,
            None => self.nothing_due.set(true),
        }
        Ok(())
    }

    /// Offers to at most about so many places what there is for them; true if there may be more.
    ///
    /// # Errors
    /// [`Fault`]; then some of it may have been done, in whole steps.
    pub fn offer_due(&self, moment: Moment, most: i64) -> Result<bool, Fault> {
        let mut left = most;
        while left > 0 {
            let Some(sku) = self.offerable()? else { return Ok(false) };
            self.atomically(|| self.offer_some(&sku, moment))?;
            left = left.saturating_sub(PLACES_PER_TURN);
        }
        Ok(self.offerable()?.is_some())
    }

    /// A SKU of which somebody may be offered something.
    fn offerable(&self) -> Result<Option<Sku>, Fault> {
        let rows = self.sql.query("SELECT sku FROM waitlists WHERE due = 1 LIMIT 1", &[])?;
        rows.into_iter().next().map(|mut row| sku_from(row.text()?)).transpose()
    }

    /// Is there something to be offered?
    ///
    /// # Errors
    /// [`Fault`].
    pub fn is_offering(&self) -> Result<bool, Fault> {
        Ok(self.offerable()?.is_some())
    }

    /// One turn.
    fn offer_some(&self, sku: &Sku, moment: Moment) -> Result<(), Fault> {
        let mut loaded = self.load([sku], moment)?;
        let (policy, mut waitlist) = (self.settings()?.waitlist, self.waitlist_of(sku)?);
        let available = loaded.stock.available_to_sell(sku);
        waitlist.looked_at(available, &policy);
        if is_hidden(&loaded, sku) {
            return self.write_waitlist(sku, &waitlist, false);
        }
        let room = waitlist.to_offer(available, &policy);
        let places = self.first_in_line(sku, if policy.smaller { MAX_QUANTITY } else { room })?;
        let offered = offer(&loaded.stock, sku, waitlist, &places, &policy, moment.now);
        let Offer { decision, claims, told, waitlist } =
            offered.map_err(|_| Fault::Corrupt("what is available cannot be held"))?;
        let nobody = claims.is_empty() && told.is_empty();
        self.write_waitlist(sku, &waitlist, false)?;
        if nobody {
            return Ok(());
        }
        for hold in &claims {
            self.claim_begins(sku, hold, &places, moment)?;
        }
        for (place, units) in &told {
            self.write_place(place, PlaceState::Told, Some(*units), moment)?;
            self.notify(place, sku, *units, None, moment)?;
        }
        let source = Source { id: "", kind: Booked::Sold, reason: None };
        self.write_down(&mut loaded, &decision, source, moment)?;
        // Without a hold nothing has changed for shoppers; there may be more to tell.
        self.look_at_waitlist(sku, &loaded)
    }

    fn claim_begins(
        &self,
        sku: &Sku,
        hold: &Hold,
        places: &[Place],
        moment: Moment,
    ) -> Result<(), Fault> {
        let place = places.iter().find(|place| place.id == hold.id);
        let place = place.ok_or(Fault::Corrupt("a claim has no place"))?;
        let units = self.units_of(sku, hold)?.min(place.wanted);
        self.insert_claim(sku, hold)?;
        self.write_place(&hold.id, PlaceState::Offered, Some(units), moment)?;
        self.notify(&hold.id, sku, units, Some(hold.expires_at), moment)?;
        // It is read anew: this may come to be or not.
        self.expiry.set(None);
        Ok(())
    }

    /// Units of the SKU in a claim: of a kit, as many as its components make.
    fn units_of(&self, sku: &Sku, hold: &Hold) -> Result<i64, Fault> {
        let held = |sku: &Sku| {
            let lines = hold.lines.iter().filter(|line| line.sku == *sku);
            lines.fold(0_i64, |sum, line| sum.saturating_add(line.quantity))
        };
        let parts = self.components_of(sku)?;
        let made = parts.iter().map(|part| held(&part.sku).checked_div(part.quantity).unwrap_or(0));
        Ok(made.min().unwrap_or_else(|| held(sku)))
    }

    /// The first places of a line that want no more than so many units. A claim is a hold with its
    /// place's id, so whoever has made another hold with that is passed over.
    fn first_in_line(&self, sku: &Sku, most: i64) -> Result<Vec<Place>, Fault> {
        let statement = if bugs::has(Bug::LastInLineFirst) {
            "SELECT id, wanted FROM places WHERE sku = ? AND state = 'waiting' AND wanted <= ?
                AND NOT EXISTS
                    (SELECT 1 FROM holds WHERE open IN (0, 1) AND holds.id = places.id)
             ORDER BY n DESC LIMIT ?"
        } else {
            "SELECT id, wanted FROM places WHERE sku = ? AND state = 'waiting' AND wanted <= ?
                AND NOT EXISTS
                    (SELECT 1 FROM holds WHERE open IN (0, 1) AND holds.id = places.id)
             ORDER BY n LIMIT ?"
        };
        self.sql
            .query(statement, bind![sku.as_str(), most, PLACES_PER_TURN])?
            .into_iter()
            .map(|mut row| Ok(Place { id: row.text()?, wanted: row.integer()? }))
            .collect()
    }

    fn write_place(
        &self,
        id: &str,
        state: PlaceState,
        offered: Option<i64>,
        moment: Moment,
    ) -> Result<(), Fault> {
        self.sql.query(
            "UPDATE places SET state = ?, offered = COALESCE(?, offered), changed_at = ?
             WHERE id = ?",
            bind![state.as_str(), offered, moment.now, id],
        )?;
        Ok(())
    }

    fn waitlist_of(&self, sku: &Sku) -> Result<Waitlist, Fault> {
        let rows = self.sql.query(
            "SELECT places, claims, claimed, shelf, seen, offering FROM waitlists WHERE sku = ?",
            bind![sku.as_str()],
        )?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(Waitlist::default()) };
        Ok(Waitlist {
            places: row.integer()?,
            claims: row.integer()?,
            claimed: row.integer()?,
            shelf: row.integer()?,
            seen: row.integer()?,
            offering: row.integer()? != 0,
        })
    }

    fn write_waitlist(&self, sku: &Sku, waitlist: &Waitlist, due: bool) -> Result<(), Fault> {
        self.sql.query(
            "UPDATE waitlists SET places = ?, claims = ?, claimed = ?, shelf = ?, seen = ?,
                offering = ?, due = ? WHERE sku = ?",
            bind![
                waitlist.places,
                waitlist.claims,
                waitlist.claimed,
                waitlist.shelf,
                waitlist.seen,
                i64::from(waitlist.offering),
                i64::from(due),
                sku.as_str(),
            ],
        )?;
        if due {
            self.news.set(true);
            self.nothing_due.set(false);
        }
        Ok(())
    }

    fn notify(
        &self,
        place: &str,
        sku: &Sku,
        units: i64,
        kept_until: Option<i64>,
        moment: Moment,
    ) -> Result<(), Fault> {
        let kind = if kept_until.is_some() { "claim" } else { "back" };
        self.sql.query(
            "INSERT INTO notices (place, kind, sku, units, at, expires_at)
             VALUES (?, ?, ?, ?, ?, ?)",
            bind![place, kind, sku.as_str(), units, moment.now, kept_until],
        )?;
        self.news.set(true);
        Ok(())
    }

    /// The first [`NOTICES_AT_ONCE`] notices that Outreach has not confirmed.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn notices(&self) -> Result<Vec<Notice>, Fault> {
        let statement = if bugs::has(Bug::NoticeClosedOnRead) {
            "DELETE FROM notices WHERE n IN (SELECT n FROM notices ORDER BY n LIMIT ?)
             RETURNING n, place, sku, units, expires_at"
        } else {
            "SELECT n, place, sku, units, expires_at FROM notices ORDER BY n LIMIT ?"
        };
        self.sql
            .query(statement, bind![NOTICES_AT_ONCE])?
            .into_iter()
            .map(|mut row| {
                Ok(Notice {
                    n: row.integer()?,
                    place: row.text()?,
                    sku: sku_from(row.text()?)?,
                    units: row.integer()?,
                    kept_until: row.integer_or_null()?,
                })
            })
            .collect()
    }

    /// Is there anything that Outreach has not confirmed?
    ///
    /// # Errors
    /// [`Fault`].
    pub fn has_notices(&self) -> Result<bool, Fault> {
        Ok(!self.sql.query("SELECT 1 FROM notices LIMIT 1", &[])?.is_empty())
    }

    /// Outreach has these notices. A number may be another's by now, if this is heard late.
    ///
    /// # Errors
    /// [`Fault`]; then none of them was confirmed.
    pub fn confirm_notices(&self, told: &[Notice]) -> Result<(), Fault> {
        self.atomically(|| {
            for Notice { n, place, .. } in told {
                self.sql.query(
                    "DELETE FROM notices WHERE n = ? AND place = ?",
                    bind![*n, place.as_str()],
                )?;
            }
            Ok(())
        })
    }

    /// How many wait for each SKU after this one, by SKU: at most [`crate::MAX_PAGE`].
    ///
    /// # Errors
    /// [`Fault`].
    pub fn demand_after(&self, sku: &str) -> Result<Vec<Demand>, Fault> {
        let mut found: Vec<Demand> = Vec::new();
        let rows = self.sql.query(
            "SELECT sku, state, COUNT(*), SUM(wanted) FROM places
             WHERE sku IN (SELECT sku FROM waitlists WHERE sku > ? ORDER BY sku LIMIT ?)
             GROUP BY sku, state ORDER BY sku",
            bind![sku, crate::MAX_PAGE],
        )?;
        for mut row in rows {
            let sku = sku_from(row.text()?)?;
            let counted = (state_from(&row.text()?)?, row.integer()?, row.integer()?);
            match found.last_mut() {
                Some(last) if last.sku == sku => last.places.push(counted),
                _ => found.push(Demand { sku, places: vec![counted] }),
            }
        }
        Ok(found)
    }

    /// What can be done before a command is answered of what follows from it, in its transaction:
    /// promises made anew, and what is free offered to those who wait.
    pub(crate) fn go_on(&self, decision: &Decision, moment: Moment) -> Result<(), Fault> {
        self.settle_after(decision, moment)?;
        self.offer_after(moment)
    }
}

fn is_hidden(loaded: &Loaded, sku: &Sku) -> bool {
    loaded.faces.get(sku).is_some_and(|face| face.hidden)
}

fn state_from(text: &str) -> Result<PlaceState, Fault> {
    let known = PlaceState::ALL.iter().find(|state| state.as_str() == text);
    known.copied().ok_or(Fault::Corrupt("a place's state is unknown"))
}
