//! How to reach a PostgreSQL database, and why that may fail.

use std::{io, path::PathBuf, time::Duration};

use deadpool::managed::BuildError;
use diesel::ConnectionError;
use secrecy::SecretString;

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

impl Settings {
    /// What keeps a statement from taking too long: settings of the server's, in milliseconds.
    pub(super) fn limits(&self) -> [(&'static str, u128); 2] {
        [("statement_timeout", self.statement_timeout.as_millis()), ("lock_timeout", self.lock_timeout.as_millis())]
    }

    /// What begins a unit of work. Where the server's session is another each time, it brings the limits with it.
    pub(super) fn begin(&self) -> String {
        let limits = self.limits().map(|(name, value)| format!("; SET LOCAL {name} = {value}")).concat();
        match self.pool_mode {
            PoolMode::Session => String::from("BEGIN"),
            PoolMode::Transaction => format!("BEGIN{limits}"),
        }
    }
}
