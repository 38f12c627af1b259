//! Where the view's texts come from: in the Worker from the words of a snapshot, once; in the
//! browser from a signal, again at each change.

#[cfg(feature = "ssr")]
pub(crate) use fixed::Source;
#[cfg(feature = "hydrate")]
pub(crate) use live::Source;
use wire::Words;

/// What one element shows.
pub(crate) struct Shown {
    /// As it stands in `data-state`.
    pub(crate) state: String,
    pub(crate) words: Words,
    /// The language of the words, and its direction, as they stand in `lang` and `dir`.
    pub(crate) language: String,
    pub(crate) direction: String,
    /// The last change in words, for a screen reader; nothing at first paint.
    pub(crate) said: String,
}

/// Plain values: the Worker renders thousands of views a second and needs no signals for it.
#[cfg(feature = "ssr")]
mod fixed {
    use super::Shown;

    pub(crate) struct Source<'a>(pub(crate) &'a Shown);

    impl Source<'_> {
        pub(crate) fn text(&self, of: fn(&Shown) -> &str) -> String {
            of(self.0).to_owned()
        }

        pub(crate) fn attribute(&self, of: fn(&Shown) -> Option<&str>) -> Option<String> {
            of(self.0).map(str::to_owned)
        }
    }
}

/// One signal and two types of closure for the whole view: each further type costs the shopper
/// about a kilobyte.
#[cfg(feature = "hydrate")]
mod live {
    use super::Shown;
    use leptos::prelude::*;

    pub(crate) struct Source(pub(crate) ArcRwSignal<Shown>);

    type Text = Box<dyn Fn() -> String + Send>;
    type Attribute = Box<dyn Fn() -> Option<String> + Send>;

    impl Source {
        pub(crate) fn text(&self, of: fn(&Shown) -> &str) -> Text {
            let shown = self.0.clone();
            Box::new(move || shown.with(|shown| of(shown).to_owned()))
        }

        pub(crate) fn attribute(&self, of: fn(&Shown) -> Option<&str>) -> Attribute {
            let shown = self.0.clone();
            Box::new(move || shown.with(|shown| of(shown).map(str::to_owned)))
        }
    }
}
