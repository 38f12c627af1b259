//! What the pages that a message's links lead to have in common: the reader's language, a style of
//! their own, and that a link which leads to nothing says so.

use crate::{
    failure::Failure,
    kv::{ShopRecord, Snapshots, shop_key},
    log, respond,
};
use widget::Language;
use wire::Code;
use worker::{Env, Request, Response};

/// A page that answers.
pub(crate) struct LinkPage {
    pub(crate) entry: log::Entry,
    /// The language of whoever reads it, if it is one of ours.
    pub(crate) language: Option<&'static Language>,
    nonce: String,
}

impl LinkPage {
    pub(crate) fn new(request: &Request, what: &str) -> Result<Self, Failure> {
        let accepts = request.headers().get("accept-language")?.unwrap_or_default();
        let language = accepts.split([',', ';']).map(str::trim).find_map(Language::of);
        Ok(Self { entry: log::Entry::new(what), language, nonce: respond::nonce()? })
    }

    /// In the shop's language, if its reader speaks none of ours: where that cannot be read, in
    /// English.
    pub(crate) async fn speak_as(&mut self, env: &Env, shop: &str) {
        if self.language.is_none() {
            self.language = own_language(env, shop).await.ok();
        }
    }

    pub(crate) fn give(
        &self,
        status: u16,
        html: impl FnOnce(&Language, &str) -> String,
    ) -> Result<Response, Failure> {
        let language = self.language.unwrap_or_else(Language::english);
        respond::page(status, html(language, &self.nonce), &self.nonce, "'self'")
    }

    /// The same of a page with a script of ours and a picture of the shop's.
    pub(crate) fn give_with_script(
        &self,
        status: u16,
        html: impl FnOnce(&Language, &str) -> String,
    ) -> Result<Response, Failure> {
        let language = self.language.unwrap_or_else(Language::english);
        respond::page_with_script(status, html(language, &self.nonce), &self.nonce, "'self'")
    }

    /// Says that the link leads to nothing; other failures are a problem document.
    pub(crate) fn refuse(&self, failure: &Failure) -> Result<Response, Failure> {
        match failure.code() {
            Code::TokenWrong | Code::UnknownSignUp | Code::UnknownClaim | Code::UnknownOrder => {
                self.entry.failed(failure);
                self.give(failure.code().status(), widget::dead_link_page)
            }
            _ => Err(failure.clone()),
        }
    }
}

/// A shop's own language.
async fn own_language(env: &Env, shop: &str) -> Result<&'static Language, Failure> {
    let record = Snapshots::of(env)?.one(&shop_key(shop)).await?;
    let record = record.and_then(|record| record.read::<ShopRecord>());
    let own = record.and_then(|shop| Language::of(&shop.locale));
    Ok(own.unwrap_or_else(Language::english))
}
