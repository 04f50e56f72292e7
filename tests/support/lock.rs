//! What every change of an article waits for.

use std::time::Duration;

use diesel::{SqliteConnection, connection::SimpleConnection};
use tokio::time::{sleep, timeout};

use super::Database;

/// Holds what every change of an article needs, in a transaction of the test's own.
pub enum Lock {
    /// The right to write.
    Sqlite(Box<SqliteConnection>),
    /// The table.
    Postgres(tokio_postgres::Client),
}

impl Lock {
    /// Waits for whoever has it, and takes it.
    pub async fn take(database: &Database) -> Self {
        match database {
            Database::Sqlite(_) => {
                let mut connection = database.sqlite();
                connection.batch_execute("begin immediate").expect("the right to write");
                Self::Sqlite(Box::new(connection))
            }
            Database::Postgres(_) => {
                let client = database.postgres().await;
                client.batch_execute("begin; lock table articles in exclusive mode").await.expect("the table");
                Self::Postgres(client)
            }
        }
    }

    /// Waits until somebody waits for it, where that shows: SQLite does not tell.
    pub async fn is_waited_for(&self) {
        let Self::Postgres(client) = self else { return };
        sessions_wait(client, 1).await;
    }

    /// Lets the others go on.
    pub async fn release(self) {
        match self {
            Self::Sqlite(mut connection) => connection.batch_execute("rollback").expect("a rollback"),
            Self::Postgres(client) => client.batch_execute("rollback").await.expect("a rollback"),
        }
    }
}

/// Waits until so many other sessions wait for this one, each for itself or behind another.
pub async fn sessions_wait(connection: &tokio_postgres::Client, count: i64) {
    let waiting = "
        with recursive waiting (pid) as (
            select pg_backend_pid()
            union
            select l.pid from waiting w join pg_locks l on not l.granted and w.pid = any (pg_blocking_pids(l.pid))
        )
        select count(*) - 1 from waiting";
    let waits = async {
        while connection.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) < count {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(20), waits).await.expect("others wait for locks");
}
