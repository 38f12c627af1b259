//! Emptying the outbox: to KV, and to the Rooms, whose pages do not wait for a slow KV.

use crate::{failure::Failure, log, publish_kv::KvPublisher, publish_rooms, sql::ObjectSql};
use futures_util::future::join;
use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    task::{Poll, Waker},
};
use store::{Shop, Store};
use worker::Env;

/// What a publisher remembers while its object is awake.
#[derive(Default)]
pub(crate) struct Publisher {
    kv: KvPublisher,
    news: News,
}

/// A bell between the requests that change something and the alarm that tells of it.
#[derive(Default)]
struct News {
    rung: Cell<bool>,
    listener: RefCell<Option<Waker>>,
}

impl News {
    fn ring(&self) {
        self.rung.set(true);
        if let Some(listener) = self.listener.take() {
            listener.wake();
        }
    }

    async fn heard(&self) {
        poll_fn(|context| {
            if self.rung.replace(false) {
                return Poll::Ready(());
            }
            self.listener.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}

impl Publisher {
    /// Something may have come into the outbox: an alarm that waits for KV goes on and pushes it.
    pub(crate) fn news(&self) {
        self.news.ring();
    }

    /// No write to KV is tried before this.
    pub(crate) fn kv_paused_until(&self) -> i64 {
        self.kv.paused_until()
    }

    /// Tells whoever has to be told, as much as one alarm may, and the Rooms also what comes in
    /// meanwhile.
    pub(crate) async fn publish(
        &self,
        store: &Store<ObjectSql>,
        env: &Env,
        shop: &Shop,
        entry: &log::Entry,
    ) -> Result<(), Failure> {
        let kv_is_told = Cell::new(false);
        let kv = async {
            let told = self.kv.tell(store, env, shop, entry).await;
            kv_is_told.set(true);
            self.news.ring();
            told
        };
        let rooms = async {
            loop {
                publish_rooms::tell(store, env, shop, entry).await?;
                if kv_is_told.get() {
                    return Ok(());
                }
                self.news.heard().await;
            }
        };
        let (rooms, kv) = join(rooms, kv).await;
        rooms.and(kv)
    }
}
