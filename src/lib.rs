//! Conduit: the RealWorld backend as a small service done right.
//!
//! Four layers, with arrows that point inwards only:
//!
//! - [`domain`]: what it is about, and the use cases
//! - [`ports`]: what the domain offers and what it needs
//! - [`adapters`]: HTTP, stores and cryptography, each behind a port
//! - [`app`]: the composition root, which knows them all

pub mod adapters;
pub mod app;
pub mod domain;
pub mod ports;
