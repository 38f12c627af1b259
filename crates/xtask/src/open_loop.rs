//! Load from an open loop: requests come at a fixed rate, whether or not those before them have
//! been answered, as buyers do. A latency counts from when its request should have been sent, so
//! that a server which stalls is charged with everybody who came meanwhile.

use crate::progress::now;
use anyhow::{Result, bail};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{scope, sleep};
use std::time::Duration;

/// How much, and how fast.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrivals {
    pub(crate) per_second: f64,
    pub(crate) count: u32,
    /// Requests that can be under way at once. When all are, the next is sent late, and that is
    /// in its latency.
    pub(crate) at_once: u32,
}

impl Arrivals {
    /// Sends them all: `connect` makes a client for each that is under way, and `send` is told an
    /// arrival's number. Gives what it returned with each latency.
    pub(crate) fn run<C, T: Send>(
        self,
        connect: impl Fn() -> Result<C> + Sync,
        send: impl Fn(&C, u32) -> Result<T> + Sync,
    ) -> Result<Vec<(T, Duration)>> {
        let (next, start) = (AtomicU32::new(0), now());
        let (next, connect, send) = (&next, &connect, &send);
        scope(|scope| {
            let senders: Vec<_> = (0..self.at_once)
                .map(|_| {
                    scope.spawn(move || {
                        let client = connect()?;
                        let mut sent = Vec::new();
                        loop {
                            let number = next.fetch_add(1, Ordering::Relaxed);
                            if number >= self.count {
                                return Ok(sent);
                            }
                            let due = Duration::from_secs_f64(f64::from(number) / self.per_second);
                            sleep(due.saturating_sub(start.elapsed()));
                            let outcome = send(&client, number)?;
                            sent.push((outcome, start.elapsed().saturating_sub(due)));
                        }
                    })
                })
                .collect();
            let mut all = Vec::new();
            for sender in senders {
                all.extend(sender.join().unwrap_or_else(|_| bail!("a sender's thread panicked"))?);
            }
            Ok(all)
        })
    }
}

/// The latency that this share of all stays within; `latencies` are in order.
pub(crate) fn percentile(latencies: &[Duration], share: f64) -> Duration {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of a count is a count"
    )]
    let within = (latencies.len() as f64 * share).ceil() as usize;
    latencies.get(within.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_latencies() {
        let latencies: Vec<Duration> = (1..=1_000).map(Duration::from_millis).collect();
        let within = |share| percentile(&latencies, share).as_millis();
        assert_eq!([within(0.5), within(0.99), within(0.999), within(1.0)], [500, 990, 999, 1_000]);
        assert_eq!(percentile(&latencies[..1], 0.5).as_millis(), 1);
        assert_eq!(percentile(&[], 0.5), Duration::ZERO);
    }

    #[test]
    fn who_comes_during_a_stall_waits_too() {
        let stall = Duration::from_millis(100);
        let arrivals = Arrivals { per_second: 100.0, count: 10, at_once: 1 };
        let sent = arrivals.run(
            || Ok(()),
            |(), number| {
                if number == 0 {
                    sleep(stall);
                }
                Ok(())
            },
        );
        let latencies: Vec<Duration> =
            sent.expect("no error").into_iter().map(|(_, t)| t).collect();
        assert_eq!(latencies.len(), 10);
        // The fifth should have gone 40 ms after the first, and went after 100.
        assert!(latencies[4] >= Duration::from_millis(60), "{latencies:?}");
    }
}
