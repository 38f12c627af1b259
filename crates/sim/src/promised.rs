//! The auditor takes over what is promised, turn by turn: see [`crate::judge_supply`].

use crate::{
    ask::Found,
    books::{Books, Seen},
    broken::{Broken, same},
    command::Name,
    compare, judge_supply,
    supply::Dates,
    world::World,
};
use std::collections::BTreeMap;
use store::Moment;

/// The version of each SKU and what shoppers saw of it, before a turn.
pub type Before = BTreeMap<Name, (i64, Option<Seen>)>;

/// The columns in which it stands what is shown.
pub type Columns = (Option<String>, Option<i64>, Option<i64>, Option<Dates>);

const SHOWN: &str = "shoppers are shown what the books say, and each change is a version more";

impl World {
    /// A turn begins for the auditor.
    pub(crate) fn turn_begins(&mut self, moment: Moment) -> Before {
        let books = &mut self.books;
        books.latest = books.latest.max(moment.today);
        books.touched.clear();
        books.read_file = false;
        books.skus.iter().map(|(name, sku)| (name.clone(), (sku.version, sku.seen))).collect()
    }

    /// What is promised now is judged and taken over.
    pub(crate) fn takes_promises(&mut self, moment: Moment) -> Result<(), Broken> {
        if !self.has_supply()? {
            return Ok(());
        }
        let mut supply = self.books.supply.clone();
        let events = supply.read(&self.sqlite)?;
        self.takes((supply, events), moment)
    }

    /// Have the tables been made?
    fn has_supply(&mut self) -> Result<bool, Broken> {
        if !self.is_migrated {
            self.is_migrated = compare::is_newest(&self.sqlite)?;
        }
        Ok(self.is_migrated)
    }

    pub(crate) fn takes(&mut self, (supply, events): Found, moment: Moment) -> Result<(), Broken> {
        let old = self.books.supply.clone();
        self.judge_order_notices(&old, &supply, &events)?;
        let books = &mut self.books;
        let improve = books.settings.improve;
        judge_supply::turn(&books.supply, &supply, &events, improve, moment.today)?;
        books.takes(supply);
        for event in events {
            let what = match event.moved {
                None => "Told: ready",
                Some([None, _]) => "Told: promised at last",
                Some([_, None]) => "Told: promised no more",
                Some([was, now]) if now < was => "Told: sooner",
                Some(_) => "Told: later",
            };
            *self.heard.entry(what.to_owned()).or_default() += 1;
        }
        Ok(())
    }

    /// A turn is over in which promises may have been made anew, in steps that nobody sees: what
    /// may have been shown between them is not known, what is shown now is.
    pub(crate) fn turn_ends(&mut self, before: &Before, moment: Moment) -> Result<(), Broken> {
        let changes = self.sqlite.total_changes();
        if changes == self.judged_at {
            return Ok(());
        }
        self.takes_offers(moment)?;
        let books = &mut self.books;
        let is_moved = |books: &Books, name: &Name| {
            books.parts(name).iter().any(|(part, _)| books.supply.is_supplied(part))
        };
        let moved: Vec<Name> =
            books.skus.keys().filter(|name| is_moved(books, name)).cloned().collect();
        if !moved.is_empty() {
            let faces = compare::faces(&self.sqlite)?;
            for name in moved {
                let Some(face) = faces.get(&*name) else { continue };
                shown(books, &name, before.get(&name).copied(), face, moment)?;
            }
        }
        judge_supply::state(books, &self.judged)?;
        self.judged = books.supply.clone();
        self.judged_at = changes;
        Ok(())
    }
}

/// What is shown of a SKU is what the books say now; or, if nobody had a reason to look at it, what
/// they said when somebody did.
fn shown(
    books: &mut Books,
    name: &Name,
    before: Option<(i64, Option<Seen>)>,
    (version, found): &(i64, Columns),
    moment: Moment,
) -> Result<(), Broken> {
    let (last, seen) = before.unwrap_or_default();
    let is_touched = books.touched.contains(name);
    let now = books.seen(name, moment.today);
    let known = books.skus.get(name).map(|sku| (sku.version, sku.seen)).unwrap_or_default();
    let is_known = (known.0, compare::columns(known.1)) == (*version, found.clone());
    if is_known && (known.1 == now || !is_touched) {
        // The auditor knew every step of it.
        return Ok(());
    }
    let stays = *version == last && compare::columns(seen) == *found;
    let is_now = compare::columns(now) == *found;
    let is_newer = *version > last && is_touched;
    let is_good = (is_now && is_newer) || (stays && (now == seen || !is_touched));
    if !is_good {
        let what = format!("{name:?}, touched: {is_touched}, version {version} after {last}");
        same(
            SHOWN,
            what,
            &(compare::columns(seen), compare::columns(now)),
            &(found.clone(), found.clone()),
        )?;
        return Err(Broken::new(SHOWN, format!("{name:?}: {version} after {last}, {found:?}")));
    }
    let Some(sku) = books.skus.get_mut(name) else { return Ok(()) };
    sku.version = *version;
    sku.seen = if stays { seen } else { now };
    let text = sku.text();
    books.history.extend(text.map(|text| ((name.clone(), *version), text)));
    Ok(())
}
