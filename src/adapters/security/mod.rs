//! Cryptography behind the security ports.

pub mod argon2;
pub mod jwt;
pub mod rate_limiter;
