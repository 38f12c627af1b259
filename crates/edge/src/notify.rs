//! `POST /v1/notify`: a shopper asks to be told when a SKU is back. They are answered in their
//! language, a script with JSON and a form without scripts with a page.
//!
//! The address is encrypted here, before anything is handed on. Nothing that is done or answered
//! depends on whether it was there before.

use crate::{
    body, clock,
    contact::ContactKeys,
    email::Email,
    failure::{Failure, reject},
    keys::is_shop_id,
    kv::{Entry, ShopRecord, Snapshots, shop_key, sku_key},
    limits::{MAX_FORM_BYTES, MAX_WANTED, SIGN_UP_STEP_MS},
    log, network,
    outreach_do::{self, Wish},
    respond,
    turnstile::{For, Turnstile},
    writes::Write,
};
use ledger::Sku;
use std::time::Duration;
use widget::{Language, Replies, link};
use wire::{Code, SignUp, SignedUp, Snapshot, State};
use worker::{Delay, Env, Request, Response};

/// The platform's counter of requests by network: a binding in `wrangler.toml`.
const FENCE: &str = "SIGN_UPS";

/// How whoever asks is answered, as far as that is known.
struct Answer {
    language: &'static Language,
    /// A page, and not JSON.
    page: bool,
    /// Where they came from.
    back: Option<String>,
    /// The same as an origin.
    from: Option<String>,
    /// What a page sends again once a challenge is solved, and what gives that.
    challenge: Option<(SignUp, Turnstile)>,
}

/// Takes a sign-up, or says why not.
pub(crate) async fn answer(mut request: Request, env: &Env) -> Result<Response, Failure> {
    let entry = log::Entry::new("POST /v1/notify");
    let accepts = request.headers().get("accept")?.unwrap_or_default();
    let page = quality(&accepts, "text/html") > quality(&accepts, "application/json");
    let mut answer =
        Answer { language: Language::english(), page, back: None, from: None, challenge: None };
    let taken = take(&mut request, env, &mut answer, &entry).await;
    if let Err(failure) = &taken {
        entry.failed(failure);
    }
    answer.give(taken, entry.request_id())
}

async fn take(
    request: &mut Request,
    env: &Env,
    answer: &mut Answer,
    entry: &log::Entry,
) -> Result<(), Failure> {
    let form = form(&body::bytes(request, MAX_FORM_BYTES).await?);
    answer.language = form.lang.as_deref().and_then(Language::of).unwrap_or(answer.language);
    network::fence(request, env, FENCE, Code::TooManySignUps).await?;
    let turnstile = Turnstile::of(env)?;
    let url = request.url()?;
    // Where there is a challenge, its page sends the form, once it has taken that of the shop's.
    let own = turnstile.as_ref().map(|_| url.origin().ascii_serialization());
    find_product(&form, request, env, answer, own.as_deref(), entry).await?;
    let email = agreed(&form)?;
    let quantity = quantity(form.quantity.as_deref())?;
    let keys = ContactKeys::of(env, Code::NotifyOff)?;
    let network = network::prefix(request, env, Code::NotifyOff)?;
    let network = keys.network(&form.shop, &network)?;
    let address = keys.keep(&form.shop, &email)?;
    // The last: what is sent again for another reason needs no other challenge.
    if let Some(turnstile) = turnstile {
        let wanted = For { host: url.host_str().unwrap_or_default(), shop: &form.shop };
        if let Err(failure) = turnstile.check(form.challenge.as_deref(), wanted).await {
            answer.challenge = Some((form, turnstile));
            return Err(failure);
        }
    }
    let wish = Wish {
        shop: form.shop,
        sku: form.sku,
        quantity,
        lang: answer.language.tag.to_owned(),
        marketing: form.marketing.as_deref() == Some("yes"),
        address,
        network,
    };
    let began = clock::now();
    let write = Write::begin(began)?;
    let taken = outreach_do::sign_up(env, &wish).await;
    drop(write);
    Delay::from(until_told(clock::now().saturating_sub(began))).await;
    taken
}

/// How long an answer waits that could be given after so many milliseconds: until a whole number of
/// [`SIGN_UP_STEP_MS`] is over. What is done is the same whoever is known, but a row that is replaced
/// takes half a millisecond longer than a new one; so it is seldom one step more.
fn until_told(spent: i64) -> Duration {
    let over = spent.max(0).unsigned_abs().checked_rem(SIGN_UP_STEP_MS).unwrap_or(0);
    Duration::from_millis(SIGN_UP_STEP_MS.saturating_sub(over))
}

/// Is there such a shop, has it listed the page's origin, and does it show the SKU? On the way it
/// turns out how to answer. `own` is the origin of a page of ours that may sign up, too.
async fn find_product(
    form: &SignUp,
    request: &Request,
    env: &Env,
    answer: &mut Answer,
    own: Option<&str>,
    entry: &log::Entry,
) -> Result<(), Failure> {
    let asked = form.lang.as_deref().and_then(Language::of);
    if !is_shop_id(&form.shop) {
        let detail = "`shop` is the shop's public id, in a form that is sent as \
                      application/x-www-form-urlencoded.";
        return Err(reject(Code::BadValue, detail));
    }
    Sku::new(form.sku.as_str()).map_err(|why| reject(Code::BadValue, format!("`sku`: {why}.")))?;
    let keys = [shop_key(&form.shop), sku_key(&form.shop, &form.sku)];
    let mut found = Snapshots::of(env)?.many(&keys).await?.into_iter();
    let (shop, sku) = (found.next().flatten(), found.next().flatten());
    let shop = ShopRecord::of(shop.as_ref(), &form.shop)?;
    entry.of_shop(&form.shop);
    answer.language = asked.or_else(|| Language::of(&shop.locale)).unwrap_or(answer.language);
    let mut origin = request.headers().get("origin")?.unwrap_or_default();
    if own == Some(&*origin) {
        origin = form.from.clone().unwrap_or_default();
    }
    if !shop.origins.contains(&origin) {
        let detail = "Only a page on an origin that the shop has listed signs anybody up.";
        return Err(reject(Code::OriginNotAllowed, detail));
    }
    let snapshot = sku.as_ref().and_then(Entry::read::<Snapshot>);
    let url = snapshot.as_ref().and_then(|snapshot| snapshot.url.as_deref());
    answer.back = Some(back(&origin, url));
    answer.from = Some(origin);
    if snapshot.is_none_or(|snapshot| snapshot.state == State::Hidden) {
        let detail = format!("Nothing is published of `{}` in this shop.", form.sku);
        return Err(reject(Code::UnknownSku, detail));
    }
    Ok(())
}

/// The address, of somebody who has agreed to be written to.
fn agreed(form: &SignUp) -> Result<Email, Failure> {
    let email = Email::new(&form.email)
        .ok_or_else(|| reject(Code::BadEmail, "`email` is one address, as in jane@example.com."))?;
    if form.consent.as_deref() != Some("yes") {
        let detail = "`consent` is `yes` once the shopper has agreed to be written to.";
        return Err(reject(Code::NoConsent, detail));
    }
    Ok(email)
}

fn quantity(text: Option<&str>) -> Result<u32, Failure> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(1) };
    text.parse().ok().filter(|quantity| (1..=MAX_WANTED).contains(quantity)).ok_or_else(|| {
        let detail = format!("`quantity` is 1 to {MAX_WANTED} units.");
        reject(Code::BadValue, detail)
    })
}

/// Where a page leads back to: the product's own, if its address may become a link.
pub(crate) fn back(origin: &str, url: Option<&str>) -> String {
    match url.and_then(link::safe) {
        Some(path) if path.starts_with('/') => format!("{origin}{path}"),
        Some(url) => url.to_owned(),
        None => origin.to_owned(),
    }
}

/// The fields of the form; of one that is there several times, the first.
fn form(body: &[u8]) -> SignUp {
    let field = |wanted: &str| body::field(body, wanted);
    SignUp {
        shop: field("shop").unwrap_or_default(),
        sku: field("sku").unwrap_or_default(),
        email: field("email").unwrap_or_default(),
        quantity: field("quantity"),
        consent: field("consent"),
        marketing: field("marketing"),
        lang: field("lang"),
        challenge: field("challenge"),
        from: field("from"),
    }
}

/// How much an `Accept` wants this media type, from 0 to 1; 0 if it does not name it.
fn quality(accepts: &str, wanted: &str) -> f32 {
    let named = accepts.split(',').find_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        is.then(|| parts.find_map(|part| part.strip_prefix("q=")).unwrap_or("1"))
    });
    named.and_then(|quality| quality.parse().ok()).unwrap_or(0.0)
}

impl Answer {
    fn give(&self, taken: Result<(), Failure>, request_id: &str) -> Result<Response, Failure> {
        let said = said(&taken, self.language.replies());
        if let (true, Some(Code::ChallengeNeeded), Some((form, turnstile))) =
            (self.page, taken.as_ref().err().map(Failure::code), &self.challenge)
        {
            return self.challenge(form, turnstile);
        }
        if self.page {
            let nonce = respond::nonce()?;
            let back = self.back.as_deref();
            let html = widget::reply_page(self.language, said, taken.is_ok(), back, &nonce);
            let status = taken.as_ref().map_or_else(|failure| failure.code().status(), |()| 202);
            let mut response = respond::page(status, html, &nonce, "'none'")?;
            if let Err(failure) = &taken {
                respond::say_when(&mut response, failure)?;
            }
            return Ok(response);
        }
        match taken {
            Ok(()) => respond::with_json(202, &SignedUp { said: said.to_owned() }),
            Err(failure) => respond::problem_said(&failure, request_id, said),
        }
    }

    /// The page that solves a challenge and sends the form again.
    fn challenge(&self, form: &SignUp, turnstile: &Turnstile) -> Result<Response, Failure> {
        let SignUp { shop, sku, email, quantity, consent, marketing, lang, .. } = form;
        let fields: Vec<(&str, &str)> = [
            ("shop", Some(shop)),
            ("sku", Some(sku)),
            ("email", Some(email)),
            ("quantity", quantity.as_ref()),
            ("consent", consent.as_ref()),
            ("marketing", marketing.as_ref()),
            ("lang", lang.as_ref()),
            ("from", self.from.as_ref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?.as_str())))
        .collect();
        let nonce = respond::nonce()?;
        let (script, back) = (turnstile.script(), self.back.as_deref());
        let challenge = turnstile.challenge(&script, shop);
        let html = widget::challenge_page(self.language, challenge, &fields, back, &nonce);
        let status = Code::ChallengeNeeded.status();
        respond::page_with_frame(status, html, &nonce, &turnstile.origin(), "'none'")
    }
}

/// What a shopper is told of it.
fn said(taken: &Result<(), Failure>, replies: &'static Replies) -> &'static str {
    match taken.as_ref().map_err(Failure::code) {
        Ok(()) => replies.thanks,
        Err(Code::BadEmail) => replies.bad_email,
        Err(Code::NoConsent) => replies.no_consent,
        Err(Code::TooManySignUps) => replies.too_many,
        Err(Code::ChallengeNeeded) => replies.check,
        Err(_) => replies.not_now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_without_scripts_wants_a_page_and_a_script_does_not() {
        let wants_page =
            |accepts| quality(accepts, "text/html") > quality(accepts, "application/json");
        for accepts in [
            "text/html",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "application/json;q=0.1, Text/HTML ;q=0.75",
        ] {
            assert!(wants_page(accepts), "{accepts}");
        }
        for accepts in [
            "",
            "*/*",
            "application/json",
            "application/json, text/html;q=0.9",
            "text/html, application/json",
            "text/html;q=0",
            "text/html;q=much",
        ] {
            assert!(!wants_page(accepts), "{accepts}");
        }
    }

    #[test]
    fn the_page_leads_back_to_the_product_or_to_the_shop() {
        let origin = "https://shop.example";
        for (url, to) in [
            (Some("/mug?red#stock"), "https://shop.example/mug?red#stock"),
            (Some("https://www.shop.example/mug"), "https://www.shop.example/mug"),
            (Some("javascript:alert(1)"), origin),
            (Some("//evil.example/"), origin),
            (None, origin),
        ] {
            assert_eq!(back(origin, url), to);
        }
    }

    #[test]
    fn a_form_has_its_fields_and_whatever_else() {
        let form = form(b"sku=a%2Fb+c&email=jane%40example.com&sku=d&x=y&quantity=&lang=de");
        assert_eq!((form.shop.as_str(), form.sku.as_str()), ("", "a/b c"));
        assert_eq!(form.email, "jane@example.com");
        assert_eq!((form.quantity.as_deref(), form.lang.as_deref()), (Some(""), Some("de")));
        assert!(form.consent.is_none() && form.marketing.is_none());
    }

    #[test]
    fn an_answer_waits_until_a_step_is_over() {
        for (spent, waits) in [(0, 50), (1, 49), (11, 39), (49, 1), (50, 50), (120, 30), (-7, 50)] {
            assert_eq!(until_told(spent), Duration::from_millis(waits), "{spent}");
        }
    }

    #[test]
    fn so_many_may_be_wanted() {
        for (text, units) in [(None, 1), (Some(""), 1), (Some(" 2 "), 2), (Some("1000"), 1_000)] {
            assert_eq!(quantity(text), Ok(units));
        }
        for text in ["0", "1001", "-1", "1.5", "two", "99999999999"] {
            let refused = quantity(Some(text)).map_err(|failure| failure.code());
            assert_eq!(refused, Err(Code::BadValue), "{text}");
        }
    }
}
