//! Metrics of a process of its own, so that every value is known.

mod business;
mod exposition;
mod requests;
mod store;

use std::time::Duration;

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;

use crate::process::Server;
use crate::support::{Database, Scrape};

impl Server<'_> {
    pub async fn scrape(&self) -> Scrape {
        Scrape::fetch(&self.metrics_url).await
    }

    pub async fn wait_for_metrics(&self, condition: impl Fn(&Scrape) -> bool) {
        for _ in 0..600 {
            if condition(&self.scrape().await) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not met in 30 s: {}", self.scrape().await.text);
    }
}

/// A lock that blocks registrations.
enum UsersLock {
    Sqlite(SqliteConnection),
    Postgres(tokio_postgres::Client),
}

impl UsersLock {
    async fn acquire(database: &Database) -> Self {
        match database {
            Database::Sqlite(_) => {
                let mut connection = database.sqlite();
                connection.batch_execute("begin immediate").expect("the write lock");
                Self::Sqlite(connection)
            }
            Database::Postgres(_) => {
                let client = database.postgres().await;
                client.batch_execute("begin; lock table users in access exclusive mode").await.expect("a lock");
                Self::Postgres(client)
            }
        }
    }

    async fn release(self) {
        match self {
            Self::Sqlite(mut connection) => connection.batch_execute("rollback").expect("a rollback"),
            Self::Postgres(client) => client.batch_execute("rollback").await.expect("a rollback"),
        }
    }
}
