//! The store as a whole: filled, copied or emptied.
//!
//! Many records travel as one parameter, a JSON array that the engine takes apart: one text per kind on both engines, prepared
//! once, whatever the number of records. PostgreSQL's triggers are off meanwhile and their work is done once at the end, for
//! the rows that they update batch by batch would pile up as dead versions that no vacuum can remove before the commit.

mod packed;
mod unpacked;

use async_trait::async_trait;
use diesel::sql_types::BigInt;

use super::doctor;
use crate::{
    adapters::persistence::sql::{
        columns::{columns, key},
        executor::Executor,
        statement::Statement,
    },
    domain::model::{
        records::{Count, Cursor, Kind, Records, Sequences},
        values::{CommentId, UserId},
    },
    ports::{bulk::BulkStore, repositories::RepositoryError},
};

/// The whole of an engine's store.
pub struct Whole<S>(S);

impl<S> From<S> for Whole<S> {
    fn from(session: S) -> Self {
        Self(session)
    }
}

impl<S: Executor> Whole<S> {
    async fn execute_all(&self, operation: &'static str, texts: &[&'static str]) -> Result<(), RepositoryError> {
        for text in texts {
            self.0.execute(Statement::write(operation, *text)).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl<S: Executor> BulkStore for Whole<S> {
    async fn counts(&self) -> Result<Vec<Count>, RepositoryError> {
        let mut counts = Vec::new();
        for kind in Kind::ALL {
            let question = Statement::<BigInt>::read("bulk.count", format!("select count(*) from {}", kind.name()));
            let records: i64 = self.0.first(question).await?.unwrap_or_default();
            counts.push(Count { kind, records: u64::try_from(records).unwrap_or_default() });
        }
        Ok(counts)
    }

    async fn page(&self, kind: Kind, after: Cursor, limit: u32) -> Result<Records, RepositoryError> {
        Ok(unpacked::page(&self.0, kind, after, limit).await?)
    }

    async fn sequences(&self) -> Result<Sequences, RepositoryError> {
        let question = Statement::<(BigInt, BigInt)>::read("bulk.last_numbers", S::DIALECT.sequences);
        let (user, comment): (i64, i64) = self.0.first(question).await?.unwrap_or_default();
        Ok(Sequences { user: UserId::new(user), comment: CommentId::new(comment) })
    }

    async fn begin_transfer(&self) -> Result<(), RepositoryError> {
        self.execute_all("bulk.begin_filling", S::DIALECT.begin_transfer).await
    }

    async fn insert(&self, records: Records) -> Result<(), RepositoryError> {
        let (table, columns) = (records.kind().name(), columns(records.kind()));
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let text = format!("insert into {table} ({}) {}", names.join(", "), (S::DIALECT.unpack)(columns));
        let packed = packed::json(&records).map_err(|error| RepositoryError::Internal(error.into()))?;
        self.0.execute(Statement::write("bulk.insert", text).owned_text(packed)).await?;
        Ok(())
    }

    async fn end_transfer(&self, last: Sequences) -> Result<(), RepositoryError> {
        self.execute_all("bulk.before_deriving", S::DIALECT.before_deriving).await?;
        doctor::derive(&self.0).await?;
        self.execute_all("bulk.end_filling", S::DIALECT.end_transfer).await?;
        let [users, comments] = S::DIALECT.advance_sequence;
        for (texts, number) in [(users, last.user.get()), (comments, last.comment.get())] {
            for text in texts {
                self.0.execute(Statement::write("bulk.number_after", *text).number(number)).await?;
            }
        }
        Ok(())
    }

    async fn clear(&self) -> Result<(), RepositoryError> {
        self.execute_all("bulk.clear", S::DIALECT.clear).await
    }
}

/// The text that asks for the records of a kind after a place, `$1` or `($1, $2)`, and the number of them, which is the last
/// parameter. Served by the primary keys.
fn page_text(kind: Kind) -> String {
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
    fn a_page_goes_by_the_primary_key() {
        assert_eq!(
            page_text(Kind::Comments),
            "select id, article_id, author_id, created_at, body from comments where id > $1 order by id limit $2"
        );
        assert_eq!(
            page_text(Kind::Favorites),
            "select user_id, article_id from favorites where (user_id, article_id) > ($1, $2) \
            order by user_id, article_id limit $3"
        );
    }
}
