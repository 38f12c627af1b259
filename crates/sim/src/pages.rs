//! Pages that open, ask what is newer than what they read, and are told of changes by their Room.

use crate::{
    broken::Broken,
    command::Name,
    faults::Fault,
    kv::Value,
    rooms::{LEASE_MS, Page, RENEWED_MS},
    shows,
    world::{Event, Turn, World},
};
use store::Fault as StoreFault;

/// SKUs that a page shows at most.
const SKUS_OF_A_PAGE: usize = 3;

/// How long somebody stays on a page.
const STAY_MS: std::ops::Range<i64> = 5_000..900_000;

/// When a page whose socket was closed opens another.
const COMES_BACK_MS: std::ops::Range<i64> = 500..5_000;

impl World {
    /// A page opens: it shows what KV says and then asks whether that is old.
    pub(crate) fn page_opens(&mut self, room: usize) -> Result<(), Broken> {
        let skus: Vec<Name> = self.books.skus.keys().cloned().collect();
        let mut page = Page::new();
        for sku in self.rng.choose_multiple(skus.iter(), SKUS_OF_A_PAGE) {
            let read = self.kv.read(sku, self.clock.now(), &self.faults).cloned();
            if let Some(value) = &read {
                self.says_what_the_books_say(sku, value)?;
            }
            let nothing = Value { version: 0, text: String::new() };
            page.insert(sku.clone(), read.unwrap_or(nothing));
        }
        let number = self.number();
        let Some(room_of) = self.rooms.get_mut(room) else { return Ok(()) };
        room_of.pages.insert(number, page);
        if !std::mem::replace(&mut room_of.renews, true) {
            self.after(RENEWED_MS, Event::RoomRenews { room });
        }
        self.within(5..200, Event::PageWatches { room, page: number });
        if !self.is_healed {
            self.within(STAY_MS, Event::PageLeaves { room, page: number });
        }
        Ok(())
    }

    /// A page's question arrives at the object.
    pub(crate) fn page_watches(&mut self, room: usize, page: u64) -> Result<(), Broken> {
        let Some(has) = self.rooms.get(room).and_then(|room| room.pages.get(&page)) else {
            return Ok(());
        };
        let has = has.clone();
        if self.faults.strikes(Fault::RequestLost) {
            self.page_is_closed(room, page);
            return Ok(());
        }
        match self.watch(room, &has)? {
            Some(items) if !self.faults.strikes(Fault::AnswerLost) => {
                self.within(1..50, Event::PageIsTold { room, page, items });
            }
            _ => self.page_is_closed(room, page),
        }
        Ok(())
    }

    /// A Room leases itself, and asks what is newer than this; nothing if nobody answers.
    fn watch(&mut self, room: usize, has: &Page) -> Result<Option<Vec<(Name, Value)>>, Broken> {
        let mut at = None;
        let turn = self.request(|world| {
            let moment = world.moment()?;
            at = Some(moment);
            world.object.store.turn_day(moment)?;
            let until = moment.now + LEASE_MS;
            world.object.store.lease_room(room as i64, until)?;
            newer(world, has)
        })?;
        if let Some(moment) = at {
            match turn {
                Turn::Done(_) => self.lands(moment, |books| books.turn_day(moment))?,
                _ => self.all_or_nothing(moment, |books| books.turn_day(moment))?,
            }
        }
        self.say(|| format!("room {room} watches {has:?}: {turn:?}"));
        self.news()?;
        match turn {
            Turn::Done(items) => Ok(Some(items)),
            Turn::Failed(_) | Turn::Died => Ok(None),
        }
    }

    /// What a page does not show yet still stands in the outbox for its Room, while that is leased.
    pub(crate) fn rooms_hear_of_everything(&self) -> Result<(), Broken> {
        let rule = "a leased Room is told everything, or it still stands in the outbox";
        let now = self.clock.shop();
        let leased = self.sqlite.rows("SELECT room, leased_until FROM rooms", &[], |row| {
            Ok((row.get::<_, u8>(0)?, row.get::<_, i64>(1)?))
        })?;
        for (number, _) in leased.into_iter().filter(|(_, until)| *until > now) {
            let Some(room) = self.rooms.get(usize::from(number)) else { continue };
            let receiver = format!("room/{number}");
            let open: Vec<String> = self.sqlite.rows(
                "SELECT sku FROM outbox WHERE receiver = ?",
                &[&receiver],
                |row| row.get(0),
            )?;
            let pages = room.pages.iter().filter(|(page, _)| room.told.contains(page));
            for (sku, value) in pages.flat_map(|(_, page)| page) {
                let version = self.books.skus.get(sku).map_or(0, |known| known.version);
                if value.version < version && !open.iter().any(|other| **other == **sku) {
                    let detail = format!("{receiver}, {sku:?}: {version}, and it has {value:?}");
                    return Err(Broken::new(rule, detail));
                }
            }
        }
        Ok(())
    }

    /// A page has gone, and perhaps somebody else comes.
    pub(crate) fn page_leaves(&mut self, room: usize, page: u64) {
        let rooms = &mut self.rooms;
        let left = rooms.get_mut(room).is_some_and(|room| room.closes(page));
        if left && !self.is_healed {
            self.within(0..60_000, Event::PageOpens { room });
        }
    }

    /// A socket is closed for want of an answer: its page comes back.
    fn page_is_closed(&mut self, room: usize, page: u64) {
        if let Some(room_of) = self.rooms.get_mut(room) {
            room_of.closes(page);
            self.within(COMES_BACK_MS, Event::PageOpens { room });
        }
    }

    /// A Room with sockets renews its lease; without an answer it closes them.
    pub(crate) fn room_renews(&mut self, room: usize) -> Result<(), Broken> {
        let Some(room_of) = self.rooms.get_mut(room) else { return Ok(()) };
        if room_of.pages.is_empty() {
            room_of.renews = false;
            return Ok(());
        }
        self.after(RENEWED_MS, Event::RoomRenews { room });
        let lost = self.faults.strikes(Fault::RequestLost);
        let leased = !lost && self.watch(room, &Page::new())?.is_some();
        if !leased || self.faults.strikes(Fault::AnswerLost) {
            let pages: Option<Vec<u64>> =
                self.rooms.get(room).map(|room| room.pages.keys().copied().collect());
            for page in pages.unwrap_or_default() {
                self.page_is_closed(room, page);
            }
        }
        Ok(())
    }
}

/// What shoppers are shown of these SKUs, where it is newer.
fn newer(world: &World, has: &Page) -> Result<Vec<(Name, Value)>, StoreFault> {
    let mut items = Vec::new();
    for (sku, known) in has {
        let shown = world.object.store.shown(sku)?.map(|shown| shows::snapshot(&shown));
        items.extend(shown.filter(|value| value.version > known.version).map(|v| (sku.clone(), v)));
    }
    Ok(items)
}
