//! Where stock lies.

use crate::{
    call::Call,
    failure::{Failure, reject},
    limits::MAX_PRIORITY,
    page, respond,
};
use jiff::civil::Time;
use ledger::{Location, Region, USUAL_PRIORITY};
use store::{LocationKind, LocationSettings};
use wire::{Code, LocationsPage};
use worker::Response;

/// Idempotent: yes, it only reads.
/// Output: 200 [`LocationsPage`].
pub(crate) fn list(call: &Call<'_>) -> Result<Response, Failure> {
    let [after] = page::after(&call.query)?;
    let locations = call.store.locations_after(&after)?;
    let next = page::next(&locations, |last| [last.name.to_string()]);
    let locations = locations.iter().map(to_wire).collect();
    respond::with_json(200, &LocationsPage { locations, next })
}

/// Idempotent: yes.
/// Input: [`wire::LocationSettings`].
/// Output: 200 [`wire::Location`].
pub(crate) async fn put(call: &mut Call<'_>) -> Result<Response, Failure> {
    let sent: wire::LocationSettings = call.json().await?;
    let settings = from_wire(&call.named, sent)?;
    call.store.put_location(&settings)?;
    respond::with_json(200, &to_wire(&settings))
}

fn from_wire(name: &str, sent: wire::LocationSettings) -> Result<LocationSettings, Failure> {
    let bad = |detail: String| reject(Code::BadValue, detail);
    let priority = sent.priority.map_or(USUAL_PRIORITY, i64::from);
    if priority > i64::from(MAX_PRIORITY) {
        return Err(bad(format!("`priority` is 0 to {MAX_PRIORITY}, not {priority}.")));
    }
    let region = sent.region.map(Region::new).transpose();
    let cut_off = sent.cut_off.as_deref().map(time).transpose();
    Ok(LocationSettings {
        name: Location::new(name).map_err(|why| bad(format!("The location's name: {why}.")))?,
        kind: match sent.kind {
            wire::LocationKind::Warehouse => LocationKind::Warehouse,
            wire::LocationKind::Store => LocationKind::Store,
            wire::LocationKind::Supplier => LocationKind::Supplier,
        },
        priority,
        region: region.map_err(|why| bad(format!("`region`: {why}.")))?,
        cut_off: cut_off.map_err(|text| bad(format!("`cut_off` is HH:MM, not `{text}`.")))?,
    })
}

/// `HH:MM` and nothing else; the text itself if it is not.
fn time(text: &str) -> Result<Time, &str> {
    let time = Time::strptime("%H:%M", text).map_err(|_| text)?;
    if text_of(time) == text { Ok(time) } else { Err(text) }
}

fn text_of(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

fn to_wire(settings: &LocationSettings) -> wire::Location {
    wire::Location {
        name: settings.name.to_string(),
        kind: match settings.kind {
            LocationKind::Warehouse => wire::LocationKind::Warehouse,
            LocationKind::Store => wire::LocationKind::Store,
            LocationKind::Supplier => wire::LocationKind::Supplier,
        },
        priority: u32::try_from(settings.priority).unwrap_or(MAX_PRIORITY),
        region: settings.region.as_ref().map(ToString::to_string),
        cut_off: settings.cut_off.map(text_of),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_comes_back_as_it_was() {
        let sent = wire::LocationSettings {
            kind: wire::LocationKind::Supplier,
            priority: Some(0),
            region: Some("GB".to_owned()),
            cut_off: Some("14:30".to_owned()),
        };
        let stored = to_wire(&from_wire("maker", sent).unwrap());
        assert_eq!((stored.name.as_str(), stored.priority), ("maker", 0));
        assert_eq!(
            (stored.region.as_deref(), stored.cut_off.as_deref()),
            (Some("GB"), Some("14:30"))
        );
        let usual = to_wire(&from_wire("main", wire::LocationSettings::default()).unwrap());
        assert_eq!((usual.kind, usual.priority), (wire::LocationKind::Warehouse, 100));
    }

    #[test]
    fn what_describes_no_location() {
        let usual = wire::LocationSettings::default;
        for cut_off in ["24:00", "9:30", "14:30:00", "noon", ""] {
            let sent = wire::LocationSettings { cut_off: Some(cut_off.to_owned()), ..usual() };
            assert!(from_wire("main", sent).is_err(), "{cut_off}");
        }
        for sent in [
            wire::LocationSettings { priority: Some(1_001), ..usual() },
            wire::LocationSettings { region: Some("x".repeat(33)), ..usual() },
        ] {
            assert!(from_wire("main", sent).is_err());
        }
        assert!(from_wire("a\nb", usual()).is_err());
    }
}
