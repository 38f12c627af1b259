//! Which of the merchant's addresses may become a link.

/// The address, if it is `https` or a path on the page's own site; nothing for all the rest:
/// `javascript:` and its kin, plain `http`, and another site's address dressed up as a path.
pub fn safe(url: &str) -> Option<&str> {
    let https = url.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
    let path = url.starts_with('/') && !url.starts_with("//");
    (is_tame(url) && (https || path)).then_some(url)
}

/// Browsers drop tabs and line breaks from an address and read `\` as `/`, so `/\evil.example` and
/// "/\t/evil.example" would leave the site.
fn is_tame(url: &str) -> bool {
    url.chars().all(|c| c != '\\' && !c.is_control())
}

/// The address, if it may be a link elsewhere than on the shop's site: `https`, or `http` of the
/// very machine that it is read on, where shops are tried out.
pub fn absolute(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let (name, port) = host.split_once(':').unwrap_or((host, "80"));
    let here = matches!(name, "localhost" | "127.0.0.1") && port.parse::<u16>().is_ok();
    if scheme == "http" && here {
        return is_tame(url).then_some(url);
    }
    safe(url).filter(|url| !url.starts_with('/') && !host.is_empty())
}

/// The address as it is elsewhere: a path is one on `site`.
pub fn absolute_on(url: &str, site: &str) -> Option<String> {
    let Some(path) = safe(url).filter(|url| url.starts_with('/')) else {
        return absolute(url).map(str::to_owned);
    };
    let (scheme, host) = absolute(site)?.split_once("://")?;
    let host = host.split(['/', '?', '#']).next()?;
    Some([&scheme.to_ascii_lowercase(), "://", host, path].concat())
}

#[cfg(test)]
mod tests {
    use super::{absolute, absolute_on, safe};

    #[test]
    fn takes_https_and_paths_of_the_site() {
        for url in [
            "https://shop.example/mug",
            "HTTPS://shop.example/mug",
            "/",
            "/products/mug?colour=red#stock",
            "/a//b",
            "/tasse/größe",
        ] {
            assert_eq!(safe(url), Some(url));
        }
    }

    #[test]
    fn refuses_everything_else() {
        for url in [
            "",
            "mug",
            "http://shop.example/",
            "//evil.example/",
            "/\\evil.example/",
            "\\\\evil.example/",
            "/\t/evil.example/",
            "/\n/evil.example/",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:msgbox(1)",
            "blob:https://shop.example/1",
            "https:shop.example",
            "https:/\\evil.example",
            "ftp://shop.example/",
            "?page=2",
            "#top",
            "\u{202e}https://shop.example/",
        ] {
            assert_eq!(safe(url), None, "{url}");
        }
    }
    #[test]
    fn elsewhere_a_path_is_none_or_one_on_the_site() {
        for url in ["https://shop.example/mug", "http://localhost", "http://127.0.0.1:8787/mug"] {
            assert_eq!(absolute(url), Some(url));
        }
        for url in [
            "/mug",
            "//evil.example/",
            "https://",
            "https:///mug",
            "http://shop.example/",
            "http://localhost.evil.example/",
            "http://localhost:80@evil.example/",
            "http://localhost/\\evil",
            "javascript://localhost/%0aalert(1)",
        ] {
            assert_eq!(absolute(url), None, "{url}");
        }
        for site in ["https://shop.example", "HTTPS://shop.example/", "https://shop.example/de?a#b"]
        {
            let found = absolute_on("/mug?red", site);
            assert_eq!(found.as_deref(), Some("https://shop.example/mug?red"), "{site}");
        }
        for site in ["http://shop.example", "https://", "/", "shop.example", ""] {
            assert_eq!(absolute_on("/mug", site), None, "{site}");
        }
        let elsewhere = absolute_on("https://cdn.example/a.jpg", "");
        assert_eq!(elsewhere.as_deref(), Some("https://cdn.example/a.jpg"));
        assert_eq!(absolute_on("javascript:alert(1)", "https://shop.example"), None);
    }
}
