//! Connections that answer where they are asked, on the thread that serves the request.
//!
//! A row that a key leads to takes SQLite a few microseconds, and a way to another thread and back takes several times as
//! long. What is asked here MUST be brief ([`Statement::is_cheap`](crate::adapters::persistence::sql::statement::Statement::is_cheap)):
//! other requests of the thread wait meanwhile. Nobody waits here for a lock that another process holds: that question is
//! to be asked elsewhere.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use deadpool::Status;
use diesel::SqliteConnection;

use super::scheduler::InlineTurn;
use crate::{
    adapters::persistence::{
        pool::{load_shedder::LoadShedder, metrics::PoolMetrics},
        sql::{error::QueryError, statement::WaitPolicy},
        sqlite::settings::Settings,
    },
    domain::error::Overload,
};

/// As many connections as threads ask at a time; clones are the same ones.
#[derive(Clone)]
pub struct InlineReaders(Arc<Inner>);

struct Inner {
    settings: Settings,
    queue: LoadShedder,
    metrics: PoolMetrics,
    /// Those that nobody uses now, the last one used at the end; none once they are closed.
    idle: Mutex<Option<Vec<SqliteConnection>>>,
}

impl InlineReaders {
    /// Readers of this database; each is opened when it is needed.
    pub fn new(settings: Settings, metrics: PoolMetrics) -> Self {
        let queue = LoadShedder::new(settings.wait);
        Self(Arc::new(Inner { settings, queue, metrics, idle: Mutex::new(Some(Vec::new())) }))
    }

    /// Waits for a turn with this thread.
    ///
    /// # Errors
    /// [`QueryError::Unavailable`] when so many wait already that one more would in vain.
    pub async fn turn(&self, wait_policy: WaitPolicy) -> Result<InlineTurn, QueryError> {
        let asked = Instant::now();
        let slot = self.0.queue.join(wait_policy).ok_or_else(|| {
            self.0.metrics.record_timeout();
            QueryError::Unavailable(Overload.into())
        })?;
        let turn = InlineTurn::turn().await?;
        slot.mark_served();
        self.0.metrics.record_wait(asked);
        Ok(turn)
    }

    /// Asks on this thread. If that panics, the connection is closed.
    ///
    /// # Errors
    /// Those of the question; [`QueryError::Unavailable`] when there is no connection to be had.
    pub fn run<R>(
        &self,
        _turn: InlineTurn,
        question: impl FnOnce(&mut SqliteConnection) -> Result<R, QueryError>,
    ) -> Result<R, QueryError> {
        let mut connection = self.checkout()?;
        let answer = question(&mut connection);
        self.release(connection);
        answer
    }

    /// The one that was used last: what it has read is still in the processor's caches.
    fn checkout(&self) -> Result<SqliteConnection, QueryError> {
        let known = match self.idle().as_mut() {
            Some(idle) => idle.pop(),
            None => return Err(QueryError::Unavailable("the database is closed".into())),
        };
        let open = || self.0.settings.connect_inline().map_err(|error| QueryError::Unavailable(error.into()));
        known.map_or_else(open, Ok)
    }

    fn release(&self, connection: SqliteConnection) {
        if let Some(idle) = self.idle().as_mut() {
            idle.push(connection);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Option<Vec<SqliteConnection>>> {
        // Nothing that could panic half-way is done under the lock.
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many there are. Each is in use for moments, so all count as idle.
    pub fn status(&self) -> Status {
        let count = self.idle().as_ref().map_or(0, Vec::len);
        Status { max_size: count, size: count, available: count, waiting: 0 }
    }

    /// Closes them, and lends no more.
    pub fn close(&self) {
        drop(self.idle().take());
    }
}
