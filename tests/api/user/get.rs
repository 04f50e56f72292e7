//! `GET /api/user`

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::user;
use crate::support::{Engine, TestApp};

#[rstest]
#[actix_web::test]
async fn current_user_is_returned(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;

    let response = amy.get("/api/user").await;

    let token = response.text_at("/user/token");
    response.assert(200, json!({"user": user(json!({ "token": token }))}));
}

#[rstest]
#[actix_web::test]
async fn returned_token_is_valid(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let token = amy.get("/api/user").await.text_at("/user/token");

    amy.with_token(&token).get("/api/user").await.assert_status(200).assert_at("/user/username", "amy");
}

#[rstest]
#[actix_web::test]
async fn account_depends_on_the_token(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for name in ["amy", "bob"] {
        let bio = json!({"user": {"bio": format!("I am {name}")}});
        app.user(name).await.put("/api/user", bio).await.assert_status(200);
    }
    let cat = app.user("cat").await;

    cat.get("/api/user").await.assert_at("/user/username", "cat").assert_at("/user/bio", json!(null));
}
