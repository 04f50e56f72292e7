//! What the commands of the command line do.

use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
    time::Duration,
};

use actix_web::rt::System;
use futures_util::future::join;

use super::{
    arguments::{Cli, Command, Migration, Serve},
    operations,
};
use crate::{
    adapters::{
        http::{middleware::inject_faults::FaultInjection, openapi},
        persistence::maintenance::{doctor::Finding, migrate::Step},
        telemetry::subscriber,
    },
    app::{config::Config, database, server::application::Application},
    domain::error::{Cause, WithCauses},
};

/// How long a health check waits for its answer.
const PROBE_DEADLINE: Duration = Duration::from_secs(3);

/// Does what was asked. What is wrong is told on standard error, a line each.
pub fn run(cli: &Cli) -> ExitCode {
    match perform(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", WithCauses(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn perform(cli: &Cli) -> Result<(), Cause> {
    let config = || Config::load(cli.config.as_deref());
    match cli.task() {
        Command::Serve(order) => serve(config()?, &order),
        Command::Migrate(task) => migrate_database(&config()?, task.task()),
        Command::Doctor(task) => examine(&config()?, task.repair),
        Command::Seed(order) => System::new().block_on(operations::seed(&config()?, &order)),
        Command::Reset(order) => System::new().block_on(operations::reset(&config()?, &order)),
        Command::Copy(order) => System::new().block_on(operations::copy(&config()?, &order)),
        Command::Backup(task) => backup(&config()?, &task.target),
        Command::Healthcheck => healthcheck(&config()?),
        Command::Openapi => print_document(),
    }
}

fn serve(mut config: Config, order: &Serve) -> Result<(), Cause> {
    config.faults = faults(order, config.is_dev())?;
    let telemetry = subscriber::init(&config.log, &config.traces)?;
    raise_limit();
    let served = System::new().block_on(async {
        let application = Application::build(&config).await?;
        let welcome = welcome(&config, &application);
        // In this order: when it is said that the server listens, it listens, and a signal stops it in good order.
        let (served, ()) = join(application.run_until_stopped(), async { welcome() }).await;
        Ok(served?)
    });
    telemetry.finish();
    served
}

fn faults(order: &Serve, is_dev: bool) -> Result<FaultInjection, Cause> {
    let faults =
        FaultInjection { latency: order.latency.unwrap_or_default(), percent: order.fault_rate.unwrap_or_default() };
    if faults.is_enabled() && !is_dev {
        return Err("CONDUIT_PROFILE is prod: --latency and --fault-rate are for development alone".into());
    }
    Ok(faults)
}

/// A connection takes two descriptors, and many systems allow a process 1,024 at first, but many more if it asks.
fn raise_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

/// What says where the server listens, and in development what to try first.
fn welcome(config: &Config, application: &Application) -> impl FnOnce() + use<> {
    let scheme = if config.http.tls_files().is_some() { "https" } else { "http" };
    let base = format!("{scheme}://{}", application.address());
    let api = format!("{base}/api");
    let metrics = format!("http://{}/metrics", application.metrics_address());
    let docs = if config.http.docs { format!("\nor open {base}/docs in a browser.\n") } else { String::new() };
    let (database, profile, is_dev) = (config.database.url.to_string(), config.profile, config.is_dev());
    let faults = config.faults;
    move || {
        tracing::info!(api, metrics, database, ?profile, "listening");
        if faults.is_enabled() {
            tracing::warn!(latency = ?faults.latency, percent = faults.percent, "faults are injected into answers of the API");
        }
        if is_dev {
            // Unlike `println!` this does not panic where nobody reads it.
            let _unread = writeln!(
                io::stdout(),
                r#"
Conduit serves {api}. Try:

  curl {api}/tags
  curl {api}/users -d '{{"user": {{"username": "jake", "email": "jake@example.com", "password": "jakejake"}}}}'
{docs}"#
            );
        }
    }
}

fn migrate_database(config: &Config, task: Migration) -> Result<(), Cause> {
    let step = match task {
        Migration::Apply => Step::Apply,
        Migration::Revert(count) => Step::Revert(usize::try_from(count.get())?),
        Migration::Status => Step::Inspect,
    };
    let report = System::new().block_on(database::migrate(&config.database, step))?;
    let print = |what: &str, names: &[String]| names.iter().for_each(|name| println!("{what} {name}"));
    match task {
        Migration::Apply => print("applied", &report.done),
        Migration::Revert(_) => print("reverted", &report.done),
        Migration::Status => {
            print("applied", &report.applied);
            print("pending", &report.pending);
        }
    }
    println!("{} applied, {} pending", report.applied.len(), report.pending.len());
    Ok(())
}

fn examine(config: &Config, repair: bool) -> Result<(), Cause> {
    let findings = System::new().block_on(database::examine(&config.database, repair))?;
    for Finding { name, wrong_rows } in &findings {
        match wrong_rows {
            0 => println!("{name}: right"),
            rows => println!("{name}: wrong in {rows} rows"),
        }
    }
    let all_right = findings.iter().all(|finding| finding.wrong_rows == 0);
    if all_right { Ok(()) } else { Err("not all is right: conduit doctor --repair sets it right".into()) }
}

fn backup(config: &Config, target: &Path) -> Result<(), Cause> {
    database::backup(&config.database, target)?;
    println!("wrote {}", target.display());
    Ok(())
}

fn healthcheck(config: &Config) -> Result<(), Cause> {
    let scheme = if config.http.tls_files().is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}/readyz", config.http.probe_address());
    // The certificate names the public host, not the loopback; what is asked here is not who answers.
    let tls = ureq::tls::TlsConfig::builder().disable_verification(true).build();
    let agent = ureq::Agent::config_builder().timeout_global(Some(PROBE_DEADLINE)).tls_config(tls).build().new_agent();
    agent.get(&url).call().map_err(|error| format!("{url}: {error}"))?;
    Ok(())
}

fn print_document() -> Result<(), Cause> {
    println!("{}", openapi::pretty_json()?);
    Ok(())
}
