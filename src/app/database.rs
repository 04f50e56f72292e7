//! From `DATABASE_URL` to an engine: the one place that chooses.

use std::{path::Path, sync::Arc, time::Duration};

use crate::{
    adapters::persistence::{
        maintenance::{
            backup, bulk,
            doctor::{self, Finding},
            migrate::{self, Report, Step, Target},
        },
        postgres,
        sql::executor::Executor,
        sqlite,
    },
    app::{
        config::{DatabaseSettings, DatabaseUrl},
        server::container::{self, Persistence},
    },
    domain::error::Cause,
    ports::{bulk::BulkStore, repositories::RepositoryError, unit_of_work::UnitOfWork},
};

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{} is {url}: cannot {task}", .url.source)]
pub struct DatabaseError {
    url: DatabaseUrl,
    task: &'static str,
    source: Cause,
}

/// Puts the setting's name and value to what went wrong; its `Display` shows no password.
fn failed<E: Into<Cause>>(settings: &DatabaseSettings, task: &'static str) -> impl FnOnce(E) -> DatabaseError {
    let url = settings.url.clone();
    move |cause| DatabaseError { url, task, source: cause.into() }
}

/// Changes or looks at the schema.
///
/// # Errors
/// When the database cannot be reached or a migration fails.
pub async fn migrate(settings: &DatabaseSettings, step: Step) -> Result<Report, DatabaseError> {
    migrate::migrate(&settings.target(), step).await.map_err(failed(settings, "migrate it"))
}

/// What is wrong with what triggers derive, after setting it right if that is asked for.
///
/// # Errors
/// When the database cannot be opened or asked.
pub async fn examine(settings: &DatabaseSettings, repair: bool) -> Result<Vec<Finding>, DatabaseError> {
    let findings = match settings.target() {
        Target::Sqlite(target) => {
            let session = sqlite::open(&target).map_err(failed(settings, "open it"))?;
            examine_session(session, repair).await
        }
        Target::Postgres(target) => {
            let session = postgres::open(&unhurried(target)).map_err(failed(settings, "open it"))?;
            examine_session(session, repair).await
        }
    };
    findings.map_err(failed(settings, "examine it"))
}

async fn examine_session<S: Executor + UnitOfWork>(session: S, repair: bool) -> Result<Vec<Finding>, RepositoryError> {
    if repair {
        doctor::repair(&session).await?;
    }
    doctor::check(&session).await
}

/// TransferStore tables are read or written: that takes the time it takes.
fn unhurried(target: postgres::Settings) -> postgres::Settings {
    // The primary alone knows the whole.
    postgres::Settings { statement_timeout: Duration::ZERO, lock_timeout: Duration::ZERO, replicas: None, ..target }
}

/// A store as a whole, and what makes many writes or reads of it one.
pub struct TransferStore {
    /// All that it keeps.
    pub bulk: Arc<dyn BulkStore>,
    /// Its units of work.
    pub units: Arc<dyn UnitOfWork>,
}

impl TransferStore {
    fn of<S: Executor + UnitOfWork>(session: &S) -> Self {
        Self { bulk: Arc::new(bulk::SqlBulkStore::from(session.clone())), units: Arc::new(session.clone()) }
    }
}

/// The whole store that the settings name.
///
/// # Errors
/// When the settings lead to no connection.
pub fn transfer_store(settings: &DatabaseSettings) -> Result<TransferStore, DatabaseError> {
    Ok(match settings.target() {
        Target::Sqlite(target) => TransferStore::of(&sqlite::open(&target).map_err(failed(settings, "open it"))?),
        Target::Postgres(target) => {
            TransferStore::of(&postgres::open(&unhurried(target)).map_err(failed(settings, "open it"))?)
        }
    })
}

/// Copies the database into a new file.
///
/// # Errors
/// When it is no SQLite database, cannot be read, or the file cannot be written or is there already.
pub fn backup(settings: &DatabaseSettings, file: &Path) -> Result<(), DatabaseError> {
    match settings.target() {
        Target::Sqlite(target) => backup::backup(&target, file).map_err(failed(settings, "copy it")),
        Target::Postgres(_) => {
            let advice = "this copies SQLite databases; use pg_dump --format=custom, and pg_restore";
            Err(failed(settings, "copy it")(advice))
        }
    }
}

/// The engine that the settings name. Connections are opened as they are needed.
///
/// # Errors
/// When the settings lead to no connection.
pub fn open(settings: &DatabaseSettings) -> Result<Arc<dyn Persistence>, DatabaseError> {
    Ok(match settings.target() {
        Target::Sqlite(target) => container::sqlite(&sqlite::open(&target).map_err(failed(settings, "open it"))?),
        Target::Postgres(target) => container::postgres(&postgres::open(&target).map_err(failed(settings, "open it"))?),
    })
}
