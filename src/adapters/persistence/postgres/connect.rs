//! What it takes to reach a PostgreSQL database, and the pools of connections to it.

use std::{num::NonZero, path::PathBuf, thread, time::Duration};

use deadpool::{
    Runtime,
    managed::{BuildError, Pool, Timeouts},
};
use diesel::ConnectionError;
use diesel_async::pooled_connection::{ManagerConfig, RecyclingMethod};
use futures_util::FutureExt;
use secrecy::SecretString;

use super::{
    connector::Connector,
    pools::{Connections, Pools},
    session::PostgresSession,
    statements::Patience,
};

/// How to reach a PostgreSQL database.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `postgres://USER:PASSWORD@HOST,HOST/DATABASE`, with libpq's parameters; `sslmode` may also be `verify-full`. Of
    /// several servers the one that takes writes is meant.
    pub url: SecretString,
    /// The most connections held at a time.
    pub pool_size: usize,
    /// How long a request waits for one.
    pub wait: Duration,
    /// Who keeps the server's sessions.
    pub pool_mode: PoolMode,
    /// How long connecting to a server may take.
    pub connect_timeout: Duration,
    /// How long a statement may take.
    pub statement_timeout: Duration,
    /// How long a statement may wait for a lock.
    pub lock_timeout: Duration,
    /// Authorities to trust with `sslmode=verify-full`, as PEM; the system's if there is none.
    pub ca_file: Option<PathBuf>,
}

/// For how long a session of the server's is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolMode {
    /// For as long as the connection: statements are prepared once, and the limits are the session's.
    Session,
    /// For one transaction at a time: a pooler between (PgBouncer in transaction mode) lends it. Nothing may be left
    /// behind in it.
    Transaction,
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

/// A session on the database; connections are opened as they are needed.
///
/// # Errors
/// When the settings cannot be read. Whether the server is there shows at the first use.
pub fn open(settings: &Settings) -> Result<PostgresSession, ConnectError> {
    let limits = settings.limits().map(|(name, value)| format!("-c {name}={value}")).join(" ");
    let connector =
        Connector::new(&settings.url, settings, &format!("{limits} -c plan_cache_mode=force_generic_plan"))?;
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    // At least as many connections as were asked for, and as many in each pool.
    let pools = cores.min(settings.pool_size);
    let size = settings.pool_size.div_ceil(pools);
    let pools = (0..pools).map(|_| pool(&connector, size, settings)).collect::<Result<_, _>>()?;
    Ok(PostgresSession::new(Pools::new("primary", pools), Patience::with(settings.statement_timeout), settings.begin()))
}

impl Settings {
    /// What keeps a statement from taking too long: settings of the server's, in milliseconds.
    fn limits(&self) -> [(&'static str, u128); 2] {
        [("statement_timeout", self.statement_timeout.as_millis()), ("lock_timeout", self.lock_timeout.as_millis())]
    }

    /// What begins a unit of work. Where the server's session is another each time, it brings the limits with it.
    fn begin(&self) -> String {
        let limits = self.limits().map(|(name, value)| format!("; SET LOCAL {name} = {value}")).concat();
        match self.pool_mode {
            PoolMode::Session => String::from("BEGIN"),
            PoolMode::Transaction => format!("BEGIN{limits}"),
        }
    }
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
    // The connector minds the time itself: each server has its own.
    let timeouts = Timeouts { wait: Some(settings.wait), create: None, recycle: None };
    Pool::builder(manager).max_size(size).timeouts(timeouts).runtime(Runtime::Tokio1).build()
}
