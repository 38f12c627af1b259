//! E-mail addresses.

use crate::limits::{MAX_EMAIL_BYTES, MAX_MAILBOX_BYTES};
use url::Host;

/// An e-mail address. It cannot be printed, so that none comes into a log.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Email {
    /// As it was given.
    given: String,
    /// As it is compared.
    normal: String,
}

impl Email {
    /// The address that a text is, with whatever stands around it taken off; `None` for none.
    ///
    /// By the rule of `<input type="email">`, so that page and edge agree: what RFC 5321 allows
    /// besides (quotes, comments, addresses of machines) nobody has, and is mistyped. There must be
    /// a dot in the domain. A domain in any script is taken: not every browser makes it ASCII.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let given = text.trim();
        let (mailbox, domain) = given.rsplit_once('@')?;
        let domain = ascii(domain)?;
        let normal = format!("{mailbox}@{domain}");
        let short = given.len().max(normal.len()) <= MAX_EMAIL_BYTES;
        (short && is_mailbox(mailbox) && is_domain(&domain))
            .then(|| Self { given: given.to_owned(), normal })
    }

    /// As it was given.
    pub(crate) fn as_given(&self) -> &str {
        &self.given
    }

    /// As it is compared with others, and written to: the domain in lower case and in ASCII. What
    /// stands before the `@` is its provider's to compare.
    pub(crate) fn normal(&self) -> &str {
        &self.normal
    }

    /// The mailbox that it leads to, as far as many providers have that, for limits: they take
    /// capitals, dots and what follows a `+` for nothing. Where they do mean something, two people
    /// share a limit.
    pub(crate) fn mailbox(&self) -> String {
        let (mailbox, domain) = self.normal.rsplit_once('@').unwrap_or_default();
        let (mailbox, _) = mailbox.split_once('+').unwrap_or((mailbox, ""));
        format!("{}@{domain}", mailbox.replace('.', "").to_ascii_lowercase())
    }
}

/// A domain as it is looked up.
fn ascii(domain: &str) -> Option<String> {
    // That of a URL may have escapes in it.
    if domain.contains('%') {
        return None;
    }
    match Host::parse(domain).ok()? {
        Host::Domain(domain) => Some(domain),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

fn is_mailbox(text: &str) -> bool {
    (1..=MAX_MAILBOX_BYTES).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte))
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.contains('.') && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> Option<String> {
        Email::new(text).map(|email| email.normal().to_owned())
    }

    #[test]
    fn one_mailbox_has_many_addresses() {
        for (text, mailbox) in [
            ("jane@example.com", "jane@example.com"),
            ("Jane.Doe+shop+2@Mail.Example.COM", "janedoe@mail.example.com"),
            ("+jane@example.com", "@example.com"),
            ("jane@BÜRO.example", "jane@xn--bro-hoa.example"),
        ] {
            assert_eq!(Email::new(text).unwrap().mailbox(), mailbox);
        }
    }

    #[test]
    fn what_is_an_address() {
        for (text, compared) in [
            ("jane@example.com", "jane@example.com"),
            (" jane@example.com\r\n", "jane@example.com"),
            ("Jane.O'Doe+shop@Example.COM", "Jane.O'Doe+shop@example.com"),
            ("a@b.co", "a@b.co"),
            ("1@1and1.example", "1@1and1.example"),
            ("jane@büro.example", "jane@xn--bro-hoa.example"),
            ("jane@BÜRO.example", "jane@xn--bro-hoa.example"),
            ("jane@例え.テスト", "jane@xn--r8jz45g.xn--zckzah"),
        ] {
            assert_eq!(normal(text).as_deref(), Some(compared), "{text}");
            let given = Email::new(text).map(|email| email.as_given().to_owned());
            assert_eq!(given.as_deref(), Some(text.trim()));
        }
    }

    #[test]
    fn what_is_none() {
        for text in [
            "",
            "@",
            "jane",
            "jane@",
            "@example.com",
            "jane@example",
            "jane@localhost",
            "jane@.example.com",
            "jane@example.com.",
            "jane@example..com",
            "jane@-example.com",
            "jane@exa_mple.com",
            "jane@exa%6Dple.com",
            "jane@192.0.2.1",
            "jane@[192.0.2.1]",
            "jane@[2001:db8::1]",
            "jane doe@example.com",
            "jane@john@example.com",
            "\"jane doe\"@example.com",
            "jane(home)@example.com",
            "Jane <jane@example.com>",
            "jane@example.com,john@example.com",
            "jane@example.com\nbcc:john@example.com",
            "jane\n@example.com",
            "jäne@example.com",
            "jane@example.com/x",
            "jane@example.com:25",
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_is_so_long() {
        let long = |mailbox: usize, domain: usize| {
            let labels = "a.".repeat(domain.saturating_sub(3) / 2);
            let odd = if domain.is_multiple_of(2) { "bb." } else { "" };
            let tail = if odd.is_empty() { "com" } else { "co" };
            let text = format!("{}@{labels}{odd}{tail}", "j".repeat(mailbox));
            (text.len(), normal(&text).is_some())
        };
        assert_eq!(long(64, 189), (254, true));
        assert_eq!(long(65, 9), (75, false));
        assert_eq!(long(64, 191), (256, false));
    }
}
