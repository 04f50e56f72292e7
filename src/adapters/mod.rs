//! The technologies: what reaches the domain (HTTP) and what the domain reaches (stores, cryptography, the clock).

pub mod http;
pub mod persistence;
pub mod security;
pub mod system;
