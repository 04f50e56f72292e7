//! Opens connections to a SQLite file.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::Duration;

use deadpool::managed::{Manager, Metrics, RecycleResult};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use tokio::task::spawn_blocking;

use super::settings::{OpenError, Settings};
use crate::adapters::persistence::sql::statement::Access;

/// Page cache of a connection, in KiB. It counts as resident memory. So would a mapped file, as a
/// whole for each connection.
const CACHE_KIB: u32 = 8 * 1024;

/// Page cache of an inline connection: these are few, and run most statements.
const INLINE_CACHE_KIB: u32 = 16 * 1024;

impl Settings {
    /// Blocks the thread.
    pub fn connect(&self, access: Access) -> Result<SqliteConnection, OpenError> {
        self.open(access, self.busy_timeout, CACHE_KIB)
    }

    /// Opens a read connection that fails instead of waiting for a lock.
    pub fn connect_inline(&self) -> Result<SqliteConnection, OpenError> {
        self.open(Access::Read, Duration::ZERO, INLINE_CACHE_KIB)
    }

    fn open(&self, access: Access, busy_timeout: Duration, cache_kib: u32) -> Result<SqliteConnection, OpenError> {
        // It holds password hashes. An error is left to SQLite, which opens the file next.
        let _exists = create_private(&self.path);
        let mut connection = SqliteConnection::establish(&self.path.to_string_lossy())?;
        // Before anything else: switching to WAL may wait for a lock, too.
        connection.batch_execute(&format!("pragma busy_timeout = {}", busy_timeout.as_millis()))?;
        // With NORMAL instead of FULL, a power failure may lose commits that were acknowledged.
        connection.batch_execute(&format!(
            "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma cache_size = -{cache_kib}"
        ))?;
        if access == Access::Read {
            connection.batch_execute("pragma query_only = on")?;
        }
        Ok(connection)
    }
}

/// Creates a new file for its owner only. SQLite writes into an empty file, keeps its permissions,
/// and gives the files beside it the same.
pub fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

pub struct ReaderManager(pub Settings);

impl Manager for ReaderManager {
    type Type = SqliteConnection;
    type Error = OpenError;

    async fn create(&self) -> Result<SqliteConnection, OpenError> {
        let settings = self.0.clone();
        spawn_blocking(move || settings.connect(Access::Read)).await?
    }

    async fn recycle(&self, _: &mut SqliteConnection, _: &Metrics) -> RecycleResult<OpenError> {
        // Interrupted leases do not return, so a returned connection is usable.
        Ok(())
    }
}
