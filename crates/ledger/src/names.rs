//! Identifiers that the merchant chose: opaque, case-sensitive, never trimmed.

use std::fmt;

/// Longest SKU. With percent-encoding's three bytes for one it has 384, and with the shop's id
/// before it, it stays inside KV's 512-byte keys.
pub const MAX_SKU_BYTES: usize = 128;

/// Longest location name.
pub const MAX_LOCATION_BYTES: usize = 64;

/// Longest region.
pub const MAX_REGION_BYTES: usize = 32;

/// Why a text is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing in it.
    #[error("it is empty")]
    Empty,
    /// More bytes than allowed.
    #[error("it has {bytes} bytes; at most {most} are allowed")]
    TooLong {
        /// How many it has.
        bytes: usize,
        /// How many it may have.
        most: usize,
    },
    /// A line break, a tab, a NUL or the like.
    #[error("it has a control character in it")]
    ControlCharacter,
}

fn check(text: &str, most: usize) -> Result<(), BadName> {
    if text.is_empty() {
        return Err(BadName::Empty);
    }
    if text.len() > most {
        return Err(BadName::TooLong { bytes: text.len(), most });
    }
    if text.chars().any(char::is_control) {
        return Err(BadName::ControlCharacter);
    }
    Ok(())
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $most:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            ///
            /// # Errors
            /// When it is empty, too long or has a control character in it.
            pub fn new(text: impl Into<String>) -> Result<Self, BadName> {
                let text = text.into();
                check(&text, $most)?;
                Ok(Self(text))
            }

            /// The text as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// The merchant's identifier of one thing that is sold.
    Sku, MAX_SKU_BYTES
}

name! {
    /// Where stock is: a warehouse, a store, a supplier that drop-ships.
    Location, MAX_LOCATION_BYTES
}

name! {
    /// Where a location is near to: a country's code, a state's, whatever the shop's orders say.
    Region, MAX_REGION_BYTES
}

impl Location {
    /// The location of a shop that names none.
    pub fn main() -> Self {
        Self("main".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skus_are_opaque() {
        for text in ["85123A", "85123a", " x ", "a/b?c=d", "🎁🎀", &"x".repeat(128)] {
            assert_eq!(Sku::new(text).map(|sku| sku.as_str().to_owned()), Ok(text.to_owned()));
        }
        assert_ne!(Sku::new("85123A"), Sku::new("85123a"));
    }

    #[test]
    fn what_is_no_sku() {
        assert_eq!(Sku::new(""), Err(BadName::Empty));
        assert_eq!(Sku::new("x".repeat(129)), Err(BadName::TooLong { bytes: 129, most: 128 }));
        assert_eq!(Sku::new("a\nb"), Err(BadName::ControlCharacter));
    }
}
