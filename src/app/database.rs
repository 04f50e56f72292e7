//! From `DATABASE_URL` to an engine: the one place that chooses.

use std::{sync::Arc, time::Duration};

use super::{
    config::{DatabaseSettings, DatabaseUrl},
    container::{self, Persistence},
};
use crate::{
    adapters::persistence::{
        doctor::{self, Finding},
        migrate::Target,
        postgres::{self, ConnectError},
        session::Session,
        sqlite::{self, OpenError},
    },
    ports::{repositories::RepositoryError, unit_of_work::UnitOfWork},
};

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The settings lead to no PostgreSQL connection.
    #[error(transparent)]
    Postgres(#[from] ConnectError),
    /// The settings lead to no SQLite connection.
    #[error(transparent)]
    Sqlite(#[from] OpenError),
}

/// The database that the settings name.
pub fn target(settings: &DatabaseSettings) -> Target {
    match &settings.url {
        DatabaseUrl::Sqlite(path) => Target::Sqlite(sqlite::Settings {
            path: path.clone(),
            readers: settings.pool_size,
            wait: settings.pool_wait,
            write_wait: settings.sqlite_busy_timeout,
            busy_timeout: settings.sqlite_busy_timeout,
        }),
        DatabaseUrl::Postgres(url) => Target::Postgres(postgres::Settings {
            url: url.clone(),
            pool_size: settings.pool_size,
            wait: settings.pool_wait,
            connect_timeout: settings.connect_timeout,
            statement_timeout: settings.statement_timeout,
            lock_timeout: settings.lock_timeout,
            ca_file: settings.ca_file.clone(),
        }),
    }
}

/// Why the database could not be examined.
#[derive(Debug, thiserror::Error)]
pub enum ExamineError {
    /// It could not be opened.
    #[error(transparent)]
    Open(#[from] DatabaseError),
    /// It could not be asked.
    #[error("the database cannot be examined")]
    Repository(#[from] RepositoryError),
}

/// What is wrong with what triggers derive, after setting it right if that is asked for.
///
/// # Errors
/// When the database cannot be opened or asked.
pub async fn examine(settings: &DatabaseSettings, repair: bool) -> Result<Vec<Finding>, ExamineError> {
    match target(settings) {
        Target::Sqlite(settings) => {
            examine_session(sqlite::open(&settings).map_err(DatabaseError::from)?, repair).await
        }
        Target::Postgres(mut settings) => {
            // Whole tables are read: that takes the time it takes.
            settings.statement_timeout = Duration::ZERO;
            settings.lock_timeout = Duration::ZERO;
            examine_session(postgres::open(&settings).map_err(DatabaseError::from)?, repair).await
        }
    }
}

async fn examine_session<S: Session + UnitOfWork>(session: S, repair: bool) -> Result<Vec<Finding>, ExamineError> {
    if repair {
        doctor::repair(&session).await?;
    }
    Ok(doctor::check(&session).await?)
}

/// The engine that the settings name. Connections are opened as they are needed.
pub fn open(settings: &DatabaseSettings) -> Result<Arc<dyn Persistence>, DatabaseError> {
    Ok(match target(settings) {
        Target::Sqlite(settings) => container::sqlite(&sqlite::open(&settings)?),
        Target::Postgres(settings) => container::postgres(&postgres::open(&settings)?),
    })
}
