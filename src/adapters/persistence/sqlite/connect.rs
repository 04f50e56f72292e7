//! Connections to a SQLite file: several that read and one that writes.

use std::{io, path::PathBuf, time::Duration};

use deadpool::{
    Runtime,
    managed::{BuildError, Manager, Metrics, Pool, QueueMode, RecycleResult, Timeouts},
};
use diesel::{Connection, ConnectionError, SqliteConnection, connection::SimpleConnection};
use tokio::task::spawn_blocking;

use super::{inline::InlineReaders, session::SqliteSession, writer::Writer};
use crate::adapters::persistence::{measures::PoolMeasures, question::Access};

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

/// Opens connections that read.
pub struct Connections(Settings);

/// How much of the file a connection remembers, in KiB. It counts as resident, and so does, once per connection, the whole of a
/// file that is mapped instead.
const CACHE_KIB: u32 = 8 * 1024;

/// The same for those that answer on the thread of the request: they are few, and most is asked of them.
const INLINE_CACHE_KIB: u32 = 16 * 1024;

impl Settings {
    /// Opens a connection of this kind; blocks.
    ///
    /// # Errors
    /// When the file cannot be opened or is no database.
    pub fn connect(&self, access: Access) -> Result<SqliteConnection, OpenError> {
        self.open(access, self.busy_timeout, CACHE_KIB)
    }

    /// Opens a connection that reads, and never waits for a lock.
    ///
    /// # Errors
    /// Those of [`connect`](Self::connect), and when a lock is held.
    pub fn connect_inline(&self) -> Result<SqliteConnection, OpenError> {
        self.open(Access::Read, Duration::ZERO, INLINE_CACHE_KIB)
    }

    fn open(&self, access: Access, busy_timeout: Duration, cache_kib: u32) -> Result<SqliteConnection, OpenError> {
        let mut connection = SqliteConnection::establish(&self.path.to_string_lossy())?;
        // First of all, because the switch to WAL itself may have to wait for a lock.
        connection.batch_execute(&format!("pragma busy_timeout = {}", busy_timeout.as_millis()))?;
        // FULL: with NORMAL a power cut may take the last commits that were acknowledged.
        connection.batch_execute(&format!(
            "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma cache_size = -{cache_kib}"
        ))?;
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
        let settings = self.0.clone();
        spawn_blocking(move || settings.connect(Access::Read)).await?
    }

    async fn recycle(&self, _: &mut SqliteConnection, _: &Metrics) -> RecycleResult<OpenError> {
        // A lease that was interrupted does not come back, so what comes back is fit for use.
        Ok(())
    }
}

/// A session on the database; connections are opened as they are needed.
///
/// # Errors
/// When the pool or the writer cannot be made of these settings.
pub fn open(settings: &Settings) -> Result<SqliteSession, OpenError> {
    let timeouts = Timeouts { wait: Some(settings.wait), create: None, recycle: None };
    let readers = Pool::builder(Connections(settings.clone()))
        .max_size(settings.readers)
        .timeouts(timeouts)
        // The one that was used last is used next: what it has read is still in its cache.
        .queue_mode(QueueMode::Lifo)
        .runtime(Runtime::Tokio1)
        .build()?;
    let reads = PoolMeasures::of("readers");
    let inline = InlineReaders::new(settings.clone(), reads.clone());
    let writer = Writer::new(settings.clone()).map_err(OpenError::Writer)?;
    Ok(SqliteSession::new(inline, readers, reads, writer))
}
