//! Adapters of the security ports: password hashes, tokens and rate limits.

pub mod argon2;
pub mod jwt;
pub mod rate_limiter;
