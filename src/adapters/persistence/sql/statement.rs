//! A statement: its SQL, its parameters, and the type that its rows decode to.
//!
//! The SQL is read by both engines, or comes from the [`Dialect`](super::dialect::Dialect).
//! Parameters are `$1`, `$2`, ... and MUST first appear in that order: PostgreSQL goes by the
//! number, SQLite numbers such names as they appear.
//!
//! The SQL is written by hand because most of what serves a request in one statement (lateral
//! joins, sub-selects beside columns, conflict clauses that differ) has no form in diesel's query
//! builder.

use std::borrow::Cow;
use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::backend::{Backend, DieselReserveSpecialization};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Nullable, Text};
use diesel::{QueryResult, RunQueryDsl};

use super::execution::Execution;
use super::row_type::RowType;
use super::types::{InstantSql, TagListSql};
use crate::domain::model::user::Identity;
use crate::domain::model::values::TagList;

/// SQLite has separate connections for reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

/// When a statement may wait for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitPolicy {
    /// Only if it would get one in time.
    IfInTime,
    /// Always: for readiness probes, since a busy instance is not a broken one.
    Always,
}

pub struct Statement<R = ()> {
    operation: &'static str,
    text: Cow<'static, str>,
    pub access: Access,
    /// Whether a unit of work goes on after this write violates a unique constraint.
    pub expects_conflict: bool,
    pub allows_replica: bool,
    pub is_cheap: bool,
    pub wait_policy: WaitPolicy,
    parameters: Vec<Parameter>,
    rows: PhantomData<fn() -> R>,
}

enum Parameter {
    Number(Option<i64>),
    Text(Option<String>),
    Instant(DateTime<Utc>),
    Tags(Option<TagList>),
}

impl<R> Statement<R> {
    /// `operation` is the statement's name in metrics and traces, such as `articles.find`.
    pub fn read(operation: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(operation, text.into(), Access::Read)
    }

    pub fn write(operation: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(operation, text.into(), Access::Write)
    }

    fn new(operation: &'static str, text: Cow<'static, str>, access: Access) -> Self {
        debug_assert!(parameters_ascend(&text), "parameters do not appear in ascending order: {text}");
        Self {
            operation,
            text,
            access,
            expects_conflict: false,
            allows_replica: false,
            is_cheap: false,
            wait_policy: WaitPolicy::IfInTime,
            parameters: Vec::with_capacity(8),
            rows: PhantomData,
        }
    }

    pub fn execution(&self, system: &'static str) -> Execution {
        Execution::begin(system, self.operation, &self.text)
    }

    pub fn expect_conflict(mut self) -> Self {
        self.expects_conflict = true;
        self
    }

    /// Sets the reader of the result. Anonymous readers may be served by a replica: they have no
    /// writes of their own to miss.
    pub fn for_reader(mut self, reader: Option<&Identity>) -> Self {
        self.allows_replica = reader.is_none() && self.access == Access::Read;
        self
    }

    /// Marks a read as cheap: key look-ups, or a page along an index. A cheap read may run inline
    /// on SQLite and pipelined on PostgreSQL.
    pub fn cheap(self) -> Self {
        self.cheap_if(true)
    }

    pub fn cheap_if(mut self, is_cheap: bool) -> Self {
        self.is_cheap = is_cheap && self.access == Access::Read;
        self
    }

    /// Waits for a connection even if load shedding would refuse it.
    pub fn always_wait(mut self) -> Self {
        self.wait_policy = WaitPolicy::Always;
        self
    }

    pub fn number(mut self, number: impl Into<Option<i64>>) -> Self {
        self.parameters.push(Parameter::Number(number.into()));
        self
    }

    pub fn text(self, text: &str) -> Self {
        self.optional_text(Some(text))
    }

    pub fn owned_text(mut self, text: String) -> Self {
        self.parameters.push(Parameter::Text(Some(text)));
        self
    }

    pub fn optional_text(mut self, text: Option<&str>) -> Self {
        self.parameters.push(Parameter::Text(text.map(str::to_owned)));
        self
    }

    /// Binds the next two parameters to whether a text changes (1 or 0), and to its new value or
    /// `NULL`.
    pub fn text_change(self, change: Option<Option<&str>>) -> Self {
        self.number(i64::from(change.is_some())).optional_text(change.flatten())
    }

    pub fn instant(mut self, instant: DateTime<Utc>) -> Self {
        self.parameters.push(Parameter::Instant(instant));
        self
    }

    pub fn tags(mut self, tags: Option<TagList>) -> Self {
        self.parameters.push(Parameter::Tags(tags));
        self
    }

    /// Binds the next three parameters to the reader's user, credential version and session; see
    /// `live_session!`.
    pub fn identity<'a>(self, identity: impl Into<Option<&'a Identity>>) -> Self {
        let identity = identity.into();
        self.for_reader(identity)
            .number(identity.map(|identity| identity.user.get()))
            .number(identity.map(|identity| identity.credential_version.get()))
            .number(identity.map(|identity| identity.session.get()))
    }
}

fn parameters_ascend(text: &str) -> bool {
    let numbers = text.split('$').skip(1).map(|piece| {
        let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().unwrap_or(u32::MAX)
    });
    let mut highest = 0;
    numbers.into_iter().all(|number| {
        let follows = number <= highest + 1;
        highest = highest.max(number);
        follows
    })
}

/// Unlike diesel's `sql_query` this decodes rows by position, copies no text, and is prepared once
/// per connection.
impl<R, DB> QueryFragment<DB> for Statement<R>
where
    DB: Backend + DieselReserveSpecialization,
    DB: HasSqlType<BigInt> + HasSqlType<Text> + HasSqlType<InstantSql> + HasSqlType<TagListSql>,
    Option<i64>: ToSql<Nullable<BigInt>, DB>,
    Option<String>: ToSql<Nullable<Text>, DB>,
    DateTime<Utc>: ToSql<InstantSql, DB>,
    Option<TagList>: ToSql<Nullable<TagListSql>, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(&self.text);
        for parameter in &self.parameters {
            match parameter {
                Parameter::Number(number) => pass.push_bind_param_value_only::<Nullable<BigInt>, _>(number)?,
                Parameter::Text(text) => pass.push_bind_param_value_only::<Nullable<Text>, _>(text)?,
                Parameter::Instant(instant) => pass.push_bind_param_value_only::<InstantSql, _>(instant)?,
                Parameter::Tags(tags) => pass.push_bind_param_value_only::<Nullable<TagListSql>, _>(tags)?,
            }
        }
        Ok(())
    }
}

impl<R> QueryId for Statement<R> {
    type QueryId = ();
    // The statement cache is keyed by the text instead.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<R: RowType> Query for Statement<R> {
    type SqlType = R::Sql;
}

impl<R, C> RunQueryDsl<C> for &Statement<R> {}

/// SQL for the user `v` of a valid session, bound by [`Statement::identity`] as the first three
/// parameters: the password has not changed since the log-in, or this session changed it. For a
/// `where` or `on` clause. Where other parameters come first, the three numbers are given.
macro_rules! live_session {
    () => {
        $crate::adapters::persistence::sql::statement::live_session!(1, 2, 3)
    };
    ($user:literal, $version:literal, $session:literal) => {
        concat!("v.id = $", $user, " and (v.generation = $", $version, " or v.kept_session = $", $session, ")")
    };
}
pub(in crate::adapters::persistence) use live_session;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_must_first_appear_in_ascending_order() {
        for text in ["select 1", "select $1, $2, $1, $3", "$1 $2 $3 $4 $5 $6 $7 $8 $9 $10 $11"] {
            assert!(parameters_ascend(text), "{text}");
        }
        for text in ["select $2, $1", "select $1, $3", "select $1, $10", "select $x"] {
            assert!(!parameters_ascend(text), "{text}");
        }
    }
}
