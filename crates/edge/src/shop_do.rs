//! The Shop object, one for each shop: the only truth about its stock.
//!
//! Every write is decided first and then written in one transaction (`store`), with nothing but
//! storage awaited in between, so no two requests can be let through by the same unit. What has
//! to be told afterwards stands in the outbox, written in that same transaction; the alarm empties
//! it. An error never leaves half a decision behind, and the alarm never returns one.

use crate::{
    body, clock, convert,
    failure::{Failure, json, reject},
    import, js, keys,
    limits::{LEASE_MS, MAX_JSON_BYTES},
    log,
    publish::Publisher,
    read::BUILD,
    respond, settings,
    sql::ObjectSql,
    stock_page,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::cell::Cell;
use store::{Answer, Answered, RetireKey, Store};
use wasm_bindgen::{JsCast, JsValue};
use wire::{
    Code, CreateShop, Health, NewKey, Outbox, SettingsChange, ShopCreated, Snapshot, Watched,
};
use worker::{
    DurableObject, Env, Headers, Method, Request, RequestInit, Response, State, Stub,
    durable_object,
};

/// How soon the alarm comes again after it failed.
const ALARM_RETRY_MS: i64 = 1_000;

/// The object of this shop.
pub(crate) fn stub(env: &Env, shop: &str) -> Result<Stub, Failure> {
    Ok(env.durable_object("SHOP")?.get_by_name(&format!("shop/{shop}"))?)
}

/// Sends the object of this shop a body of JSON.
pub(crate) async fn post(
    env: &Env,
    shop: &str,
    path: &str,
    body: String,
) -> Result<Response, Failure> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers).with_body(Some(body.into()));
    let request = Request::new_with_init(&format!("https://shop{path}"), &init)?;
    Ok(stub(env, shop)?.fetch_with_request(request).await?)
}

/// From a Room: it has sockets, and these are what one of them shows.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Watch {
    /// The Room's number.
    pub(crate) room: u32,
    /// Nothing, when only the lease is renewed.
    pub(crate) skus: Vec<Watched>,
}

/// The object.
#[durable_object]
pub struct Shop {
    env: Env,
    storage: js::Storage,
    store: Store<ObjectSql>,
    publisher: Publisher,
    awake: Cell<bool>,
    alarm_at: Cell<Option<i64>>,
    last_import: Cell<i64>,
}

impl DurableObject for Shop {
    fn new(state: State, env: Env) -> Self {
        let storage = state.storage();
        let storage: &JsValue = storage.as_raw().as_ref();
        let storage: js::Storage = storage.clone().unchecked_into();
        Self {
            env,
            store: Store::new(ObjectSql::new(storage.clone())),
            storage,
            publisher: Publisher::default(),
            awake: Cell::new(false),
            alarm_at: Cell::new(None),
            last_import: Cell::new(0),
        }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        let entry = log::Entry::new(format!("{:?} {}", request.method(), request.path()));
        let response = match self.answer(request, &entry).await {
            Ok(response) => {
                entry.answered(response.status_code());
                Ok(response)
            }
            Err(failure) => {
                entry.failed(&failure);
                respond::problem(&failure, &entry.request_id)
            }
        };
        response.map_err(|failure| worker::Error::RustError(failure.to_string()))
    }

    async fn alarm(&self) -> worker::Result<Response> {
        let entry = log::Entry::new("alarm");
        self.alarm_at.set(None);
        let mut worked = self.wake().map_err(Failure::from);
        if worked.is_ok() {
            worked = self.work(&entry).await;
        }
        if worked.is_ok() {
            worked = self.arm().await;
        }
        if let Err(failure) = worked {
            entry.failed(&failure);
            let again = clock::now().saturating_add(ALARM_RETRY_MS);
            // If even that fails, the next request arms it: see `answer`.
            let _ = self.set_alarm(again).await;
        }
        Response::empty()
    }
}

impl Shop {
    /// Once for each waking: brings the schema up to date and throws away what an import that
    /// died had staged. A shop that nobody made stays without a single row.
    fn wake(&self) -> Result<(), store::Fault> {
        if !self.awake.get() && self.store.exists()? {
            self.store.migrate(clock::now())?;
            self.store.unstage(None)?;
            self.awake.set(true);
        }
        Ok(())
    }

    /// The shop; `None` if nobody made it, and then without a look at tables that are not there.
    fn shop(&self) -> Result<Option<store::Shop>, store::Fault> {
        if self.awake.get() { self.store.shop() } else { Ok(None) }
    }

    async fn answer(&self, mut request: Request, entry: &log::Entry) -> Result<Response, Failure> {
        self.wake()?;
        let answered = self.routed(&mut request, entry).await;
        self.publisher.news();
        // Also after a refusal: whatever was left to be told when the object died is told now. If
        // it cannot be set, what was decided stands all the same, and so does its answer.
        if let Err(failure) = self.arm().await {
            entry.hindered(&failure);
        }
        if answered.is_err() {
            body::discard(&mut request).await;
        }
        answered
    }

    async fn routed(&self, request: &mut Request, entry: &log::Entry) -> Result<Response, Failure> {
        let path = request.path();
        match path.as_str() {
            // The Worker has checked the operator's secret.
            "/v1/shops" => return self.create(request).await,
            "/watch" => return self.watch(request).await,
            _ => {}
        }
        let shop = self.authenticated(request)?;
        entry.of_shop(&shop.id);
        check_origin(request, &shop)?;
        let url = request.url()?;
        let query = url.query().unwrap_or_default();
        match (request.method(), path.as_str()) {
            (Method::Post, "/v1/commands") => self.command(&shop, request).await,
            (Method::Post, "/v1/import") => self.import(&shop, query, request).await,
            (Method::Get, "/v1/stock") => {
                respond::with_json(200, &stock_page::of(&self.store, query)?)
            }
            (Method::Get, "/v1/health") => self.health(),
            (Method::Get, "/v1/shop") => respond::with_json(200, &settings::settings(&shop)),
            (Method::Patch, "/v1/shop") => self.change(request).await,
            (Method::Post, "/v1/keys") => self.add_key(&shop),
            (Method::Delete, _) => self.retire_key(path.rsplit('/').next().unwrap_or_default()),
            _ => Err(reject(Code::NotFound, format!("There is nothing at {path}."))),
        }
    }

    /// The shop, if the request has one of its keys. A shop that was never made is told apart
    /// from a wrong key by nothing.
    fn authenticated(&self, request: &Request) -> Result<store::Shop, Failure> {
        let wrong = || reject(Code::KeyWrong, "No shop has this key; it may have been retired.");
        if !self.awake.get() {
            return Err(wrong());
        }
        let header = request.headers().get("authorization")?;
        let given = keys::hash(keys::bearer(header.as_deref()).unwrap_or_default());
        let live = self.store.key_hashes()?;
        if !live.iter().any(|(_, hash)| keys::same(hash, &given)) {
            return Err(wrong());
        }
        self.store.shop()?.ok_or_else(wrong)
    }

    /// Idempotent: no; a second shop of this id is refused, since its key can be shown only once.
    /// Input: [`CreateShop`], its id chosen by the Worker if the operator did not.
    /// Output: 201 [`ShopCreated`].
    async fn create(&self, request: &mut Request) -> Result<Response, Failure> {
        let asked: CreateShop = body::json(request, MAX_JSON_BYTES).await?;
        let id = asked.id.unwrap_or_default();
        let shop = settings::shop(&id, asked.settings)?;
        let key = keys::fresh_key(&id)?;
        if !self.store.create_shop(&shop, &key.prefix, &key.hash, clock::now())? {
            return Err(reject(Code::ShopExists, format!("Choose another id than `{id}`.")));
        }
        self.awake.set(true);
        let settings = settings::settings(&shop);
        respond::with_json(201, &ShopCreated { id, secret_key: key.text, settings })
    }

    /// Idempotent: by the command's id.
    /// Input: [`wire::Command`].
    /// Output: 200 [`wire::Applied`], or the refusal; either is remembered.
    async fn command(
        &self,
        shop: &store::Shop,
        request: &mut Request,
    ) -> Result<Response, Failure> {
        let sent: wire::Command = body::json(request, MAX_JSON_BYTES).await?;
        let command = convert::command(&sent)?;
        let digest = Sha256::digest(json(&sent));
        let request = store::Request {
            id: &sent.id,
            digest: &digest,
            command,
            reason: sent.reason.as_deref(),
        };
        let moment = clock::moment(clock::now(), &shop.time_zone)?;
        let answered = self.store.run(&request, moment, |decided| match decided {
            Ok(decision) => {
                Answer { status: 200, body: json(&convert::applied(&sent.id, decision)) }
            }
            Err(why) => {
                let problem = convert::rejected(why).problem(&sent.id);
                Answer { status: problem.status, body: json(&problem) }
            }
        })?;
        command_response(answered)
    }

    /// Idempotent: yes; the same file again changes nothing.
    /// Input: CSV; `counts=set` makes its `on_hand` a count.
    /// Output: 200 [`wire::ImportReport`].
    async fn import(
        &self,
        shop: &store::Shop,
        query: &str,
        request: &mut Request,
    ) -> Result<Response, Failure> {
        let counts = import::counts(query)?;
        // Imports can overlap while they stream in, and time stands still within a turn.
        let import = clock::now().max(self.last_import.get().saturating_add(1));
        self.last_import.set(import);
        let report = import::run(&self.store, shop, request, import, counts).await?;
        respond::with_json(200, &report)
    }

    /// Idempotent: yes, it only reads.
    /// Output: 200 [`Health`].
    fn health(&self) -> Result<Response, Failure> {
        let health = self.store.outbox_health()?;
        let age = health.oldest.map_or(0, |oldest| clock::now().saturating_sub(oldest));
        let unsigned = |value| u64::try_from(value).unwrap_or(0);
        let outbox = Outbox { rows: unsigned(health.rows), oldest_age_ms: unsigned(age) };
        respond::with_json(200, &Health { build: BUILD.to_owned(), outbox: Some(outbox) })
    }

    /// Idempotent: yes.
    /// Input: [`SettingsChange`].
    /// Output: 200 [`wire::Settings`].
    async fn change(&self, request: &mut Request) -> Result<Response, Failure> {
        let change: SettingsChange = body::json(request, MAX_JSON_BYTES).await?;
        // Read now: another change may have come in while this one's body did.
        let before = self.store.shop()?.ok_or(store::Fault::Corrupt("there is no shop"))?;
        let shop = settings::changed(before, change)?;
        let moment = clock::moment(clock::now(), &shop.time_zone)?;
        self.store.change_shop(&shop, moment)?;
        respond::with_json(200, &settings::settings(&shop))
    }

    /// Idempotent: no; each call makes a key, up to the limit.
    /// Output: 201 [`NewKey`].
    fn add_key(&self, shop: &store::Shop) -> Result<Response, Failure> {
        let key = keys::fresh_key(&shop.id)?;
        if !self.store.add_key(&key.prefix, &key.hash, clock::now())? {
            let detail = "Retire one first: DELETE /v1/keys/ and its first eight digits.";
            return Err(reject(Code::TooManyKeys, detail));
        }
        respond::with_json(201, &NewKey { secret_key: key.text })
    }

    /// Idempotent: a second call hears that there is no such key.
    /// Input: the first eight hex digits of the key.
    /// Output: 204.
    fn retire_key(&self, prefix: &str) -> Result<Response, Failure> {
        match self.store.retire_key(prefix)? {
            RetireKey::Retired => Ok(Response::empty()?.with_status(204)),
            RetireKey::Last => {
                Err(reject(Code::LastKey, "Make another with POST /v1/keys and retire this then."))
            }
            RetireKey::Unknown => Err(reject(
                Code::NotFound,
                "No live key begins with these; give the first eight of its forty hex digits.",
            )),
        }
    }

    /// Idempotent: yes.
    /// Input: [`Watch`], from a Room.
    /// Output: 200, the [`Snapshot`]s of those SKUs that are newer than what the page has.
    async fn watch(&self, request: &mut Request) -> Result<Response, Failure> {
        let watch: Watch = body::json(request, MAX_JSON_BYTES).await?;
        let Some(shop) = self.shop()? else {
            return Err(reject(Code::UnknownShop, "There is no such shop."));
        };
        let now = clock::now();
        self.store.turn_day(clock::moment(now, &shop.time_zone)?)?;
        self.store.lease_room(i64::from(watch.room), now.saturating_add(LEASE_MS))?;
        let mut newer: Vec<Snapshot> = Vec::new();
        for watched in watch.skus {
            let Some(shown) = self.store.shown(&watched.sku)? else { continue };
            if u64::try_from(shown.version).is_ok_and(|version| version > watched.version) {
                newer.push(convert::snapshot(shown)?);
            }
        }
        respond::with_json(200, &newer)
    }

    /// What the alarm does.
    async fn work(&self, entry: &log::Entry) -> Result<(), Failure> {
        let Some(shop) = self.shop()? else {
            return Ok(());
        };
        entry.of_shop(&shop.id);
        self.store.turn_day(clock::moment(clock::now(), &shop.time_zone)?)?;
        self.publisher.publish(&self.store, &self.env, &shop, entry).await
    }

    /// Sets the alarm for the earliest thing due, if that is sooner than it is set for.
    async fn arm(&self) -> Result<(), Failure> {
        if self.alarm_at.get().is_some_and(|set| set <= clock::now()) {
            return Ok(());
        }
        let Some(shop) = self.shop()? else {
            return Ok(());
        };
        let midnight = self
            .store
            .next_date_to_pass()?
            .map(|day| clock::end_of(day, &shop.time_zone))
            .transpose()?
            .flatten();
        let told = self.store.next_due(self.publisher.kv_paused_until())?;
        let Some(due) = [told, midnight].into_iter().flatten().min() else {
            return Ok(());
        };
        if self.alarm_at.get().is_none_or(|set| due < set) {
            self.set_alarm(due).await?;
        }
        Ok(())
    }

    async fn set_alarm(&self, at: i64) -> Result<(), Failure> {
        self.alarm_at.set(Some(at));
        #[expect(clippy::cast_precision_loss, reason = "a time in milliseconds is far below 2^53")]
        let set = self.storage.set_alarm(at as f64).await;
        if let Err(thrown) = set {
            self.alarm_at.set(None);
            return Err(Failure::platform(&thrown));
        }
        Ok(())
    }
}

/// A browser says where its page comes from; a program does not. A page may write only if its
/// shop lists it.
fn check_origin(request: &Request, shop: &store::Shop) -> Result<(), Failure> {
    let Some(origin) = request.headers().get("origin")? else { return Ok(()) };
    if request.method() == Method::Get || shop.origins.contains(&origin) {
        return Ok(());
    }
    let detail = format!("`{origin}` is not among the shop's origins; PATCH /v1/shop lists them.");
    Err(reject(Code::OriginNotAllowed, detail))
}

fn command_response(answered: Answered) -> Result<Response, Failure> {
    let (answer, replayed) = match answered {
        Answered::First(answer) => (answer, false),
        Answered::Again(answer) => (answer, true),
        Answered::IdReused => {
            let detail = "This id came before with another command. Nothing was changed.";
            return Err(reject(Code::IdReused, detail));
        }
    };
    let content_type =
        if answer.status < 300 { "application/json" } else { "application/problem+json" };
    let mut response = respond::text(answer.status, content_type, answer.body)?;
    if replayed {
        response.headers_mut().set("idempotent-replayed", "true")?;
    }
    Ok(response)
}
