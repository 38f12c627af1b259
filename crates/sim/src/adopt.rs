//! A shop that an earlier version stored, as the auditor finds it: read by SQL alone, before the
//! store sees it.

use crate::{
    ask_supply::dates,
    books::{Books, Place, Record, Seen, Sku},
    broken::Broken,
    command::{Name, Settings},
    kv::{Kv, Value},
    shows,
    sqlite::Sqlite,
    supply::Queue,
};
use jiff::civil::Date;
use ledger::{Mixed, Policy, Precision, Restock, Strategy};
use std::rc::Rc;
use store::Answer;

/// A shop of schema version 1.
pub const STORED: &str = include_str!("../../store/tests/stored/0001.sql");

/// What is stored there, and what KV must have been told of it.
pub fn stored(sqlite: &Sqlite, kv: &mut Kv, now: i64) -> Result<Books, Broken> {
    let low_mark = sqlite.rows("SELECT low_mark FROM shop", &[], |row| row.get(0))?;
    let settings = Settings {
        low_mark: low_mark.first().copied().unwrap_or_default(),
        zone: "Europe/London",
        strategy: Strategy::Priority,
        hide_undated: false,
        max_held_per_buyer: None,
        mixed: Mixed::Split,
        improve: true,
        waitlist: Policy::default(),
    };
    let record = shows::settings(&crate::ask::shop(&settings));
    kv.put("".into(), Value { version: now, text: record }, now);
    let mut books = Books::new(settings);
    skus(&mut books, sqlite)?;
    places(&mut books, sqlite)?;
    records(&mut books, sqlite)?;
    let told = sqlite.rows(
        "SELECT sku FROM skus WHERE sku NOT IN (SELECT sku FROM outbox WHERE receiver = 'kv')",
        &[],
        |row| row.get::<_, String>(0),
    )?;
    for sku in told {
        let known = books.skus.get(sku.as_str());
        if let Some((version, Some(seen))) = known.map(|known| (known.version, known.seen)) {
            kv.put(sku.into(), Value { version, text: shows::text(seen, &[]) }, now);
        }
    }
    Ok(books)
}

fn skus(books: &mut Books, sqlite: &Sqlite) -> Result<(), Broken> {
    let rows = sqlite.rows(
        "SELECT sku, title, product_id, version, shown, shown_units, restock_first, restock_last,
            restock_precision FROM skus",
        &[],
        |row| {
            let name: (String, String, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let shown: (String, Option<i64>) = (row.get(4)?, row.get(5)?);
            let restock: [Option<String>; 3] = [row.get(6)?, row.get(7)?, row.get(8)?];
            Ok((name, row.get::<_, i64>(3)?, shown, restock))
        },
    )?;
    for ((name, title, product), version, (shown, units), restock) in rows {
        let restock = restock_from(restock);
        let seen = match (shown.as_str(), units) {
            ("in_stock", None) => Seen::InStock,
            ("low", Some(units)) => Seen::Low(units),
            ("out_dated", None) => restock.map_or(Seen::Out, |date| Seen::OutDated(dates(date))),
            _ => Seen::Out,
        };
        let name: Name = name.into();
        // It knew nothing of orders, so nobody waits.
        Rc::make_mut(&mut books.supply.queues).insert(name.clone(), Queue::default());
        let sku = Sku {
            title: title.into(),
            product: product.map(Name::from),
            restock,
            hidden: false,
            parts: Vec::new(),
            ahead: None,
            version,
            seen: Some(seen),
            candidates: None,
        };
        books.history.insert((name.clone(), version), shows::text(seen, &[]));
        books.skus.insert(name, sku);
    }
    Ok(())
}

fn restock_from([first, last, precision]: [Option<String>; 3]) -> Option<Restock> {
    let (first, last): (Date, Date) = (first?.parse().ok()?, last?.parse().ok()?);
    match precision?.as_str() {
        "day" => Restock::new(first, None, Precision::Day).ok(),
        "week" => Restock::new(first, None, Precision::Week).ok(),
        "month" => Restock::new(first, None, Precision::Month).ok(),
        _ => Restock::new(first, Some(last), Precision::Range).ok(),
    }
}

fn places(books: &mut Books, sqlite: &Sqlite) -> Result<(), Broken> {
    let rows = sqlite.rows(
        "SELECT sku, location, SUM(quantity), COUNT(*) FROM movements GROUP BY sku, location",
        &[],
        |row| {
            let place: [String; 2] = [row.get(0)?, row.get(1)?];
            Ok((place, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?))
        },
    )?;
    for ([sku, location], net, moves) in rows {
        *books.place_mut(&sku.into(), &location.into()) = Place { net, moves, ..Place::default() };
    }
    Ok(())
}

fn records(books: &mut Books, sqlite: &Sqlite) -> Result<(), Broken> {
    let rows = sqlite.rows("SELECT id, digest, status, answer, at FROM commands", &[], |row| {
        let answer = Answer { status: row.get(2)?, body: row.get(3)? };
        Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?, answer, row.get::<_, i64>(4)?))
    })?;
    for (id, digest, answer, at) in rows {
        let moved = sqlite.rows(
            "SELECT sku, location, quantity FROM movements WHERE source = ?",
            &[&id],
            |row| {
                let place: [String; 2] = [row.get(0)?, row.get(1)?];
                let [sku, location] = place.map(Name::from);
                Ok((sku, location, row.get::<_, i64>(2)?))
            },
        )?;
        let record = Record { digest, answer, at, moved: moved.into_iter().collect() };
        books.records.insert(id.into(), record);
    }
    Ok(())
}
