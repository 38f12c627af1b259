//! Who waits for what.

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
