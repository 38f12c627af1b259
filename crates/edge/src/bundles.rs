//! Kits: SKUs that are made of others.

use crate::{
    call::Call,
    convert::{nothing_changed, sku_named},
    failure::{Failure, reject},
    page, respond,
};
use ledger::{Component, Sku};
use store::{BadBundle, Bundle};
use wire::{BundleContents, BundlesPage, Code};
use worker::Response;

/// Idempotent: yes, it only reads.
/// Output: 200 [`BundlesPage`].
pub(crate) fn list(call: &Call<'_>) -> Result<Response, Failure> {
    let [after] = page::after(&call.query)?;
    let bundles = call.store.bundles_after(&after)?;
    let next = page::next(&bundles, |last| [last.kit.to_string()]);
    let bundles = bundles.iter().map(to_wire).collect();
    respond::with_json(200, &BundlesPage { bundles, next })
}

/// Idempotent: yes.
/// Input: [`BundleContents`].
/// Output: 200 [`wire::Bundle`].
pub(crate) async fn put(call: &mut Call<'_>) -> Result<Response, Failure> {
    let sent: BundleContents = call.json().await?;
    let component = |(at, part): (usize, &wire::Component)| {
        let sku = Sku::new(part.sku.as_str());
        let sku =
            sku.map_err(|why| reject(Code::BadValue, format!("`components[{at}].sku`: {why}.")))?;
        Ok(Component { sku, quantity: part.quantity })
    };
    let components =
        sent.components.iter().enumerate().map(component).collect::<Result<_, Failure>>()?;
    let bundle = Bundle { kit: sku_named(&call.named)?, components };
    let put = call.store.put_bundle(&bundle, call.moment()?)?;
    put.map_err(|why| refused(&why))?;
    respond::with_json(200, &to_wire(&bundle))
}

/// Idempotent: a second call hears that there is no such kit.
/// Output: 204.
pub(crate) fn remove(call: &Call<'_>) -> Result<Response, Failure> {
    let sku = sku_named(&call.named)?;
    if call.store.remove_bundle(&sku, call.moment()?)? {
        return respond::done();
    }
    Err(reject(Code::NotFound, format!("`{sku}` is no kit.")))
}

fn refused(why: &BadBundle) -> Failure {
    let code = match why {
        BadBundle::UnknownSku(_) => Code::UnknownSku,
        _ => Code::BadBundle,
    };
    reject(code, nothing_changed(why))
}

fn to_wire(bundle: &Bundle) -> wire::Bundle {
    let component =
        |part: &Component| wire::Component { sku: part.sku.to_string(), quantity: part.quantity };
    wire::Bundle {
        sku: bundle.kit.to_string(),
        components: bundle.components.iter().map(component).collect(),
    }
}
