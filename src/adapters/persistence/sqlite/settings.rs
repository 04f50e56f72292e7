//! How to reach a SQLite database, and why that may fail.

use std::{io, path::PathBuf, time::Duration};

use deadpool::managed::BuildError;
use diesel::ConnectionError;

/// How to reach a SQLite database.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The file; it is made when it is not there.
    pub path: PathBuf,
    /// How many connections read at a time.
    pub readers: usize,
    /// How long a request waits for a connection that reads.
    pub wait: Duration,
    /// How long a request waits for the connection that writes: writers queue here, one after the other.
    pub write_wait: Duration,
    /// How long a statement waits for a lock that another process holds.
    pub busy_timeout: Duration,
}

/// Why a connection could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite refused.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// The set-up of the connection failed.
    #[error(transparent)]
    SetUp(#[from] diesel::result::Error),
    /// The blocking thread died.
    #[error(transparent)]
    Thread(#[from] tokio::task::JoinError),
    /// The pool cannot be made of these settings.
    #[error(transparent)]
    Pool(#[from] BuildError),
    /// There can be no thread for the connection that writes.
    #[error("cannot start a thread")]
    Writer(#[source] io::Error),
}
