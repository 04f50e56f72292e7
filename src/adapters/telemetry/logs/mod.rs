//! Log lines: their format, and their way to standard output.

mod escape;
mod json;
pub mod line_layer;
pub mod log_batch;
pub mod panics;
mod pretty;
mod rfc3339;
pub mod settings;
pub mod stdout;

pub use json::Json;
pub use pretty::Pretty;
