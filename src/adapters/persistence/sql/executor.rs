//! Runs statements on a database.
//!
//! Inside a unit of work a statement runs on the unit's connection. Otherwise it runs on a pooled
//! one without a transaction, so that reads never pay for a BEGIN.

use async_trait::async_trait;
use diesel::expression::QueryMetadata;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;

use super::dialect::Dialect;
use super::error::QueryError;
use super::row_type::RowType;
use super::statement::Statement;

#[async_trait]
pub trait Executor: Clone + Send + Sync + 'static {
    type Dialect: Dialect;

    async fn rows<R: RowType>(&self, statement: Statement<R>) -> Result<Vec<R>, QueryError>
    where
        Pg: QueryMetadata<R::Sql>,
        Sqlite: QueryMetadata<R::Sql>;

    /// Runs a write, then a read on the same connection; outside a unit of work, these are separate
    /// transactions. Returns the number of rows that the write affected, and those of the read.
    async fn rows_after<R: RowType>(&self, write: Statement, read: Statement<R>) -> Result<(usize, Vec<R>), QueryError>
    where
        Pg: QueryMetadata<R::Sql>,
        Sqlite: QueryMetadata<R::Sql>;

    async fn execute(&self, write: Statement) -> Result<usize, QueryError>;

    fn record_metrics(&self);

    /// Closes each connection as soon as it is idle, and opens no more.
    fn close(&self);

    async fn first<R: RowType>(&self, statement: Statement<R>) -> Result<Option<R>, QueryError>
    where
        Pg: QueryMetadata<R::Sql>,
        Sqlite: QueryMetadata<R::Sql>,
    {
        Ok(self.rows(statement).await?.into_iter().next())
    }
}
