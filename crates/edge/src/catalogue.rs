//! What the merchant says of a SKU or a product, besides what imports say.

use crate::{
    call::Call,
    convert::{self, location_or_main, rejected, sku_named},
    failure::{Failure, reject},
    respond, stock_page,
};
use ledger::MAX_NET;
use store::SkuChange;
use wire::{Code, ProductChange};
use worker::Response;

/// Locations of one SKU that are set at once: as many as a command has lines.
const MAX_PLACES: usize = ledger::MAX_LINES;

/// Idempotent: yes.
/// Input: [`wire::SkuChange`].
/// Output: 200 [`wire::StockPage`] of the SKU.
pub(crate) async fn change_sku(call: &mut Call<'_>) -> Result<Response, Failure> {
    let sent: wire::SkuChange = call.json().await?;
    let bad = |detail: String| reject(Code::BadValue, detail);
    if sent.safety_stock.len() > MAX_PLACES {
        return Err(bad(format!("`safety_stock` names at most {MAX_PLACES} locations.")));
    }
    let place = |(at, place): (usize, &wire::SafetyStock)| {
        if !(0..=MAX_NET).contains(&place.units) {
            let detail = format!("`safety_stock[{at}].units` is 0 to {MAX_NET}.");
            return Err(bad(detail));
        }
        let location = location_or_main(place.location.as_deref())
            .map_err(|why| bad(format!("`safety_stock[{at}].location`: {why}.")))?;
        Ok((location, place.units))
    };
    let safety_stock =
        sent.safety_stock.iter().enumerate().map(place).collect::<Result<_, Failure>>()?;
    let sku = sku_named(&call.named)?;
    if sent.ahead.flatten().is_some_and(|ahead| ahead.limit_per_buyer == Some(0)) {
        return Err(bad(
            "`ahead.limit_per_buyer` is at least 1; `ahead` is `null` for not at all.".to_owned(),
        ));
    }
    let ahead = sent.ahead.map(|ahead| ahead.map(convert::ahead));
    let change = SkuChange { hidden: sent.hidden, safety_stock, ahead };
    let moment = call.moment()?;
    let changed = call.store.change_sku(&sku, &change, moment)?;
    changed.map_err(|why| rejected(&why))?;
    respond::with_json(200, &stock_page::of_sku(call.store, &sku, moment)?)
}

/// Idempotent: yes.
/// Input: [`ProductChange`].
/// Output: 204.
pub(crate) async fn change_product(call: &mut Call<'_>) -> Result<Response, Failure> {
    let sent: ProductChange = call.json().await?;
    if call.store.hide_product(&call.named, sent.hidden, call.moment()?)? {
        return respond::done();
    }
    Err(reject(Code::NotFound, format!("The shop has no product `{}`.", call.named)))
}
