//! Tokens: `{purpose}_{shop}_{expiry}_{subject}_{MAC}`. Nothing is stored of them: the Worker knows
//! its own signature, and the purpose keeps what opens one thing from opening another.

use crate::{failure::Failure, keys::is_shop_id};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use worker::Env;

/// What a token says.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signed {
    /// The shop that it is of.
    pub(crate) shop: String,
    /// Until when it opens anything, UTC milliseconds.
    pub(crate) expires_at: i64,
    /// What it opens, without a `_`.
    pub(crate) subject: String,
}

/// What this Worker signs with, if it signs.
pub(crate) fn secret(env: &Env) -> Option<String> {
    let secret = env.secret("SIGNING_SECRET").ok().map(|secret| secret.to_string());
    secret.filter(|secret| !secret.is_empty())
}

/// A signature under this secret.
pub(crate) fn mac(secret: &str) -> Result<Hmac<Sha256>, Failure> {
    // A key may have any length, so this does not happen.
    Hmac::new_from_slice(secret.as_bytes()).map_err(|error| Failure::Retryable(error.to_string()))
}

impl Signed {
    /// As a token for this purpose.
    pub(crate) fn sign(&self, purpose: &str, secret: &str) -> Result<String, Failure> {
        let text = format!("{purpose}_{}_{}_{}", self.shop, self.expires_at, self.subject);
        let mut mac = mac(secret)?;
        mac.update(text.as_bytes());
        Ok(format!("{text}_{}", hex::encode(mac.finalize().into_bytes())))
    }

    /// What a token for this purpose says, if it was signed here and its time is not over.
    pub(crate) fn open(token: &str, purpose: &str, secret: &str, now: i64) -> Option<Self> {
        let (text, signature) = token.rsplit_once('_')?;
        let mut mac = mac(secret).ok()?;
        mac.update(text.as_bytes());
        mac.verify_slice(&hex::decode(signature).ok()?).ok()?;
        // What was signed here has this form.
        let parts: Vec<&str> = text.split('_').collect();
        let [signed_for, shop, expires_at, subject] = parts[..] else { return None };
        let expires_at = expires_at.parse().ok()?;
        (signed_for == purpose && now < expires_at && is_shop_id(shop)).then(|| Self {
            shop: shop.to_owned(),
            expires_at,
            subject: subject.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed() -> Signed {
        Signed { shop: "my-shop".to_owned(), expires_at: 1_000, subject: "0f0f".to_owned() }
    }

    #[test]
    fn a_token_opens_what_it_says_until_its_time() {
        let token = signed().sign("ct", "secret").unwrap();
        assert_eq!(Signed::open(&token, "ct", "secret", 999), Some(signed()));
        assert_eq!(Signed::open(&token, "ct", "secret", 1_000), None);
        assert_eq!(Signed::open(&token, "ct", "another", 0), None);
        assert_eq!(Signed::open(&token, "ut", "secret", 0), None, "that is another purpose");
    }

    #[test]
    fn whatever_is_changed_in_a_token_it_opens_nothing() {
        let token = signed().sign("ct", "secret").unwrap();
        for forged in [
            token.replacen("my-shop", "my-shoq", 1),
            token.replacen("_1000_", "_9999_", 1),
            token.replacen("_0f0f", "_0f0e", 1),
            token.replacen("ct_", "ut_", 1),
            token.to_uppercase(),
            String::new(),
            "ct_".to_owned(),
            "ct_my-shop_1000_0f0f".to_owned(),
        ] {
            assert_ne!(forged, token);
            assert_eq!(Signed::open(&forged, "ct", "secret", 0), None, "{forged}");
        }
    }

    /// Pages hold such tokens and buyers have such links: worked out by another program.
    #[test]
    fn a_token_has_the_form_that_was_handed_out() {
        let token = signed().sign("bt", "secret").unwrap();
        let mac = "d9b8bda10a48b1743dd26c23b5976e2cb6d325e2de098030e14d750f5b20fe69";
        assert_eq!(token, format!("bt_my-shop_1000_0f0f_{mac}"));
    }
}
