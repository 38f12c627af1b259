//! Which of the merchant's addresses may become a link.

/// The address, if it is `https` or a path on the page's own site; nothing for all the rest:
/// `javascript:` and its kin, plain `http`, and another site's address dressed up as a path.
pub fn safe(url: &str) -> Option<&str> {
    // Browsers drop tabs and line breaks from an address and read `\` as `/`, so `/\evil.example`
    // and "/\t/evil.example" would leave the site.
    let tame = url.chars().all(|c| c != '\\' && !c.is_control());
    let https = url.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
    let path = url.starts_with('/') && !url.starts_with("//");
    (tame && (https || path)).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::safe;

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
}
