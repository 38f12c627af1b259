//! A request to a shop's object whose caller is known, with what it takes to answer it.

use crate::{
    body,
    browser_token::{self, Claims},
    clock,
    failure::{Failure, reject},
    limits::MAX_JSON_BYTES,
    sql::ObjectSql,
};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::rc::Rc;
use store::{Answer, Moment, Store};
use wire::{Code, Route};
use worker::{Env, Request};

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Somebody with one of the shop's secret keys.
    Owner,
    /// A page, by its token.
    Browser(Claims),
}

/// A request to a shop's object.
pub(crate) struct Call<'a> {
    pub(crate) env: &'a Env,
    pub(crate) store: &'a Store<ObjectSql>,
    /// As it was when the request came in.
    pub(crate) shop: Rc<store::Shop>,
    pub(crate) caller: Caller,
    pub(crate) route: &'static Route,
    /// What stands in place of the braces in the route's path.
    pub(crate) named: String,
    pub(crate) query: String,
    pub(crate) request: &'a mut Request,
    #[cfg(feature = "bugs")]
    pub(crate) looked: std::cell::Cell<Option<store::bugs::Looked>>,
}

impl Call<'_> {
    /// The body.
    pub(crate) async fn json<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        let sent = body::json(self.request, MAX_JSON_BYTES).await?;
        #[cfg(feature = "bugs")]
        {
            self.looked.set(crate::bug::look_and_wait(self.store, self.moment()?).await?);
        }
        Ok(sent)
    }

    /// Now. Ask for it after the last thing that is awaited.
    pub(crate) fn moment(&self) -> Result<Moment, Failure> {
        #[cfg(feature = "bugs")]
        store::bugs::decide_on(self.looked.take());
        Ok(clock::moment(clock::now(), &self.shop.time_zone)?)
    }

    /// The token of a page, if it is one that calls.
    pub(crate) fn browser(&self) -> Option<&Claims> {
        match &self.caller {
            Caller::Owner => None,
            Caller::Browser(claims) => Some(claims),
        }
    }

    /// A hash of the network that a page calls from.
    pub(crate) fn network(&self) -> Result<Option<Vec<u8>>, Failure> {
        self.browser().map(|_| browser_token::network(self.request, self.env)).transpose()
    }

    /// Is this caller one of those that the route is for?
    pub(crate) fn check_caller(&self) -> Result<(), Failure> {
        let caller = match self.caller {
            Caller::Owner => wire::Caller::Owner,
            Caller::Browser(_) => wire::Caller::Browser,
        };
        if self.route.callers.contains(&caller) {
            return Ok(());
        }
        let detail = "A browser's token holds units, and reads and releases its own holds; for \
                      this take the shop's secret key, on a server.";
        Err(reject(Code::Forbidden, detail))
    }
}

/// What tells a command from another with the same id.
pub(crate) fn digest(sent: &impl serde::Serialize) -> Vec<u8> {
    Sha256::digest(crate::failure::json(sent)).to_vec()
}

/// A refusal as it is answered and remembered: `id` is what it refuses.
pub(crate) fn refusal(failure: &Failure, id: &str) -> Answer {
    let problem = failure.problem(id);
    Answer { status: problem.status, body: crate::failure::json(&problem) }
}
