//! The auditor's own books: what must be the case, kept by the rules' words and not by their code.

use crate::{
    ask_supply::dates,
    command::{Cart, Name, Settings, Site},
    decided::{Bought, Effect, Held},
    shows,
    supply::{Dates, LineId, Supply, Units},
    waitlist::Line,
};
use jiff::civil::Date;
use ledger::{AheadKind, HoldState, Restock};
use std::collections::{BTreeMap, BTreeSet};
use store::{Answer, Moment};

/// Of which SKU, where, and how many units.
pub type Moved = (Name, Name, i64);

/// The books.
#[derive(Clone, Debug)]
pub struct Books {
    /// As the merchant set them last.
    pub settings: Settings,
    /// The catalogue.
    pub skus: BTreeMap<Name, Sku>,
    /// What is where; an entry stays once it has been opened.
    pub places: BTreeMap<Name, BTreeMap<Name, Place>>,
    /// The locations that were ever named.
    pub sites: BTreeMap<Name, Site>,
    /// Answers that were given, by the id of what they answer.
    pub records: BTreeMap<Name, Record>,
    /// Holds, by id.
    pub holds: BTreeMap<Name, Hold>,
    /// What every version of every SKU showed.
    pub history: BTreeMap<(Name, i64), String>,
    /// What commands have counted.
    pub counts: Vec<Count>,
    /// Orders, by their place in the queue.
    pub orders: BTreeMap<i64, Order>,
    /// Lines of purchase orders.
    pub bought: BTreeMap<LineId, Bought>,
    /// What is promised: as the database has it, after it was judged.
    pub supply: Supply,
    /// Who waits for what is not there.
    pub line: Line,
    /// The latest day that there ever was.
    pub latest: Date,
    /// SKUs that shoppers are shown anew in this turn.
    pub touched: BTreeSet<Name>,
    /// A file was read in this turn, row by row.
    pub read_file: bool,
    /// What is older than this may be gone for its age, but for answers.
    pub old: i64,
    /// Movements that were old enough to go.
    pub swept: i64,
}

/// A SKU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sku {
    /// The merchant's text.
    pub title: Name,
    /// What it is a variant of.
    pub product: Option<Name>,
    /// When it comes back.
    pub restock: Option<Restock>,
    /// Hidden by hand.
    pub hidden: bool,
    /// Of a kit, units of each component.
    pub parts: Vec<(Name, i64)>,
    /// As what it may be ordered that is not there, and how much of it, in all and by one buyer.
    pub ahead: Option<(String, [Option<i64>; 2])>,
    /// Grows by one with each change that shoppers can see.
    pub version: i64,
    /// What shoppers see.
    pub seen: Option<Seen>,
    /// What else would do; `None` until somebody has looked.
    pub candidates: Option<Vec<Name>>,
}

impl Sku {
    /// What is published of it.
    pub fn text(&self) -> Option<String> {
        let candidates = self.candidates.as_deref().unwrap_or_default();
        self.seen.map(|seen| shows::text(seen, candidates))
    }
}

/// One SKU at one location.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The sum of its movements.
    pub net: i64,
    /// Units in open holds.
    pub held: i64,
    /// Units that are there for orders.
    pub committed: i64,
    /// Units kept back from requests.
    pub safety_stock: i64,
    /// How many movements there were.
    pub moves: i64,
}

/// An order, without what is promised to it.
#[derive(Clone, Debug)]
pub struct Order {
    /// Its sender's id.
    pub id: Name,
    /// Who ordered.
    pub buyer: Option<u8>,
    /// By SKU.
    pub lines: BTreeMap<Name, Units>,
}

/// A line of a count.
#[derive(Clone, Debug)]
pub struct Count {
    /// When it was booked, by the shop's clock.
    pub at: i64,
    /// By which command.
    pub id: Name,
    /// Of what.
    pub sku: Name,
    /// Where.
    pub location: Name,
    /// Units found, and how many more than the books had.
    pub units: [i64; 2],
}

/// An answer that stands.
#[derive(Clone, Debug)]
pub struct Record {
    /// Of what it answers.
    pub digest: Vec<u8>,
    /// To be repeated word for word.
    pub answer: Answer,
    /// When it was given, by the shop's clock.
    pub at: i64,
    /// What it moved; nothing if it refused.
    pub moved: BTreeSet<Moved>,
}

/// A hold.
#[derive(Clone, Debug)]
pub struct Hold {
    /// Of the request that made it.
    pub digest: Vec<u8>,
    /// What was answered to it.
    pub answer: Answer,
    /// As it is.
    pub held: Held,
    /// Who asked for it.
    pub cart: Cart,
    /// When it ended, by the shop's clock, and by whose id and with which answer.
    pub ended: Option<Ended>,
}

impl Hold {
    /// By whose id it was committed, and what that moved; nothing if it was not, or if it became
    /// an order.
    pub fn sold(&self) -> Option<(&Name, Vec<Moved>)> {
        let ended = self.ended.as_ref().filter(|ended| !ended.ordered)?;
        let (id, _) = ended.by.as_ref()?;
        let lines = self.held.lines.iter();
        let sold = lines.map(|(sku, at, units, _)| (sku.clone(), at.clone(), -units)).collect();
        (self.held.state == HoldState::Committed).then_some((id, sold))
    }
}

/// How a hold has ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// By the shop's clock.
    pub at: i64,
    /// By whose id, and what was answered; nothing if its time ran out.
    pub by: Option<(Name, Answer)>,
    /// It has become an order, whose its units are.
    pub ordered: bool,
}

/// What shoppers see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Plenty.
    InStock,
    /// So many.
    Low(i64),
    /// All in holds, the first of which ends then.
    AllHeld(i64),
    /// None, and no date.
    Out,
    /// None, but it can be ordered, for that date.
    Ahead(AheadKind, Dates),
    /// None, and a date.
    OutDated(Dates),
    /// Nothing.
    Hidden,
}

impl Seen {
    /// The date that is shown.
    pub fn date(self) -> Option<Dates> {
        match self {
            Self::Ahead(_, date) | Self::OutDated(date) => Some(date),
            _ => None,
        }
    }
}

impl Place {
    /// Units that are there.
    pub fn on_hand(self) -> i64 {
        self.net.max(0)
    }

    /// Units that are owed.
    pub fn owed(self) -> i64 {
        (-self.net).max(0)
    }

    /// Units that nobody holds or has ordered.
    pub fn free(self) -> i64 {
        self.net - self.held - self.committed
    }

    /// What this adds to what can be sold of its SKU: what is free, without what is kept back, or
    /// what is missing.
    pub fn contribution(self) -> i64 {
        let free = self.free();
        if free <= 0 { free } else { (free - self.safety_stock).max(0) }
    }
}

impl Books {
    /// A shop with nothing in it.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            skus: BTreeMap::new(),
            places: BTreeMap::new(),
            sites: BTreeMap::new(),
            records: BTreeMap::new(),
            holds: BTreeMap::new(),
            history: BTreeMap::new(),
            counts: Vec::new(),
            orders: BTreeMap::new(),
            bought: BTreeMap::new(),
            supply: Supply::default(),
            line: Line::default(),
            latest: Date::MIN,
            touched: BTreeSet::new(),
            read_file: false,
            old: i64::MIN,
            swept: 0,
        }
    }

    /// What is there; nothing where nothing ever was.
    pub fn place(&self, sku: &str, location: &str) -> Place {
        self.places.get(sku).and_then(|at| at.get(location)).copied().unwrap_or_default()
    }

    /// The place, opened if it never was, and with it its location.
    pub fn place_mut(&mut self, sku: &Name, location: &Name) -> &mut Place {
        self.sites.entry(location.clone()).or_default();
        self.places.entry(sku.clone()).or_default().entry(location.clone()).or_default()
    }

    /// The hold of this id, if it is this buyer's, or whoever's without one.
    pub fn hold_of(&self, id: &str, buyer: Option<u8>) -> Option<&Hold> {
        self.holds.get(id).filter(|hold| buyer.is_none() || hold.cart.buyer == buyer)
    }

    /// Every place of a SKU.
    pub fn places_of(&self, sku: &str) -> impl Iterator<Item = (&Name, &Place)> {
        self.places.get(sku).into_iter().flatten()
    }

    /// Does the merchant show this SKU to nobody?
    pub fn is_hidden(&self, sku: &Name) -> bool {
        self.skus.get(sku).is_some_and(|known| known.hidden)
    }

    /// What a SKU takes from stock: of a kit its components, else itself.
    pub fn parts(&self, sku: &Name) -> Vec<(Name, i64)> {
        match self.skus.get(sku) {
            Some(known) if !known.parts.is_empty() => known.parts.clone(),
            _ => vec![(sku.clone(), 1)],
        }
    }

    /// Units that can be sold of this SKU.
    pub fn available_to_sell(&self, sku: &Name) -> i64 {
        self.units(sku, |place| place.contribution())
    }

    /// Whole units of a SKU, when each place adds so much.
    fn units(&self, sku: &Name, of: impl Fn(Place) -> i64) -> i64 {
        let parts = self.parts(sku).into_iter().map(|(part, each)| {
            let sum: i64 = self.places_of(&part).map(|(_, place)| of(*place)).sum();
            sum.max(0) / each
        });
        parts.min().unwrap_or(0)
    }

    /// What shoppers should see of this SKU on this day.
    pub fn seen(&self, name: &Name, today: Date) -> Option<Seen> {
        let sku = self.skus.get(name)?;
        let coming = self.supply.promisable(name, today).first().map(|(date, ..)| *date);
        let restock = sku.restock.filter(|restock| restock.last() >= today).map(dates);
        let kind = match &sku.ahead {
            Some((kind, _)) if kind == "preorder" => AheadKind::Preorder,
            _ => AheadKind::Backorder,
        };
        let ahead = coming.filter(|_| self.supply.orderable(name, today) > 0);
        Some(match self.available_to_sell(name) {
            _ if sku.hidden => Seen::Hidden,
            0 => match self.free_at(name) {
                Some(at) => Seen::AllHeld(at),
                None => match (ahead, coming.or(restock)) {
                    (Some(date), _) => Seen::Ahead(kind, date),
                    (None, Some(date)) => Seen::OutDated(date),
                    (None, None) if self.settings.hide_undated => Seen::Hidden,
                    (None, None) => Seen::Out,
                },
            },
            units if units <= i64::from(self.settings.low_mark) => Seen::Low(units),
            _ => Seen::InStock,
        })
    }

    /// Of a SKU of which nothing can be sold: when the first hold ends without which something
    /// could. Of a kit, all the components that are missing are waited for.
    fn free_at(&self, name: &Name) -> Option<i64> {
        if self.units(name, |place| Place { held: 0, ..place }.contribution()) == 0 {
            return None;
        }
        let missing = self.parts(name).into_iter().filter(|(part, each)| {
            let sum: i64 = self.places_of(part).map(|(_, place)| place.contribution()).sum();
            sum < *each
        });
        missing.filter_map(|(part, _)| self.first_expiry(&part)).max()
    }

    fn first_expiry(&self, part: &Name) -> Option<i64> {
        let has = |hold: &&Hold| hold.held.lines.iter().any(|(sku, ..)| sku == part);
        let open = self.holds.values().filter(|hold| hold.held.state == HoldState::Open);
        open.filter(has).map(|hold| hold.held.expires_at).min()
    }

    /// Shows a SKU as it is now: a change that shoppers can see is one version more.
    pub fn refresh(&mut self, name: &Name, details_changed: bool, moment: Moment) {
        let seen = self.seen(name, moment.today);
        self.touched.insert(name.clone());
        let Some(sku) = self.skus.get_mut(name) else { return };
        if sku.seen == seen && !details_changed {
            return;
        }
        sku.seen = seen;
        sku.version += 1;
        let version = (name.clone(), sku.version);
        self.history.extend(sku.text().map(|text| (version, text)));
    }

    /// [`Books::refresh`] for these SKUs and the kits that have them.
    pub fn refresh_with_kits(&mut self, skus: &BTreeSet<Name>, moment: Moment) {
        for sku in skus {
            self.refresh(sku, false, moment);
        }
        for kit in self.kits_with(skus) {
            self.refresh(&kit, false, moment);
        }
    }

    /// The kits that have any of these.
    pub fn kits_with(&self, skus: &BTreeSet<Name>) -> Vec<Name> {
        let has = |sku: &Sku| sku.parts.iter().any(|(part, _)| skus.contains(part));
        self.skus.iter().filter(|(_, sku)| has(sku)).map(|(name, _)| name.clone()).collect()
    }

    /// Units move at a place.
    pub fn move_units(&mut self, sku: &Name, location: &Name, quantity: i64) {
        let place = self.place_mut(sku, location);
        place.net += quantity;
        place.moves += i64::from(quantity != 0);
    }

    /// Books what was decided, once.
    pub fn book(&mut self, effects: &[Effect], moment: Moment) {
        for effect in effects {
            self.move_units(&effect.sku, &effect.location, effect.quantity);
        }
        let skus = effects.iter().map(|effect| effect.sku.clone()).collect();
        self.refresh_with_kits(&skus, moment);
    }

    /// Every hold whose time is over ends.
    pub fn expire_due(&mut self, moment: Moment) {
        let is_due = |hold: &&mut Hold| {
            hold.held.state == HoldState::Open && hold.held.expires_at <= moment.now
        };
        let mut lines = Vec::new();
        for hold in self.holds.values_mut().filter(is_due) {
            hold.held.state = HoldState::Expired;
            hold.ended = Some(Ended { at: moment.now, by: None, ordered: false });
            lines.extend(hold.held.lines.iter().cloned());
        }
        self.give_back(&lines, moment);
    }

    /// Units are held no more.
    pub fn give_back(&mut self, lines: &[(Name, Name, i64, i64)], moment: Moment) {
        for (sku, location, quantity, _) in lines {
            self.place_mut(sku, location).held -= quantity;
        }
        let skus = lines.iter().map(|(sku, ..)| sku.clone()).collect();
        self.refresh_with_kits(&skus, moment);
    }

    /// The settings are these.
    pub fn change_settings(&mut self, settings: Settings, moment: Moment) {
        self.settings = settings;
        for sku in self.skus.keys().cloned().collect::<Vec<_>>() {
            self.refresh(&sku, false, moment);
        }
    }

    /// Dates that have passed are taken down.
    pub fn turn_day(&mut self, moment: Moment) {
        let has_passed =
            |sku: &Sku| sku.seen.and_then(Seen::date).is_some_and(|(last, _)| last < moment.today);
        let passed = self.skus.iter().filter(|(_, sku)| has_passed(sku));
        let passed = passed.map(|(name, _)| name.clone()).collect();
        self.refresh_with_kits(&passed, moment);
    }

    /// The number of the order of this id.
    pub fn number(&self, id: &str) -> Option<i64> {
        self.orders.iter().find(|(_, order)| *order.id == *id).map(|(number, _)| *number)
    }

    /// Lines of this purchase order.
    pub fn lines_of(&self, po: &Name) -> impl Iterator<Item = (u32, &Bought)> {
        let lines = self.bought.range((po.clone(), 0)..=(po.clone(), u32::MAX));
        lines.map(|((_, number), line)| (*number, line))
    }

    /// Takes what is promised over; what shoppers see of it is shown anew.
    pub fn takes(&mut self, supply: Supply) {
        let old = std::mem::replace(&mut self.supply, supply);
        let new = &self.supply;
        let mut skus: BTreeSet<Name> = BTreeSet::new();
        skus.extend(differing(&old.queues, &new.queues).map(|(sku, _)| sku.clone()));
        skus.extend(differing(&old.lines, &new.lines).map(|(_, line)| line.sku.clone()));
        skus.extend(differing(&old.waits, &new.waits).map(|((sku, ..), _)| sku.clone()));
        skus.extend(differing(&old.arrivals, &new.arrivals).map(|((sku, ..), _)| sku.clone()));
        let places: Vec<_> =
            differing(&old.committed, &new.committed).map(|(place, _)| place.clone()).collect();
        for (sku, at) in places {
            let units = self.supply.committed.get(&(sku.clone(), at.clone())).copied();
            self.place_mut(&sku, &at).committed = units.unwrap_or_default();
            skus.insert(sku);
        }
        if !skus.is_empty() {
            self.touched.extend(self.kits_with(&skus));
            self.touched.extend(skus);
        }
    }
}

/// Entries that one has and the other has not.
fn differing<'a, K: Ord, V: PartialEq>(
    old: &'a BTreeMap<K, V>,
    new: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = (&'a K, &'a V)> {
    // What was not read again is the same map.
    let is_same = std::ptr::eq(old, new);
    let has =
        move |map: &BTreeMap<K, V>, key: &K, value: &V| is_same || map.get(key) == Some(value);
    let gone = old.iter().filter(move |(key, value)| !has(new, key, value));
    let come = new.iter().filter(move |(key, value)| !has(old, key, value));
    gone.chain(come)
}
