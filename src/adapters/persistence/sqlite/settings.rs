//! Settings of a SQLite database, and the errors of opening it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use deadpool::managed::BuildError;
use diesel::ConnectionError;

#[derive(Clone, Debug)]
pub struct Settings {
    /// Path of the file, which is created if it is missing.
    pub path: PathBuf,
    /// Maximum number of pooled read connections.
    pub readers: usize,
    /// How long a statement waits for a read connection.
    pub wait: Duration,
    /// How long a statement waits for the write connection.
    pub write_wait: Duration,
    /// How long a statement waits for a lock of another process.
    pub busy_timeout: Duration,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error(transparent)]
    SetUp(#[from] diesel::result::Error),
    #[error(transparent)]
    Thread(#[from] tokio::task::JoinError),
    #[error(transparent)]
    Pool(#[from] BuildError),
    #[error("cannot start a thread")]
    Writer(#[source] io::Error),
}
