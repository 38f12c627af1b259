//! What the merchant says about the shop, in the auditor's books.

use crate::{
    ask::restock,
    books::{Books, Count, Ended, Hold, Moved, Order, Place, Record, Sku},
    clock::{START, day},
    command::{Action, Body, Cart, Command, Import, Name, Row},
    decided::{Decided, Ordered, Purchase},
};
use jiff::civil::Date;
use ledger::{AheadKind, HoldState, Way};
use std::collections::{BTreeMap, BTreeSet};
use store::{Answer, Moment};
use substitutes::{Index, Item};

/// The day from which a file's dates count.
pub fn first_day() -> Date {
    day(START, "UTC")
}

impl Books {
    /// What was decided about a command stands, and its answer. `moved` is what that moves of an
    /// order or a purchase order.
    pub fn stands(
        &mut self,
        command: &Command,
        decided: &Decided,
        moved: Vec<Moved>,
        answer: Answer,
        moment: Moment,
    ) {
        match (&command.body, decided) {
            (body, Decided::Order(ordered)) => {
                self.order(command, body, ordered, moment);
                self.supplied(command, moved, answer, moment);
            }
            (body, Decided::Po(purchase)) => {
                self.purchase(command, body, purchase);
                self.supplied(command, moved, answer, moment);
            }
            (Body::Hold(cart), Decided::Held(_)) => {
                self.hold(command, cart, decided, answer, moment);
            }
            (Body::Resolve { hold, way, .. }, Decided::Held(_)) => {
                self.end(hold, *way, decided, (command.id.clone(), answer), moment);
            }
            // A hold's own row is the record of its end; what is refused to one leaves none.
            (Body::Resolve { .. }, _) => {}
            _ => {
                let effects = match decided {
                    Decided::Moved(effects) => &effects[..],
                    _ => &[],
                };
                if let (Body::Count(lines), Decided::Moved(_)) = (&command.body, decided) {
                    for line in lines {
                        let difference = line.counted - self.place(&line.sku, &line.location).net;
                        self.counts.push(Count {
                            at: moment.now,
                            id: command.id.clone(),
                            sku: line.sku.clone(),
                            location: line.location.clone(),
                            units: [line.counted, difference],
                        });
                    }
                }
                self.book(effects, moment);
                let moved = effects
                    .iter()
                    .filter(|effect| effect.quantity != 0)
                    .map(|effect| (effect.sku.clone(), effect.location.clone(), effect.quantity));
                let (digest, moved, at) = (command.digest(), moved.collect(), moment.now);
                let record = Record { digest, answer, at, moved };
                self.records.insert(command.id.clone(), record);
            }
        }
    }

    /// An order is as it was decided.
    fn order(&mut self, command: &Command, body: &Body, ordered: &Ordered, moment: Moment) {
        let lines = ordered.lines.iter().map(|(sku, line)| (sku.clone(), line.units)).collect();
        let Body::Order(order) = body else {
            let Some(known) = self.orders.get_mut(&ordered.number) else { return };
            // What comes back and is not for sale is no news to shoppers.
            let is_news =
                !matches!(body, Body::ChangeOrder { action: Action::Return { to: None }, .. });
            let changed = ordered
                .lines
                .iter()
                .filter(|(sku, line)| is_news && known.lines.get(*sku) != Some(&line.units));
            self.touched.extend(changed.map(|(sku, _)| sku.clone()));
            known.lines = lines;
            return;
        };
        self.touched.extend(ordered.lines.keys().cloned());
        let booked = Order { id: command.id.clone(), buyer: order.buyer, lines };
        self.orders.insert(ordered.number, booked);
        let Some(hold) = order.hold.as_ref().and_then(|hold| self.holds.get_mut(hold)) else {
            return;
        };
        hold.held.state = HoldState::Committed;
        // Who ends it by the order's own id hears how it ended.
        let answer = crate::ask::answer(&Decided::Held(hold.held.clone()), None);
        let by = Some((command.id.clone(), answer));
        hold.ended = Some(Ended { at: moment.now, by, ordered: true });
        for (sku, location, units, _) in hold.held.lines.clone() {
            self.place_mut(&sku, &location).held -= units;
        }
    }

    /// A purchase order is as it was decided.
    fn purchase(&mut self, command: &Command, body: &Body, purchase: &Purchase) {
        let po = match body {
            Body::ChangePo(po, _) | Body::ReceivePo(po, _) => po,
            _ => &command.id,
        };
        for (number, line) in &purchase.lines {
            let before = self.bought.insert((po.clone(), *number), line.clone());
            if before.as_ref() != Some(line) {
                self.touched.insert(line.sku.clone());
            }
        }
    }

    /// What an order or a purchase order moved is booked, and its answer is kept.
    fn supplied(&mut self, command: &Command, moved: Vec<Moved>, answer: Answer, moment: Moment) {
        for (sku, location, units) in &moved {
            self.move_units(sku, location, *units);
        }
        let skus = std::mem::take(&mut self.touched);
        self.refresh_with_kits(&skus, moment);
        self.touched.extend(skus);
        let moved = moved.into_iter().filter(|(.., units)| *units != 0).collect();
        let record = Record { digest: command.digest(), answer, at: moment.now, moved };
        self.records.insert(command.id.clone(), record);
    }

    fn hold(
        &mut self,
        command: &Command,
        cart: &Cart,
        decided: &Decided,
        answer: Answer,
        moment: Moment,
    ) {
        let Decided::Held(held) = decided else { return };
        for (sku, location, units, _) in &held.lines {
            self.place_mut(sku, location).held += units;
        }
        let skus: BTreeSet<Name> = held.lines.iter().map(|(sku, ..)| sku.clone()).collect();
        let (digest, held, cart) = (command.digest(), held.clone(), cart.clone());
        let hold = Hold { digest, answer, held, cart, ended: None };
        self.holds.insert(command.id.clone(), hold);
        self.refresh_with_kits(&skus, moment);
    }

    fn end(&mut self, id: &Name, way: Way, decided: &Decided, by: (Name, Answer), moment: Moment) {
        let (Decided::Held(after), Some(hold)) = (decided, self.holds.get_mut(id)) else { return };
        hold.held = after.clone();
        hold.ended = Some(Ended { at: moment.now, by: Some(by), ordered: false });
        if way == Way::Commit {
            for (sku, location, units, _) in &after.lines {
                self.move_units(sku, location, -units);
            }
        }
        self.give_back(&after.lines, moment);
    }

    /// What needs no answer of its own is the case.
    pub fn changes(&mut self, body: &Body, moment: Moment) {
        match body {
            Body::Settings(settings) => self.change_settings(settings.clone(), moment),
            Body::Import(import) => {
                self.read_file = true;
                self.import(import, moment);
            }
            Body::Location(name, site) => {
                self.sites.insert(name.clone(), *site);
            }
            Body::Bundle { kit, parts } => {
                if let Some(sku) = self.skus.get_mut(kit) {
                    sku.parts = parts.clone();
                    self.refresh(kit, false, moment);
                }
            }
            Body::Sku { sku, hidden, safety_stock, ahead } => {
                let Some(known) = self.skus.get_mut(sku) else { return };
                known.hidden = *hidden;
                if let Some(ahead) = ahead {
                    known.ahead = ahead.map(|ahead| {
                        let kind = match ahead.kind {
                            AheadKind::Backorder => "backorder",
                            AheadKind::Preorder => "preorder",
                        };
                        (kind.to_owned(), [ahead.limit, ahead.limit_per_buyer])
                    });
                }
                if let Some((location, units)) = safety_stock {
                    self.place_mut(sku, location).safety_stock = *units;
                }
                self.refresh_with_kits(&[sku.clone()].into(), moment);
            }
            Body::Product { id, hidden } => {
                let is_of = |sku: &Sku| sku.product.as_ref() == Some(id);
                let variants = self.skus.iter_mut().filter(|(_, sku)| is_of(sku));
                let variants = variants.map(|(name, sku)| {
                    sku.hidden = *hidden;
                    name.clone()
                });
                let variants = variants.collect();
                self.refresh_with_kits(&variants, moment);
            }
            Body::Join { place, sku, wanted } => self.join(place, sku, *wanted),
            Body::Leave { place, event } => self.leave(place, *event, moment),
            Body::Move(..)
            | Body::Count(_)
            | Body::Hold(_)
            | Body::Resolve { .. }
            | Body::Order(_)
            | Body::ChangeOrder { .. }
            | Body::PlacePo(_)
            | Body::ChangePo(..)
            | Body::ReceivePo(..) => {}
        }
    }

    /// May the merchant say so?
    pub fn may_be(&self, body: &Body) -> bool {
        match body {
            Body::Bundle { kit, parts } => self.may_be_kit(kit, parts),
            Body::Sku { sku, safety_stock, ahead, .. } => self.skus.get(sku).is_some_and(|known| {
                // A kit has no stock, so nothing of it can be kept back, or come.
                known.parts.is_empty() || (safety_stock.is_none() && ahead.is_none())
            }),
            Body::Product { id, .. } => {
                self.skus.values().any(|sku| sku.product.as_ref() == Some(id))
            }
            Body::Join { place, sku, .. } => {
                self.skus.contains_key(sku) || self.place_of(place).is_some()
            }
            _ => true,
        }
    }

    /// May these components be this kit? A kit is of others, has no stock of its own, and none is
    /// in another.
    fn may_be_kit(&self, kit: &Name, parts: &[(Name, i64)]) -> bool {
        let Some(known) = self.skus.get(kit) else { return false };
        if parts.is_empty() {
            return !known.parts.is_empty();
        }
        let is_part = |(part, _): &(Name, i64)| {
            part != kit && self.skus.get(part).is_some_and(|known| known.parts.is_empty())
        };
        let has_kit = |sku: &Sku| sku.parts.iter().any(|(part, _)| part == kit);
        parts.iter().all(is_part)
            && !self.skus.values().any(has_kit)
            && self
                .places_of(kit)
                .all(|(_, place)| place.net == 0 && place.held == 0 && place.committed == 0)
            && self.supply.queues.get(kit).is_none_or(|queue| queue.waiting == 0)
            && !self.bought.values().any(|line| line.sku == *kit && line.state == "open")
    }

    fn import(&mut self, import: &Import, moment: Moment) {
        let before = self.skus.clone();
        let skus: BTreeSet<Name> = import.rows.iter().map(|row| row.sku.clone()).collect();
        for sku in skus {
            let rows: Vec<&Row> = import.rows.iter().filter(|row| row.sku == sku).collect();
            let details_changed = self.describe(&sku, &rows);
            let mut moved = false;
            for row in rows {
                moved |= self.count_in(row, import.sets);
            }
            if details_changed || moved {
                self.refresh(&sku, details_changed, moment);
            }
            if moved {
                self.refresh_with_kits(&[sku].into(), moment);
            }
        }
        self.look_for_candidates(&before);
    }

    /// What else would do is known of every SKU, after each import that says something new of one.
    fn look_for_candidates(&mut self, before: &BTreeMap<Name, Sku>) {
        let is_so_still = |(name, sku): (&Name, &Sku)| {
            let said = |sku: &Sku| (sku.title.clone(), sku.product.clone());
            sku.candidates.is_some() && before.get(name).map(said) == Some(said(sku))
        };
        if self.skus.iter().all(is_so_still) {
            return;
        }
        let catalogue = self.skus.clone();
        let items: Vec<_> = catalogue
            .iter()
            .map(|(name, sku)| Item {
                sku: name,
                title: &sku.title,
                product_id: sku.product.as_deref(),
                ..Item::default()
            })
            .collect();
        for (name, found) in Index::new(&items).all() {
            let Some(sku) = self.skus.get_mut(name) else { continue };
            let found: Vec<Name> = found.iter().map(|candidate| candidate.sku.into()).collect();
            let text = sku.text();
            sku.candidates = Some(found);
            if text == sku.text() {
                continue;
            }
            // It may have changed by this file already, and one file is one change.
            let version = before.get(name).map(|was| was.version);
            sku.version += i64::from(version == Some(sku.version));
            self.history.extend(sku.text().map(|text| ((name.into(), sku.version), text)));
        }
    }

    /// The last of a SKU's rows says what it is; does that change anything?
    fn describe(&mut self, name: &Name, rows: &[&Row]) -> bool {
        let Some(row) = rows.last() else { return false };
        let (title, product) = (row.title.clone(), row.product.clone());
        let restock = row.restock_in.and_then(|days| restock(days, first_day()));
        let Some(sku) = self.skus.get_mut(name) else {
            let sku = Sku {
                title,
                product,
                restock,
                hidden: false,
                parts: Vec::new(),
                ahead: None,
                version: 0,
                seen: None,
                candidates: None,
            };
            self.skus.insert(name.clone(), sku);
            return true;
        };
        let after = (title, product, restock);
        let changed = (&sku.title, &sku.product, &sku.restock) != (&after.0, &after.1, &after.2);
        (sku.title, sku.product, sku.restock) = after;
        changed
    }

    /// A file's count opens what was never counted, and corrects what was only if the file says
    /// so; does it change anything?
    fn count_in(&mut self, row: &Row, sets: bool) -> bool {
        let is_kit = self.skus.get(&row.sku).is_some_and(|sku| !sku.parts.is_empty());
        let Some(counted) = row.counted.filter(|_| !is_kit) else { return false };
        let Place { net, moves, .. } = self.place(&row.sku, &row.location);
        if moves > 0 && (!sets || counted == net) {
            return false;
        }
        let place = self.place_mut(&row.sku, &row.location);
        place.net = counted;
        place.moves += 1;
        true
    }

    /// Are all holds at their end?
    pub fn no_hold_is_open(&self) -> bool {
        self.holds.values().all(|hold| hold.held.state != HoldState::Open)
    }
}
