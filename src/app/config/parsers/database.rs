//! Parsers of the settings of the database, and the rules between them.

use secrecy::SecretString;

use super::super::database_url::{DatabaseUrl, Location};
use super::super::error::{ParseError, ParseResult};
use super::common::choice;
use crate::adapters::persistence::postgres::PoolMode;

pub fn pool_mode(text: &str) -> ParseResult<PoolMode> {
    choice(&[("session", PoolMode::Session), ("transaction", PoolMode::Transaction)], text)
}

/// Parses the URL of replicas, which can only be servers.
pub fn replicas(text: &str) -> ParseResult<SecretString> {
    let without_sqlite = |expected: String| expected.replace("sqlite://PATH or ", "");
    match Location::parse(text) {
        Ok(Location::Postgres(url)) => Ok(url),
        Ok(Location::Sqlite(_)) => Err(ParseError::expected("postgres://USER:PASSWORD@HOST/DATABASE")),
        Err(ParseError { shown, expected }) => Err(ParseError { shown, expected: without_sqlite(expected) }),
    }
}

pub fn replicas_have_primary(url: &DatabaseUrl, replicas: &Option<SecretString>) -> Option<ParseError> {
    let is_sqlite = matches!(url.location, Location::Sqlite(_));
    (is_sqlite && replicas.is_some()).then(|| ParseError::hidden("given", "none, because DATABASE_URL is SQLite"))
}
