//! From `DATABASE_URL` to an engine: the one place that chooses.

use std::sync::Arc;

use super::{
    config::{DatabaseSettings, DatabaseUrl},
    container::{self, Persistence},
};
use crate::adapters::persistence::{
    migrate::Target,
    postgres::{self, ConnectError},
    sqlite::{self, OpenError},
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

/// The engine that the settings name. Connections are opened as they are needed.
pub fn open(settings: &DatabaseSettings) -> Result<Arc<dyn Persistence>, DatabaseError> {
    Ok(match target(settings) {
        Target::Sqlite(settings) => container::sqlite(&sqlite::open(&settings)?),
        Target::Postgres(settings) => container::postgres(&postgres::open(&settings)?),
    })
}
