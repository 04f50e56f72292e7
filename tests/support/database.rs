//! A database per test, on either engine.

use std::{
    borrow::Cow,
    fmt, process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

use conduit::adapters::persistence::{
    maintenance::migrate::{Step, Target, migrate},
    postgres,
    sql::{
        executor::Executor,
        statement::{Access, Statement},
    },
    sqlite,
};
use diesel::{SqliteConnection, connection::SimpleConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

use super::postgres as server;

/// The engines that every test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, in a file of its own.
    Sqlite,
    /// PostgreSQL, in a database of its own.
    Postgres,
}

impl Engine {
    /// How many steps the history of its schema has.
    pub fn migrations(self) -> usize {
        match self {
            Self::Sqlite => 5,
            Self::Postgres => 4,
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A migrated, empty database that is gone with this value.
#[derive(Debug)]
pub enum Database {
    /// The folder of its file.
    Sqlite(TempDir),
    /// Its name.
    Postgres(String),
}

impl Database {
    /// Makes one.
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

    /// An empty one without a schema.
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

    /// What tells the application how to reach it.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Sqlite(_) => vec![("DATABASE_URL", self.url())],
            Self::Postgres(name) => server::settings_for(name),
        }
    }

    /// As `DATABASE_URL` names it, without anything between.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}", folder.path().join("conduit.db").display()),
            Self::Postgres(name) => server::url_of(name),
        }
    }

    /// As the persistence adapters name it.
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

    /// Runs statements of the test's own.
    pub async fn execute(&self, statements: &str) {
        match self {
            Self::Sqlite(_) => self.sqlite().batch_execute(statements).expect("statements of the test"),
            Self::Postgres(_) => self.postgres().await.batch_execute(statements).await.expect("statements of the test"),
        }
    }

    /// The rows of a query of the test's own, which gives one text in each.
    pub async fn select(&self, query: impl Into<Cow<'static, str>>) -> Vec<String> {
        let question = Statement::<String>::read("test", query);
        let rows = match self.target() {
            Target::Sqlite(settings) => sqlite::open(&settings).expect("pools").rows(question).await,
            Target::Postgres(settings) => postgres::open(&settings).expect("a pool").rows(question).await,
        };
        rows.expect("rows for the test")
    }

    /// A connection of the test's own to SQLite.
    pub fn sqlite(&self) -> SqliteConnection {
        let Target::Sqlite(settings) = self.target() else { panic!("this is PostgreSQL") };
        settings.connect(Access::Write).expect("a connection to SQLite")
    }

    /// A connection of the test's own to PostgreSQL.
    pub async fn postgres(&self) -> tokio_postgres::Client {
        connect(&self.url()).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Postgres(name) = self {
            let drop = format!("drop database if exists {name} with (force)");
            // On a thread of its own: this may run inside a runtime, and a runtime cannot wait inside another.
            let dropped = thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(administer(&drop));
            });
            // A server that is gone already took the database with it.
            let _ = dropped.join();
        }
    }
}

/// The migrated database that others are copied from: faster than migrating each.
async fn template() -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let name = format!("conduit_test_{}_template", process::id());
            administer(&format!("create database {name}")).await;
            // Forgotten, so that it stays for the others. A server of one's own may keep it: its name says whose it is.
            let database = std::mem::ManuallyDrop::new(Database::Postgres(name.clone()));
            migrate(&database.target(), Step::Apply).await.expect("migrations of PostgreSQL");
            name
        })
        .await
}

async fn administer(statement: &str) {
    connect(server::url()).await.batch_execute(statement).await.expect("statements of the test");
}

/// A connection of the test's own.
#[expect(clippy::disallowed_methods, reason = "a connection of the test's own needs its driver")]
pub async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("a connection to PostgreSQL");
    tokio::spawn(connection);
    client
}
