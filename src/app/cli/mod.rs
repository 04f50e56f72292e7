//! The command line: its arguments and what each command does.

pub mod arguments;
pub mod commands;
mod operations;
mod progress;
pub mod seed;
mod transfer;
