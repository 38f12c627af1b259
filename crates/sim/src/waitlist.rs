//! Waitlists: as they stand in the database, read by SQL alone, and the auditor's own line of those
//! who wait.

use crate::{
    books::{Books, Ended, Hold},
    broken::Broken,
    command::{Cart, Name},
    decided::Held,
    judge_waitlist::{self, News},
    sqlite::{Sqlite, Table},
    supply::renew,
};
use ledger::{HoldState, PlaceEvent, PlaceState};
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};
use store::{Answer, Moment};

/// What is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// How each waitlist stands, by SKU.
    pub rows: Rc<BTreeMap<Name, Row>>,
    /// Places by their number.
    pub places: Rc<BTreeMap<usize, Place>>,
    /// Open holds that are claims, by id.
    pub claims: Rc<BTreeMap<Name, Claim>>,
    /// What Outreach has not confirmed.
    pub notices: Rc<Vec<Notice>>,
}

/// How a waitlist stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Places that wait, claims, units in them, and units that were free or claimed at the last
    /// look.
    pub counts: [i64; 4],
    /// Units for the open shelf alone.
    pub shelf: i64,
    /// A wave has begun and is not used up.
    pub offering: bool,
    /// Somebody may be offered something.
    pub due: bool,
}

/// A place in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its id.
    pub id: Name,
    /// Of what.
    pub sku: Name,
    /// Units wanted.
    pub wanted: i64,
    /// Units offered.
    pub offered: Option<i64>,
    /// Where it stands.
    pub state: PlaceState,
}

/// A hold that is a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Of what: perhaps a kit, of which its lines have the components.
    pub sku: Name,
    /// From then on it holds nothing.
    pub until: i64,
    /// What it holds, and where.
    pub lines: Vec<(Name, Name, i64, i64)>,
}

/// What Outreach is told: of which place, of what, how many, and until when.
pub type Notice = (Name, Name, i64, Option<i64>);

/// The auditor's own line.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Who has joined, in their order: all waitlists in one.
    pub places: Vec<Place>,
    /// Those of them, by index, that ended long ago and have gone.
    pub swept: BTreeSet<usize>,
    /// What Outreach must hear, once.
    pub notices: BTreeMap<Name, Notice>,
    /// What was written when it was judged last.
    pub judged: Lists,
}

impl Lists {
    /// Are places, claims and notices those of the other, for nobody wrote there since?
    pub fn is_like(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.places, &other.places)
            && Rc::ptr_eq(&self.claims, &other.claims)
            && Rc::ptr_eq(&self.notices, &other.notices)
    }

    /// Reads what may have changed.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn read(
        &mut self,
        sqlite: &Sqlite,
        is_touched: impl Fn(Table) -> bool,
    ) -> Result<(), Broken> {
        if is_touched(Table::Waitlists) {
            renew(&mut self.rows, rows(sqlite)?);
        }
        if is_touched(Table::Places) {
            renew(&mut self.places, places(sqlite)?);
        }
        if is_touched(Table::Claims) {
            renew(&mut self.claims, claims(sqlite)?);
        }
        if is_touched(Table::Notices) {
            let notices = sqlite.rows(
                "SELECT place, sku, units, expires_at FROM notices ORDER BY n",
                &[],
                |row| Ok((name(row, 0)?, name(row, 1)?, row.get(2)?, row.get(3)?)),
            )?;
            renew(&mut self.notices, notices);
        }
        Ok(())
    }
}

fn name(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Name> {
    Ok(row.get_ref(at)?.as_str()?.into())
}

fn rows(sqlite: &Sqlite) -> Result<BTreeMap<Name, Row>, Broken> {
    let rows = sqlite.rows(
        "SELECT sku, places, claims, claimed, seen, shelf, offering, due FROM waitlists",
        &[],
        |row| {
            let counts = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
            let found = Row { counts, shelf: row.get(5)?, offering: row.get(6)?, due: row.get(7)? };
            Ok((name(row, 0)?, found))
        },
    )?;
    Ok(rows.into_iter().collect())
}

fn places(sqlite: &Sqlite) -> Result<BTreeMap<usize, Place>, Broken> {
    let rows =
        sqlite.rows("SELECT n, id, sku, wanted, offered, state FROM places", &[], |row| {
            let state = row.get_ref(5)?.as_str()?;
            let state = PlaceState::ALL.iter().find(|known| known.as_str() == state);
            let place = Place {
                id: name(row, 1)?,
                sku: name(row, 2)?,
                wanted: row.get(3)?,
                offered: row.get(4)?,
                state: *state.ok_or(rusqlite::Error::InvalidQuery)?,
            };
            Ok((row.get::<_, u32>(0)? as usize, place))
        })?;
    Ok(rows.into_iter().collect())
}

fn claims(sqlite: &Sqlite) -> Result<BTreeMap<Name, Claim>, Broken> {
    let rows = sqlite.rows(
        "SELECT id, claim, expires_at, lines FROM holds WHERE open = 1 AND claim IS NOT NULL",
        &[],
        |row| {
            let lines = row.get_ref(3)?.as_str()?.lines().skip(1).filter_map(|line| {
                let mut parts = line.split('\t');
                let (sku, at) = (parts.next()?.into(), parts.next()?.into());
                Some((sku, at, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
            });
            let claim = Claim { sku: name(row, 1)?, until: row.get(2)?, lines: lines.collect() };
            Ok((name(row, 0)?, claim))
        },
    )?;
    Ok(rows.into_iter().collect())
}

impl Books {
    /// The place of this id.
    pub fn place_of(&self, id: &str) -> Option<&Place> {
        let places = self.line.places.iter().enumerate();
        let mut kept = places.filter(|(at, _)| !self.line.swept.contains(at));
        kept.find_map(|(_, place)| (*place.id == *id).then_some(place))
    }

    /// Somebody has a place at the end of the line, unless they have had one.
    pub fn join(&mut self, id: &Name, sku: &Name, wanted: i64) {
        if self.place_of(id).is_none() && self.skus.contains_key(sku) {
            let (id, sku) = (id.clone(), sku.clone());
            let place = Place { id, sku, wanted, offered: None, state: PlaceState::Waiting };
            self.line.places.push(place);
        }
    }

    /// Somebody who waited does not any more.
    pub fn leave(&mut self, id: &Name, event: PlaceEvent, moment: Moment) {
        let found = self.line.places.iter_mut().rev().find(|place| place.id == *id);
        match (found, event) {
            (Some(place), PlaceEvent::Leave) if place.state == PlaceState::Waiting => {
                place.state = PlaceState::Left;
            }
            (Some(place), PlaceEvent::WaitOut) if place.state == PlaceState::Waiting => {
                place.state = PlaceState::WaitedOut;
            }
            (Some(place), PlaceEvent::Leave) if place.state == PlaceState::Offered => {
                let hold = self.holds.get_mut(id);
                let Some(hold) = hold.filter(|hold| hold.held.state == HoldState::Open) else {
                    return;
                };
                hold.held.state = HoldState::Released;
                let answer = Answer { status: 200, body: String::new() };
                let by = Some((format!("leave\n{id}").into(), answer));
                hold.ended = Some(Ended { at: moment.now, by, ordered: false });
                let lines = hold.held.lines.clone();
                self.give_back(&lines, moment);
            }
            _ => {}
        }
    }

    /// What was offered in this turn, and which claims have ended, is judged and booked; `told` is
    /// what Outreach has heard. If it may not be so the books stay as they are.
    ///
    /// # Errors
    /// The rule that was broken.
    pub fn takes_offers(
        &mut self,
        told: &BTreeMap<Name, Notice>,
        moment: Moment,
    ) -> Result<News, Broken> {
        let news = News::of(self);
        judge_waitlist::order(self, &news)?;
        let skus = self.supply.lists.rows.keys();
        let available: BTreeMap<Name, i64> =
            skus.map(|sku| (sku.clone(), self.available_to_sell(sku))).collect();
        let mut held = Vec::new();
        let judged = self
            .holds_claims(&news, &mut held, moment)
            .and_then(|()| judge_waitlist::stands(self, &news, &available, told));
        if let Err(broken) = judged {
            for (sku, at, units, _) in held {
                self.place_mut(&sku, &at).held -= units;
            }
            return Err(broken);
        }
        self.serves(&news, moment);
        Ok(news)
    }

    /// Units of new claims are held where they may be; `held` says which are.
    fn holds_claims(
        &mut self,
        news: &News,
        held: &mut Vec<(Name, Name, i64, i64)>,
        moment: Moment,
    ) -> Result<(), Broken> {
        let claims = Rc::clone(&self.supply.lists.claims);
        for (at, units) in &news.offered {
            let place = &self.line.places[*at];
            let claim = judge_waitlist::claim(self, place, *units, claims.get(&place.id), moment)?;
            for (sku, location, units, _) in &claim.lines {
                self.place_mut(sku, location).held += units;
            }
            held.extend(claim.lines.iter().cloned());
        }
        Ok(())
    }

    fn serves(&mut self, news: &News, moment: Moment) {
        let claims = Rc::clone(&self.supply.lists.claims);
        self.line.judged = self.supply.lists.clone();
        for (at, state) in &news.ended {
            self.line.places[*at].state = *state;
        }
        let mut skus = BTreeSet::new();
        for (at, units) in &news.offered {
            let place = &mut self.line.places[*at];
            (place.state, place.offered) = (PlaceState::Offered, Some(*units));
            let Some(claim) = claims.get(&place.id) else { continue };
            let notice = (place.id.clone(), place.sku.clone(), *units, Some(claim.until));
            self.line.notices.insert(place.id.clone(), notice);
            skus.extend(claim.lines.iter().map(|(sku, ..)| sku.clone()));
            let lines = claim.lines.clone();
            let held = Held { state: HoldState::Open, expires_at: claim.until, lines };
            let lifetime_ms = claim.until - moment.now;
            let cart =
                Cart { lines: Vec::new(), lifetime_ms, region: None, buyer: None, network: None };
            // Nobody asked for it, so nobody is answered.
            let answer = Answer { status: 0, body: String::new() };
            let hold = Hold { digest: Vec::new(), answer, held, cart, ended: None };
            self.holds.insert(place.id.clone(), hold);
        }
        self.refresh_with_kits(&skus, moment);
    }
}
