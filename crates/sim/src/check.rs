//! What must hold at the end, when everything has healed and everything due is done.

use crate::{
    ask,
    books::{Hold, Moved},
    broken::{Broken, same},
    command::{Body, Name},
    compare, judge_supply, shows,
    sqlite::Sqlite,
    supply::Supply,
    world::World,
};
use ledger::{HoldState, Way};
use std::collections::BTreeMap;
use store::Fault as StoreFault;

impl World {
    /// Every invariant.
    pub(crate) fn check(&mut self) -> Result<(), Broken> {
        compare::books(&self.books, &self.sqlite)?;
        compare::outbox(&self.kv, &self.sqlite)?;
        movements(&self.sqlite, self.books.swept > 0)?;
        self.held_is_what_open_holds_have()?;
        judge_supply::state(&self.books, &Supply::default())?;
        self.everything_is_promised()?;
        self.everything_is_told()?;
        self.everybody_was_told()?;
        self.every_order_was_told_of()?;
        self.everybody_was_answered()?;
        self.every_effect_is_there_once()?;
        self.counts_are_kept()?;
        self.the_past_is_explained()?;
        self.numbers_are_explained()
            .map_err(|fault| Broken::new("the store reads when nothing fails", fault))?
    }

    /// Nothing is being promised anew; then nothing is loose, nothing has arrived that is not handed
    /// out: see [`judge_supply::state`]. What came of purchase orders is noted.
    fn everything_is_promised(&self) -> Result<(), Broken> {
        let settling: Vec<_> =
            self.books.supply.queues.iter().filter(|(_, queue)| queue.settling).collect();
        same("every promise is made after healing", "settling", &Vec::new(), &settling)?;
        let wrong = self.sqlite.rows(
            "SELECT po, line FROM po_lines WHERE (received, missing) <>
                (SELECT COALESCE(SUM(units), 0), COALESCE(SUM(missing), 0) FROM receipts
                 WHERE receipts.sku = po_lines.sku AND receipts.po = po_lines.po
                    AND receipts.line = po_lines.line)
                AND state <> 'cancelled'",
            &[],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?)),
        )?;
        same("what came is noted with what did not", "receipts", &Vec::new(), &wrong)
    }

    fn held_is_what_open_holds_have(&self) -> Result<(), Broken> {
        let rule = "held is the sum of the open holds' lines";
        let mut held: BTreeMap<(&Name, &Name), i64> = BTreeMap::new();
        let open = self.books.holds.values().filter(|hold| hold.held.state == HoldState::Open);
        for (sku, location, units, _) in open.flat_map(|hold| &hold.held.lines) {
            *held.entry((sku, location)).or_default() += units;
        }
        for (sku, at) in &self.books.places {
            for (location, place) in at {
                let units = held.get(&(sku, location)).copied().unwrap_or_default();
                same(rule, format!("{sku:?} at {location:?}"), &units, &place.held)?;
            }
        }
        Ok(())
    }

    fn everything_is_told(&self) -> Result<(), Broken> {
        let rows = self.sqlite.rows("SELECT receiver, sku, due FROM outbox", &[], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
        })?;
        same("everything due is done after healing", "the outbox", &Vec::new(), &rows)?;
        for sku in self.books.skus.keys() {
            compare::shows(&self.books, "KV", sku, self.kv.newest(sku))?;
        }
        let settings = shows::settings(&ask::shop(&self.books.settings));
        let record = self.kv.newest("").map(|value| value.text.clone());
        same("KV ends with the shop's settings", "its record", &Some(settings), &record)?;
        for (number, room) in self.rooms.iter().enumerate() {
            for (sku, value) in room.pages.values().flatten() {
                compare::shows(&self.books, &format!("Room {number}"), sku, Some(value))?;
            }
        }
        Ok(())
    }

    fn everybody_was_answered(&self) -> Result<(), Broken> {
        let rule = "every command is answered after healing";
        let open: Vec<_> = self.unanswered().into_iter().map(|at| &self.sent[at]).collect();
        if open.is_empty() { Ok(()) } else { Err(Broken::new(rule, format!("{open:?}"))) }
    }

    /// What an answered command moved, and nothing else has its id.
    fn every_effect_is_there_once(&self) -> Result<(), Broken> {
        if self.books.swept > 0 {
            return Ok(());
        }
        let mut expected = self.past.clone();
        for (id, record) in &self.books.records {
            expected.entry(id.clone()).or_default().extend(record.moved.iter().cloned());
        }
        for (id, sold) in self.books.holds.values().filter_map(Hold::sold) {
            expected.entry(id.clone()).or_default().extend(sold);
        }
        let rows = self.sqlite.rows(
            "SELECT source, sku, location, quantity FROM movements",
            &[],
            |row| {
                let [source, sku, location]: [String; 3] = [row.get(0)?, row.get(1)?, row.get(2)?];
                let moved: Moved = (sku.into(), location.into(), row.get(3)?);
                Ok((Name::from(source), moved))
            },
        )?;
        let mut found: BTreeMap<Name, Vec<Moved>> = BTreeMap::new();
        for (source, moved) in rows {
            if !source.starts_with("import/") {
                found.entry(source).or_default().push(moved);
            }
        }
        expected.retain(|_, moved| !moved.is_empty());
        for moved in expected.values_mut().chain(found.values_mut()) {
            moved.sort();
        }
        let differs = |id: &&Name| expected.get(*id) != found.get(*id);
        if let Some(id) = expected.keys().chain(found.keys()).find(differs) {
            let rule = "an answered command's effect is there exactly once";
            return same(rule, id, &expected.get(id), &found.get(id));
        }
        self.answers_tell_what_happened()
    }

    /// Whoever was told that it was done finds it done.
    fn answers_tell_what_happened(&self) -> Result<(), Broken> {
        let rule = "what was acknowledged is there";
        for (command, answer) in self.answered() {
            let id = &command.id;
            if answer.status != 200 || self.forgotten.contains(id) {
                continue;
            }
            let is_there = match &command.body {
                Body::Resolve { hold, way, .. } => {
                    let state = self.books.holds.get(hold).map(|hold| hold.held.state);
                    let forgotten = self.forgotten.contains(hold);
                    let to = if *way == Way::Commit {
                        HoldState::Committed
                    } else {
                        HoldState::Released
                    };
                    forgotten || state == Some(to)
                }
                Body::Hold(_) => self.books.holds.contains_key(id),
                Body::Order(_) => self.books.number(id).is_some(),
                Body::PlacePo(_) => self.books.lines_of(id).next().is_some(),
                _ => self.books.records.contains_key(id),
            };
            if !is_there {
                return Err(Broken::new(rule, format!("{command:?}: {answer:?}")));
            }
        }
        Ok(())
    }

    /// The number of every place is explained by the movements that make it.
    fn numbers_are_explained(&self) -> Result<Result<(), Broken>, StoreFault> {
        let rule = "every number is explained by the movements that are kept";
        for (sku, at) in &self.books.places {
            for (location, place) in at {
                let (Some(of), Ok(at)) = (ask::sku(sku), ledger::Location::new(&**location)) else {
                    continue;
                };
                let explained = self.object.store.explain(&of, &at, i64::MAX >> 10, None)?;
                let sum: i64 = explained.movements.iter().map(|movement| movement.quantity).sum();
                let first = explained.movements.last();
                let before = first.map_or(0, |movement| movement.net - movement.quantity);
                let what = format!("{sku:?} at {location:?}");
                if let Err(broken) = same(rule, &what, &Some(place.net), &explained.net)
                    .and_then(|()| same(rule, &what, &place.net, &(before + sum)))
                {
                    return Ok(Err(broken));
                }
            }
        }
        Ok(Ok(()))
    }
}

/// Movements are numbered without a gap up to the balance's last, each with the net after it.
///
/// # Errors
/// Where they are not.
pub fn movements(sqlite: &Sqlite, swept: bool) -> Result<(), Broken> {
    let rule = "a balance's net is the sum of its movements, numbered without a gap";
    let rows = sqlite.rows(
        "SELECT sku, location, n, quantity, net FROM movements ORDER BY sku, location, n",
        &[],
        |row| {
            let place: (String, String) = (row.get(0)?, row.get(1)?);
            Ok((place, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?, row.get::<_, i64>(4)?))
        },
    )?;
    let mut last: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    for (place, n, quantity, net) in rows {
        let before = last.get(&place).copied();
        let expected = match before {
            Some((n, net)) => (n + 1, net + quantity),
            None if swept => (n, net),
            None => (1, quantity),
        };
        same(rule, format!("{place:?}"), &expected, &(n, net))?;
        last.insert(place, (n, net));
    }
    let balances = sqlite.rows(
        "SELECT sku, location, moves, on_hand - shortfall FROM balances WHERE moves > 0",
        &[],
        |row| {
            let place: (String, String) = (row.get(0)?, row.get(1)?);
            Ok((place, (row.get::<_, i64>(2)?, row.get::<_, i64>(3)?)))
        },
    )?;
    for (place, balance) in balances {
        same(rule, format!("{place:?}"), &Some(&balance), &last.get(&place))?;
    }
    Ok(())
}
