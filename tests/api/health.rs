//! `/livez` and `/readyz`. `errors/outage.rs` tests them without a database.

use std::time::{Duration, Instant};

use conduit::adapters::persistence::maintenance::migrate::{Step, migrate};
use rstest::rstest;

use crate::support::Engine::*;
use crate::support::{Database, Engine, TestApp};

#[rstest]
#[actix_web::test]
async fn running_application_is_alive_and_ready(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    anonymous.get("/livez").await.assert_text(200, "alive\n");
    anonymous.get("/readyz").await.assert_text(200, "ready\n");
}

#[rstest]
#[actix_web::test]
async fn probes_ignore_tokens(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    for path in ["/livez", "/readyz", "/readyz?verbose"] {
        anonymous.with_token("rubbish").get(path).await.assert_status(200);
    }
}

#[rstest]
#[actix_web::test]
async fn application_without_migrations_is_alive_but_not_ready(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_on(Database::create_unmigrated(engine).await, &[]).await;
    let anonymous = app.anonymous();
    let response = anonymous.get("/readyz").await.assert_error(503, "service", "is unavailable");
    assert_eq!(response.header("Retry-After"), "1");
    anonymous.get("/livez").await.assert_status(200);

    migrate(&app.database.target(), Step::Apply).await.expect("migrations");
    anonymous.get("/readyz").await.assert_status(200);
}

#[actix_web::test]
async fn slow_database_is_not_ready() {
    let app = TestApp::start_with(Postgres, &[("DATABASE_LOCK_TIMEOUT", "10s")]).await;
    app.anonymous().get("/readyz").await.assert_status(200);
    let blocker = app.database.postgres().await;
    let lock = "begin; lock table __diesel_schema_migrations in access exclusive mode";
    blocker.batch_execute(lock).await.expect("a lock");

    let start = Instant::now();
    app.anonymous().get("/readyz").await.assert_error(503, "service", "is unavailable");
    let elapsed = start.elapsed();
    assert!((Duration::from_secs(1)..Duration::from_secs(5)).contains(&elapsed), "{elapsed:?}");
    app.anonymous().get("/livez").await.assert_status(200);

    blocker.batch_execute("commit").await.expect("no lock");
    app.anonymous().get("/readyz").await.assert_status(200);
}
