//! The snapshots in KV: how keys are named, and reading and writing them.
//!
//! A SKU's key is `s/{shop}/{sku}` and its value the final JSON; `shop/{shop}` holds the shop's
//! own record. Beside each value stand its version and the time it was written.

use crate::{
    failure::Failure,
    js::{Kv, KvEntry},
    limits::KV_CACHE_SECONDS,
    read,
};
use js_sys::{Array, Map, Object, Reflect};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

const BINDING: &str = "SNAPSHOTS";

/// The key of a SKU's snapshot.
pub(crate) fn sku_key(shop: &str, sku: &str) -> String {
    format!("s/{shop}/{sku}")
}

/// The key of a shop's own record.
pub(crate) fn shop_key(shop: &str) -> String {
    format!("shop/{shop}")
}

/// A value and what stands beside it.
pub(crate) struct Entry {
    /// The stored text, still JavaScript's: it can be answered without being copied.
    pub(crate) value: JsValue,
    /// The version that was written.
    pub(crate) version: u64,
    /// When it was written.
    pub(crate) at: f64,
}

impl Entry {
    /// What the value says. One that this build cannot read is as good as none; publishing will
    /// write it anew.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(&self.value.as_string()?).ok()
    }
}

/// As much of a shop's own record as matters to what is answered without asking its object.
#[derive(Deserialize)]
pub(crate) struct ShopRecord {
    /// Whose pages may write.
    pub(crate) origins: Vec<String>,
    #[serde(default)]
    pub(crate) locale: String,
    #[serde(default)]
    pub(crate) browser_holds: bool,
    pub(crate) name: Option<String>,
    pub(crate) color: Option<String>,
    pub(crate) checkout_url: Option<String>,
}

impl ShopRecord {
    /// The record of a shop that is published, to whoever cannot do without.
    pub(crate) fn of(entry: Option<&Entry>, shop: &str) -> Result<Self, Failure> {
        let entry = entry.ok_or_else(|| read::unknown_shop(shop))?;
        let unreadable = "a shop's record in KV cannot be read";
        entry.read().ok_or_else(|| Failure::Retryable(unreadable.to_owned()))
    }
}

/// The snapshots.
#[derive(Clone)]
pub(crate) struct Snapshots {
    kv: Kv,
}

impl Snapshots {
    /// The namespace bound to this Worker: looked up once in an isolate, for every request has
    /// the same.
    pub(crate) fn of(env: &Env) -> Result<Self, Failure> {
        if let Some(kv) = NAMESPACE.with_borrow(Clone::clone) {
            return Ok(Self { kv });
        }
        let kv = Reflect::get(env, &BINDING.into()).map_err(|thrown| Failure::platform(&thrown))?;
        if kv.is_undefined() {
            return Err(Failure::Retryable(format!("the binding {BINDING} is missing")));
        }
        let kv: Kv = kv.unchecked_into();
        NAMESPACE.set(Some(kv.clone()));
        Ok(Self { kv })
    }

    /// One entry.
    pub(crate) async fn one(&self, key: &str) -> Result<Option<Entry>, Failure> {
        let found = self
            .kv
            .get_with_metadata(&JsValue::from_str(key), &read_options()?)
            .await
            .map_err(|thrown| Failure::platform(&thrown))?;
        Ok(entry(found))
    }

    /// Several entries in one operation, in the order of `keys`.
    pub(crate) async fn many(&self, keys: &[String]) -> Result<Vec<Option<Entry>>, Failure> {
        if let [key] = keys {
            return Ok(vec![self.one(key).await?]);
        }
        let asked: Array = keys.iter().map(JsValue::from).collect();
        let found = self
            .kv
            .get_with_metadata(&asked, &read_options()?)
            .await
            .map_err(|thrown| Failure::platform(&thrown))?;
        let found: Map = found.unchecked_into();
        Ok(asked.iter().map(|key| entry(found.get(&key))).collect())
    }

    /// Writes a value, and beside it its version and the time.
    pub(crate) async fn put(
        &self,
        key: &str,
        value: &str,
        version: u64,
        now: i64,
    ) -> Result<(), Failure> {
        let options = write_options(version, now)?;
        let put = self.kv.put(key, value, &options).await;
        put.map(drop).map_err(|thrown| Failure::platform(&thrown))
    }
}

fn entry(found: JsValue) -> Option<Entry> {
    if !found.is_object() {
        return None;
    }
    let found: KvEntry = found.unchecked_into();
    let value = found.value();
    if value.is_null() {
        return None;
    }
    let metadata = found.metadata();
    let version = metadata.as_ref().and_then(crate::js::KvMetadata::version).unwrap_or(0.0);
    Some(Entry {
        value,
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "written below"
        )]
        version: version as u64,
        at: metadata.and_then(|metadata| metadata.at()).unwrap_or(0.0),
    })
}

thread_local! {
    static NAMESPACE: RefCell<Option<Kv>> = const { RefCell::new(None) };

    // The same for every read of this isolate, so it is made once.
    static READ_OPTIONS: Result<Object, JsValue> = (|| {
        let options = Object::new();
        Reflect::set(&options, &"type".into(), &"text".into())?;
        Reflect::set(&options, &"cacheTtl".into(), &KV_CACHE_SECONDS.into())?;
        Ok(options)
    })();
}

fn read_options() -> Result<JsValue, Failure> {
    READ_OPTIONS.with(|options| match options {
        Ok(options) => Ok(options.into()),
        Err(thrown) => Err(Failure::platform(thrown)),
    })
}

fn write_options(version: u64, now: i64) -> Result<JsValue, Failure> {
    #[derive(Serialize)]
    struct Metadata {
        version: u64,
        at: i64,
    }
    #[derive(Serialize)]
    struct Options {
        metadata: Metadata,
    }
    let options = crate::failure::json(&Options { metadata: Metadata { version, at: now } });
    js_sys::JSON::parse(&options).map_err(|thrown| Failure::platform(&thrown))
}
