//! `GET /v1/stock`: the truth, a SKU or a page at a time.

use crate::{
    convert,
    failure::{Failure, reject},
};
use ledger::Sku;
use store::{Level, Sql, Store};
use wire::{Code, StockPage};

/// Idempotent: yes, it only reads.
/// Input: `sku` for one SKU, else `cursor` for the next page.
/// Output: the levels, and where the next page begins.
pub(crate) fn of<S: Sql>(store: &Store<S>, query: &str) -> Result<StockPage, Failure> {
    let parameter = |wanted: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
    };
    if let Some(sku) = parameter("sku") {
        let sku =
            Sku::new(sku).map_err(|why| reject(Code::BadParameter, format!("`sku`: {why}.")))?;
        if !store.has_sku(&sku)? {
            return Err(reject(Code::UnknownSku, format!("The shop has no SKU `{sku}`.")));
        }
        let stock = store.levels_of(&sku)?.iter().map(convert::level).collect();
        return Ok(StockPage { stock, next: None });
    }
    let (sku, location) = position(&parameter("cursor").unwrap_or_default())?;
    let levels = store.levels_after((&sku, &location))?;
    let full = i64::try_from(levels.len()) == Ok(store::MAX_PAGE);
    let next = levels.last().filter(|_| full).map(cursor);
    Ok(StockPage { stock: levels.iter().map(convert::level).collect(), next })
}

/// Hex digits, so that it can stand in an address as it is. Neither name has a control character
/// in it, so a line break parts them.
fn cursor(level: &Level) -> String {
    hex::encode(format!("{}\n{}", level.sku, level.location))
}

/// The position that a cursor stands for; before everything for none.
fn position(cursor: &str) -> Result<(String, String), Failure> {
    if cursor.is_empty() {
        return Ok((String::new(), String::new()));
    }
    let text = hex::decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.and_then(|text| text.split_once('\n').map(|(sku, at)| (sku.to_owned(), at.to_owned())))
        .ok_or_else(|| reject(Code::BadParameter, "`cursor` is a page's `next`, as it was."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::{Balance, Location};

    #[test]
    fn a_cursor_leads_back_to_where_it_was_made() {
        for (sku, location) in [("a", "main"), ("a/b c", "attic"), ("🎁", "main")] {
            let level = Level {
                sku: Sku::new(sku).unwrap(),
                location: Location::new(location).unwrap(),
                balance: Balance::default(),
            };
            let there = position(&cursor(&level)).unwrap();
            assert_eq!(there, (sku.to_owned(), location.to_owned()));
        }
        for bad in ["a", "zz", "00", "ff0a"] {
            assert_eq!(position(bad).err().map(|failure| failure.code()), Some(Code::BadParameter));
        }
    }
}
