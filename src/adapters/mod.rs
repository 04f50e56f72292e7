//! The technologies behind the ports: HTTP, databases, cryptography, telemetry, the clock.

pub mod http;
pub mod persistence;
pub mod security;
pub mod system;
pub mod telemetry;
