//! `POST /v1/import`: staged as it streams in, applied in one transaction.

use crate::{
    body, clock,
    failure::{Failure, reject},
    import_file::ImportFile,
    limits::MAX_IMPORT_BYTES,
    sql::ObjectSql,
};
use store::{Counts, Shop, Store, Totals};
use wire::{Code, ImportReport};
use worker::Request;

/// What `on_hand` does, by the address's `counts`.
pub(crate) fn counts(query: &str) -> Result<Counts, Failure> {
    let given = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "counts");
    match given.as_ref().map(|(_, value)| &**value) {
        None => Ok(Counts::Open),
        Some("set") => Ok(Counts::Set),
        Some(other) => {
            let detail = format!("`counts` is `set` or left out, not `{other}`.");
            Err(reject(Code::BadParameter, detail))
        }
    }
}

/// Reads the file and applies it. Whatever goes wrong, nothing of it stays: what a dead object
/// had staged is thrown away when it wakes.
pub(crate) async fn run(
    store: &Store<ObjectSql>,
    shop: &Shop,
    request: &mut Request,
    import: i64,
    counts: Counts,
) -> Result<ImportReport, Failure> {
    let imported = read_and_apply(store, shop, request, import, counts).await;
    if imported.is_err() {
        store.unstage(Some(import))?;
    }
    imported.map(report)
}

async fn read_and_apply(
    store: &Store<ObjectSql>,
    shop: &Shop,
    request: &mut Request,
    import: i64,
    counts: Counts,
) -> Result<Totals, Failure> {
    let mut file = ImportFile::new(&shop.currency);
    let mut stage = |staged| store.stage(import, &staged).map_err(Failure::from);
    body::stream(request, MAX_IMPORT_BYTES, |chunk| file.push(chunk, &mut stage)).await?;
    let columns = file.finish(&mut stage)?;
    // Nothing is awaited between here and the end: the books are written in one go.
    let moment = clock::moment(clock::now(), &shop.time_zone)?;
    Ok(store.apply_import(import, columns, counts, moment)?)
}

fn report(totals: Totals) -> ImportReport {
    ImportReport {
        rows: totals.rows,
        created: totals.created,
        updated: totals.updated,
        unchanged: totals.unchanged,
        opened: totals.opened,
        adjusted: totals.adjusted,
    }
}
