//! The view of one SKU, in two builds: `ssr` renders it to text in the Worker, in any of its
//! languages; `hydrate` takes that text over in the browser and keeps it up to date with words that
//! the Worker writes too. A build has exactly one of the two; with neither the crate is empty.
#![cfg(any(feature = "ssr", feature = "hydrate"))]

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!(
    "build `widget` with `ssr` or with `hydrate`, never with both: Leptos cannot tell them apart"
);

mod source;
mod view;

#[cfg(feature = "ssr")]
mod alerts_page;
#[cfg(feature = "ssr")]
mod challenge_page;
#[cfg(feature = "ssr")]
mod claim_page;
#[cfg(feature = "ssr")]
mod confirm_page;
#[cfg(feature = "ssr")]
mod dates;
#[cfg(feature = "ssr")]
mod desk_page;
#[cfg(feature = "ssr")]
mod fragment;
#[cfg(feature = "ssr")]
mod instead;
#[cfg(feature = "ssr")]
mod languages;
#[cfg(feature = "ssr")]
pub mod link;
#[cfg(feature = "ssr")]
mod money;
#[cfg(feature = "ssr")]
mod order_page;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod reply_page;
#[cfg(feature = "ssr")]
mod sign_up;
#[cfg(feature = "ssr")]
mod unsubscribe_page;
#[cfg(feature = "ssr")]
mod until;
#[cfg(feature = "ssr")]
mod words;
#[cfg(feature = "ssr")]
pub use alerts_page::{AlertState, AlertView, alerts_page};
#[cfg(feature = "ssr")]
pub use challenge_page::{Challenge, challenge_frame, challenge_page};
#[cfg(feature = "ssr")]
pub use claim_page::{ClaimState, ClaimView, claim_page, claim_words};
#[cfg(feature = "ssr")]
pub use confirm_page::{confirm_page, confirmed_page};
#[cfg(feature = "ssr")]
pub use desk_page::{DeskView, desk_door_page, desk_page};
#[cfg(feature = "ssr")]
pub use fragment::{Frame, Item, fragment};
#[cfg(feature = "ssr")]
pub use instead::{candidates, substitutes};
#[cfg(feature = "ssr")]
pub use languages::{LANGUAGES, Language, OrderWords, PerLanguage, Replies};
#[cfg(feature = "ssr")]
pub use order_page::order_page;
#[cfg(feature = "ssr")]
pub use page::dead_link_page;
#[cfg(feature = "ssr")]
pub use reply_page::reply_page;
#[cfg(feature = "ssr")]
pub use unsubscribe_page::{unsubscribe_page, unsubscribed_page};
#[cfg(feature = "ssr")]
pub use until::Until;
#[cfg(feature = "ssr")]
pub use words::{printable, words};

#[cfg(feature = "hydrate")]
pub mod browser;
#[cfg(feature = "hydrate")]
mod countdown;
#[cfg(feature = "hydrate")]
mod json;
#[cfg(feature = "hydrate")]
mod net;
