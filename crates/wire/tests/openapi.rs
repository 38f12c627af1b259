//! The OpenAPI document in `www/docs`, and the table of routes that it is made from.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::HashSet, fs, path::PathBuf};
use wire::{Code, Method, ROUTES, openapi};

#[test]
fn the_stored_document_is_the_one_that_the_code_makes() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../www/docs/openapi.json");
    let made = serde_json::to_string_pretty(&openapi()).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        made == stored,
        "www/docs/openapi.json is not what the code makes of itself. Programs are generated from \
         it, so fields and addresses are only ever added. If the change is meant, run the test \
         with UPDATE_GOLDEN=1 and look at the difference."
    );
}

#[test]
fn no_two_routes_are_one() {
    let addresses: HashSet<_> =
        ROUTES.iter().map(|route| format!("{:?} {}", route.method, route.path)).collect();
    assert_eq!(addresses.len(), ROUTES.len(), "two routes have one address");
    let operations: HashSet<_> = ROUTES.iter().map(|route| route.operation).collect();
    assert_eq!(operations.len(), ROUTES.len(), "two routes have one operation");
}

#[test]
fn every_problem_comes_from_somewhere() {
    let told: HashSet<_> =
        ROUTES.iter().flat_map(|route| route.problems()).map(Code::as_str).collect();
    let untold: Vec<_> = Code::ALL.iter().filter(|code| !told.contains(code.as_str())).collect();
    assert_eq!(
        untold,
        [&Code::MethodNotAllowed],
        "the router itself refuses with the one; nobody does with the others"
    );
}

#[test]
fn what_only_reads_takes_nothing() {
    for route in ROUTES {
        if route.method == Method::Get {
            assert!(matches!(route.body, wire::Content::Nothing), "{}", route.path);
        }
    }
}
