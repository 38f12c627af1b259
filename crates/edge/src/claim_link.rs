//! A claim's link, `wt_…`: what is kept for somebody, until when, where it is bought, and a button
//! that lets the next in line have it. Whoever fetches it changes nothing.

use crate::{
    address::parameter,
    body, clock,
    failure::{Failure, reject},
    keys::random_hex,
    kv::{Entry, ShopRecord, Snapshots, shop_key, sku_key},
    letter::title_of,
    limits::MAX_FORM_BYTES,
    log,
    notify::back,
    places::{self, Leave, PlaceTold},
    respond,
    sign_up_link::Purpose,
    signed::{self, Signed},
    writes::Write,
};
use widget::{ClaimState, ClaimView, Language};
use wire::{Code, Snapshot};
use worker::{Env, Request, Response};

/// 128 bits: nobody guesses by what a page allows its style and its script.
const NONCE_BYTES: usize = 16;

/// `GET /v1/claim`: the page.
pub(crate) async fn show(request: &Request, query: &str, env: &Env) -> Result<Response, Failure> {
    let token = parameter(query, "token").unwrap_or_default();
    answer(request, env, &token, false).await
}

/// `POST /v1/claim`, from its button: what was kept goes to the next, and the page says so.
pub(crate) async fn pass_on(mut request: Request, env: &Env) -> Result<Response, Failure> {
    let body = body::bytes(&mut request, MAX_FORM_BYTES).await?;
    let field = |wanted: &str| {
        form_urlencoded::parse(&body)
            .find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
    };
    let _write = Write::begin(clock::now())?;
    let passes = field("action").as_deref() == Some("pass");
    answer(&request, env, &field("token").unwrap_or_default(), passes).await
}

async fn answer(
    request: &Request,
    env: &Env,
    token: &str,
    passes: bool,
) -> Result<Response, Failure> {
    let entry = log::Entry::new(if passes { "POST /v1/claim" } else { "GET /v1/claim" });
    let accepts = request.headers().get("accept-language")?.unwrap_or_default();
    let asked = accepts.split([',', ';']).map(str::trim).find_map(Language::of);
    let nonce = random_hex::<NONCE_BYTES>()?;
    let found = find(env, token, passes, &entry).await;
    let (Signed { shop, subject, .. }, place) = match found {
        Ok(found) => found,
        Err(failure) if matches!(failure.code(), Code::TokenWrong | Code::UnknownClaim) => {
            entry.failed(&failure);
            let html = widget::dead_link_page(asked.unwrap_or_else(Language::english), &nonce);
            return respond::page(failure.code().status(), html, &nonce, "'none'");
        }
        Err(failure) => return Err(failure),
    };
    let keys = [shop_key(&shop), sku_key(&shop, &place.sku)];
    let mut entries = Snapshots::of(env)?.many(&keys).await?.into_iter();
    let record = entries.next().flatten().and_then(|entry| entry.read::<ShopRecord>());
    let shown = entries.next().flatten().as_ref().and_then(Entry::read::<Snapshot>);
    let own = record.as_ref().and_then(|record| Language::of(&record.locale));
    let language = asked.or(own).unwrap_or_else(Language::english);
    let template = record.as_ref().and_then(|record| record.checkout_url.as_deref());
    let checkout = template.map(|template| {
        let units = place.offered.unwrap_or(place.wanted);
        places::checkout(template, &subject, &place.sku, units)
    });
    let site = record.and_then(|record| record.origins.into_iter().next());
    let product = site.map(|site| back(&site, shown.as_ref().and_then(|it| it.url.as_deref())));
    let buy = product.as_ref().map(|product| format!("{product}#backroom-claim={token}"));
    let ways =
        Ways { product: product.as_deref(), buy: buy.as_deref(), checkout: checkout.as_deref() };
    let html = page(language, &place, shown.as_ref(), &ways, token, &nonce);
    respond::page_with_script(200, html, &nonce, "'self'")
}

/// The place that a link is of, after it was passed on if that is asked.
async fn find(
    env: &Env,
    token: &str,
    passes: bool,
    entry: &log::Entry,
) -> Result<(Signed, PlaceTold), Failure> {
    let secret = signed::secret(env);
    let signed = secret
        .and_then(|secret| Signed::open(token, Purpose::Claim.prefix(), &secret, clock::now()));
    let signed =
        signed.ok_or_else(|| reject(Code::TokenWrong, "This link is mistyped or too old."))?;
    let Signed { shop, subject, .. } = &signed;
    entry.of_shop(shop);
    if passes {
        let leave = Leave { id: subject.clone(), waited_out: false };
        places::ask::<()>(env, shop, "/leave", &leave).await?;
    }
    let place: Option<PlaceTold> = places::ask(env, shop, "/place", subject).await?;
    let unknown = || reject(Code::UnknownClaim, "There is no such claim any more.");
    Ok((signed, place.ok_or_else(unknown)?))
}

/// Where a claim leads.
struct Ways<'a> {
    /// The product's page.
    product: Option<&'a str>,
    /// The same, with the claim.
    buy: Option<&'a str>,
    /// The shop's checkout, with the claim.
    checkout: Option<&'a str>,
}

fn page(
    language: &Language,
    place: &PlaceTold,
    shown: Option<&Snapshot>,
    ways: &Ways<'_>,
    token: &str,
    nonce: &str,
) -> String {
    let until = place.kept.as_ref().and_then(places::Kept::until);
    let ends_at = place.kept.as_ref().map(|kept| clock::rfc3339(kept.until)).unwrap_or_default();
    let state = match (place.state.as_str(), &until) {
        ("offered", Some(until)) => {
            ClaimState::Kept { until, ends_at: &ends_at, buy: ways.buy, checkout: ways.checkout }
        }
        ("taken", _) => ClaimState::Taken,
        ("declined", _) => ClaimState::PassedOn,
        _ => ClaimState::Over,
    };
    let claim = ClaimView {
        title: title_of(shown, &place.sku),
        image: shown.and_then(|shown| shown.image.as_deref()),
        units: u32::try_from(place.offered.unwrap_or(place.wanted)).unwrap_or(u32::MAX),
        product: ways.product,
        state,
    };
    widget::claim_page(language, &claim, token, nonce)
}
