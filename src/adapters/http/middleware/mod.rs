//! What surrounds the handlers. Around all of them, from the outside in: [`connection`], [`draining`], [`request_log`],
//! [`metrics`], [`caching`], the headers of every answer, [`errors`], CORS, [`fault_injection`]. Around each resource:
//! [`panics`]. Around single routes, as [`routes`](super::routes) says: [`jwt`], [`idempotency`], [`transaction`].

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
