//! The openings in the domain's wall: what it offers (`services`) and what it needs (everything else).

pub mod bulk;
pub mod clock;
pub mod events;
pub mod idempotency;
pub mod repositories;
pub mod security;
pub mod services;
pub mod throttle;
pub mod unit_of_work;
