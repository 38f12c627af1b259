//! Messages to shoppers.

use crate::{check, refusal};
use wire::{DeadMessage, MailEvent, MailEventKind, MessagesPage};

#[test]
fn what_could_not_be_sent() {
    let dead = DeadMessage {
        id: "mugs.0f".to_owned(),
        kind: "confirm".to_owned(),
        sku: Some("85123A".to_owned()),
        made_at: "2026-11-21T09:40:00.000Z".to_owned(),
        attempts: 18,
        error: "http_500".to_owned(),
    };
    check(
        "merchants' lists of what could not be sent",
        &[
            (MessagesPage { messages: vec![], next: None }, r#"{"messages":[]}"#),
            (
                MessagesPage { messages: vec![dead], next: Some("6d".to_owned()) },
                r#"{"messages":[{"id":"mugs.0f","kind":"confirm","sku":"85123A",
                    "made_at":"2026-11-21T09:40:00.000Z","attempts":18,"error":"http_500"}],
                    "next":"6d"}"#,
            ),
        ],
    );
}

/// It cannot be printed, and so not be compared by `check`.
#[test]
fn what_providers_tell() {
    for (kind, name) in
        [(MailEventKind::Bounced, "bounced"), (MailEventKind::Complained, "complained")]
    {
        let golden = format!(r#"{{"type":"{name}","shop":"mugs","email":"jane@example.com"}}"#);
        let read: MailEvent = serde_json::from_str(&golden).unwrap();
        assert!(read.kind == kind && read.shop == "mugs" && read.email == "jane@example.com");
        assert_eq!(serde_json::to_string(&read).unwrap(), golden);
    }
    assert!(refusal::<MailEvent>(r#"{"type":"opened","shop":"mugs","email":"x"}"#).is_some());
}
