//! The API as front ends meet it: over HTTP, on both engines. Files mirror the URLs.

#[path = "../support/mod.rs"]
mod support;

mod articles_slug;
