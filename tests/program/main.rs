//! The program as a child process: settings, commands, output and exit status.

#[path = "../support/mod.rs"]
mod support;

mod exit;
mod process;
mod snapshot;

mod backup;
mod commands;
mod copy;
mod database_url;
mod fault_injection;
mod https;
mod logs;
mod metrics;
mod migrate;
mod secrets;
mod seed;
mod serve;
mod settings;
mod shutdown;
mod traces;
