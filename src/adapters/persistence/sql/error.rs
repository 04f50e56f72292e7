//! Errors of statements, classified from those of diesel and deadpool.

use std::sync::Arc;

use deadpool::managed::{PoolError, TimeoutType};
use diesel::result::{
    DatabaseErrorInformation,
    DatabaseErrorKind::{
        ClosedConnection, ForeignKeyViolation, ReadOnlyTransaction, SerializationFailure, UnableToSendCommand,
        UniqueViolation,
    },
    Error::{self as DieselError, BrokenTransactionManager, DatabaseError},
};

use crate::domain::error::{Cause, Overload};
use crate::ports::repositories::RepositoryError;

#[derive(Debug)]
pub enum QueryError {
    /// It violates a unique constraint.
    Taken(Cause),
    /// It violates a foreign key constraint: the referenced row is missing.
    Gone(Cause),
    /// It conflicted with another transaction (a deadlock or a serialization failure) and had no
    /// effect: a retry may succeed.
    Conflict(Cause),
    /// The database is unreachable, full or overloaded, or a wait timed out.
    Unavailable(Cause),
    /// The server does not respond, or rejects writes: its connections are useless.
    Lost(Cause),
    /// A defect.
    Internal(Cause),
}

impl QueryError {
    /// Returns the `error.type` of traces.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Taken(_) => "taken",
            Self::Gone(_) => "gone",
            Self::Conflict(_) => "conflict",
            Self::Unavailable(_) => "unavailable",
            Self::Lost(_) => "lost",
            Self::Internal(_) => "internal",
        }
    }

    pub fn into_cause(self) -> Cause {
        match self {
            Self::Taken(cause) | Self::Gone(cause) | Self::Conflict(cause) => cause,
            Self::Unavailable(cause) | Self::Lost(cause) | Self::Internal(cause) => cause,
        }
    }
}

/// SQLite's messages for the result codes BUSY, LOCKED, FULL, IOERR and CANTOPEN, which diesel all
/// reports as `Unknown`.
const TRANSIENT: [&str; 5] = [
    "database is locked",
    "database table is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
];

fn is_transient(information: &dyn DatabaseErrorInformation) -> bool {
    TRANSIENT.iter().any(|phrase| information.message().contains(phrase))
}

impl From<DieselError> for QueryError {
    fn from(error: DieselError) -> Self {
        let variant = match &error {
            DatabaseError(UniqueViolation, _) => Self::Taken,
            DatabaseError(ForeignKeyViolation, _) => Self::Gone,
            DatabaseError(SerializationFailure, _) => Self::Conflict,
            DatabaseError(ReadOnlyTransaction, _) => Self::Lost,
            DatabaseError(UnableToSendCommand | ClosedConnection, _) | BrokenTransactionManager => Self::Unavailable,
            DatabaseError(_, information) if is_transient(information.as_ref()) => Self::Unavailable,
            _ => Self::Internal,
        };
        variant(error.into())
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<PoolError<E>> for QueryError {
    fn from(error: PoolError<E>) -> Self {
        Self::from(Arc::new(error))
    }
}

/// A connection that several statements waited for has one error for all of them.
impl<E: std::error::Error + Send + Sync + 'static> From<Arc<PoolError<E>>> for QueryError {
    fn from(error: Arc<PoolError<E>>) -> Self {
        match *error {
            // Timed out, or was rejected because it would have.
            PoolError::Timeout(TimeoutType::Wait) => Self::Unavailable(Overload.into()),
            _ => Self::Unavailable(error.into()),
        }
    }
}

impl From<QueryError> for RepositoryError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Conflict(cause) | QueryError::Unavailable(cause) | QueryError::Lost(cause) => {
                Self::Unavailable(cause)
            }
            QueryError::Taken(cause) | QueryError::Gone(cause) | QueryError::Internal(cause) => Self::Internal(cause),
        }
    }
}
