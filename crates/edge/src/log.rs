//! One line of JSON for each request that was refused, that failed or that took long, and for each
//! failure of ours. What goes well and fast is counted by the platform, and what it did stands in
//! the books; a line for each would be a tenth of the work of a hold. Nothing personal is in them:
//! no address, no body, no key.

use crate::{clock, failure::Failure};
use serde::Serialize;
use std::cell::{OnceCell, RefCell};
use worker::{console_error, console_log};

/// What takes as long is logged though it went well.
const SLOW_MS: i64 = 500;

/// Something that is being done, from its beginning.
pub(crate) struct Entry {
    request_id: OnceCell<String>,
    what: String,
    started: i64,
    shop: RefCell<Option<String>>,
}

#[derive(Serialize)]
struct Line<'a> {
    request: &'a str,
    what: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    shop: Option<&'a str>,
    outcome: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
}

impl Entry {
    /// Begins one; `what` is a method and a path, or an object's own work.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            request_id: OnceCell::new(),
            what: what.into(),
            started: clock::now(),
            shop: RefCell::default(),
        }
    }

    /// As the caller sees it in a problem's `instance`.
    pub(crate) fn request_id(&self) -> &str {
        // 64 random bits are enough to find a line again. Without randomness there is no id.
        self.request_id.get_or_init(|| crate::keys::random_hex::<8>().unwrap_or_default())
    }

    /// It is this shop's.
    pub(crate) fn of_shop(&self, shop: &str) {
        self.shop.replace(Some(shop.to_owned()));
    }

    /// It was answered; a command's remembered refusal is an answer too.
    pub(crate) fn answered(&self, status: u16) {
        let outcome = if status < 400 { "ok" } else { "refused" };
        if status < 400 && clock::now().saturating_sub(self.started) < SLOW_MS {
            return;
        }
        console_log!("{}", self.line(outcome, Some(status), None));
    }

    /// It failed.
    pub(crate) fn failed(&self, failure: &Failure) {
        let code = failure.code();
        let (outcome, status) = (code.as_str(), Some(code.status()));
        match failure {
            Failure::Reject(_) => console_log!("{}", self.line(outcome, status, None)),
            Failure::Retryable(_) | Failure::Fatal(_) => {
                console_error!("{}", self.line(outcome, status, Some(failure.to_string())));
            }
        }
    }

    /// A part of it failed, and it goes on.
    pub(crate) fn hindered(&self, failure: &Failure) {
        console_error!("{}", self.line("hindered", None, Some(failure.to_string())));
    }

    fn line(&self, outcome: &str, status: Option<u16>, fault: Option<String>) -> String {
        crate::failure::json(&Line {
            request: self.request_id(),
            what: &self.what,
            shop: self.shop.borrow().as_deref(),
            outcome,
            status,
            ms: clock::now().saturating_sub(self.started),
            fault,
        })
    }
}
