//! One line of JSON for each request that is not a plain read, and for each failure of ours.
//! Nothing personal is in it: no address, no body, no key.

use crate::{clock, failure::Failure};
use serde::Serialize;
use worker::{console_error, console_log};

/// A request that is being answered.
pub(crate) struct Entry {
    /// As the caller sees it in a problem's `instance`.
    pub(crate) request_id: String,
    what: String,
    shop: Option<String>,
    started: i64,
}

#[derive(Serialize)]
struct Line<'a> {
    request: &'a str,
    what: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    shop: Option<&'a str>,
    outcome: &'a str,
    status: u16,
    ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
}

impl Entry {
    /// Begins one; `what` is a method and a path, or an object's own work.
    pub(crate) fn new(what: String, shop: Option<&str>) -> Self {
        Self {
            request_id: request_id(),
            what,
            shop: shop.map(str::to_owned),
            started: clock::now(),
        }
    }

    /// It went well.
    pub(crate) fn done(&self, status: u16) {
        console_log!("{}", self.line("ok", status, None));
    }

    /// It did not.
    pub(crate) fn failed(&self, failure: &Failure) {
        let code = failure.code();
        match failure {
            Failure::Reject(_) => console_log!("{}", self.line(code.as_str(), code.status(), None)),
            Failure::Retryable(_) | Failure::Fatal(_) => {
                let fault = Some(failure.to_string());
                console_error!("{}", self.line(code.as_str(), code.status(), fault));
            }
        }
    }

    fn line(&self, outcome: &str, status: u16, fault: Option<String>) -> String {
        crate::failure::json(&Line {
            request: &self.request_id,
            what: &self.what,
            shop: self.shop.as_deref(),
            outcome,
            status,
            ms: clock::now().saturating_sub(self.started),
            fault,
        })
    }
}

/// 64 random bits are enough to find a line again. Without randomness there is no id.
fn request_id() -> String {
    crate::keys::random_hex::<8>().unwrap_or_default()
}
