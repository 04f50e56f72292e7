//! A session on PostgreSQL, asynchronous from end to end.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use diesel::{expression::QueryMetadata, pg::Pg, sqlite::Sqlite};

use super::{
    dialect::PostgresDialect,
    driver::{
        connection::PgConnection,
        runner::{ResponseTimeout, StatementRunner},
    },
    pipeline::{SharedFailure, Slot},
    pools::{Connections, Pools},
    replicas::set::Replicas,
};
use crate::adapters::persistence::{
    pool::lease::Lease,
    sql::{
        error::QueryError,
        execution::{BEGIN, COMMIT, ROLLBACK, query_timer},
        executor::Executor,
        retry::Retries,
        row_type::RowType,
        statement::{Statement, WaitPolicy},
        unit_of_work::{CurrentUnit, Transactions, TxMode},
    },
};

type Connection = Lease<Connections>;

/// Makes a transaction see, from its first statement to its end, what was committed by then.
const ONE_MOMENT: &str = "set transaction isolation level repeatable read, read only";

/// An async closure whose future is `Send`, which stable Rust cannot say directly.
trait Work<'c, R>: AsyncFnOnce(StatementRunner<'c>) -> R + FnOnce(StatementRunner<'c>) -> Self::Future {
    type Future: Future<Output = R> + Send;
}
impl<'c, F, R, Fut> Work<'c, R> for F
where
    F: AsyncFnOnce(StatementRunner<'c>) -> R + FnOnce(StatementRunner<'c>) -> Fut,
    Fut: Future<Output = R> + Send,
{
    type Future = Fut;
}

/// A PostgreSQL database behind pools of connections.
#[derive(Clone)]
pub struct PostgresExecutor {
    pools: Pools,
    replicas: Replicas,
    response_timeout: ResponseTimeout,
    pipeline_timeout: ResponseTimeout,
    begin: Arc<str>,
}

impl PostgresExecutor {
    /// A session on these pools, where a statement may take so long before the server gives it up, and a unit of work begins
    /// in these words.
    pub(super) fn new(pools: Pools, replicas: Replicas, statement_timeout: Duration, begin: String) -> Self {
        Self {
            pools,
            replicas,
            response_timeout: ResponseTimeout::new(statement_timeout),
            pipeline_timeout: ResponseTimeout::pipelined(statement_timeout),
            begin: begin.into(),
        }
    }

    /// What a replica answers, if one may and does; whatever keeps it from answering, the primary is left to ask.
    async fn ask_replica<R>(&self, statement: &Statement<R>) -> Option<Vec<R>>
    where
        R: RowType,
        Pg: QueryMetadata<R::Sql>,
    {
        if !statement.allows_replica() || CurrentUnit::<Connection>::get().is_some() {
            return None;
        }
        let replica = self.replicas.pick()?;
        let rows = match self.join(&replica.pools, statement).await {
            Some(slot) => self.ask_at(slot.ok()?, &replica.pools, statement).await,
            None => {
                let mut lease = Lease::new(replica.pools.get(statement.wait_policy()).await.ok()?);
                let rows = self.statements(&mut lease, Retries::NONE).ok()?.rows(statement).await;
                if rows.is_ok() {
                    lease.release();
                }
                Some(rows)
            }
        };
        match rows {
            Some(Ok(rows)) => Some(rows),
            None => {
                // Slow or frozen: nobody else waits to find out which, until it is heard of again.
                tracing::debug!("a replica takes long to answer; the primary is asked");
                replica.mark_unknown();
                None
            }
            Some(Err(error)) => {
                tracing::debug!(?error, "a replica does not answer; the primary is asked");
                replica.mark_failed();
                None
            }
        }
    }

    /// A place on a connection that others share, for what is brief.
    async fn join<R>(
        &self,
        pools: &Pools,
        statement: &Statement<R>,
    ) -> Option<Result<Slot<Connections>, SharedFailure<Connections>>> {
        if statement.is_cheap() { pools.join(statement.wait_policy()).await } else { None }
    }

    /// What is answered at a place among others; none if it takes so long that it is better asked again elsewhere.
    async fn ask_at<R>(
        &self,
        slot: Slot<Connections>,
        pools: &Pools,
        statement: &Statement<R>,
    ) -> Option<Result<Vec<R>, QueryError>>
    where
        R: RowType,
        Pg: QueryMetadata<R::Sql>,
    {
        let mut connection = slot.with_connection(PgConnection::clone_handle)?;
        let mut statements = StatementRunner {
            connection: &mut connection,
            response_timeout: self.pipeline_timeout,
            retries: Retries::SOME,
        };
        match statements.rows(statement).await {
            Err(QueryError::Lost(_)) => {
                pools.back_off();
                None
            }
            rows => {
                slot.complete();
                Some(rows)
            }
        }
    }

    async fn lease(&self, wait_policy: WaitPolicy) -> Result<Connection, QueryError> {
        Ok(Lease::new(self.pools.get(wait_policy).await?))
    }

    fn statements<'c>(&self, lease: &'c mut Connection, retries: Retries) -> Result<StatementRunner<'c>, QueryError> {
        let connection = lease.connection().ok_or(diesel::result::Error::BrokenTransactionManager)?;
        Ok(StatementRunner { connection, response_timeout: self.response_timeout, retries })
    }

    /// Runs statements on a connection: the unit's, or a pooled one, on which each stands for itself.
    async fn run<R, F>(&self, wait_policy: WaitPolicy, expects_conflict: bool, work: F) -> Result<R, QueryError>
    where
        R: Send,
        F: for<'c> Work<'c, Result<R, QueryError>> + Send,
    {
        let Some(unit) = CurrentUnit::<Connection>::get() else {
            let mut lease = self.lease(wait_policy).await?;
            let result = work(self.statements(&mut lease, Retries::SOME)?).await;
            self.take_back(lease, &result);
            return result;
        };
        let mut unit = unit.enter().await;
        let mut lease = unit.transaction(self).await?;
        let result = match expects_conflict {
            true => self.in_savepoint(&mut lease, work).await,
            false => work(self.statements(&mut lease, Retries::NONE)?).await,
        };
        match &result {
            // The transaction is gone.
            Err(QueryError::Lost(_)) => self.take_back(lease, &result),
            Err(QueryError::Taken(_)) => unit.leave(lease, !expects_conflict),
            _ => unit.leave(lease, result.is_err()),
        }
        result
    }

    /// Runs statements so that the transaction outlives their failure: PostgreSQL refuses everything after a failed
    /// statement otherwise.
    async fn in_savepoint<R, F>(&self, lease: &mut Connection, work: F) -> Result<R, QueryError>
    where
        R: Send,
        F: for<'c> Work<'c, Result<R, QueryError>> + Send,
    {
        self.statements(lease, Retries::NONE)?.begin_savepoint().await?;
        let result = work(self.statements(lease, Retries::NONE)?).await;
        match &result {
            Ok(_) => self.statements(lease, Retries::NONE)?.commit().await?,
            Err(QueryError::Lost(_)) => {}
            Err(_) => self.statements(lease, Retries::NONE)?.rollback().await?,
        }
        result
    }

    /// Puts a connection back. If it turned out to lead to a server that is of no use, it is closed, and so are the
    /// others that lead there.
    fn take_back<R>(&self, lease: Connection, result: &Result<R, QueryError>) {
        match result {
            Err(QueryError::Lost(_)) => self.pools.clear(),
            _ => lease.release(),
        }
    }
}

#[async_trait]
impl Executor for PostgresExecutor {
    type Dialect = PostgresDialect;

    async fn rows<R>(&self, statement: Statement<R>) -> Result<Vec<R>, QueryError>
    where
        R: RowType,
        Pg: QueryMetadata<R::Sql>,
        Sqlite: QueryMetadata<R::Sql>,
    {
        if let Some(rows) = self.ask_replica(&statement).await {
            return Ok(rows);
        }
        if CurrentUnit::<Connection>::get().is_none()
            && let Some(slot) = self.join(&self.pools, &statement).await
            && let Some(rows) = self.ask_at(slot?, &self.pools, &statement).await
        {
            return rows;
        }
        self.run(statement.wait_policy(), statement.expects_conflict(), async |mut on: StatementRunner<'_>| {
            on.rows(&statement).await
        })
        .await
    }

    async fn rows_after<R>(&self, change: Statement, statement: Statement<R>) -> Result<(usize, Vec<R>), QueryError>
    where
        R: RowType,
        Pg: QueryMetadata<R::Sql>,
        Sqlite: QueryMetadata<R::Sql>,
    {
        self.run(change.wait_policy(), change.expects_conflict(), async |mut on: StatementRunner<'_>| {
            let count = on.execute(&change).await?;
            Ok((count, on.rows(&statement).await?))
        })
        .await
    }

    fn record_metrics(&self) {
        self.pools.record_metrics();
        self.replicas.record_metrics();
    }

    fn close(&self) {
        self.pools.close();
        self.replicas.close();
    }

    async fn execute(&self, change: Statement) -> Result<usize, QueryError> {
        self.run(change.wait_policy(), change.expects_conflict(), async |mut on: StatementRunner<'_>| {
            on.execute(&change).await
        })
        .await
    }
}

#[async_trait]
impl Transactions for PostgresExecutor {
    type Open = Connection;

    async fn begin(&self, purpose: TxMode) -> Result<Connection, QueryError> {
        let mut lease = self.lease(WaitPolicy::IfInTime).await?;
        let _timer = query_timer(BEGIN);
        let mut statements = self.statements(&mut lease, Retries::NONE)?;
        match purpose {
            TxMode::Write => statements.begin(&self.begin).await?,
            TxMode::Snapshot => statements.begin(&format!("{}; {ONE_MOMENT}", self.begin)).await?,
        }
        Ok(lease)
    }

    async fn commit(&self, mut open: Connection) -> Result<(), QueryError> {
        let _timer = query_timer(COMMIT);
        self.statements(&mut open, Retries::NONE)?.commit().await?;
        open.release();
        Ok(())
    }

    async fn rollback(&self, mut open: Connection) -> Result<(), QueryError> {
        let _timer = query_timer(ROLLBACK);
        self.statements(&mut open, Retries::NONE)?.rollback().await?;
        open.release();
        Ok(())
    }
}
