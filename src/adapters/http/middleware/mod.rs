//! What surrounds the handlers. Around all of them, from the outside in: [`request_log`], [`metrics`], [`errors`],
//! CORS. Around single routes, as [`routes`](super::routes) says: [`jwt`], [`transaction`].

pub mod errors;
pub mod jwt;
pub mod metrics;
pub mod request_log;
pub mod transaction;
