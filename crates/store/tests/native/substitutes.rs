//! What else would do: found with an import, and published where it changed.

use crate::{fixture::*, sqlite::Sqlite};
use store::{Columns, Counts, MAX_COMPARED, Receiver, SkuChange, Staged, Store};

fn titles() -> Columns {
    Columns { title: true, ..Columns::default() }
}

fn lists() -> Columns {
    Columns { substitutes: true, ..Columns::default() }
}

fn titled(text: &str, title: &str) -> Staged {
    Staged { title: Some(title.to_owned()), ..bare(text) }
}

fn listed(text: &str, list: &[&str]) -> Staged {
    Staged { chosen: list.iter().map(|text| sku(text)).collect(), ..bare(text) }
}

/// A shop with two cups and a thing that is like nothing, which has told everything.
fn cups() -> Sqlite {
    let sqlite = shop();
    let rows = [
        titled("a", "Porcelain tea cup, red"),
        titled("b", "Porcelain tea cup, blue"),
        titled("x", "Hose"),
    ];
    import(&sqlite.store(), &rows, EVERY_COLUMN, Counts::Open).unwrap();
    tell_all(&sqlite.store());
    sqlite
}

fn candidates(store: &Store<&Sqlite>, text: &str) -> Vec<String> {
    let shown = store.shown(text).unwrap().unwrap();
    shown.candidates.iter().map(ToString::to_string).collect()
}

fn version(store: &Store<&Sqlite>, text: &str) -> i64 {
    store.shown(text).unwrap().unwrap().version
}

/// What KV has not been told yet.
fn untold(store: &Store<&Sqlite>) -> Vec<(String, i64)> {
    due(store, Receiver::Kv).into_iter().map(|due| (due.sku, due.version)).collect()
}

fn told(rows: &[(&str, i64)]) -> Vec<(String, i64)> {
    rows.iter().map(|(sku, version)| ((*sku).to_owned(), *version)).collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn they_come_with_the_first_import() {
    let sqlite = shop();
    let store = sqlite.store();
    let rows = [
        titled("a", "Porcelain tea cup, red"),
        titled("b", "Porcelain tea cup, blue"),
        titled("c", "Porcelain tea cup, lime"),
        Staged { title: Some("Garden hose".to_owned()), ..listed("x", &["gone", "c", "x", "a"]) },
    ];
    import(&store, &rows, EVERY_COLUMN, Counts::Open).unwrap();
    let mut others = candidates(&store, "a");
    others.sort();
    assert_eq!(others, ["b", "c"]);
    assert_eq!(candidates(&store, "x"), ["c", "a"]);
    assert_eq!(untold(&store), told(&[("a", 1), ("b", 1), ("c", 1), ("x", 1)]));
}

#[test]
fn a_file_without_the_column_keeps_the_list_and_an_empty_cell_empties_it() {
    let sqlite = cups();
    let store = sqlite.store();
    import(&store, &[listed("a", &["x"])], lists(), Counts::Open).unwrap();
    assert_eq!(candidates(&store, "a"), ["x", "b"]);
    import(&store, &[titled("a", "Porcelain tea cup, reds")], titles(), Counts::Open).unwrap();
    assert_eq!(candidates(&store, "a"), ["x", "b"]);
    assert_eq!(store.shown("a").unwrap().unwrap().item.chosen, [sku("x")]);
    import(&store, &[bare("a")], lists(), Counts::Open).unwrap();
    assert_eq!(candidates(&store, "a"), ["b"]);
}

#[test]
fn a_list_names_what_comes_later() {
    let sqlite = cups();
    let store = sqlite.store();
    import(&store, &[listed("x", &["y", "a"])], lists(), Counts::Open).unwrap();
    assert_eq!(candidates(&store, "x"), ["a"]);
    import(&store, &[bare("y")], Columns::default(), Counts::Open).unwrap();
    assert_eq!(candidates(&store, "x"), ["y", "a"]);
}

#[test]
fn whatever_an_import_changes_the_version_grows_once() {
    let sqlite = cups();
    let store = sqlite.store();
    let units = |row, on_hand| Staged { on_hand: Some(on_hand), ..row };
    let file = [
        units(titled("x", "Porcelain tea cup, lime"), 9),
        units(titled("b", "Porcelain tea cup, blue"), 3),
    ];
    import(&store, &file, titles(), Counts::Open).unwrap();
    assert_eq!(["a", "b", "x"].map(|sku| candidates(&store, sku).len()), [2, 2, 2]);
    assert_eq!(untold(&store), told(&[("a", 2), ("b", 2), ("x", 2)]));
}

#[test]
fn who_has_the_same_candidates_is_not_told_again() {
    let sqlite = cups();
    let store = sqlite.store();
    import(&store, &[titled("c", "Porcelain tea cup, lime")], titles(), Counts::Open).unwrap();
    assert_eq!(candidates(&store, "x"), NOTHING);
    assert_eq!(untold(&store), told(&[("a", 2), ("b", 2), ("c", 1)]));
    tell_all(&store);
    let state = sqlite.state(&[]);
    import(&store, &[titled("c", "Porcelain tea cup, lime")], titles(), Counts::Open).unwrap();
    assert_eq!(sqlite.state(&[]), state);
}

#[test]
fn who_has_the_same_candidates_is_not_written() {
    let sqlite = cups();
    let before = sqlite.writes();
    import(&sqlite.store(), &[titled("y", "Lantern")], titles(), Counts::Open).unwrap();
    // In and out of the staging; its details, what is shown of it, its candidates; the outbox.
    assert_eq!(sqlite.writes() - before, 6);
}

#[test]
fn each_room_is_told_as_well() {
    let sqlite = cups();
    let store = sqlite.store();
    store.lease_room(3, NOW.now + 1).unwrap();
    import(&store, &[titled("c", "Porcelain tea cup, lime")], titles(), Counts::Open).unwrap();
    assert_eq!(untold(&store), told(&[("a", 2), ("b", 2), ("c", 1)]));
    assert_eq!(due(&store, Receiver::Room(3)), due(&store, Receiver::Kv));
}

#[test]
fn of_a_hidden_sku_they_are_shown_once_it_is() {
    let sqlite = cups();
    let store = sqlite.store();
    let hide = |hidden| {
        let change = SkuChange { hidden: Some(hidden), ..SkuChange::default() };
        store.change_sku(&sku("a"), &change, NOW).unwrap().unwrap();
        tell_all(&store);
    };
    hide(true);
    import(&store, &[titled("c", "Porcelain tea cup, lime")], titles(), Counts::Open).unwrap();
    assert_eq!(untold(&store), told(&[("b", 2), ("c", 1)]));
    hide(false);
    assert_eq!((candidates(&store, "a").len(), version(&store, "a")), (2, 3));
}

/// To compare a whole catalogue takes its time, so nothing else makes that happen.
#[test]
fn only_what_is_compared_makes_them_be_looked_for() {
    let sqlite = cups();
    let store = sqlite.store();
    let stale = "UPDATE skus SET candidates = 'stale' WHERE sku = 'b' RETURNING sku";
    sqlite.rows(stale);
    let page = Columns { url: true, image: true, restock: true, ..Columns::default() };
    let moved = Staged { url: Some("/a".to_owned()), ..counted(("a", "main", 3)) };
    for counts in [Counts::Open, Counts::Set] {
        import(&store, std::slice::from_ref(&moved), page, counts).unwrap();
        assert_eq!(candidates(&store, "b"), ["stale"]);
    }
    let price = Columns { price: true, ..Columns::default() };
    let money = store::Money { minor: 100, currency: "GBP".to_owned() };
    import(&store, &[Staged { price: Some(money), ..bare("a") }], price, Counts::Open).unwrap();
    assert_eq!(candidates(&store, "b"), ["a"]);
}

#[test]
fn a_shop_of_version_2_has_them_with_its_next_import() {
    let sqlite = Sqlite::new(include_str!("../stored/0002.sql"));
    let store = sqlite.store();
    store.migrate(NOW.now).unwrap();
    tell_all(&store);
    let named = "UPDATE skus SET product_id = 'p' WHERE sku IN ('held', 'owed') RETURNING sku";
    sqlite.rows(named);
    assert_eq!(candidates(&store, "held"), NOTHING);
    let again =
        import(&store, &[counted(("owed", "main", 1))], Columns::default(), Counts::Open).unwrap();
    assert_eq!(again.unchanged, 1);
    assert_eq!(
        (candidates(&store, "held"), candidates(&store, "owed")),
        (vec!["owed".to_owned()], vec!["held".to_owned()])
    );
    assert_eq!(untold(&store), told(&[("held", 3), ("owed", 3)]));
}

#[test]
fn in_a_catalogue_that_is_too_large_lists_are_followed_and_nothing_else() {
    let sqlite = cups();
    let store = sqlite.store();
    sqlite.rows(&format!(
        "WITH RECURSIVE n(at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < {MAX_COMPARED})
         INSERT INTO skus (sku, title) SELECT 'n' || at, 'Tea cup' FROM n RETURNING sku"
    ));
    let many: Vec<_> = (0..20).map(|at| format!("n{at}")).collect();
    let mut list: Vec<_> = many.iter().map(String::as_str).collect();
    list.insert(1, "a");
    let file = [listed("a", &list), titled("new", "Porcelain tea cup, red")];
    import(&store, &file, Columns { title: false, ..EVERY_COLUMN }, Counts::Open).unwrap();
    list.remove(1);
    assert_eq!(candidates(&store, "a"), list[..12]);
    assert_eq!(candidates(&store, "b"), ["a"], "what was found before stays");
    assert_eq!(candidates(&store, "new"), NOTHING);
    assert_eq!(untold(&store), told(&[("a", 2), ("new", 1)]));
    import(&store, &[bare("a")], lists(), Counts::Open).unwrap();
    assert_eq!((candidates(&store, "a"), version(&store, "a")), (vec![], 3));
}
