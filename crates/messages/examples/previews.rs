//! Writes each message in each language into a folder, as HTML and as plain text, and the pages that
//! their links lead to: `cargo run -p messages --example previews -- DIR`.

use messages::{Sender, render, samples};
use std::{env, error::Error, fs, io, path::Path};
use widget::{
    AlertState, AlertView, ClaimState, ClaimView, LANGUAGES, Language, alerts_page, claim_page,
    confirm_page, confirmed_page, dead_link_page, unsubscribe_page, unsubscribed_page,
};

/// A red mug, so that a preview needs no network.
const PICTURE: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' \
    width='320' height='320'%3E%3Crect width='320' height='320' fill='%23d8dee4'/%3E%3Crect x='80' \
    y='90' width='120' height='150' rx='12' fill='%23c0392b'/%3E%3Cpath d='M200 120h24a36 36 0 0 1 \
    0 90h-24' fill='none' stroke='%23c0392b' stroke-width='18'/%3E%3C/svg%3E";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("into which folder?")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    for language in LANGUAGES {
        write_messages(language, folder)?;
        write_pages(language, folder)?;
    }
    Ok(())
}

fn write_messages(language: &Language, folder: &Path) -> io::Result<()> {
    let (restocks, digest) = (samples::restocks(), samples::digest());
    let news = samples::news(&restocks);
    for (name, message) in samples::messages(&news, &digest) {
        // One of them without a colour, and one with a bright one.
        let color = match name {
            "back" => None,
            "digest" => Some("#ffd33d"),
            _ => samples::SENDER.color,
        };
        let sender = Sender { color, ..samples::SENDER };
        let rendered = render(language, &sender, &message, &samples::FOOTER);
        let file = |kind| folder.join(format!("{}_{name}.{kind}", language.tag));
        fs::write(file("html"), seen(&rendered.html))?;
        fs::write(file("txt"), [&rendered.subject, "\n\n", &rendered.text].concat())?;
    }
    Ok(())
}

/// With a picture that is there.
fn seen(html: &str) -> String {
    html.replace("https://pots.example/mug.jpg", PICTURE)
}

fn write_pages(language: &Language, folder: &Path) -> io::Result<()> {
    let until = samples::until();
    let buy = "https://pots.example/mug#backroom-claim=cl_x";
    let kept = ClaimState::Kept {
        until: &until,
        ends_at: "2031-03-14T14:04:00Z",
        buy: Some(buy),
        checkout: None,
    };
    let claim = |state| ClaimView {
        title: "Red mug",
        image: Some("https://pots.example/mug.jpg"),
        units: 2,
        product: Some("https://pots.example/mug"),
        state,
    };
    let claim = |state| claim_page(language, &claim(state), "cl_x", "0f");
    let alert = |id, title, state| AlertView { id, title, state };
    let alerts = [
        alert("a1", "Red mug", AlertState::Kept),
        alert("a2", "Frying pan, 28 cm", AlertState::Waiting),
        alert("a3", "Teapot", AlertState::Unconfirmed),
    ];
    let back = Some("https://pots.example/mug");
    for (name, html) in [
        ("confirm", confirm_page(language, "Red mug", "ct_x", "0f")),
        ("confirmed", confirmed_page(language, "Red mug", back, "0f")),
        ("claim", claim(kept)),
        ("claim_taken", claim(ClaimState::Taken)),
        ("claim_passed", claim(ClaimState::PassedOn)),
        ("claim_over", claim(ClaimState::Over)),
        ("alerts", alerts_page(language, &alerts, "at_x", "0f")),
        ("no_alerts", alerts_page(language, &[], "at_x", "0f")),
        ("unsubscribe", unsubscribe_page(language, "ut_x", "0f")),
        ("unsubscribed", unsubscribed_page(language, back, "0f")),
        ("dead_link", dead_link_page(language, "0f")),
    ] {
        fs::write(folder.join(format!("{}_page_{name}.html", language.tag)), seen(&html))?;
    }
    Ok(())
}
