//! The view of one SKU, in two builds: `ssr` renders it to text in the Worker, `hydrate` takes
//! that text over in the browser and keeps it up to date. A build has exactly one of the two;
//! with neither the crate is empty.
#![cfg(any(feature = "ssr", feature = "hydrate"))]

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!(
    "build `widget` with `ssr` or with `hydrate`, never with both: Leptos cannot tell them apart"
);

mod date;
pub mod link;
mod source;
mod text;
mod view;

#[cfg(feature = "ssr")]
mod fragment;
#[cfg(feature = "ssr")]
pub use fragment::{Item, fragment};

#[cfg(feature = "hydrate")]
pub mod browser;
#[cfg(feature = "hydrate")]
mod json;
#[cfg(feature = "hydrate")]
mod net;
