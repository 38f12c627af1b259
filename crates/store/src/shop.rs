//! The shop's settings and keys.

use crate::{Fault, Moment, Receiver, Sql, Store, sql::bind};

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
    /// Makes the shop with its first key; false, and nothing changed, if there is one here.
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
        self.sql.transaction(|| {
            if self.shop()?.is_some() {
                return Ok(false);
            }
            self.sql.query(
                "INSERT INTO shop
                    (id, currency, time_zone, locale, low_mark, mode, origins, created_at)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                bind![
                    shop.id.as_str(),
                    shop.currency.as_str(),
                    shop.time_zone.as_str(),
                    shop.locale.as_str(),
                    i64::from(shop.low_mark),
                    shop.mode.as_str(),
                    shop.origins.join("\n"),
                    now,
                ],
            )?;
            self.insert_key(prefix, hash, now)?;
            self.tell(Receiver::Kv, "", now, now)?;
            Ok(true)
        })
    }

    /// The shop's settings; `None` if nobody made it.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn shop(&self) -> Result<Option<Shop>, Fault> {
        let rows = self.sql.query(
            "SELECT id, currency, time_zone, locale, low_mark, mode, origins FROM shop",
            &[],
        )?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
        Ok(Some(Shop {
            id: row.text()?,
            currency: row.text()?,
            time_zone: row.text()?,
            locale: row.text()?,
            low_mark: u32::try_from(row.integer()?)
                .map_err(|_| Fault::Corrupt("a low mark is out of range"))?,
            mode: Mode::from_str(&row.text()?)?,
            origins: row.text()?.lines().map(str::to_owned).collect(),
        }))
    }

    /// Replaces the settings, and shows every SKU as they say: a new low mark or time zone can
    /// change what shoppers see.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn change_shop(&self, shop: &Shop, moment: Moment) -> Result<(), Fault> {
        self.sql.transaction(|| {
            self.sql.query(
                "UPDATE shop SET currency = ?, time_zone = ?, locale = ?, low_mark = ?,
                    mode = ?, origins = ?",
                bind![
                    shop.currency.as_str(),
                    shop.time_zone.as_str(),
                    shop.locale.as_str(),
                    i64::from(shop.low_mark),
                    shop.mode.as_str(),
                    shop.origins.join("\n"),
                ],
            )?;
            self.tell(Receiver::Kv, "", moment.now, moment.now)?;
            self.refresh_all(shop.low_mark, moment)
        })
    }

    /// Adds a key; false if [`MAX_KEYS`] are live.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn add_key(&self, prefix: &str, hash: &[u8], now: i64) -> Result<bool, Fault> {
        self.sql.transaction(|| {
            if self.key_hashes()?.len() >= MAX_KEYS {
                return Ok(false);
            }
            self.insert_key(prefix, hash, now)?;
            Ok(true)
        })
    }

    /// Retires the key with this prefix.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn retire_key(&self, prefix: &str) -> Result<RetireKey, Fault> {
        self.sql.transaction(|| {
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

    fn insert_key(&self, prefix: &str, hash: &[u8], now: i64) -> Result<(), Fault> {
        self.sql.query(
            "INSERT INTO keys (prefix, hash, created_at) VALUES (?, ?, ?)",
            bind![prefix, hash, now],
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
