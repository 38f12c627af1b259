//! The two reads that every product page makes. They touch KV and nothing else.

use crate::{
    clock,
    failure::{Failure, json, reject},
    js::ResponseOfText,
    kv::{Entry, ShopRecord, Snapshots, shop_key, sku_key},
    limits::{KV_BULK_READ, MAX_SKUS},
    specimens,
};
use form_urlencoded::parse;
use ledger::Sku;
use std::fmt::Write;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Headers, Response, ResponseInit};
use widget::{Frame, Item, LANGUAGES, Language};
use wire::{Code, Missing, Snapshot};
use worker::Env;

/// The hash of the widget's files that hydrate the fragments of this build.
pub(crate) const BUILD: &str = match option_env!("BACKROOM_BUILD") {
    Some(build) => build,
    None => "dev",
};

/// How long a browser may show an answer without asking again, and for how long again while it
/// asks. Live pages are corrected through their socket whatever this says.
const CACHE_CONTROL: &str = "public, max-age=5, stale-while-revalidate=25";

/// What a read asks for.
struct Query {
    shop: String,
    skus: Vec<String>,
    /// Those of them that are shown as a product.
    products: Vec<String>,
    lang: Option<String>,
}

impl Query {
    fn of(text: &str) -> Result<Self, Failure> {
        let mut shop = None;
        let mut skus = Vec::new();
        let mut products = Vec::new();
        let mut lang = None;
        for (name, value) in parse(text.as_bytes()) {
            match &*name {
                "shop" => shop = Some(value.into_owned()),
                "sku" => skus.push(value.into_owned()),
                "product" => products.push(value.into_owned()),
                "lang" => lang = Some(value.into_owned()),
                // A parameter of somebody's own, say against caches, is theirs.
                _ => {}
            }
        }
        let Some(shop) = shop.filter(|shop| crate::keys::is_shop_id(shop)) else {
            return Err(reject(Code::BadParameter, "`shop` is the shop's public id."));
        };
        Ok(Self { shop, skus, products, lang })
    }

    /// Asks for SKUs as few and as sound as a read takes.
    fn check(&self) -> Result<(), Failure> {
        let asked = self.skus.len().saturating_add(self.products.len());
        if asked == 0 || asked > MAX_SKUS {
            let detail = format!(
                "Ask for 1 to {MAX_SKUS} SKUs, each as `sku=…` or, of a fragment, `product=…`."
            );
            return Err(reject(Code::BadParameter, detail));
        }
        for sku in self.skus.iter().chain(&self.products) {
            Sku::new(sku.as_str())
                .map_err(|why| reject(Code::BadParameter, format!("`sku`: {why}.")))?;
        }
        Ok(())
    }

    /// What is published of each SKU, and then of each product.
    async fn entries(&self, env: &Env) -> Result<Vec<Option<Entry>>, Failure> {
        let asked: Vec<_> = self.skus.iter().chain(&self.products).cloned().collect();
        let entries = published(env, &self.shop, &asked).await?;
        if entries.iter().all(Option::is_none)
            && self.shop != specimens::SHOP
            && Snapshots::of(env)?.one(&shop_key(&self.shop)).await?.is_none()
        {
            return Err(unknown_shop(&self.shop));
        }
        Ok(entries)
    }

    /// The language asked for, which is the page's; if that is not spoken here, the shop's; and
    /// then English.
    async fn language(&self, env: &Env) -> Result<&'static Language, Failure> {
        if let Some(asked) = self.lang.as_deref().and_then(Language::of) {
            return Ok(asked);
        }
        let record = Snapshots::of(env)?.one(&shop_key(&self.shop)).await?;
        let shop = record.and_then(|record| record.read::<ShopRecord>());
        let own = shop.and_then(|shop| Language::of(&shop.locale));
        Ok(own.unwrap_or_else(Language::english))
    }
}

/// What is published of these SKUs, in their order.
pub(crate) async fn published(
    env: &Env,
    shop: &str,
    skus: &[String],
) -> Result<Vec<Option<Entry>>, Failure> {
    if shop == specimens::SHOP {
        return Ok(skus.iter().map(|sku| specimens::entry(sku, clock::now())).collect());
    }
    let keys: Vec<_> = skus.iter().map(|sku| sku_key(shop, sku)).collect();
    Snapshots::of(env)?.many(&keys).await
}

/// What would do instead of each of these, as far as it is published.
pub(crate) async fn candidates(
    env: &Env,
    shop: &str,
    wanted: &[&Snapshot],
) -> Result<Vec<Entry>, Failure> {
    let mut skus: Vec<_> = wanted.iter().flat_map(|sku| widget::candidates(sku)).cloned().collect();
    skus.sort_unstable();
    skus.dedup();
    let mut found = Vec::new();
    for skus in skus.chunks(KV_BULK_READ) {
        found.extend(published(env, shop, skus).await?.into_iter().flatten());
    }
    Ok(found)
}

/// Those of them that are this SKU's, in its order.
pub(crate) fn candidates_of(wanted: &Snapshot, published: &[Snapshot]) -> Vec<Snapshot> {
    let of = |sku: &String| published.iter().find(|candidate| candidate.sku == *sku).cloned();
    widget::candidates(wanted).iter().filter_map(of).collect()
}

/// The language that a program asks for, if it asks for one.
pub(crate) fn language(asked: Option<&str>) -> Result<Option<&'static Language>, Failure> {
    let Some(tag) = asked else { return Ok(None) };
    let unknown = || {
        let tags: Vec<_> = LANGUAGES.iter().map(|language| language.tag).collect();
        reject(Code::BadParameter, format!("`lang` is one of {}.", tags.join(", ")))
    };
    Language::of(tag).map(Some).ok_or_else(unknown)
}

/// No shop has this id.
pub(crate) fn unknown_shop(shop: &str) -> Failure {
    let detail = format!("No shop `{shop}` is published; a new one takes a moment to be.");
    reject(Code::UnknownShop, detail)
}

/// `GET /v1/availability`: the stored bytes, as they are.
pub(crate) async fn availability(
    env: &Env,
    query: &str,
    if_none_match: Option<String>,
) -> Result<Response, Failure> {
    let query = Query { products: Vec::new(), ..Query::of(query)? };
    query.check()?;
    let entries = query.entries(env).await?;
    let etag = format!("\"{}\"", versions(&entries));
    if is_known(if_none_match.as_deref(), &etag) {
        return answer(304, None, &etag, &entries, Kind::Json);
    }
    if let ([sku], [entry]) = (&*query.skus, &*entries) {
        let Some(entry) = entry else {
            let detail = format!("Nothing is published of `{sku}` in this shop.");
            return Err(reject(Code::UnknownSku, detail));
        };
        return answer(200, Some(&entry.value), &etag, &entries, Kind::Json);
    }
    let mut body = String::from("{\"items\":[");
    for (at, (sku, entry)) in query.skus.iter().zip(&entries).enumerate() {
        if at > 0 {
            body.push(',');
        }
        match entry.as_ref().and_then(|entry| entry.value.as_string()) {
            Some(value) => body.push_str(&value),
            None => body.push_str(&json(&Missing { sku: sku.clone(), problem: Code::UnknownSku })),
        }
    }
    body.push_str("]}");
    answer(200, Some(&body.into()), &etag, &entries, Kind::Json)
}

/// `GET /v1/fragment`: the widget's view of each SKU, rendered from the stored bytes.
pub(crate) async fn fragment(
    env: &Env,
    query: &str,
    if_none_match: Option<String>,
) -> Result<Response, Failure> {
    let query = Query::of(query)?;
    query.check()?;
    let mut entries = query.entries(env).await?;
    let language = query.language(env).await?;
    let stored: Vec<Option<Snapshot>> =
        entries.iter().map(|entry| entry.as_ref().and_then(Entry::read)).collect();
    let (listed, products) = stored.split_at(query.skus.len());
    let wanted: Vec<_> = products.iter().flatten().collect();
    let candidates = candidates(env, &query.shop, &wanted).await?;
    let published: Vec<Snapshot> = candidates.iter().filter_map(Entry::read).collect();
    // They are shown, so the answer depends on them too.
    entries.extend(candidates.into_iter().map(Some));
    let etag = format!("\"{BUILD}-{}-{}\"", language.tag, versions(&entries));
    if is_known(if_none_match.as_deref(), &etag) {
        return answer(304, None, &etag, &entries, Kind::Html);
    }
    let of = |wanted: &Option<Snapshot>| {
        wanted.as_ref().map_or_else(Vec::new, |wanted| candidates_of(wanted, &published))
    };
    let instead: Vec<_> = products.iter().map(of).collect();
    let listed = query.skus.iter().zip(listed).map(|(sku, stored)| match stored {
        Some(snapshot) => Item::Found(snapshot),
        None => Item::Missing { sku },
    });
    let products = query.products.iter().zip(products).zip(&instead);
    let products = products.map(|((sku, stored), candidates)| match stored {
        Some(snapshot) => Item::Product { snapshot, candidates },
        None => Item::Missing { sku },
    });
    let items: Vec<_> = listed.chain(products).collect();
    let frame = Frame { shop: &query.shop, language, build: BUILD };
    let body = widget::fragment(&items, frame);
    answer(200, Some(&body.into()), &etag, &entries, Kind::Html)
}

/// Does the reader have the answer with this tag? A cache that compresses answers makes their tags
/// weak, and may hold several.
fn is_known(if_none_match: Option<&str>, etag: &str) -> bool {
    let mut tags = if_none_match.unwrap_or_default().split(',').map(str::trim);
    tags.any(|tag| tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// The versions in the order asked: with the address, all that an answer depends on.
fn versions(entries: &[Option<Entry>]) -> String {
    let mut text = String::new();
    for entry in entries {
        let separator = if text.is_empty() { "" } else { "." };
        // Writing to a String cannot fail.
        let _ = match entry {
            Some(entry) => write!(text, "{separator}{}", entry.version),
            None => write!(text, "{separator}x"),
        };
    }
    text
}

/// What an answer is, and with it the headers that each of its kind has.
#[derive(Clone, Copy)]
enum Kind {
    Json,
    Html,
}

fn answer(
    status: u16,
    body: Option<&JsValue>,
    etag: &str,
    entries: &[Option<Entry>],
    kind: Kind,
) -> Result<Response, Failure> {
    let headers = base_headers(kind)?;
    let set =
        |name, value: &str| headers.set(name, value).map_err(|thrown| Failure::platform(&thrown));
    set("etag", etag)?;
    let oldest = entries.iter().flatten().map(|entry| entry.at).fold(f64::INFINITY, f64::min);
    if oldest.is_finite() {
        let age = ((js_sys::Date::now() - oldest) / 1_000.0).max(0.0).round();
        set("backroom-age", &age.to_string())?;
    }
    let init = ResponseInit::new();
    init.set_headers(&headers);
    if status != 200 {
        init.set_status(status);
    }
    let body = body.and_then(|body| body.dyn_ref::<js_sys::JsString>());
    ResponseOfText::new(body, &init)
        .map(JsCast::unchecked_into)
        .map_err(|thrown| Failure::platform(&thrown))
}

thread_local! {
    static JSON_HEADERS: Result<Headers, JsValue> = make_headers("application/json");
    static HTML_HEADERS: Result<Headers, JsValue> = make_headers("text/html; charset=utf-8");
}

fn make_headers(content_type: &str) -> Result<Headers, JsValue> {
    let headers = Headers::new()?;
    headers.set("content-type", content_type)?;
    headers.set("cache-control", CACHE_CONTROL)?;
    headers.set("access-control-allow-origin", "*")?;
    headers.set("access-control-expose-headers", "etag, backroom-age, backroom-source")?;
    headers.set("timing-allow-origin", "*")?;
    headers.set("x-content-type-options", "nosniff")?;
    headers.set("backroom-source", "kv")?;
    Ok(headers)
}

/// The headers that every answer of this kind has; a copy is one call, where setting them is
/// seven.
fn base_headers(kind: Kind) -> Result<Headers, Failure> {
    let made = match kind {
        Kind::Json => &JSON_HEADERS,
        Kind::Html => &HTML_HEADERS,
    };
    made.with(|headers| match headers {
        Ok(headers) => {
            Headers::new_with_headers(headers).map_err(|thrown| Failure::platform(&thrown))
        }
        Err(thrown) => Err(Failure::platform(thrown)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(query: &str) -> Option<Code> {
        let checked = Query::of(query).and_then(|query| query.check());
        checked.err().map(|failure| failure.code())
    }

    #[test]
    fn a_tag_is_known_strong_or_weak_and_among_others() {
        for known in ["\"1.2\"", "W/\"1.2\"", "\"1\", W/\"1.2\""] {
            assert!(is_known(Some(known), "\"1.2\""), "{known}");
        }
        for other in [None, Some(""), Some("\"1\""), Some("1.2"), Some("\"1.2.3\"")] {
            assert!(!is_known(other, "\"1.2\""), "{other:?}");
        }
    }

    #[test]
    fn a_query_names_a_shop_and_up_to_fifty_skus() {
        let query = Query::of("sku=a%20b&sku=a%2Fb&shop=demo&sku=%F0%9F%8E%81&cb=1").unwrap();
        assert_eq!((query.shop.as_str(), query.skus.len()), ("demo", 3));
        assert_eq!(query.skus, ["a b", "a/b", "🎁"]);
        let many = |count: usize| format!("shop=demo{}", "&sku=x".repeat(count));
        assert_eq!(refused(&many(50)), None);
        let products = |count: usize| format!("{}{}", many(2), "&product=x".repeat(count));
        assert_eq!(refused(&products(48)), None);
        assert_eq!(refused(&products(49)), Some(Code::BadParameter));
        for bad in [many(0), many(51), "sku=x".into(), "shop=De/mo&sku=x".into()] {
            assert_eq!(refused(&bad), Some(Code::BadParameter), "{bad}");
        }
        assert_eq!(refused("shop=demo&sku="), Some(Code::BadParameter));
        assert_eq!(
            refused(&format!("shop=demo&sku={}", "x".repeat(129))),
            Some(Code::BadParameter)
        );
    }
}
