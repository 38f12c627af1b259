//! Pushing what changed to the Rooms that have sockets.

use crate::{
    clock::{self, backoff},
    convert::snapshot,
    failure::{Failure, json},
    limits::SNAPSHOTS_PER_PUSH,
    log,
    room_do::{self, Pushed},
    sql::ObjectSql,
};
use futures_util::future::join_all;
use store::{Due, Receiver, Shop, Store};
use worker::Env;

/// Tells the leased Rooms what they have not confirmed, all of them at once.
pub(crate) async fn tell(
    store: &Store<ObjectSql>,
    env: &Env,
    shop: &Shop,
    entry: &log::Entry,
) -> Result<(), Failure> {
    let now = clock::now();
    let mut pushes = Vec::new();
    for (room, leased_until) in store.rooms()? {
        let due = store.due(Receiver::Room(room), now, SNAPSHOTS_PER_PUSH)?;
        if leased_until <= now {
            store.end_lease(room, leased_until)?;
        } else if !due.is_empty() {
            pushes.push(push(store, env, shop, entry, (room, leased_until), due));
        }
    }
    join_all(pushes).await.into_iter().collect()
}

async fn push(
    store: &Store<ObjectSql>,
    env: &Env,
    shop: &Shop,
    entry: &log::Entry,
    (room, leased_until): (i64, i64),
    due: Vec<Due>,
) -> Result<(), Failure> {
    let mut items = Vec::new();
    for row in &due {
        match store.shown(&row.sku).map(|shown| shown.map(snapshot).transpose()) {
            Ok(Ok(item)) => items.extend(item),
            // What cannot be read cannot be told; the others are.
            Ok(Err(fault)) | Err(fault) => entry.hindered(&fault.into()),
        }
    }
    let receiver = Receiver::Room(room);
    match room_do::push(env, &shop.id, room, &json(&items)).await {
        Ok(Pushed::Told) => {
            for row in &due {
                store.confirm(receiver, &row.sku, row.version)?;
            }
        }
        Ok(Pushed::Empty) => store.end_lease(room, leased_until)?,
        Err(failure) => {
            entry.hindered(&failure);
            for row in &due {
                let again = clock::now().saturating_add(backoff(row.attempts));
                store.postpone(receiver, &row.sku, again, true)?;
            }
        }
    }
    Ok(())
}
