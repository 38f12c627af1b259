//! One of each message, for tests and for the eye: the desk shows a merchant what theirs look like.

use crate::{DigestItem, Footer, Item, Message, OrderNews, Sender, Until};
use jiff::civil::date;
use wire::{Precision, Restock};

/// Who writes them.
pub const SENDER: Sender<'static> =
    Sender { name: "Pots & Pans", color: Some("#0b6e4f"), site: "https://pots.example" };

/// What stands at their feet.
pub const FOOTER: Footer<'static> = Footer {
    unsubscribe: Some("https://backroom.example/v1/unsubscribe?token=ut_x"),
    alerts: Some("https://backroom.example/v1/alerts?token=at_x"),
};

const MUG: Item<'static> =
    Item { title: "Red mug", url: Some("/mug"), image: Some("https://pots.example/mug.jpg") };
const PAN: Item<'static> =
    Item { title: "Frying pan, 28 cm", url: Some("https://pots.example/pan"), image: None };
const CLAIM: &str = "https://backroom.example/v1/claim?token=cl_x";
const ORDER: &str = "https://backroom.example/v1/my-order?token=ot_x";

/// Until when something is kept in them.
pub fn until() -> Until {
    Until { at: date(2031, 3, 14).at(15, 4, 0, 0), zone: "CET".to_owned() }
}

/// When an order was to be sent, and when it is.
pub fn restocks() -> [Restock; 2] {
    let day = Restock { date: "2031-03-14".to_owned(), until: None, precision: Precision::Day };
    let range = Restock {
        date: "2031-04-28".to_owned(),
        until: Some("2031-05-03".to_owned()),
        precision: Precision::Range,
    };
    [day, range]
}

/// What a digest tells of.
pub fn digest() -> [DigestItem<'static>; 2] {
    [DigestItem { item: MUG, claim: Some((CLAIM, until())) }, DigestItem { item: PAN, claim: None }]
}

/// What becomes of an order: it moves, it moves to nobody knows when, and it comes; and of another
/// part of it.
pub fn news([was, now]: &[Restock; 2]) -> [OrderNews<'_>; 4] {
    let moved = |now| OrderNews::Moved { item: MUG, units: 2, was: Some(was), now };
    [
        moved(Some(now)),
        moved(None),
        OrderNews::Ready { item: MUG, units: 2 },
        OrderNews::Ready { item: PAN, units: 1 },
    ]
}

/// The names of [`messages()`].
pub const NAMES: [&str; 8] =
    ["confirm", "claim", "back", "moved", "moved_undated", "ready", "moved_and_ready", "digest"];

/// Each message, by its name.
pub fn messages<'a>(
    news: &'a [OrderNews<'a>; 4],
    digest: &'a [DigestItem<'a>],
) -> [(&'static str, Message<'a>); 8] {
    let confirm = "https://backroom.example/v1/confirm?token=ct_x";
    let order = |news| Message::Order { news, order: ORDER };
    let [moved, undated, ready, _] = news.each_ref().map(std::slice::from_ref);
    [
        ("confirm", Message::Confirm { item: MUG, confirm }),
        ("claim", Message::Claim { item: MUG, units: 2, until: until(), claim: CLAIM }),
        ("back", Message::Back { item: MUG }),
        ("moved", order(moved)),
        ("moved_undated", order(undated)),
        ("ready", order(ready)),
        ("moved_and_ready", order(news.get(1..).unwrap_or_default())),
        ("digest", Message::Digest { items: digest }),
    ]
}
