//! Where stock is.

use crate::{Fault, MAX_PAGE, Sql, Store, load::region_from, sql::bind};
use jiff::civil::Time;
use ledger::{Location, Region};

/// What the merchant says of a location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocationSettings {
    /// Its name.
    pub name: Location,
    /// What it is.
    pub kind: LocationKind,
    /// Lower goes first, from 0.
    pub priority: i64,
    /// Where it is near to.
    pub region: Option<Region>,
    /// What is ordered later leaves the next day: a time in the shop's zone, to the minute.
    pub cut_off: Option<Time>,
}

/// What a location is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocationKind {
    /// Ships.
    Warehouse,
    /// Sells and ships.
    Store,
    /// Another's stock, shipped by them.
    Supplier,
}

impl LocationKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Warehouse => "warehouse",
            Self::Store => "store",
            Self::Supplier => "supplier",
        }
    }

    fn from_str(text: &str) -> Result<Self, Fault> {
        match text {
            "warehouse" => Ok(Self::Warehouse),
            "store" => Ok(Self::Store),
            "supplier" => Ok(Self::Supplier),
            _ => Err(Fault::Corrupt("a location's kind is unknown")),
        }
    }
}

impl<S: Sql> Store<S> {
    /// Makes a location, or says anew what it is. The next order is shared out by it.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn put_location(&self, settings: &LocationSettings) -> Result<(), Fault> {
        self.sql.query(
            "INSERT INTO locations (name, kind, priority, region, cut_off) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, priority = excluded.priority,
                region = excluded.region, cut_off = excluded.cut_off",
            bind![
                settings.name.as_str(),
                settings.kind.as_str(),
                settings.priority,
                settings.region.as_ref().map(Region::as_str),
                settings.cut_off.map(|cut_off| cut_off.strftime("%H:%M").to_string()),
            ],
        )?;
        Ok(())
    }

    /// At most [`MAX_PAGE`] locations after this name, by name.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn locations_after(&self, name: &str) -> Result<Vec<LocationSettings>, Fault> {
        self.sql
            .query(
                "SELECT name, kind, priority, region, cut_off FROM locations WHERE name > ?
                 ORDER BY name LIMIT ?",
                bind![name, MAX_PAGE],
            )?
            .into_iter()
            .map(|mut row| {
                Ok(LocationSettings {
                    name: Location::new(row.text()?)
                        .map_err(|_| Fault::Corrupt("a location is none"))?,
                    kind: LocationKind::from_str(&row.text()?)?,
                    priority: row.integer()?,
                    region: region_from(row.text_or_null()?)?,
                    cut_off: cut_off_from(row.text_or_null()?)?,
                })
            })
            .collect()
    }

    /// A balance comes to be there: if nobody spoke of the location yet, it is a usual one.
    pub(crate) fn open_location(&self, name: &Location) -> Result<(), Fault> {
        self.sql.query(
            "INSERT INTO locations (name) VALUES (?) ON CONFLICT (name) DO NOTHING",
            bind![name.as_str()],
        )?;
        Ok(())
    }
}

pub(crate) fn cut_off_from(text: Option<String>) -> Result<Option<Time>, Fault> {
    let time = |text: String| {
        Time::strptime("%H:%M", text).map_err(|_| Fault::Corrupt("a cut-off is no time"))
    };
    text.map(time).transpose()
}
