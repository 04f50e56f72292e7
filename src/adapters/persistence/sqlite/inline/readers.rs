//! Read connections for statements that run inline, on the thread that serves the request.
//!
//! All other requests of the thread wait meanwhile. A statement MUST therefore be cheap
//! (`Statement::is_cheap`), and it fails instead of waiting for a lock of another process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use deadpool::Status;
use diesel::SqliteConnection;

use super::scheduler::InlineTurn;
use crate::adapters::persistence::pool::load_shedder::LoadShedder;
use crate::adapters::persistence::pool::metrics::PoolMetrics;
use crate::adapters::persistence::sql::error::QueryError;
use crate::adapters::persistence::sql::statement::WaitPolicy;
use crate::adapters::persistence::sqlite::settings::Settings;

/// Inline read connections, as many as threads use at a time. Clones share them.
#[derive(Clone)]
pub struct InlineReaders(Arc<Inner>);

struct Inner {
    settings: Settings,
    load_shedder: LoadShedder,
    metrics: PoolMetrics,
    /// Idle connections, the last used one last; `None` once closed.
    idle: Mutex<Option<Vec<SqliteConnection>>>,
}

impl InlineReaders {
    pub fn new(settings: Settings, metrics: PoolMetrics) -> Self {
        let load_shedder = LoadShedder::new(settings.wait);
        Self(Arc::new(Inner { settings, load_shedder, metrics, idle: Mutex::new(Some(Vec::new())) }))
    }

    pub async fn acquire(&self, wait_policy: WaitPolicy) -> Result<InlineTurn, QueryError> {
        let start = Instant::now();
        let slot = self.0.load_shedder.join_or_reject(wait_policy, &self.0.metrics)?;
        let turn = InlineTurn::acquire().await?;
        slot.mark_served();
        self.0.metrics.record_wait(start);
        Ok(turn)
    }

    /// Runs `read` on this thread. If it panics, the connection is closed.
    pub fn run<R>(
        &self,
        _turn: InlineTurn,
        read: impl FnOnce(&mut SqliteConnection) -> Result<R, QueryError>,
    ) -> Result<R, QueryError> {
        let mut connection = self.checkout()?;
        let result = read(&mut connection);
        if let Some(idle) = self.idle().as_mut() {
            idle.push(connection);
        }
        result
    }

    /// Prefers the connection that was used last: its pages are still in the processor's caches.
    fn checkout(&self) -> Result<SqliteConnection, QueryError> {
        let idle = match self.idle().as_mut() {
            Some(idle) => idle.pop(),
            None => return Err(QueryError::Unavailable("the database is closed".into())),
        };
        let open = || self.0.settings.connect_inline().map_err(|error| QueryError::Unavailable(error.into()));
        idle.map_or_else(open, Ok)
    }

    fn idle(&self) -> MutexGuard<'_, Option<Vec<SqliteConnection>>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts all connections as idle: each is in use for microseconds.
    pub fn status(&self) -> Status {
        let count = self.idle().as_ref().map_or(0, Vec::len);
        Status { max_size: count, size: count, available: count, waiting: 0 }
    }

    pub fn close(&self) {
        drop(self.idle().take());
    }
}
