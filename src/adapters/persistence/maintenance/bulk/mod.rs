//! The store as a whole: filled, copied or emptied.
//!
//! Many records travel as one parameter, a JSON array that the engine takes apart, so that there is
//! one prepared statement per kind whatever the number of records. PostgreSQL's triggers are
//! disabled meanwhile and their work is done once at the end: the rows that they update batch by
//! batch would pile up as dead versions that no vacuum can remove before the commit.

pub mod records;

use async_trait::async_trait;
use diesel::expression::QueryMetadata;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;

use self::records::{columns, key};
use super::doctor;
use crate::adapters::persistence::sql::columns::{Columns, JsonRow};
use crate::adapters::persistence::sql::dialect::Dialect;
use crate::adapters::persistence::sql::error::QueryError;
use crate::adapters::persistence::sql::executor::Executor;
use crate::adapters::persistence::sql::row_type::RowType;
use crate::adapters::persistence::sql::statement::Statement;
use crate::domain::model::records::{Count, Cursor, Kind, Records, Sequences};
use crate::domain::model::values::{CommentId, UserId};
use crate::ports::bulk::BulkStore;
use crate::ports::repositories::RepositoryError;

pub struct SqlBulkStore<E>(pub E);

impl<E: Executor> SqlBulkStore<E> {
    async fn execute_all(&self, operation: &'static str, statements: &[&'static str]) -> Result<(), RepositoryError> {
        for statement in statements {
            self.0.execute(Statement::write(operation, *statement)).await?;
        }
        Ok(())
    }

    async fn records<R: RowType>(&self, kind: Kind, after: Cursor, limit: u32) -> Result<Vec<R>, QueryError>
    where
        Pg: QueryMetadata<R::Sql>,
        Sqlite: QueryMetadata<R::Sql>,
    {
        let mut statement = Statement::read("bulk.page", page_sql(kind)).number(after.0);
        if key(kind).len() > 1 {
            statement = statement.number(after.1);
        }
        self.0.rows(statement.number(i64::from(limit))).await
    }
}

#[async_trait]
impl<E: Executor> BulkStore for SqlBulkStore<E> {
    async fn counts(&self) -> Result<Vec<Count>, RepositoryError> {
        let mut counts = Vec::new();
        for &kind in Kind::ALL {
            let statement = Statement::<i64>::read("bulk.count", format!("select count(*) from {}", kind.name()));
            let records = self.0.first(statement).await?.unwrap_or_default();
            counts.push(Count { kind, records: u64::try_from(records).unwrap_or_default() });
        }
        Ok(counts)
    }

    async fn page(&self, kind: Kind, after: Cursor, limit: u32) -> Result<Records, RepositoryError> {
        Ok(match kind {
            Kind::Users => Records::Users(self.records(kind, after, limit).await?),
            Kind::Follows => Records::Follows(self.records(kind, after, limit).await?),
            Kind::Articles => Records::Articles(self.records(kind, after, limit).await?),
            Kind::Favorites => Records::Favorites(self.records(kind, after, limit).await?),
            Kind::Comments => Records::Comments(self.records(kind, after, limit).await?),
        })
    }

    async fn sequences(&self) -> Result<Sequences, RepositoryError> {
        let statement = Statement::<(i64, i64)>::read("bulk.last_numbers", E::Dialect::SEQUENCES);
        let (user, comment) = self.0.first(statement).await?.unwrap_or_default();
        Ok(Sequences { user: UserId::new(user), comment: CommentId::new(comment) })
    }

    async fn begin_transfer(&self) -> Result<(), RepositoryError> {
        self.execute_all("bulk.begin_filling", E::Dialect::BEGIN_TRANSFER).await
    }

    async fn insert(&self, records: Records) -> Result<(), RepositoryError> {
        let (table, columns) = (records.kind().name(), columns(records.kind()));
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let sql = format!("insert into {table} ({}) {}", names.join(", "), E::Dialect::unpack(&columns));
        let rows = to_json(&records).map_err(|error| RepositoryError::Internal(error.into()))?;
        self.0.execute(Statement::write("bulk.insert", sql).owned_text(rows)).await?;
        Ok(())
    }

    async fn end_transfer(&self, last: Sequences) -> Result<(), RepositoryError> {
        self.execute_all("bulk.before_deriving", E::Dialect::BEFORE_DERIVING).await?;
        doctor::rederive(&self.0).await?;
        self.execute_all("bulk.end_filling", E::Dialect::END_TRANSFER).await?;
        let [users, comments] = E::Dialect::ADVANCE_SEQUENCES;
        for (statements, last) in [(users, last.user.get()), (comments, last.comment.get())] {
            for statement in statements {
                self.0.execute(Statement::write("bulk.number_after", *statement).number(last)).await?;
            }
        }
        Ok(())
    }

    async fn clear(&self) -> Result<(), RepositoryError> {
        self.execute_all("bulk.clear", E::Dialect::CLEAR).await
    }
}

fn to_json(records: &Records) -> serde_json::Result<String> {
    fn array<C: Columns>(records: &[C]) -> serde_json::Result<String> {
        serde_json::to_string(&records.iter().map(JsonRow).collect::<Vec<_>>())
    }
    match records {
        Records::Users(records) => array(records),
        Records::Follows(records) => array(records),
        Records::Articles(records) => array(records),
        Records::Favorites(records) => array(records),
        Records::Comments(records) => array(records),
    }
}

/// Returns the SQL for the records of a kind after a cursor (`$1`, or `$1` and `$2`), at most as
/// many as the last parameter. Served by the primary keys.
fn page_sql(kind: Kind) -> String {
    let names: Vec<&str> = columns(kind).iter().map(|column| column.name).collect();
    let (names, table, key) = (names.join(", "), kind.name(), key(kind));
    let (cursor, limit) = match key {
        [_] => ("$1", "$2"),
        _ => ("($1, $2)", "$3"),
    };
    let columns = key.join(", ");
    let compared = if key.len() > 1 { format!("({columns})") } else { columns.clone() };
    format!("select {names} from {table} where {compared} > {cursor} order by {columns} limit {limit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_is_cut_along_the_primary_key() {
        assert_eq!(
            page_sql(Kind::Comments),
            "select id, article_id, author_id, created_at, body from comments where id > $1 order by id limit $2"
        );
        assert_eq!(
            page_sql(Kind::Favorites),
            "select user_id, article_id from favorites where (user_id, article_id) > ($1, $2) \
            order by user_id, article_id limit $3"
        );
    }
}
