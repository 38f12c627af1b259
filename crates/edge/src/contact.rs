//! Addresses as they are kept: encrypted, and beside that a keyed hash by which they are found.
//!
//! The secret `CONTACT_KEYS` has one or more versions. The newest encrypts and hashes; under the
//! others an address that came earlier is still found. What stands in the database is said in
//! www/docs/storage.md: never change it for a version that is in use.

use crate::{
    email::Email,
    failure::{Failure, reject},
    limits::MAX_CONTACT_KEYS,
};
use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::iter;
use store::outreach::Address;
use wire::Code;
use worker::Env;

/// 256 bits, as AES-256 takes them.
const KEY_BYTES: usize = 32;

/// As many as GCM is made for. They are random: by NIST SP 800-38D one key may so encrypt 2^32
/// addresses, more than there are people to write to.
const NONCE_BYTES: usize = 12;

/// How much of an address's hash the Limiter objects know: see `limiter_do.rs`.
pub(crate) const LIMITED_BITS: u32 = 24;

/// As many bytes of a message's hash as make two of them different.
const MESSAGE_HASH_BYTES: usize = 16;

/// The secret, in all its versions.
pub(crate) struct ContactKeys {
    newest: (i64, [u8; KEY_BYTES]),
    /// The latest of them first.
    earlier: Vec<(i64, [u8; KEY_BYTES])>,
}

/// An address, as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The version of the secret that it is kept under.
    pub(crate) key: i64,
    /// Encrypted.
    pub(crate) sealed: Vec<u8>,
    /// By which it is found.
    pub(crate) hash: Vec<u8>,
    /// By which it is found if it came under an earlier version.
    pub(crate) earlier: Vec<Vec<u8>>,
}

impl ContactKeys {
    /// Those of this Worker; if there are none, `off` says so.
    pub(crate) fn of(env: &Env, off: Code) -> Result<Self, Failure> {
        let text = env.secret("CONTACT_KEYS").map(|text| text.to_string()).unwrap_or_default();
        Self::read(&text).ok_or_else(|| {
            let detail = if text.is_empty() {
                "This Worker has no CONTACT_KEYS to encrypt addresses with; set `1:` and 64 random \
                 hex digits with `wrangler secret put CONTACT_KEYS`, or on your own machine in \
                 `.dev.vars`."
            } else {
                "This Worker's CONTACT_KEYS are not what they should be: each a number, a colon and \
                 64 hex digits, with commas between them, and no number twice."
            };
            reject(off, detail)
        })
    }

    /// `1:HEX` or `1:HEX,2:HEX`, in any order; the highest number is the newest.
    fn read(text: &str) -> Option<Self> {
        let mut versions = text.split(',').map(version).collect::<Option<Vec<_>>>()?;
        versions.sort_unstable_by_key(|(version, _)| *version);
        let twice = versions.windows(2).any(|pair| match pair {
            [(one, _), (next, _)] => one == next,
            _ => false,
        });
        if twice || versions.len() > MAX_CONTACT_KEYS {
            return None;
        }
        let newest = versions.pop()?;
        versions.reverse();
        Some(Self { newest, earlier: versions })
    }

    /// An address as it is kept for this shop; no other shop's rows say that it is the same.
    pub(crate) fn keep(&self, shop: &str, email: &Email) -> Result<Kept, Failure> {
        let (key, secret) = &self.newest;
        let hash = |secret| lookup(secret, shop, email);
        Ok(Kept {
            key: *key,
            sealed: seal(secret, shop, email)?,
            hash: hash(secret)?,
            earlier: self
                .earlier
                .iter()
                .map(|(_, secret)| hash(secret))
                .collect::<Result<_, _>>()?,
        })
    }

    /// By what an address of this shop is found, under whichever version it came.
    pub(crate) fn hashes(&self, shop: &str, email: &Email) -> Result<Vec<Vec<u8>>, Failure> {
        let mut versions = iter::once(&self.newest).chain(&self.earlier);
        versions.try_fold(Vec::new(), |mut hashes, (_, secret)| {
            hashes.push(lookup(secret, shop, email)?);
            Ok(hashes)
        })
    }

    /// The address that was kept for this shop under that version; `None` if this Worker does not
    /// have it any more, or if it is not this shop's.
    pub(crate) fn open(&self, shop: &str, key: i64, sealed: &[u8]) -> Option<Email> {
        let mut versions = iter::once(&self.newest).chain(&self.earlier);
        let (_, secret) = versions.find(|(version, _)| *version == key)?;
        let cipher = Aes256Gcm::new_from_slice(&derive(secret, "backroom address").ok()?).ok()?;
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
        let payload = Payload { msg: sealed, aad: shop.as_bytes() };
        let address = cipher.decrypt(nonce.try_into().ok()?, payload).ok()?;
        Email::new(&String::from_utf8(address).ok()?)
    }

    /// What is kept of the network that somebody signs up from.
    pub(crate) fn network(&self, shop: &str, prefix: &[u8]) -> Result<Vec<u8>, Failure> {
        let (_, secret) = &self.newest;
        keyed(&derive(secret, "backroom network")?, &[shop.as_bytes(), b"\n", prefix])
    }

    /// What an address is counted by, over all shops: [`LIMITED_BITS`] of a keyed hash of the
    /// mailbox that it leads to.
    ///
    /// Under the newest version alone: with a new one every count begins anew, so whoever is being
    /// signed up by a stranger that day may get three mails more, once. The oldest would only put
    /// that off to the day on which it is taken away.
    pub(crate) fn limited(&self, email: &Email) -> Result<u32, Failure> {
        let hash = self.limiter_hash(&[b"address\n", email.mailbox().as_bytes()])?;
        let first = hash.iter().take(4).fold(0, |bits: u32, byte| (bits << 8) | u32::from(*byte));
        Ok(first >> (u32::BITS - LIMITED_BITS))
    }

    /// What a message is known by there: its id itself leads to its row, and that to an address.
    pub(crate) fn limited_message(&self, id: &str) -> Result<Vec<u8>, Failure> {
        let mut hash = self.limiter_hash(&[b"message\n", id.as_bytes()])?;
        hash.truncate(MESSAGE_HASH_BYTES);
        Ok(hash)
    }

    fn limiter_hash(&self, parts: &[&[u8]]) -> Result<Vec<u8>, Failure> {
        let (_, secret) = &self.newest;
        keyed(&derive(secret, "backroom limiter")?, parts)
    }
}

impl Kept {
    /// As it goes into the database.
    pub(crate) fn stored(&self) -> Address<'_> {
        Address { key: self.key, sealed: &self.sealed, hash: &self.hash, earlier: &self.earlier }
    }
}

/// A number and its key.
fn version(text: &str) -> Option<(i64, [u8; KEY_BYTES])> {
    let (version, digits) = text.trim().split_once(':')?;
    let mut key = [0; KEY_BYTES];
    hex::decode_to_slice(digits, &mut key).ok()?;
    Some((i64::from(version.parse::<u32>().ok()?), key))
}

fn seal(secret: &[u8], shop: &str, email: &Email) -> Result<Vec<u8>, Failure> {
    let key = derive(secret, "backroom address")?;
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|error| Failure::Retryable(error.to_string()))?;
    // Neither happens: the key has its length, and the text is far from the longest there may be.
    let cipher = Aes256Gcm::new_from_slice(&key).map_err(|_| unsealed())?;
    let payload = Payload { msg: email.as_given().as_bytes(), aad: shop.as_bytes() };
    let sealed = cipher.encrypt(&nonce.into(), payload).map_err(|_| unsealed())?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn unsealed() -> Failure {
    Failure::Retryable("an address could not be encrypted".to_owned())
}

fn lookup(secret: &[u8; KEY_BYTES], shop: &str, email: &Email) -> Result<Vec<u8>, Failure> {
    let key = derive(secret, "backroom lookup")?;
    keyed(&key, &[shop.as_bytes(), b"\n", email.normal().as_bytes()])
}

/// A key for one purpose: HKDF-Expand of RFC 5869, whose first block is all that is needed.
fn derive(secret: &[u8], info: &str) -> Result<Vec<u8>, Failure> {
    keyed(secret, &[info.as_bytes(), &[1]])
}

fn keyed(key: &[u8], parts: &[&[u8]]) -> Result<Vec<u8>, Failure> {
    // A key may have any length, so this does not happen.
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key)
        .map_err(|error| Failure::Retryable(error.to_string()))?;
    for part in parts {
        mac.update(part);
    }
    Ok(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> ContactKeys {
        ContactKeys::read(text).unwrap()
    }

    fn digits(digit: &str) -> String {
        digit.repeat(2 * KEY_BYTES)
    }

    fn kept(keys: &ContactKeys, shop: &str, address: &str) -> Kept {
        keys.keep(shop, &Email::new(address).unwrap()).ok().unwrap()
    }

    /// What is in there.
    fn opened(keys: &ContactKeys, shop: &str, key: i64, sealed: &[u8]) -> Option<String> {
        keys.open(shop, key, sealed).map(|email| email.as_given().to_owned())
    }

    #[test]
    fn an_address_comes_back_as_it_was_given_and_for_its_shop_alone() {
        let (a, b) = (digits("a"), digits("b"));
        let address = "Jane@Example.com";
        let [keys, other, rotated] =
            [format!("1:{a}"), format!("1:{b}"), format!("1:{a},2:{b}")].map(|text| keys(&text));
        let one = kept(&keys, "mugs", address);
        assert_eq!(one.key, 1);
        assert_eq!(opened(&keys, "mugs", 1, &one.sealed).as_deref(), Some(address));
        assert_eq!(opened(&keys, "jars", 1, &one.sealed), None);
        assert_eq!(opened(&keys, "mugs", 2, &one.sealed), None);
        assert_eq!(opened(&keys, "mugs", 1, &[0; NONCE_BYTES - 1]), None);
        assert_eq!(opened(&other, "mugs", 1, &one.sealed), None);
        assert_eq!(opened(&rotated, "mugs", 1, &one.sealed).as_deref(), Some(address));
        // Twice the same does not look the same.
        assert_ne!(one.sealed, kept(&keys, "mugs", address).sealed);
    }

    #[test]
    fn an_address_is_found_however_its_domain_is_written_and_in_its_shop_alone() {
        let keys = keys(&format!("1:{}", digits("a")));
        let hash = |shop, address| kept(&keys, shop, address).hash;
        assert_eq!(hash("mugs", "jane@example.com"), hash("mugs", "jane@EXAMPLE.com"));
        assert_ne!(hash("mugs", "jane@example.com"), hash("mugs", "Jane@example.com"));
        assert_ne!(hash("mugs", "jane@example.com"), hash("jars", "jane@example.com"));
    }

    #[test]
    fn the_newest_version_is_used_and_the_others_still_find() {
        let (a, b, c) = (digits("a"), digits("b"), digits("c"));
        let only = |key: &str| kept(&keys(&format!("7:{key}")), "mugs", "jane@example.com").hash;
        let keys = keys(&format!("2:{b}, 10:{c},1:{a}"));
        let rotated = kept(&keys, "mugs", "jane@example.com");
        assert_eq!((rotated.key, rotated.hash), (10, only(&c)));
        assert_eq!(rotated.earlier, [only(&b), only(&a)]);
        assert_eq!(keys.network("mugs", &[1]).ok().map(|hash| hash.len()), Some(32));
    }

    #[test]
    fn an_address_is_counted_over_all_shops_and_anew_under_a_new_version() {
        let (a, b) = (digits("a"), digits("b"));
        let counted = |text: &str, address: &str| {
            keys(text).limited(&Email::new(address).unwrap()).ok().unwrap()
        };
        let one = format!("1:{a}");
        let jane = counted(&one, "jane@example.com");
        assert!(jane < 1 << LIMITED_BITS);
        assert_eq!(jane, counted(&one, "J.a.n.e+shop@EXAMPLE.com"));
        assert_ne!(jane, counted(&one, "john@example.com"));
        assert_ne!(jane, counted(&format!("1:{a},2:{b}"), "jane@example.com"));
        assert_eq!(jane, counted(&format!("2:{a},1:{b}"), "jane@example.com"));
        let message = |id| keys(&one).limited_message(id).ok().unwrap();
        assert_eq!((message("mugs.1").len(), message("mugs.1")), (16, message("mugs.1")));
        assert_ne!(message("mugs.1"), message("mugs.2"));
    }

    /// The forms of what is stored, worked out by other programs.
    #[test]
    fn what_is_stored_has_the_form_that_is_documented() {
        let keys = keys(&format!("1:{}", digits("a")));
        let hash = kept(&keys, "mugs", "jane@example.com").hash;
        assert_eq!(
            hex::encode(hash),
            "540fa3a765f07192b0854be3480886ebdeeaca8535fb1bba346cb008ddc85ff2"
        );
        let sealed = hex::decode("000102030405060708090a0b3b79c7faa497bf33eb93766cc9a46cb81a7bd5aae4517f756e7ec899c9f57bc0").unwrap();
        let address = opened(&keys, "mugs", 1, &sealed);
        assert_eq!(address.as_deref(), Some("Jane@example.com"));
    }

    #[test]
    fn what_are_no_keys() {
        let a = digits("a");
        for text in [
            String::new(),
            a.clone(),
            format!("1:{a}0"),
            format!("1:{}g", a.get(1..).unwrap()),
            format!("1:{a},"),
            format!("1:{a},1:{}", digits("b")),
            format!("x:{a}"),
            format!("-1:{a}"),
            (1..=9).map(|n| format!("{n}:{a}")).collect::<Vec<_>>().join(","),
        ] {
            assert!(ContactKeys::read(&text).is_none(), "{text}");
        }
    }
}
