//! `GET /v1/stock`: the truth, a SKU or a page at a time.

use crate::{
    address::parameter,
    call::Call,
    convert::{self, unknown_sku},
    failure::{Failure, reject},
    page, respond,
};
use ledger::Sku;
use store::{Moment, Sql, Store};
use wire::{Code, StockPage};
use worker::Response;

/// Idempotent: yes, it only reads.
/// Input: `sku` for one SKU, else `cursor` for the next page.
/// Output: 200 [`StockPage`].
pub(crate) fn read(call: &Call<'_>) -> Result<Response, Failure> {
    let stock = match parameter(&call.query, "sku") {
        Some(sku) => {
            let sku = Sku::new(sku)
                .map_err(|why| reject(Code::BadParameter, format!("`sku`: {why}.")))?;
            of_sku(call.store, &sku, call.moment()?)?
        }
        None => after(call.store, &call.query)?,
    };
    respond::with_json(200, &stock)
}

/// The levels of one SKU, and how many of it can be sold.
pub(crate) fn of_sku<S: Sql>(
    store: &Store<S>,
    sku: &Sku,
    moment: Moment,
) -> Result<StockPage, Failure> {
    let Some(available) = store.available_to_sell(sku, moment)? else {
        return Err(unknown_sku(sku));
    };
    let stock = store.levels_of(sku)?.iter().map(convert::level).collect();
    Ok(StockPage { stock, available: Some(available), next: None })
}

fn after<S: Sql>(store: &Store<S>, query: &str) -> Result<StockPage, Failure> {
    let [sku, location] = page::after(query)?;
    let levels = store.levels_after((&sku, &location))?;
    let next = page::next(&levels, |last| [last.sku.to_string(), last.location.to_string()]);
    Ok(StockPage { stock: levels.iter().map(convert::level).collect(), available: None, next })
}
