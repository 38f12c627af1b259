//! What is old enough goes, and nothing else does.

use crate::{
    broken::{Broken, same},
    check,
    clock::{MAX_SKEW_MS, START},
    command::Name,
    world::World,
};
use ledger::PlaceState;
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};
use store::{MOVEMENTS_KEPT_MS, Moment, RECORDS_KEPT_MS};

const RULE: &str =
    "what was answered is kept for a week, and movements and ended places for 400 days";

impl World {
    /// After a sweep, whatever came of it: the auditor strikes out what has gone, and it was old.
    pub(crate) fn strikes_out(&mut self, moment: Moment) -> Result<(), Broken> {
        let old = moment.now - RECORDS_KEPT_MS;
        let ids = |table| -> Result<BTreeSet<Name>, Broken> {
            let rows = self.sqlite.rows(table, &[], |row| row.get::<_, String>(0))?;
            Ok(rows.into_iter().map(Name::from).collect())
        };
        let (records, holds) = (ids("SELECT id FROM commands")?, ids("SELECT id FROM holds")?);
        let books = &mut self.books;
        let past = &mut self.past;
        let mut gone = Vec::new();
        books.records.retain(|id, record| {
            let stays = records.contains(id);
            if !stays {
                gone.push((id.clone(), Some(record.at)));
                past.entry(id.clone()).or_default().extend(record.moved.iter().cloned());
            }
            stays
        });
        books.holds.retain(|id, hold| {
            let stays = holds.contains(id);
            if !stays {
                gone.push((id.clone(), hold.ended.as_ref().map(|ended| ended.at)));
                let by = hold.ended.as_ref().and_then(|ended| ended.by.as_ref());
                gone.extend(by.map(|(id, _)| (id.clone(), Some(old - 1))));
                if let Some((id, sold)) = hold.sold() {
                    past.entry(id.clone()).or_default().extend(sold);
                }
            }
            stays
        });
        for (id, at) in gone {
            same(RULE, &id, &true, &at.is_some_and(|at| at < old))?;
            self.forgotten.insert(id);
        }
        self.strikes_places(moment.now - MOVEMENTS_KEPT_MS)?;
        self.strikes_movements(moment.now - MOVEMENTS_KEPT_MS)
    }

    /// Only places that have ended go.
    fn strikes_places(&mut self, old: i64) -> Result<(), Broken> {
        let kept = self.sqlite.rows("SELECT n FROM places", &[], |row| row.get::<_, u32>(0))?;
        let kept: BTreeSet<usize> = kept.into_iter().map(|n| n as usize).collect();
        let line = &mut self.books.line;
        for (at, place) in line.places.iter().enumerate() {
            if !kept.contains(&(at + 1)) && line.swept.insert(at) {
                let has_ended = !matches!(place.state, PlaceState::Waiting | PlaceState::Offered);
                let may_go = has_ended && old >= START - MAX_SKEW_MS;
                same(RULE, format!("place {at} is gone"), &true, &may_go)?;
            }
        }
        let written = &mut self.books.supply.lists.places;
        if written.keys().any(|n| !kept.contains(n)) {
            Rc::make_mut(written).retain(|n, _| kept.contains(n));
        }
        Ok(())
    }

    fn strikes_movements(&mut self, old: i64) -> Result<(), Broken> {
        self.books.old = self.books.old.max(old);
        let kept = self.sqlite.rows("SELECT COUNT(*) FROM movements", &[], |row| row.get(0))?;
        let kept: i64 = kept.first().copied().unwrap_or_default();
        let made = self.books.places.values().flat_map(BTreeMap::values).map(|place| place.moves);
        let made: i64 = made.sum();
        if made - self.books.swept == kept {
            return Ok(());
        }
        self.books.swept = made - kept;
        let may_be_old = old >= START - MAX_SKEW_MS;
        same(RULE, "movements are gone", &true, &may_be_old)?;
        check::movements(&self.sqlite, true)
    }
}
