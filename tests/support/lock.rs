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
        let waiting =
            "select count(*) from pg_locks where not granted and pg_backend_pid() = any (pg_blocking_pids(pid))";
        let waits = async {
            while client.query_one(waiting, &[]).await.expect("the locks").get::<_, i64>(0) == 0 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(20), waits).await.expect("somebody waits for the lock");
    }

    /// Lets the others go on.
    pub async fn release(self) {
        match self {
            Self::Sqlite(mut connection) => connection.batch_execute("rollback").expect("a rollback"),
            Self::Postgres(client) => client.batch_execute("rollback").await.expect("a rollback"),
        }
    }
}
