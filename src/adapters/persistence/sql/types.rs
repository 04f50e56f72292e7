//! SQL types that the engines store differently, and the domain values that columns hold.
//!
//! With these a repository is written once: a row has the same type on both engines. Stored values
//! were parsed on their way in, so they are not parsed again.

use chrono::{DateTime, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{FromSql, Queryable};
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::{Array, BigInt, SqlType, Text, Timestamptz};
use diesel::sqlite::Sqlite;
use diesel::{deserialize, serialize};
use serde_json::Value;

use super::columns::{ColumnValue, Content};
use super::row_type::RowType;
use crate::domain::model::user::{CredentialVersion, PasswordHash};
use crate::domain::model::values::{
    ArticleBody, ArticleId, Bio, CommentBody, CommentId, Description, Email, EmailKey, ImageUrl, SessionId, Slug, Tag,
    TagList, Title, UserId, Username, UsernameKey,
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

type SqliteValue<'a> = <Sqlite as Backend>::RawValue<'a>;

impl FromSql<InstantSql, Pg> for DateTime<Utc> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<Timestamptz, Pg>::from_sql(value)
    }
}

impl ToSql<InstantSql, Pg> for DateTime<Utc> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Timestamptz, Pg>::to_sql(self, out)
    }
}

impl FromSql<InstantSql, Sqlite> for DateTime<Utc> {
    fn from_sql(value: SqliteValue<'_>) -> deserialize::Result<Self> {
        let milliseconds = FromSql::<BigInt, Sqlite>::from_sql(value)?;
        DateTime::from_timestamp_millis(milliseconds).ok_or_else(|| "not a point in time".into())
    }
}

impl ToSql<InstantSql, Sqlite> for DateTime<Utc> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.timestamp_millis());
        Ok(serialize::IsNull::No)
    }
}

impl FromSql<TagListSql, Pg> for Vec<String> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<Array<Text>, Pg>::from_sql(value)
    }
}

impl ToSql<TagListSql, Pg> for TagList {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Array<Text>, Pg>::to_sql(&names(self), &mut out.reborrow())
    }
}

impl FromSql<TagListSql, Sqlite> for Vec<String> {
    fn from_sql(mut value: SqliteValue<'_>) -> deserialize::Result<Self> {
        Ok(serde_json::from_str(value.read_text())?)
    }
}

impl ToSql<TagListSql, Sqlite> for TagList {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&names(self))?);
        Ok(serialize::IsNull::No)
    }
}

fn tag_list(names: Vec<String>) -> TagList {
    TagList::from_trusted(names.into_iter().map(Tag::from_trusted).collect())
}

fn names(tags: &TagList) -> Vec<&str> {
    tags.iter().map(Tag::as_str).collect()
}

/// Maps domain values to columns: the SQL type, what diesel decodes, and the conversion to and from
/// it.
macro_rules! column_values {
    ($($content:ident as $raw:ty, $sql:ty { $($value:ty: $from:expr, $to:expr;)+ })+) => {$($(
        impl<DB: Backend> FromSql<$sql, DB> for $value
        where
            $raw: FromSql<$sql, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                <$raw>::from_sql(bytes).map($from)
            }
        }

        impl<DB: Backend> Queryable<$sql, DB> for $value
        where
            Self: FromSql<$sql, DB>,
        {
            type Row = Self;

            fn build(value: Self) -> deserialize::Result<Self> {
                Ok(value)
            }
        }

        impl RowType for $value {
            type Sql = $sql;
        }

        impl ColumnValue for $value {
            const CONTENT: Content = Content::$content;

            fn to_json(&self) -> Value {
                $to(self).into()
            }
        }
    )+)+};
}
column_values! {
    Number as i64, BigInt {
        UserId: UserId::new, |id: &Self| id.get();
        ArticleId: ArticleId::new, |id: &Self| id.get();
        CommentId: CommentId::new, |id: &Self| id.get();
        SessionId: SessionId::new, |id: &Self| id.get();
        CredentialVersion: CredentialVersion::new, |version: &Self| version.get();
    }
    Text as String, Text {
        Username: Username::from_trusted, Username::as_str;
        UsernameKey: UsernameKey::from_trusted, UsernameKey::as_str;
        Email: Email::from_trusted, Email::as_str;
        EmailKey: EmailKey::from_trusted, EmailKey::as_str;
        PasswordHash: PasswordHash::new, PasswordHash::expose;
        Bio: Bio::from_trusted, Bio::as_str;
        ImageUrl: ImageUrl::from_trusted, ImageUrl::as_str;
        Slug: Slug::from_trusted, Slug::as_str;
        Title: Title::from_trusted, Title::as_str;
        Description: Description::from_trusted, Description::as_str;
        ArticleBody: ArticleBody::from_trusted, ArticleBody::as_str;
        CommentBody: CommentBody::from_trusted, CommentBody::as_str;
        Tag: Tag::from_trusted, Tag::as_str;
    }
    Tags as Vec<String>, TagListSql {
        TagList: tag_list, names;
    }
}

impl RowType for DateTime<Utc> {
    type Sql = InstantSql;
}

impl ColumnValue for DateTime<Utc> {
    const CONTENT: Content = Content::Instant;

    fn to_json(&self) -> Value {
        self.timestamp_millis().into()
    }
}
