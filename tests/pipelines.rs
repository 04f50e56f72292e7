//! Brief questions that share connections to PostgreSQL: fewer connections, and nobody suffers from another's question.

mod support;

use std::time::Duration;

use futures_util::future::{join, join_all};
use support::{Client, Engine, TestApp};
use tokio::time::{sleep, timeout};

/// How many ask at once.
const CROWD: usize = 64;

/// How many fit into one pipeline beside the first.
const BESIDE: usize = 7;

/// One thread, so that all questions meet, and time limits that no test waits for.
async fn start() -> TestApp {
    let settings = [
        ("WORKERS", "1"),
        ("DATABASE_POOL_SIZE", "64"),
        ("DATABASE_LOCK_TIMEOUT", "1m"),
        ("DATABASE_STATEMENT_TIMEOUT", "1m"),
    ];
    TestApp::start_with(Engine::Postgres, &settings).await
}

/// Asks for the same by as many clients, each on a connection of its own.
async fn all_get(app: &TestApp, count: usize, path: &str) {
    let clients: Vec<Client> = (0..count).map(|_| app.anon()).collect();
    for reply in join_all(clients.iter().map(|client| client.get(path))).await {
        reply.status(200);
    }
}

#[actix_web::test]
async fn a_crowd_needs_few_connections() {
    let app = start().await;

    all_get(&app, CROWD, "/api/tags").await;

    let count =
        "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'conduit'";
    let connections: i64 = app.database.postgres().await.query_one(count, &[]).await.unwrap().get(0);
    assert!(connections <= CROWD as i64 / 8 + 1, "{connections} connections");
}

#[actix_web::test]
async fn a_question_that_takes_long_keeps_nobody_waiting() {
    let app = start().await;
    let _amy = app.user("amy").await;
    let other = app.database.postgres().await;
    other.batch_execute("begin; lock table tags in access exclusive mode").await.unwrap();

    let anon = app.anon();
    let release = async {
        sleep(Duration::from_millis(50)).await;
        let others = all_get(&app, BESIDE, "/api/profiles/amy");
        timeout(Duration::from_secs(20), others).await.expect("others are answered meanwhile");
        other.batch_execute("rollback").await.unwrap();
    };
    let (tags, ()) = join(anon.get("/api/tags"), release).await;

    tags.status(200);
}

#[actix_web::test]
async fn a_question_that_fails_fails_alone() {
    let app = start().await;
    let _amy = app.user("amy").await;
    app.database.execute("alter table tags rename to tags_no_more").await;

    let anon = app.anon();
    for _ in 0..10 {
        let (tags, ()) = join(anon.get("/api/tags"), all_get(&app, BESIDE, "/api/profiles/amy")).await;
        tags.is_error(500, "server", "internal error");
    }
}
