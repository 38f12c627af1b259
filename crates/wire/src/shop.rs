//! A shop, its settings and its keys.

use serde::{Deserialize, Serialize};

/// The body of `POST /v1/shops`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateShop {
    /// The public id that goes into `data-shop`: 3 to 32 of `a-z`, `0-9` and `-`. Chosen at
    /// random if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// How the shop works.
    pub settings: Settings,
}

/// How a shop works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// ISO 4217; what a price without a currency is in.
    pub currency: String,
    /// IANA name: `Europe/London`. Restock dates are days there.
    pub time_zone: String,
    /// BCP 47: `en-GB`.
    #[serde(default = "default_locale")]
    pub locale: String,
    /// At or under this many units a SKU is `low` and the count is shown.
    #[serde(default = "default_low_mark")]
    pub low_mark: u32,
    /// Whose number is sold from.
    #[serde(default)]
    pub mode: Mode,
    /// The origins whose pages may write: `https://shop.example`. Reads answer any origin.
    #[serde(default)]
    pub origins: Vec<String>,
}

/// Whose number is sold from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Backroom's.
    #[default]
    Authority,
    /// The shop platform's; Backroom follows.
    Mirror,
}

fn default_locale() -> String {
    "en".to_owned()
}

fn default_low_mark() -> u32 {
    5
}

/// The body of `PATCH /v1/shop`: what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each is the field of `Settings`")]
pub struct SettingsChange {
    pub currency: Option<String>,
    pub time_zone: Option<String>,
    pub locale: Option<String>,
    pub low_mark: Option<u32>,
    pub mode: Option<Mode>,
    pub origins: Option<Vec<String>>,
}

/// The answer to `POST /v1/shops`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopCreated {
    /// The public id.
    pub id: String,
    /// The first secret key. It is shown here and never again.
    pub secret_key: String,
    /// As stored.
    pub settings: Settings,
}

/// The answer to `POST /v1/keys`: a second key, so that the first can be retired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKey {
    /// It is shown here and never again.
    pub secret_key: String,
}

/// The answer to `GET /v1/health`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Which build answers; the widget's files of the same build lie under `/w/{build}/`.
    pub build: String,
    /// Of the shop whose key was given; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbox: Option<Outbox>,
}

/// What a shop has still to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbox {
    /// Rows not yet confirmed by their receiver.
    pub rows: u64,
    /// Age of the oldest of them; 0 with none.
    pub oldest_age_ms: u64,
}
