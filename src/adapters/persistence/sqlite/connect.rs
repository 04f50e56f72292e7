//! Opens connections to a SQLite file.

use std::time::Duration;

use deadpool::managed::{Manager, Metrics, RecycleResult};
use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use tokio::task::spawn_blocking;

use super::settings::{OpenError, Settings};
use crate::adapters::persistence::sql::statement::Access;

/// Opens connections that read.
pub struct Connections(pub Settings);

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
