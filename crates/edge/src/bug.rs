//! The bugs that a proof switches on, as far as they are the Worker's: see `store::bugs`.

use crate::{failure::Failure, sql::ObjectSql};
use std::time::Duration;
use store::{
    Moment, Store,
    bugs::{Looked, choose},
};
use worker::{Delay, Env};

/// Long enough for others to come in between.
const WAIT: Duration = Duration::from_millis(5);

/// Switches on the bug that the variable `BUG` names.
pub(crate) fn switch_on(env: &Env) {
    let name = env.var("BUG").map(|name| name.to_string()).unwrap_or_default();
    choose(Some(name.as_str()).filter(|name| !name.is_empty()));
}

/// With the bug `await_before_write`: looks at the stock, and then lets others in before anything
/// is decided on it.
pub(crate) async fn look_and_wait(
    store: &Store<ObjectSql>,
    moment: Moment,
) -> Result<Option<Looked>, Failure> {
    let looked = store.look(moment)?;
    if looked.is_some() {
        Delay::from(WAIT).await;
    }
    Ok(looked)
}
