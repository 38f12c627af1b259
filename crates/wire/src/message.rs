//! Messages to shoppers: what their links lead to, what could not be sent, what came of the rest.

use serde::{Deserialize, Serialize};

/// The form that `POST /v1/confirm` takes. The token opens somebody's sign-up: it cannot be
/// printed, so that none comes into a log.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Confirm {
    /// As it stands in the message's link.
    pub token: String,
}

/// The form that `POST /v1/claim` takes.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PassOn {
    /// As it stands in the claim's link.
    pub token: String,
    /// `pass`; with anything else nothing changes.
    pub action: String,
}

/// The form that `POST /v1/alerts` takes.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndAlerts {
    /// As it stands in the message's link.
    pub token: String,
    /// Which one ends, as its button says.
    pub id: Option<String>,
    /// `yes`: all of them do.
    pub all: Option<String>,
}

/// The form that `POST /v1/desk` takes. What opens the desk cannot be printed.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeskForm {
    /// The shop's secret key, to open it.
    pub key: Option<String>,
    /// In its place, what the desk's own buttons send.
    pub token: Option<String>,
    /// `policy`, `brand`, `retry` or `preview`, with the fields of that button.
    pub action: Option<String>,
}

/// The form that `POST /v1/unsubscribe` takes, be it from a page or by RFC 8058; fields that are
/// not of it are the sender's own.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unsubscribe {
    /// As it stands in the message's link, unless it is in the address.
    pub token: Option<String>,
}

/// The answer to `GET /v1/messages`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessagesPage {
    /// By id.
    pub messages: Vec<DeadMessage>,
    /// Of the page after this one; absent in the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A message that could not be sent. To whom is not said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeadMessage {
    /// Its id.
    pub id: String,
    /// What it says: `confirm`, `claim`, `back` or `order`.
    pub kind: String,
    /// About which SKU, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Since when it was to be sent, RFC 3339.
    pub made_at: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last try failed, or why there was none: `http_500`, `timeout`, `expired`.
    pub error: String,
}

/// The body of `POST /v1/mail-events`. It cannot be printed, so that no address comes into a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MailEvent {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: MailEventKind,
    /// The shop whose message it was: what stands before the dot in the header
    /// `X-Backroom-Message`.
    pub shop: String,
    /// To whom it went.
    pub email: String,
}

/// What became of a message that the provider had taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MailEventKind {
    /// There is nobody at the address, for good.
    Bounced,
    /// Whoever has it calls the message unwanted.
    Complained,
}
