//! Negative controls: with a bug switched on the simulator must fail, else it proves nothing.
#![cfg(feature = "bugs")]

use std::process::{Command, Output};

/// Seeds within which each bug must be found; most are found by the first.
const SEEDS: &str = "200";

fn sim(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sim")).args(arguments).output().expect("sim starts")
}

fn is_found(bug: &str) {
    let output = sim(&["--seeds", SEEDS, "--bug", bug]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success(), "nobody noticed {bug}:\n{said}");
    assert!(said.contains(" breaks: "), "{bug} breaks no invariant:\n{said}");
    assert!(said.contains("again: "), "nobody can run it again:\n{said}");
}

#[test]
fn no_transaction_is_found() {
    is_found("no_transaction");
}

#[test]
fn an_outbox_that_closes_on_send_is_found() {
    is_found("outbox_closed_on_send");
}

#[test]
fn a_record_outside_the_transaction_is_found() {
    is_found("record_outside_transaction");
}

#[test]
fn a_skipped_look_for_earlier_answers_is_found() {
    is_found("dedupe_skipped");
}

#[test]
fn arrivals_that_are_not_kept_are_found() {
    is_found("arrivals_not_kept");
}

#[test]
fn a_queue_that_is_served_backwards_is_found() {
    is_found("last_served_first");
}

#[test]
fn a_promise_that_moves_untold_is_found() {
    is_found("move_untold");
}

#[test]
fn a_promise_beyond_a_purchase_order_is_found() {
    is_found("promised_beyond");
}

#[test]
fn units_that_are_handed_out_and_waited_for_are_found() {
    is_found("wait_not_taken");
}

#[test]
fn promises_made_anew_outside_a_transaction_are_found() {
    is_found("settled_apart");
}

#[test]
fn a_claim_that_ends_outside_of_the_transaction_is_found() {
    is_found("claim_ended_apart");
}

#[test]
fn a_line_that_is_served_backwards_is_found() {
    is_found("last_in_line_first");
}

#[test]
fn a_notice_that_closes_when_it_is_read_is_found() {
    is_found("notice_closed_on_read");
}

#[test]
fn without_a_bug_nothing_is_found() {
    let output = sim(&["--seeds", "20"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}

#[test]
fn a_bug_that_nobody_knows_is_refused() {
    let output = sim(&["--bug", "gremlins"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("dedupe_skipped"));
}
