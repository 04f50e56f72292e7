//! The program as its operator meets it: settings and commands go in, lines and an exit status come out.

#[path = "../support/mod.rs"]
mod support;

mod process;

mod commands;
mod database_url;
mod https;
mod metrics;
mod migrate;
mod secrets;
mod serve;
mod settings;
