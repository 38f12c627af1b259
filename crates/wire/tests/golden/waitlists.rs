//! Who waits for what, and what is kept for one of them.

use crate::check;
use wire::*;

#[test]
fn demand() {
    let some = Places { places: 2, units: 5 };
    let waitlist = Waitlist {
        sku: "85123A".to_owned(),
        waiting: some,
        waited_out: Places { places: 1, units: 1 },
        ..Waitlist::default()
    };
    let none = r#"{"places":0,"units":0}"#;
    check(
        "programs that plan by who waits",
        &[
            (
                WaitlistsPage { waitlists: vec![waitlist], next: Some("6a".to_owned()) },
                format!(
                    r#"{{"waitlists":[{{"sku":"85123A","waiting":{{"places":2,"units":5}},
                        "offered":{none},"taken":{none},"declined":{none},"lapsed":{none},
                        "told":{none},"left":{none},"waited_out":{{"places":1,"units":1}}}}],
                        "next":"6a"}}"#
                )
                .as_str(),
            ),
            (WaitlistsPage { waitlists: vec![], next: None }, r#"{"waitlists":[]}"#),
        ],
    );
}

#[test]
fn claims() {
    let kept = Claim {
        sku: "85123A".to_owned(),
        quantity: 2,
        state: ClaimState::Kept,
        hold: Some("0f0f".to_owned()),
        expires_at: Some("2031-03-14T14:04:00.000Z".to_owned()),
        words: ClaimWords {
            said: "Kept for you".to_owned(),
            units: "2 × Mug".to_owned(),
            until: Some("Until 14 March 2031 at 15:04 CET".to_owned()),
            button: Some("Buy it".to_owned()),
        },
    };
    let words = ClaimWords {
        said: "Bought.".to_owned(),
        units: "1 × Mug".to_owned(),
        ..ClaimWords::default()
    };
    let ended = |state| Claim {
        quantity: 1,
        state,
        hold: None,
        expires_at: None,
        words: words.clone(),
        ..kept.clone()
    };
    let end = |state: &str| {
        format!(
            r#"{{"sku":"85123A","quantity":1,"state":"{state}",
                "words":{{"said":"Bought.","units":"1 × Mug"}}}}"#
        )
    };
    check(
        "pages that show a claim",
        &[
            (
                kept.clone(),
                r#"{"sku":"85123A","quantity":2,"state":"kept","hold":"0f0f",
                    "expires_at":"2031-03-14T14:04:00.000Z","words":{"said":"Kept for you",
                    "units":"2 × Mug","until":"Until 14 March 2031 at 15:04 CET",
                    "button":"Buy it"}}"#,
            ),
            (ended(ClaimState::Taken), end("taken").as_str()),
            (ended(ClaimState::PassedOn), end("passed_on").as_str()),
            (ended(ClaimState::Over), end("over").as_str()),
        ],
    );
}
