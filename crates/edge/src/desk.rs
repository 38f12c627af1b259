//! The merchant's plain desk, `/v1/desk`: who waits, how waitlists are served, what messages look
//! like and which could not be sent. Its forms work without scripts. A secret key opens it; from
//! then on they carry a token that opens it for a while, as long as that key does.

use crate::{
    body::{self, field},
    clock,
    failure::{Failure, json, reject},
    keys,
    letter::sender_name,
    limits::{DESK_MS, MAX_FORM_BYTES},
    link_page::LinkPage,
    respond, shop_do,
    signed::{self, Signed},
    writes::Write,
};
use messages::{Sender, render, samples};
use serde::de::DeserializeOwned;
use widget::{DeskView, Language};
use wire::{Code, MessagesPage, Problem, Settings, SettingsChange, WaitlistPolicy, WaitlistsPage};
use worker::{Env, Method, Request, Response};

/// What a token that opens it begins with.
const PURPOSE: &str = "dt";

/// The prefix of the key that has opened this shop's desk, if this is a token of it.
pub(crate) fn key_of(token: &str, shop: &str, env: &Env) -> Option<String> {
    let signed = Signed::open(token, PURPOSE, &signed::secret(env)?, clock::now())?;
    (signed.shop == shop).then_some(signed.subject)
}

/// `GET /v1/desk`: the page that asks for the key.
pub(crate) fn show(request: &Request) -> Result<Response, Failure> {
    let page = LinkPage::new(request, "GET /v1/desk")?;
    page.give(200, |_, nonce| widget::desk_door_page("", nonce))
}

/// `POST /v1/desk`: opens it, or does what one of its buttons asks.
pub(crate) async fn act(mut request: Request, env: &Env) -> Result<Response, Failure> {
    let form = body::bytes(&mut request, MAX_FORM_BYTES).await?;
    let page = LinkPage::new(&request, "POST /v1/desk")?;
    let _write = Write::begin(clock::now())?;
    let answered = match Desk::open(&form, env) {
        Ok(desk) => {
            page.entry.of_shop(&desk.shop);
            desk.answer(&form, &page).await
        }
        Err(refused) => Err(refused),
    };
    match answered {
        Err(refused) if matches!(refused.code(), Code::KeyWrong | Code::KeyMissing) => {
            page.entry.failed(&refused);
            let said = if signed::secret(env).is_none() {
                "No desk opens yet: this Worker has no SIGNING_SECRET."
            } else {
                "This key opens no desk, or its time is over: give it again."
            };
            page.give(401, |_, nonce| widget::desk_door_page(said, nonce))
        }
        answered => answered,
    }
}

/// An open desk.
struct Desk<'a> {
    env: &'a Env,
    shop: String,
    /// A secret key, or the token of one.
    bearer: String,
    token: String,
}

impl<'a> Desk<'a> {
    /// By the key that was given, or a token that its forms carry.
    fn open(form: &[u8], env: &'a Env) -> Result<Self, Failure> {
        let off = || reject(Code::KeyWrong, "This Worker has no SIGNING_SECRET.");
        let secret = signed::secret(env).ok_or_else(off)?;
        let now = clock::now();
        if let Some(token) = field(form, "token") {
            let signed = Signed::open(&token, PURPOSE, &secret, now);
            let shop = signed.ok_or_else(|| reject(Code::KeyWrong, "Its time is over."))?.shop;
            return Ok(Self { env, shop, bearer: token.clone(), token });
        }
        let key = field(form, "key").unwrap_or_default();
        let key = key.trim();
        let shop = keys::shop_of(key)?.to_owned();
        let expires_at = now.saturating_add(DESK_MS);
        let subject = keys::prefix_of(key).unwrap_or_default().to_owned();
        let token = Signed { shop: shop.clone(), expires_at, subject }.sign(PURPOSE, &secret)?;
        Ok(Self { env, shop, bearer: key.to_owned(), token })
    }

    async fn answer(&self, form: &[u8], page: &LinkPage) -> Result<Response, Failure> {
        let notice = match field(form, "action").as_deref() {
            Some("policy") => self.change(policy(form)).await?,
            Some("brand") => self.change(brand(form)).await?,
            Some("retry") => self.retry(&field(form, "id").unwrap_or_default()).await?,
            Some("preview") => return self.preview(form).await,
            _ => String::new(),
        };
        let settings: Settings = self.read("/v1/shop").await?;
        let waitlists: WaitlistsPage = self.read("/v1/waitlists").await?;
        let dead: MessagesPage = self.read("/v1/messages?state=dead").await?;
        let samples = samples::NAMES;
        let view = DeskView {
            shop: &self.shop,
            token: &self.token,
            notice: &notice,
            settings: &settings,
            waitlists: &waitlists.waitlists,
            dead: &dead.messages,
            samples: &samples,
        };
        page.give(200, |_, nonce| widget::desk_page(&view, nonce))
    }

    /// Asks the shop's object as its merchant's programs do.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<Response, Failure> {
        shop_do::ask(self.env, &self.shop, (method, path), &self.bearer, body).await
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let mut response = self.ask(Method::Get, path, None).await?;
        match response.status_code() {
            200 => Ok(response.json().await?),
            401 => Err(reject(Code::KeyWrong, "The key was retired.")),
            status => Err(Failure::Retryable(format!("a shop answered {status}"))),
        }
    }

    /// Changes settings; what there is to say of it.
    async fn change(&self, change: Option<SettingsChange>) -> Result<String, Failure> {
        let Some(change) = change else { return Ok("Those are no numbers.".to_owned()) };
        let response = self.ask(Method::Patch, "/v1/shop", Some(json(&change))).await?;
        said(response, "Saved.").await
    }

    async fn retry(&self, id: &str) -> Result<String, Failure> {
        let id = form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>();
        let path = format!("/v1/messages/{id}/retry");
        said(self.ask(Method::Post, &path, None).await?, "It is tried again.").await
    }

    /// A message as it would be written by this shop.
    async fn preview(&self, form: &[u8]) -> Result<Response, Failure> {
        let settings: Settings = self.read("/v1/shop").await?;
        let wanted = field(form, "message").unwrap_or_default();
        let language = Language::of(&field(form, "lang").unwrap_or_default());
        let (restocks, digest) = (samples::restocks(), samples::digest());
        let news = samples::news(&restocks);
        let message = samples::messages(&news, &digest)
            .into_iter()
            .find_map(|(name, message)| (name == wanted).then_some(message))
            .ok_or_else(|| reject(Code::BadParameter, "There is no such message."))?;
        let site = settings.origins.first().map(String::as_str);
        let name = sender_name(settings.name.as_deref(), site, &self.shop);
        let sender = Sender { name, color: settings.color.as_deref(), ..samples::SENDER };
        let language = language.unwrap_or_else(Language::english);
        let rendered = render(language, &sender, &message, &samples::FOOTER);
        respond::mail(rendered.html)
    }
}

/// What there is to say of an answer.
async fn said(mut response: Response, done: &str) -> Result<String, Failure> {
    match response.status_code() {
        200..=299 => Ok(done.to_owned()),
        401 => Err(reject(Code::KeyWrong, "The key was retired.")),
        _ => Ok(response.json::<Problem>().await?.detail),
    }
}

fn policy(form: &[u8]) -> Option<SettingsChange> {
    let number = |name: &str| field(form, name)?.trim().parse::<u32>().ok();
    let waitlist = WaitlistPolicy {
        wave: number("wave")?,
        window_seconds: number("window_seconds")?,
        min_restock: number("min_restock")?,
        shelf_percent: number("shelf_percent")?,
        smaller: field(form, "smaller").is_some(),
    };
    Some(SettingsChange { waitlist: Some(waitlist), ..SettingsChange::default() })
}

/// A field that is left empty takes the setting back.
fn brand(form: &[u8]) -> Option<SettingsChange> {
    let text = |name: &str| field(form, name).map(|text| text.trim().to_owned());
    let given = |name: &str| text(name).map(|text| Some(text).filter(|text| !text.is_empty()));
    Some(SettingsChange {
        name: given("name"),
        color: given("color"),
        checkout_url: given("checkout_url"),
        ..SettingsChange::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_become_changes_of_what_they_name() {
        let form =
            b"wave=7&window_seconds=90&min_restock=2&shelf_percent=10&smaller=yes&token=dt_x";
        let change = policy(form).and_then(|change| change.waitlist);
        let meant = WaitlistPolicy {
            wave: 7,
            window_seconds: 90,
            min_restock: 2,
            shelf_percent: 10,
            smaller: true,
        };
        assert_eq!(change, Some(meant));
        for bad in [&b"wave=7"[..], b"wave=x&window_seconds=60&min_restock=1&shelf_percent=0", b""]
        {
            assert_eq!(policy(bad), None);
        }
        let change = brand(b"name=+Jars+&color=&token=dt_x").unwrap();
        let named = SettingsChange {
            name: Some(Some("Jars".to_owned())),
            color: Some(None),
            ..SettingsChange::default()
        };
        assert_eq!(change, named);
    }
}
