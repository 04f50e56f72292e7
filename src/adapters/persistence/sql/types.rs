//! SQL types that the engines store each in its own way, and the Rust types that read and write them.
//!
//! With these the repositories are written once: a row has the same shape on both engines.

use chrono::{DateTime, Utc};
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    query_builder::QueryId,
    serialize::{self, Output, ToSql},
    sql_types::{self, Array, BigInt, SqlType, Text, Timestamptz},
    sqlite::Sqlite,
};

/// A point in time: `timestamptz` on PostgreSQL, milliseconds since 1970 on SQLite.
#[derive(SqlType, QueryId, Debug, Clone, Copy)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Long"))]
pub struct InstantSql;

/// Sorted tags: `text[]` on PostgreSQL, a JSON array on SQLite.
#[derive(SqlType, QueryId, Debug, Clone, Copy)]
#[diesel(postgres_type(oid = 1009, array_oid = 0))]
#[diesel(sqlite_type(name = "Text"))]
pub struct TagListSql;

/// Reads and writes [`InstantSql`].
#[derive(Debug, Clone, Copy, FromSqlRow, AsExpression)]
#[diesel(sql_type = InstantSql)]
pub struct Instant(pub DateTime<Utc>);

/// Reads and writes [`TagListSql`].
#[derive(Debug, Clone, FromSqlRow, AsExpression)]
#[diesel(sql_type = TagListSql)]
pub struct TagNames(pub Vec<String>);

impl FromSql<InstantSql, Pg> for Instant {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<Timestamptz, Pg>::from_sql(value).map(Self)
    }
}

impl ToSql<InstantSql, Pg> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Timestamptz, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<InstantSql, Sqlite> for Instant {
    fn from_sql(value: <Sqlite as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let milliseconds = FromSql::<BigInt, Sqlite>::from_sql(value)?;
        DateTime::from_timestamp_millis(milliseconds).map(Self).ok_or_else(|| "no point in time".into())
    }
}

impl ToSql<InstantSql, Sqlite> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.timestamp_millis());
        Ok(serialize::IsNull::No)
    }
}

impl FromSql<TagListSql, Pg> for TagNames {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<Array<sql_types::Text>, Pg>::from_sql(value).map(Self)
    }
}

impl ToSql<TagListSql, Pg> for TagNames {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Array<Text>, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<TagListSql, Sqlite> for TagNames {
    fn from_sql(mut value: <Sqlite as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(value.read_text())?))
    }
}

impl ToSql<TagListSql, Sqlite> for TagNames {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(serialize::IsNull::No)
    }
}
