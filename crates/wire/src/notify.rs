//! Asking to be told when something is back.

use serde::{Deserialize, Serialize};

/// The form that `POST /v1/notify` takes; fields that are not of it are the page's own. It cannot
/// be printed, so that no address comes into a log.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignUp {
    /// The shop's public id.
    pub shop: String,
    /// About which SKU.
    pub sku: String,
    /// The shopper's address, as `<input type="email">` takes it, at most 254 bytes.
    pub email: String,
    /// Units that they would like, 1 to 1000; 1 if it is left out.
    pub quantity: Option<String>,
    /// `yes`: they agree to be written to about this product.
    pub consent: Option<String>,
    /// `yes`: they agree to be told of other things, too.
    pub marketing: Option<String>,
    /// The language of the form and of the answer, BCP 47. If it is not spoken here: the shop's,
    /// and then English.
    pub lang: Option<String>,
    /// What the page of `GET /v1/challenge` has given, where the Worker asks for it: it is good for
    /// one sign-up, within five minutes.
    pub challenge: Option<String>,
    /// From the Worker's own page for that: the origin of the shop's page where the form was.
    pub from: Option<String>,
}

/// The answer to `POST /v1/notify`, the same for an address that was there before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignedUp {
    /// A sentence for the shopper, in their language.
    pub said: String,
}
