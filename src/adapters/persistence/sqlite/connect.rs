//! Connections to a SQLite file: several that read and one that writes.

use std::{path::PathBuf, time::Duration};

use deadpool::{
    Runtime,
    managed::{BuildError, Manager, Metrics, Pool, RecycleResult, Timeouts},
};
use diesel::{Connection, ConnectionError, SqliteConnection, connection::SimpleConnection};
use tokio::task::spawn_blocking;

use super::session::SqliteSession;
use crate::adapters::persistence::question::Access;

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
    /// The pools cannot be made of these settings.
    #[error(transparent)]
    Pool(#[from] BuildError),
}

/// Opens connections of one kind.
pub struct Connections {
    settings: Settings,
    access: Access,
}

impl Settings {
    /// Opens a connection of this kind; blocks.
    ///
    /// # Errors
    /// When the file cannot be opened or is no database.
    pub fn connect(&self, access: Access) -> Result<SqliteConnection, OpenError> {
        let mut connection = SqliteConnection::establish(&self.path.to_string_lossy())?;
        // First of all, because the switch to WAL itself may have to wait for a lock.
        connection.batch_execute(&format!("pragma busy_timeout = {}", self.busy_timeout.as_millis()))?;
        // FULL: with NORMAL a power cut may take the last commits that were acknowledged. The cache, 8 MiB of each connection's
        // own: mapping the file instead is a tenth faster, and counts the whole of it as resident once per connection.
        connection.batch_execute(
            "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;
            pragma cache_size = -8192;",
        )?;
        if access == Access::Read {
            connection.batch_execute("pragma query_only = on")?;
        }
        Ok(connection)
    }
}

impl Manager for Connections {
    type Type = SqliteConnection;
    type Error = OpenError;

    async fn create(&self) -> Result<SqliteConnection, OpenError> {
        let (settings, access) = (self.settings.clone(), self.access);
        spawn_blocking(move || settings.connect(access)).await?
    }

    async fn recycle(&self, _: &mut SqliteConnection, _: &Metrics) -> RecycleResult<OpenError> {
        // A lease that was interrupted does not come back, so what comes back is fit for use.
        Ok(())
    }
}

/// A session on the database; connections are opened as they are needed.
///
/// # Errors
/// When the pools cannot be made of these settings.
pub fn open(settings: &Settings) -> Result<SqliteSession, OpenError> {
    let pool = |access, size, wait| {
        let connections = Connections { settings: settings.clone(), access };
        let timeouts = Timeouts { wait: Some(wait), create: None, recycle: None };
        Pool::builder(connections).max_size(size).timeouts(timeouts).runtime(Runtime::Tokio1).build()
    };
    let readers = pool(Access::Read, settings.readers, settings.wait)?;
    let writer = pool(Access::Write, 1, settings.write_wait)?;
    Ok(SqliteSession::new(readers, writer))
}
