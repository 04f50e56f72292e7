//! The log as its reader meets it: lines of JSON about requests that were sent over HTTP, on both engines.

#[path = "../support/mod.rs"]
mod support;

mod access;
mod correlation;
mod panics;
