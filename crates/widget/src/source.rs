//! Where the view's texts come from: in the Worker from the words of a snapshot, once; in the
//! browser from a signal, again at each change.

#[cfg(feature = "hydrate")]
pub(crate) use live::Source;
use wire::{Substitute, Words};
#[cfg(feature = "ssr")]
pub(crate) use written::Source;

/// What one element shows.
pub(crate) struct Shown {
    /// As it stands in `data-state`.
    pub(crate) state: String,
    pub(crate) words: Words,
    /// How long it may be until the first held unit is free: `4:59`. Only in the browser.
    pub(crate) left: String,
    /// The language of the words, and its direction, as they stand in `lang` and `dir`.
    pub(crate) language: String,
    pub(crate) direction: String,
    /// The last change in words, for a screen reader; nothing at first paint.
    pub(crate) said: String,
}

impl Shown {
    fn substitute(&self, place: usize) -> Option<&Substitute> {
        self.words.substitutes.get(place)
    }
}

/// Texts that never change while the element is on its page. The browser finds them where the
/// Worker wrote them, and so it need not know them.
#[derive(Clone, Copy)]
pub(crate) enum Fixed {
    Sku,
    Quantity,
    Instead,
}

/// Plain values: the Worker renders thousands of views a second and needs no signals for it.
#[cfg(feature = "ssr")]
mod written {
    use super::{Fixed, Shown};
    use crate::languages::Language;
    use crate::sign_up::sign_up;
    use wire::Substitute;

    const CLAIM: &str = "<div><p part=\"claim-said\"></p><p part=\"claim-units\"></p>\
        <p part=\"claim-until\"></p></div><button part=\"button\" hidden></button>";

    pub(crate) struct Source<'a> {
        pub(crate) shown: &'a Shown,
        pub(crate) language: &'a Language,
        pub(crate) shop: &'a str,
        pub(crate) sku: &'a str,
        pub(crate) is_product: bool,
    }

    impl Source<'_> {
        pub(crate) fn is_product(&self) -> bool {
            self.is_product
        }

        pub(crate) fn text(&self, of: fn(&Shown) -> &str) -> String {
            of(self.shown).to_owned()
        }

        pub(crate) fn attribute(&self, of: fn(&Shown) -> Option<&str>) -> Option<String> {
            of(self.shown).map(str::to_owned)
        }

        pub(crate) fn substitute_text(&self, place: usize, of: fn(&Substitute) -> &str) -> String {
            self.shown.substitute(place).map(of).unwrap_or_default().to_owned()
        }

        pub(crate) fn substitute_attribute(
            &self,
            place: usize,
            of: fn(&Substitute) -> Option<&str>,
        ) -> Option<String> {
            self.shown.substitute(place).and_then(of).map(str::to_owned)
        }

        pub(crate) fn hidden(&self, place: usize) -> Option<String> {
            self.shown.substitute(place).is_none().then(String::new)
        }

        pub(crate) fn notify(&self) -> String {
            sign_up(self.shop, self.sku, self.language)
        }

        /// Where `www/loader/claim.js` puts what is kept for the shopper: nothing of that is known here.
        pub(crate) fn claim(&self) -> &'static str {
            CLAIM
        }

        pub(crate) fn fixed(&self, text: Fixed) -> String {
            let labels = &self.language.labels;
            let text = match text {
                Fixed::Sku => self.sku,
                Fixed::Quantity => labels.quantity,
                Fixed::Instead => labels.instead,
            };
            text.to_owned()
        }
    }
}

/// One signal and two types of closure for the whole view: each further type costs the shopper
/// about a kilobyte.
#[cfg(feature = "hydrate")]
mod live {
    use super::{Fixed, Shown};
    use leptos::prelude::*;
    use wire::Substitute;

    pub(crate) struct Source {
        pub(crate) shown: ArcRwSignal<Shown>,
        pub(crate) is_product: bool,
    }

    type Text = Box<dyn Fn() -> String + Send>;
    type Attribute = Box<dyn Fn() -> Option<String> + Send>;

    impl Source {
        pub(crate) fn is_product(&self) -> bool {
            self.is_product
        }

        pub(crate) fn text(&self, of: fn(&Shown) -> &str) -> Text {
            let shown = self.shown.clone();
            Box::new(move || shown.with(|shown| of(shown).to_owned()))
        }

        pub(crate) fn attribute(&self, of: fn(&Shown) -> Option<&str>) -> Attribute {
            let shown = self.shown.clone();
            Box::new(move || shown.with(|shown| of(shown).map(str::to_owned)))
        }

        pub(crate) fn substitute_text(&self, place: usize, of: fn(&Substitute) -> &str) -> Text {
            let shown = self.shown.clone();
            Box::new(move || {
                shown.with(|shown| shown.substitute(place).map(of).unwrap_or_default().to_owned())
            })
        }

        pub(crate) fn substitute_attribute(
            &self,
            place: usize,
            of: fn(&Substitute) -> Option<&str>,
        ) -> Attribute {
            let shown = self.shown.clone();
            Box::new(move || {
                shown.with(|shown| shown.substitute(place).and_then(of).map(str::to_owned))
            })
        }

        pub(crate) fn hidden(&self, place: usize) -> Attribute {
            let shown = self.shown.clone();
            Box::new(move || {
                shown.with(|shown| shown.substitute(place).is_none().then(String::new))
            })
        }

        /// Leptos leaves what the Worker wrote when it takes over a text or attribute that is not
        /// reactive.
        pub(crate) fn fixed(&self, _text: Fixed) -> &'static str {
            ""
        }

        /// The same for HTML.
        pub(crate) fn notify(&self) -> &'static str {
            ""
        }

        /// The same.
        pub(crate) fn claim(&self) -> &'static str {
            ""
        }
    }
}
