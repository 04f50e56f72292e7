//! A session on SQLite: a question is answered on the thread of the request where that is brief, or else by one hop to a
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
    dialect::DIALECT,
    inline::readers::InlineReaders,
    writer::{
        job::WriterLease,
        queue::Writer,
        transaction::{self, BEGIN_TO_WRITE},
    },
};
use crate::adapters::persistence::{
    pool::{bounded_pool::BoundedPool, lease::Lease, metrics::PoolMeasures},
    sql::{
        dialect::Dialect,
        error::QueryError,
        executor::{Row, Session, Shape},
        statement::{Access, Question, Queueing},
        unit_of_work::{Current, Purpose, Transactions},
    },
};

/// How many rows are read on the thread of a request: beyond these there is more to write down than to wait for.
const BRIEFLY_READ: usize = 1000;

/// A SQLite database: several connections that read and one that writes.
#[derive(Clone)]
pub struct SqliteSession {
    inline: InlineReaders,
    readers: BoundedPool<Connections>,
    reads: PoolMeasures,
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

    fn give_back(self) {
        match self {
            Self::Reader(lease) => lease.give_back(),
            Self::Writer(lease) => lease.give_back(),
        }
    }
}

impl SqliteSession {
    pub(super) fn new(inline: InlineReaders, readers: Pool<Connections>, reads: PoolMeasures, writer: Writer) -> Self {
        Self { inline, readers: BoundedPool::new(readers), reads, writer }
    }

    async fn lease(&self, access: Access, queueing: Queueing) -> Result<Connection, QueryError> {
        Ok(match access {
            Access::Read => Connection::Reader(Lease::new(self.reads.checkout(self.readers.get(queueing)).await?)),
            Access::Write => Connection::Writer(self.writer.lend(queueing).await?),
        })
    }

    /// Runs work on a connection: the unit's, or one of the kind that `access` says, waited for as `queueing` says.
    async fn run<R: Send + 'static>(
        &self,
        (access, queueing): (Access, Queueing),
        can_conflict: bool,
        work: impl FnMut(&mut SqliteConnection) -> Result<R, QueryError> + Send + 'static,
    ) -> Result<R, QueryError> {
        let Some(unit) = Current::<Connection>::get() else {
            if access == Access::Write {
                return self.writer.change(queueing, work).await;
            }
            let (lease, result) = hop(self.lease(access, queueing).await?, work).await?;
            lease.give_back();
            return result;
        };
        let mut unit = unit.enter().await;
        let lease = unit.transaction(self).await?;
        let (lease, result) = hop(lease, work).await?;
        // SQLite undoes a statement that a constraint stands against, and the transaction goes on.
        let failed = match &result {
            Ok(_) => false,
            Err(QueryError::Taken(_)) => !can_conflict,
            Err(_) => true,
        };
        unit.leave(lease, failed);
        result
    }
}

/// Runs work on a blocking thread, and brings the connection back with the result.
async fn hop<R: Send + 'static, E: Into<QueryError>>(
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
impl Session for SqliteSession {
    const DIALECT: Dialect = DIALECT;

    async fn rows<ST, R>(&self, question: Question<ST>) -> Result<Vec<R>, QueryError>
    where
        ST: Shape<R>,
        R: Row<ST>,
        Pg: QueryMetadata<ST>,
        Sqlite: QueryMetadata<ST>,
    {
        let is_brief = question.is_brief() && Current::<Connection>::get().is_none();
        let (means, can_conflict) = ((question.access(), question.queueing()), question.can_conflict());
        if is_brief {
            let turn = self.inline.turn(means.1).await?;
            let answer = self.inline.ask(turn, |connection| {
                let execution = question.execution(DIALECT.system);
                let rows = (&question).load_iter::<R, DefaultLoadingMode>(connection);
                execution.end(rows.and_then(few).map_err(QueryError::from))
            });
            match answer {
                Ok(Some(rows)) => return Ok(rows),
                // It is long, or another process holds a lock: that is waited for elsewhere.
                Ok(None) | Err(QueryError::Unavailable(_)) => {}
                Err(error) => return Err(error),
            }
        }
        self.run(means, can_conflict, move |connection| {
            let execution = question.execution(DIALECT.system);
            execution.end((&question).load(connection).map_err(QueryError::from))
        })
        .await
    }

    async fn rows_after<ST, R>(&self, change: Question, question: Question<ST>) -> Result<(usize, Vec<R>), QueryError>
    where
        ST: Shape<R>,
        R: Row<ST>,
        Pg: QueryMetadata<ST>,
        Sqlite: QueryMetadata<ST>,
    {
        self.run((change.access(), change.queueing()), change.can_conflict(), move |connection| {
            let execution = change.execution(DIALECT.system);
            let count = execution.end((&change).execute(connection).map_err(QueryError::from))?;
            let execution = question.execution(DIALECT.system);
            Ok((count, execution.end((&question).load(connection).map_err(QueryError::from))?))
        })
        .await
    }

    fn measure(&self) {
        self.reads.show([self.inline.status(), self.readers.status()]);
        self.writer.measure();
    }

    fn close(&self) {
        // The writer last: whoever closes last folds the write-ahead log into the file.
        self.inline.close();
        self.readers.close();
        self.writer.close();
    }

    async fn execute(&self, change: Question) -> Result<usize, QueryError> {
        self.run((change.access(), change.queueing()), change.can_conflict(), move |connection| {
            let execution = change.execution(DIALECT.system);
            execution.end((&change).execute(connection).map_err(QueryError::from))
        })
        .await
    }
}

#[async_trait]
impl Transactions for SqliteSession {
    type Open = Connection;

    async fn begin(&self, purpose: Purpose) -> Result<Connection, QueryError> {
        let (access, text) = match purpose {
            Purpose::Write => (Access::Write, BEGIN_TO_WRITE),
            // Sees, from its first statement to its end, what was committed by then: the file is in WAL mode.
            Purpose::Snapshot => (Access::Read, "begin"),
        };
        let lease = self.lease(access, Queueing::IfInTime).await?;
        finish(hop(lease, move |connection| transaction::begin(connection, text)).await?)
    }

    async fn commit(&self, open: Connection) -> Result<(), QueryError> {
        finish(hop(open, transaction::commit).await?).map(Connection::give_back)
    }

    async fn roll_back(&self, open: Connection) -> Result<(), QueryError> {
        finish(hop(open, transaction::roll_back).await?).map(Connection::give_back)
    }
}

/// These rows, unless they are many.
fn few<R>(rows: impl Iterator<Item = QueryResult<R>>) -> QueryResult<Option<Vec<R>>> {
    let few: Vec<R> = rows.take(BRIEFLY_READ + 1).collect::<QueryResult<_>>()?;
    Ok((few.len() <= BRIEFLY_READ).then_some(few))
}

/// The connection, if what was to be done on it succeeded.
fn finish((lease, result): (Connection, Result<(), QueryError>)) -> Result<Connection, QueryError> {
    result.map(|()| lease)
}
