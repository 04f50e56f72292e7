//! What the program measures, in a process of its own: every number is known.

mod business;
mod exposition;
mod requests;
mod store;

use std::time::Duration;

use diesel::{SqliteConnection, connection::SimpleConnection};

use crate::{
    process::Server,
    support::{Database, Scrape},
};

impl Server<'_> {
    pub async fn measures(&self) -> Scrape {
        Scrape::fetch(&self.metrics).await
    }

    /// Waits until the metrics are as they should be.
    pub async fn comes_to_measure(&self, is_so: impl Fn(&Scrape) -> bool) {
        for _ in 0..600 {
            if is_so(&self.measures().await) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not in 30 s: {}", self.measures().await.text);
    }
}

/// The users, held so that nobody can register.
enum Held {
    Sqlite(SqliteConnection),
    Postgres(tokio_postgres::Client),
}

impl Held {
    async fn users_of(database: &Database) -> Self {
        match database {
            Database::Sqlite(_) => {
                let mut connection = database.sqlite();
                connection.batch_execute("begin immediate").expect("the right to write");
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
