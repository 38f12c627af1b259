//! The queue of messages: their ids go in at one end, from the alarm of an Outreach object, and at
//! the other they are leased there, sent, and told of. It carries no address, and it may lose what
//! it has, or have it twice: the object knows.

use crate::{
    failure::{Failure, json},
    letter::{self, Goods},
    limiter_do,
    limits::MAILS_AT_ONCE,
    log,
    mail::{Answer, Post},
    outreach_do,
};
use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use worker::{Env, MessageBatch, QueueContentType, RawMessageBuilder};

const BINDING: &str = "MAIL";

/// What the queue carries: messages of one shop.
#[derive(Serialize, Deserialize)]
struct Handed {
    shop: String,
    ids: Vec<String>,
}

/// A message that was leased, as the object hands it out: see [`store::messages::Leased`].
#[derive(Serialize, Deserialize)]
pub(crate) struct Lease {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) subscriber: Option<String>,
    pub(crate) key: i64,
    /// The address, encrypted.
    pub(crate) sealed: Vec<u8>,
    pub(crate) lang: String,
    pub(crate) payload: String,
    pub(crate) expires_at: i64,
    pub(crate) attempt: i64,
}

/// What became of a lease, as the object hears it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) id: String,
    pub(crate) attempt: i64,
    pub(crate) answer: Answer,
}

/// The shop that a message is of, by its id.
pub(crate) fn shop_of(id: &str) -> &str {
    id.split_once('.').map_or(id, |(shop, _)| shop)
}

/// Puts messages of one shop into the queue.
pub(crate) async fn hand_over(env: &Env, ids: &[String]) -> Result<(), Failure> {
    let Some(first) = ids.first() else { return Ok(()) };
    let handed = json(&Handed { shop: shop_of(first).to_owned(), ids: ids.to_vec() });
    let message = RawMessageBuilder::new(JsValue::from_str(&handed))
        .build_with_content_type(QueueContentType::Text);
    Ok(env.queue(BINDING)?.send_raw(message).await?)
}

/// Sends what a batch of the queue's names. Whatever fails, nothing is left to the queue to try
/// again: the object hands it over anew.
pub(crate) async fn consume(batch: &MessageBatch<String>, env: &Env) {
    let entry = log::Entry::new("mail");
    let post = match Post::of(env) {
        Ok(post) => post,
        Err(missing) => return entry.hindered(&outreach_do::mail_is_off(missing)),
    };
    for message in batch.raw_iter() {
        let text = message.body().as_string().unwrap_or_default();
        // Nothing else is put in there.
        let Ok(handed) = serde_json::from_str::<Handed>(&text) else { continue };
        // No more are leased than are sent at once: what is leased goes out, whoever ends their
        // alert meanwhile, so that none may lie here and wait for its turn.
        for ids in handed.ids.chunks(MAILS_AT_ONCE) {
            if let Err(failure) = send(env, &post, &handed.shop, ids).await {
                entry.hindered(&failure);
            }
        }
    }
}

async fn send(env: &Env, post: &Post, shop: &str, ids: &[String]) -> Result<(), Failure> {
    let leases: Vec<Lease> = outreach_do::ask(env, shop, "/lease", &ids).await?;
    if leases.is_empty() {
        return Ok(());
    }
    let goods = Goods::of(env, shop, &leases).await;
    let goods = goods.as_ref();
    let held_up = &limiter_do::held_up(env, &post.keys, shop, &leases).await;
    let reports: Vec<Report> = stream::iter(leases)
        .map(|lease| async move {
            let answer = match (held_up.get(&lease.id), goods) {
                (Some(held_up), _) => held_up.clone(),
                // They are told when it is back again, or the merchant that they were not.
                (None, Ok(goods)) if goods.are_gone(&lease) => Answer::unready("gone"),
                (None, Ok(goods)) => write_and_send(post, shop, goods, &lease).await,
                (None, Err(_)) => Answer::unready("catalogue"),
            };
            Report { id: lease.id, attempt: lease.attempt, answer }
        })
        .buffer_unordered(MAILS_AT_ONCE)
        .collect()
        .await;
    outreach_do::ask(env, shop, "/report", &reports).await
}

async fn write_and_send(post: &Post, shop: &str, goods: &Goods, lease: &Lease) -> Answer {
    match letter::write(post, shop, goods, lease) {
        Ok(mail) => post.send(&mail).await,
        Err(why) => Answer::Again(why.to_owned()),
    }
}
