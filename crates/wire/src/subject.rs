//! Whoever has an address, as a whole: for requests to see it all (GDPR, article 15) or to have it
//! gone (article 17).

use crate::MailEventKind;
use serde::{Deserialize, Serialize};

/// The body of `POST /v1/subjects/export` and `POST /v1/subjects/erase`. It cannot be printed, so
/// that no address comes into a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SubjectRequest {
    /// Their address.
    pub email: String,
}

/// All that is kept of somebody; times are RFC 3339.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Subject {
    /// What they asked to be told of.
    pub sign_ups: Vec<SubjectSignUp>,
    /// That they agreed to it.
    pub consents: Vec<SubjectConsent>,
    /// Messages to them that wait, or could not be sent.
    pub messages: Vec<SubjectMessage>,
    /// Orders about which they are written to.
    pub orders: Vec<SubjectOrder>,
    /// Why and since when nothing is sent to them; absent if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Suppressed>,
}

/// A sign-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SubjectSignUp {
    /// For what.
    pub sku: String,
    /// Units wanted.
    pub quantity: u32,
    /// BCP 47: the language that they were asked in.
    pub lang: String,
    /// Do they want to be told of other things, too?
    pub marketing: bool,
    /// When they signed up.
    pub signed_up_at: String,
    /// When they confirmed it; absent while they have not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<String>,
    /// When it goes by itself.
    pub expires_at: String,
}

/// A proof that they agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SubjectConsent {
    /// To be told of what.
    pub sku: String,
    /// BCP 47: the language of the words.
    pub lang: String,
    /// The version of the words.
    pub text: u32,
    /// Did they agree to be told of other things, too?
    pub marketing: bool,
    /// When they agreed.
    pub consented_at: String,
    /// When they confirmed that it was they.
    pub confirmed_at: String,
    /// When they ended it; absent if they have not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// When it goes by itself.
    pub expires_at: String,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SubjectMessage {
    /// Its id.
    pub id: String,
    /// What it says: `confirm`, `claim`, `back`.
    pub kind: String,
    /// Since when it was to be sent.
    pub made_at: String,
    /// When it goes by itself.
    pub expires_at: String,
}

/// An order about which they are written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SubjectOrder {
    /// Its id.
    pub order: String,
    /// BCP 47: the language that they are written to in.
    pub lang: String,
    /// Since when.
    pub kept_at: String,
    /// When it goes by itself.
    pub expires_at: String,
}

/// Nothing is sent to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Suppressed {
    /// Why.
    pub reason: MailEventKind,
    /// Since when.
    pub at: String,
}
