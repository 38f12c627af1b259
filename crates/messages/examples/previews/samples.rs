//! One of each message, for tests and for the eye.

use jiff::civil::date;
use messages::{DigestItem, Footer, Item, Message, Sender, Until};
use wire::{Precision, Restock};

pub(crate) const SENDER: Sender<'static> =
    Sender { name: "Pots & Pans", color: Some("#0b6e4f"), site: "https://pots.example" };

pub(crate) const FOOTER: Footer<'static> = Footer {
    unsubscribe: Some("https://backroom.example/v1/unsubscribe?token=ut_x"),
    alerts: Some("https://backroom.example/v1/alerts?token=at_x"),
};

const MUG: Item<'static> =
    Item { title: "Red mug", url: Some("/mug"), image: Some("https://pots.example/mug.jpg") };
const PAN: Item<'static> =
    Item { title: "Frying pan, 28 cm", url: Some("https://pots.example/pan"), image: None };
const CLAIM: &str = "https://backroom.example/v1/claim?token=cl_x";
const ORDER: &str = "https://backroom.example/v1/my-order?token=ot_x";

pub(crate) fn until() -> Until {
    Until { at: date(2031, 3, 14).at(15, 4, 0, 0), zone: "CET".to_owned() }
}

pub(crate) fn restocks() -> [Restock; 2] {
    let day = Restock { date: "2031-03-14".to_owned(), until: None, precision: Precision::Day };
    let range = Restock {
        date: "2031-04-28".to_owned(),
        until: Some("2031-05-03".to_owned()),
        precision: Precision::Range,
    };
    [day, range]
}

pub(crate) fn digest() -> [DigestItem<'static>; 2] {
    [DigestItem { item: MUG, claim: Some((CLAIM, until())) }, DigestItem { item: PAN, claim: None }]
}

/// Each message, by its name.
pub(crate) fn messages<'a>(
    [was, now]: &'a [Restock; 2],
    digest: &'a [DigestItem<'a>],
) -> [(&'static str, Message<'a>); 7] {
    let confirm = "https://backroom.example/v1/confirm?token=ct_x";
    let moved =
        |now| Message::PromiseMoved { item: MUG, units: 2, was: Some(was), now, order: ORDER };
    [
        ("confirm", Message::Confirm { item: MUG, confirm }),
        ("claim", Message::Claim { item: MUG, units: 2, until: until(), claim: CLAIM }),
        ("back", Message::Back { item: MUG }),
        ("moved", moved(Some(now))),
        ("moved_undated", moved(None)),
        ("ready", Message::OrderReady { item: MUG, units: 2, order: ORDER }),
        ("digest", Message::Digest { items: digest }),
    ]
}
