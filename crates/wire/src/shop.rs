//! A shop, its settings and its keys.

use serde::{Deserialize, Deserializer, Serialize};

/// The body of `POST /v1/shops`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// Which location's units are taken first where a line names none.
    #[serde(default)]
    pub strategy: Strategy,
    /// Is a SKU that is out, with no date to say when it comes back, hidden?
    #[serde(default)]
    pub hide_undated: bool,
    /// May pages hold units, with a token from `POST /v1/browser-token`?
    #[serde(default)]
    pub browser_holds: bool,
    /// Units of one SKU that one `buyer` may hold at once; `null` for no limit.
    #[serde(default)]
    pub max_held_per_buyer: Option<u32>,
    /// What becomes of a cart of which some is there and some is not.
    #[serde(default)]
    pub mixed_carts: MixedCarts,
    /// When supply comes sooner, do those who wait get the better date, or is it for sale?
    #[serde(default = "default_improve_promises")]
    pub improve_promises: bool,
    /// How waitlists are served.
    #[serde(default)]
    pub waitlist: WaitlistPolicy,
    /// What shoppers call the shop, on messages and pages: at most 60 characters. `null`: its first
    /// origin's host.
    #[serde(default)]
    pub name: Option<String>,
    /// The shop's colour on messages, `#rrggbb`. `null`: a neutral one.
    #[serde(default)]
    pub color: Option<String>,
    /// Where a claim is bought without scripts: an address with `{hold}` in it, and, if you like,
    /// `{sku}` and `{quantity}`. `null`: on the product's page.
    #[serde(default)]
    pub checkout_url: Option<String>,
}

/// How a shop serves its waitlists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct WaitlistPolicy {
    /// Claims of one SKU that are open at once, 1 to 10,000: so many are written to, and as each
    /// claim ends, the next in line.
    pub wave: u32,
    /// How long a claim keeps its units, 300 seconds to 7 days.
    pub window_seconds: u32,
    /// Fewer units than that begin no wave, 1 to 1,000,000.
    pub min_restock: u32,
    /// Of units that come free, so many in a hundred stay on the open shelf, 0 to 100.
    pub shelf_percent: u32,
    /// May fewer units be offered than somebody wants? Else they are passed over, and keep their
    /// place.
    pub smaller: bool,
}

impl Default for WaitlistPolicy {
    fn default() -> Self {
        Self { wave: 100, window_seconds: 86_400, min_restock: 1, shelf_percent: 0, smaller: false }
    }
}

impl Settings {
    /// How a shop works that says no more than this.
    pub fn new(currency: &str, time_zone: &str) -> Self {
        Self {
            currency: currency.to_owned(),
            time_zone: time_zone.to_owned(),
            locale: default_locale(),
            low_mark: default_low_mark(),
            mode: Mode::default(),
            origins: Vec::new(),
            strategy: Strategy::default(),
            hide_undated: false,
            browser_holds: false,
            max_held_per_buyer: None,
            mixed_carts: MixedCarts::default(),
            improve_promises: default_improve_promises(),
            waitlist: WaitlistPolicy::default(),
            name: None,
            color: None,
            checkout_url: None,
        }
    }
}

/// Whose number is sold from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Backroom's.
    #[default]
    Authority,
    /// The shop platform's; Backroom follows.
    Mirror,
}

/// Which location's units are taken first. If none has all that a line asks for, the line is split
/// over several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The location with the lowest `priority`.
    #[default]
    Priority,
    /// Whichever send the order in the fewest parcels.
    FewestParcels,
    /// Those of the `region` that the request names, then the others.
    Nearest,
    /// Whichever has most to sell.
    Spread,
}

/// What becomes of a cart of which some is there and some is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MixedCarts {
    /// What is there is sent, and the rest follows.
    #[default]
    Split,
    /// All of it waits for the last of it.
    Together,
    /// It is refused.
    Refuse,
}

fn default_improve_promises() -> bool {
    true
}

fn default_locale() -> String {
    "en".to_owned()
}

fn default_low_mark() -> u32 {
    5
}

/// The body of `PATCH /v1/shop`: what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each is the field of `Settings`")]
pub struct SettingsChange {
    pub currency: Option<String>,
    pub time_zone: Option<String>,
    pub locale: Option<String>,
    pub low_mark: Option<u32>,
    pub mode: Option<Mode>,
    pub origins: Option<Vec<String>>,
    pub strategy: Option<Strategy>,
    pub hide_undated: Option<bool>,
    pub browser_holds: Option<bool>,
    /// `null` lifts the limit.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub max_held_per_buyer: Option<Option<u32>>,
    pub mixed_carts: Option<MixedCarts>,
    pub improve_promises: Option<bool>,
    /// All of it: what is left out in there is as usual.
    pub waitlist: Option<WaitlistPolicy>,
    /// `null` takes it back, as for the next two.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub name: Option<Option<String>>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub color: Option<Option<String>>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub checkout_url: Option<Option<String>>,
}

/// A field that is there, be it `null`.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The answer to `POST /v1/shops`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewKey {
    /// It is shown here and never again.
    pub secret_key: String,
}

/// The answer to `GET /v1/health`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Health {
    /// Which build answers; the widget's files of the same build lie under `/w/{build}/`.
    pub build: String,
    /// Of the shop whose key was given; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbox: Option<Outbox>,
    /// Whether this Worker sends messages.
    pub mail: Mail,
    /// For the operator's secret; absent for anybody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmations: Option<Confirmations>,
}

/// Mails that ask whether an address is somebody's, of all shops in this hour of the clock (UTC).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Confirmations {
    /// That went.
    pub sent: u64,
    /// That may go.
    pub most: u64,
    /// Of the 16 counters, each of a sixteenth of all addresses, so many let no more go in this
    /// hour.
    pub breakers_open: u32,
}

/// Whether messages are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mail {
    /// They are.
    On,
    /// This Worker lacks what it takes, and they wait.
    Off,
}

/// What a shop has still to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outbox {
    /// Rows not yet confirmed by their receiver.
    pub rows: u64,
    /// Age of the oldest of them; 0 with none.
    pub oldest_age_ms: u64,
}
