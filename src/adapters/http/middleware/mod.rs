//! What surrounds the handlers. Around all of them, from the outside in: [`request_log`], [`metrics`], [`errors`],
//! CORS. Around each resource: [`panics`]. Around single routes, as [`routes`](super::routes) says: [`jwt`],
//! [`idempotency`], [`transaction`].

pub mod caching;
pub mod connection;
pub mod draining;
pub mod errors;
pub mod fault_injection;
pub mod idempotency;
pub mod jwt;
pub mod metrics;
pub mod panics;
pub mod request_log;
pub mod transaction;
