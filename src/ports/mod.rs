//! Traits between the domain and the outside: the use cases (`services`, `idempotency`), and their
//! dependencies (all others). A method's doc comment is its contract.
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
