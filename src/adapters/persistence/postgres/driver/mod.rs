//! Runs diesel on tokio-postgres.

pub mod connection;
pub mod encoded_statement;
pub mod error;
pub mod row;
pub mod runner;
