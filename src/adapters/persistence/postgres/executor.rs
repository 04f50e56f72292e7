//! Executor on PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use diesel::expression::QueryMetadata;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;

use super::dialect::PostgresDialect;
use super::driver::connection::PgConnection;
use super::driver::runner::{ResponseTimeout, StatementRunner};
use super::pipeline::{Reservation, Slot};
use super::pools::{Connections, Pools};
use super::replicas::set::ReplicaSet;
use crate::adapters::persistence::pool::lease::Lease;
use crate::adapters::persistence::sql::error::QueryError;
use crate::adapters::persistence::sql::execution::{BEGIN, COMMIT, ROLLBACK, query_timer};
use crate::adapters::persistence::sql::executor::Executor;
use crate::adapters::persistence::sql::retry::Retries;
use crate::adapters::persistence::sql::row_type::RowType;
use crate::adapters::persistence::sql::statement::{Statement, WaitPolicy};
use crate::adapters::persistence::sql::unit_of_work::{Transactions, TxMode, current_unit};

type Connection = Lease<Connections>;

const SNAPSHOT_ISOLATION: &str = "set transaction isolation level repeatable read, read only";

#[derive(Clone)]
pub struct PostgresExecutor {
    pools: Pools,
    replicas: Option<Arc<ReplicaSet>>,
    response_timeout: ResponseTimeout,
    pipeline_timeout: ResponseTimeout,
    begin_sql: Arc<str>,
}

impl PostgresExecutor {
    pub(super) fn new(
        pools: Pools,
        replicas: Option<Arc<ReplicaSet>>,
        statement_timeout: Duration,
        begin_sql: String,
    ) -> Self {
        Self {
            pools,
            replicas,
            response_timeout: ResponseTimeout::new(statement_timeout),
            pipeline_timeout: ResponseTimeout::pipelined(statement_timeout),
            begin_sql: begin_sql.into(),
        }
    }

    /// Returns the rows from a replica, or `None` if the primary must serve the statement.
    async fn rows_from_replica<R: RowType>(&self, statement: &Statement<R>) -> Option<Vec<R>>
    where
        Pg: QueryMetadata<R::Sql>,
    {
        if !statement.allows_replica {
            return None;
        }
        let replica = self.replicas.as_ref()?.pick()?;
        let rows = match pipeline_slot(&replica.pools, statement).await {
            Some(slot) => self.pipelined_rows(slot.ok()?, &replica.pools, statement).await,
            None => {
                let mut lease = lease(&replica.pools, statement.wait_policy).await.ok()?;
                let rows = self.runner(&mut lease, Retries::NONE).ok()?.rows(statement).await;
                if rows.is_ok() {
                    lease.release();
                }
                Some(rows)
            }
        };
        match rows {
            Some(Ok(rows)) => Some(rows),
            None => {
                tracing::debug!("a replica is slow to respond; the primary serves the statement");
                replica.mark_unknown();
                None
            }
            Some(Err(error)) => {
                tracing::debug!(?error, "a statement failed on a replica; the primary serves it");
                replica.mark_failed();
                None
            }
        }
    }

    /// Runs a statement in a pipeline. Returns `None` if the response is late, and the statement
    /// must run again on its own connection.
    async fn pipelined_rows<R: RowType>(
        &self,
        slot: Slot<Connections>,
        pools: &Pools,
        statement: &Statement<R>,
    ) -> Option<Result<Vec<R>, QueryError>>
    where
        Pg: QueryMetadata<R::Sql>,
    {
        let mut connection = slot.with_connection(PgConnection::clone_handle)?;
        let response_timeout = self.pipeline_timeout;
        let mut runner =
            StatementRunner { connection: &mut connection, response_timeout, retries: Retries::ON_CONFLICT };
        match runner.rows(statement).await {
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

    fn runner<'c>(&self, lease: &'c mut Connection, retries: Retries) -> Result<StatementRunner<'c>, QueryError> {
        let connection = lease.connection().ok_or(diesel::result::Error::BrokenTransactionManager)?;
        Ok(StatementRunner { connection, response_timeout: self.response_timeout, retries })
    }

    /// Runs a write, a read, or both in this order: in the current unit, or else on a pooled
    /// connection, where each statement is its own transaction.
    async fn run<R: RowType>(
        &self,
        wait_policy: WaitPolicy,
        expects_conflict: bool,
        write: Option<&Statement>,
        read: Option<&Statement<R>>,
    ) -> Result<(usize, Vec<R>), QueryError>
    where
        Pg: QueryMetadata<R::Sql>,
    {
        let Some(unit) = current_unit::<Connection>() else {
            let mut lease = lease(&self.pools, wait_policy).await?;
            let result = self.runner(&mut lease, Retries::ON_CONFLICT)?.run(write, read).await;
            match &result {
                Err(QueryError::Lost(_)) => self.pools.clear(),
                _ => lease.release(),
            }
            return result;
        };
        let mut unit = unit.lock().await;
        let mut lease = unit.transaction(self).await?;
        let mut runner = self.runner(&mut lease, Retries::NONE)?;
        let result =
            if expects_conflict { runner.run_in_savepoint(write, read).await } else { runner.run(write, read).await };
        match &result {
            // The transaction is lost, and the unit with it.
            Err(QueryError::Lost(_)) => self.pools.clear(),
            _ => unit.release(lease, &result, expects_conflict),
        }
        result
    }
}

async fn lease(pools: &Pools, wait_policy: WaitPolicy) -> Result<Connection, QueryError> {
    Ok(Lease::new(pools.get(wait_policy).await?))
}

async fn pipeline_slot<R>(pools: &Pools, statement: &Statement<R>) -> Option<Reservation<Connections>> {
    if statement.is_cheap { pools.pipeline_slot(statement.wait_policy).await } else { None }
}

#[async_trait]
impl Executor for PostgresExecutor {
    type Dialect = PostgresDialect;

    async fn rows<R: RowType>(&self, statement: Statement<R>) -> Result<Vec<R>, QueryError>
    where
        Pg: QueryMetadata<R::Sql>,
        Sqlite: QueryMetadata<R::Sql>,
    {
        if current_unit::<Connection>().is_none() {
            if let Some(rows) = self.rows_from_replica(&statement).await {
                return Ok(rows);
            }
            if let Some(slot) = pipeline_slot(&self.pools, &statement).await
                && let Some(rows) = self.pipelined_rows(slot?, &self.pools, &statement).await
            {
                return rows;
            }
        }
        Ok(self.run(statement.wait_policy, statement.expects_conflict, None, Some(&statement)).await?.1)
    }

    async fn rows_after<R: RowType>(&self, write: Statement, read: Statement<R>) -> Result<(usize, Vec<R>), QueryError>
    where
        Pg: QueryMetadata<R::Sql>,
        Sqlite: QueryMetadata<R::Sql>,
    {
        self.run(write.wait_policy, write.expects_conflict, Some(&write), Some(&read)).await
    }

    async fn execute(&self, write: Statement) -> Result<usize, QueryError> {
        Ok(self.run::<i64>(write.wait_policy, write.expects_conflict, Some(&write), None).await?.0)
    }

    fn record_metrics(&self) {
        self.pools.record_metrics();
        self.replicas.iter().for_each(|replicas| replicas.record_metrics());
    }

    fn close(&self) {
        self.pools.close();
        self.replicas.iter().for_each(|replicas| replicas.close());
    }
}

/// Without a response to BEGIN, COMMIT or ROLLBACK only the connection of the transaction is
/// closed: idle ones stay in the pools until a statement fails on them.
#[async_trait]
impl Transactions for PostgresExecutor {
    type Open = Connection;

    async fn begin(&self, mode: TxMode) -> Result<Connection, QueryError> {
        let mut lease = lease(&self.pools, WaitPolicy::IfInTime).await?;
        let _timer = query_timer(BEGIN);
        let mut runner = self.runner(&mut lease, Retries::NONE)?;
        match mode {
            TxMode::Write => runner.begin(&self.begin_sql).await?,
            TxMode::Snapshot => runner.begin(&format!("{}; {SNAPSHOT_ISOLATION}", self.begin_sql)).await?,
        }
        Ok(lease)
    }

    async fn commit(&self, mut open: Connection) -> Result<(), QueryError> {
        let _timer = query_timer(COMMIT);
        self.runner(&mut open, Retries::NONE)?.commit().await?;
        open.release();
        Ok(())
    }

    async fn rollback(&self, mut open: Connection) -> Result<(), QueryError> {
        let _timer = query_timer(ROLLBACK);
        self.runner(&mut open, Retries::NONE)?.rollback().await?;
        open.release();
        Ok(())
    }
}
