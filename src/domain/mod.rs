//! Model, rules and use cases, free of web frameworks, databases, containers and runtimes
//! (enforced by `tests/architecture`).

pub mod error;
pub mod model;
pub mod services;

pub use error::{Error, Resource};
