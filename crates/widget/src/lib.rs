//! The view that the Worker renders and the browser hydrates.
