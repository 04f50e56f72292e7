//! Traces for a collector, by OpenTelemetry's protocol.

mod collector;
pub mod exporter;
pub mod propagation;
pub mod request;
pub mod request_scope;
pub mod settings;
pub mod statement;
mod tracers;
