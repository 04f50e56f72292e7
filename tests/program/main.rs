//! The program as its operator meets it: settings and commands go in, lines and an exit status come out.

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod process;

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
