//! Classifies errors by SQLSTATE, since messages are in the language of the server.

use diesel::ConnectionError;
use diesel::result::DatabaseErrorKind::*;
use diesel::result::Error::{DatabaseError, QueryBuilderError};
use diesel::result::{DatabaseErrorKind, Error};
use tokio_postgres::error::SqlState;

use crate::domain::error::{Cause, WithCauses};

/// Uses the one variant of diesel's that accepts any cause.
pub fn into_connection_error(cause: impl Into<Cause>) -> ConnectionError {
    ConnectionError::CouldntSetupConfiguration(QueryBuilderError(cause.into()))
}

pub fn into_diesel_error(error: tokio_postgres::Error) -> Error {
    match error.as_db_error() {
        Some(error) => {
            // The SQLSTATE does not depend on the language.
            let message = format!("{} (SQLSTATE {})", error.message(), error.code().code());
            DatabaseError(kind(error.code()), Box::new(message))
        }
        // Not sent by the server: the connection broke.
        None => DatabaseError(UnableToSendCommand, Box::new(WithCauses(&error).to_string())),
    }
}

/// `ClosedConnection` is diesel's only kind for a transient failure.
fn kind(code: &SqlState) -> DatabaseErrorKind {
    match *code {
        SqlState::UNIQUE_VIOLATION => UniqueViolation,
        SqlState::FOREIGN_KEY_VIOLATION => ForeignKeyViolation,
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => SerializationFailure,
        SqlState::READ_ONLY_SQL_TRANSACTION => ReadOnlyTransaction,
        SqlState::LOCK_NOT_AVAILABLE | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => ClosedConnection,
        _ => match code.code().get(..2) {
            // Connection exception, insufficient resources, operator intervention, system error.
            Some("08" | "53" | "57" | "58") => ClosedConnection,
            _ => Unknown,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlstate_determines_the_kind_of_error() {
        let cases = [
            ("23505", "UniqueViolation"),
            ("23503", "ForeignKeyViolation"),
            ("40001", "SerializationFailure"),
            ("40P01", "SerializationFailure"),
            ("25006", "ReadOnlyTransaction"),
            ("55P03", "ClosedConnection"),
            ("57014", "ClosedConnection"),
            ("57P01", "ClosedConnection"),
            ("53100", "ClosedConnection"),
            ("53300", "ClosedConnection"),
            ("58030", "ClosedConnection"),
            ("08006", "ClosedConnection"),
            ("42P01", "Unknown"),
            ("23514", "Unknown"),
            ("25P02", "Unknown"),
            ("XX001", "Unknown"),
        ];
        for (code, expected) in cases {
            assert_eq!(format!("{:?}", kind(&SqlState::from_code(code))), expected, "{code}");
        }
    }
}
