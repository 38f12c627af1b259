//! `POST /v1/import`: staged as it streams in, applied in one transaction.

use crate::{
    address::parameter,
    body,
    call::Call,
    clock,
    failure::{Failure, reject},
    import_file::ImportFile,
    limits::MAX_IMPORT_BYTES,
    respond,
    sql::ObjectSql,
};
use store::{Counts, Shop, Store, Totals};
use wire::{Code, ImportReport};
use worker::{Request, Response};

/// Idempotent: yes; the same file again changes nothing.
/// Input: CSV; `counts=set` makes its `on_hand` a count.
/// Output: 200 [`ImportReport`].
pub(crate) async fn take(call: &mut Call<'_>, import: i64) -> Result<Response, Failure> {
    let counts = counts(&call.query)?;
    let report = run(call.store, &call.shop, call.request, import, counts).await?;
    respond::with_json(200, &report)
}

/// What `on_hand` does, by the address's `counts`.
fn counts(query: &str) -> Result<Counts, Failure> {
    match parameter(query, "counts").as_deref() {
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
async fn run(
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
