//! Sending mail: by Cloudflare's own binding, or by a provider's HTTP API in the shape of Resend's.
//!
//! Nothing that a provider says is logged or kept, for it may repeat an address: only a name of
//! ours for it.

use crate::{
    clock::{self, within},
    contact::ContactKeys,
    email::Email,
    failure::{Failure, json},
    limits::{MAIL_TIMEOUT_MS, UNREADY_GAP_MS},
    signed,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::bugs::{self, Bug};
use worker::{
    EmailAddress, Env, Error, Fetch, Headers, Method, Request, RequestInit, RequestRedirect,
    Response, SendEmail, SendEmailBuilder,
};

/// What it takes to send.
pub(crate) struct Post {
    provider: Provider,
    /// The address that mails come from.
    from: String,
    /// The Worker's own origin, at which links lead back to it.
    pub(crate) origin: String,
    /// What links are signed with.
    pub(crate) secret: String,
    /// What addresses are encrypted under.
    pub(crate) keys: ContactKeys,
}

enum Provider {
    Api { url: String, key: String },
    Binding(SendEmail),
}

/// A mail.
pub(crate) struct Mail {
    /// The id of the message, by which the provider knows it again.
    pub(crate) id: String,
    pub(crate) to: Email,
    /// The name beside the address that it comes from.
    pub(crate) sender: String,
    pub(crate) subject: String,
    pub(crate) html: String,
    pub(crate) text: String,
    pub(crate) headers: BTreeMap<&'static str, String>,
}

/// What the provider says, or why it was not asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// It has it.
    Taken,
    /// It never will: this name says why.
    Refused(String),
    /// Not this time: this name says why.
    Again(String),
    /// It was not asked, and is not to be before this time: this name says why.
    NotBefore(i64, String),
}

impl Answer {
    /// It was not asked, for this was not there; soon it may be.
    pub(crate) fn unready(what: &str) -> Self {
        Self::NotBefore(clock::now().saturating_add(UNREADY_GAP_MS), what.to_owned())
    }
}

impl Post {
    /// How this Worker sends, or what it lacks for that.
    pub(crate) fn of(env: &Env) -> Result<Self, &'static str> {
        let set = |name: &str| {
            let text = env.var(name).ok().map(|text| text.to_string());
            text.filter(|text| !text.is_empty())
        };
        let provider = match (set("MAIL_API_URL"), set("MAIL_API_KEY")) {
            (Some(url), Some(key)) => Provider::Api { url, key },
            (Some(_), None) => return Err("MAIL_API_KEY"),
            (None, _) => {
                Provider::Binding(env.send_email("EMAIL").map_err(|_| "MAIL_API_URL or EMAIL")?)
            }
        };
        Ok(Self {
            provider,
            from: set("MAIL_FROM").ok_or("MAIL_FROM")?,
            origin: set("PUBLIC_URL").ok_or("PUBLIC_URL")?.trim_end_matches('/').to_owned(),
            secret: signed::secret(env).ok_or("SIGNING_SECRET")?,
            keys: ContactKeys::of(env, wire::Code::NotifyOff).map_err(|_| "CONTACT_KEYS")?,
        })
    }

    /// Sends a mail. One that was sent before, by its id, is not sent again by a provider that
    /// knows ids; Cloudflare's binding knows none.
    pub(crate) async fn send(&self, mail: &Mail) -> Answer {
        match &self.provider {
            Provider::Api { url, key } => {
                let sent = within(MAIL_TIMEOUT_MS, async { Ok(self.call(url, key, mail).await) });
                match sent.await {
                    Ok(Ok((status, name))) => answer_of(status, name.as_deref()),
                    Ok(Err(_)) => Answer::Again("unreachable".to_owned()),
                    Err(_) => Answer::Again("timeout".to_owned()),
                }
            }
            Provider::Binding(binding) => {
                let mail = structured(&self.from, mail);
                let sent = within(MAIL_TIMEOUT_MS, async {
                    Ok(binding.send_with_builder(&mail).await.map_err(Error::from))
                });
                match sent.await {
                    Ok(Ok(_)) => Answer::Taken,
                    Ok(Err(error)) => answer_to(&error),
                    Err(_) => Answer::Again("timeout".to_owned()),
                }
            }
        }
    }

    /// The API's status, and its own name for what was wrong.
    async fn call(
        &self,
        url: &str,
        key: &str,
        mail: &Mail,
    ) -> Result<(u16, Option<String>), Failure> {
        let headers = Headers::new();
        headers.set("authorization", &format!("Bearer {key}"))?;
        headers.set("content-type", "application/json")?;
        if !bugs::has(Bug::KeyNotSent) {
            headers.set("idempotency-key", &mail.id)?;
        }
        let mut init = RequestInit::new();
        init.with_method(Method::Post)
            .with_headers(headers)
            // The key and the address are for nobody else.
            .with_redirect(RequestRedirect::Manual)
            .with_body(Some(body(&self.from, mail).into()));
        let request = Request::new_with_init(url, &init)?;
        let mut response: Response = Fetch::Request(request).send().await?;
        let name = response.json::<Named>().await.ok().map(|named| named.name);
        Ok((response.status_code(), name))
    }
}

/// What an API's refusal begins with.
#[derive(Deserialize)]
struct Named {
    name: String,
}

/// What an API's status means.
fn answer_of(status: u16, name: Option<&str>) -> Answer {
    match status {
        200..=299 => Answer::Taken,
        // It has this id with other words in it: those of a try whose answer was lost.
        409 if name == Some("invalid_idempotent_request") => Answer::Taken,
        // The mail itself, not the key or the rate. Nothing makes another of it.
        400 | 413 | 422 => Answer::Refused(format!("http_{status}")),
        _ => Answer::Again(format!("http_{status}")),
    }
}

/// What the binding's errors mean.
fn answer_to(error: &Error) -> Answer {
    match error {
        Error::EmailRecipientSuppressed(_) => Answer::Refused("suppressed".to_owned()),
        Error::EmailRecipientNotAllowed(_) => Answer::Refused("not_allowed".to_owned()),
        Error::RateLimitExceeded(_) | Error::DailyLimitExceeded(_) => {
            Answer::Again("rate_limit".to_owned())
        }
        _ => Answer::Again("binding".to_owned()),
    }
}

/// A mail as the API takes it.
fn body(from: &str, mail: &Mail) -> String {
    #[derive(Serialize)]
    struct Body<'a> {
        from: String,
        to: [&'a str; 1],
        subject: &'a str,
        html: &'a str,
        text: &'a str,
        headers: &'a BTreeMap<&'static str, String>,
    }
    json(&Body {
        from: format!("\"{}\" <{from}>", quotable(&mail.sender)),
        to: [mail.to.normal()],
        subject: &mail.subject,
        html: &mail.html,
        text: &mail.text,
        headers: &mail.headers,
    })
}

/// A mail as the binding takes it: it makes MIME of it.
fn structured(from: &str, mail: &Mail) -> SendEmailBuilder {
    let headers = js_sys::Object::new_typed();
    for (name, value) in &mail.headers {
        // A fresh object takes any property.
        let _ = js_sys::Reflect::set(&headers, &(*name).into(), &value.as_str().into());
    }
    let from = EmailAddress::new(&quotable(&mail.sender), from);
    SendEmailBuilder::builder_with_email_address_and_str(&from, mail.to.normal(), &mail.subject)
        .html(&mail.html)
        .text(&mail.text)
        .headers(&headers)
        .build()
}

/// A name without what would end it, or its header.
fn quotable(name: &str) -> String {
    name.chars().filter(|char| !char.is_control() && !r#""\<>"#.contains(*char)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_sent_what_it_takes() {
        let mail = Mail {
            id: "mugs.0f".to_owned(),
            to: Email::new("Jane@BÜRO.example").unwrap(),
            sender: "Mugs\" <evil@example.com>,\r\n\"x".to_owned(),
            subject: "Is it you?".to_owned(),
            html: "<p>".to_owned(),
            text: "p".to_owned(),
            headers: BTreeMap::from([("List-Unsubscribe", "<https://x>".to_owned())]),
        };
        let golden = r#"{"from":"\"Mugs evil@example.com,x\" <shop@example.com>","to":["Jane@xn--bro-hoa.example"],"subject":"Is it you?","html":"<p>","text":"p","headers":{"List-Unsubscribe":"<https://x>"}}"#;
        assert_eq!(body("shop@example.com", &mail), golden);
    }

    #[test]
    fn what_may_pass_is_tried_again_and_what_cannot_is_not() {
        assert_eq!(answer_of(200, None), Answer::Taken);
        assert_eq!(answer_of(409, Some("invalid_idempotent_request")), Answer::Taken);
        for status in [302, 401, 403, 404, 408, 409, 429, 500, 503] {
            let name = Some("concurrent_idempotent_requests");
            assert_eq!(answer_of(status, name), Answer::Again(format!("http_{status}")));
        }
        for status in [400, 413, 422] {
            let refused = Answer::Refused(format!("http_{status}"));
            assert_eq!(answer_of(status, Some("validation_error")), refused);
        }
    }

    #[test]
    fn the_bindings_errors_have_names_without_an_address() {
        let text = || "jane@example.com is not there".to_owned();
        for (error, answer) in [
            (Error::EmailRecipientSuppressed(text()), Answer::Refused("suppressed".to_owned())),
            (Error::DailyLimitExceeded(text()), Answer::Again("rate_limit".to_owned())),
            (Error::InternalError(text()), Answer::Again("binding".to_owned())),
        ] {
            assert_eq!(answer_to(&error), answer);
        }
    }
}
