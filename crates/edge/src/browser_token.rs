//! Browsers' tokens: `bt_{shop}_{expiry}_{buyer}_{MAC}`, with which a page may hold units for a
//! few minutes.

use crate::{
    address, clock,
    failure::{Failure, reject},
    keys::{self, is_shop_id},
    kv::{ShopRecord, Snapshots, shop_key},
    limits::BROWSER_TOKEN_MS,
    network, respond,
    signed::{self, Signed, mac},
};
use hmac::Mac;
use wire::{BrowserToken, Code};
use worker::{Env, Request, Response};

const PURPOSE: &str = "bt";

/// 128 bits, so that nobody guesses the ids of another page's holds.
const BUYER_BYTES: usize = 16;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    /// The shop that it opens.
    pub(crate) shop: String,
    /// Whose it is: a number that nobody else has.
    pub(crate) buyer: String,
    /// Until when, UTC milliseconds.
    expires_at: i64,
}

/// `POST /v1/browser-token`, from a page of the shop. It looks at what is published, so that
/// strangers cannot keep the shop's object busy; the object looks again when units are held.
pub(crate) async fn make(request: &Request, query: &str, env: &Env) -> Result<Response, Failure> {
    let shop = address::parameter(query, "shop")
        .filter(|shop| is_shop_id(shop))
        .ok_or_else(|| reject(Code::BadParameter, "`shop` is the shop's public id."))?;
    let record = Snapshots::of(env)?.one(&shop_key(&shop)).await?;
    let published = ShopRecord::of(record.as_ref(), &shop)?;
    let origin = request.headers().get("origin")?.unwrap_or_default();
    if !published.origins.contains(&origin) {
        let detail = "Only a page on an origin that the shop has listed is given a token.";
        return Err(reject(Code::OriginNotAllowed, detail));
    }
    if !published.browser_holds {
        return Err(holds_are_off());
    }
    let secret = secret(env)?;
    network::prefix(request, env, Code::BrowserHoldsOff)?;
    let expires_at = clock::now().saturating_add(BROWSER_TOKEN_MS);
    let claims = Claims { shop, buyer: keys::random_hex::<BUYER_BYTES>()?, expires_at };
    let token = claims.sign(&secret)?;
    let (prefix, expires_at) = (claims.prefix(), clock::rfc3339(expires_at));
    respond::with_json(200, &BrowserToken { token, prefix, expires_at })
}

/// The shop has not turned them on.
pub(crate) fn holds_are_off() -> Failure {
    reject(Code::BrowserHoldsOff, "The shop has not turned on `browser_holds`.")
}

/// What this token says, if this Worker has signed it and its time is not over.
pub(crate) fn open(token: &str, env: &Env, now: i64) -> Result<Claims, Failure> {
    Claims::read(token, &secret(env)?, now)
}

/// The shop that a token names, by its own word.
pub(crate) fn shop_of(token: &str) -> Result<&str, Failure> {
    let shop = token.strip_prefix("bt_").and_then(|rest| rest.split('_').next());
    shop.filter(|shop| is_shop_id(shop)).ok_or_else(wrong)
}

/// What is kept of the network that a request comes from: a hash of it.
pub(crate) fn network(request: &Request, env: &Env) -> Result<Vec<u8>, Failure> {
    let mut mac = mac(&secret(env)?)?;
    mac.update(b"network\n");
    mac.update(&network::prefix(request, env, Code::BrowserHoldsOff)?);
    Ok(mac.finalize().into_bytes().to_vec())
}

/// What this Worker signs with.
fn secret(env: &Env) -> Result<String, Failure> {
    signed::secret(env).ok_or_else(|| {
        let detail = "This Worker has no SIGNING_SECRET to sign tokens with; set one with \
                      `wrangler secret put SIGNING_SECRET`.";
        reject(Code::BrowserHoldsOff, detail)
    })
}

fn wrong() -> Failure {
    let detail = "Ask POST /v1/browser-token for another; this one is mistyped or too old.";
    reject(Code::TokenWrong, detail)
}

impl Claims {
    /// What the id of each hold made with this token begins with.
    pub(crate) fn prefix(&self) -> String {
        format!("b-{}-", self.buyer)
    }

    fn sign(&self, secret: &str) -> Result<String, Failure> {
        let (shop, subject) = (self.shop.clone(), self.buyer.clone());
        Signed { shop, expires_at: self.expires_at, subject }.sign(PURPOSE, secret)
    }

    fn read(token: &str, secret: &str, now: i64) -> Result<Self, Failure> {
        let Signed { shop, expires_at, subject } =
            Signed::open(token, PURPOSE, secret, now).ok_or_else(wrong)?;
        Ok(Self { shop, buyer: subject, expires_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims { shop: "my-shop".to_owned(), buyer: "0f".repeat(16), expires_at: 1_000 }
    }

    #[test]
    fn a_token_opens_what_it_says_until_its_time() {
        let token = claims().sign("secret").unwrap();
        assert_eq!(shop_of(&token), Ok("my-shop"));
        assert_eq!(Claims::read(&token, "secret", 999), Ok(claims()));
        assert_eq!(Claims::read(&token, "secret", 1_000), Err(wrong()));
        assert_eq!(Claims::read(&token, "another", 999), Err(wrong()));
    }

    #[test]
    fn whatever_is_changed_in_a_token_it_opens_nothing() {
        let token = claims().sign("secret").unwrap();
        for (part, other) in [("my-shop", "my-shoq"), ("_1000_", "_9999_"), ("_0f0f", "_0f0e")] {
            let forged = token.replacen(part, other, 1);
            assert_ne!(forged, token);
            assert_eq!(Claims::read(&forged, "secret", 0), Err(wrong()), "{forged}");
        }
        for cut in ["", "bt_", "bt_my-shop", "bt_my-shop_1_2"] {
            assert_eq!(Claims::read(cut, "secret", 0), Err(wrong()), "{cut}");
        }
        assert_eq!(shop_of("sk_my-shop_0"), Err(wrong()));
        assert_eq!(shop_of("bt_My-shop_0"), Err(wrong()));
    }
}
