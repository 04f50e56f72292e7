//! The composition root: reads the configuration, wires the layers and runs them.
//!
//! - [`cli`], [`commands`]: what the program can be asked, and what it does then
//! - [`operations`], [`filling`], [`progress`]: databases filled, copied or emptied
//! - [`config`], [`telemetry`]: settings and logs
//! - [`container`], [`database`]: the wiring
//! - [`server`], [`tls`], [`exporter`]: the ports that are listened on
//! - [`shutdown`]: the end

pub mod cli;
pub mod commands;
pub mod config;
pub mod container;
pub mod database;
pub mod exporter;
pub mod filling;
pub mod operations;
pub mod progress;
pub mod server;
pub mod shutdown;
pub mod telemetry;
pub mod tls;
