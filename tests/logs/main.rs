//! Log lines of requests that were sent over HTTP, on both engines.

#[path = "../support/mod.rs"]
mod support;

mod access;
mod correlation;
mod panics;
