//! Runs statements on SQLite: cheap reads inline on the thread of the request, other reads on a
//! blocking thread, and writes on the writer thread.
//!
//! diesel-async's `SyncConnectionWrapper` would panic on actix-web's runtimes when a request is
//! cancelled, because it waits with `block_in_place`. Here the connection moves to the blocking
//! thread and back, and is closed there if the request was cancelled.

use std::sync::Arc;

use async_trait::async_trait;
use diesel::connection::DefaultLoadingMode;
use diesel::expression::QueryMetadata;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl, SqliteConnection};
use tokio::task::spawn_blocking;

use super::connect::ReaderManager;
use super::dialect::SqliteDialect;
use super::inline::readers::InlineReaders;
use super::writer::job::WriterLease;
use super::writer::queue::Writer;
use super::writer::transaction;
use super::writer::transaction::BEGIN_IMMEDIATE;
use crate::adapters::persistence::pool::bounded_pool::BoundedPool;
use crate::adapters::persistence::pool::lease::Lease;
use crate::adapters::persistence::pool::metrics::PoolMetrics;
use crate::adapters::persistence::sql::dialect::Dialect;
use crate::adapters::persistence::sql::error::QueryError;
use crate::adapters::persistence::sql::executor::Executor;
use crate::adapters::persistence::sql::row_type::RowType;
use crate::adapters::persistence::sql::statement::{Access, Statement, WaitPolicy};
use crate::adapters::persistence::sql::unit_of_work::{Transactions, TxMode, current_unit};
use crate::adapters::telemetry::traces::request_scope::RequestScope;

/// Beyond this, encoding the rows takes longer than moving the read to another thread.
const MAX_INLINE_ROWS: usize = 1000;

#[derive(Clone)]
pub struct SqliteExecutor {
    pub(super) inline: InlineReaders,
    pub(super) readers: Arc<BoundedPool<ReaderManager>>,
    pub(super) read_metrics: PoolMetrics,
    pub(super) writer: Writer,
}

/// Leased connection, which is closed if it is dropped without [`release`](Self::release).
pub enum Connection {
    Reader(Lease<ReaderManager>),
    Writer(WriterLease),
}

impl Connection {
    fn get_mut(&mut self) -> Option<&mut SqliteConnection> {
        match self {
            Self::Reader(lease) => lease.connection(),
            Self::Writer(lease) => Some(&mut lease.connection),
        }
    }

    fn release(self) {
        match self {
            Self::Reader(lease) => lease.release(),
            Self::Writer(lease) => lease.release(),
        }
    }
}

impl SqliteExecutor {
    async fn lease(&self, access: Access, wait_policy: WaitPolicy) -> Result<Connection, QueryError> {
        match access {
            Access::Read => {
                let connection = self.read_metrics.measure_wait(self.readers.get(wait_policy)).await?;
                Ok(Connection::Reader(Lease::new(connection)))
            }
            Access::Write => self.writer.lease(wait_policy).await.map(Connection::Writer),
        }
    }

    /// Runs `work` on the connection of the unit of work, or else on one that `statement` needs.
    async fn run<S: 'static, R: Send + 'static>(
        &self,
        statement: Statement<S>,
        mut work: impl FnMut(&Statement<S>, &mut SqliteConnection) -> Result<R, QueryError> + Send + 'static,
    ) -> Result<R, QueryError> {
        let (access, wait_policy) = (statement.access, statement.wait_policy);
        let expects_conflict = statement.expects_conflict;
        let work = move |connection: &mut SqliteConnection| work(&statement, connection);
        let Some(unit) = current_unit::<Connection>() else {
            if access == Access::Write {
                return self.writer.run(wait_policy, work).await;
            }
            let (connection, result) = run_blocking(self.lease(access, wait_policy).await?, work).await?;
            connection.release();
            return result;
        };
        let mut unit = unit.lock().await;
        let (connection, result) = run_blocking(unit.transaction(self).await?, work).await?;
        unit.release(connection, &result, expects_conflict);
        result
    }
}

async fn run_blocking<R: Send + 'static>(
    mut connection: Connection,
    work: impl FnOnce(&mut SqliteConnection) -> Result<R, QueryError> + Send + 'static,
) -> Result<(Connection, Result<R, QueryError>), QueryError> {
    let request = RequestScope::current();
    let task = spawn_blocking(move || {
        let result = match connection.get_mut() {
            Some(connection) => request.run(|| work(connection)),
            None => Err(diesel::result::Error::BrokenTransactionManager.into()),
        };
        (connection, result)
    });
    // A panic of `work` has closed the connection.
    task.await.map_err(|panic| QueryError::Internal(panic.into()))
}

fn load<R: RowType>(statement: &Statement<R>, connection: &mut SqliteConnection) -> Result<Vec<R>, QueryError>
where
    Sqlite: QueryMetadata<R::Sql>,
{
    statement.execution(SqliteDialect::SYSTEM).end(statement.load(connection))
}

/// Returns the rows, or `None` if there are too many to run inline.
fn load_inline<R: RowType>(
    statement: &Statement<R>,
    connection: &mut SqliteConnection,
) -> Result<Option<Vec<R>>, QueryError>
where
    Sqlite: QueryMetadata<R::Sql>,
{
    let execution = statement.execution(SqliteDialect::SYSTEM);
    let rows = statement
        .load_iter::<R, DefaultLoadingMode>(connection)
        .and_then(|rows| rows.take(MAX_INLINE_ROWS + 1).collect::<QueryResult<Vec<R>>>());
    Ok(Some(execution.end(rows)?).filter(|rows| rows.len() <= MAX_INLINE_ROWS))
}

fn execute(statement: &Statement, connection: &mut SqliteConnection) -> Result<usize, QueryError> {
    statement.execution(SqliteDialect::SYSTEM).end(statement.execute(connection))
}

#[async_trait]
impl Executor for SqliteExecutor {
    type Dialect = SqliteDialect;

    async fn rows<R: RowType>(&self, statement: Statement<R>) -> Result<Vec<R>, QueryError>
    where
        Pg: QueryMetadata<R::Sql>,
        Sqlite: QueryMetadata<R::Sql>,
    {
        if statement.is_cheap && current_unit::<Connection>().is_none() {
            let turn = self.inline.acquire(statement.wait_policy).await?;
            match self.inline.run(turn, |connection| load_inline(&statement, connection)) {
                Ok(Some(rows)) => return Ok(rows),
                // There are too many rows, or another process holds a lock.
                Ok(None) | Err(QueryError::Unavailable(_)) => {}
                Err(error) => return Err(error),
            }
        }
        self.run(statement, load).await
    }

    async fn rows_after<R: RowType>(&self, write: Statement, read: Statement<R>) -> Result<(usize, Vec<R>), QueryError>
    where
        Pg: QueryMetadata<R::Sql>,
        Sqlite: QueryMetadata<R::Sql>,
    {
        self.run(write, move |write, connection| Ok((execute(write, connection)?, load(&read, connection)?))).await
    }

    async fn execute(&self, write: Statement) -> Result<usize, QueryError> {
        self.run(write, execute).await
    }

    fn record_metrics(&self) {
        self.read_metrics.record([self.inline.status(), self.readers.status()]);
        self.writer.record_metrics();
    }

    fn close(&self) {
        self.inline.close();
        self.readers.close();
        // Waits, because the last connection to close folds the write-ahead log into the file.
        self.writer.close();
    }
}

#[async_trait]
impl Transactions for SqliteExecutor {
    type Open = Connection;

    async fn begin(&self, mode: TxMode) -> Result<Connection, QueryError> {
        let (access, sql) = match mode {
            TxMode::Write => (Access::Write, BEGIN_IMMEDIATE),
            // In WAL mode, reads of one transaction see one snapshot.
            TxMode::Snapshot => (Access::Read, "begin"),
        };
        let connection = self.lease(access, WaitPolicy::IfInTime).await?;
        let (connection, result) =
            run_blocking(connection, move |connection| transaction::begin(connection, sql)).await?;
        result.map(|()| connection)
    }

    async fn commit(&self, open: Connection) -> Result<(), QueryError> {
        end(open, transaction::commit).await
    }

    async fn rollback(&self, open: Connection) -> Result<(), QueryError> {
        end(open, transaction::rollback).await
    }
}

async fn end(open: Connection, end: fn(&mut SqliteConnection) -> Result<(), QueryError>) -> Result<(), QueryError> {
    let (connection, result) = run_blocking(open, end).await?;
    result.map(|()| connection.release())
}
