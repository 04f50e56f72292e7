//! The one door to a database.
//!
//! Inside a unit of work a session uses the unit's connection; otherwise a pooled one, without a transaction: every
//! statement stands for itself, and reads never pay for a BEGIN.

use async_trait::async_trait;
use diesel::{deserialize::FromSqlRow, expression::QueryMetadata, pg::Pg, query_dsl::CompatibleType, sqlite::Sqlite};

use super::{dialect::Dialect, error::QueryError, statement::Statement};

/// The SQL type of rows that `R` reads from both engines.
pub trait Shape<R>:
    CompatibleType<R, Pg, SqlType = Self> + CompatibleType<R, Sqlite, SqlType = Self> + Send + 'static
{
}
impl<R, ST> Shape<R> for ST where
    ST: CompatibleType<R, Pg, SqlType = ST> + CompatibleType<R, Sqlite, SqlType = ST> + Send + 'static
{
}

/// A Rust type that reads rows of shape `ST` from both engines.
pub trait Row<ST>: FromSqlRow<ST, Pg> + FromSqlRow<ST, Sqlite> + Send + 'static {}
impl<R, ST> Row<ST> for R where R: FromSqlRow<ST, Pg> + FromSqlRow<ST, Sqlite> + Send + 'static {}

/// A database that answers questions.
#[async_trait]
pub trait Executor: Clone + Send + Sync + 'static {
    /// The texts in which this engine differs.
    const DIALECT: Dialect;

    /// The rows that a statement gives.
    async fn rows<ST, R>(&self, question: Statement<ST>) -> Result<Vec<R>, QueryError>
    where
        ST: Shape<R>,
        R: Row<ST>,
        Pg: QueryMetadata<ST>,
        Sqlite: QueryMetadata<ST>;

    /// Carries out a change and then asks a question, on one connection: how many rows the change concerned, and the
    /// rows of the answer. Outside a unit each stands for itself.
    async fn rows_after<ST, R>(
        &self,
        change: Statement,
        question: Statement<ST>,
    ) -> Result<(usize, Vec<R>), QueryError>
    where
        ST: Shape<R>,
        R: Row<ST>,
        Pg: QueryMetadata<ST>,
        Sqlite: QueryMetadata<ST>;

    /// Carries out a change, and tells how many rows it concerned.
    async fn execute(&self, change: Statement) -> Result<usize, QueryError>;

    /// Shows how its pools are used now.
    fn record_metrics(&self);

    /// Closes its connections as soon as nobody uses them, and opens no more.
    fn close(&self);

    /// The first row that a statement gives.
    async fn first<ST, R>(&self, question: Statement<ST>) -> Result<Option<R>, QueryError>
    where
        ST: Shape<R>,
        R: Row<ST>,
        Pg: QueryMetadata<ST>,
        Sqlite: QueryMetadata<ST>,
    {
        Ok(self.rows(question).await?.into_iter().next())
    }
}
