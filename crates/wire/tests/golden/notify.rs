//! Sign-ups.

use crate::check;
use wire::SignedUp;

#[test]
fn sign_ups() {
    check(
        "pages that show the answer",
        &[(SignedUp { said: "Noted.".to_owned() }, r#"{"said":"Noted."}"#)],
    );
}
