//! Problems, and what is refused as one.

use crate::{check, refusal};
use std::collections::BTreeSet;
use wire::*;

#[test]
fn problems() {
    let problem = |cells| Problem {
        kind: "/docs/problems.html#bad_cells".to_owned(),
        code: Code::BadCells,
        title: Code::BadCells.title().to_owned(),
        status: Code::BadCells.status(),
        detail: "One cell could not be taken.".to_owned(),
        instance: "r-1".to_owned(),
        cells,
        said: None,
    };
    let cell =
        CellFault { row: 2, column: "on_hand".to_owned(), fault: "`x` is no number".to_owned() };
    check(
        "programs that read problems, and refusals stored for a retry",
        &[
            (
                problem(vec![]),
                r#"{"type":"/docs/problems.html#bad_cells","code":"bad_cells",
                    "title":"Some cells could not be taken","status":422,
                    "detail":"One cell could not be taken.","instance":"r-1"}"#,
            ),
            (
                problem(vec![cell]),
                r#"{"type":"/docs/problems.html#bad_cells","code":"bad_cells",
                    "title":"Some cells could not be taken","status":422,
                    "detail":"One cell could not be taken.","instance":"r-1",
                    "cells":[{"row":2,"column":"on_hand","fault":"`x` is no number"}]}"#,
            ),
            (
                Problem { said: Some("Mince.".to_owned()), ..problem(vec![]) },
                r#"{"type":"/docs/problems.html#bad_cells","code":"bad_cells",
                    "title":"Some cells could not be taken","status":422,
                    "detail":"One cell could not be taken.","instance":"r-1",
                    "said":"Mince."}"#,
            ),
        ],
    );
}

#[test]
fn codes_of_problems() {
    let golden = [
        ("not_found", 404),
        ("method_not_allowed", 405),
        ("key_missing", 401),
        ("key_wrong", 401),
        ("operator_wrong", 401),
        ("mailer_wrong", 401),
        ("origin_not_allowed", 403),
        ("token_wrong", 401),
        ("forbidden", 403),
        ("browser_holds_off", 403),
        ("notify_off", 403),
        ("challenge_needed", 403),
        ("challenge_failed", 403),
        ("contacts_off", 403),
        ("unknown_contact", 404),
        ("unknown_claim", 404),
        ("unknown_shop", 404),
        ("shop_exists", 409),
        ("too_many_keys", 409),
        ("last_key", 409),
        ("unknown_sku", 404),
        ("unknown_hold", 404),
        ("bad_parameter", 400),
        ("too_long_ago", 410),
        ("upgrade_required", 426),
        ("bad_json", 400),
        ("bad_value", 422),
        ("bad_email", 422),
        ("no_consent", 422),
        ("too_many_sign_ups", 429),
        ("unknown_sign_up", 404),
        ("unknown_message", 404),
        ("body_too_large", 413),
        ("id_reused", 422),
        ("insufficient_stock", 409),
        ("below_zero", 409),
        ("is_bundle", 409),
        ("bad_bundle", 422),
        ("held_limit", 409),
        ("cannot_promise", 409),
        ("ahead_limit", 409),
        ("mixed_cart", 409),
        ("not_ready", 409),
        ("promise_moved", 409),
        ("not_open", 409),
        ("not_shipped", 409),
        ("not_in_order", 422),
        ("unknown_order", 404),
        ("unknown_purchase_order", 404),
        ("unknown_line", 422),
        ("line_closed", 409),
        ("mirror_shop", 409),
        ("already_committed", 409),
        ("already_released", 409),
        ("expired", 409),
        ("count_stale", 409),
        ("bad_columns", 400),
        ("bad_cells", 422),
        ("row_too_long", 413),
        ("overloaded", 503),
        ("try_again", 503),
        ("internal", 500),
    ];
    let now: Vec<_> = Code::ALL.iter().map(|code| (code.as_str(), code.status())).collect();
    assert_eq!(now, golden, "programs match on these codes, and the documentation has their order");
    for code in Code::ALL {
        check("programs that match on this code", &[(*code, &format!("\"{}\"", code.as_str()))]);
    }
    let unique = |text: fn(Code) -> &'static str| {
        Code::ALL.iter().map(|code| text(*code)).collect::<BTreeSet<_>>().len()
    };
    assert_eq!(unique(Code::as_str), Code::ALL.len(), "two problems share a code");
    assert_eq!(unique(Code::title), Code::ALL.len(), "people cannot tell two problems apart");
}

#[test]
fn a_misspelt_field_of_a_merchant_is_refused() {
    let cases = [
        refusal::<Command>(r#"{"id":"1","type":"sell","lines":[],"surprise":1}"#),
        refusal::<Line>(r#"{"sku":"a","quantity":1,"surprise":1}"#),
        refusal::<CreateShop>(
            r#"{"settings":{"currency":"EUR","time_zone":"Europe/Paris"},"surprise":1}"#,
        ),
        refusal::<Settings>(r#"{"currency":"EUR","time_zone":"Europe/Paris","surprise":1}"#),
        refusal::<SettingsChange>(r#"{"surprise":1}"#),
        refusal::<HoldRequest>(r#"{"id":"1","lines":[],"surprise":1}"#),
        refusal::<CommitHold>(r#"{"id":"1","surprise":1}"#),
        refusal::<ReleaseHold>(r#"{"id":"1","surprise":1}"#),
        refusal::<Count>(r#"{"id":"1","lines":[],"surprise":1}"#),
        refusal::<CountLine>(r#"{"sku":"a","counted":1,"expected":1,"surprise":1}"#),
        refusal::<LocationSettings>(r#"{"surprise":1}"#),
        refusal::<BundleContents>(r#"{"components":[],"surprise":1}"#),
        refusal::<Component>(r#"{"sku":"a","quantity":1,"surprise":1}"#),
        refusal::<SkuChange>(r#"{"surprise":1}"#),
        refusal::<Ahead>(r#"{"kind":"preorder","surprise":1}"#),
        refusal::<OrderRequest>(r#"{"id":"1","surprise":1}"#),
        refusal::<OrderChange>(r#"{"id":"1","surprise":1}"#),
        refusal::<OrderUnits>(r#"{"sku":"a","quantity":1,"surprise":1}"#),
        refusal::<ReturnRequest>(r#"{"id":"1","lines":[],"to":"stock","surprise":1}"#),
        refusal::<PurchaseOrderRequest>(r#"{"id":"1","supplier":"a","lines":[],"surprise":1}"#),
        refusal::<NewPurchaseLine>(r#"{"sku":"a","quantity":1,"surprise":1}"#),
        refusal::<PurchaseOrderChange>(r#"{"id":"1","lines":[],"surprise":1}"#),
        refusal::<PurchaseLineChange>(r#"{"line":1,"surprise":1}"#),
        refusal::<ReceiptRequest>(r#"{"id":"1","lines":[],"surprise":1}"#),
        refusal::<ReceiptLine>(r#"{"line":1,"quantity":1,"surprise":1}"#),
        refusal::<SafetyStock>(r#"{"units":1,"surprise":1}"#),
        refusal::<ProductChange>(r#"{"hidden":true,"surprise":1}"#),
    ];
    for refused in cases {
        let refused = refused.unwrap_or_default();
        assert!(refused.starts_with("unknown field `surprise`"), "a typo passes: `{refused}`");
    }
}
