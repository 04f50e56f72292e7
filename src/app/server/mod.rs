//! The server: wiring, start and graceful shutdown.

pub mod application;
pub mod container;
mod exporter;
mod shutdown;
mod tls;
