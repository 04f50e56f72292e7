//! What it takes to reach a PostgreSQL database, and the pools of connections to it.

use std::{io, num::NonZero, path::PathBuf, thread, time::Duration};

use deadpool::{
    Runtime,
    managed::{BuildError, Pool, Timeouts},
};
use diesel::ConnectionError;
use diesel_async::pooled_connection::{ManagerConfig, RecyclingMethod};
use futures_util::FutureExt;
use secrecy::{ExposeSecret, SecretString};

use super::{
    connector::Connector,
    hosts::urls_of,
    lag,
    pools::{Connections, Pools},
    replicas::Replicas,
    session::PostgresSession,
};
use crate::adapters::persistence::measures::PoolMeasures;

/// What the pools of all replicas are called where they are measured.
const REPLICA: &str = "replica";

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
    /// Servers that follow and may answer anonymous readers.
    pub replicas: Option<ReplicaSettings>,
}

/// How to reach the replicas of a database.
#[derive(Clone, Debug)]
pub struct ReplicaSettings {
    /// As that of the primary; each of several servers is a replica.
    pub url: SecretString,
    /// How far one may be behind to be asked.
    pub max_lag: Duration,
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
    /// Replicas cannot be watched.
    #[error("cannot watch the replicas")]
    Watch(#[source] io::Error),
}

/// A session on the database; connections are opened as they are needed.
///
/// # Errors
/// When the settings cannot be read. Whether the server is there shows at the first use.
pub fn open(settings: &Settings) -> Result<PostgresSession, ConnectError> {
    let connector = settings.connector(&settings.url)?;
    let replicas = settings.replicas.as_ref().map(|replicas| follow(&connector, replicas, settings)).transpose()?;
    let pools = settings.pools("primary", &connector)?;
    Ok(PostgresSession::new(pools, replicas.unwrap_or_default(), settings.statement_timeout, settings.begin()))
}

/// The replicas, which are watched from now on.
fn follow(primary: &Connector, replicas: &ReplicaSettings, settings: &Settings) -> Result<Replicas, ConnectError> {
    let urls = urls_of(replicas.url.expose_secret()).into_iter().map(SecretString::from);
    let connectors = urls.map(|url| settings.connector(&url)).collect::<Result<Vec<_>, _>>()?;
    let each = connectors.iter().map(|connector| settings.pools(REPLICA, connector)).collect::<Result<_, _>>()?;
    let replicas = Replicas::new(each, replicas.max_lag, PoolMeasures::of(REPLICA));
    lag::watch(primary.clone(), replicas.downgrade(), connectors).map_err(ConnectError::Watch)?;
    Ok(replicas)
}

/// The connections that were asked for, shared out among pools, one per core.
fn pools(connector: &Connector, settings: &Settings) -> Result<Vec<Pool<Connections>>, BuildError> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let pools = cores.min(settings.pool_size);
    (0..pools).map(|number| pool(connector, share(settings.pool_size, pools, number), settings)).collect()
}

/// How many of `all` the one of this number gets, where so many share.
fn share(all: usize, sharing: usize, number: usize) -> usize {
    all / sharing + usize::from(number < all % sharing)
}

impl Settings {
    /// Pools of connections to these servers. A pooler between might lend each of the questions that share a connection
    /// another session: then they do not.
    fn pools(&self, name: &'static str, connector: &Connector) -> Result<Pools, ConnectError> {
        let pools = Pools::new(name, pools(connector, self)?);
        Ok(if self.pool_mode == PoolMode::Session { pools.with_meetings() } else { pools })
    }

    fn connector(&self, url: &SecretString) -> Result<Connector, ConnectError> {
        let limits = self.limits().map(|(name, value)| format!("-c {name}={value}")).join(" ");
        Connector::new(url, self, &format!("{limits} -c plan_cache_mode=force_generic_plan"))
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_have_as_many_connections_as_were_asked_for_and_none_has_none() {
        for all in 1..40 {
            for sharing in 1..=all {
                let shares = (0..sharing).map(|number| share(all, sharing, number));
                assert_eq!((shares.clone().sum(), shares.min() >= Some(1)), (all, true), "{all} among {sharing}");
            }
        }
    }
}
