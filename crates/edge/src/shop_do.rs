//! The Shop object, one for each shop: the only truth about its stock.
//!
//! Every write is decided first and then written in one transaction (`store`), with nothing but
//! storage awaited in between, so no two requests can be let through by the same unit. What has
//! to be told afterwards stands in the outbox, written in that same transaction; the alarm empties
//! it. An error never leaves half a decision behind, and the alarm never returns one.

use crate::{
    account,
    address::{self, Found},
    alarm::{Alarm, AtWork},
    body, browser_token, bundles,
    call::{Call, Caller},
    catalogue, clock, commands, convert, dead_messages, desk, explain,
    failure::{Failure, reject},
    holds, import, js, keys,
    limits::{LEASE_MS, MAX_JSON_BYTES, SWEEP_WITHIN_MS},
    locations, log, objects, order_contact, order_link, orders, places,
    publish::Publisher,
    purchases, respond, settings,
    sql::ObjectSql,
    stock_page, subjects, waitlists,
};
use js_sys::Reflect;
use serde::{Deserialize, Serialize};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use store::Store;
use wasm_bindgen::{JsCast, JsValue};
use wire::{Code, CreateShop, Operation, Route, ShopCreated, Snapshot, Watched};
use worker::{
    DurableObject, Env, Headers, Method, Request, RequestInit, Response, State, Stub,
    durable_object,
};

/// How soon the alarm comes again after it failed.
const ALARM_RETRY_MS: i64 = 1_000;

/// The object of this shop.
pub(crate) fn stub(env: &Env, shop: &str) -> Result<Stub, Failure> {
    objects::stub(env, "SHOP", &name(shop))
}

/// Hands a request on to the object of this shop, and its answer back as it comes.
pub(crate) async fn hand_on(
    env: &Env,
    shop: &str,
    request: &web_sys::Request,
) -> Result<web_sys::Response, Failure> {
    let thrown = |thrown| Failure::platform(&thrown);
    let objects = Reflect::get(env, &"SHOP".into()).map_err(thrown)?;
    let objects: js::Objects = objects.unchecked_into();
    let object = objects.get_by_name(&name(shop)).map_err(thrown)?;
    object.fetch(request).await.map(JsCast::unchecked_into).map_err(thrown)
}

fn name(shop: &str) -> String {
    format!("shop/{shop}")
}

/// Sends the object of this shop a body of JSON.
pub(crate) async fn post(
    env: &Env,
    shop: &str,
    path: &str,
    body: String,
) -> Result<Response, Failure> {
    objects::post(&stub(env, shop)?, path, body).await
}

/// Asks the object of this shop as its merchant's programs do.
pub(crate) async fn ask(
    env: &Env,
    shop: &str,
    (method, path): (Method, &str),
    bearer: &str,
    body: Option<String>,
) -> Result<Response, Failure> {
    let headers = Headers::new();
    headers.set("authorization", &format!("Bearer {bearer}"))?;
    let mut init = RequestInit::new();
    init.with_method(method).with_headers(headers).with_body(body.map(Into::into));
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

/// Prefix and hash of each live key.
type Keys = Rc<Vec<(String, Vec<u8>)>>;

/// The object.
#[durable_object]
pub struct Shop {
    env: Env,
    store: Store<ObjectSql>,
    publisher: Publisher,
    alarm: Alarm,
    awake: Cell<bool>,
    /// The hashes of the live keys, while they are known to be those stored.
    keys: RefCell<Option<Keys>>,
    last_import: Cell<i64>,
}

impl DurableObject for Shop {
    fn new(state: State, env: Env) -> Self {
        let storage = state.storage();
        let storage: &JsValue = storage.as_raw().as_ref();
        let storage: js::Storage = storage.clone().unchecked_into();
        #[cfg(feature = "bugs")]
        crate::bug::switch_on(&env);
        Self {
            env,
            store: Store::new(ObjectSql::new(storage.clone())),
            publisher: Publisher::default(),
            alarm: Alarm::new(storage),
            awake: Cell::new(false),
            keys: RefCell::default(),
            last_import: Cell::new(0),
        }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let (url, method) = (request.inner().url(), request.inner().method());
        let (path, query) = address::split(&url);
        let found = address::find(&method, path);
        let entry = log::Entry::new(match &found {
            // An id in a path is its sender's to choose, and so no word of ours.
            Found::Route(route, _) => format!("{method} {}", route.path),
            Found::Takes(_) | Found::Nothing => format!("{method} {path}"),
        });
        let answered = match found {
            // The Worker has checked the operator's secret.
            Found::Route(Route { operation: Operation::CreateShop, .. }, _) => {
                self.answer(self.create(&mut request), &entry).await
            }
            Found::Route(route, named) => {
                let called = self.call(route, named, query, &mut request, &entry);
                self.answer(called, &entry).await
            }
            Found::Takes(_) | Found::Nothing => {
                self.answer(self.inner(path, &mut request), &entry).await
            }
        };
        let response = match answered {
            Ok(response) => {
                entry.answered(response.status_code());
                Ok(response)
            }
            Err(failure) => {
                body::discard(&mut request).await;
                entry.failed(&failure);
                respond::problem(&failure, entry.request_id())
            }
        };
        response.map_err(|failure| worker::Error::RustError(failure.to_string()))
    }

    async fn alarm(&self) -> worker::Result<Response> {
        let entry = log::Entry::new("alarm");
        self.alarm.rings(clock::now());
        let mut worked = self.wake().map_err(Failure::from);
        if worked.is_ok() {
            worked = self.work(&entry).await;
        }
        if let Err(failure) = worked {
            entry.failed(&failure);
            // If even that fails, the next request arms it: see `answer`.
            let _ = self.alarm.set(clock::now().saturating_add(ALARM_RETRY_MS)).await;
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
    fn shop(&self) -> Result<Option<Rc<store::Shop>>, store::Fault> {
        if self.awake.get() { self.store.shop() } else { Ok(None) }
    }

    /// What the alarm does.
    async fn work(&self, entry: &log::Entry) -> Result<(), Failure> {
        let Some(shop) = self.shop()? else {
            return Ok(());
        };
        entry.of_shop(&shop.id);
        let at_work = AtWork {
            env: &self.env,
            store: &self.store,
            publisher: &self.publisher,
            shop: &shop,
            entry,
        };
        self.alarm.work(&at_work).await?;
        self.alarm.arm(&self.store, &self.publisher, &shop, None).await
    }

    /// Sets the alarm for what a request has left to be done.
    async fn arm(&self) -> Result<(), Failure> {
        let Some(shop) = self.shop()? else {
            return Ok(());
        };
        let swept = clock::now().saturating_add(SWEEP_WITHIN_MS);
        self.alarm.arm(&self.store, &self.publisher, &shop, Some(swept)).await
    }

    /// Answers, and sees to it that whatever came of it is told.
    async fn answer(
        &self,
        answer: impl Future<Output = Result<Response, Failure>>,
        entry: &log::Entry,
    ) -> Result<Response, Failure> {
        self.wake()?;
        let answered = answer.await;
        self.publisher.news();
        // Also after a refusal: whatever was left to be told when the object died is told now. If
        // it cannot be set, what was decided stands all the same, and so does its answer.
        if let Err(failure) = self.arm().await {
            entry.hindered(&failure);
        }
        answered
    }

    /// Answers a request to one of the shop's own routes.
    async fn call(
        &self,
        route: &'static Route,
        named: String,
        query: &str,
        request: &mut Request,
        entry: &log::Entry,
    ) -> Result<Response, Failure> {
        let (shop, caller) = self.authenticated(request)?;
        entry.of_shop(&shop.id);
        check_origin(request, &shop)?;
        let (env, store, query) = (&self.env, &self.store, query.to_owned());
        let mut call = Call {
            env,
            store,
            shop,
            caller,
            route,
            named,
            query,
            request,
            #[cfg(feature = "bugs")]
            looked: std::cell::Cell::new(None),
        };
        call.check_caller()?;
        self.run(&mut call).await
    }

    async fn run(&self, call: &mut Call<'_>) -> Result<Response, Failure> {
        match call.route.operation {
            Operation::PlaceHold => holds::place(call).await,
            Operation::ListHolds => holds::list(call),
            Operation::ReadHold => holds::read(call),
            Operation::CommitHold => holds::commit(call).await,
            Operation::ReleaseHold => holds::release(call).await,
            Operation::PlaceOrder => orders::place(call).await,
            Operation::ListOrders => orders::list(call),
            Operation::ReadOrder => orders::read(call),
            Operation::ReadOrderContact => order_contact::read(call).await,
            Operation::ShipOrder => orders::ship(call).await,
            Operation::CancelOrder => orders::cancel(call).await,
            Operation::ReturnOrder => orders::take_back(call).await,
            Operation::ListEvents => orders::events(call),
            Operation::PlacePurchaseOrder => purchases::place(call).await,
            Operation::ListPurchaseOrders => purchases::list(call),
            Operation::ReadPurchaseOrder => purchases::read(call),
            Operation::ChangePurchaseOrder => purchases::change(call).await,
            Operation::ReceivePurchaseOrder => purchases::receive(call).await,
            Operation::ListStockouts => purchases::stockouts(call),
            Operation::ListWaitlists => waitlists::list(call),
            Operation::ListMessages => dead_messages::list(call).await,
            Operation::RetryMessage => dead_messages::retry(call).await,
            Operation::ExportSubject => subjects::export(call).await,
            Operation::EraseSubject => subjects::erase(call).await,
            Operation::RunCommand => commands::run(call).await,
            Operation::BookCount => commands::count(call).await,
            Operation::ReadStock => stock_page::read(call),
            Operation::ReadDrift => explain::drift(call),
            Operation::Explain => explain::number(call),
            Operation::Import => import::take(call, self.import_id()).await,
            Operation::ChangeSku => catalogue::change_sku(call).await,
            Operation::ChangeProduct => catalogue::change_product(call).await,
            Operation::ListLocations => locations::list(call),
            Operation::PutLocation => locations::put(call).await,
            Operation::ListBundles => bundles::list(call),
            Operation::PutBundle => bundles::put(call).await,
            Operation::RemoveBundle => bundles::remove(call),
            Operation::ReadShop => account::read(call),
            Operation::ChangeShop => account::change(call).await,
            Operation::ReadHealth => account::health(call),
            Operation::AddKey | Operation::RetireKey => {
                self.keys.replace(None);
                account::change_keys(call)
            }
            // These never come here: the Worker answers them.
            Operation::ReadAvailability
            | Operation::ReadFragment
            | Operation::WatchLive
            | Operation::MakeBrowserToken
            | Operation::SignUp
            | Operation::ShowChallenge
            | Operation::ShowConfirm
            | Operation::Confirm
            | Operation::ShowClaim
            | Operation::ReadClaim
            | Operation::PassClaimOn
            | Operation::ShowUnsubscribe
            | Operation::Unsubscribe
            | Operation::ShowAlerts
            | Operation::ShowDesk
            | Operation::ActAtDesk
            | Operation::EndAlerts
            | Operation::TakeMailEvent
            | Operation::ReadMyOrder
            | Operation::CancelMyOrder
            | Operation::CreateShop => {
                let detail = format!("There is nothing at {}.", call.route.path);
                Err(reject(Code::NotFound, detail))
            }
        }
    }

    /// The shop and who calls, if the request has one of its keys, or a token for it. A shop that
    /// was never made is told apart from a wrong key by nothing.
    fn authenticated(&self, request: &Request) -> Result<(Rc<store::Shop>, Caller), Failure> {
        let wrong = || reject(Code::KeyWrong, "No shop has this key; it may have been retired.");
        let shop = self.shop()?.ok_or_else(wrong)?;
        let header = request.headers().get("authorization")?;
        let given = keys::bearer(header.as_deref()).unwrap_or_default();
        if given.starts_with("bt_") {
            let claims = browser_token::open(given, &self.env, clock::now())?;
            return Ok((shop, Caller::Browser(claims)));
        }
        let live = self.live_keys()?;
        let is_live = if given.starts_with("dt_") {
            // From the desk, which a key has opened.
            let key = desk::key_of(given, &shop.id, &self.env);
            live.iter().any(|(prefix, _)| Some(prefix) == key.as_ref())
        } else {
            let given = keys::hash(given);
            live.iter().any(|(_, hash)| keys::same(hash, &given))
        };
        if is_live { Ok((shop, Caller::Owner)) } else { Err(wrong()) }
    }

    fn live_keys(&self) -> Result<Keys, store::Fault> {
        if let Some(known) = &*self.keys.borrow() {
            return Ok(Rc::clone(known));
        }
        let hashes = Rc::new(self.store.key_hashes()?);
        self.keys.replace(Some(Rc::clone(&hashes)));
        Ok(hashes)
    }

    /// Imports can overlap while they stream in, and time stands still within a turn.
    fn import_id(&self) -> i64 {
        let import = clock::now().max(self.last_import.get().saturating_add(1));
        self.last_import.set(import);
        import
    }

    /// Idempotent: so far as a secret can be: the same again, while nobody has touched the shop,
    /// makes it a new key in place of the first, whose answer was lost.
    /// Input: [`CreateShop`], its id chosen by the Worker if the operator did not.
    /// Output: 201 [`ShopCreated`].
    async fn create(&self, request: &mut Request) -> Result<Response, Failure> {
        let asked: CreateShop = body::json(request, MAX_JSON_BYTES).await?;
        let id = asked.id.unwrap_or_default();
        let shop = settings::shop(&id, asked.settings)?;
        let key = keys::fresh_key(&id)?;
        self.keys.replace(None);
        if !self.store.create_shop(&shop, &key.prefix, &key.hash, clock::now())? {
            return Err(reject(Code::ShopExists, format!("Choose another id than `{id}`.")));
        }
        self.awake.set(true);
        let settings = settings::settings(&shop);
        respond::with_json(201, &ShopCreated { id, secret_key: key.text, settings })
    }

    /// What no route leads to: Rooms and the Worker ask it.
    async fn inner(&self, path: &str, request: &mut Request) -> Result<Response, Failure> {
        match path {
            "/watch" => self.watch(request).await,
            "/my-order" => self.my_order(request).await,
            "/join" | "/leave" | "/place" => self.place(path, request).await,
            _ => Err(reject(Code::NotFound, format!("There is nothing at {path}."))),
        }
    }

    /// Idempotent: yes.
    /// Input: [`order_link::Ask`], from the Worker, which has checked the buyer's link.
    /// Output: 200 with the order.
    async fn my_order(&self, request: &mut Request) -> Result<Response, Failure> {
        let ask: order_link::Ask = body::json(request, MAX_JSON_BYTES).await?;
        let Some(shop) = self.shop()? else {
            return Err(reject(Code::UnknownOrder, "There is no such shop."));
        };
        order_link::found(&self.env, &self.store, &shop, &ask)
    }

    /// About a place in a waitlist, from the Worker or the shop's Outreach object: see [`places`].
    async fn place(&self, path: &str, request: &mut Request) -> Result<Response, Failure> {
        let Some(shop) = self.shop()? else {
            return Err(reject(Code::UnknownShop, "There is no such shop."));
        };
        let body = body::bytes(request, MAX_JSON_BYTES).await?;
        match path {
            "/join" => places::join(&self.store, &shop, &body::inner(&body)?),
            "/leave" => places::leave(&self.store, &shop, &body::inner(&body)?),
            _ => places::read(&self.store, &shop, &body::inner::<String>(&body)?),
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
