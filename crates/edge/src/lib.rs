//! The Worker: it answers readers from KV, and carries everything else to the shop's objects.
//!
//! A file's suffix says what it is at run time: `_do` is a Durable Object, `_queue` what takes from
//! a queue. The files without one are plain code, and whatever can be tested without a Worker is tested natively.

mod account;
mod address;
mod alarm;
mod alerts_link;
mod body;
mod browser_token;
#[cfg(feature = "bugs")]
mod bug;
mod bundles;
mod call;
mod catalogue;
mod claim_link;
mod clock;
mod commands;
mod contact;
mod convert;
mod csv_records;
mod dead_messages;
mod desk;
mod email;
mod explain;
mod failure;
mod holds;
mod import;
mod import_cells;
mod import_file;
mod js;
mod keys;
mod kv;
mod letter;
mod limiter_do;
mod limits;
mod link_page;
mod locations;
mod log;
mod mail;
mod mail_event;
mod mail_queue;
mod network;
mod notify;
mod objects;
mod order_contact;
mod order_link;
mod order_mail;
mod orders;
mod outreach_do;
mod outreach_mail;
mod page;
mod places;
mod publish;
mod publish_kv;
mod publish_rooms;
mod purchases;
mod read;
mod respond;
mod room_do;
mod route;
mod settings;
mod shop_do;
mod sign_up_link;
mod signed;
mod specimens;
mod sql;
mod stock_page;
mod subjects;
mod turnstile;
mod waitlists;
mod writes;

use worker::{Context, Env, MessageBatch, event};

/// Answers one request. Nothing is thrown: whatever goes wrong is a problem document.
///
/// # Errors
/// None; the signature is the platform's.
#[event(fetch)]
pub async fn fetch(
    request: web_sys::Request,
    env: Env,
    _context: Context,
) -> worker::Result<web_sys::Response> {
    Ok(route::answer(request, &env).await)
}

/// Takes messages from the queue. It never fails: that would be a panic, and whatever is not sent
/// is handed to the queue anew.
///
/// # Errors
/// None; the signature is the platform's.
#[event(queue)]
pub async fn queue(batch: MessageBatch<String>, env: Env, _context: Context) -> worker::Result<()> {
    mail_queue::consume(&batch, &env).await;
    Ok(())
}
