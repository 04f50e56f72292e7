//! `GET /api/user`

use rstest::rstest;
use serde_json::json;

use crate::{
    data::user,
    support::{Engine, Engine::*, TestApp},
};

#[rstest]
#[actix_web::test]
async fn one_sees_oneself(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;

    let reply = amy.get("/api/user").await;

    let token = reply.text_at("/user/token");
    let json = json!({"username": "amy", "email": "amy@example.com", "bio": null, "image": null, "token": token});
    reply.is(200, json!({ "user": json }));
}

#[rstest]
#[actix_web::test]
async fn the_token_in_the_answer_is_usable(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let token = amy.get("/api/user").await.text_at("/user/token");

    amy.with_token(&token).get("/api/user").await.status(200).has("/user/username", "amy");
}

#[rstest]
#[actix_web::test]
async fn each_sees_their_own(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for name in ["amy", "bob"] {
        app.user(name).await.put("/api/user", user(json!({"bio": format!("I am {name}")}))).await.status(200);
    }
    let cat = app.user("cat").await;

    cat.get("/api/user").await.has("/user/username", "cat").has("/user/bio", json!(null));
}
