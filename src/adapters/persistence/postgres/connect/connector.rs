//! Opens connections to the server that will do, of those that the URL names.

use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use diesel::{ConnectionError, connection::CacheSize};
use diesel_async::AsyncConnection;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;
use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    hosts::{has_parameter, urls_of, without_verify_full},
    tls,
};
use crate::{
    adapters::persistence::postgres::{
        driver::{connection::PgConnection, error::into_connection_error},
        settings::{ConnectError, PoolMode, Settings},
    },
    domain::error::WithCauses,
};

/// When an idle connection is probed, how often and how many times before it is given up: without, a server whose
/// machine is gone would be noticed by the next request alone.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(15), Duration::from_secs(5), 3);

/// Opens connections to the first server that will do, beginning with the one that did last.
#[derive(Clone)]
pub struct Connector {
    servers: Arc<[Config]>,
    last: Arc<AtomicUsize>,
    timeout: Duration,
    tls: MakeRustlsConnect,
    pool_mode: PoolMode,
}

/// No server will do; why, for each.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
struct Unreachable(Vec<Refusal>);

/// Why a server will not do.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("{0}: {causes}", causes = WithCauses(.1))]
    Refused(String, tokio_postgres::Error),
    #[error("{0}: no answer within {1:?}")]
    Silent(String, Duration),
}

impl Connector {
    /// A connector to the servers that this URL names; `limits` are settings of the server's sessions.
    ///
    /// # Errors
    /// When the URL or the authorities cannot be read.
    pub fn new(url: &SecretString, settings: &Settings, limits: &str) -> Result<Self, ConnectError> {
        let (url, verifies) = without_verify_full(url.expose_secret());
        let urls = urls_of(&url);
        let server = |one: &String| {
            let mut config = Config::from_str(one).map_err(|_quotes_the_url| ConnectError::Url)?;
            if verifies {
                config.ssl_mode(SslMode::Require);
            }
            if config.get_application_name().is_none() {
                config.application_name("conduit");
            }
            // Of several servers one takes writes at a time.
            if urls.len() > 1 && !has_parameter(&url, "target_session_attrs") {
                config.target_session_attrs(TargetSessionAttrs::ReadWrite);
            }
            if !has_parameter(&url, "keepalives_idle") {
                let (idle, interval, retries) = KEEPALIVE;
                config.keepalives_idle(idle).keepalives_interval(interval).keepalives_retries(retries);
            }
            // A pooler between does not know for whom a session of the server's would be set up.
            if settings.pool_mode == PoolMode::Session {
                let options = format!("{limits} {}", config.get_options().unwrap_or_default());
                config.options(options.trim());
            }
            Ok(config)
        };
        let servers = urls.iter().map(server).collect::<Result<_, ConnectError>>()?;
        let tls = if verifies { tls::verifying(settings.ca_file.as_deref()) } else { tls::encrypting() };
        Ok(Self {
            servers,
            last: Arc::default(),
            timeout: settings.connect_timeout,
            tls: tls.map_err(ConnectError::Authorities)?,
            pool_mode: settings.pool_mode,
        })
    }

    /// What the servers are called; no password is in it.
    pub fn names(&self) -> String {
        self.servers.iter().map(name).collect::<Vec<_>>().join(",")
    }

    /// Opens a connection.
    ///
    /// # Errors
    /// When no server will do, with the reason of each.
    pub async fn connect(&self) -> Result<PgConnection, ConnectionError> {
        let from = self.last.load(Ordering::Relaxed);
        let mut refusals = Vec::new();
        for (number, server) in self.servers.iter().enumerate().cycle().skip(from).take(self.servers.len()) {
            match self.connect_to(server).await {
                Ok(connection) => {
                    self.last.store(number, Ordering::Relaxed);
                    return Ok(connection);
                }
                Err(refusal) => refusals.push(refusal),
            }
        }
        Err(into_connection_error(Unreachable(refusals)))
    }

    async fn connect_to(&self, server: &Config) -> Result<PgConnection, Refusal> {
        match timeout(self.timeout, server.connect(self.tls.clone())).await {
            Ok(Ok((client, connection))) => {
                let mut connection = PgConnection::new(client, connection);
                if self.pool_mode == PoolMode::Transaction {
                    connection.set_prepared_statement_cache_size(CacheSize::Disabled);
                }
                Ok(connection)
            }
            Ok(Err(error)) => Err(Refusal::Refused(name(server), error)),
            Err(_) => Err(Refusal::Silent(name(server), self.timeout)),
        }
    }
}

/// `HOST:PORT`, for messages.
fn name(server: &Config) -> String {
    let host = match server.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        Some(Host::Unix(path)) => path.display().to_string(),
        None => String::from("no host"),
    };
    let port = server.get_ports().first().copied().unwrap_or(5432);
    format!("{host}:{port}")
}
