//! What can go wrong with a statement, read off what diesel and the pools say.

use deadpool::managed::PoolError;
use diesel::result::{
    DatabaseErrorInformation,
    DatabaseErrorKind::{
        ClosedConnection, ForeignKeyViolation, SerializationFailure, UnableToSendCommand, UniqueViolation,
    },
    Error::{self as DieselError, BrokenTransactionManager, DatabaseError},
};

use crate::{domain::error::Cause, ports::repositories::RepositoryError};

/// Why a statement did not do its work.
#[derive(Debug)]
pub enum QueryError {
    /// A unique constraint stands against it.
    Taken(Cause),
    /// It refers to a row that is gone.
    Gone(Cause),
    /// The database is away, full, overloaded, or gave up waiting.
    Unavailable(Cause),
    /// A defect.
    Internal(Cause),
}

/// What the engines say of states that pass; the kind that diesel gives for all of these is `Unknown`. The words are
/// those of SQLite's result codes BUSY, LOCKED, FULL, IOERR and CANTOPEN, and of PostgreSQL's classes 40, 53, 55, 57
/// and 58 in English.
const PASSING: [&str; 18] = [
    "database is locked",
    "database table is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "statement timeout",
    "lock timeout",
    "deadlock detected",
    "terminating connection",
    "the database system is",
    "too many clients",
    "remaining connection slots",
    "No space left on device",
    "could not extend file",
    "could not write",
    "could not open",
    "out of shared memory",
    "user request",
];

fn passes(information: &dyn DatabaseErrorInformation) -> bool {
    PASSING.iter().any(|phrase| information.message().contains(phrase))
}

impl From<DieselError> for QueryError {
    fn from(error: DieselError) -> Self {
        match &error {
            DatabaseError(UniqueViolation, _) => Self::Taken(error.into()),
            DatabaseError(ForeignKeyViolation, _) => Self::Gone(error.into()),
            DatabaseError(UnableToSendCommand | ClosedConnection | SerializationFailure, _)
            | BrokenTransactionManager => Self::Unavailable(error.into()),
            DatabaseError(_, information) if passes(information.as_ref()) => Self::Unavailable(error.into()),
            _ => Self::Internal(error.into()),
        }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<PoolError<E>> for QueryError {
    fn from(error: PoolError<E>) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<QueryError> for RepositoryError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Unavailable(cause) => Self::Unavailable(cause),
            QueryError::Taken(cause) | QueryError::Gone(cause) | QueryError::Internal(cause) => Self::Internal(cause),
        }
    }
}
