//! The shop's settings and keys.

use crate::{Fault, Moment, Receiver, Sql, Store, sql::bind};
use ledger::{Mixed, Policy, Strategy};
use std::rc::Rc;

/// Live keys of one shop: one in use and one to change over to.
pub const MAX_KEYS: usize = 2;

/// A shop's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shop {
    /// The public id.
    pub id: String,
    /// ISO 4217.
    pub currency: String,
    /// IANA name.
    pub time_zone: String,
    /// BCP 47.
    pub locale: String,
    /// At or under this many units, each one counts.
    pub low_mark: u32,
    /// Whose number is sold from.
    pub mode: Mode,
    /// Origins whose pages may write.
    pub origins: Vec<String>,
    /// From where an order is served, when it does not say.
    pub strategy: Strategy,
    /// Hide what is out and has no date.
    pub hide_undated: bool,
    /// May browsers hold units by themselves?
    pub browser_holds: bool,
    /// Units of one SKU that one buyer may hold at once; without a limit for `None`.
    pub max_held_per_buyer: Option<u32>,
    /// How a cart is treated of which some is there and some is not.
    pub mixed: Mixed,
    /// Whoever waits gets the better date when one appears.
    pub improve: bool,
    /// How waitlists are served.
    pub waitlist: Policy,
    /// As whom it speaks to shoppers.
    pub brand: Brand,
}

/// As whom a shop speaks to shoppers, and where they buy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brand {
    /// Its name.
    pub name: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// Where a claim is bought without scripts: an address with `{hold}` in it.
    pub checkout_url: Option<String>,
}

/// Whose number is sold from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Backroom's.
    Authority,
    /// The shop platform's.
    Mirror,
}

/// What came of retiring a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetireKey {
    /// It opens nothing any more.
    Retired,
    /// There is no key with this prefix.
    Unknown,
    /// It is the only one.
    Last,
}

impl<S: Sql> Store<S> {
    /// Makes the shop with its first key; false, and nothing changed, if there is one here. One
    /// that was made the same and that nobody has touched gets this key instead of its own, whose
    /// answer was lost.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn create_shop(
        &self,
        shop: &Shop,
        prefix: &str,
        hash: &[u8],
        now: i64,
    ) -> Result<bool, Fault> {
        self.migrate(now)?;
        let made = self.atomically(|| {
            if let Some(made) = self.shop()? {
                if *made != *shop || !self.is_untouched()? {
                    return Ok(false);
                }
                self.sql.query("DELETE FROM keys", &[])?;
                self.insert_key(prefix, hash, None, now)?;
                return Ok(true);
            }
            self.sql.query(
                "INSERT INTO shop
                    (id, currency, time_zone, locale, low_mark, mode, origins, created_at)
                 VALUES (?, '', '', '', 0, 'authority', '', ?)",
                bind![shop.id.as_str(), now],
            )?;
            self.write_settings(shop, now)?;
            self.insert_key(prefix, hash, None, now)?;
            Ok(true)
        });
        self.shop.replace(None);
        made
    }

    /// Has nobody done anything with the shop since it was made?
    fn is_untouched(&self) -> Result<bool, Fault> {
        let touched = self.sql.query(
            "SELECT 1 FROM skus UNION ALL SELECT 1 FROM commands UNION ALL SELECT 1 FROM holds
             UNION ALL SELECT 1 FROM locations UNION ALL SELECT 1 FROM keys WHERE made_by IS NOT NULL
             LIMIT 1",
            &[],
        )?;
        Ok(touched.is_empty() && self.key_hashes()?.len() == 1)
    }

    /// The shop's settings; `None` if nobody made it.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn shop(&self) -> Result<Option<Rc<Shop>>, Fault> {
        if let Some(known) = &*self.shop.borrow() {
            return Ok(Some(Rc::clone(known)));
        }
        let rows = self.sql.query(
            "SELECT id, currency, time_zone, locale, low_mark, mode, origins,
                strategy, hide_undated, browser_holds, max_held_per_buyer, mixed, improve,
                wave, window_ms, min_restock, shelf_percent, smaller,
                name, color, checkout_url FROM shop",
            &[],
        )?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
        let unsigned = |value| u32::try_from(value).map_err(|_| Fault::Corrupt("out of range"));
        let shop = Rc::new(Shop {
            id: row.text()?,
            currency: row.text()?,
            time_zone: row.text()?,
            locale: row.text()?,
            low_mark: unsigned(row.integer()?)?,
            mode: Mode::from_str(&row.text()?)?,
            origins: row.text()?.lines().map(str::to_owned).collect(),
            strategy: strategy_from(&row.text()?)?,
            hide_undated: row.integer()? != 0,
            browser_holds: row.integer()? != 0,
            max_held_per_buyer: row.integer_or_null()?.map(unsigned).transpose()?,
            mixed: mixed_from(&row.text()?)?,
            improve: row.integer()? != 0,
            waitlist: Policy {
                wave: row.integer()?,
                window_ms: row.integer()?,
                min_restock: row.integer()?,
                shelf_percent: row.integer()?,
                smaller: row.integer()? != 0,
            },
            brand: Brand {
                name: row.text_or_null()?,
                color: row.text_or_null()?,
                checkout_url: row.text_or_null()?,
            },
        });
        self.shop.replace(Some(Rc::clone(&shop)));
        Ok(Some(shop))
    }

    /// The settings of a shop that is there.
    pub(crate) fn settings(&self) -> Result<Rc<Shop>, Fault> {
        self.shop()?.ok_or(Fault::Corrupt("there is no shop"))
    }

    /// Replaces the settings, and shows every SKU as they say: a new low mark or time zone can
    /// change what shoppers see.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn change_shop(&self, shop: &Shop, moment: Moment) -> Result<(), Fault> {
        let changed = self.atomically(|| {
            self.write_settings(shop, moment.now)?;
            // By the new settings, somebody may get a better date.
            self.settle_all_anew()?;
            self.refresh_all(moment)
        });
        // Whether or not it came to be: what was read meanwhile is no longer sure.
        self.shop.replace(None);
        changed
    }

    /// Writes the settings, as a new version of the shop's own record. Its version is the time, so
    /// that it says something, and more than the last one, whatever the clock does.
    fn write_settings(&self, shop: &Shop, now: i64) -> Result<(), Fault> {
        self.shop.replace(None);
        let rows = self.sql.query(
            "UPDATE shop SET currency = ?, time_zone = ?, locale = ?, low_mark = ?, mode = ?,
                origins = ?, strategy = ?, hide_undated = ?, browser_holds = ?,
                max_held_per_buyer = ?, mixed = ?, improve = ?, wave = ?, window_ms = ?,
                min_restock = ?, shelf_percent = ?, smaller = ?, name = ?, color = ?,
                checkout_url = ?, version = MAX(version + 1, ?)
             RETURNING version",
            bind![
                shop.currency.as_str(),
                shop.time_zone.as_str(),
                shop.locale.as_str(),
                i64::from(shop.low_mark),
                shop.mode.as_str(),
                shop.origins.join("\n"),
                strategy_text(shop.strategy),
                i64::from(shop.hide_undated),
                i64::from(shop.browser_holds),
                shop.max_held_per_buyer.map(i64::from),
                mixed_text(shop.mixed),
                i64::from(shop.improve),
                shop.waitlist.wave,
                shop.waitlist.window_ms,
                shop.waitlist.min_restock,
                shop.waitlist.shelf_percent,
                i64::from(shop.waitlist.smaller),
                shop.brand.name.as_deref(),
                shop.brand.color.as_deref(),
                shop.brand.checkout_url.as_deref(),
                now,
            ],
        )?;
        let mut row = rows.into_iter().next().ok_or(Fault::Corrupt("there is no shop"))?;
        self.tell(Receiver::Kv, "", row.integer()?, now)
    }

    /// Adds a key; false if [`MAX_KEYS`] are live. A key that was made by the same id goes: its
    /// answer was lost, or it would not be asked for again.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn add_key(
        &self,
        prefix: &str,
        hash: &[u8],
        made_by: Option<&str>,
        now: i64,
    ) -> Result<bool, Fault> {
        self.atomically(|| {
            if let Some(id) = made_by {
                self.sql.query("DELETE FROM keys WHERE made_by = ?", bind![id])?;
            }
            if self.key_hashes()?.len() >= MAX_KEYS {
                return Ok(false);
            }
            self.insert_key(prefix, hash, made_by, now)?;
            Ok(true)
        })
    }

    /// Retires the key with this prefix.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn retire_key(&self, prefix: &str) -> Result<RetireKey, Fault> {
        self.atomically(|| {
            let keys = self.key_hashes()?;
            if !keys.iter().any(|(live, _)| live == prefix) {
                return Ok(RetireKey::Unknown);
            }
            if keys.len() == 1 {
                return Ok(RetireKey::Last);
            }
            self.sql.query("DELETE FROM keys WHERE prefix = ?", bind![prefix])?;
            Ok(RetireKey::Retired)
        })
    }

    /// Prefix and SHA-256 of each live key.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn key_hashes(&self) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        self.sql
            .query("SELECT prefix, hash FROM keys", &[])?
            .into_iter()
            .map(|mut row| Ok((row.text()?, row.blob()?)))
            .collect()
    }

    fn insert_key(
        &self,
        prefix: &str,
        hash: &[u8],
        made_by: Option<&str>,
        now: i64,
    ) -> Result<(), Fault> {
        self.sql.query(
            "INSERT INTO keys (prefix, hash, created_at, made_by) VALUES (?, ?, ?, ?)",
            bind![prefix, hash, now, made_by],
        )?;
        Ok(())
    }
}

impl Mode {
    fn as_str(self) -> &'static str {
        match self {
            Self::Authority => "authority",
            Self::Mirror => "mirror",
        }
    }

    fn from_str(text: &str) -> Result<Self, Fault> {
        match text {
            "authority" => Ok(Self::Authority),
            "mirror" => Ok(Self::Mirror),
            _ => Err(Fault::Corrupt("a mode is unknown")),
        }
    }
}

fn strategy_text(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Priority => "priority",
        Strategy::FewestParcels => "fewest_parcels",
        Strategy::Nearest => "nearest",
        Strategy::Spread => "spread",
    }
}

fn strategy_from(text: &str) -> Result<Strategy, Fault> {
    match text {
        "priority" => Ok(Strategy::Priority),
        "fewest_parcels" => Ok(Strategy::FewestParcels),
        "nearest" => Ok(Strategy::Nearest),
        "spread" => Ok(Strategy::Spread),
        _ => Err(Fault::Corrupt("a strategy is unknown")),
    }
}

fn mixed_text(mixed: Mixed) -> &'static str {
    match mixed {
        Mixed::Split => "split",
        Mixed::Together => "together",
        Mixed::Refuse => "refuse",
    }
}

fn mixed_from(text: &str) -> Result<Mixed, Fault> {
    match text {
        "split" => Ok(Mixed::Split),
        "together" => Ok(Mixed::Together),
        "refuse" => Ok(Mixed::Refuse),
        _ => Err(Fault::Corrupt("a treatment of mixed carts is unknown")),
    }
}
