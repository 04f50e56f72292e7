//! Runs statements on one connection, with a limit for each response and retries after lost races.

use std::time::Duration;

use diesel::{QueryResult, expression::QueryMetadata, pg::Pg};
use diesel_async::{AnsiTransactionManager, RunQueryDsl, TransactionManager};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::time::{sleep, timeout};

use super::connection::PgConnection;
use crate::adapters::persistence::{
    postgres::dialect::PostgresDialect,
    sql::{dialect::Dialect, error::QueryError, retry::Retries, row_type::RowType, statement::Statement},
};

/// Time beyond the statement timeout, after which the server should have canceled the statement.
const GRACE: Duration = Duration::from_secs(1);

/// A pipelined statement has this fraction of the statement timeout: 250 ms of the default of 5 s.
const PIPELINE_DIVISOR: u32 = 20;

/// Limit for each response. A frozen server, or one behind a broken network, never responds.
#[derive(Clone, Copy, Debug)]
pub struct ResponseTimeout(Option<Duration>);

impl ResponseTimeout {
    pub const UNLIMITED: Self = Self(None);

    /// Returns the limit for a statement on its own connection. Zero disables it.
    pub fn new(statement_timeout: Duration) -> Self {
        Self((!statement_timeout.is_zero()).then(|| statement_timeout + GRACE))
    }

    /// Returns the limit for a pipelined statement, which delays those behind it. Zero disables it.
    pub fn pipelined(statement_timeout: Duration) -> Self {
        Self((!statement_timeout.is_zero()).then(|| statement_timeout / PIPELINE_DIVISOR))
    }

    /// Waits for a response.
    ///
    /// # Errors
    /// [`QueryError::Lost`] if it does not arrive in time.
    pub async fn wait<T>(self, response: impl Future<Output = QueryResult<T>>) -> Result<T, QueryError> {
        let Some(limit) = self.0 else { return Ok(response.await?) };
        match timeout(limit, response).await {
            Ok(result) => Ok(result?),
            Err(_) => Err(QueryError::Lost(format!("no response from PostgreSQL within {limit:?}").into())),
        }
    }
}

/// Runs statements on a connection.
pub struct StatementRunner<'c> {
    pub connection: &'c mut PgConnection,
    pub response_timeout: ResponseTimeout,
    /// Retries of each statement. None in a transaction, where a failure undoes earlier statements.
    pub retries: Retries,
}

impl StatementRunner<'_> {
    pub async fn rows<R>(&mut self, statement: &Statement<R>) -> Result<Vec<R>, QueryError>
    where
        R: RowType,
        Pg: QueryMetadata<R::Sql>,
    {
        self.retry(statement, |statement, connection| statement.load(connection).boxed()).await
    }

    pub async fn execute(&mut self, write: &Statement) -> Result<usize, QueryError> {
        self.retry(write, |write, connection| write.execute(connection)).await
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

    /// Begins a transaction with the given SQL.
    pub async fn begin(&mut self, sql: &str) -> Result<(), QueryError> {
        self.response_timeout.wait(AnsiTransactionManager::begin_transaction_sql(self.connection, sql)).await
    }

    pub async fn begin_savepoint(&mut self) -> Result<(), QueryError> {
        self.response_timeout.wait(AnsiTransactionManager::begin_transaction(self.connection)).await
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
