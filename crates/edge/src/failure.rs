//! The two families of error, and the problem document that either becomes.

use serde::Serialize;
use store::Fault;
use wasm_bindgen::JsValue;
use wire::{CellFault, Code, Problem};

/// How long a caller should wait for what should pass by itself.
const RETRY_AFTER_SECONDS: i64 = 2;

/// Why a request has no happy answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The caller's: refused by name.
    #[error("{}: {}", .0.code.as_str(), .0.detail)]
    Reject(Reject),
    /// Ours, and it may pass.
    #[error("retryable: {0}")]
    Retryable(String),
    /// Ours.
    #[error(transparent)]
    Fatal(Fault),
}

/// What is wrong with a request, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reject {
    pub(crate) code: Code,
    pub(crate) detail: String,
    pub(crate) cells: Vec<CellFault>,
    /// In how many seconds it may come again, if that is known.
    pub(crate) retry_after: Option<i64>,
}

/// A refusal by name.
pub(crate) fn reject(code: Code, detail: impl Into<String>) -> Failure {
    Failure::Reject(Reject { code, detail: detail.into(), cells: Vec::new(), retry_after: None })
}

impl Failure {
    /// An exception of a stub or of KV. An overloaded object must not be asked again at once, and
    /// a failed one may be: to the caller both are "later".
    pub(crate) fn platform(thrown: &JsValue) -> Self {
        Self::Retryable(crate::js::text_of(thrown))
    }

    /// The code that the caller is told.
    pub(crate) fn code(&self) -> Code {
        match self {
            Self::Reject(reject) => reject.code,
            Self::Retryable(_) => Code::TryAgain,
            Self::Fatal(_) => Code::Internal,
        }
    }

    /// How long a caller should wait before it tries again, in seconds; `None` if that helps
    /// nothing.
    pub(crate) fn retry_after(&self) -> Option<i64> {
        match self {
            Self::Reject(Reject { retry_after: Some(seconds), .. }) => Some(*seconds),
            _ => (self.code().status() == 503).then_some(RETRY_AFTER_SECONDS),
        }
    }

    /// The problem document. Of our own failures it tells nothing but that they happened; the log
    /// has the rest under the same request id.
    pub(crate) fn problem(&self, request_id: &str) -> Problem {
        let code = self.code();
        let (detail, cells) = match self {
            Self::Reject(reject) => (reject.detail.clone(), reject.cells.clone()),
            Self::Retryable(_) => {
                ("Send the same request again in a few seconds.".to_owned(), Vec::new())
            }
            Self::Fatal(_) => ("It is in our log under this request's id.".to_owned(), Vec::new()),
        };
        Problem {
            kind: format!("/docs/problems.html#{}", code.as_str()),
            code,
            title: code.title().to_owned(),
            status: code.status(),
            detail,
            instance: request_id.to_owned(),
            cells,
            said: None,
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            // A deployment is being taken back, or has been: the later build will answer again.
            Fault::NewerSchema(_) | Fault::Busy(_) => Self::Retryable(fault.to_string()),
            Fault::Storage(_) | Fault::Corrupt(_) => Self::Fatal(fault),
        }
    }
}

impl From<worker::Error> for Failure {
    fn from(error: worker::Error) -> Self {
        Self::Retryable(error.to_string())
    }
}

/// `value` as JSON. It cannot fail: no type here has keys that are not texts, or a writer of its
/// own.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_apart_from_what_does_not() {
        let code = |fault: Fault| Failure::from(fault).code();
        assert_eq!(code(Fault::NewerSchema(99)), Code::TryAgain);
        assert_eq!(code(Fault::Corrupt("a row")), Code::Internal);
    }
}
