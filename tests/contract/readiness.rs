//! Readiness of the store.

use std::fmt::Debug;
use std::fs;

use conduit::adapters::persistence::maintenance::migrate::{Step, migrate};
use conduit::ports::repositories::RepositoryError;
use rstest::rstest;

use crate::scenario::{new_user, slug};
use crate::support::Engine::*;
use crate::support::{Database, Engine};
use crate::test_store::TestStore;

/// Opens a database that does not exist.
fn open_missing_database(engine: Engine) -> TestStore {
    let database = match engine {
        Sqlite => Database::Sqlite(tempfile::Builder::new().prefix("missing").tempdir().unwrap()),
        Postgres => Database::Postgres(String::from("conduit_test_missing")),
    };
    if let Database::Sqlite(folder) = &database {
        fs::remove_dir(folder.path()).unwrap();
    }
    TestStore::open(database)
}

#[track_caller]
fn assert_unavailable<T: Debug>(result: Result<T, RepositoryError>) {
    assert!(matches!(result, Err(RepositoryError::Unavailable(_))), "available: {result:?}");
}

#[rstest]
#[tokio::test]
async fn migrated_store_is_ready(#[values(Sqlite, Postgres)] engine: Engine) {
    TestStore::create(engine).await.health.ready().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn store_with_missing_migrations_is_unavailable(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let target = database.target();
    let store = TestStore::open(database);
    assert_unavailable(store.health.ready().await);
    migrate(&target, Step::Apply).await.unwrap();
    store.health.ready().await.unwrap();
    migrate(&target, Step::Revert(1)).await.unwrap();
    assert_unavailable(store.health.ready().await);
}

#[rstest]
#[tokio::test]
async fn store_with_newer_migrations_is_ready(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    database.execute("insert into __diesel_schema_migrations (version) values ('99991231000001')").await;
    TestStore::open(database).health.ready().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn closed_store_is_unavailable(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    store.health.ready().await.unwrap();
    store.health.close();
    assert_unavailable(store.health.ready().await);
    assert_unavailable(store.articles.find(&slug("dragons"), None).await);
}

#[rstest]
#[tokio::test]
async fn store_without_its_database_is_unavailable(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = open_missing_database(engine);
    assert_unavailable(store.health.ready().await);
    assert_unavailable(store.articles.find(&slug("dragons"), None).await);
    assert_unavailable(store.users.insert(new_user("amy")).await);
}
