//! Emptying the outbox: to KV, and to the Rooms, whose pages do not wait for a slow KV.

use crate::{
    clock,
    convert::snapshot,
    failure::{Failure, json},
    kv::{Snapshots, shop_key, sku_key},
    limits::{KV_WRITE_GAP_MS, KV_WRITES_PER_ALARM, LEASE_MS, MAX_BACKOFF_MS, SNAPSHOTS_PER_PUSH},
    room_do,
    settings::settings,
    sql::ObjectSql,
};
use futures_util::future::{join, join_all};
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    future::poll_fn,
    task::{Poll, Waker},
};
use store::{Due, Receiver, Shop, Store};
use worker::Env;

/// What a publisher remembers while its object is awake.
#[derive(Default)]
pub(crate) struct Publisher {
    /// When each key was last written, for as long as that matters: after a restart the worst is
    /// that KV refuses one write, which is then tried again.
    written: RefCell<HashMap<String, i64>>,
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

    /// Tells whoever has to be told, as much as one alarm may, and the Rooms also what comes in
    /// meanwhile.
    pub(crate) async fn publish(
        &self,
        store: &Store<ObjectSql>,
        env: &Env,
        shop: &Shop,
    ) -> Result<(), Failure> {
        let kv_is_told = Cell::new(false);
        let kv = async {
            let told = self.tell_kv(store, env, shop).await;
            kv_is_told.set(true);
            self.news.ring();
            told
        };
        let rooms = async {
            loop {
                self.tell_rooms(store, env, shop).await?;
                if kv_is_told.get() {
                    return Ok(());
                }
                self.news.heard().await;
            }
        };
        let (rooms, kv) = join(rooms, kv).await;
        rooms.and(kv)
    }

    /// Tells the leased Rooms what they have not confirmed.
    async fn tell_rooms(
        &self,
        store: &Store<ObjectSql>,
        env: &Env,
        shop: &Shop,
    ) -> Result<(), Failure> {
        let now = clock::now();
        for (room, leased_until) in store.rooms()? {
            if leased_until <= now {
                store.end_lease(room)?;
                continue;
            }
            let receiver = Receiver::Room(room);
            let due = store.due(receiver, now, SNAPSHOTS_PER_PUSH)?;
            if due.is_empty() {
                continue;
            }
            let mut items = Vec::new();
            for row in &due {
                if let Some(shown) = store.shown(&row.sku)? {
                    items.push(snapshot(shown)?);
                }
            }
            match room_do::push(env, &shop.id, room, &json(&items)).await {
                Ok(room_do::Pushed::Told) => confirm_all(store, receiver, &due)?,
                Ok(room_do::Pushed::Empty) => store.end_lease(room)?,
                Err(_) => postpone_all(store, receiver, &due, now)?,
            }
        }
        Ok(())
    }

    /// Writes snapshots to KV, as many as one alarm may.
    async fn tell_kv(
        &self,
        store: &Store<ObjectSql>,
        env: &Env,
        shop: &Shop,
    ) -> Result<(), Failure> {
        let now = clock::now();
        self.written.borrow_mut().retain(|_, at| now.saturating_sub(*at) < KV_WRITE_GAP_MS);
        let kv = Snapshots::of(env)?;
        let mut writes = Vec::new();
        for due in store.due(Receiver::Kv, now, KV_WRITES_PER_ALARM)? {
            let last = self.written.borrow().get(&due.sku).copied();
            if let Some(last) = last {
                let free = last.saturating_add(KV_WRITE_GAP_MS);
                store.postpone(Receiver::Kv, &due.sku, free, false)?;
            } else if let Some((key, value)) = value_of(store, shop, &due.sku)? {
                writes.push(write(&kv, key, value, due, now));
            } else {
                // There is nothing to tell; left as it is, the row would be due for ever.
                store.confirm(Receiver::Kv, &due.sku, due.version)?;
            }
        }
        for (due, written) in join_all(writes).await {
            self.written.borrow_mut().insert(due.sku.clone(), clock::now());
            match written {
                Ok(()) => store.confirm(Receiver::Kv, &due.sku, due.version)?,
                Err(_) => {
                    let at = clock::now().saturating_add(backoff(due.attempts));
                    store.postpone(Receiver::Kv, &due.sku, at, true)?;
                }
            }
        }
        Ok(())
    }
}

/// When a Room that has just been heard of loses its lease.
pub(crate) fn lease_end(now: i64) -> i64 {
    now.saturating_add(LEASE_MS)
}

async fn write(
    kv: &Snapshots,
    key: String,
    value: String,
    due: Due,
    now: i64,
) -> (Due, Result<(), Failure>) {
    let version = u64::try_from(due.version).unwrap_or_default();
    let written = kv.put(&key, &value, version, now).await;
    (due, written)
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

fn confirm_all(store: &Store<ObjectSql>, receiver: Receiver, rows: &[Due]) -> Result<(), Failure> {
    for row in rows {
        store.confirm(receiver, &row.sku, row.version)?;
    }
    Ok(())
}

fn postpone_all(
    store: &Store<ObjectSql>,
    receiver: Receiver,
    rows: &[Due],
    now: i64,
) -> Result<(), Failure> {
    for row in rows {
        let at = now.saturating_add(backoff(row.attempts));
        store.postpone(receiver, &row.sku, at, true)?;
    }
    Ok(())
}

/// Twice as long after each try in vain, up to a bound.
fn backoff(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(0, 10)).unwrap_or(10);
    KV_WRITE_GAP_MS.saturating_mul(2_i64.saturating_pow(doublings)).min(MAX_BACKOFF_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_bound() {
        let waits: Vec<_> = (0..6).map(backoff).collect();
        assert_eq!(waits, [1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
        assert_eq!(backoff(i64::MAX), MAX_BACKOFF_MS);
    }
}
