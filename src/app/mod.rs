//! The composition root: reads the configuration, wires the layers and runs them.

pub mod cli;
#[deny(missing_docs)]
pub mod config;
pub mod database;
pub mod server;
pub mod telemetry;
