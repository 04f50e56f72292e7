//! The openings in the domain's wall: what it offers (`services`) and what it needs (everything else).
#![deny(missing_docs)]

pub mod bulk;
pub mod business_events;
pub mod clock;
pub mod idempotency;
pub mod rate_limiter;
pub mod repositories;
pub mod security;
pub mod services;
pub mod unit_of_work;
