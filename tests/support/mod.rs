//! What the tests share: engines with databases of their own, the application as a black box, and clients with roles.
#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(unused_imports, reason = "each test binary uses its own part of this")]

pub mod app;
pub mod client;
pub mod counters;
pub mod database;
pub mod document;
pub mod lock;
pub mod log;
pub mod postgres;
pub mod scrape;
pub mod script;

pub use app::TestApp;
pub use client::{Client, Reply};
pub use database::{Database, Engine};
pub use lock::Lock;
pub use scrape::Scrape;
