//! Seeds that once failed, and that a seed is one run.

use sim::run::{known_seeds, run};

#[test]
fn what_was_broken_once_stays_whole() {
    for (seed, why) in known_seeds() {
        let outcome = run(seed, 0);
        assert_eq!(outcome.result, Ok(()), "seed {seed}, kept for this: {why}");
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in 0..5 {
        let (once, again) = (run(seed, 10), run(seed, 10));
        assert_eq!(once.result, Ok(()), "seed {seed}");
        assert_eq!(once.fingerprint, again.fingerprint, "seed {seed}");
        assert_eq!((once.marks, once.heard), (again.marks, again.heard), "seed {seed}");
        assert_eq!(once.trace, again.trace, "seed {seed}");
        assert_ne!(once.fingerprint, run(seed + 1, 0).fingerprint, "two seeds are two runs");
    }
}

#[test]
fn a_run_has_at_least_200_commands_over_at_least_5_skus() {
    for seed in 0..5 {
        let outcome = run(seed, 0);
        assert!(outcome.commands >= 200, "seed {seed} has {} commands", outcome.commands);
        assert!(outcome.skus >= 5, "seed {seed} has {} SKUs", outcome.skus);
    }
}
