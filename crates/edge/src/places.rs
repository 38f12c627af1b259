//! Places in a waitlist, as the Worker and the shop's Outreach object ask the Shop object about
//! them: by an opaque id, which says nothing of who waits.

use crate::{
    clock,
    failure::{Failure, reject},
    limits::EXPIRED_PER_RUN,
    objects, outreach_do, respond, shop_do,
    sql::ObjectSql,
};
use ledger::{PlaceEvent, PlaceState, Sku};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::{Joined, Notice, Store};
use widget::Until;
use wire::Code;
use worker::{Env, Response};

/// Somebody is to have a place.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Join {
    pub(crate) id: String,
    pub(crate) sku: String,
    pub(crate) wanted: i64,
}

/// A place is to end.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Leave {
    pub(crate) id: String,
    /// Its time is over; else whoever waited does not want to any more.
    pub(crate) waited_out: bool,
}

/// What there is for a place: see [`Notice`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) place: String,
    pub(crate) sku: String,
    pub(crate) units: i64,
    pub(crate) kept: Option<Kept>,
}

/// Until when units are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// UTC milliseconds.
    pub(crate) until: i64,
    /// The same as the clocks in the shop's zone show it: `2026-11-22T14:05:00`.
    pub(crate) at: String,
    /// That zone's abbreviation.
    pub(crate) zone: String,
}

impl Kept {
    fn new(until: i64, time_zone: &str) -> Result<Self, Failure> {
        let shown = clock::shown(until, time_zone)?;
        let zone = shown.strftime("%Z").to_string();
        Ok(Self { until, at: shown.datetime().to_string(), zone })
    }

    /// As pages and messages say it.
    pub(crate) fn until(&self) -> Option<Until> {
        Some(Until { at: self.at.parse().ok()?, zone: self.zone.clone() })
    }
}

/// How a place stands.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PlaceTold {
    pub(crate) sku: String,
    /// As in the books.
    pub(crate) state: String,
    pub(crate) wanted: i64,
    /// Units offered to it.
    pub(crate) offered: Option<i64>,
    pub(crate) kept: Option<Kept>,
}

/// What is not itself in an address, wherever it stands: RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where the shop's own checkout sells a claim, by the template of its settings.
pub(crate) fn checkout(template: &str, hold: &str, sku: &str, quantity: i64) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
    template
        .replace("{hold}", &encoded(hold))
        .replace("{sku}", &encoded(sku))
        .replace("{quantity}", &quantity.to_string())
}

/// Asks the Shop object.
pub(crate) async fn ask<T: DeserializeOwned>(
    env: &Env,
    shop: &str,
    path: &str,
    body: &impl Serialize,
) -> Result<T, Failure> {
    objects::ask(&shop_do::stub(env, shop)?, path, body).await
}

/// Idempotent: by the place's id.
/// Output: 200, whether there is such a SKU to wait for.
pub(crate) fn join(
    store: &Store<ObjectSql>,
    shop: &store::Shop,
    join: &Join,
) -> Result<Response, Failure> {
    let sku = Sku::new(join.sku.as_str())
        .map_err(|why| reject(Code::BadValue, format!("`sku`: {why}.")))?;
    let moment = clock::moment(clock::now(), &shop.time_zone)?;
    let joined = store.join(&join.id, &sku, join.wanted, moment)?;
    respond::with_json(200, &(joined == Joined::Yes))
}

/// Idempotent: yes.
/// Output: 200 null.
pub(crate) fn leave(
    store: &Store<ObjectSql>,
    shop: &store::Shop,
    leave: &Leave,
) -> Result<Response, Failure> {
    let event = if leave.waited_out { PlaceEvent::WaitOut } else { PlaceEvent::Leave };
    let moment = clock::moment(clock::now(), &shop.time_zone)?;
    respond::with_json(200, &store.leave(&leave.id, event, moment)?)
}

/// Idempotent: yes, it only reads.
/// Output: 200 [`PlaceTold`], or null.
pub(crate) fn read(
    store: &Store<ObjectSql>,
    shop: &store::Shop,
    id: &str,
) -> Result<Response, Failure> {
    // What is over is over, whether or not the alarm has rung.
    store.expire_due(clock::moment(clock::now(), &shop.time_zone)?, EXPIRED_PER_RUN)?;
    let Some(place) = store.place(id)? else { return respond::with_json(200, &()) };
    let hold = store.hold_of(id, None)?.filter(|_| place.state == PlaceState::Offered);
    let kept = hold.map(|hold| Kept::new(hold.expires_at, &shop.time_zone)).transpose()?;
    let told = PlaceTold {
        sku: place.sku.to_string(),
        state: place.state.as_str().to_owned(),
        wanted: place.wanted,
        offered: place.offered,
        kept,
    };
    respond::with_json(200, &told)
}

/// Tells Outreach what there is for whom, some of it; true if there may be more.
pub(crate) async fn tell(
    env: &Env,
    store: &Store<ObjectSql>,
    shop: &store::Shop,
) -> Result<bool, Failure> {
    let notices = store.notices()?;
    if notices.is_empty() {
        return Ok(false);
    }
    let told = notices.iter().map(|notice| told(notice, &shop.time_zone));
    let told = Notices { shop: shop.id.clone(), told: told.collect::<Result<_, _>>()? };
    outreach_do::ask::<()>(env, &shop.id, "/notices", &told).await?;
    store.confirm_notices(&notices)?;
    Ok(true)
}

/// What Outreach hears.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Notices {
    pub(crate) shop: String,
    pub(crate) told: Vec<Told>,
}

fn told(notice: &Notice, time_zone: &str) -> Result<Told, Failure> {
    let kept = notice.kept_until.map(|until| Kept::new(until, time_zone)).transpose()?;
    let (place, sku) = (notice.place.clone(), notice.sku.to_string());
    Ok(Told { place, sku, units: notice.units, kept })
}
