//! A question to the database: the text of a statement, what it is bound to, and the shape of its rows.
//!
//! The text is SQL that both engines read, or comes from the [`Dialect`](super::dialect::Dialect). Parameters are `$1`,
//! `$2`, ... and MUST appear for the first time in that order: PostgreSQL goes by the number, SQLite numbers such names
//! as they come.
//!
//! Texts are written by hand because much of what serves a question in one statement (lateral joins, sub-selects beside
//! columns, conflict clauses that differ) has no words in diesel's query language. Each text is prepared once per
//! connection all the same.

use std::{borrow::Cow, marker::PhantomData};

use chrono::{DateTime, Utc};
use diesel::{
    QueryResult, RunQueryDsl,
    backend::{Backend, DieselReserveSpecialization},
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType, Nullable, Text},
};

use super::{
    execution::Execution,
    types::{Instant, InstantSql, TagListSql, TagNames},
};
use crate::domain::model::user::Identity;

/// Whether a question changes anything: SQLite has connections of both kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It only looks.
    Read,
    /// It writes.
    Write,
}

/// When one may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitPolicy {
    /// When one would be served in time.
    IfInTime,
    /// In any case: for probes, which tell whether the database answers at all. A busy instance is not a broken one.
    Always,
}

/// A statement with its parameters, and rows of the SQL type `ST`.
#[derive(Debug)]
pub struct Statement<ST = ()> {
    operation: &'static str,
    text: Cow<'static, str>,
    access: Access,
    expect_conflict: bool,
    allows_replica: bool,
    is_cheap: bool,
    wait_policy: WaitPolicy,
    parameters: Vec<Parameter>,
    rows: PhantomData<fn() -> ST>,
}

/// What a statement is bound to.
#[derive(Debug)]
enum Parameter {
    Number(Option<i64>),
    Text(Option<String>),
    Instant(Instant),
    Tags(Option<TagNames>),
}

impl<ST> Statement<ST> {
    /// A statement that only looks. `operation` names it where it is measured, as in `articles.find`.
    pub fn read(operation: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(operation, text.into(), Access::Read)
    }

    /// A statement that writes. `operation` names it where it is measured, as in `articles.insert`.
    pub fn write(operation: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(operation, text.into(), Access::Write)
    }

    fn new(operation: &'static str, text: Cow<'static, str>, access: Access) -> Self {
        debug_assert!(parameters_ascend(&text), "parameters do not appear in ascending order: {text}");
        Self {
            operation,
            text,
            access,
            expect_conflict: false,
            allows_replica: false,
            is_cheap: false,
            wait_policy: WaitPolicy::IfInTime,
            parameters: Vec::with_capacity(8),
            rows: PhantomData,
        }
    }

    /// Its execution, which begins now.
    pub fn execution(&self, system: &'static str) -> Execution {
        Execution::begin(system, self.operation, &self.text)
    }

    /// Whether it changes anything.
    pub fn access(&self) -> Access {
        self.access
    }

    /// Says that a unique constraint may stand against this change, and that a unit of work goes on all the same.
    pub fn expect_conflict(mut self) -> Self {
        self.expect_conflict = true;
        self
    }

    /// Whether a unit of work goes on when a unique constraint stands against this change.
    pub fn expects_conflict(&self) -> bool {
        self.expect_conflict
    }

    /// Says for whom the answer is. For a reader who is not known one of a moment ago will do, such as a replica gives: who
    /// is not known has written nothing that they could miss.
    pub fn for_reader(mut self, reader: Option<&Identity>) -> Self {
        self.allows_replica = reader.is_none() && self.access == Access::Read;
        self
    }

    /// Whether an answer of a moment ago will do.
    pub fn allows_replica(&self) -> bool {
        self.allows_replica
    }

    /// Says that looking takes no longer than writing down what is found: rows that keys lead to, or a page along an index.
    pub fn cheap(self) -> Self {
        self.cheap_if(true)
    }

    /// The same where it depends.
    pub fn cheap_if(mut self, is_cheap: bool) -> Self {
        self.is_cheap = is_cheap && self.access == Access::Read;
        self
    }

    /// Whether looking takes no longer than writing down what is found.
    pub fn is_cheap(&self) -> bool {
        self.is_cheap
    }

    /// Says that this question waits for a connection however many do.
    pub fn always_wait(mut self) -> Self {
        self.wait_policy = WaitPolicy::Always;
        self
    }

    /// When it waits for a connection.
    pub fn wait_policy(&self) -> WaitPolicy {
        self.wait_policy
    }

    /// Binds the next parameter to a number.
    pub fn number(mut self, number: impl Into<Option<i64>>) -> Self {
        self.parameters.push(Parameter::Number(number.into()));
        self
    }

    /// Binds the next parameter to a text.
    pub fn text(self, text: &str) -> Self {
        self.optional_text(Some(text))
    }

    /// Binds the next parameter to a text that is too long to be copied.
    pub fn owned_text(mut self, text: String) -> Self {
        self.parameters.push(Parameter::Text(Some(text)));
        self
    }

    /// Binds the next parameter to a text or null.
    pub fn optional_text(mut self, text: Option<&str>) -> Self {
        self.parameters.push(Parameter::Text(text.map(str::to_owned)));
        self
    }

    /// Binds the next parameter to a point in time.
    pub fn instant(mut self, instant: DateTime<Utc>) -> Self {
        self.parameters.push(Parameter::Instant(Instant(instant)));
        self
    }

    /// Binds the next parameter to sorted tags or null.
    pub fn tags<'a>(mut self, tags: Option<impl Iterator<Item = &'a str>>) -> Self {
        self.parameters.push(Parameter::Tags(tags.map(|tags| TagNames(tags.map(str::to_owned).collect()))));
        self
    }

    /// Binds the next three parameters to who asks: the user, the generation of its password, and the session; see
    /// `living!`.
    pub fn identity<'a>(self, identity: impl Into<Option<&'a Identity>>) -> Self {
        let identity = identity.into();
        self.for_reader(identity)
            .number(identity.map(|identity| identity.user.get()))
            .number(identity.map(|identity| identity.credential_version.get()))
            .number(identity.map(|identity| identity.session.get()))
    }
}

/// Whether each parameter appears for the first time after those with lower numbers.
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

/// How diesel sees a question. Unlike its own `sql_query` this reads rows by position, copies no text, and is prepared
/// once per connection: the text is one of a fixed set.
impl<ST, DB> QueryFragment<DB> for Statement<ST>
where
    DB: Backend + DieselReserveSpecialization,
    DB: HasSqlType<BigInt> + HasSqlType<Text> + HasSqlType<InstantSql> + HasSqlType<TagListSql>,
    Option<i64>: ToSql<Nullable<BigInt>, DB>,
    Option<String>: ToSql<Nullable<Text>, DB>,
    Instant: ToSql<InstantSql, DB>,
    Option<TagNames>: ToSql<Nullable<TagListSql>, DB>,
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

impl<ST> QueryId for Statement<ST> {
    type QueryId = ();
    // The cache goes by the text then.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> Query for Statement<ST> {
    type SqlType = ST;
}

impl<ST, C> RunQueryDsl<C> for &Statement<ST> {}

/// The user `v` of a living session, bound by [`Statement::identity`] as the first three parameters: the password has
/// not changed since, or the session is the one that changed it. For a `where` or `on` clause.
macro_rules! live_session {
    () => {
        "v.id = $1 and (v.generation = $2 or v.kept_session = $3)"
    };
}
pub(in crate::adapters::persistence) use live_session;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_must_appear_first_in_ascending_order() {
        for text in ["select 1", "select $1, $2, $1, $3", "$1 $2 $3 $4 $5 $6 $7 $8 $9 $10 $11"] {
            assert!(parameters_ascend(text), "{text}");
        }
        for text in ["select $2, $1", "select $1, $3", "select $1, $10", "select $x"] {
            assert!(!parameters_ascend(text), "{text}");
        }
    }
}
