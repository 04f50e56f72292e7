//! A session on SQLite: a statement is answered on the thread of the request where that is brief, or else by one hop to a
//! blocking thread; a change is made on the thread of the connection that writes.
//!
//! diesel-async's wrapper for synchronous connections is not used: a request that is cancelled while a statement runs
//! would make it wait for the statement with `block_in_place`, which panics on actix-web's single-threaded runtimes.
//! Here the connection moves into the blocking thread and back; if nobody waits for it any more, it is closed there.

use async_trait::async_trait;
use deadpool::managed::Pool;
use diesel::{
    QueryResult, RunQueryDsl, SqliteConnection, connection::DefaultLoadingMode, expression::QueryMetadata, pg::Pg,
    sqlite::Sqlite,
};
use tokio::task::spawn_blocking;
use tracing::Span;

use super::{
    connect::Connections,
    dialect::SqliteDialect,
    inline::readers::InlineReaders,
    writer::{
        job::WriterLease,
        queue::Writer,
        transaction::{self, BEGIN_TO_WRITE},
    },
};
use crate::adapters::persistence::{
    pool::{bounded_pool::BoundedPool, lease::Lease, metrics::PoolMetrics},
    sql::{
        dialect::Dialect,
        error::QueryError,
        executor::Executor,
        row_type::RowType,
        statement::{Access, Statement, WaitPolicy},
        unit_of_work::{CurrentUnit, Transactions, TxMode},
    },
};

/// How many rows are read on the thread of a request: beyond these there is more to write down than to wait for.
const MAX_INLINE_ROWS: usize = 1000;

/// A SQLite database: several connections that read and one that writes.
#[derive(Clone)]
pub struct SqliteExecutor {
    inline: InlineReaders,
    readers: BoundedPool<Connections>,
    reads: PoolMetrics,
    writer: Writer,
}

/// A connection on loan.
pub enum Connection {
    /// One of several that read.
    Reader(Lease<Connections>),
    /// The one that writes.
    Writer(WriterLease),
}

impl Connection {
    fn connection(&mut self) -> Option<&mut SqliteConnection> {
        match self {
            Self::Reader(lease) => lease.connection(),
            Self::Writer(lease) => lease.connection(),
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
    pub(super) fn new(inline: InlineReaders, readers: Pool<Connections>, reads: PoolMetrics, writer: Writer) -> Self {
        Self { inline, readers: BoundedPool::new(readers), reads, writer }
    }

    async fn lease(&self, access: Access, wait_policy: WaitPolicy) -> Result<Connection, QueryError> {
        Ok(match access {
            Access::Read => Connection::Reader(Lease::new(self.reads.checkout(self.readers.get(wait_policy)).await?)),
            Access::Write => Connection::Writer(self.writer.lend(wait_policy).await?),
        })
    }

    /// Runs work on a connection: the unit's, or one of the kind that `access` says, waited for as `wait_policy` says.
    async fn run<R: Send + 'static>(
        &self,
        (access, wait_policy): (Access, WaitPolicy),
        expects_conflict: bool,
        work: impl FnMut(&mut SqliteConnection) -> Result<R, QueryError> + Send + 'static,
    ) -> Result<R, QueryError> {
        let Some(unit) = CurrentUnit::<Connection>::get() else {
            if access == Access::Write {
                return self.writer.change(wait_policy, work).await;
            }
            let (lease, result) = run_blocking(self.lease(access, wait_policy).await?, work).await?;
            lease.release();
            return result;
        };
        let mut unit = unit.enter().await;
        let lease = unit.transaction(self).await?;
        let (lease, result) = run_blocking(lease, work).await?;
        // SQLite undoes a statement that a constraint stands against, and the transaction goes on.
        let failed = match &result {
            Ok(_) => false,
            Err(QueryError::Taken(_)) => !expects_conflict,
            Err(_) => true,
        };
        unit.leave(lease, failed);
        result
    }
}

/// Runs work on a blocking thread, and brings the connection back with the result.
async fn run_blocking<R: Send + 'static, E: Into<QueryError>>(
    mut lease: Connection,
    work: impl FnOnce(&mut SqliteConnection) -> Result<R, E> + Send + 'static,
) -> Result<(Connection, Result<R, QueryError>), QueryError> {
    // What happens there belongs to the request that waits for it.
    let span = Span::current();
    let result = spawn_blocking(move || {
        let _in_request = span.entered();
        let connection = lease.connection().ok_or(diesel::result::Error::BrokenTransactionManager);
        let result = connection.map_err(QueryError::from).and_then(|connection| work(connection).map_err(Into::into));
        (lease, result)
    });
    // The thread panicked: a defect, and the connection is gone with it.
    result.await.map_err(|panic| QueryError::Internal(panic.into()))
}

#[async_trait]
impl Executor for SqliteExecutor {
    type Dialect = SqliteDialect;

    async fn rows<R>(&self, statement: Statement<R>) -> Result<Vec<R>, QueryError>
    where
        R: RowType,
        Pg: QueryMetadata<R::Sql>,
        Sqlite: QueryMetadata<R::Sql>,
    {
        let is_cheap = statement.is_cheap() && CurrentUnit::<Connection>::get().is_none();
        let (means, expects_conflict) = ((statement.access(), statement.wait_policy()), statement.expects_conflict());
        if is_cheap {
            let turn = self.inline.turn(means.1).await?;
            let answer = self.inline.run(turn, |connection| {
                let execution = statement.execution(SqliteDialect::SYSTEM);
                let rows = (&statement).load_iter::<R, DefaultLoadingMode>(connection);
                execution.end(rows.and_then(few).map_err(QueryError::from))
            });
            match answer {
                Ok(Some(rows)) => return Ok(rows),
                // It is long, or another process holds a lock: that is waited for elsewhere.
                Ok(None) | Err(QueryError::Unavailable(_)) => {}
                Err(error) => return Err(error),
            }
        }
        self.run(means, expects_conflict, move |connection| {
            let execution = statement.execution(SqliteDialect::SYSTEM);
            execution.end((&statement).load(connection).map_err(QueryError::from))
        })
        .await
    }

    async fn rows_after<R>(&self, change: Statement, statement: Statement<R>) -> Result<(usize, Vec<R>), QueryError>
    where
        R: RowType,
        Pg: QueryMetadata<R::Sql>,
        Sqlite: QueryMetadata<R::Sql>,
    {
        self.run((change.access(), change.wait_policy()), change.expects_conflict(), move |connection| {
            let execution = change.execution(SqliteDialect::SYSTEM);
            let count = execution.end((&change).execute(connection).map_err(QueryError::from))?;
            let execution = statement.execution(SqliteDialect::SYSTEM);
            Ok((count, execution.end((&statement).load(connection).map_err(QueryError::from))?))
        })
        .await
    }

    fn record_metrics(&self) {
        self.reads.show([self.inline.status(), self.readers.status()]);
        self.writer.record_metrics();
    }

    fn close(&self) {
        // The writer last: whoever closes last folds the write-ahead log into the file.
        self.inline.close();
        self.readers.close();
        self.writer.close();
    }

    async fn execute(&self, change: Statement) -> Result<usize, QueryError> {
        self.run((change.access(), change.wait_policy()), change.expects_conflict(), move |connection| {
            let execution = change.execution(SqliteDialect::SYSTEM);
            execution.end((&change).execute(connection).map_err(QueryError::from))
        })
        .await
    }
}

#[async_trait]
impl Transactions for SqliteExecutor {
    type Open = Connection;

    async fn begin(&self, purpose: TxMode) -> Result<Connection, QueryError> {
        let (access, text) = match purpose {
            TxMode::Write => (Access::Write, BEGIN_TO_WRITE),
            // Sees, from its first statement to its end, what was committed by then: the file is in WAL mode.
            TxMode::Snapshot => (Access::Read, "begin"),
        };
        let lease = self.lease(access, WaitPolicy::IfInTime).await?;
        finish(run_blocking(lease, move |connection| transaction::begin(connection, text)).await?)
    }

    async fn commit(&self, open: Connection) -> Result<(), QueryError> {
        finish(run_blocking(open, transaction::commit).await?).map(Connection::release)
    }

    async fn rollback(&self, open: Connection) -> Result<(), QueryError> {
        finish(run_blocking(open, transaction::rollback).await?).map(Connection::release)
    }
}

/// These rows, unless they are many.
fn few<R>(rows: impl Iterator<Item = QueryResult<R>>) -> QueryResult<Option<Vec<R>>> {
    let few: Vec<R> = rows.take(MAX_INLINE_ROWS + 1).collect::<QueryResult<_>>()?;
    Ok((few.len() <= MAX_INLINE_ROWS).then_some(few))
}

/// The connection, if what was to be done on it succeeded.
fn finish((lease, result): (Connection, Result<(), QueryError>)) -> Result<Connection, QueryError> {
    result.map(|()| lease)
}
