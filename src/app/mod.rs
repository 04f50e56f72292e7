//! The composition root: reads the configuration, wires the layers and runs them.

pub mod cli;
pub mod config;
pub mod database;
pub mod server;
