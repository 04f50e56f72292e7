//! The technologies: what reaches the domain (HTTP), what the domain reaches (stores, cryptography, the clock), and what
//! measures both.

pub mod http;
pub mod log_turn;
pub mod metrics;
pub mod persistence;
pub mod security;
pub mod seed;
pub mod system;
