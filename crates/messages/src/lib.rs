//! What is written to shoppers and buyers: a subject, HTML and plain text, in all languages of the
//! widget. Nothing here sends anything, knows the time or draws a random number.
//!
//! A message is first written as a `letter`, and that is set twice, as HTML and as plain text: so
//! both say the same.

mod color;
mod html;
mod letter;
pub mod samples;
mod text;
mod words;

use widget::Language;
pub use widget::Until;
use wire::Restock;

/// Who writes, as the reader sees it.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// The shop's name, over and under the message.
    pub name: &'a str,
    /// `#rrggbb`, the merchant's colour, of the band with the name and of the button; what is
    /// written on it is black or white, whichever can be read. None, or no such colour: a neutral
    /// one.
    pub color: Option<&'a str>,
    /// The shop's own site, an origin or an address on it; paths of products and pictures are on
    /// it, too.
    pub site: &'a str,
}

/// A SKU in a message. Texts may be strangers', and addresses, too: what is neither `https` nor a
/// path on the shop's site is left out.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// What it is called.
    pub title: &'a str,
    /// The product's page.
    pub url: Option<&'a str>,
    /// The product's picture.
    pub image: Option<&'a str>,
}

/// What is to be said. Addresses of pages of ours are written as they are given.
#[derive(Clone, Debug)]
pub enum Message<'a> {
    /// Is it you? Nothing but this is sent before it is answered.
    Confirm {
        /// What they asked for.
        item: Item<'a>,
        /// The page with the button that answers it.
        confirm: &'a str,
    },
    /// It is back, and units are kept for them.
    Claim {
        /// What is kept.
        item: Item<'a>,
        /// How many.
        units: u32,
        /// Until when.
        until: Until,
        /// The page where they are bought or passed on.
        claim: &'a str,
    },
    /// It is back; nothing is kept for anybody.
    Back {
        /// What is back.
        item: Item<'a>,
    },
    /// What became of parts of an order.
    Order {
        /// At least one; if a promise has moved, that is what the message is about.
        news: &'a [OrderNews<'a>],
        /// The page of the order, where the buyer agrees or cancels.
        order: &'a str,
    },
    /// Several SKUs came back, for somebody who waits for all of them.
    Digest {
        /// At least one.
        items: &'a [DigestItem<'a>],
    },
}

/// What became of a part of an order.
#[derive(Clone, Copy, Debug)]
pub enum OrderNews<'a> {
    /// What was promised moved.
    Moved {
        /// What was ordered.
        item: Item<'a>,
        /// How many of it have another date now.
        units: u32,
        /// When they were to be sent; `None` if nobody knew.
        was: Option<&'a Restock>,
        /// When they are to be sent now; `None` if nobody knows.
        now: Option<&'a Restock>,
    },
    /// What it waited for is there.
    Ready {
        /// What was ordered.
        item: Item<'a>,
        /// How many of it are there now.
        units: u32,
    },
}

/// One of several SKUs that came back.
#[derive(Clone, Debug)]
pub struct DigestItem<'a> {
    /// What is back.
    pub item: Item<'a>,
    /// The page where what is kept of it is bought or passed on, and until when that is; `None` if
    /// nothing is kept.
    pub claim: Option<(&'a str, Until)>,
}

/// Addresses at the foot. A message about an order has neither: it is no advertisement, and a buyer
/// cannot be left without it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Footer<'a> {
    /// The page with the button that ends these messages.
    pub unsubscribe: Option<&'a str>,
    /// The page with all that the reader waits for.
    pub alerts: Option<&'a str>,
}

/// A message, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line, without control characters.
    pub subject: String,
    /// A whole document.
    pub html: String,
    /// The same without any markup; its lines end with a line feed.
    pub text: String,
}

/// Writes a message.
pub fn render(
    language: &Language,
    sender: &Sender<'_>,
    message: &Message<'_>,
    footer: &Footer<'_>,
) -> Rendered {
    let letter = letter::letter(language, sender, message, footer);
    Rendered { html: html::html(&letter), text: text::text(&letter), subject: letter.subject }
}
