//! A Room: the sockets of some of a shop's pages.
//!
//! A Room keeps nothing of its own. What each page shows stands in its socket's attachment, which
//! outlives hibernation; a Room with sockets leases itself at the shop's object, which pushes what
//! changes to leased Rooms only.

use crate::{
    body,
    clock::{self, within},
    failure::{Failure, json},
    kv::Entry,
    limits::{
        FRAME_WINDOW_MS, INSTEAD_TIMEOUT_MS, LEASE_RENEWED_MS, MAX_FRAME_BYTES, MAX_FRAMES,
        MAX_PUSH_BYTES, MAX_SKUS, MAX_SOCKETS, PUSH_TIMEOUT_MS,
    },
    log, read, respond,
    shop_do::{self, Watch},
    specimens,
};
use ledger::Sku;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use widget::Language;
use wire::{FromPage, Live, Snapshot, ToPage, Watched, Words};
use worker::{
    DurableObject, Env, Headers, Method, Request, RequestInit, Response, State, Stub, WebSocket,
    WebSocketIncomingMessage, WebSocketPair, durable_object,
};

/// The page has left (RFC 6455: normal closure).
const CLOSE_NORMAL: u16 = 1000;

/// What a socket was told to watch cannot be understood (RFC 6455: unsupported data).
const CLOSE_BAD_FRAME: u16 = 1003;

/// A page that says too much (RFC 6455: policy violation).
const CLOSE_TOO_MUCH: u16 = 1008;

/// Ours, and the page may come back (IANA: try again later).
const CLOSE_TRY_AGAIN: u16 = 1013;

/// What came of a push.
pub(crate) enum Pushed {
    /// The Room has it.
    Told,
    /// The Room has no sockets any more.
    Empty,
}

/// What a socket shows, and where it is. It outlives the object and its build: a new field needs
/// a default.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Attachment {
    shop: String,
    room: u32,
    skus: Vec<String>,
    /// The language of the words that go with a snapshot; without one there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lang: Option<String>,
    /// When the frames were first counted, and how many there were since.
    window: i64,
    frames: u32,
}

impl Attachment {
    /// Counts a frame; false when there were too many.
    fn count_frame(&mut self, now: i64) -> bool {
        if now.saturating_sub(self.window) >= FRAME_WINDOW_MS {
            self.window = now;
            self.frames = 0;
        }
        self.frames = self.frames.saturating_add(1);
        self.frames <= MAX_FRAMES
    }
}

fn stub(env: &Env, shop: &str, room: i64) -> Result<Stub, Failure> {
    Ok(env.durable_object("ROOM")?.get_by_name(&format!("room/{shop}/{room}"))?)
}

/// Opens a page's socket in this Room, for snapshots and their words in a language.
pub(crate) async fn open(
    env: &Env,
    shop: &str,
    room: u32,
    language: Option<&Language>,
) -> Result<Response, Failure> {
    let headers = Headers::new();
    headers.set("upgrade", "websocket")?;
    let mut init = RequestInit::new();
    init.with_headers(headers);
    let lang = language.map_or("", |language| language.tag);
    let url = format!("https://room/open?shop={shop}&room={room}&lang={lang}");
    let request = Request::new_with_init(&url, &init)?;
    Ok(stub(env, shop, i64::from(room))?.fetch_with_request(request).await?)
}

/// Tells a Room what changed: a JSON array of snapshots.
pub(crate) async fn push(
    env: &Env,
    shop: &str,
    room: i64,
    snapshots: &str,
) -> Result<Pushed, Failure> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(snapshots.into()));
    let request = Request::new_with_init("https://room/push", &init)?;
    let stub = stub(env, shop, room)?;
    let pushed = async { Ok(stub.fetch_with_request(request).await?) };
    let response: Response = within(PUSH_TIMEOUT_MS, pushed).await?;
    match response.status_code() {
        204 => Ok(Pushed::Told),
        410 => Ok(Pushed::Empty),
        status => Err(Failure::Retryable(format!("a Room answered {status}"))),
    }
}

/// The object.
#[durable_object]
pub struct Room {
    state: State,
    env: Env,
}

impl DurableObject for Room {
    fn new(state: State, env: Env) -> Self {
        // Answered by the platform without waking the object.
        if let Ok(pair) = worker::WebSocketRequestResponsePair::new("ping", "pong") {
            state.set_websocket_auto_response(&pair);
        }
        Self { state, env }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let path = request.path();
        let answered = match path.as_str() {
            "/open" => self.accept(&request).await,
            _ => self.pushed(&mut request).await,
        };
        let answered = answered.or_else(|failure| {
            let entry = log::Entry::new(format!("room {path}"));
            entry.failed(&failure);
            respond::problem(&failure, entry.request_id())
        });
        answered.map_err(|failure| worker::Error::RustError(failure.to_string()))
    }

    async fn alarm(&self) -> worker::Result<Response> {
        let sockets = self.sockets();
        if let Some(place) = sockets.iter().find_map(place) {
            if let Err(failure) = self.watch(&place, Vec::new()).await {
                let entry = log::Entry::new("room alarm");
                entry.of_shop(&place.shop);
                entry.failed(&failure);
                // Without a lease they would hear nothing; when they come back they are told what
                // they missed.
                for socket in &sockets {
                    // One that is gone already needs no closing.
                    let _ = close(socket, CLOSE_TRY_AGAIN, "please come back");
                }
            }
            self.set_alarm().await;
        }
        Response::empty()
    }

    async fn websocket_message(
        &self,
        socket: WebSocket,
        message: WebSocketIncomingMessage,
    ) -> worker::Result<()> {
        let WebSocketIncomingMessage::String(text) = message else {
            return close(&socket, CLOSE_BAD_FRAME, "text frames only");
        };
        let Some(watched) = watched(&text) else {
            return close(&socket, CLOSE_BAD_FRAME, "see /docs/api.html for what is understood");
        };
        let Some(mut place) = place(&socket) else {
            return close(&socket, CLOSE_TRY_AGAIN, "please come back");
        };
        if !place.count_frame(clock::now()) {
            return close(&socket, CLOSE_TOO_MUCH, "fewer frames, please");
        }
        match self.watch_socket(&socket, place, watched).await {
            Ok(()) => Ok(()),
            Err(failure) => {
                log::Entry::new("room watch").failed(&failure);
                close(&socket, CLOSE_TRY_AGAIN, "please come back")
            }
        }
    }

    /// A browser holds a socket, and keeps its page out of the back/forward cache, until its
    /// close is answered: without an answer for ten seconds.
    async fn websocket_close(
        &self,
        socket: WebSocket,
        _code: usize,
        _reason: String,
        _was_clean: bool,
    ) -> worker::Result<()> {
        // It fails for a page that did not say goodbye.
        let _ = close(&socket, CLOSE_NORMAL, "");
        Ok(())
    }

    async fn websocket_error(
        &self,
        _socket: WebSocket,
        _error: worker::Error,
    ) -> worker::Result<()> {
        Ok(())
    }
}

impl Room {
    /// Input: shop, room and language in the address, from the Worker. Output: 101 with the page's socket.
    async fn accept(&self, request: &Request) -> Result<Response, Failure> {
        let url = request.url()?;
        let parameter = |wanted: &str| {
            url.query_pairs()
                .find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
                .unwrap_or_default()
        };
        let room = parameter("room").parse().unwrap_or_default();
        if self.sockets().len() >= MAX_SOCKETS {
            return Err(Failure::Retryable("a Room is full".to_owned()));
        }
        let pair = WebSocketPair::new()?;
        let attachment = Attachment {
            shop: parameter("shop"),
            room,
            skus: Vec::new(),
            lang: Some(parameter("lang")).filter(|lang| !lang.is_empty()),
            window: clock::now(),
            frames: 0,
        };
        self.state.accept_web_socket(&pair.server);
        pair.server.serialize_attachment(&attachment)?;
        if self.state.storage().get_alarm().await?.is_none() {
            self.set_alarm().await;
        }
        Ok(Response::from_websocket(pair.client)?)
    }

    /// Idempotent: yes; pages go by the version.
    /// Input: a JSON array of [`Snapshot`]s, from the Shop. Output: 204, or 410 without sockets.
    async fn pushed(&self, request: &mut Request) -> Result<Response, Failure> {
        let changed: Vec<Snapshot> = body::json(request, MAX_PUSH_BYTES).await?;
        let sockets = self.sockets();
        if sockets.is_empty() {
            return Ok(Response::empty()?.with_status(410));
        }
        let placed = |socket: WebSocket| place(&socket).map(|place| (socket, place));
        let pages: Vec<_> = sockets.into_iter().filter_map(placed).collect();
        let is_shown =
            |changed: &&Snapshot| pages.iter().any(|(_, page)| page.skus.contains(&changed.sku));
        let shown: Vec<_> = changed.iter().filter(is_shown).collect();
        let published = match pages.first() {
            Some((_, page)) => self.instead(&page.shop, &shown).await,
            None => Vec::new(),
        };
        // Its words are the same to every page in a language.
        let mut said = BTreeMap::new();
        for (socket, page) in &pages {
            let lang = page.lang.as_deref();
            let items = said.entry(lang).or_insert_with(|| in_words(lang, &shown, &published));
            let shows = |item: &&Live| page.skus.contains(&item.snapshot.sku);
            send(socket, items.iter().filter(shows).cloned().collect());
        }
        Ok(Response::empty()?.with_status(204))
    }

    /// What the page shows from now on, and at once what it has an old version of. The attachment
    /// comes first: whatever changes while the shop is asked is pushed.
    async fn watch_socket(
        &self,
        socket: &WebSocket,
        place: Attachment,
        watched: Vec<Watched>,
    ) -> Result<(), Failure> {
        let skus = watched.iter().map(|watched| watched.sku.clone()).collect();
        let place = Attachment { skus, ..place };
        socket.serialize_attachment(&place)?;
        let newer = self.watch(&place, watched).await?;
        let shown: Vec<_> = newer.iter().collect();
        let published = self.instead(&place.shop, &shown).await;
        send(socket, in_words(place.lang.as_deref(), &shown, &published));
        Ok(())
    }

    /// What is published of all that would do instead of these. A change waits for it half a second
    /// at most: when KV is slower, nothing is offered.
    async fn instead(&self, shop: &str, shown: &[&Snapshot]) -> Vec<Snapshot> {
        let candidates = within(INSTEAD_TIMEOUT_MS, read::candidates(&self.env, shop, shown));
        let candidates = candidates.await.unwrap_or_else(|failure| {
            log::Entry::new("room instead").hindered(&failure);
            Vec::new()
        });
        candidates.iter().filter_map(Entry::read).collect()
    }

    /// Leases this Room, and asks what is newer.
    async fn watch(
        &self,
        place: &Attachment,
        skus: Vec<Watched>,
    ) -> Result<Vec<Snapshot>, Failure> {
        if place.shop == specimens::SHOP {
            return Ok(Vec::new());
        }
        let watch = json(&Watch { room: place.room, skus });
        let mut response = shop_do::post(&self.env, &place.shop, "/watch", watch).await?;
        match response.status_code() {
            200 => Ok(response.json().await?),
            status => Err(Failure::Retryable(format!("a shop answered {status}"))),
        }
    }

    /// Those that are not closed: the platform still lists the ones that are closing.
    fn sockets(&self) -> Vec<WebSocket> {
        const OPEN: u16 = 1;
        let mut sockets = self.state.get_websockets();
        sockets.retain(|socket| socket.as_ref().ready_state() == OPEN);
        sockets
    }

    /// Without the alarm the lease runs out, and the pages' sockets fall silent until they open
    /// anew; so it is logged.
    async fn set_alarm(&self) {
        if let Err(error) = self.state.storage().set_alarm(LEASE_RENEWED_MS).await {
            log::Entry::new("room alarm").failed(&error.into());
        }
    }
}

/// The SKUs of a text from a page; `None` if it is not understood.
fn watched(text: &str) -> Option<Vec<Watched>> {
    if text.len() > MAX_FRAME_BYTES {
        return None;
    }
    let FromPage::Watch { skus } = serde_json::from_str(text).ok()?;
    let sound =
        skus.len() <= MAX_SKUS && skus.iter().all(|watched| Sku::new(watched.sku.as_str()).is_ok());
    sound.then_some(skus)
}

fn place(socket: &WebSocket) -> Option<Attachment> {
    socket.deserialize_attachment().ok().flatten()
}

/// Snapshots as they are told, with their words to a page that has said its language.
fn in_words(lang: Option<&str>, changed: &[&Snapshot], published: &[Snapshot]) -> Vec<Live> {
    let language = lang.and_then(Language::of);
    let words = |snapshot: &Snapshot, language| {
        let candidates = read::candidates_of(snapshot, published);
        let substitutes = widget::substitutes(snapshot, &candidates, language);
        Words { substitutes, ..widget::words(snapshot, language) }
    };
    let live = |snapshot: &&Snapshot| Live {
        snapshot: (*snapshot).clone(),
        words: language.map(|language| words(snapshot, language)),
    };
    changed.iter().map(live).collect()
}

/// A page that has gone is no failure of ours.
fn send(socket: &WebSocket, items: Vec<Live>) {
    if !items.is_empty() {
        let _ = socket.send_with_str(json(&ToPage::Snapshots { items }));
    }
}

fn close(socket: &WebSocket, code: u16, reason: &str) -> worker::Result<()> {
    socket.close(Some(code), Some(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_say_so_much_in_a_while() {
        let mut page = Attachment {
            shop: "demo".to_owned(),
            room: 0,
            skus: Vec::new(),
            lang: None,
            window: 0,
            frames: 0,
        };
        assert!((0..MAX_FRAMES).all(|_| page.count_frame(1)));
        assert!(!page.count_frame(FRAME_WINDOW_MS - 1));
        assert!(page.count_frame(FRAME_WINDOW_MS));
    }

    /// Sockets outlive a deployment: what an earlier build attached must still be understood.
    #[test]
    fn a_stored_attachment_still_reads() {
        let stored = r#"{"shop":"demo","room":3,"skus":["a"],"window":1,"frames":2}"#;
        let read: Attachment = serde_json::from_str(stored).unwrap();
        let skus = vec!["a".to_owned()];
        let expected =
            Attachment { shop: "demo".to_owned(), room: 3, skus, lang: None, window: 1, frames: 2 };
        assert_eq!(read, expected);
    }

    #[test]
    fn what_a_page_may_say() {
        let watch = |skus: &str| watched(&format!("{{\"type\":\"watch\",\"skus\":[{skus}]}}"));
        assert_eq!(watch("").map(|skus| skus.len()), Some(0));
        let one = "{\"sku\":\"a\",\"version\":3}";
        assert_eq!(watch(one), Some(vec![Watched { sku: "a".to_owned(), version: 3 }]));
        assert_eq!(watch(&vec![one; 51].join(",")), None);
        assert_eq!(watch("{\"sku\":\"\",\"version\":3}"), None);
        assert_eq!(watched(&" ".repeat(MAX_FRAME_BYTES + 1)), None);
        assert_eq!(watched("ping!"), None);
    }
}
