//! Clients at work, and workerd killed under them.

use crate::client::Client;
use crate::proof::Violation;
use crate::trial::Trial;
use anyhow::{Result, bail};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;

/// What came of one step of a client's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It asked, and was answered.
    Answered,
    /// It has nothing more to ask.
    Done,
}

/// Lets all clients take their steps at the same time, until all are done or so many answers have
/// come; then workerd is killed, whatever is under way.
///
/// A step that fails leaves its client as it was before the answer, so that it can ask again. After
/// the kill that is what must happen; before, it ends the proof.
pub(crate) fn work<C: Send>(
    trial: &mut Trial,
    clients: &mut [C],
    kill_after: Option<usize>,
    step: impl Fn(&mut C, &Client) -> Result<Step> + Sync,
) -> Result<()> {
    let connections = clients.iter().map(|_| trial.client()).collect::<Result<Vec<_>>>()?;
    let (killed, step) = (&AtomicBool::new(false), &step);
    thread::scope(|scope| {
        let (sender, answers) = channel();
        let mut threads = Vec::new();
        for (client, connection) in clients.iter_mut().zip(connections) {
            let sender = sender.clone();
            threads.push(scope.spawn(move || {
                loop {
                    match step(client, &connection) {
                        // Nobody counts any more once it is killed.
                        Ok(Step::Answered) => drop(sender.send(())),
                        Ok(Step::Done) => return Ok(()),
                        Err(error) if error.is::<Violation>() => return Err(error),
                        Err(_) if killed.load(Ordering::SeqCst) => return Ok(()),
                        Err(error) => return Err(error),
                    }
                }
            }));
        }
        drop(sender);
        if let Some(count) = kill_after
            && answers.iter().take(count).count() == count
        {
            killed.store(true, Ordering::SeqCst);
            trial.kill();
        }
        for thread in threads {
            thread.join().unwrap_or_else(|_| bail!("a client's thread panicked"))?;
        }
        Ok(())
    })
}
