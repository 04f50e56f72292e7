//! Cheap statements share pipelined connections to PostgreSQL, without effects on one another.

mod support;

use std::time::Duration;

use futures_util::future::{join, join_all};
use support::{Client, Engine, TestApp};
use tokio::time::{sleep, timeout};

/// Number of concurrent requests.
const CONCURRENT: usize = 64;

/// Statements that fit into one pipeline.
const PIPELINE: usize = 8;

/// Starts an instance with one worker, so that statements share connections, and with long timeouts.
async fn start() -> TestApp {
    let settings = [
        ("WORKERS", "1"),
        ("DATABASE_POOL_SIZE", "64"),
        ("DATABASE_LOCK_TIMEOUT", "1m"),
        ("DATABASE_STATEMENT_TIMEOUT", "1m"),
    ];
    TestApp::start_with(Engine::Postgres, &settings).await
}

/// Sends equal requests concurrently, each on its own connection.
async fn get_concurrently(app: &TestApp, count: usize, path: &str) {
    let clients: Vec<Client> = (0..count).map(|_| app.anonymous()).collect();
    for response in join_all(clients.iter().map(|client| client.get(path))).await {
        response.assert_status(200);
    }
}

#[actix_web::test]
async fn concurrent_requests_share_few_connections() {
    let app = start().await;

    get_concurrently(&app, CONCURRENT, "/api/tags").await;

    let count =
        "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'conduit'";
    let connections: i64 = app.database.postgres().await.query_one(count, &[]).await.unwrap().get(0);
    assert!(connections <= (CONCURRENT / PIPELINE + 1) as i64, "{connections} connections");
}

#[actix_web::test]
async fn slow_statement_delays_no_other() {
    let app = start().await;
    let _amy = app.user("amy").await;
    let other = app.database.postgres().await;
    other.batch_execute("begin; lock table tags in access exclusive mode").await.unwrap();

    let anonymous = app.anonymous();
    let release = async {
        sleep(Duration::from_millis(50)).await;
        let others = get_concurrently(&app, PIPELINE - 1, "/api/profiles/amy");
        timeout(Duration::from_secs(20), others).await.expect("other statements finish");
        other.batch_execute("rollback").await.unwrap();
    };
    let (tags, ()) = join(anonymous.get("/api/tags"), release).await;

    tags.assert_status(200);
}

#[actix_web::test]
async fn failed_statement_fails_alone() {
    let app = start().await;
    let _amy = app.user("amy").await;
    app.database.execute("alter table tags rename to renamed_tags").await;

    let anonymous = app.anonymous();
    for _ in 0..10 {
        let (tags, ()) =
            join(anonymous.get("/api/tags"), get_concurrently(&app, PIPELINE - 1, "/api/profiles/amy")).await;
        tags.assert_error(500, "server", "internal error");
    }
}
