//! Live changes: one socket for each shop on the page, open while somebody looks at it.

use crate::countdown;
use crate::json::{self, Item};
use crate::source::Shown;
use futures::{SinkExt, StreamExt};
use gloo_net::websocket::{Message, State, futures::WebSocket};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use web_sys::{CustomEvent, CustomEventInit, Element};
use wire::{Substitute, Watched, Words};

/// The edge takes at most this many SKUs of one page.
const WATCHED_MAX: usize = 50;

/// The first wait before a lost socket is opened again; each further one doubles it.
const RETRY_FIRST_MS: u32 = 1_000;
/// Six doublings: 64 s, so that a shop that is down for long is asked once a minute.
const RETRY_DOUBLINGS: u32 = 6;

/// A place in a shop's list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place(u32);

struct Seat {
    place: Place,
    host: Element,
    watched: RefCell<Watched>,
    shown: ArcRwSignal<Shown>,
    is_product: bool,
}

/// The elements of one shop that are awake, and their socket.
pub(crate) struct Shop {
    socket: String,
    seats: RefCell<Vec<Seat>>,
    next_place: Cell<u32>,
    /// The list has changed since it was last sent.
    unsent: Cell<bool>,
    /// A task holds a socket.
    busy: Cell<bool>,
    /// A socket was lost, and it is not yet time for another.
    waiting: Cell<bool>,
    /// Sockets lost in a row.
    losses: Cell<u32>,
    task: RefCell<Option<Waker>>,
}

#[derive(Default)]
struct Page {
    hidden: bool,
    shops: Vec<Rc<Shop>>,
}

thread_local! {
    static PAGE: RefCell<Page> = RefCell::default();
}

impl Shop {
    /// The one shop whose socket has this address.
    pub(crate) fn at(socket: &str) -> Rc<Self> {
        PAGE.with_borrow_mut(|page| {
            if let Some(shop) = page.shops.iter().find(|shop| shop.socket == socket) {
                return Rc::clone(shop);
            }
            let shop = Rc::new(Self {
                socket: socket.to_owned(),
                seats: RefCell::default(),
                next_place: Cell::default(),
                unsent: Cell::default(),
                busy: Cell::default(),
                waiting: Cell::default(),
                losses: Cell::default(),
                task: RefCell::default(),
            });
            page.shops.push(Rc::clone(&shop));
            shop
        })
    }

    /// Somebody looks at the page, or has stopped to.
    pub(crate) fn look(visible: bool) {
        let shops = PAGE.with_borrow_mut(|page| {
            page.hidden = !visible;
            page.shops.clone()
        });
        for shop in shops {
            shop.losses.set(0);
            shop.waiting.set(false);
            shop.act();
        }
    }

    /// Adds an element to the list.
    pub(crate) fn join(
        self: &Rc<Self>,
        host: Element,
        watched: Watched,
        shown: ArcRwSignal<Shown>,
        is_product: bool,
    ) -> Place {
        let place = Place(self.next_place.get());
        self.next_place.set(place.0.wrapping_add(1));
        let watched = RefCell::new(watched);
        countdown::start(&shown);
        self.seats.borrow_mut().push(Seat { place, host, watched, shown, is_product });
        self.unsent.set(true);
        self.act();
        place
    }

    /// Takes an element off the list.
    pub(crate) fn leave(self: &Rc<Self>, place: Place) {
        self.seats.borrow_mut().retain(|seat| {
            let stays = seat.place != place;
            if !stays {
                // Its countdown looks at this before it goes on.
                seat.shown.update_untracked(|shown| shown.words.free_at = None);
            }
            stays
        });
        self.unsent.set(true);
        self.act();
    }

    fn wanted(&self) -> bool {
        !self.seats.borrow().is_empty() && !PAGE.with_borrow(|page| page.hidden)
    }

    /// Wakes the socket's task, or starts one if there is none and one is wanted.
    fn act(self: &Rc<Self>) {
        if let Some(task) = self.task.take() {
            task.wake();
        }
        if self.wanted() && !self.waiting.get() && !self.busy.replace(true) {
            self.connect();
        }
    }

    fn connect(self: &Rc<Self>) {
        let shop = Rc::clone(self);
        spawn_local(async move {
            if let Ok(mut socket) = WebSocket::open(&shop.socket) {
                shop.unsent.set(true);
                poll_fn(|context| shop.talk(&mut socket, context)).await;
            }
            shop.busy.set(false);
            shop.retry();
        });
    }

    /// Ready when the socket is lost or no longer wanted.
    fn talk(&self, socket: &mut WebSocket, context: &mut Context<'_>) -> Poll<()> {
        self.task.replace(Some(context.waker().clone()));
        loop {
            if !self.wanted() {
                return Poll::Ready(());
            }
            // A lost socket is ready too, and the browser complains of what is sent on it.
            let ready = socket.poll_ready_unpin(context).is_ready();
            if self.unsent.get() && ready && matches!(socket.state(), State::Open) {
                self.unsent.set(false);
                if socket.start_send_unpin(Message::Text(self.watch())).is_err() {
                    return Poll::Ready(());
                }
            }
            match socket.poll_next_unpin(context) {
                Poll::Ready(Some(Ok(Message::Text(frame)))) => {
                    self.losses.set(0);
                    self.take(&frame);
                }
                Poll::Ready(Some(Ok(Message::Bytes(_)))) => {}
                Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Opens the socket again after a while, if it is still wanted then.
    fn retry(self: &Rc<Self>) {
        if !self.wanted() {
            return;
        }
        self.waiting.set(true);
        let losses = self.losses.get();
        self.losses.set(losses.saturating_add(1));
        let longest = RETRY_FIRST_MS << losses.min(RETRY_DOUBLINGS);
        // Between half of it and all of it, so that pages that lost the same Worker come back
        // one after another.
        let wait = f64::from(longest) * (0.5 + js_sys::Math::random() / 2.0);
        let shop = Rc::clone(self);
        set_timeout(
            move || {
                shop.waiting.set(false);
                shop.act();
            },
            Duration::from_millis(wait as u64),
        );
    }

    fn watch(&self) -> String {
        let mut skus: Vec<Watched> = Vec::new();
        let mut add = |sku: &str, version| {
            if let Some(watched) = skus.iter_mut().find(|watched| watched.sku == sku) {
                watched.version = watched.version.min(version);
            } else if skus.len() < WATCHED_MAX {
                skus.push(Watched { sku: sku.to_owned(), version });
            }
        };
        let seats = self.seats.borrow();
        for seat in seats.iter().rev() {
            let own = seat.watched.borrow();
            add(&own.sku, own.version);
        }
        // What is offered instead goes last: it may not keep out what the page is about.
        for seat in seats.iter().rev() {
            seat.shown.with_untracked(|shown| {
                for substitute in &shown.words.substitutes {
                    add(&substitute.sku, substitute.version);
                }
            });
        }
        json::watch(&skus)
    }

    /// Shows what is new in a frame, then tells the page. Its listeners may do anything, remove
    /// an element even, so nothing is borrowed any more when they run.
    fn take(&self, frame: &str) {
        let items = json::items(frame);
        let mut changes = Vec::new();
        for seat in self.seats.borrow().iter() {
            for item in &items {
                seat.keep_from_showing(item);
                let offered = seat.offered();
                if seat.take(item) {
                    changes.push((seat.host.clone(), item));
                    // What is offered instead is watched too.
                    self.unsent.set(self.unsent.get() || seat.offered() != offered);
                }
            }
        }
        for (host, item) in changes {
            tell(&host, item);
        }
    }
}

impl Seat {
    /// Whether it was news.
    fn take(&self, item: &Item) -> bool {
        let mut watched = self.watched.borrow_mut();
        if watched.sku != item.sku || watched.version >= item.version {
            return false;
        }
        watched.version = item.version;
        let free_at = self.shown.with_untracked(|shown| shown.words.free_at.clone());
        self.shown.update(|shown| {
            let said = announcement(&item.words);
            if said != announcement(&shown.words) {
                shown.said = said;
            }
            shown.state.clone_from(&item.state);
            let order = std::mem::take(&mut shown.words.order);
            shown.words = item.words.clone();
            if !self.is_product {
                shown.words.substitutes.clear();
            }
            // The button goes, unless somebody is at it: then it keeps its name.
            if shown.words.order.is_empty() {
                shown.words.order = order;
            }
        });
        if free_at != item.words.free_at {
            countdown::start(&self.shown);
        }
        true
    }

    /// The SKUs that are offered instead.
    fn offered(&self) -> Vec<String> {
        let sku = |substitute: &Substitute| substitute.sku.clone();
        self.shown.with_untracked(|shown| shown.words.substitutes.iter().map(sku).collect())
    }

    /// Takes down a substitute that cannot be had any more.
    fn keep_from_showing(&self, item: &Item) {
        let is_gone = |substitute: &Substitute| {
            substitute.sku == item.sku
                && substitute.version < item.version
                && !matches!(item.state.as_str(), "in_stock" | "low")
        };
        if self.shown.with_untracked(|shown| shown.words.substitutes.iter().any(is_gone)) {
            self.shown.update(|shown| shown.words.substitutes.retain(|own| !is_gone(own)));
        }
    }
}

/// What a screen reader says when the state has changed: `Mug: Out of stock. Back in May 2027.`
fn announcement(words: &Words) -> String {
    let mut said = [&words.title, ": ", &words.state, "."].concat();
    for more in [&words.detail, &words.moved] {
        if !more.is_empty() {
            said.push(' ');
            said.push_str(more);
            said.push('.');
        }
    }
    said
}

/// Fires `backroom:state` at the element; `detail` is the item: the new snapshot and its words.
fn tell(host: &Element, item: &Item) {
    let init = CustomEventInit::new();
    init.set_bubbles(true);
    init.set_composed(true);
    init.set_detail(&item.object);
    if let Ok(event) = CustomEvent::new_with_event_init_dict("backroom:state", &init) {
        // It fails only for an event that is being dispatched already.
        let _ = host.dispatch_event(&event);
    }
}
