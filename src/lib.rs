//! Conduit, a RealWorld backend, in four layers:
//!
//! - [`domain`]: model, errors and use cases
//! - [`ports`]: traits that use cases implement, and traits that they call
//! - [`adapters`]: HTTP, persistence, security and telemetry
//! - [`app`]: command line, configuration and composition root
//!
//! `tests/architecture` defines and enforces which layer may import which.
#![deny(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::large_futures,
    clippy::map_err_ignore,
    clippy::panic,
    clippy::todo,
    clippy::unwrap_used,
    reason = "a failure must become an error response, not a panic"
)]
#![deny(clippy::print_stdout, reason = "println! panics if standard output is closed")]

pub mod adapters;
pub mod app;
pub mod domain;
pub mod ports;
