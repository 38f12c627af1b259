//! Writing what changed to KV: at most once a second to a key, never two writes of one key at a
//! time, and gently while KV refuses.

use crate::{
    clock::{self, backoff, within},
    convert::snapshot,
    failure::{Failure, json},
    kv::{Snapshots, shop_key, sku_key},
    limits::{
        KV_WRITE_GAP_MS, KV_WRITE_LOST_MS, KV_WRITE_TIMEOUT_MS, KV_WRITES_AT_ONCE,
        KV_WRITES_PER_ALARM,
    },
    log,
    settings::settings,
    sql::ObjectSql,
};
use futures_channel::oneshot;
use futures_util::stream::{self, StreamExt};
use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, HashSet},
    rc::Rc,
};
use store::{Due, Receiver, Shop, Store};
use wasm_bindgen_futures::spawn_local;
use worker::Env;

/// What is known of KV while the object is awake. If the object dies, so does this: the worst is
/// that KV refuses a write that comes too soon, which is then tried again.
#[derive(Default)]
pub(crate) struct KvPublisher {
    /// When each key was last written, for as long as that matters.
    written: RefCell<HashMap<String, i64>>,
    /// Keys with a write of which nothing has been heard yet: it may still land. A timer ends
    /// that, not a look at the clock, which can jump.
    unsettled: Rc<RefCell<HashSet<String>>>,
    /// Batches in a row of which nothing was taken.
    refusals: Cell<i64>,
    paused_until: Cell<i64>,
}

impl KvPublisher {
    /// No write is tried before this: KV took nothing of the last batch.
    pub(crate) fn paused_until(&self) -> i64 {
        self.paused_until.get()
    }

    /// Writes snapshots to KV, as many as one alarm may; only one, to try, after a refusal.
    pub(crate) async fn tell(
        &self,
        store: &Store<ObjectSql>,
        env: &Env,
        shop: &Shop,
        entry: &log::Entry,
    ) -> Result<(), Failure> {
        let now = clock::now();
        if now < self.paused_until.get() {
            return Ok(());
        }
        let most = if self.refusals.get() == 0 { KV_WRITES_PER_ALARM } else { 1 };
        let kv = Snapshots::of(env)?;
        let mut writes = Vec::new();
        for due in store.due(Receiver::Kv, now, most)? {
            match self.free_at(&due.sku, now) {
                Some(free) => store.postpone(Receiver::Kv, &due.sku, free, false)?,
                None => match value_of(store, shop, &due.sku) {
                    Ok(Some((key, value))) => writes.push(self.write(&kv, key, value, due)),
                    // There is nothing to tell; left as it is, the row would be due for ever.
                    Ok(None) => store.confirm(Receiver::Kv, &due.sku, due.version)?,
                    Err(failure) => {
                        entry.hindered(&failure);
                        postpone(store, &due)?;
                    }
                },
            }
        }
        let settled = stream::iter(writes).buffer_unordered(KV_WRITES_AT_ONCE).collect().await;
        self.settle(store, settled, entry)
    }

    /// When this key may be written, if not now.
    fn free_at(&self, sku: &str, now: i64) -> Option<i64> {
        let is_fresh = |at: &i64| now.saturating_sub(*at) < KV_WRITE_GAP_MS;
        self.written.borrow_mut().retain(|_, at| is_fresh(at));
        let last = self.written.borrow().get(sku).copied();
        match (last, self.unsettled.borrow().contains(sku)) {
            (Some(last), _) => Some(last.saturating_add(KV_WRITE_GAP_MS)),
            (None, true) => Some(now.saturating_add(KV_WRITE_GAP_MS)),
            (None, false) => None,
        }
    }

    /// Writes a value. One that takes too long counts as failed and may land all the same: so its
    /// key stays unsettled until it is heard of.
    async fn write(
        &self,
        kv: &Snapshots,
        key: String,
        value: String,
        due: Due,
    ) -> (Due, Result<(), Failure>) {
        let begun = clock::now();
        self.unsettled.borrow_mut().insert(due.sku.clone());
        let (settle, settled) = oneshot::channel();
        let (kv, unsettled, sku) = (kv.clone(), Rc::clone(&self.unsettled), due.sku.clone());
        let version = u64::try_from(due.version).unwrap_or_default();
        spawn_local(async move {
            let put = within(KV_WRITE_LOST_MS, kv.put(&key, &value, version, begun)).await;
            unsettled.borrow_mut().remove(&sku);
            // Nobody listens any more, if it took too long.
            let _ = settle.send(put);
        });
        let dropped = |_| Err(Failure::Retryable("a KV write was dropped".to_owned()));
        let written = async { settled.await.unwrap_or_else(dropped) };
        (due, within(KV_WRITE_TIMEOUT_MS, written).await)
    }

    fn settle(
        &self,
        store: &Store<ObjectSql>,
        settled: Vec<(Due, Result<(), Failure>)>,
        entry: &log::Entry,
    ) -> Result<(), Failure> {
        let mut taken = false;
        let mut refused = None;
        for (due, outcome) in settled {
            self.written.borrow_mut().insert(due.sku.clone(), clock::now());
            match outcome {
                Ok(()) => {
                    taken = true;
                    store.confirm(Receiver::Kv, &due.sku, due.version)?;
                }
                Err(failure) => {
                    postpone(store, &due)?;
                    refused = Some(failure);
                }
            }
        }
        if taken {
            self.refusals.set(0);
        }
        if let Some(failure) = refused {
            entry.hindered(&failure);
            if !taken {
                let before = self.refusals.get();
                self.refusals.set(before.saturating_add(1));
                self.paused_until.set(clock::now().saturating_add(backoff(before)));
            }
        }
        Ok(())
    }
}

fn postpone(store: &Store<ObjectSql>, due: &Due) -> Result<(), Failure> {
    let again = clock::now().saturating_add(backoff(due.attempts));
    Ok(store.postpone(Receiver::Kv, &due.sku, again, true)?)
}

/// The key and the value that a row of the outbox stands for.
fn value_of(
    store: &Store<ObjectSql>,
    shop: &Shop,
    sku: &str,
) -> Result<Option<(String, String)>, Failure> {
    if sku.is_empty() {
        return Ok(Some((shop_key(&shop.id), json(&settings(shop)))));
    }
    let Some(shown) = store.shown(sku)? else { return Ok(None) };
    Ok(Some((sku_key(&shop.id, sku), json(&snapshot(shown)?))))
}
