//! Where to write to about an order. It comes with the order, and goes on, encrypted, to the shop's
//! Outreach object: neither the ledger nor a log ever has it.

use crate::{
    call::Call,
    clock,
    contact::ContactKeys,
    email::Email,
    failure::{Failure, reject},
    limits::ORDER_LINK_MS,
    outreach_do::{self, ContactWish, StoredContact},
    respond,
};
use widget::Language;
use wire::{Code, Contact};
use worker::Response;

/// Looks at what came with an order, before anything is done.
pub(crate) fn take(call: &Call<'_>, order: &str, given: &Contact) -> Result<ContactWish, Failure> {
    let email = Email::new(&given.email).ok_or_else(|| {
        reject(Code::BadEmail, "`contact.email` is one address, as in jane@example.com.")
    })?;
    let lang = match &given.lang {
        Some(lang) => lang,
        None => &call.shop.locale,
    };
    let language = Language::of(lang);
    if given.lang.is_some() && language.is_none() {
        let detail = "`contact.lang` is a language that the widget speaks.";
        return Err(reject(Code::BadValue, detail));
    }
    Ok(ContactWish {
        order: order.to_owned(),
        lang: language.unwrap_or_else(Language::english).tag.to_owned(),
        address: ContactKeys::of(call.env, Code::ContactsOff)?.keep(&call.shop.id, &email)?,
        expires_at: clock::now().saturating_add(ORDER_LINK_MS),
    })
}

/// Keeps it, now that there is such an order. If nothing is heard of it, the sender hears so and
/// sends the order again: it is the same one, and this is kept then.
pub(crate) async fn keep(call: &Call<'_>, wish: &ContactWish) -> Result<(), Failure> {
    if outreach_do::ask(call.env, &call.shop.id, "/keep-contact", wish).await? {
        return Ok(());
    }
    let detail = "There is such an order, with another address in its `contact`.";
    Err(reject(Code::IdReused, detail))
}

/// Idempotent: yes, it only reads.
/// Output: 200 [`Contact`].
pub(crate) async fn read(call: &Call<'_>) -> Result<Response, Failure> {
    let keys = ContactKeys::of(call.env, Code::ContactsOff)?;
    let (shop, order) = (&call.shop.id, &call.named);
    let stored: Option<StoredContact> = outreach_do::ask(call.env, shop, "/contact", order).await?;
    let unknown = || reject(Code::UnknownContact, format!("Order `{order}` came without one."));
    let stored = stored.ok_or_else(unknown)?;
    let address = keys.open(shop, stored.key, &stored.sealed).ok_or_else(|| {
        let detail = format!("It is kept under version {} of CONTACT_KEYS.", stored.key);
        reject(Code::ContactsOff, detail)
    })?;
    respond::with_json(
        200,
        &Contact { email: address.as_given().to_owned(), lang: Some(stored.lang) },
    )
}
