//! Whoever has an address, as a whole.

use crate::{check, refusal};
use wire::*;

#[test]
fn what_is_kept_of_somebody() {
    let (day, year) = ("2026-11-21T09:40:00.000Z", "2027-11-21T09:40:00.000Z");
    let (at, until) = (|| day.to_owned(), || year.to_owned());
    let subject = Subject {
        sign_ups: vec![SubjectSignUp {
            sku: "85123A".to_owned(),
            quantity: 2,
            lang: "de".to_owned(),
            marketing: true,
            signed_up_at: at(),
            confirmed_at: Some(at()),
            expires_at: until(),
        }],
        consents: vec![SubjectConsent {
            sku: "85123A".to_owned(),
            lang: "de".to_owned(),
            text: 1,
            marketing: true,
            consented_at: at(),
            confirmed_at: at(),
            ended_at: Some(until()),
            expires_at: until(),
        }],
        messages: vec![SubjectMessage {
            id: "mugs.0f".to_owned(),
            kind: "claim".to_owned(),
            made_at: at(),
            expires_at: until(),
        }],
        orders: vec![SubjectOrder {
            order: "order-1".to_owned(),
            lang: "de".to_owned(),
            kept_at: at(),
            expires_at: until(),
        }],
        suppressed: Some(Suppressed { reason: MailEventKind::Bounced, at: at() }),
    };
    let golden = r#"{"sign_ups":[{"sku":"85123A","quantity":2,"lang":"de","marketing":true,
        "signed_up_at":"DAY","confirmed_at":"DAY","expires_at":"YEAR"}],
        "consents":[{"sku":"85123A","lang":"de","text":1,"marketing":true,"consented_at":"DAY",
        "confirmed_at":"DAY","ended_at":"YEAR","expires_at":"YEAR"}],
        "messages":[{"id":"mugs.0f","kind":"claim","made_at":"DAY","expires_at":"YEAR"}],
        "orders":[{"order":"order-1","lang":"de","kept_at":"DAY","expires_at":"YEAR"}],
        "suppressed":{"reason":"bounced","at":"DAY"}}"#;
    let golden = golden.replace("DAY", day).replace("YEAR", year);
    let nothing = r#"{"sign_ups":[],"consents":[],"messages":[],"orders":[]}"#;
    check(
        "programs that answer whoever asks what is kept of them",
        &[(subject, golden.as_str()), (Subject::default(), nothing)],
    );
}

/// It cannot be printed, and so not be compared by `check`.
#[test]
fn whose_it_is() {
    let golden = r#"{"email":"jane@example.com"}"#;
    let read: SubjectRequest = serde_json::from_str(golden).unwrap();
    assert!(read.email == "jane@example.com");
    assert_eq!(serde_json::to_string(&read).unwrap(), golden);
    assert!(refusal::<SubjectRequest>(r#"{"email":"x","shop":"mugs"}"#).is_some());
}
