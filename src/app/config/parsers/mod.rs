//! Parsers of settings, and rules between several of them.

pub mod common;
pub mod database;
pub mod http;
pub mod security;
pub mod telemetry;
