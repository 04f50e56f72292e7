//! Locks that block every change of an article.

use std::time::Duration;

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use tokio::time::{sleep, timeout};

use super::Database;

/// A transaction of the test that holds what every change of an article needs.
pub enum Lock {
    Sqlite(Box<SqliteConnection>),
    Postgres(tokio_postgres::Client),
}

impl Lock {
    /// Waits for the lock and takes it.
    pub async fn acquire(database: &Database) -> Self {
        match database {
            Database::Sqlite(_) => {
                let mut connection = database.sqlite();
                connection.batch_execute("begin immediate").expect("the write lock");
                Self::Sqlite(Box::new(connection))
            }
            Database::Postgres(_) => {
                let client = database.postgres().await;
                client.batch_execute("begin; lock table articles in exclusive mode").await.expect("the table's lock");
                Self::Postgres(client)
            }
        }
    }

    /// Waits until a connection waits for the lock. Returns at once on SQLite, which does not show
    /// it.
    pub async fn wait_for_contender(&self) {
        let Self::Postgres(client) = self else { return };
        wait_for_blocked_connections(client, 1).await;
    }

    pub async fn release(self) {
        match self {
            Self::Sqlite(mut connection) => connection.batch_execute("rollback").expect("a rollback"),
            Self::Postgres(client) => client.batch_execute("rollback").await.expect("a rollback"),
        }
    }
}

/// Waits until this connection blocks at least `count` others, directly or through another.
pub async fn wait_for_blocked_connections(connection: &tokio_postgres::Client, count: i64) {
    let blocked = "
        with recursive blocked (pid) as (
            select pg_backend_pid()
            union
            select l.pid from blocked b join pg_locks l on not l.granted and b.pid = any (pg_blocking_pids(l.pid))
        )
        select count(*) - 1 as connections from blocked";
    let blocks = async {
        while connection.query_one(blocked, &[]).await.unwrap().get::<_, i64>("connections") < count {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(20), blocks).await.expect("other connections wait for locks");
}
