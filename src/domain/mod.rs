//! What Conduit is about, free of every technology: the model, its rules and the use cases.
//!
//! Nothing here names a web framework, a database, a container or a runtime; `tests/architecture.rs` holds it to that.

pub mod error;
pub mod model;
pub mod services;

pub use error::{Error, Resource};
