//! Runs statements on one connection, with a response timeout and retries after lost races.

use std::time::Duration;

use diesel::QueryResult;
use diesel::expression::QueryMetadata;
use diesel::pg::Pg;
use diesel_async::{AnsiTransactionManager, RunQueryDsl, TransactionManager};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::{sleep, timeout};

use super::connection::PgConnection;
use crate::adapters::persistence::postgres::dialect::PostgresDialect;
use crate::adapters::persistence::sql::dialect::Dialect;
use crate::adapters::persistence::sql::error::QueryError;
use crate::adapters::persistence::sql::retry::Retries;
use crate::adapters::persistence::sql::row_type::RowType;
use crate::adapters::persistence::sql::statement::Statement;

/// Time in which the server should cancel a statement that reaches the statement timeout.
const GRACE: Duration = Duration::from_secs(1);

/// Divides the statement timeout for pipelined statements: 250 ms by default.
const PIPELINE_DIVISOR: u32 = 20;

/// Limit for a response: a frozen server never sends one.
#[derive(Clone, Copy, Debug)]
pub struct ResponseTimeout(Option<Duration>);

impl ResponseTimeout {
    pub const UNLIMITED: Self = Self(None);

    /// Zero disables the timeout.
    pub fn new(statement_timeout: Duration) -> Self {
        Self((!statement_timeout.is_zero()).then(|| statement_timeout + GRACE))
    }

    /// Shorter, because a pipelined statement delays those behind it.
    pub fn pipelined(statement_timeout: Duration) -> Self {
        Self((!statement_timeout.is_zero()).then(|| statement_timeout / PIPELINE_DIVISOR))
    }

    /// Fails with [`QueryError::Lost`] if the response does not arrive in time.
    pub async fn wait<T>(self, response: impl Future<Output = QueryResult<T>>) -> Result<T, QueryError> {
        let Some(limit) = self.0 else { return Ok(response.await?) };
        match timeout(limit, response).await {
            Ok(result) => Ok(result?),
            Err(_) => Err(QueryError::Lost(format!("no response from PostgreSQL within {limit:?}").into())),
        }
    }
}

pub struct StatementRunner<'c> {
    pub connection: &'c mut PgConnection,
    pub response_timeout: ResponseTimeout,
    /// None inside a transaction, where a failure undoes earlier statements.
    pub retries: Retries,
}

impl StatementRunner<'_> {
    pub async fn rows<R: RowType>(&mut self, statement: &Statement<R>) -> Result<Vec<R>, QueryError>
    where
        Pg: QueryMetadata<R::Sql>,
    {
        self.retry(statement, |statement, connection| statement.load(connection).boxed()).await
    }

    pub async fn execute(&mut self, write: &Statement) -> Result<usize, QueryError> {
        self.retry(write, |write, connection| write.execute(connection)).await
    }

    /// Runs the write, then the read, as far as there are any.
    pub async fn run<R: RowType>(
        &mut self,
        write: Option<&Statement>,
        read: Option<&Statement<R>>,
    ) -> Result<(usize, Vec<R>), QueryError>
    where
        Pg: QueryMetadata<R::Sql>,
    {
        let count = if let Some(write) = write { self.execute(write).await? } else { 0 };
        let rows = if let Some(read) = read { self.rows(read).await? } else { Vec::new() };
        Ok((count, rows))
    }

    /// Does the same in a savepoint, so that a failure does not abort the transaction.
    pub async fn run_in_savepoint<R: RowType>(
        &mut self,
        write: Option<&Statement>,
        read: Option<&Statement<R>>,
    ) -> Result<(usize, Vec<R>), QueryError>
    where
        Pg: QueryMetadata<R::Sql>,
    {
        self.response_timeout.wait(AnsiTransactionManager::begin_transaction(self.connection)).await?;
        let result = self.run(write, read).await;
        match &result {
            Ok(_) => self.commit().await?,
            Err(QueryError::Lost(_)) => {}
            Err(_) => self.rollback().await?,
        }
        result
    }

    async fn retry<R, T>(
        &mut self,
        statement: &Statement<R>,
        run: for<'a> fn(&'a Statement<R>, &'a mut PgConnection) -> BoxFuture<'a, QueryResult<T>>,
    ) -> Result<T, QueryError> {
        let mut retries = self.retries;
        loop {
            let execution = statement.execution(PostgresDialect::SYSTEM);
            let result = execution.end(self.response_timeout.wait(run(statement, self.connection)).await);
            match retries.pause_after(&result) {
                Some(pause) => sleep(pause).await,
                None => return result,
            }
        }
    }

    pub async fn begin(&mut self, sql: &str) -> Result<(), QueryError> {
        self.response_timeout.wait(AnsiTransactionManager::begin_transaction_sql(self.connection, sql)).await
    }

    /// Commits the transaction, or releases the innermost savepoint.
    pub async fn commit(&mut self) -> Result<(), QueryError> {
        self.response_timeout.wait(AnsiTransactionManager::commit_transaction(self.connection)).await
    }

    /// Rolls back the transaction, or to the innermost savepoint.
    pub async fn rollback(&mut self) -> Result<(), QueryError> {
        self.response_timeout.wait(AnsiTransactionManager::rollback_transaction(self.connection)).await
    }
}
