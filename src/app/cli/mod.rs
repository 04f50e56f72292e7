//! The command line: its arguments and commands.

pub mod arguments;
pub mod commands;
mod manual;
mod operations;
mod output;
mod progress;
pub mod seed;
mod transfer;
