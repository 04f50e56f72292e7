//! The schema's history, embedded in the binary: one per engine, forwards and backwards.

use diesel::{
    Connection, QueryResult, RunQueryDsl,
    backend::Backend,
    connection::SimpleConnection,
    migration::{Migration, MigrationSource, MigrationVersion},
    sql_query,
};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use tokio::task::{JoinError, spawn_blocking};

use crate::{
    adapters::persistence::{
        postgres::{self, ConnectError, PgConnection, PoolMode},
        sql::{
            migrations::{POSTGRES, SQLITE},
            statement::Access,
        },
        sqlite::{self, OpenError},
    },
    domain::error::Cause,
};

/// PostgreSQL's advisory lock under which instances migrate one after the other: "conduit" in ASCII.
const LOCK: i64 = 0x63_6f_6e_64_75_69_74;

/// A database whose schema is to be looked at or changed.
#[derive(Clone, Debug)]
pub enum Target {
    /// A SQLite file.
    Sqlite(sqlite::Settings),
    /// A PostgreSQL database.
    Postgres(postgres::Settings),
}

/// What to do with the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Apply all that is pending.
    Apply,
    /// Undo the last so many.
    Revert(usize),
    /// Only look.
    Inspect,
}

/// The state of a schema after a [`Step`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was applied or undone just now, in that order.
    pub done: Vec<String>,
    /// What is applied, oldest first.
    pub applied: Vec<String>,
    /// What is not, oldest first.
    pub pending: Vec<String>,
}

/// Why a schema could not be migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// SQLite could not be opened.
    #[error(transparent)]
    Sqlite(#[from] OpenError),
    /// PostgreSQL could not be reached.
    #[error(transparent)]
    Postgres(#[from] ConnectError),
    /// A migration failed and was undone. On PostgreSQL those before it stay; on SQLite, which a migration locks whole,
    /// and through a pooler, which lends a session for one transaction, they are undone too.
    #[error("a migration failed")]
    Failed(#[source] Cause),
    /// The blocking thread died.
    #[error(transparent)]
    Thread(#[from] JoinError),
}

/// Carries out a step. Several may do so at once: on PostgreSQL they wait for each other.
///
/// # Errors
/// When the database cannot be reached or a migration fails.
pub async fn migrate(target: &Target, step: Step) -> Result<Report, MigrateError> {
    match target.clone() {
        Target::Sqlite(settings) => {
            spawn_blocking(move || {
                let mut connection = settings.connect(Access::Write)?;
                // The lock of the whole file keeps a second process out meanwhile.
                let report = connection.immediate_transaction(|connection| run_step(connection, || SQLITE, step));
                report.map_err(MigrateError::from)
            })
            .await?
        }
        Target::Postgres(settings) => {
            // Migrations take the time they need, and wait for the lock as long as another instance holds it.
            let connector =
                postgres::Connector::new(&settings.url, &settings, "-c statement_timeout=0 -c lock_timeout=0")?;
            let mut connection =
                AsyncConnectionWrapper::<PgConnection>::from(connector.connect().await.map_err(ConnectError::from)?);
            spawn_blocking(move || Ok(with_migration_lock(&mut connection, settings.pool_mode, step)?)).await?
        }
    }
}

/// Carries out a step while nobody else does.
fn with_migration_lock(
    connection: &mut AsyncConnectionWrapper<PgConnection>,
    pool_mode: PoolMode,
    step: Step,
) -> Result<Report, StepError> {
    match pool_mode {
        PoolMode::Session => {
            // Released with the connection.
            lock(connection, "select pg_advisory_lock($1)")?;
            run_step(connection, || POSTGRES, step)
        }
        // Only inside a transaction is the server's session ours.
        PoolMode::Transaction => connection.transaction(|connection| {
            connection.batch_execute("set local statement_timeout = 0; set local lock_timeout = 0")?;
            lock(connection, "select pg_advisory_xact_lock($1)")?;
            run_step(connection, || POSTGRES, step)
        }),
    }
}

#[expect(clippy::disallowed_methods, reason = "asked once, on a connection that asks nothing else")]
fn lock(connection: &mut AsyncConnectionWrapper<PgConnection>, statement: &str) -> QueryResult<usize> {
    sql_query(statement).bind::<diesel::sql_types::BigInt, _>(LOCK).execute(connection)
}

/// A failure of a step; diesel's transactions want to put their own errors into it.
struct StepError(Cause);

impl From<diesel::result::Error> for StepError {
    fn from(error: diesel::result::Error) -> Self {
        Self(error.into())
    }
}

impl From<diesel::result::Error> for MigrateError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<StepError> for MigrateError {
    fn from(error: StepError) -> Self {
        Self::Failed(error.0)
    }
}

fn run_step<DB: Backend, C: MigrationHarness<DB>>(
    connection: &mut C,
    history: fn() -> EmbeddedMigrations,
    step: Step,
) -> Result<Report, StepError>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let migrations: Vec<Box<dyn Migration<DB>>> = history().migrations().map_err(StepError)?;
    let name = |version: &MigrationVersion<'_>| {
        let migration = migrations.iter().find(|migration| migration.name().version() == *version);
        migration.map_or_else(|| version.to_string(), |migration| migration.name().to_string())
    };
    let done = match step {
        Step::Apply => connection.run_pending_migrations(history()).map_err(StepError)?.iter().map(name).collect(),
        Step::Revert(count) => {
            let mut done = Vec::new();
            for _ in 0..count.min(connection.applied_migrations().map_err(StepError)?.len()) {
                done.push(name(&connection.revert_last_migration(history()).map_err(StepError)?));
            }
            done
        }
        Step::Inspect => Vec::new(),
    };
    let mut applied: Vec<String> = connection.applied_migrations().map_err(StepError)?.iter().map(name).collect();
    applied.sort();
    let pending = connection.pending_migrations(history()).map_err(StepError)?;
    Ok(Report { done, applied, pending: pending.iter().map(|migration| migration.name().to_string()).collect() })
}
