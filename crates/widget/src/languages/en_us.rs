//! English as in the United States: what differs from that of Britain.

use super::{Labels, Language, en::EN};

pub(super) const EN_US: Language = Language {
    tag: "en-US",
    signs: &[
        ("AUD", "A$"),
        ("BRL", "R$"),
        ("CAD", "CA$"),
        ("CNY", "CN¥"),
        ("EUR", "€"),
        ("GBP", "£"),
        ("ILS", "₪"),
        ("INR", "₹"),
        ("JPY", "¥"),
        ("KRW", "₩"),
        ("MXN", "MX$"),
        ("NZD", "NZ$"),
        ("TWD", "NT$"),
        ("USD", "$"),
    ],
    day: "{m} {d}, {y}",
    day_and_month: "{m} {d}",
    days: "{m} {d}\u{2009}–\u{2009}{d2}, {y}",
    days_of_months: "{m} {d}\u{2009}–\u{2009}{m2} {d2}, {y}",
    days_of_years: "{m} {d}, {y}\u{2009}–\u{2009}{m2} {d2}, {y2}",
    moment: "{} at {h12}:{mm}\u{202f}{half}",
    backorder: "On backorder",
    preorder: "Preorder",
    labels: Labels {
        buy: "Add to cart",
        preorder: "Preorder now",
        backorder: "Backorder now",
        email: "Email address",
        ..EN.labels
    },
    ..EN
};
