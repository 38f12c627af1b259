//! Where the view's texts come from: in the Worker from a snapshot, once; in the browser from a
//! signal, again at each change.

#[cfg(feature = "ssr")]
pub(crate) use fixed::Source;
#[cfg(feature = "hydrate")]
pub(crate) use live::{Shown, Source};

/// Plain values: the Worker renders thousands of views a second and needs no signals for it.
#[cfg(feature = "ssr")]
mod fixed {
    use wire::Snapshot;

    pub(crate) struct Source<'a>(pub(crate) &'a Snapshot);

    impl Source<'_> {
        pub(crate) fn text(&self, write: fn(&Snapshot) -> String) -> String {
            write(self.0)
        }

        pub(crate) fn attribute(&self, write: fn(&Snapshot) -> Option<String>) -> Option<String> {
            write(self.0)
        }

        /// Nothing, at first paint.
        pub(crate) fn said(&self) -> String {
            String::new()
        }
    }
}

/// One signal and two types of closure for the whole view: each further type costs the shopper
/// about a kilobyte.
#[cfg(feature = "hydrate")]
mod live {
    use leptos::prelude::*;
    use wire::Snapshot;

    /// What an element shows.
    pub(crate) struct Shown {
        pub(crate) snapshot: Snapshot,
        /// The last change in words, for a screen reader.
        pub(crate) said: String,
    }

    pub(crate) struct Source(pub(crate) ArcRwSignal<Shown>);

    type Text = Box<dyn Fn() -> String + Send>;
    type Attribute = Box<dyn Fn() -> Option<String> + Send>;

    impl Source {
        pub(crate) fn text(&self, write: fn(&Snapshot) -> String) -> Text {
            let shown = self.0.clone();
            Box::new(move || shown.with(|shown| write(&shown.snapshot)))
        }

        pub(crate) fn attribute(&self, write: fn(&Snapshot) -> Option<String>) -> Attribute {
            let shown = self.0.clone();
            Box::new(move || shown.with(|shown| write(&shown.snapshot)))
        }

        /// Nothing, until something has changed.
        pub(crate) fn said(&self) -> Text {
            let shown = self.0.clone();
            Box::new(move || shown.with(|shown| shown.said.clone()))
        }
    }
}
