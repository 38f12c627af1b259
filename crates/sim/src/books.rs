//! The auditor's own books: what must be the case, kept by the rules' words and not by their code.

use crate::{
    command::{Cart, Name, Settings, Site},
    decided::{Effect, Held},
    shows,
};
use jiff::civil::Date;
use ledger::{HoldState, Restock};
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
    /// Units kept back from requests.
    pub safety_stock: i64,
    /// How many movements there were.
    pub moves: i64,
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
    /// By whose id it was committed, and what that moved; nothing if it was not.
    pub fn sold(&self) -> Option<(&Name, Vec<Moved>)> {
        let (id, _) = self.ended.as_ref()?.by.as_ref()?;
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
    /// None, and a date.
    OutDated,
    /// Nothing.
    Hidden,
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

    /// What this adds to what can be sold of its SKU: what nobody holds, without what is kept
    /// back, or what is missing.
    pub fn contribution(self) -> i64 {
        let free = self.net - self.held;
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
        let out_dated = sku.restock.is_some_and(|restock| restock.last() >= today);
        Some(match self.available_to_sell(name) {
            _ if sku.hidden => Seen::Hidden,
            0 => match self.free_at(name) {
                Some(at) => Seen::AllHeld(at),
                None if out_dated => Seen::OutDated,
                None if self.settings.hide_undated => Seen::Hidden,
                None => Seen::Out,
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
        let has = |sku: &Sku| sku.parts.iter().any(|(part, _)| skus.contains(part));
        let kits = self.skus.iter().filter(|(_, sku)| has(sku)).map(|(name, _)| name.clone());
        for kit in kits.collect::<Vec<_>>() {
            self.refresh(&kit, false, moment);
        }
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
            hold.ended = Some(Ended { at: moment.now, by: None });
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
        let passed = self.skus.iter().filter(|(_, sku)| {
            sku.seen == Some(Seen::OutDated)
                && sku.restock.is_some_and(|restock| restock.last() < moment.today)
        });
        for sku in passed.map(|(name, _)| name.clone()).collect::<Vec<_>>() {
            self.refresh(&sku, false, moment);
        }
    }
}
