//! Chooses the engine by `DATABASE_URL`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::adapters::persistence::maintenance::doctor::Finding;
use crate::adapters::persistence::maintenance::migrate::{Report, Step, Target};
use crate::adapters::persistence::maintenance::{backup, bulk, doctor, migrate};
use crate::adapters::persistence::sql::executor::Executor;
use crate::adapters::persistence::{postgres, sqlite};
use crate::app::config::{DatabaseSettings, DatabaseUrl};
use crate::app::server::container;
use crate::app::server::container::Persistence;
use crate::domain::error::Cause;
use crate::ports::bulk::BulkStore;
use crate::ports::repositories::RepositoryError;
use crate::ports::unit_of_work::UnitOfWork;

/// Why the database cannot be used. Shows the URL without its password.
#[derive(Debug, thiserror::Error)]
#[error("{} is {url}: cannot {task}", .url.source)]
pub struct DatabaseError {
    url: DatabaseUrl,
    task: &'static str,
    source: Cause,
}

fn cannot<E: Into<Cause>>(task: &'static str, settings: &DatabaseSettings) -> impl FnOnce(E) -> DatabaseError {
    let url = settings.url.clone();
    move |cause| DatabaseError { url, task, source: cause.into() }
}

pub async fn migrate(settings: &DatabaseSettings, step: Step) -> Result<Report, DatabaseError> {
    migrate::migrate(&settings.target(), step).await.map_err(cannot("migrate it", settings))
}

/// Returns the number of wrong rows of everything that triggers derive, after the repair if
/// `repair` is set.
pub async fn check_derived(settings: &DatabaseSettings, repair: bool) -> Result<Vec<Finding>, DatabaseError> {
    let findings = match settings.target() {
        Target::Sqlite(target) => {
            let executor = sqlite::open(&target).map_err(cannot("open it", settings))?;
            check_with(executor, repair).await
        }
        Target::Postgres(target) => {
            let executor = postgres::open(&for_maintenance(target)).map_err(cannot("open it", settings))?;
            check_with(executor, repair).await
        }
    };
    findings.map_err(cannot("examine it", settings))
}

async fn check_with<X: Executor + UnitOfWork>(executor: X, repair: bool) -> Result<Vec<Finding>, RepositoryError> {
    if repair {
        doctor::repair(&executor).await?;
    }
    doctor::check(&executor).await
}

/// Statements over whole tables take longer than the timeouts, and need the primary.
fn for_maintenance(target: postgres::Settings) -> postgres::Settings {
    postgres::Settings { statement_timeout: Duration::ZERO, lock_timeout: Duration::ZERO, replicas: None, ..target }
}

pub struct BulkDatabase {
    pub store: Arc<dyn BulkStore>,
    /// Transactions of [`store`](Self::store).
    pub transactions: Arc<dyn UnitOfWork>,
}

impl BulkDatabase {
    fn new<X: Executor + UnitOfWork>(executor: &X) -> Self {
        Self { store: Arc::new(bulk::SqlBulkStore(executor.clone())), transactions: Arc::new(executor.clone()) }
    }
}

pub fn open_bulk(settings: &DatabaseSettings) -> Result<BulkDatabase, DatabaseError> {
    Ok(match settings.target() {
        Target::Sqlite(target) => BulkDatabase::new(&sqlite::open(&target).map_err(cannot("open it", settings))?),
        Target::Postgres(target) => {
            BulkDatabase::new(&postgres::open(&for_maintenance(target)).map_err(cannot("open it", settings))?)
        }
    })
}

pub fn backup(settings: &DatabaseSettings, file: &Path) -> Result<(), DatabaseError> {
    match settings.target() {
        Target::Sqlite(target) => backup::backup(&target, file).map_err(cannot("copy it", settings)),
        Target::Postgres(_) => {
            let advice = "this copies SQLite databases; use pg_dump --format=custom, and pg_restore";
            Err(cannot("copy it", settings)(advice))
        }
    }
}

/// Opens the database for the server. Connections are opened as they are needed.
pub fn open(settings: &DatabaseSettings) -> Result<Arc<dyn Persistence>, DatabaseError> {
    Ok(match settings.target() {
        Target::Sqlite(target) => container::sqlite(&sqlite::open(&target).map_err(cannot("open it", settings))?),
        Target::Postgres(target) => container::postgres(&postgres::open(&target).map_err(cannot("open it", settings))?),
    })
}
