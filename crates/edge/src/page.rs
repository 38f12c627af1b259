//! Lists, a page at a time.

use crate::{
    address::parameter,
    failure::{Failure, reject},
};
use wire::Code;

/// The key of the entry after which a page begins, by the query's `cursor`: one text for each part
/// of it, all empty for the first page.
pub(crate) fn after<const PARTS: usize>(query: &str) -> Result<[String; PARTS], Failure> {
    let cursor = parameter(query, "cursor").unwrap_or_default();
    if cursor.is_empty() {
        return Ok([const { String::new() }; PARTS]);
    }
    let text = hex::decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.and_then(|text| text.split('\n').map(str::to_owned).collect::<Vec<_>>().try_into().ok())
        .ok_or_else(bad_cursor)
}

/// It is not what a page's `next` was.
pub(crate) fn bad_cursor() -> Failure {
    reject(Code::BadParameter, "`cursor` is a page's `next`, as it was.")
}

/// The `next` of a page of these entries, each with this key; `None` if it is the last.
///
/// Hex digits, so that it can stand in an address as it is. No part of a key has a control
/// character in it, so a line break parts them.
pub(crate) fn next<T, const PARTS: usize>(
    entries: &[T],
    key: impl Fn(&T) -> [String; PARTS],
) -> Option<String> {
    next_of(entries, store::MAX_PAGE, key)
}

/// The same of pages that have at most so many.
pub(crate) fn next_of<T, const PARTS: usize>(
    entries: &[T],
    most: i64,
    key: impl Fn(&T) -> [String; PARTS],
) -> Option<String> {
    let is_full = i64::try_from(entries.len()) == Ok(most);
    entries.last().filter(|_| is_full).map(|last| hex::encode(key(last).join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_where_it_was_made() {
        let full = usize::try_from(store::MAX_PAGE).unwrap();
        for key in [["a", "main"], ["a/b c", "attic"], ["🎁", ""]] {
            let key = key.map(str::to_owned);
            let cursor = next(&vec![(); full], |()| key.clone()).unwrap();
            assert_eq!(after::<2>(&format!("cursor={cursor}")), Ok(key));
            assert!(next(&vec![(); full - 1], |()| [String::new()]).is_none());
        }
        assert_eq!(after::<2>(""), Ok([String::new(), String::new()]));
        for bad in ["a", "zz", "00", "ff0a", "610a610a61"] {
            let refused = after::<2>(&format!("cursor={bad}")).err().map(|failure| failure.code());
            assert_eq!(refused, Some(Code::BadParameter), "{bad}");
        }
    }
}
