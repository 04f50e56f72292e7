//! The store as a whole.

use conduit::ports::repositories::RepositoryError;
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
    TestStore::on(engine).await.health.ping().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_store_that_is_away_is_unavailable(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = away(engine);
    assert_unavailable(store.health.ping().await);
    assert_unavailable(store.articles.find(&slug("dragons"), None).await);
    assert_unavailable(store.users.insert(a_user("amy")).await);
}
