//! Runs statements on a database.
//!
//! Inside a unit of work a statement runs on the unit's connection. Otherwise it runs on a pooled
//! one without a transaction, so that reads never pay for a BEGIN.

use async_trait::async_trait;
use diesel::{expression::QueryMetadata, pg::Pg, sqlite::Sqlite};

use super::{dialect::Dialect, error::QueryError, row_type::RowType, statement::Statement};

/// A database that runs statements.
#[async_trait]
pub trait Executor: Clone + Send + Sync + 'static {
    /// The SQL in which this engine differs from the other.
    type Dialect: Dialect;

    /// Returns the rows of a statement.
    async fn rows<R: RowType>(&self, statement: Statement<R>) -> Result<Vec<R>, QueryError>
    where
        Pg: QueryMetadata<R::Sql>,
        Sqlite: QueryMetadata<R::Sql>;

    /// Runs a write and then a read on one connection. Returns the number of rows that the write
    /// affected, and the rows of the read. Outside a unit of work the two are separate
    /// transactions.
    async fn rows_after<R: RowType>(&self, write: Statement, read: Statement<R>) -> Result<(usize, Vec<R>), QueryError>
    where
        Pg: QueryMetadata<R::Sql>,
        Sqlite: QueryMetadata<R::Sql>;

    /// Runs a write and returns the number of rows that it affected.
    async fn execute(&self, write: Statement) -> Result<usize, QueryError>;

    /// Records the present state of the pools as metrics.
    fn record_metrics(&self);

    /// Closes each connection as soon as it is idle, and opens no more.
    fn close(&self);

    /// Returns the first row of a statement.
    async fn first<R: RowType>(&self, statement: Statement<R>) -> Result<Option<R>, QueryError>
    where
        Pg: QueryMetadata<R::Sql>,
        Sqlite: QueryMetadata<R::Sql>,
    {
        Ok(self.rows(statement).await?.into_iter().next())
    }
}
