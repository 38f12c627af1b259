//! A claim's link, `wt_…`: what is kept for somebody, until when, where it is bought, and a button
//! that lets the next in line have it. Whoever fetches it changes nothing.

use crate::{
    address::parameter,
    body::{self, field},
    clock,
    failure::{Failure, reject},
    kv::{Entry, ShopRecord, Snapshots, shop_key, sku_key},
    letter::title_of,
    limits::MAX_FORM_BYTES,
    link_page::LinkPage,
    log,
    notify::back,
    places::{self, Leave, PlaceTold},
    respond,
    sign_up_link::{Purpose, open},
    signed::Signed,
    writes::Write,
};
use widget::{ClaimState, ClaimView, Language, Until};
use wire::{Claim, Code, Snapshot};
use worker::{Env, Request, Response};

/// `GET /v1/claim`: the page.
pub(crate) async fn show(request: &Request, query: &str, env: &Env) -> Result<Response, Failure> {
    let token = parameter(query, "token").unwrap_or_default();
    answer(LinkPage::new(request, "GET /v1/claim")?, env, &token, false).await
}

/// `POST /v1/claim`, from its button: what was kept goes to the next, and the page says so.
pub(crate) async fn pass_on(mut request: Request, env: &Env) -> Result<Response, Failure> {
    let form = body::bytes(&mut request, MAX_FORM_BYTES).await?;
    let page = LinkPage::new(&request, "POST /v1/claim")?;
    let _write = Write::begin(clock::now())?;
    let passes = field(&form, "action").as_deref() == Some("pass");
    answer(page, env, &field(&form, "token").unwrap_or_default(), passes).await
}

async fn answer(
    mut page: LinkPage,
    env: &Env,
    token: &str,
    passes: bool,
) -> Result<Response, Failure> {
    let (Signed { shop, subject, .. }, place) = match find(env, token, passes, &page.entry).await {
        Ok(found) => found,
        Err(failure) => return page.refuse(&failure),
    };
    let (record, shown) = published(env, &shop, &place.sku).await?;
    page.language = Some(spoken(page.language, record.as_ref()));
    let template = record.as_ref().and_then(|record| record.checkout_url.as_deref());
    let checkout = template.map(|template| {
        let units = place.offered.unwrap_or(place.wanted);
        places::checkout(template, &subject, &place.sku, units)
    });
    let site = record.and_then(|record| record.origins.into_iter().next());
    let product = site.map(|site| back(&site, shown.as_ref().and_then(|it| it.url.as_deref())));
    let buy = product.as_ref().map(|product| format!("{product}#backroom-claim={token}"));
    let until = place.kept.as_ref().and_then(places::Kept::until);
    let ends_at = place.kept.as_ref().map(|kept| clock::rfc3339(kept.until)).unwrap_or_default();
    let ways = Ways { buy: buy.as_deref(), checkout: checkout.as_deref() };
    let state = stands(&place, until.as_ref(), &ends_at, ways);
    let claim = view(&place, shown.as_ref(), product.as_deref(), state);
    page.give_with_script(200, |language, nonce| widget::claim_page(language, &claim, token, nonce))
}

/// `GET /v1/claim/state`: the same for the script of a product's page, in the page's language.
pub(crate) async fn state(query: &str, env: &Env) -> Result<Response, Failure> {
    let token = parameter(query, "token").unwrap_or_default();
    let entry = log::Entry::new("GET /v1/claim/state");
    let (Signed { shop, subject, .. }, place) = find(env, &token, false, &entry).await?;
    let asked = parameter(query, "lang").as_deref().and_then(Language::of);
    let (record, shown) = published(env, &shop, &place.sku).await?;
    let language = spoken(asked, record.as_ref());
    let until = place.kept.as_ref().and_then(places::Kept::until);
    let view =
        view(&place, shown.as_ref(), None, stands(&place, until.as_ref(), "", Ways::default()));
    let state = match view.state {
        ClaimState::Kept { .. } => wire::ClaimState::Kept,
        ClaimState::Taken => wire::ClaimState::Taken,
        ClaimState::PassedOn => wire::ClaimState::PassedOn,
        ClaimState::Over => wire::ClaimState::Over,
    };
    let kept = place.kept.as_ref().filter(|_| state == wire::ClaimState::Kept);
    respond::with_json(
        200,
        &Claim {
            sku: place.sku.clone(),
            quantity: place.offered.unwrap_or(place.wanted),
            state,
            hold: kept.map(|_| subject),
            expires_at: kept.map(|kept| clock::rfc3339(kept.until)),
            words: widget::claim_words(language, &view),
        },
    )
}

/// What is published of the shop and of a SKU.
async fn published(
    env: &Env,
    shop: &str,
    sku: &str,
) -> Result<(Option<ShopRecord>, Option<Snapshot>), Failure> {
    let keys = [shop_key(shop), sku_key(shop, sku)];
    let mut entries = Snapshots::of(env)?.many(&keys).await?.into_iter();
    let record = entries.next().flatten().and_then(|entry| entry.read::<ShopRecord>());
    let shown = entries.next().flatten().as_ref().and_then(Entry::read::<Snapshot>);
    Ok((record, shown))
}

/// The language that was asked for, or the shop's, or English.
fn spoken(asked: Option<&'static Language>, record: Option<&ShopRecord>) -> &'static Language {
    let own = record.and_then(|record| Language::of(&record.locale));
    asked.or(own).unwrap_or_else(Language::english)
}

/// What a link says, and its place, after it was passed on if that is asked.
async fn find(
    env: &Env,
    token: &str,
    passes: bool,
    entry: &log::Entry,
) -> Result<(Signed, PlaceTold), Failure> {
    let signed = open(token, Purpose::Claim, env)?;
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

/// Where a claim is bought: see [`ClaimState::Kept`].
#[derive(Clone, Copy, Default)]
struct Ways<'a> {
    buy: Option<&'a str>,
    checkout: Option<&'a str>,
}

fn stands<'a>(
    place: &PlaceTold,
    until: Option<&'a Until>,
    ends_at: &'a str,
    ways: Ways<'a>,
) -> ClaimState<'a> {
    match (place.state.as_str(), until) {
        ("offered", Some(until)) => {
            ClaimState::Kept { until, ends_at, buy: ways.buy, checkout: ways.checkout }
        }
        ("taken", _) => ClaimState::Taken,
        ("declined", _) => ClaimState::PassedOn,
        _ => ClaimState::Over,
    }
}

fn view<'a>(
    place: &'a PlaceTold,
    shown: Option<&'a Snapshot>,
    product: Option<&'a str>,
    state: ClaimState<'a>,
) -> ClaimView<'a> {
    ClaimView {
        title: title_of(shown, &place.sku),
        image: shown.and_then(|shown| shown.image.as_deref()),
        units: u32::try_from(place.offered.unwrap_or(place.wanted)).unwrap_or(u32::MAX),
        product,
        state,
    }
}
