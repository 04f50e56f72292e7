//! The server: wiring, start and graceful shutdown.

pub mod application;
pub mod container;
mod error;
mod exporter;
mod shutdown;
mod tls;
