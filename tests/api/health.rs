//! `/livez` and `/readyz`; without a database they are in `errors/outage.rs`.

use rstest::rstest;

use crate::support::{Engine, Engine::*, TestApp};

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
