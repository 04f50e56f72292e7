//! Opens connections to the first usable server of a URL, beginning with the one used last.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use diesel::ConnectionError;
use diesel::connection::CacheSize;
use diesel_async::AsyncConnection;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::hosts::UrlParts;
use super::tls;
use crate::adapters::persistence::postgres::driver::connection::PgConnection;
use crate::adapters::persistence::postgres::driver::error::into_connection_error;
use crate::adapters::persistence::postgres::settings::{ConnectError, PoolMode, Settings};
use crate::domain::error::WithCauses;

/// Idle time before the first TCP probe, interval and number of probes: to notice before the next
/// request that the machine of a server is gone.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(15), Duration::from_secs(5), 3);

#[derive(Clone)]
pub struct Connector {
    servers: Arc<[Config]>,
    last_used: Arc<AtomicUsize>,
    timeout: Duration,
    tls: MakeRustlsConnect,
    pool_mode: PoolMode,
}

impl Connector {
    /// `limits` are options for the server sessions, such as `-c statement_timeout=5000`.
    pub fn new(url: &SecretString, settings: &Settings, limits: &str) -> Result<Self, ConnectError> {
        let url = UrlParts::parse(url.expose_secret()).ok_or(ConnectError::Url)?;
        let (verifies, has_several_servers) = (url.verifies_certificate(), url.servers().nth(1).is_some());
        let server = |one: UrlParts<'_>| {
            let mut config = Config::from_str(&one.to_driver_url()).map_err(|_quotes_the_url| ConnectError::Url)?;
            if verifies {
                config.ssl_mode(SslMode::Require);
            }
            if config.get_application_name().is_none() {
                config.application_name("conduit");
            }
            // Of several servers one takes writes at a time.
            if has_several_servers && !url.has_parameter("target_session_attrs") {
                config.target_session_attrs(TargetSessionAttrs::ReadWrite);
            }
            if !url.has_parameter("keepalives_idle") {
                let (idle, interval, retries) = KEEPALIVE;
                config.keepalives_idle(idle).keepalives_interval(interval).keepalives_retries(retries);
            }
            // A pooler cannot keep options for one of its clients.
            if settings.pool_mode == PoolMode::Session {
                let options = format!("{limits} {}", config.get_options().unwrap_or_default());
                config.options(options.trim());
            }
            Ok(config)
        };
        let servers = url.servers().map(server).collect::<Result<_, ConnectError>>()?;
        let tls = if verifies { tls::verifying(settings.ca_file.as_deref()) } else { tls::encrypting() };
        Ok(Self {
            servers,
            last_used: Arc::default(),
            timeout: settings.connect_timeout,
            tls: tls.map_err(ConnectError::Authorities)?,
            pool_mode: settings.pool_mode,
        })
    }

    pub fn names(&self) -> String {
        self.servers.iter().map(server_name).collect::<Vec<_>>().join(",")
    }

    pub async fn connect(&self) -> Result<PgConnection, ConnectionError> {
        let first = self.last_used.load(Ordering::Relaxed);
        let mut failures = Vec::new();
        for (index, server) in self.servers.iter().enumerate().cycle().skip(first).take(self.servers.len()) {
            match self.connect_to(server).await {
                Ok(connection) => {
                    self.last_used.store(index, Ordering::Relaxed);
                    return Ok(connection);
                }
                Err(failure) => failures.push(failure),
            }
        }
        Err(into_connection_error(failures.join("; ")))
    }

    async fn connect_to(&self, server: &Config) -> Result<PgConnection, String> {
        match timeout(self.timeout, server.connect(self.tls.clone())).await {
            Ok(Ok((client, connection))) => {
                let mut connection = PgConnection::new(client, connection);
                if self.pool_mode == PoolMode::Transaction {
                    connection.set_prepared_statement_cache_size(CacheSize::Disabled);
                }
                Ok(connection)
            }
            Ok(Err(error)) => Err(format!("{}: {}", server_name(server), WithCauses(&error))),
            Err(_) => Err(format!("{}: no response within {:?}", server_name(server), self.timeout)),
        }
    }
}

fn server_name(server: &Config) -> String {
    let host = match server.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        Some(Host::Unix(path)) => path.display().to_string(),
        None => String::from("no host"),
    };
    let port = server.get_ports().first().copied().unwrap_or(5432);
    format!("{host}:{port}")
}
