//! A session on PostgreSQL, asynchronous from end to end.

use async_trait::async_trait;
use diesel::{QueryResult, expression::QueryMetadata, pg::Pg, sqlite::Sqlite};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, TransactionManager};

use super::{
    DIALECT,
    pools::{Connections, Pools},
};
use crate::adapters::persistence::{
    dialect::Dialect,
    error::QueryError,
    lease::Lease,
    measures::{BEGIN, COMMIT, ROLL_BACK, query_timer},
    question::Question,
    session::{Row, Session, Shape},
    unit::{Current, Transactions},
};

type Connection = Lease<Connections>;

/// An async closure whose future is `Send`, which stable Rust cannot say directly.
trait Work<'c, R>: AsyncFnOnce(&'c mut AsyncPgConnection) -> R + FnOnce(&'c mut AsyncPgConnection) -> Self::Future {
    type Future: Future<Output = R> + Send;
}
impl<'c, F, R, Fut> Work<'c, R> for F
where
    F: AsyncFnOnce(&'c mut AsyncPgConnection) -> R + FnOnce(&'c mut AsyncPgConnection) -> Fut,
    Fut: Future<Output = R> + Send,
{
    type Future = Fut;
}

/// A PostgreSQL database behind pools of connections.
#[derive(Clone)]
pub struct PostgresSession {
    pools: Pools,
}

impl PostgresSession {
    pub(super) fn new(pools: Pools) -> Self {
        Self { pools }
    }

    async fn lease(&self) -> Result<Connection, QueryError> {
        Ok(Lease::new(self.pools.get().await?))
    }

    /// Runs statements on a connection: the unit's, or a pooled one.
    async fn run<R, F>(&self, can_conflict: bool, work: F) -> Result<R, QueryError>
    where
        R: Send,
        F: for<'c> Work<'c, QueryResult<R>> + Send,
    {
        let Some(unit) = Current::<Connection>::get() else {
            let mut lease = self.lease().await?;
            let result = work(connection(&mut lease)?).await;
            lease.give_back();
            return Ok(result?);
        };
        let mut unit = unit.enter().await;
        let mut lease = unit.transaction(self).await?;
        if can_conflict {
            let result = in_savepoint(connection(&mut lease)?, work).await;
            let failed = !matches!(&result, Ok(_) | Err(QueryError::Taken(_)));
            unit.leave(lease, failed);
            return result;
        }
        let result = work(connection(&mut lease)?).await;
        unit.leave(lease, result.is_err());
        Ok(result?)
    }
}

/// Runs statements so that the transaction outlives their failure: PostgreSQL refuses everything after a failed
/// statement otherwise.
async fn in_savepoint<R, F>(connection: &mut AsyncPgConnection, work: F) -> Result<R, QueryError>
where
    R: Send,
    F: for<'c> Work<'c, QueryResult<R>> + Send,
{
    AnsiTransactionManager::begin_transaction(&mut *connection).await?;
    let result = work(&mut *connection).await;
    if result.is_ok() {
        AnsiTransactionManager::commit_transaction(&mut *connection).await?;
    } else {
        AnsiTransactionManager::rollback_transaction(&mut *connection).await?;
    }
    Ok(result?)
}

fn connection(lease: &mut Connection) -> QueryResult<&mut AsyncPgConnection> {
    lease.connection().ok_or(diesel::result::Error::BrokenTransactionManager)
}

#[async_trait]
impl Session for PostgresSession {
    const DIALECT: Dialect = DIALECT;

    async fn rows<ST, R>(&self, question: Question<ST>) -> Result<Vec<R>, QueryError>
    where
        ST: Shape<R>,
        R: Row<ST>,
        Pg: QueryMetadata<ST>,
        Sqlite: QueryMetadata<ST>,
    {
        self.run(question.can_conflict(), async |connection: &mut AsyncPgConnection| {
            let _timer = query_timer(question.operation());
            question.on::<Pg>().load(connection).await
        })
        .await
    }

    async fn rows_after<ST, R>(&self, change: Question, question: Question<ST>) -> Result<Vec<R>, QueryError>
    where
        ST: Shape<R>,
        R: Row<ST>,
        Pg: QueryMetadata<ST>,
        Sqlite: QueryMetadata<ST>,
    {
        self.run(change.can_conflict(), async |connection: &mut AsyncPgConnection| {
            let timer = query_timer(change.operation());
            change.on::<Pg>().execute(connection).await?;
            drop(timer);
            let _timer = query_timer(question.operation());
            question.on::<Pg>().load(connection).await
        })
        .await
    }

    fn measure(&self) {
        self.pools.measure();
    }

    async fn execute(&self, change: Question) -> Result<usize, QueryError> {
        self.run(change.can_conflict(), async |connection: &mut AsyncPgConnection| {
            let _timer = query_timer(change.operation());
            change.on::<Pg>().execute(connection).await
        })
        .await
    }
}

#[async_trait]
impl Transactions for PostgresSession {
    type Open = Connection;

    async fn begin(&self) -> Result<Connection, QueryError> {
        let mut lease = self.lease().await?;
        let _timer = query_timer(BEGIN);
        AnsiTransactionManager::begin_transaction(connection(&mut lease)?).await?;
        Ok(lease)
    }

    async fn commit(&self, mut open: Connection) -> Result<(), QueryError> {
        let _timer = query_timer(COMMIT);
        AnsiTransactionManager::commit_transaction(connection(&mut open)?).await?;
        open.give_back();
        Ok(())
    }

    async fn roll_back(&self, mut open: Connection) -> Result<(), QueryError> {
        let _timer = query_timer(ROLL_BACK);
        AnsiTransactionManager::rollback_transaction(connection(&mut open)?).await?;
        open.give_back();
        Ok(())
    }
}
