//! The auditor's books beside the database.

use crate::{
    books::{Books, Hold, Seen},
    broken::{Broken, same},
    command::Name,
    kv::{Kv, Value},
    promised::Columns,
    sqlite::Sqlite,
    supply::Supply,
};
use jiff::civil::Date;
use ledger::{AheadKind, Mixed, Policy, Strategy};
use std::collections::BTreeMap;

const WHOLE: &str = "what was decided is written whole and once, and nothing else is";

/// The schema that these rows are read from.
const SCHEMA: i64 = 5;

/// Everything that a command can change, cheaply.
///
/// # Errors
/// Where the two differ.
pub fn books(books: &Books, sqlite: &Sqlite) -> Result<(), Broken> {
    if !is_newest(sqlite)? {
        // Nobody has woken it yet.
        return Ok(());
    }
    supply(books, sqlite)?;
    places(books, sqlite)?;
    skus(books, sqlite)?;
    holds(books, sqlite)?;
    let count = |table| {
        let rows = sqlite.rows(table, &[], |row| row.get::<_, i64>(0))?;
        Ok::<_, Broken>(rows.first().copied().unwrap_or_default())
    };
    let records = books.records.len().try_into().unwrap_or_default();
    same(WHOLE, "records", &records, &count("SELECT COUNT(*) FROM commands")?)?;
    let moves = books.places.values().flat_map(BTreeMap::values).map(|place| place.moves);
    let moves = moves.sum::<i64>() - books.swept;
    same(WHOLE, "movements", &moves, &count("SELECT COUNT(*) FROM movements")?)?;
    settings(books, sqlite)
}

/// Are these the tables of this version?
///
/// # Errors
/// What SQLite says.
pub fn is_newest(sqlite: &Sqlite) -> Result<bool, Broken> {
    let newest = sqlite.rows("SELECT MAX(id) FROM _migrations", &[], |row| row.get::<_, i64>(0))?;
    Ok(newest.first().is_some_and(|newest| *newest >= SCHEMA))
}

/// What is promised is what the auditor has taken over.
fn supply(books: &Books, sqlite: &Sqlite) -> Result<(), Broken> {
    let found = Supply::whole(sqlite)?;
    if books.supply == found {
        return Ok(());
    }
    let known = &books.supply;
    same(WHOLE, "queues", &known.queues, &found.queues)?;
    same(WHOLE, "lines of purchase orders", &known.lines, &found.lines)?;
    same(WHOLE, "what waits", &known.waits, &found.waits)?;
    same(WHOLE, "waitlists", &known.lists, &found.lists)?;
    same(WHOLE, "what is promised", known, &found)
}

fn settings(books: &Books, sqlite: &Sqlite) -> Result<(), Broken> {
    let found = sqlite.rows(
        "SELECT low_mark, time_zone, strategy, hide_undated, max_held_per_buyer, mixed, improve,
            wave, window_ms, min_restock, shelf_percent, smaller FROM shop",
        &[],
        |row| {
            let words: (u32, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let supply: (String, bool) = (row.get(5)?, row.get(6)?);
            let waitlist = Policy {
                wave: row.get(7)?,
                window_ms: row.get(8)?,
                min_restock: row.get(9)?,
                shelf_percent: row.get(10)?,
                smaller: row.get(11)?,
            };
            let most = row.get::<_, Option<u32>>(4)?;
            Ok((words, row.get::<_, bool>(3)?, most, supply, waitlist))
        },
    )?;
    let mixed = match books.settings.mixed {
        Mixed::Split => "split",
        Mixed::Together => "together",
        Mixed::Refuse => "refuse",
    };
    let supply = (mixed.to_owned(), books.settings.improve);
    let settings = &books.settings;
    let strategy = match settings.strategy {
        Strategy::Priority => "priority",
        Strategy::FewestParcels => "fewest_parcels",
        Strategy::Nearest => "nearest",
        Strategy::Spread => "spread",
    };
    let words = (settings.low_mark, settings.zone.to_owned(), strategy.to_owned());
    let most = settings.max_held_per_buyer;
    let expected = (words, settings.hide_undated, most, supply, settings.waitlist);
    same(WHOLE, "settings", &vec![expected], &found)?;
    sites(books, sqlite)?;
    components(books, sqlite)
}

fn sites(books: &Books, sqlite: &Sqlite) -> Result<(), Broken> {
    let found = sqlite.rows(
        "SELECT name, priority, region, cut_off FROM locations ORDER BY name",
        &[],
        |row| {
            let near: (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, near))
        },
    )?;
    let expected: Vec<_> = books
        .sites
        .iter()
        .map(|(name, site)| {
            let cut_off = site.cut_off_hour.map(|hour| format!("{hour:02}:00"));
            (name.to_string(), site.priority, (site.region.map(str::to_owned), cut_off))
        })
        .collect();
    same_rows("locations", &expected, &found)
}

fn components(books: &Books, sqlite: &Sqlite) -> Result<(), Broken> {
    let found =
        sqlite.rows("SELECT kit, sku, quantity FROM components ORDER BY kit, sku", &[], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
        })?;
    let mut expected: Vec<_> = books
        .skus
        .iter()
        .flat_map(|(kit, sku)| sku.parts.iter().map(move |(part, each)| (kit, part, *each)))
        .map(|(kit, part, each)| (kit.to_string(), part.to_string(), each))
        .collect();
    expected.sort();
    same_rows("components", &expected, &found)
}

fn places(books: &Books, sqlite: &Sqlite) -> Result<(), Broken> {
    let found = sqlite.rows(
        "SELECT sku, location, on_hand, shortfall, held, safety_stock, moves, committed FROM balances
         ORDER BY sku, location",
        &[],
        |row| {
            let place: (String, String) = (row.get(0)?, row.get(1)?);
            let units: [i64; 5] = [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?];
            Ok((place, units, row.get::<_, i64>(7)?))
        },
    )?;
    let expected: Vec<_> = books
        .places
        .iter()
        .flat_map(|(sku, at)| at.iter().map(move |(location, place)| (sku, location, place)))
        .map(|(sku, location, place)| {
            let units =
                [place.on_hand(), place.owed(), place.held, place.safety_stock, place.moves];
            ((sku.to_string(), location.to_string()), units, place.committed)
        })
        .collect();
    same_rows("balances (on hand, owed, held, kept back, movements), committed", &expected, &found)
}

fn skus(books: &Books, sqlite: &Sqlite) -> Result<(), Broken> {
    let found = sqlite.rows(
        "SELECT sku, title, product_id, hidden, restock_first, restock_last, version,
            shown, shown_units, shown_until, shown_last, shown_first, candidates
         FROM skus ORDER BY sku",
        &[],
        |row| {
            let details: (String, String, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let restock: (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
            let shown = columns_of(row, 7)?;
            let candidates: Option<String> = row.get(12)?;
            Ok((details, row.get::<_, bool>(3)?, restock, row.get::<_, i64>(6)?, shown, candidates))
        },
    )?;
    let expected: Vec<_> = books
        .skus
        .iter()
        .map(|(name, sku)| {
            let product = sku.product.as_ref().map(Name::to_string);
            let details = (name.to_string(), sku.title.to_string(), product);
            let first = sku.restock.map(|restock| restock.first().to_string());
            let last = sku.restock.map(|restock| restock.last().to_string());
            let candidates = sku.candidates.as_ref().map(|candidates| candidates.join("\n"));
            (details, sku.hidden, (first, last), sku.version, columns(sku.seen), candidates)
        })
        .collect();
    same_rows("SKUs and what is shown of them", &expected, &found)
}

/// What is shown of each SKU, and as which version.
///
/// # Errors
/// What SQLite says.
pub fn faces(sqlite: &Sqlite) -> Result<BTreeMap<String, (i64, Columns)>, Broken> {
    let rows = sqlite.rows(
        "SELECT sku, version, shown, shown_units, shown_until, shown_last, shown_first FROM skus",
        &[],
        |row| Ok((row.get(0)?, (row.get(1)?, columns_of(row, 2)?))),
    )?;
    Ok(rows.into_iter().collect())
}

/// The columns `shown`, `shown_units`, `shown_until` and the two of the date, from here on.
fn columns_of(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Columns> {
    let date = |at: usize| -> rusqlite::Result<Option<Date>> {
        Ok(row.get_ref(at)?.as_str_or_null()?.and_then(|text| text.parse().ok()))
    };
    let dates = date(at + 3)?.zip(date(at + 4)?);
    Ok((row.get(at)?, row.get(at + 1)?, row.get(at + 2)?, dates))
}

/// The columns in which this stands.
pub fn columns(seen: Option<Seen>) -> Columns {
    let (shown, units, until) = match seen {
        None => return (None, None, None, None),
        Some(Seen::InStock) => ("in_stock", None, None),
        Some(Seen::Low(units)) => ("low", Some(units), None),
        Some(Seen::AllHeld(until)) => ("all_held", None, Some(until)),
        Some(Seen::Ahead(AheadKind::Backorder, _)) => ("backorder", None, None),
        Some(Seen::Ahead(AheadKind::Preorder, _)) => ("preorder", None, None),
        Some(Seen::Out) => ("out", None, None),
        Some(Seen::OutDated(_)) => ("out_dated", None, None),
        Some(Seen::Hidden) => ("hidden", None, None),
    };
    (Some(shown.to_owned()), units, until, seen.and_then(Seen::date))
}

fn holds(books: &Books, sqlite: &Sqlite) -> Result<(), Broken> {
    let found = sqlite.rows(
        "SELECT id, state, expires_at, resolution FROM holds ORDER BY id",
        &[],
        |row| {
            let resolution: Option<String> = row.get(3)?;
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, i64>(2)?,
                resolution,
            ))
        },
    )?;
    let by =
        |hold: &Hold| -> Option<String> { Some(hold.ended.as_ref()?.by.as_ref()?.0.to_string()) };
    let expected: Vec<_> = books
        .holds
        .iter()
        .map(|(id, hold)| {
            let state = hold.held.state.as_str().to_owned();
            (id.to_string(), state, hold.held.expires_at, by(hold))
        })
        .collect();
    same_rows("holds", &expected, &found)
}

/// Both have the same rows; else it names the first that differs.
fn same_rows<T: PartialEq + std::fmt::Debug>(
    what: &'static str,
    expected: &[T],
    found: &[T],
) -> Result<(), Broken> {
    if expected == found {
        return Ok(());
    }
    let at = expected.iter().zip(found).take_while(|(one, other)| one == other).count();
    same(WHOLE, what, &expected.get(at), &found.get(at))
}

/// What KV has not been told still stands in the outbox.
///
/// # Errors
/// What was forgotten.
pub fn outbox(kv: &Kv, sqlite: &Sqlite) -> Result<(), Broken> {
    let closed = sqlite.rows(
        "SELECT sku, version FROM skus WHERE NOT EXISTS
            (SELECT 1 FROM outbox WHERE receiver = 'kv' AND outbox.sku = skus.sku)",
        &[],
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)),
    )?;
    for (sku, version) in closed {
        let has = kv.newest(&sku).map(|value| value.version);
        if has != Some(version) {
            let rule = "an outbox row closes when its receiver has that version";
            let detail = format!("{sku:?}: the books have {version}, KV has {has:?}");
            return Err(Broken::new(rule, detail));
        }
    }
    Ok(())
}

/// What a receiver ended with is what the books say.
///
/// # Errors
/// Where they differ.
pub fn shows(books: &Books, who: &str, sku: &Name, value: Option<&Value>) -> Result<(), Broken> {
    let rule = "KV and every leased Room end with the version and the state that the books imply";
    let Some(known) = books.skus.get(sku) else { return Ok(()) };
    let expected = known.text().map(|text| (known.version, text));
    let found = value.map(|value| (value.version, value.text.clone()));
    same(rule, format!("{who}, {sku:?}"), &expected, &found)
}
