//! What is known of a SKU.

use crate::Price;

/// A SKU's details, as the merchant gave them. Texts may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item<'a> {
    /// The merchant's identifier, opaque and case-sensitive.
    pub sku: &'a str,
    /// Groups variants; opaque. An empty one groups nothing.
    pub product_id: Option<&'a str>,
    /// One that is empty, or is the SKU itself, says nothing and is similar to nothing.
    pub title: &'a str,
    /// The merchant's own sorting.
    pub category: Option<&'a str>,
    /// What tells this variant from its siblings: `Red / XL`, `Colour: Red, Size: XL`.
    pub options: Option<&'a str>,
    /// What one unit costs.
    pub price: Option<Price<'a>>,
    /// SKUs that the merchant would offer instead, the best first. Unknown ones are passed over.
    pub chosen: Vec<&'a str>,
}
