//! Which database, how many connections to it, and how long anything there may take.
//! For the persistence adapters, which share these settings and ignore what the other engine needs.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::{
    database_url::DatabaseUrl,
    error::Wrong,
    reader::Reader,
    settings::{
        DATABASE_CA_FILE, DATABASE_CONNECT_TIMEOUT, DATABASE_LOCK_TIMEOUT, DATABASE_POOL_MODE, DATABASE_POOL_SIZE,
        DATABASE_POOL_WAIT, DATABASE_REPLICA_MAX_LAG, DATABASE_REPLICA_URL, DATABASE_STATEMENT_TIMEOUT, DATABASE_URL,
        MIGRATE_ON_START, SQLITE_BUSY_TIMEOUT,
    },
    values::{TRUE_OR_FALSE, choice, duration, number, readable_file},
};
use crate::adapters::persistence::postgres::PoolMode;

const POOL_MODES: &[(&str, PoolMode)] = &[("session", PoolMode::Session), ("transaction", PoolMode::Transaction)];

/// Settings of the database.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `DATABASE_URL`: by default `sqlite://conduit.db`, in the working directory.
    pub url: DatabaseUrl,
    /// What says so: this setting, or an option of the command line.
    pub url_from: &'static str,
    /// `DATABASE_POOL_MODE`: for how long a connection has a session of PostgreSQL's, by default for its own life.
    pub pool_mode: PoolMode,
    /// `DATABASE_POOL_SIZE`: connections to PostgreSQL or readers of SQLite, of which there are two per core
    /// at the most and four at the least, by default 16.
    pub pool_size: usize,
    /// `DATABASE_POOL_WAIT`: how long a request waits for a connection, by default 500 ms.
    pub pool_wait: Duration,
    /// `DATABASE_CONNECT_TIMEOUT`: how long PostgreSQL may take to accept a connection, by default 3 s.
    pub connect_timeout: Duration,
    /// `DATABASE_STATEMENT_TIMEOUT`: how long PostgreSQL may work on one statement, by default 5 s.
    pub statement_timeout: Duration,
    /// `DATABASE_LOCK_TIMEOUT`: how long a PostgreSQL statement waits for a lock, by default 2 s.
    pub lock_timeout: Duration,
    /// `DATABASE_REPLICA_URL`: streaming replicas that answer anonymous readers, by default none.
    pub replica_url: Option<SecretString>,
    /// `DATABASE_REPLICA_MAX_LAG`: how far a replica may be behind to be asked, by default 1 s.
    pub replica_max_lag: Duration,
    /// `DATABASE_CA_FILE`: PEM root certificates for `sslmode=verify-full`, by default the system's.
    pub ca_file: Option<PathBuf>,
    /// `SQLITE_BUSY_TIMEOUT`: how long SQLite waits for another writer, by default 5 s.
    pub sqlite_busy_timeout: Duration,
    /// `MIGRATE_ON_START`: apply pending migrations before serving, by default in dev only.
    pub migrate_on_start: bool,
}

impl DatabaseSettings {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let url = from.get(&DATABASE_URL, DatabaseUrl::parse);
        let pool_mode = from.get(&DATABASE_POOL_MODE, choice(POOL_MODES));
        let pool_size = from.get(&DATABASE_POOL_SIZE, number(1..=1000));
        let pool_wait = from.get(&DATABASE_POOL_WAIT, duration("1ms", "1h"));
        let connect_timeout = from.get(&DATABASE_CONNECT_TIMEOUT, duration("1ms", "1h"));
        let statement_timeout = from.get(&DATABASE_STATEMENT_TIMEOUT, duration("1ms", "1h"));
        let lock_timeout = from.get(&DATABASE_LOCK_TIMEOUT, duration("1ms", "1h"));
        let replica_url = from.optional(&DATABASE_REPLICA_URL, replicas);
        let replica_max_lag = from.get(&DATABASE_REPLICA_MAX_LAG, duration("100ms", "1h"));
        let ca_file = from.optional(&DATABASE_CA_FILE, readable_file);
        let sqlite_busy_timeout = from.get(&SQLITE_BUSY_TIMEOUT, duration("1ms", "1h"));
        let migrate_on_start = from.get(&MIGRATE_ON_START, choice(TRUE_OR_FALSE));
        if let (Some(DatabaseUrl::Sqlite(_)), Some(Some(_))) = (&url, &replica_url) {
            from.refuse(&DATABASE_REPLICA_URL, "given", "none, because DATABASE_URL is SQLite");
        }
        Some(Self {
            url: url?,
            url_from: DATABASE_URL.name,
            pool_mode: pool_mode?,
            pool_size: pool_size?,
            pool_wait: pool_wait?,
            connect_timeout: connect_timeout?,
            statement_timeout: statement_timeout?,
            lock_timeout: lock_timeout?,
            replica_url: replica_url?,
            replica_max_lag: replica_max_lag?,
            ca_file: ca_file?,
            sqlite_busy_timeout: sqlite_busy_timeout?,
            migrate_on_start: migrate_on_start?,
        })
    }
}

/// A replica is a server: no file is one.
fn replicas(text: &str) -> Result<SecretString, Wrong> {
    let of_servers = |wrong: Wrong| Wrong { expected: wrong.expected.replace("sqlite://PATH or ", ""), ..wrong };
    match DatabaseUrl::parse(text).map_err(of_servers)? {
        DatabaseUrl::Postgres(url) => Ok(url),
        DatabaseUrl::Sqlite(_) => Err(Wrong::expected("postgres://USER:PASSWORD@HOST/DATABASE")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{errors, load, load_prod};
    use super::*;

    #[test]
    fn the_defaults_suit_a_laptop() {
        let database = load(&[]).database;
        let millis = |duration: Duration| duration.as_millis();
        assert_eq!(database.url.to_string(), "sqlite://conduit.db");
        assert_eq!((database.pool_size, millis(database.pool_wait)), (16, 500));
        assert_eq!(database.pool_mode, PoolMode::Session);
        assert_eq!(millis(database.connect_timeout), 3000);
        assert_eq!(millis(database.statement_timeout), 5000);
        assert_eq!(millis(database.lock_timeout), 2000);
        assert_eq!(millis(database.sqlite_busy_timeout), 5000);
        assert!(database.replica_url.is_none() && millis(database.replica_max_lag) == 1000);
        assert_eq!((database.ca_file, database.migrate_on_start), (None, true));
        assert!(!load_prod(&[]).database.migrate_on_start);
    }

    #[test]
    fn replicas_are_servers_beside_a_server() {
        let url = ("DATABASE_URL", "postgres://user:hunter2@primary/conduit");
        let replicas = ("DATABASE_REPLICA_URL", "postgres://user:hunter2@one,two:5433/conduit");
        let database = load(&[url, replicas, ("DATABASE_REPLICA_MAX_LAG", "100ms")]).database;
        assert_eq!((database.replica_url.is_some(), database.replica_max_lag.as_millis()), (true, 100));
        assert!(!format!("{database:?}").contains("hunter2"), "{database:?}");
        assert_eq!(errors(&[replicas]), "DATABASE_REPLICA_URL is given: expected none, because DATABASE_URL is SQLite");
        assert_eq!(
            errors(&[url, ("DATABASE_REPLICA_URL", "sqlite://conduit.db")]),
            "DATABASE_REPLICA_URL is \"sqlite://conduit.db\": expected postgres://USER:PASSWORD@HOST/DATABASE"
        );
    }

    #[test]
    fn values_are_taken() {
        let database = load(&[
            ("DATABASE_POOL_MODE", "transaction"),
            ("DATABASE_POOL_SIZE", "1000"),
            ("DATABASE_POOL_WAIT", "1ms"),
            ("DATABASE_CONNECT_TIMEOUT", "2ms"),
            ("DATABASE_STATEMENT_TIMEOUT", "3ms"),
            ("DATABASE_LOCK_TIMEOUT", "4ms"),
            ("SQLITE_BUSY_TIMEOUT", "5ms"),
            ("DATABASE_CA_FILE", "/dev/null"),
            ("MIGRATE_ON_START", "false"),
        ])
        .database;
        let waits = [
            database.pool_wait,
            database.connect_timeout,
            database.statement_timeout,
            database.lock_timeout,
            database.sqlite_busy_timeout,
        ];
        assert_eq!(waits.map(|wait| wait.as_millis()), [1, 2, 3, 4, 5]);
        assert_eq!((database.pool_size, database.migrate_on_start), (1000, false));
        assert_eq!(database.ca_file, Some("/dev/null".into()));
        assert_eq!(database.pool_mode, PoolMode::Transaction);
    }

    #[test]
    fn wrong_values_are_named() {
        let duration = "expected a duration from 1ms to 1h, such as 500ms, 90s, 15m, 12h or 7d";
        for (name, value, expected) in [
            ("DATABASE_POOL_MODE", "statement", "expected session or transaction"),
            ("DATABASE_POOL_SIZE", "0", "expected a number from 1 to 1000"),
            ("DATABASE_POOL_WAIT", "0", duration),
            ("DATABASE_CONNECT_TIMEOUT", "2h", duration),
            ("DATABASE_STATEMENT_TIMEOUT", "soon", duration),
            ("DATABASE_LOCK_TIMEOUT", "-1", duration),
            ("SQLITE_BUSY_TIMEOUT", "1w", duration),
            (
                "DATABASE_REPLICA_MAX_LAG",
                "10ms",
                "expected a duration from 100ms to 1h, such as 500ms, 90s, 15m, 12h or 7d",
            ),
            ("DATABASE_CA_FILE", "/", "expected a file, and this is a directory"),
            ("MIGRATE_ON_START", "yes", "expected true or false"),
        ] {
            assert_eq!(errors(&[(name, value)]), format!("{name} is {value:?}: {expected}"));
        }
    }
}
