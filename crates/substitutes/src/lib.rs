//! What else would do, when a SKU is out of stock.
//!
//! An [`Index`] is made of a shop's catalogue; for each SKU it answers [`MAX_CANDIDATES`] others
//! at most, the best first, each with the reason why it is one. Nothing here knows what is in
//! stock: that is looked up when the candidates are shown, and those that are out are left away.
//!
//! # Ranking
//! 1. What the merchant chose, in the merchant's order.
//! 2. Variants of the same product, those that share most options first.
//! 3. Others with a similar title, by how similar it is, and a little by what else they share: the
//!    category, options, about the same price.
//!
//! Titles are compared by the n-grams of their characters, so no language is known or preferred.
//! An unrelated substitute is worse than none: what is not similar enough is never a candidate,
//! and neither is what the merchant put into another category.
//!
//! # Invariants
//! - No SKU is a candidate for itself, and none is one twice.
//! - What the merchant chose goes first.
//! - The answer is the same in whatever order the catalogue is given; ties go by SKU.
//! - The work for one SKU has a limit, whatever the catalogue.
//!
//! When an import changed some SKUs, an index of the new catalogue answers for these alone as well
//! as for all. The others' candidates may have changed by it too: a new SKU is a candidate for
//! whatever it resembles.

#[cfg(test)]
mod evaluation;
mod index;
mod item;
mod options;
mod price;
mod text;
mod titles;
mod weights;

pub use index::{Candidate, Index, MAX_CANDIDATES, MAX_CHOSEN, MAX_VARIANTS, Reason};
pub use item::Item;
pub use options::{MAX_OPTIONS, SharedOption, shared_options};
pub use price::{Price, price_difference};
pub use text::{MAX_DETAIL_CHARS, MAX_TITLE_CHARS};
pub use titles::{MAX_STEPS, MAX_TITLES_PER_GRAM};
pub use weights::{MIN_SIMILARITY, MIN_SIMILARITY_SAME_CATEGORY};
