//! Statements on one connection: for how long they are waited for, and when they are tried again.

use std::time::Duration;

use diesel::{QueryResult, expression::QueryMetadata, pg::Pg};
use diesel_async::{AnsiTransactionManager, RunQueryDsl, TransactionManager};
use tokio::time::{sleep, timeout};

use super::connection::PgConnection;
use crate::adapters::persistence::{
    postgres::dialect::PostgresDialect,
    sql::{dialect::Dialect, error::QueryError, retry::Retries, row_type::RowType, statement::Statement},
};

/// How long an answer is waited for beyond the time after which the server is to give up by itself.
const GRACE: Duration = Duration::from_secs(1);

/// 250 ms of the 5 s that a statement may take by default.
const PIPELINE_SHARE: u32 = 20;

/// How long an answer is waited for. A server that is frozen, or behind a network that is cut, says nothing at all.
#[derive(Clone, Copy, Debug)]
pub struct ResponseTimeout(Option<Duration>);

impl ResponseTimeout {
    /// For a server that gives up after `statement_timeout`; zero stands for never.
    pub fn with(statement_timeout: Duration) -> Self {
        Self((!statement_timeout.is_zero()).then(|| statement_timeout + GRACE))
    }

    /// For a statement that shares its connection, and keeps others waiting: the time of a statement, divided by
    /// [`PIPELINE_SHARE`].
    pub fn for_pipeline(statement_timeout: Duration) -> Self {
        Self((!statement_timeout.is_zero()).then(|| statement_timeout / PIPELINE_SHARE))
    }

    /// Waits for an answer.
    ///
    /// # Errors
    /// [`QueryError::Lost`] when there is none in time; otherwise what the answer is.
    pub async fn wait<T>(self, answer: impl Future<Output = QueryResult<T>>) -> Result<T, QueryError> {
        let Some(limit) = self.0 else { return Ok(answer.await?) };
        match timeout(limit, answer).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(QueryError::Lost(format!("no answer from PostgreSQL within {limit:?}").into())),
        }
    }
}

/// A connection to carry out statements on.
pub struct StatementRunner<'c> {
    /// The connection.
    pub connection: &'c mut PgConnection,
    /// How long each is waited for.
    pub response_timeout: ResponseTimeout,
    /// Whether each may be tried again; inside a transaction none may, for the failure of one undoes those before it.
    pub retries: Retries,
}

impl StatementRunner<'_> {
    /// The rows that a statement gives.
    pub async fn rows<R>(&mut self, statement: &Statement<R>) -> Result<Vec<R>, QueryError>
    where
        R: RowType,
        Pg: QueryMetadata<R::Sql>,
    {
        let mut retries = self.retries;
        loop {
            let execution = statement.execution(PostgresDialect::SYSTEM);
            let rows = execution.end(self.response_timeout.wait(statement.load(self.connection)).await);
            match retries.pause_after(&rows) {
                Some(pause) => sleep(pause).await,
                None => return rows,
            }
        }
    }

    /// Carries out a change, and tells how many rows it concerned.
    pub async fn execute(&mut self, change: &Statement) -> Result<usize, QueryError> {
        let mut retries = self.retries;
        loop {
            let execution = change.execution(PostgresDialect::SYSTEM);
            let count = execution.end(self.response_timeout.wait(change.execute(self.connection)).await);
            match retries.pause_after(&count) {
                Some(pause) => sleep(pause).await,
                None => return count,
            }
        }
    }

    /// Begins a transaction in these words.
    pub async fn begin(&mut self, words: &str) -> Result<(), QueryError> {
        self.response_timeout.wait(AnsiTransactionManager::begin_transaction_sql(self.connection, words)).await
    }

    /// Begins a savepoint inside a transaction.
    pub async fn begin_savepoint(&mut self) -> Result<(), QueryError> {
        self.response_timeout.wait(AnsiTransactionManager::begin_transaction(self.connection)).await
    }

    /// Keeps what was written since the savepoint or transaction began.
    pub async fn commit(&mut self) -> Result<(), QueryError> {
        self.response_timeout.wait(AnsiTransactionManager::commit_transaction(self.connection)).await
    }

    /// Undoes it.
    pub async fn rollback(&mut self) -> Result<(), QueryError> {
        self.response_timeout.wait(AnsiTransactionManager::rollback_transaction(self.connection)).await
    }
}
