//! Secret keys: `sk_{shop}_{40 hex digits}`.
//!
//! The shop's id stands in the key, so that a key says which object can check it. The object
//! keeps SHA-256 only: 160 random bits need no slow hash. Never change the form of keys that are
//! in use.

use crate::failure::{Failure, reject};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use wire::Code;

/// 160 bits; 32 of them are the key's public prefix, the other 128 are the secret.
const RANDOM_BYTES: usize = 20;
const HEX_DIGITS: usize = RANDOM_BYTES * 2;
const PREFIX_DIGITS: usize = 8;

/// A key that was just made.
pub(crate) struct FreshKey {
    /// Shown once.
    pub(crate) text: String,
    /// By which it is named when it is retired.
    pub(crate) prefix: String,
    /// What is stored.
    pub(crate) hash: Vec<u8>,
}

/// Makes a key for this shop.
pub(crate) fn fresh_key(shop: &str) -> Result<FreshKey, Failure> {
    let digits = random_hex::<RANDOM_BYTES>()?;
    let text = format!("sk_{shop}_{digits}");
    let hash = hash(&text);
    let prefix = digits.chars().take(PREFIX_DIGITS).collect();
    Ok(FreshKey { text, prefix, hash })
}

/// An id for a shop that was given none: 64 random bits.
pub(crate) fn fresh_shop_id() -> Result<String, Failure> {
    Ok(format!("s-{}", random_hex::<8>()?))
}

/// `N` random bytes as hex digits.
pub(crate) fn random_hex<const N: usize>() -> Result<String, Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Failure::Retryable(error.to_string()))?;
    Ok(hex::encode(bytes))
}

/// A random number below `end`, near enough to evenly for sharing out sockets.
pub(crate) fn random_below(end: u32) -> Result<u32, Failure> {
    let random = getrandom::u32().map_err(|error| Failure::Retryable(error.to_string()))?;
    Ok(random.checked_rem(end).unwrap_or(0))
}

/// What is stored of a key.
pub(crate) fn hash(key: &str) -> Vec<u8> {
    Sha256::digest(key.as_bytes()).to_vec()
}

/// Are two hashes the same? Takes the same time whichever byte differs.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// The token of an `Authorization: Bearer …` header.
pub(crate) fn bearer(header: Option<&str>) -> Option<&str> {
    let (scheme, token) = header?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The shop whose key this is, by the key's own word.
pub(crate) fn shop_of(key: &str) -> Result<&str, Failure> {
    let parts = key.strip_prefix("sk_").and_then(|rest| rest.rsplit_once('_'));
    match parts {
        Some((shop, digits))
            if is_shop_id(shop)
                && digits.len() == HEX_DIGITS
                && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) =>
        {
            Ok(shop)
        }
        _ => Err(reject(
            Code::KeyWrong,
            "A secret key looks like sk_SHOP_ and 40 hex digits; copy it whole.",
        )),
    }
}

/// A key's public prefix, by which the shop names it.
pub(crate) fn prefix_of(key: &str) -> Option<&str> {
    key.rsplit_once('_')?.1.get(..PREFIX_DIGITS)
}

/// 3 to 32 of `a-z`, `0-9` and `-`: safe in an address, a KV key and a secret key.
pub(crate) fn is_shop_id(text: &str) -> bool {
    (3..=32).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_key_names_its_shop_and_is_long() {
        let key = fresh_key("my-shop-2").unwrap();
        assert_eq!(shop_of(&key.text).unwrap(), "my-shop-2");
        assert!(key.text.contains(&format!("_{}", key.prefix)));
        assert_eq!(prefix_of(&key.text), Some(key.prefix.as_str()));
        assert_eq!(key.text.len(), "sk_my-shop-2_".len() + 40);
        assert!(same(&key.hash, &hash(&key.text)));
        assert!(!same(&key.hash, &hash(&fresh_key("my-shop-2").unwrap().text)));
    }

    #[test]
    fn what_is_no_key() {
        let digits = "0".repeat(40);
        for text in [
            String::new(),
            "sk_".to_owned(),
            format!("sk__{digits}"),
            format!("pk_demo_{digits}"),
            format!("sk_Demo_{digits}"),
            format!("sk_demo_{digits}0"),
            format!("sk_demo_{}g", "0".repeat(39)),
        ] {
            assert_eq!(shop_of(&text).map_err(|failure| failure.code()), Err(Code::KeyWrong));
        }
    }

    #[test]
    fn the_bearer_scheme_is_case_insensitive_and_the_only_one() {
        assert_eq!(bearer(Some("bearer abc")), Some("abc"));
        assert_eq!(bearer(Some("Basic abc")), None);
        assert_eq!(bearer(Some("abc")), None);
        assert_eq!(bearer(None), None);
    }
}
