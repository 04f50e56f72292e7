//! What can go wrong with a statement, read off what diesel and the pools say.

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

use crate::{
    domain::error::{Cause, Overload},
    ports::repositories::RepositoryError,
};

/// Why a statement did not do its work.
#[derive(Debug)]
pub enum QueryError {
    /// A unique constraint stands against it.
    Taken(Cause),
    /// It refers to a row that is gone.
    Gone(Cause),
    /// It lost a race against others (a deadlock, a conflict of serializable transactions) and did nothing: another try
    /// may succeed.
    Conflict(Cause),
    /// The database is away, full, overloaded, or gave up waiting.
    Unavailable(Cause),
    /// The server does not answer, or takes no writes any more: its connections are of no use.
    Lost(Cause),
    /// A defect.
    Internal(Cause),
}

impl QueryError {
    /// Its kind in one word.
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

    /// What the engine or the pool said.
    pub fn into_cause(self) -> Cause {
        match self {
            Self::Taken(cause) | Self::Gone(cause) | Self::Conflict(cause) => cause,
            Self::Unavailable(cause) | Self::Lost(cause) | Self::Internal(cause) => cause,
        }
    }
}

/// What SQLite says of states that pass; the kind that diesel gives for all of these is `Unknown`. The words are those of
/// its result codes BUSY, LOCKED, FULL, IOERR and CANTOPEN.
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
        match &error {
            DatabaseError(UniqueViolation, _) => Self::Taken(error.into()),
            DatabaseError(ForeignKeyViolation, _) => Self::Gone(error.into()),
            DatabaseError(SerializationFailure, _) => Self::Conflict(error.into()),
            DatabaseError(ReadOnlyTransaction, _) => Self::Lost(error.into()),
            DatabaseError(UnableToSendCommand | ClosedConnection, _) | BrokenTransactionManager => {
                Self::Unavailable(error.into())
            }
            DatabaseError(_, information) if is_transient(information.as_ref()) => Self::Unavailable(error.into()),
            _ => Self::Internal(error.into()),
        }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<PoolError<E>> for QueryError {
    fn from(error: PoolError<E>) -> Self {
        Self::from(Arc::new(error))
    }
}

/// One failure that several waited for.
impl<E: std::error::Error + Send + Sync + 'static> From<Arc<PoolError<E>>> for QueryError {
    fn from(error: Arc<PoolError<E>>) -> Self {
        match *error {
            // All connections were busy for as long as one waits, or would be.
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
