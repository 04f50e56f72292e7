//! The store as a whole.

use conduit::{
    adapters::persistence::maintenance::migrate::{Step, migrate},
    ports::repositories::RepositoryError,
};
use rstest::rstest;

use crate::{
    story::{a_user, slug},
    support::{
        Database,
        Engine::{self, *},
    },
    test_store::TestStore,
};

/// A store whose database is not there.
fn away(engine: Engine) -> TestStore {
    let database = match engine {
        Sqlite => Database::Sqlite(tempfile::Builder::new().prefix("gone").tempdir().unwrap()),
        Postgres => Database::Postgres(String::from("conduit_test_gone")),
    };
    if let Database::Sqlite(folder) = &database {
        std::fs::remove_dir(folder.path()).unwrap();
    }
    TestStore::of(database)
}

#[track_caller]
fn assert_unavailable<T: std::fmt::Debug>(result: Result<T, RepositoryError>) {
    assert!(matches!(result, Err(RepositoryError::Unavailable(_))), "available: {result:?}");
}

#[rstest]
#[tokio::test]
async fn a_store_answers(#[values(Sqlite, Postgres)] engine: Engine) {
    TestStore::on(engine).await.health.ready().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_store_whose_migrations_are_missing_is_unavailable(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let target = database.target();
    let store = TestStore::of(database);
    assert_unavailable(store.health.ready().await);
    migrate(&target, Step::Apply).await.unwrap();
    store.health.ready().await.unwrap();
    migrate(&target, Step::Revert(1)).await.unwrap();
    assert_unavailable(store.health.ready().await);
}

#[rstest]
#[tokio::test]
async fn the_migrations_of_a_newer_program_do_not_matter(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    database.execute("insert into __diesel_schema_migrations (version) values ('99991231000001')").await;
    TestStore::of(database).health.ready().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_closed_store_is_unavailable(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    store.health.ready().await.unwrap();
    store.health.close();
    assert_unavailable(store.health.ready().await);
    assert_unavailable(store.articles.find(&slug("dragons"), None).await);
}

#[rstest]
#[tokio::test]
async fn a_store_that_is_away_is_unavailable(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = away(engine);
    assert_unavailable(store.health.ready().await);
    assert_unavailable(store.articles.find(&slug("dragons"), None).await);
    assert_unavailable(store.users.insert(a_user("amy")).await);
}
