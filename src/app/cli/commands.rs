//! Runs the commands of the command line.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use actix_web::rt::System;
use clap::{CommandFactory, Parser};
use clap_complete::Shell;
use futures_util::future::join;

use super::arguments::{Cli, Command, Serve};
use super::manual;
use super::operations;
use super::output::print_line;
use crate::adapters::http::middleware::inject_faults::FaultInjection;
use crate::adapters::http::openapi;
use crate::adapters::persistence::maintenance::doctor::Finding;
use crate::adapters::persistence::maintenance::migrate::Step;
use crate::adapters::telemetry::subscriber;
use crate::app::config::Config;
use crate::app::config::settings::GROUPS;
use crate::app::database;
use crate::app::server::application::Application;
use crate::domain::error::{Cause, WithCauses};

const HEALTHCHECK_TIMEOUT: Duration = Duration::from_secs(3);

/// Runs the command of this process, and prints its error on standard error.
pub fn run() -> ExitCode {
    match run_command(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", WithCauses(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn run_command(cli: Cli) -> Result<(), Cause> {
    let config = || Config::load(cli.config.as_deref());
    match cli.command.unwrap_or_default() {
        Command::Serve(arguments) => serve(config()?, &arguments),
        Command::Migrate(arguments) => migrate(&config()?, arguments.step(), arguments.force),
        Command::Doctor { repair } => doctor(&config()?, repair),
        Command::Seed(arguments) => System::new().block_on(operations::seed(&config()?, &arguments)),
        Command::Reset { force } => System::new().block_on(operations::reset(&config()?, force)),
        Command::Copy(arguments) => System::new().block_on(operations::copy(&config()?, &arguments)),
        Command::Backup { target } => backup(&config()?, &target),
        Command::Healthcheck => healthcheck(&config()?),
        Command::Openapi => print_line(openapi::pretty_json()?),
        Command::Completions { shell } => print_completions(shell),
        Command::Manual => print_manual(),
    }
}

fn serve(mut config: Config, arguments: &Serve) -> Result<(), Cause> {
    config.faults = fault_injection(arguments, config.is_dev())?;
    let telemetry = subscriber::init(&config.log, &config.traces)?;
    raise_open_file_limit();
    let served = System::new().block_on(async {
        let application = Application::build(&config).await?;
        let (address, metrics_address) = (application.address, application.metrics_address);
        // Polled after the application, which then serves and handles signals.
        let reported = async { report_started(&config, address, metrics_address) };
        let (served, ()) = join(application.run_until_stopped(), reported).await;
        Ok(served?)
    });
    telemetry.finish();
    served
}

fn fault_injection(arguments: &Serve, is_dev: bool) -> Result<FaultInjection, Cause> {
    let faults = FaultInjection {
        latency: arguments.latency.unwrap_or_default(),
        percent: arguments.fault_rate.unwrap_or_default(),
    };
    if faults.is_enabled() && !is_dev {
        return Err("CONDUIT_PROFILE is prod: --latency and --fault-rate are for development alone".into());
    }
    Ok(faults)
}

/// Each connection uses two file descriptors, and the soft limit is often 1,024.
fn raise_open_file_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

fn report_started(config: &Config, address: SocketAddr, metrics_address: SocketAddr) {
    let base = format!("{}://{address}", scheme(config));
    let api = format!("{base}/api");
    let metrics = format!("http://{metrics_address}/metrics");
    tracing::info!(api, metrics, database = config.database.url.to_string(), profile = ?config.profile, "listening");
    let faults = config.faults;
    if faults.is_enabled() {
        tracing::warn!(latency = ?faults.latency, percent = faults.percent, "faults are injected into answers of the API");
    }
    if config.is_dev() {
        let docs = if config.http.docs { format!("\nor open {base}/docs in a browser.\n") } else { String::new() };
        // The log reports a standard output that cannot be written.
        let _reported_elsewhere = print_line(format_args!(
            r#"
Conduit serves {api}. Try:

  curl {api}/tags
  curl {api}/users -d '{{"user": {{"username": "jake", "email": "jake@example.com", "password": "jakejake"}}}}'
{docs}"#
        ));
    }
}

fn scheme(config: &Config) -> &'static str {
    if config.http.tls_files().is_some() { "https" } else { "http" }
}

fn migrate(config: &Config, step: Step, force: bool) -> Result<(), Cause> {
    let system = System::new();
    if let Step::Revert(count) = step {
        system.block_on(operations::ensure_revertible(config, count, force))?;
    }
    let report = system.block_on(database::migrate(&config.database, step))?;
    let print =
        |state: &str, names: &[String]| names.iter().try_for_each(|name| print_line(format_args!("{state} {name}")));
    match step {
        Step::Apply => print("applied", &report.done)?,
        Step::Revert(_) => print("reverted", &report.done)?,
        Step::Inspect => {
            print("applied", &report.applied)?;
            print("pending", &report.pending)?;
        }
    }
    print_line(format_args!("{} applied, {} pending", report.applied.len(), report.pending.len()))
}

fn doctor(config: &Config, repair: bool) -> Result<(), Cause> {
    let findings = System::new().block_on(database::check_derived(&config.database, repair))?;
    for Finding { name, wrong_rows } in &findings {
        match wrong_rows {
            0 => print_line(format_args!("{name}: right"))?,
            rows => print_line(format_args!("{name}: wrong in {rows} rows"))?,
        }
    }
    if findings.iter().any(|finding| finding.wrong_rows != 0) {
        return Err("conduit doctor --repair corrects what is wrong".into());
    }
    Ok(())
}

fn backup(config: &Config, target: &Path) -> Result<(), Cause> {
    database::backup(&config.database, target)?;
    print_line(format_args!("wrote {}", target.display()))
}

fn healthcheck(config: &Config) -> Result<(), Cause> {
    let url = format!("{}://{}/readyz", scheme(config), config.http.probe_address());
    // The certificate names the public host, not the loopback address. No secret is sent.
    let tls = ureq::tls::TlsConfig::builder().disable_verification(true).build();
    let agent = ureq::Agent::config_builder().timeout_global(Some(HEALTHCHECK_TIMEOUT)).tls_config(tls);
    agent.build().new_agent().get(&url).call().map_err(|error| format!("{url}: {error}"))?;
    Ok(())
}

fn print_completions(shell: Shell) -> Result<(), Cause> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "conduit", &mut script);
    print_line(String::from_utf8(script)?.trim_end())
}

fn print_manual() -> Result<(), Cause> {
    let page = manual::page(&Cli::command(), GROUPS)?;
    print_line(String::from_utf8(page)?.trim_end())
}
