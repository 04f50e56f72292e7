//! Settings of the engine, and the errors that they cause.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use deadpool::managed::BuildError;
use diesel::ConnectionError;
use secrecy::SecretString;

#[derive(Clone, Debug)]
pub struct Settings {
    /// `postgres://USER:PASSWORD@HOST,HOST/DATABASE` with libpq's parameters. Of several hosts the
    /// one that accepts writes is used.
    pub url: SecretString,
    pub pool_size: usize,
    /// Limit for waiting for a free connection.
    pub wait: Duration,
    pub pool_mode: PoolMode,
    pub connect_timeout: Duration,
    pub statement_timeout: Duration,
    pub lock_timeout: Duration,
    /// PEM file of the authorities for `sslmode=verify-full`, in place of the system's.
    pub ca_file: Option<PathBuf>,
    pub replicas: Option<ReplicaSettings>,
}

#[derive(Clone, Debug)]
pub struct ReplicaSettings {
    /// Like the URL of the primary, except that each host is a replica.
    pub url: SecretString,
    pub max_lag: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolMode {
    /// A connection has its own server session, with prepared statements and limits.
    Session,
    /// A pooler assigns a session to each transaction: no state may be left in it.
    Transaction,
}

#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The parser's message is omitted, since it quotes the URL.
    #[error("expected postgres://USER:PASSWORD@HOST/DATABASE with parameters of libpq such as sslmode=verify-full")]
    Url,
    #[error("DATABASE_CA_FILE: expected a PEM file with certificates")]
    Authorities(#[source] io::Error),
    #[error("cannot connect to the database")]
    Connection(#[from] ConnectionError),
    #[error(transparent)]
    Pool(#[from] BuildError),
    #[error("cannot monitor the replicas")]
    LagMonitor(#[source] io::Error),
}

impl Settings {
    /// Returns the server settings that limit statements, in milliseconds.
    pub(super) fn limits(&self) -> [(&'static str, u128); 2] {
        [("statement_timeout", self.statement_timeout.as_millis()), ("lock_timeout", self.lock_timeout.as_millis())]
    }

    /// Returns the SQL that begins a unit of work, with the limits if a pooler assigns the session.
    pub(super) fn begin_sql(&self) -> String {
        match self.pool_mode {
            PoolMode::Session => String::from("BEGIN"),
            PoolMode::Transaction => self
                .limits()
                .iter()
                .fold(String::from("BEGIN"), |sql, (name, value)| format!("{sql}; SET LOCAL {name} = {value}")),
        }
    }
}
