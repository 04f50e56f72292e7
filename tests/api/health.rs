//! `/livez` and `/readyz`; without a database they are in `errors/outage.rs`.

use std::time::{Duration, Instant};

use conduit::adapters::persistence::maintenance::migrate::{Step, migrate};
use rstest::rstest;

use crate::support::{Database, Engine, Engine::*, TestApp};

#[rstest]
#[actix_web::test]
async fn probes_find_a_running_application(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    anon.get("/livez").await.has_text(200, "alive\n");
    anon.get("/readyz").await.has_text(200, "ready\n");
}

#[rstest]
#[actix_web::test]
async fn probes_need_no_token_and_mind_no_bad_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    for path in ["/livez", "/readyz", "/readyz?verbose"] {
        anon.with_token("rubbish").get(path).await.status(200);
    }
}

#[rstest]
#[actix_web::test]
async fn without_its_migrations_it_is_alive_but_not_ready(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_on(Database::create_unmigrated(engine).await, &[]).await;
    let anon = app.anon();
    let reply = anon.get("/readyz").await.is_error(503, "service", "is unavailable");
    assert_eq!(reply.header("Retry-After"), "1");
    anon.get("/livez").await.status(200);

    migrate(&app.database.target(), Step::Apply).await.expect("migrations");
    anon.get("/readyz").await.status(200);
}

#[actix_web::test]
async fn a_database_that_takes_its_time_is_not_ready() {
    let app = TestApp::start_with(Postgres, &[("DATABASE_LOCK_TIMEOUT", "10s")]).await;
    app.anon().get("/readyz").await.status(200);
    let blocker = app.database.postgres().await;
    let lock = "begin; lock table __diesel_schema_migrations in access exclusive mode";
    blocker.batch_execute(lock).await.expect("a lock");

    let start = Instant::now();
    app.anon().get("/readyz").await.is_error(503, "service", "is unavailable");
    let took = start.elapsed();
    assert!((Duration::from_secs(1)..Duration::from_secs(5)).contains(&took), "{took:?}");
    app.anon().get("/livez").await.status(200);

    blocker.batch_execute("commit").await.expect("no lock");
    app.anon().get("/readyz").await.status(200);
}
