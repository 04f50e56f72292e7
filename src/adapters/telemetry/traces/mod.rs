//! Traces for a collector, by OpenTelemetry's protocol.

mod access_line;
mod attributes;
mod collector;
pub mod exporter;
pub mod settings;
mod span_layer;
