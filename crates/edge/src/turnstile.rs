//! Cloudflare's Turnstile, where the operator has set it up: it tells robots from shoppers before a
//! sign-up is taken.
//!
//! It asks on a page of ours, alone or in a frame of the shop's page. So one widget of the
//! operator's serves all shops, under one host name, and no script of a third party runs where a
//! shopper pays.

use crate::{
    address::parameter,
    clock::within,
    failure::{Failure, json, reject},
    keys::is_shop_id,
    kv::{ShopRecord, Snapshots, shop_key},
    limits::{MAX_CHALLENGE_BYTES, TURNSTILE_TIMEOUT_MS},
    read, respond,
    settings::is_origin,
};
use serde::{Deserialize, Serialize};
use widget::{Challenge, Language};
use wire::Code;
use worker::{Env, Fetch, Headers, Method, Request, RequestInit, Response};

/// Where it is, as Cloudflare documents it.
const ADDRESS: &str = "https://challenges.cloudflare.com/turnstile/v0";

/// What it is asked for, so that what a page of another purpose was given is worth nothing here.
const ACTION: &str = "sign-up";

/// How it is asked.
pub(crate) struct Turnstile {
    site_key: String,
    secret: String,
    address: String,
}

/// What it says of a token.
#[derive(Deserialize)]
struct Verdict {
    success: bool,
    #[serde(default, rename = "error-codes")]
    error_codes: Vec<String>,
    #[serde(default)]
    hostname: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    cdata: String,
}

/// What a token must have been given for.
#[derive(Clone, Copy)]
pub(crate) struct For<'a> {
    /// The host of a page of ours.
    pub(crate) host: &'a str,
    pub(crate) shop: &'a str,
}

impl Turnstile {
    /// What this Worker has of it, if anything; with one half of it no sign-up is taken.
    pub(crate) fn of(env: &Env) -> Result<Option<Self>, Failure> {
        let set = |name: &str| env.var(name).map(|text| text.to_string()).unwrap_or_default();
        let address = set("TURNSTILE_URL");
        match (set("TURNSTILE_SITE_KEY"), set("TURNSTILE_SECRET")) {
            (site_key, secret) if site_key.is_empty() && secret.is_empty() => Ok(None),
            (site_key, secret) if !site_key.is_empty() && !secret.is_empty() => {
                let address = if address.is_empty() { ADDRESS.to_owned() } else { address };
                Ok(Some(Self { site_key, secret, address }))
            }
            (site_key, _) => {
                let (has, lacks) = if site_key.is_empty() {
                    ("the secret TURNSTILE_SECRET", "variable TURNSTILE_SITE_KEY")
                } else {
                    ("TURNSTILE_SITE_KEY", "secret TURNSTILE_SECRET")
                };
                Err(reject(Code::NotifyOff, format!("This Worker has {has}, but no {lacks}.")))
            }
        }
    }

    /// Where the script of it is.
    pub(crate) fn script(&self) -> String {
        format!("{}/api.js", self.address)
    }

    /// What a page asks it with, for a shop.
    pub(crate) fn challenge<'a>(&'a self, script: &'a str, shop: &'a str) -> Challenge<'a> {
        Challenge { script, site_key: &self.site_key, action: ACTION, about: shop }
    }

    /// What a page's policy must allow to be framed.
    pub(crate) fn origin(&self) -> String {
        let url = worker::Url::parse(&self.address);
        url.map_or_else(|_| ADDRESS.to_owned(), |url| url.origin().ascii_serialization())
    }

    /// Is that token of somebody on a page of ours, for this shop? Whatever comes of it, a token is
    /// used up by that.
    pub(crate) async fn check(&self, token: Option<&str>, wanted: For<'_>) -> Result<(), Failure> {
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            let detail = "Open `GET /v1/challenge` in a frame, and send what it gives as \
                          `challenge`; or ask for a page, and it does so itself.";
            return Err(reject(Code::ChallengeNeeded, detail));
        };
        if token.len() > MAX_CHALLENGE_BYTES {
            let detail = format!("`challenge` has at most {MAX_CHALLENGE_BYTES} bytes.");
            return Err(reject(Code::ChallengeFailed, detail));
        }
        let verdict = within(TURNSTILE_TIMEOUT_MS, self.ask(token)).await;
        let verdict =
            verdict.map_err(|failure| Failure::Retryable(format!("turnstile: {failure}")))?;
        judge(&verdict, wanted)
    }

    async fn ask(&self, token: &str) -> Result<Verdict, Failure> {
        #[derive(Serialize)]
        struct Asked<'a> {
            secret: &'a str,
            response: &'a str,
        }
        let headers = Headers::new();
        headers.set("content-type", "application/json")?;
        let asked = json(&Asked { secret: &self.secret, response: token });
        let mut init = RequestInit::new();
        init.with_method(Method::Post).with_headers(headers).with_body(Some(asked.into()));
        let request = Request::new_with_init(&format!("{}/siteverify", self.address), &init)?;
        let mut response: Response = Fetch::Request(request).send().await?;
        Ok(response.json().await?)
    }
}

/// What a verdict comes to.
fn judge(verdict: &Verdict, wanted: For<'_>) -> Result<(), Failure> {
    let Verdict { success, error_codes, hostname, action, cdata } = verdict;
    let has = |code: &str| error_codes.iter().any(|given| given == code);
    if has("missing-input-secret") || has("invalid-input-secret") {
        let detail = "turnstile: TURNSTILE_SECRET is not that of TURNSTILE_SITE_KEY";
        return Err(Failure::Retryable(detail.to_owned()));
    }
    if has("internal-error") {
        return Err(Failure::Retryable("turnstile: internal-error".to_owned()));
    }
    let wrong = if has("timeout-or-duplicate") {
        "It is older than 5 minutes, or came before."
    } else if !success {
        "Turnstile does not know it."
    } else if hostname != wanted.host {
        "It was given to a page of another host."
    } else if action != ACTION {
        "It was given for another purpose."
    } else if cdata != wanted.shop {
        "It was given for another shop."
    } else {
        return Ok(());
    };
    Err(reject(Code::ChallengeFailed, wrong))
}

/// `GET /v1/challenge`: the page for a frame of the shop's page, and for no other's.
pub(crate) async fn show(query: &str, env: &Env) -> Result<Response, Failure> {
    let shop = parameter(query, "shop")
        .filter(|shop| is_shop_id(shop))
        .ok_or_else(|| reject(Code::BadParameter, "`shop` is the shop's public id."))?;
    let off = || reject(Code::NotifyOff, "This Worker asks for no challenge.");
    let turnstile = Turnstile::of(env)?.ok_or_else(off)?;
    let record = Snapshots::of(env)?.one(&shop_key(&shop)).await?;
    let record = ShopRecord::of(record.as_ref(), &shop)?;
    let asked = read::language(parameter(query, "lang").as_deref())?;
    let language = asked.or_else(|| Language::of(&record.locale));
    let nonce = respond::nonce()?;
    let script = turnstile.script();
    let html = widget::challenge_frame(
        language.unwrap_or_else(Language::english),
        turnstile.challenge(&script, &shop),
        &nonce,
    );
    let around: Vec<_> = record.origins.into_iter().filter(|origin| is_origin(origin)).collect();
    let around = around.join(" ");
    let around = if around.is_empty() { "'none'" } else { &around };
    respond::page_with_frame(200, html, &nonce, &turnstile.origin(), around)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(success: bool, code: &str, hostname: &str, action: &str) -> Verdict {
        Verdict {
            success,
            error_codes: Some(code.to_owned())
                .filter(|code| !code.is_empty())
                .into_iter()
                .collect(),
            hostname: hostname.to_owned(),
            action: action.to_owned(),
            cdata: "mugs".to_owned(),
        }
    }

    #[test]
    fn only_what_was_given_here_and_for_this_is_good() {
        let host = "backroom.example";
        let wanted = For { host, shop: "mugs" };
        assert_eq!(judge(&verdict(true, "", host, ACTION), wanted), Ok(()));
        let others = Verdict { cdata: "pots".to_owned(), ..verdict(true, "", host, ACTION) };
        for (wrong, code) in [
            (verdict(true, "", "evil.example", ACTION), Code::ChallengeFailed),
            (verdict(true, "", "", ACTION), Code::ChallengeFailed),
            (verdict(true, "", host, "login"), Code::ChallengeFailed),
            (others, Code::ChallengeFailed),
            (verdict(false, "", host, ACTION), Code::ChallengeFailed),
            (verdict(false, "invalid-input-response", "", ""), Code::ChallengeFailed),
            (verdict(false, "timeout-or-duplicate", "", ""), Code::ChallengeFailed),
            (verdict(false, "invalid-input-secret", "", ""), Code::TryAgain),
            (verdict(false, "internal-error", "", ""), Code::TryAgain),
        ] {
            assert_eq!(judge(&wrong, wanted).map_err(|failure| failure.code()), Err(code));
        }
    }
}
