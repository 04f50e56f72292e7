//! Shared by the test binaries: a database per test on either engine, the application, HTTP clients and fixtures.
#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(unused_imports, reason = "each test binary uses its own part of this")]

pub mod app;
pub mod client;
pub mod counters;
pub mod database;
pub mod document;
pub mod fixtures;
pub mod lock;
pub mod log;
pub mod postgres;
pub mod response;
pub mod scrape;
pub mod script;

pub use app::TestApp;
pub use client::Client;
pub use database::{Database, Engine};
pub use lock::Lock;
pub use response::Response;
pub use scrape::Scrape;
