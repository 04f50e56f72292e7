//! Settings of the database.

use super::super::settings::DatabaseSettings;
use super::{assert_rejected, errors, load, load_prod, vars};
use crate::adapters::persistence::postgres::PoolMode;

fn durations(database: &DatabaseSettings) -> [u128; 5] {
    [
        database.pool_wait,
        database.connect_timeout,
        database.statement_timeout,
        database.lock_timeout,
        database.sqlite_busy_timeout,
    ]
    .map(|duration| duration.as_millis())
}

#[test]
fn defaults_suit_a_laptop() {
    let database = load(&[]).database;
    assert_eq!(database.url.to_string(), "sqlite://conduit.db");
    assert_eq!((database.pool_mode, database.pool_size), (PoolMode::Session, 16));
    assert_eq!(durations(&database), [500, 3000, 5000, 2000, 5000]);
    assert!(database.replica_url.is_none() && database.replica_max_lag.as_millis() == 1000);
    assert_eq!((database.ca_file, database.migrate_on_start), (None, true));
    assert!(!load_prod(&[]).database.migrate_on_start);
}

#[test]
fn replicas_are_servers_of_a_server() {
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
fn valid_values_are_accepted() {
    let database = load(&vars(
        "DATABASE_POOL_MODE=transaction DATABASE_POOL_SIZE=1000 DATABASE_POOL_WAIT=1ms \
         DATABASE_CONNECT_TIMEOUT=2ms DATABASE_STATEMENT_TIMEOUT=3ms DATABASE_LOCK_TIMEOUT=4ms \
         SQLITE_BUSY_TIMEOUT=5ms DATABASE_CA_FILE=/dev/null MIGRATE_ON_START=false",
    ))
    .database;
    assert_eq!(durations(&database), [1, 2, 3, 4, 5]);
    assert_eq!((database.pool_size, database.migrate_on_start), (1000, false));
    assert_eq!(database.ca_file, Some("/dev/null".into()));
    assert_eq!(database.pool_mode, PoolMode::Transaction);
}

#[test]
fn invalid_values_are_rejected_by_name() {
    let units = "such as 500ms, 90s, 15m, 12h or 7d";
    let duration = format!("a duration from 1ms to 1h, {units}");
    for (name, value, expected) in [
        ("DATABASE_POOL_MODE", "statement", "session or transaction"),
        ("DATABASE_POOL_SIZE", "0", "a number from 1 to 1000"),
        ("DATABASE_POOL_WAIT", "0", &duration),
        ("DATABASE_CONNECT_TIMEOUT", "2h", &duration),
        ("DATABASE_STATEMENT_TIMEOUT", "soon", &duration),
        ("DATABASE_LOCK_TIMEOUT", "-1", &duration),
        ("SQLITE_BUSY_TIMEOUT", "1w", &duration),
        ("DATABASE_REPLICA_MAX_LAG", "10ms", &format!("a duration from 100ms to 1h, {units}")),
        ("DATABASE_CA_FILE", "/", "a file, and this is a directory"),
        ("MIGRATE_ON_START", "yes", "true or false"),
    ] {
        assert_rejected(name, value, expected);
    }
}
