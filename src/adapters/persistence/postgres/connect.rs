//! Connections to a PostgreSQL server.

use std::{num::NonZero, path::PathBuf, str::FromStr, sync::Arc, thread, time::Duration};

use deadpool::{
    Runtime,
    managed::{BuildError, Pool, Timeouts},
};
use diesel::ConnectionError;
use diesel_async::pooled_connection::{ManagerConfig, RecyclingMethod};
use futures_util::FutureExt;
use secrecy::{ExposeSecret, SecretString};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    connection::{PgConnection, refused},
    pools::{Connections, Pools},
    session::PostgresSession,
    statements::Patience,
    tls,
};

/// How to reach a PostgreSQL database.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `postgres://USER:PASSWORD@HOST/DATABASE`, with libpq's parameters; `sslmode` may also be `verify-full`.
    pub url: SecretString,
    /// The most connections held at a time.
    pub pool_size: usize,
    /// How long a request waits for one.
    pub wait: Duration,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a statement may take.
    pub statement_timeout: Duration,
    /// How long a statement may wait for a lock.
    pub lock_timeout: Duration,
    /// Authorities to trust with `sslmode=verify-full`, as PEM; the system's if there is none.
    pub ca_file: Option<PathBuf>,
}

/// Why the settings lead to no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL, or a parameter in it, cannot be read. What the parser says is left out: it quotes the URL.
    #[error("expected postgres://USER:PASSWORD@HOST/DATABASE with parameters of libpq such as sslmode=verify-full")]
    Url,
    /// The trusted authorities cannot be read.
    #[error("DATABASE_CA_FILE: expected a PEM file with certificates")]
    Authorities(#[source] std::io::Error),
    /// The server refused, or is not there.
    #[error("cannot connect to the database")]
    Connection(#[from] ConnectionError),
    /// The pool cannot be made of these settings.
    #[error(transparent)]
    Pool(#[from] BuildError),
}

/// Opens connections.
#[derive(Clone)]
pub(in crate::adapters::persistence) struct Connector {
    config: Arc<tokio_postgres::Config>,
    tls: MakeRustlsConnect,
}

impl Connector {
    /// A connector with these settings. `limits` are settings of the server's sessions.
    pub fn new(settings: &Settings, limits: &str) -> Result<Self, ConnectError> {
        let (url, verifies) = without_verify_full(settings.url.expose_secret());
        let mut config = tokio_postgres::Config::from_str(&url).map_err(|_quotes_the_url| ConnectError::Url)?;
        if verifies {
            config.ssl_mode(tokio_postgres::config::SslMode::Require);
        }
        if config.get_application_name().is_none() {
            config.application_name("conduit");
        }
        let given = config.get_options().unwrap_or_default();
        let options = format!("{limits} {given}");
        config.connect_timeout(settings.connect_timeout).options(options.trim());
        let tls = if verifies { tls::verifying(settings.ca_file.as_deref()) } else { tls::encrypting() };
        Ok(Self { config: Arc::new(config), tls: tls.map_err(ConnectError::Authorities)? })
    }

    /// Opens a connection.
    pub async fn connect(&self) -> Result<PgConnection, ConnectionError> {
        let (client, connection) = self.config.connect(self.tls.clone()).await.map_err(refused)?;
        Ok(PgConnection::new(client, connection))
    }
}

/// The URL in words that tokio-postgres knows, and whether the server's certificate is to be verified.
fn without_verify_full(url: &str) -> (String, bool) {
    match url.split_once('?') {
        Some((base, query)) => {
            let verifies = |parameter: &&str| *parameter == "sslmode=verify-full";
            let rest: Vec<&str> = query.split('&').filter(|parameter| !verifies(parameter)).collect();
            let url = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
            (url, query.split('&').any(|parameter| verifies(&parameter)))
        }
        None => (url.to_owned(), false),
    }
}

/// A session on the database; connections are opened as they are needed.
///
/// # Errors
/// When the settings cannot be read. Whether the server is there shows at the first use.
pub fn open(settings: &Settings) -> Result<PostgresSession, ConnectError> {
    let limits = format!(
        "-c statement_timeout={} -c lock_timeout={} -c plan_cache_mode=force_generic_plan",
        settings.statement_timeout.as_millis(),
        settings.lock_timeout.as_millis(),
    );
    let connector = Connector::new(settings, &limits)?;
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    // At least as many connections as were asked for, and as many in each pool.
    let pools = cores.min(settings.pool_size);
    let size = settings.pool_size.div_ceil(pools);
    let pools = (0..pools).map(|_| pool(&connector, size, settings)).collect::<Result<_, _>>()?;
    Ok(PostgresSession::new(Pools::new("primary", pools), Patience::with(settings.statement_timeout)))
}

fn pool(connector: &Connector, size: usize, settings: &Settings) -> Result<Pool<Connections>, BuildError> {
    let connector = connector.clone();
    let mut config = ManagerConfig::default();
    // A ping at each checkout would double the round trips of a read. A connection that the server closed is seen
    // without one.
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |_| {
        let connector = connector.clone();
        async move { connector.connect().await }.boxed()
    });
    let manager = Connections::new_with_config(String::new(), config);
    let timeouts = Timeouts { wait: Some(settings.wait), create: Some(settings.connect_timeout), recycle: None };
    Pool::builder(manager).max_size(size).timeouts(timeouts).runtime(Runtime::Tokio1).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verify_full_is_taken_out_of_the_url() {
        let cases = [
            ("postgres://h/d", "postgres://h/d", false),
            ("postgres://h/d?sslmode=require", "postgres://h/d?sslmode=require", false),
            ("postgres://h/d?sslmode=verify-full", "postgres://h/d", true),
            ("postgres://h/d?a=1&sslmode=verify-full&b=2", "postgres://h/d?a=1&b=2", true),
        ];
        for (given, url, verifies) in cases {
            assert_eq!(without_verify_full(given), (url.to_owned(), verifies));
        }
    }
}
