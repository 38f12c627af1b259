//! The Worker: routes and objects.
