//! Applies and reverts the migrations embedded in the binary.

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::{Connection, QueryResult, RunQueryDsl, sql_query};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use tokio::task::{JoinError, spawn_blocking};

use crate::adapters::persistence::postgres::{ConnectError, PgConnection, PoolMode};
use crate::adapters::persistence::sql::migrations::{POSTGRES, SQLITE};
use crate::adapters::persistence::sql::statement::Access;
use crate::adapters::persistence::sqlite::OpenError;
use crate::adapters::persistence::{postgres, sqlite};
use crate::domain::error::Cause;

/// Key of the PostgreSQL advisory lock that serializes migrations: "conduit" in ASCII.
const LOCK: i64 = 0x63_6f_6e_64_75_69_74;

#[derive(Clone, Debug)]
pub enum Target {
    Sqlite(sqlite::Settings),
    Postgres(postgres::Settings),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Apply,
    /// Reverts this number of migrations, the last one first.
    Revert(usize),
    /// Changes nothing.
    Inspect,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Migrations that the step applied or reverted, in that order.
    pub done: Vec<String>,
    /// Oldest first, like those pending.
    pub applied: Vec<String>,
    pub pending: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error(transparent)]
    Sqlite(#[from] OpenError),
    #[error(transparent)]
    Postgres(#[from] ConnectError),
    /// The migration was rolled back, and so were those before it, except on PostgreSQL without a
    /// pooler, where each has its own transaction.
    #[error("a migration failed")]
    Failed(#[from] Cause),
    #[error(transparent)]
    Thread(#[from] JoinError),
}

impl From<diesel::result::Error> for MigrateError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Runs a step. Concurrent calls, also of other instances, run one after the other.
pub async fn migrate(target: &Target, step: Step) -> Result<Report, MigrateError> {
    match target.clone() {
        Target::Sqlite(settings) => {
            spawn_blocking(move || {
                let mut connection = settings.connect(Access::Write)?;
                // Locks the whole file against other processes.
                connection.immediate_transaction(|connection| run_step(connection, || SQLITE, step))
            })
            .await?
        }
        Target::Postgres(settings) => {
            // Migrations, and another instance that holds the lock, may take long.
            let connector =
                postgres::Connector::new(&settings.url, &settings, "-c statement_timeout=0 -c lock_timeout=0")?;
            let mut connection =
                AsyncConnectionWrapper::<PgConnection>::from(connector.connect().await.map_err(ConnectError::from)?);
            spawn_blocking(move || with_migration_lock(&mut connection, settings.pool_mode, step)).await?
        }
    }
}

fn with_migration_lock(
    connection: &mut AsyncConnectionWrapper<PgConnection>,
    pool_mode: PoolMode,
    step: Step,
) -> Result<Report, MigrateError> {
    match pool_mode {
        PoolMode::Session => {
            // Released when the connection closes.
            lock(connection, "select pg_advisory_lock($1)")?;
            run_step(connection, || POSTGRES, step)
        }
        // Through a pooler, a session-level lock would outlast the connection.
        PoolMode::Transaction => connection.transaction(|connection| {
            connection.batch_execute("set local statement_timeout = 0; set local lock_timeout = 0")?;
            lock(connection, "select pg_advisory_xact_lock($1)")?;
            run_step(connection, || POSTGRES, step)
        }),
    }
}

#[expect(clippy::disallowed_methods, reason = "runs once per connection, so a prepared statement has no use")]
fn lock(connection: &mut AsyncConnectionWrapper<PgConnection>, statement: &str) -> QueryResult<usize> {
    sql_query(statement).bind::<diesel::sql_types::BigInt, _>(LOCK).execute(connection)
}

fn run_step<DB: Backend, C: MigrationHarness<DB>>(
    connection: &mut C,
    history: fn() -> EmbeddedMigrations,
    step: Step,
) -> Result<Report, MigrateError>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let migrations: Vec<Box<dyn Migration<DB>>> = history().migrations()?;
    let name = |version: &MigrationVersion<'_>| {
        let migration = migrations.iter().find(|migration| migration.name().version() == *version);
        migration.map_or_else(|| version.to_string(), |migration| migration.name().to_string())
    };
    let done = match step {
        Step::Apply => connection.run_pending_migrations(history())?.iter().map(name).collect(),
        Step::Revert(count) => {
            let mut done = Vec::new();
            for _ in 0..count.min(connection.applied_migrations()?.len()) {
                done.push(name(&connection.revert_last_migration(history())?));
            }
            done
        }
        Step::Inspect => Vec::new(),
    };
    let mut applied: Vec<String> = connection.applied_migrations()?.iter().map(name).collect();
    applied.sort();
    let pending = connection.pending_migrations(history())?;
    Ok(Report { done, applied, pending: pending.iter().map(|migration| migration.name().to_string()).collect() })
}
