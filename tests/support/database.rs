//! A database for each test, on either engine.

use std::borrow::Cow;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{fmt, fs, process, thread};

use conduit::adapters::persistence::maintenance::migrate::{Step, Target, migrate};
use conduit::adapters::persistence::sql::executor::Executor;
use conduit::adapters::persistence::sql::statement::{Access, Statement};
use conduit::adapters::persistence::{postgres, sqlite};
use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

use super::postgres as server;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub fn migrations(self) -> usize {
        let engine = match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        fs::read_dir(folder).expect("the migrations").count()
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A database that is deleted with this value.
#[derive(Debug)]
pub enum Database {
    Sqlite(TempDir),
    Postgres(String),
}

impl Database {
    pub async fn create(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let database = Self::create_unmigrated(engine).await;
                migrate(&database.target(), Step::Apply).await.expect("migrations of SQLite");
                database
            }
            Engine::Postgres => Self::create_postgres(&format!("template {}", template().await)).await,
        }
    }

    pub async fn create_unmigrated(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::Sqlite(tempfile::tempdir().expect("a temporary folder")),
            Engine::Postgres => Self::create_postgres("").await,
        }
    }

    async fn create_postgres(options: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("conduit_test_{}_{number}", process::id());
        administer(&format!("create database {name} {options}")).await;
        Self::Postgres(name)
    }

    /// Settings with which the application reaches it.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Sqlite(_) => vec![("DATABASE_URL", self.url())],
            Self::Postgres(name) => server::settings_for(name),
        }
    }

    /// `DATABASE_URL` of the database itself, without PgBouncer.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}", folder.path().join("conduit.db").display()),
            Self::Postgres(name) => server::url_of(name),
        }
    }

    pub fn target(&self) -> Target {
        match self {
            Self::Sqlite(folder) => Target::Sqlite(sqlite::Settings {
                path: folder.path().join("conduit.db"),
                readers: 4,
                wait: Duration::from_secs(5),
                write_wait: Duration::from_secs(5),
                busy_timeout: Duration::from_secs(5),
            }),
            Self::Postgres(name) => Target::Postgres(postgres::Settings {
                url: server::url_of(name).into(),
                pool_mode: postgres::PoolMode::Session,
                pool_size: 8,
                wait: Duration::from_secs(5),
                connect_timeout: Duration::from_secs(5),
                statement_timeout: Duration::from_secs(5),
                lock_timeout: Duration::from_secs(5),
                ca_file: None,
                replicas: None,
            }),
        }
    }

    pub async fn execute(&self, statements: &str) {
        match self {
            Self::Sqlite(_) => self.sqlite().batch_execute(statements).expect("statements of the test"),
            Self::Postgres(_) => self.postgres().await.batch_execute(statements).await.expect("statements of the test"),
        }
    }

    /// Returns the rows of a query with one text column.
    pub async fn select(&self, query: impl Into<Cow<'static, str>>) -> Vec<String> {
        let statement = Statement::<String>::read("test", query);
        let rows = match self.target() {
            Target::Sqlite(settings) => sqlite::open(&settings).expect("pools").rows(statement).await,
            Target::Postgres(settings) => postgres::open(&settings).expect("a pool").rows(statement).await,
        };
        rows.expect("rows for the test")
    }

    /// Returns all rows of a table, with all columns as text.
    pub async fn dump(&self, table: &str) -> Vec<String> {
        match self {
            Self::Sqlite(_) => {
                let columns = self.select(format!("select name from pragma_table_info('{table}')")).await;
                let columns = columns.iter().map(|column| format!("coalesce(cast({column} as text), '')"));
                let columns: Vec<String> = columns.collect();
                self.select(format!("select {} from {table}", columns.join(" || '|' || "))).await
            }
            Self::Postgres(_) => self.select(format!("select cast(t as text) from {table} t")).await,
        }
    }

    pub fn sqlite(&self) -> SqliteConnection {
        let Target::Sqlite(settings) = self.target() else { panic!("this is PostgreSQL") };
        settings.connect(Access::Write).expect("a connection to SQLite")
    }

    pub async fn postgres(&self) -> tokio_postgres::Client {
        connect(&self.url()).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres(name) = self {
            let drop = format!("drop database if exists {name} with (force)");
            // A runtime cannot block inside another, so this needs a thread of its own.
            let dropped = thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(administer(&drop));
            });
            // Fails if the server is gone, and the database with it.
            let _ = dropped.join();
        }
    }
}

/// Migrated database that others are copied from, which is faster than to migrate each.
async fn template() -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let name = format!("conduit_test_{}_template", process::id());
            administer(&format!("create database {name}")).await;
            // Never dropped: later tests copy it. It stays on a server that outlives this process.
            let database = std::mem::ManuallyDrop::new(Database::Postgres(name.clone()));
            migrate(&database.target(), Step::Apply).await.expect("migrations of PostgreSQL");
            name
        })
        .await
}

async fn administer(statement: &str) {
    connect(server::url()).await.batch_execute(statement).await.expect("statements of the test");
}

#[expect(clippy::disallowed_methods, reason = "a connection of the test's own needs its driver")]
pub async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("a connection to PostgreSQL");
    tokio::spawn(connection);
    client
}
