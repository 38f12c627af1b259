//! What a message's links lead to: pages on which somebody confirms a sign-up, `ct_…`, or ends it,
//! `ut_…`. Whoever fetches them changes nothing by that: mail programs do. What changes something
//! is a button, or for the end of it a program's own button, by RFC 8058.

use crate::{
    address::parameter,
    body::{self, field},
    clock,
    failure::{Failure, reject},
    kv::{Entry, Snapshots, sku_key},
    letter::title_of,
    limits::MAX_FORM_BYTES,
    link_page::LinkPage,
    log, outreach_do,
    signed::{self, Signed},
    writes::Write,
};
use widget::{Language, link};
use wire::{Code, Snapshot};
use worker::{Env, Request, Response};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Confirm,
    Unsubscribe,
    Claim,
    Alerts,
}

impl Purpose {
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Confirm => "ct",
            Self::Unsubscribe => "ut",
            Self::Claim => "wt",
            Self::Alerts => "at",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Confirm => "/v1/confirm",
            Self::Unsubscribe => "/v1/unsubscribe",
            Self::Claim => "/v1/claim",
            Self::Alerts => "/v1/alerts",
        }
    }
}

/// The path of this sign-up's link.
pub(crate) fn path(
    purpose: Purpose,
    secret: &str,
    shop: &str,
    subscriber: &str,
    expires_at: i64,
) -> Result<String, Failure> {
    let (shop, subject) = (shop.to_owned(), subscriber.to_owned());
    let token = Signed { shop, expires_at, subject }.sign(purpose.prefix(), secret)?;
    Ok(format!("{}?token={token}", purpose.path()))
}

/// A sign-up, as its object knows it: about which SKU, and in which language.
type Wanted = Option<(String, String)>;

pub(crate) fn open(token: &str, purpose: Purpose, env: &Env) -> Result<Signed, Failure> {
    let secret = signed::secret(env);
    let signed =
        secret.and_then(|secret| Signed::open(token, purpose.prefix(), &secret, clock::now()));
    signed.ok_or_else(|| reject(Code::TokenWrong, "This link is mistyped or too old."))
}

/// `GET /v1/confirm`: the page with the button.
pub(crate) async fn show_confirm(
    request: &Request,
    query: &str,
    env: &Env,
) -> Result<Response, Failure> {
    let token = parameter(query, "token").unwrap_or_default();
    let page = LinkPage::new(request, "GET /v1/confirm")?;
    let wanted = find(env, &token, false, &page.entry).await;
    of_sign_up(page, env, wanted, |language, title, _, nonce| {
        widget::confirm_page(language, title, &token, nonce)
    })
    .await
}

/// `POST /v1/confirm`, from that button.
pub(crate) async fn confirm(mut request: Request, env: &Env) -> Result<Response, Failure> {
    let token = field(&body::bytes(&mut request, MAX_FORM_BYTES).await?, "token");
    let page = LinkPage::new(&request, "POST /v1/confirm")?;
    let _write = Write::begin(clock::now())?;
    let wanted = find(env, &token.unwrap_or_default(), true, &page.entry).await;
    of_sign_up(page, env, wanted, widget::confirmed_page).await
}

/// `GET /v1/unsubscribe`: the page with the button.
pub(crate) async fn show_unsubscribe(
    request: &Request,
    query: &str,
    env: &Env,
) -> Result<Response, Failure> {
    let token = parameter(query, "token").unwrap_or_default();
    let mut page = LinkPage::new(request, "GET /v1/unsubscribe")?;
    match open(&token, Purpose::Unsubscribe, env) {
        Ok(Signed { shop, .. }) => {
            page.speak_as(env, &shop).await;
            page.give(200, |language, nonce| widget::unsubscribe_page(language, &token, nonce))
        }
        Err(failure) => page.refuse(&failure),
    }
}

/// `POST /v1/unsubscribe`, from that button, or from a mail program's own, which has the token in
/// the address. It has ended when this is answered.
pub(crate) async fn unsubscribe(
    mut request: Request,
    query: &str,
    env: &Env,
) -> Result<Response, Failure> {
    let body = body::bytes(&mut request, MAX_FORM_BYTES).await?;
    let token = parameter(query, "token").or_else(|| field(&body, "token")).unwrap_or_default();
    let mut page = LinkPage::new(&request, "POST /v1/unsubscribe")?;
    let _write = Write::begin(clock::now())?;
    match open(&token, Purpose::Unsubscribe, env) {
        Ok(Signed { shop, subject, .. }) => {
            page.entry.of_shop(&shop);
            outreach_do::ask::<()>(env, &shop, "/end", &subject).await?;
            page.speak_as(env, &shop).await;
            page.give(200, |language, nonce| widget::unsubscribed_page(language, None, nonce))
        }
        Err(failure) => page.refuse(&failure),
    }
}

/// The sign-up that a link confirms, after the object was asked so.
async fn find(
    env: &Env,
    token: &str,
    confirms: bool,
    entry: &log::Entry,
) -> Result<(String, String, String), Failure> {
    let signed = open(token, Purpose::Confirm, env)?;
    entry.of_shop(&signed.shop);
    let wanted: Wanted = if confirms {
        outreach_do::ask(env, &signed.shop, "/confirm", &signed).await?
    } else {
        outreach_do::ask(env, &signed.shop, "/wanted", &signed.subject).await?
    };
    let (sku, lang) =
        wanted.ok_or_else(|| reject(Code::UnknownSignUp, "There is no such sign-up any more."))?;
    Ok((signed.shop, sku, lang))
}

/// The page of a sign-up, in the language in which it was made; it is given the SKU's title and
/// its page, if that has an address of its own.
async fn of_sign_up(
    mut page: LinkPage,
    env: &Env,
    found: Result<(String, String, String), Failure>,
    html: impl FnOnce(&Language, &str, Option<&str>, &str) -> String,
) -> Result<Response, Failure> {
    let (shop, sku, lang) = match found {
        Ok(found) => found,
        Err(failure) => return page.refuse(&failure),
    };
    let shown = Snapshots::of(env)?.one(&sku_key(&shop, &sku)).await?;
    let shown = shown.as_ref().and_then(Entry::read::<Snapshot>);
    let title = title_of(shown.as_ref(), &sku);
    page.language = Language::of(&lang).or(page.language);
    let product = shown.as_ref().and_then(|shown| shown.url.as_deref()).and_then(link::absolute);
    page.give(200, |language, nonce| html(language, title, product, nonce))
}
