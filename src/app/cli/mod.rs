//! The command line: its arguments and commands.

pub mod arguments;
pub mod commands;
mod operations;
mod progress;
pub mod seed;
mod transfer;
