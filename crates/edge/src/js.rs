//! The platform's JavaScript that `worker` does not bind, or binds without catching what it
//! throws: an exception that crosses the boundary uncaught would reset every object in the
//! isolate.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `DurableObjectStorage`.
    #[wasm_bindgen(extends = js_sys::Object)]
    #[derive(Clone)]
    pub(crate) type Storage;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn sql(this: &Storage) -> SqlStorage;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    pub(crate) fn transaction_sync(
        this: &Storage,
        body: &mut dyn FnMut() -> Result<(), JsValue>,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    pub(crate) async fn set_alarm(this: &Storage, at: f64) -> Result<JsValue, JsValue>;

    /// `SqlStorage`.
    #[wasm_bindgen(extends = js_sys::Object)]
    pub(crate) type SqlStorage;

    #[wasm_bindgen(method, catch, variadic)]
    pub(crate) fn exec(
        this: &SqlStorage,
        statement: &js_sys::JsString,
        bind: &js_sys::Array,
    ) -> Result<SqlCursor, JsValue>;

    /// `SqlStorageCursor`.
    #[wasm_bindgen(extends = js_sys::Object)]
    pub(crate) type SqlCursor;

    #[wasm_bindgen(method, catch)]
    pub(crate) fn raw(this: &SqlCursor) -> Result<RawRows, JsValue>;

    /// What `SqlStorageCursor.raw` gives.
    #[wasm_bindgen(extends = js_sys::Object)]
    pub(crate) type RawRows;

    #[wasm_bindgen(method, catch, js_name = toArray)]
    pub(crate) fn to_array(this: &RawRows) -> Result<js_sys::Array, JsValue>;

    /// `DurableObjectNamespace`.
    #[wasm_bindgen(extends = js_sys::Object)]
    pub(crate) type Objects;

    #[wasm_bindgen(method, catch, js_name = getByName)]
    pub(crate) fn get_by_name(this: &Objects, name: &str) -> Result<Object, JsValue>;

    /// `DurableObjectStub`. The `fetch` of `worker` takes a look at the answer, and then it is no
    /// longer handed on as it came.
    #[wasm_bindgen(extends = js_sys::Object)]
    pub(crate) type Object;

    #[wasm_bindgen(method, catch)]
    pub(crate) async fn fetch(
        this: &Object,
        request: &web_sys::Request,
    ) -> Result<JsValue, JsValue>;

    /// `KVNamespace`.
    #[wasm_bindgen(extends = js_sys::Object)]
    #[derive(Clone)]
    pub(crate) type Kv;

    #[wasm_bindgen(method, catch, js_name = getWithMetadata)]
    pub(crate) async fn get_with_metadata(
        this: &Kv,
        key: &JsValue,
        options: &JsValue,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(crate) async fn put(
        this: &Kv,
        key: &str,
        value: &str,
        options: &JsValue,
    ) -> Result<JsValue, JsValue>;

    /// What `getWithMetadata` gives.
    #[wasm_bindgen(extends = js_sys::Object)]
    pub(crate) type KvEntry;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn value(this: &KvEntry) -> JsValue;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn metadata(this: &KvEntry) -> Option<KvMetadata>;

    /// `Response`. The one of `web_sys` takes a Rust text, which would copy a stored value into
    /// the Worker's memory and out again.
    #[wasm_bindgen(extends = js_sys::Object, js_name = Response)]
    pub(crate) type ResponseOfText;

    #[wasm_bindgen(constructor, catch, js_class = "Response")]
    pub(crate) fn new(
        body: Option<&js_sys::JsString>,
        init: &web_sys::ResponseInit,
    ) -> Result<ResponseOfText, JsValue>;

    /// What is stored beside a snapshot.
    #[wasm_bindgen(extends = js_sys::Object)]
    pub(crate) type KvMetadata;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn version(this: &KvMetadata) -> Option<f64>;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn at(this: &KvMetadata) -> Option<f64>;
}

/// An exception as text, for the log.
pub(crate) fn text_of(thrown: &JsValue) -> String {
    match thrown.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => thrown.as_string().unwrap_or_else(|| "something without a message".to_owned()),
    }
}
