//! Metrics of statements and connection pools.

use futures_util::future::join;
use rstest::rstest;

use super::UsersLock;
use crate::process::Program;
use crate::support::Engine::*;
use crate::support::{Database, Engine, Scrape};

#[rstest]
#[actix_web::test]
async fn statements_are_timed_by_operation(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database);
    let server = program.serve().await;
    let amy = server.anonymous().register("amy").await;
    let slug = amy.publish("Dragons").await;
    amy.favorite(&slug).await;
    amy.get("/api/articles?tag=dragons").await.assert_status(200);
    amy.get("/api/articles").await.assert_status(200);
    amy.delete(&format!("/api/articles/{slug}")).await.assert_status(204);
    server.anonymous().get("/api/articles/nothing").await.assert_status(404);

    let counts = server.scrape().await.by("db_query_duration_seconds_count", "operation");
    let expected = [
        ("articles.delete", 1.0),
        ("articles.favorite", 1.0),
        ("articles.find", 2.0),
        ("articles.head", 1.0),
        ("articles.insert", 1.0),
        ("articles.page", 2.0),
        ("transaction.begin", 1.0),
        ("transaction.commit", 1.0),
        ("users.current", 1.0),
        ("users.insert", 1.0),
    ];
    assert_eq!(counts, expected.map(|(operation, count)| (operation.to_owned(), count)).into());
}

/// Returns the number of idle connections, of connections in use, and the maximum.
fn connections(scrape: &Scrape, pool: &str) -> [f64; 3] {
    ["idle", "in_use", "max"].map(|state| scrape.sum("db_pool_connections", &[("pool", pool), ("state", state)]))
}

#[rstest]
#[case::sqlite(Sqlite, "writer", 1.0)]
#[case::postgres(Postgres, "primary", 4.0)]
#[actix_web::test]
async fn pool_metrics_follow_its_use(#[case] engine: Engine, #[case] pool: &str, #[case] max: f64) {
    let database = Database::create(engine).await;
    let program = Program::on(&database).with("DATABASE_POOL_SIZE", "4");
    let server = program.serve().await;
    assert_eq!(connections(&server.scrape().await, pool), [0.0, 0.0, max]);

    let lock = UsersLock::acquire(&database).await;
    let anonymous = server.anonymous();
    let (amy, ()) = join(anonymous.register("amy"), async {
        server.wait_for_metrics(|scrape| connections(scrape, pool) == [0.0, 1.0, max]).await;
        lock.release().await;
    })
    .await;

    let scrape = server.scrape().await;
    assert_eq!(connections(&scrape, pool), [1.0, 0.0, max]);
    assert_eq!(scrape.sum("db_pool_wait_seconds_count", &[("pool", pool)]), 1.0);
    assert_eq!(scrape.sum("db_pool_timeouts_total", &[("pool", pool)]), 0.0);
    amy.get("/api/user").await.assert_status(200);
}

#[actix_web::test]
async fn pool_timeout_is_counted() {
    let database = Database::create(Postgres).await;
    let program = Program::on(&database).with("DATABASE_POOL_SIZE", "1").with("DATABASE_POOL_WAIT", "100ms");
    let server = program.serve().await;
    let lock = UsersLock::acquire(&database).await;
    let anonymous = server.anonymous();
    let (_amy, ()) = join(anonymous.register("amy"), async {
        server.wait_for_metrics(|scrape| connections(scrape, "primary") == [0.0, 1.0, 1.0]).await;
        anonymous.get("/api/tags").await.assert_status(503);
        lock.release().await;
    })
    .await;

    let scrape = server.scrape().await;
    assert_eq!(scrape.sum("db_pool_timeouts_total", &[("pool", "primary")]), 1.0);
    assert!(scrape.sum("db_pool_wait_seconds_sum", &[("pool", "primary")]) >= 0.1);
}
