//! Which route of `wire`'s table an address is.

use percent_encoding::percent_decode_str;
use wire::{ROUTES, Route};

/// What there is at an address.
#[derive(Debug)]
pub(crate) enum Found {
    /// This route, and what stands in place of the braces in its path; empty if it has none.
    Route(&'static Route, String),
    /// Something, which takes these other methods.
    Takes(Vec<&'static str>),
    /// Nothing.
    Nothing,
}

/// Path and query of an absolute address, as they stand in it: a `%2F` in a SKU stays one.
pub(crate) fn split(url: &str) -> (&str, &str) {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let from_path = after_scheme.find('/').and_then(|at| after_scheme.get(at..)).unwrap_or("/");
    let without_fragment = from_path.split('#').next().unwrap_or(from_path);
    without_fragment.split_once('?').unwrap_or((without_fragment, ""))
}

/// The first parameter of this name in a query.
pub(crate) fn parameter(query: &str, wanted: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
}

/// What there is at this path for this method.
pub(crate) fn find(method: &str, path: &str) -> Found {
    let mut takes = Vec::new();
    for route in ROUTES {
        let Some(named) = fit(route.path, path) else { continue };
        if method == route.method.as_str() || (method == "HEAD" && route.answers_head()) {
            return Found::Route(route, named);
        }
        takes.push(route.method.as_str());
        if route.answers_head() {
            takes.push("HEAD");
        }
    }
    if takes.is_empty() { Found::Nothing } else { Found::Takes(takes) }
}

/// What stands in `path` where `pattern` has braces; `None` if it is another path.
fn fit(pattern: &str, path: &str) -> Option<String> {
    if !pattern.contains('{') {
        return (pattern == path).then(String::new);
    }
    let mut named = String::new();
    let mut segments = path.split('/');
    for expected in pattern.split('/') {
        let segment = segments.next()?;
        if expected.starts_with('{') {
            named = percent_decode_str(segment).decode_utf8().ok()?.into_owned();
            if named.is_empty() {
                return None;
            }
        } else if segment != expected {
            return None;
        }
    }
    segments.next().is_none().then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Operation;

    fn found(method: &str, path: &str) -> Option<(Operation, String)> {
        match find(method, path) {
            Found::Route(route, named) => Some((route.operation, named)),
            Found::Takes(_) | Found::Nothing => None,
        }
    }

    #[test]
    fn an_address_falls_into_path_and_query() {
        for (url, parts) in [
            ("http://a:1/v1/x?b=c&d=%2F", ("/v1/x", "b=c&d=%2F")),
            ("https://a/v1/x", ("/v1/x", "")),
            ("https://a/?q", ("/", "q")),
            ("https://a", ("/", "")),
            ("https://a/x#y?z", ("/x", "")),
        ] {
            assert_eq!(split(url), parts, "{url}");
        }
    }

    #[test]
    fn every_route_is_found_at_its_own_address() {
        for route in ROUTES {
            assert!(route.path.matches('{').count() <= 1, "{} names two things", route.path);
            let (path, named) = match route.path.split_once('{') {
                None => (route.path.to_owned(), ""),
                Some((before, rest)) => {
                    let after = rest.split_once('}').map_or("", |(_, after)| after);
                    (format!("{before}a%2Fb%20%F0%9F%8E%81{after}"), "a/b 🎁")
                }
            };
            let there = found(route.method.as_str(), &path);
            assert_eq!(there, Some((route.operation, named.to_owned())), "{path}");
        }
    }

    #[test]
    fn only_what_is_documented_is_there() {
        for path in [
            "/",
            "/watch",
            "/v1",
            "/v1/",
            "/v1/shops/",
            "/v1/keys/",
            "/v1/keys/a/b",
            "/v1/holds//commit",
            "/v1/holds/a/commit/",
            "/v1/skus/%FF",
        ] {
            assert!(matches!(find("GET", path), Found::Nothing), "{path}");
        }
    }

    #[test]
    fn another_method_hears_which_there_are() {
        let Found::Takes(methods) = find("PUT", "/v1/shop") else { panic!("found") };
        assert_eq!(methods, ["GET", "PATCH"]);
        let Found::Takes(methods) = find("POST", "/v1/fragment") else { panic!("found") };
        assert_eq!(methods, ["GET", "HEAD"]);
        assert!(found("HEAD", "/v1/availability").is_some());
        assert!(found("HEAD", "/v1/stock").is_none());
    }
}
