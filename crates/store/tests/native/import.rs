//! Imports: all of a file or nothing, and the same file again changes nothing.

use crate::fixture::*;
use jiff::civil::date;
use ledger::{Balance, Kind, Location, Precision, Restock};
use store::{Columns, Counts, Item, Level, Money, Receiver, ShownState, Staged, Totals};

const BOTH: [Counts; 2] = [Counts::Open, Counts::Set];

/// A row with every cell filled.
fn full(text: &str) -> Staged {
    let some = |text: &str| Some(text.to_owned());
    Staged {
        product_id: some("jars"),
        title: some("Jam Jar \"Été\" 🎁 <b>"),
        category: some("Kitchen"),
        options: some("Red / XL"),
        price: Some(Money { minor: 1299, currency: "GBP".to_owned() }),
        url: some("/jars"),
        image: some("/jar.webp"),
        restock: Restock::new(date(2026, 12, 3), None, Precision::Week).ok(),
        chosen: vec![sku("85123a"), sku("🎁|b")],
        ..counted((text, "main", 4))
    }
}

/// The details that a row with every column gives.
fn item(row: Staged) -> Item {
    Item {
        title: row.title.unwrap_or_else(|| row.sku.as_str().to_owned()),
        sku: row.sku,
        product_id: row.product_id,
        category: row.category,
        options: row.options,
        price: row.price,
        url: row.url,
        image: row.image,
        restock: row.restock,
        chosen: row.chosen,
    }
}

/// A file with what is hard: every cell and none, two locations, SKUs that differ in case, and
/// the longest one.
fn file() -> Vec<Staged> {
    let mut file = vec![full("85123A"), bare("85123a"), full(&"🎁".repeat(32))];
    file.push(Staged { location: Location::new("shop").unwrap(), ..full("85123A") });
    file
}

#[test]
fn staged_rows_are_invisible_until_they_are_applied() {
    let sqlite = shop();
    let store = sqlite.store();
    let before = sqlite.state(&[]);
    let visible = sqlite.state(&["staging"]);
    for (row, staged) in (2..).zip(file()) {
        store.stage(1, &Staged { row, ..staged.clone() }).unwrap();
        store.stage(2, &Staged { row, ..staged }).unwrap();
    }
    assert_eq!(sqlite.state(&["staging"]), visible);
    store.unstage(Some(1)).unwrap();
    assert_eq!(sqlite.rows("SELECT DISTINCT import FROM staging"), ["2"]);
    store.unstage(None).unwrap();
    assert_eq!(sqlite.state(&[]), before, "what was staged can be thrown away");
}

#[test]
fn a_file_is_read_back_as_it_was() {
    let sqlite = shop();
    let store = sqlite.store();
    let totals = import(&store, &file(), EVERY_COLUMN, Counts::Open);
    assert_eq!(totals, Ok(Totals { rows: 4, created: 3, opened: 3, ..Totals::default() }));
    assert_eq!(sqlite.rows("SELECT * FROM staging"), [""; 0], "the staging is thrown away");
    // Four of the first at each of two locations, none of the second.
    let states = [ShownState::InStock, ShownState::Out(None), ShownState::Low(4)];
    for (row, state) in file().into_iter().zip(states) {
        let shown = store.shown(row.sku.as_str()).unwrap().unwrap();
        assert_eq!((shown.state, shown.version), (state, 1));
        assert_eq!(shown.item, item(row));
    }
    let level = |location: &str| {
        let Staged { sku, location, on_hand, .. } = counted(("85123A", location, 4));
        Level { sku, location, balance: Balance::from_net(on_hand.unwrap()).unwrap() }
    };
    assert_eq!(store.levels_of(&sku("85123A")), Ok(vec![level("main"), level("shop")]));
    assert_eq!(store.levels_of(&sku("85123a")), Ok(vec![]), "no count opens no position");
    assert_eq!(store.shown("85123"), Ok(None));
    assert_eq!(due(&store, Receiver::Kv).len(), 3);
}

#[test]
fn the_same_file_again_changes_nothing_even_after_sales() {
    let sqlite = shop();
    let store = sqlite.store();
    let unchanged = Totals { rows: 4, unchanged: 3, ..Totals::default() };
    import(&store, &file(), EVERY_COLUMN, Counts::Open).unwrap();
    for counts in BOTH {
        let state = sqlite.state(&[]);
        assert_eq!(import(&store, &file(), EVERY_COLUMN, counts), Ok(unchanged));
        assert_eq!(sqlite.state(&[]), state, "{counts:?}");
    }
    run(&store, "1", Kind::Sold, &[("85123A", "main", 9)]).unwrap();
    let state = sqlite.state(&[]);
    assert_eq!(import(&store, &file(), EVERY_COLUMN, Counts::Open), Ok(unchanged));
    assert_eq!(sqlite.state(&[]), state);
}

#[test]
fn a_count_is_booked_as_one_adjustment() {
    let sqlite = stocked(&[("a", "main", 9)]);
    let store = sqlite.store();
    run(&store, "1", Kind::Sold, &[("a", "main", 11)]).unwrap();
    let counts = [counted(("a", "main", 7)), counted(("a", "shop", 1))];
    for (opened, adjusted) in [(1, 1), (0, 0)] {
        let totals = import(&store, &counts, Columns::default(), Counts::Set);
        assert_eq!(
            totals,
            Ok(Totals { rows: 2, unchanged: 1, opened, adjusted, ..Totals::default() })
        );
        assert_eq!(
            sqlite.rows("SELECT kind, location, quantity FROM movements ORDER BY location, n"),
            ["opened|main|9", "sold|main|-11", "counted|main|9", "opened|shop|1"]
        );
    }
}

#[test]
fn a_count_that_only_moves_units_between_locations_shows_nothing_new() {
    let sqlite = stocked(&[("a", "main", 3), ("a", "shop", 1)]);
    let store = sqlite.store();
    let before = store.shown("a").unwrap();
    let moved = [counted(("a", "main", 1)), counted(("a", "shop", 3))];
    import(&store, &moved, Columns::default(), Counts::Set).unwrap();
    assert_eq!(store.shown("a").unwrap(), before);
    assert_eq!(due(&store, Receiver::Kv), []);
}

#[test]
fn a_file_that_contradicts_itself_still_changes_nothing_the_second_time() {
    let titled = |title: &str, units| Staged {
        title: Some(title.to_owned()),
        ..counted(("a", "main", units))
    };
    let file = [titled("first", 3), titled("last", 4)];
    for counts in BOTH {
        let sqlite = shop();
        let store = sqlite.store();
        import(&store, &file, EVERY_COLUMN, counts).unwrap();
        let shown = store.shown("a").unwrap().unwrap();
        assert_eq!((shown.item.title.as_str(), shown.state), ("last", ShownState::Low(4)));
        let state = sqlite.state(&[]);
        import(&store, &file, EVERY_COLUMN, counts).unwrap();
        assert_eq!(sqlite.state(&[]), state, "{counts:?}");
    }
}

#[test]
fn missing_columns_keep_and_empty_cells_clear() {
    let only = |set: fn(&mut Columns)| {
        let mut columns = Columns::default();
        set(&mut columns);
        columns
    };
    let before = item(full("a"));
    let cases = [
        (Columns::default(), before.clone()),
        (only(|has| has.product_id = true), Item { product_id: None, ..before.clone() }),
        (only(|has| has.title = true), Item { title: "a".to_owned(), ..before.clone() }),
        (only(|has| has.category = true), Item { category: None, ..before.clone() }),
        (only(|has| has.options = true), Item { options: None, ..before.clone() }),
        (only(|has| has.price = true), Item { price: None, ..before.clone() }),
        (only(|has| has.url = true), Item { url: None, ..before.clone() }),
        (only(|has| has.image = true), Item { image: None, ..before.clone() }),
        (only(|has| has.restock = true), Item { restock: None, ..before.clone() }),
        (only(|has| has.substitutes = true), Item { chosen: vec![], ..before.clone() }),
        (EVERY_COLUMN, item(bare("a"))),
    ];
    for (columns, after) in cases {
        let sqlite = shop();
        let store = sqlite.store();
        import(&store, &[full("a")], EVERY_COLUMN, Counts::Open).unwrap();
        import(&store, &[bare("a")], columns, Counts::Open).unwrap();
        let shown = store.shown("a").unwrap().unwrap();
        assert_eq!(shown.version, 1 + i64::from(after != before), "{columns:?}");
        assert_eq!(shown.item, after, "{columns:?}");
    }
}

#[test]
fn an_application_that_fails_leaves_nothing() {
    let make = || {
        let sqlite = stocked(&[("85123A", "main", 9)]);
        for (row, staged) in (2..).zip(file()) {
            sqlite.store().stage(1, &Staged { row, ..staged }).unwrap();
        }
        sqlite
    };
    for counts in BOTH {
        fail_each_write(make, |store| store.apply_import(1, EVERY_COLUMN, counts, NOW));
    }
}

#[test]
fn a_file_longer_than_a_page_is_applied_whole() {
    let names: Vec<_> = (0..1101).map(|number| format!("{number:04}")).collect();
    let rows: Vec<_> = names.iter().map(|name| counted((name, "main", 1))).collect();
    let sqlite = shop();
    let store = sqlite.store();
    let totals = import(&store, &rows, EVERY_COLUMN, Counts::Open);
    assert_eq!(totals, Ok(Totals { rows: 1101, created: 1101, opened: 1101, ..Totals::default() }));

    let mut read = Vec::new();
    let mut after = (String::new(), String::new());
    for rows in [500, 500, 101] {
        let page = store.levels_after((&after.0, &after.1)).unwrap();
        assert_eq!(page.len(), rows);
        after = page.last().map(|last| (last.sku.to_string(), last.location.to_string())).unwrap();
        read.extend(page.into_iter().map(|level| level.sku.to_string()));
    }
    assert_eq!(store.levels_after((&after.0, &after.1)), Ok(vec![]));
    assert_eq!(read, names);
}
