//! Asking the store, and understanding what it says: the one place where the simulator's words
//! become the store's and back.

use crate::{
    ask_supply,
    command::{Body, Cart, Command, Counted, Line, Name, Row, Settings, Site},
    decided::{Decided, Effect, Held, Why},
    sqlite::{Handle, Sqlite},
    supply::{Event, Supply},
};
use jiff::{
    ToSpan,
    civil::{Date, Time},
};
use ledger::{Ahead, Decision, Hold, Location, Precision, Region, Reject, Restock, Sku};
use std::rc::Rc;
use store::{
    Answer, Answered, Brand, Fault, HoldRequest, LocationKind, LocationSettings, Mode, Moment,
    Request, Resolution, Shop, SkuChange, Staged, Store,
};

/// What the store said, and what it had decided when it was asked for the answer; a decision may
/// be there though nothing came of it.
pub struct Asked {
    /// When it was asked, by its own clock.
    pub moment: Option<Moment>,
    /// What was decided, and the answer that was made of it.
    pub decided: Option<(Decided, Answer)>,
    /// What was promised when it was decided: what is overdue has ended before.
    pub found: Option<Found>,
    sqlite: Rc<Sqlite>,
    known: Supply,
}

/// What is promised, and the events that have led to it.
pub type Found = (Supply, Vec<Event>);

impl Asked {
    /// Nothing was asked yet, and this was promised when somebody looked last.
    pub fn nothing(sqlite: &Rc<Sqlite>, known: &Supply) -> Self {
        let (sqlite, known) = (Rc::clone(sqlite), known.clone());
        Self { moment: None, decided: None, found: None, sqlite, known }
    }

    /// Notes what was decided, and makes the answer of it. The stamp tells an answer that is
    /// repeated from one that is decided anew.
    pub(crate) fn told(&mut self, said: Decided, stamp: Option<u64>) -> Answer {
        let answer = answer(&said, stamp);
        self.notes(said, answer)
    }

    fn notes(&mut self, said: Decided, answer: Answer) -> Answer {
        self.decided = Some((said, answer.clone()));
        let events = self.known.read(&self.sqlite);
        self.found = events.map(|events| (self.known.clone(), events)).ok();
        answer
    }
}

/// Sends the store a command whose answer it keeps; `None` for a hold that it does not know.
pub fn command(
    store: &Store<Handle>,
    command: &Command,
    moment: Moment,
    stamp: u64,
    asked: &mut Asked,
) -> Result<Option<Answered>, Fault> {
    let digest = command.digest();
    asked.moment = Some(moment);
    match &command.body {
        Body::Hold(cart) => hold(store, command, cart, moment, asked).map(Some),
        Body::Resolve { hold, way, buyer } => {
            let buyer = buyer.map(|who| [who]);
            let resolution = Resolution {
                hold,
                id: &command.id,
                way: *way,
                reason: Some("the simulator"),
                buyer: buyer.as_ref().map(|who| &who[..]),
            };
            // It asks for the answer when all is written, and by then it is too late to look.
            let decided = &mut asked.decided;
            store.resolve(&resolution, moment, |said| {
                let said = held_or(said);
                let answer = answer(&said, None);
                *decided = Some((said, answer.clone()));
                answer
            })
        }
        Body::Order(..)
        | Body::ChangeOrder { .. }
        | Body::PlacePo(..)
        | Body::ChangePo(..)
        | Body::ReceivePo(..) => ask_supply::command(store, command, moment, stamp, asked),
        body => {
            let wanted = match body {
                Body::Move(kind, lines) => {
                    ledger::Command::Move(*kind, lines.iter().filter_map(line).collect())
                }
                Body::Count(lines) => {
                    ledger::Command::Count(lines.iter().filter_map(counted).collect())
                }
                _ => return Err(Fault::Corrupt("this has a door of its own")),
            };
            let request = Request {
                id: &command.id,
                digest: &digest,
                command: wanted,
                reason: Some("the simulator"),
            };
            let answered =
                store.run(&request, moment, |said| asked.told(moved_or(said), Some(stamp)))?;
            Ok(Some(answered))
        }
    }
}

fn hold(
    store: &Store<Handle>,
    command: &Command,
    cart: &Cart,
    moment: Moment,
    asked: &mut Asked,
) -> Result<Answered, Fault> {
    let (buyer, network) = (cart.buyer.map(|who| [who]), cart.network.map(|from| [from]));
    let request = HoldRequest {
        id: &command.id,
        digest: &command.digest(),
        lines: cart.lines.iter().filter_map(line).collect(),
        lifetime_ms: cart.lifetime_ms,
        region: cart.region.and_then(|region| Region::new(region).ok()),
        buyer: buyer.as_ref().map(|who| &who[..]),
        network: network.as_ref().map(|from| &from[..]),
    };
    // What is answered to the request says nothing of what became of the hold since.
    store.hold(&request, moment, |said| match said {
        Ok(hold) => {
            let lines: Vec<_> = hold.lines.iter().map(|line| (&line.sku, line.quantity)).collect();
            let body = format!("held until {} {lines:?}", hold.expires_at);
            asked.notes(Decided::Held(held(hold)), Answer { status: 200, body })
        }
        Err(why) => asked.told(Decided::Rejected(why_of(why)), None),
    })
}

/// The answer that is made of a decision.
pub fn answer(said: &Decided, stamp: Option<u64>) -> Answer {
    let status = if matches!(said, Decided::Rejected(_)) { 409 } else { 200 };
    Answer { status, body: format!("{said:?} {stamp:?}") }
}

fn moved_or(said: Result<&Decision, &Reject>) -> Decided {
    match said {
        Ok(decision) => Decided::Moved(decision.effects.iter().map(effect).collect()),
        Err(why) => Decided::Rejected(why_of(why)),
    }
}

fn held_or(said: Result<&Hold, &Reject>) -> Decided {
    match said {
        Ok(hold) => Decided::Held(held(hold)),
        Err(why) => Decided::Rejected(why_of(why)),
    }
}

fn effect(effect: &ledger::Effect) -> Effect {
    Effect {
        sku: effect.sku.as_str().into(),
        location: effect.location.as_str().into(),
        quantity: effect.quantity,
        on_hand: effect.balance.on_hand(),
        owed: effect.balance.shortfall(),
        held: effect.balance.held(),
        shortfall: effect.shortfall,
    }
}

fn held(hold: &Hold) -> Held {
    let lines = hold.lines.iter().map(|line| {
        (line.sku.as_str().into(), line.location.as_str().into(), line.quantity, line.shortfall)
    });
    Held { state: hold.state, expires_at: hold.expires_at, lines: lines.collect() }
}

pub(crate) fn why_of(why: &Reject) -> Why {
    match why {
        Reject::LineCount(_) => Why::LineCount,
        Reject::Quantity(_) => Why::Quantity,
        Reject::CountedTwice(..) => Why::CountedTwice,
        Reject::UnknownSku(_) => Why::UnknownSku,
        Reject::IsBundle(_) => Why::IsBundle,
        Reject::InsufficientStock(_) => Why::InsufficientStock,
        Reject::BelowZero(_) => Why::BelowZero,
        Reject::CountStale { .. } => Why::CountStale,
        Reject::OutOfBounds(..) => Why::OutOfBounds,
        Reject::Lifetime { .. } => Why::Lifetime,
        Reject::BuyerLimit { .. } => Why::BuyerLimit,
        Reject::NetworkLimit => Why::NetworkLimit,
        Reject::BrowserShare(_) => Why::BrowserShare,
        Reject::AlreadyCommitted => Why::AlreadyCommitted,
        Reject::AlreadyReleased => Why::AlreadyReleased,
        Reject::Expired => Why::Expired,
        Reject::Mirror => Why::Mirror,
        Reject::CannotPromise { .. } => Why::CannotPromise,
        Reject::AheadLimit { .. } => Why::AheadLimit,
        Reject::MixedCart => Why::MixedCart,
        Reject::Settling(_) => Why::Settling,
        Reject::NotAllThere => Why::NotAllThere,
        Reject::NothingReady => Why::NothingReady,
        Reject::NotReady { .. } => Why::NotReady,
        Reject::PromiseMoved(_) => Why::PromiseMoved,
        Reject::NothingOpen => Why::NothingOpen,
        Reject::NotOpen { .. } => Why::NotOpen,
        Reject::NotShipped { .. } => Why::NotShipped,
        Reject::NotInOrder(_) => Why::NotInOrder,
        Reject::UnknownLine(_) => Why::UnknownLine,
        Reject::LineClosed { .. } => Why::LineClosed,
        Reject::PartlyReceived(_) => Why::PartlyReceived,
    }
}

/// A SKU; the simulator makes none that is no name.
pub fn sku(name: &Name) -> Option<Sku> {
    Sku::new(&**name).ok()
}

pub(crate) fn location(name: &Name) -> Option<Location> {
    Location::new(&**name).ok()
}

pub(crate) fn line(line: &Line) -> Option<ledger::Line> {
    Some(ledger::Line {
        sku: sku(&line.sku)?,
        location: line.location.as_ref().and_then(location),
        quantity: line.quantity,
    })
}

fn counted(line: &Counted) -> Option<ledger::CountLine> {
    Some(ledger::CountLine {
        sku: sku(&line.sku)?,
        location: location(&line.location)?,
        counted: line.counted,
        expected: line.expected,
    })
}

/// The shop with these settings.
pub fn shop(settings: &Settings) -> Shop {
    Shop {
        id: "jars".to_owned(),
        currency: "GBP".to_owned(),
        time_zone: settings.zone.to_owned(),
        locale: "en-GB".to_owned(),
        low_mark: settings.low_mark,
        mode: Mode::Authority,
        origins: vec!["https://a.example".to_owned(), "https://b.example".to_owned()],
        strategy: settings.strategy,
        hide_undated: settings.hide_undated,
        browser_holds: true,
        max_held_per_buyer: settings.max_held_per_buyer,
        mixed: settings.mixed,
        improve: settings.improve,
        waitlist: settings.waitlist,
        brand: Brand::default(),
    }
}

/// A row of a file as it is staged.
pub fn staged(row: &Row, number: i64, first_day: Date) -> Option<Staged> {
    let restock = row.restock_in.and_then(|days| restock(days, first_day));
    Some(Staged {
        row: number,
        sku: sku(&row.sku)?,
        product_id: row.product.as_deref().map(str::to_owned),
        title: Some(row.title.to_string()),
        category: None,
        options: None,
        price: None,
        url: None,
        image: None,
        location: location(&row.location)?,
        on_hand: row.counted,
        restock,
        chosen: vec![],
    })
}

/// So many days after the first: that day, or its week in every third.
pub fn restock(days: i64, first_day: Date) -> Option<Restock> {
    let day = first_day.checked_add(days.days()).ok()?;
    let precision = if days % 3 == 0 { Precision::Week } else { Precision::Day };
    Restock::new(day, None, precision).ok()
}

/// What the merchant says about a location.
pub fn location_settings(name: &Name, site: &Site) -> Option<LocationSettings> {
    Some(LocationSettings {
        name: location(name)?,
        kind: LocationKind::Warehouse,
        priority: site.priority,
        region: site.region.and_then(|region| Region::new(region).ok()),
        cut_off: site.cut_off_hour.map(|hour| Time::constant(hour, 0, 0, 0)),
    })
}

/// What the merchant says about a SKU.
pub fn sku_change(
    hidden: bool,
    safety_stock: Option<&(Name, i64)>,
    ahead: Option<Option<Ahead>>,
) -> SkuChange {
    let safety_stock = safety_stock.and_then(|(name, units)| Some((location(name)?, *units)));
    let safety_stock = safety_stock.into_iter().collect();
    SkuChange { hidden: Some(hidden), safety_stock, ahead }
}
