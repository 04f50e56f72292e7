//! `POST /api/users`

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::{registration, user, with, without};
use crate::support::{Engine, TestApp};

#[rstest]
#[actix_web::test]
async fn registering_returns_the_user(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();

    let response = anonymous.post("/api/users", registration(json!({}))).await;

    let token = response.text_at("/user/token");
    response.assert(201, json!({"user": user(json!({ "token": token }))}));
}

#[rstest]
#[actix_web::test]
async fn returned_token_is_valid(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    let token = anonymous.post("/api/users", registration(json!({}))).await.text_at("/user/token");

    anonymous.with_token(&token).get("/api/user").await.assert_status(200).assert_at("/user/username", "amy");
}

#[rstest]
#[actix_web::test]
async fn username_and_email_keep_their_spelling(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    let names = json!({"username": " Ａmy Ünï ", "email": "Amy+Ünï@EXAMPLE.com"});

    let response = anonymous.post("/api/users", registration(names)).await.assert_status(201);
    let amy = anonymous.with_token(&response.text_at("/user/token")).get("/api/user").await;

    for response in [response, amy] {
        response.assert_at("/user/username", " Ａmy Ünï ").assert_at("/user/email", "Amy+Ünï@EXAMPLE.com");
    }
}

#[rstest]
#[actix_web::test]
async fn missing_field_is_rejected(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    for field in ["username", "email", "password"] {
        let fields = without(registration(json!({}))["user"].clone(), field);
        anonymous.post("/api/users", json!({"user": fields})).await.assert_error(422, field, "can't be blank");
        anonymous.post("/api/users", registration(json!({field: null}))).await.assert_error(
            422,
            field,
            "can't be blank",
        );
    }
}

#[rstest]
#[actix_web::test]
async fn all_violations_are_reported_together(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();

    let blank = "can't be blank";
    let all = [("username", blank), ("email", blank), ("password", blank)];
    anonymous.post("/api/users", json!({"user": {}})).await.assert_errors(422, &all);

    let fields = json!({"username": "a/b", "email": 7, "password": "short"});
    let all =
        [("username", "is invalid"), ("email", "is invalid"), ("password", "is too short (minimum is 8 characters)")];
    anonymous.post("/api/users", json!({"user": fields})).await.assert_errors(422, &all);
}

#[rstest]
#[actix_web::test]
async fn missing_user_is_rejected(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    for body in [json!({}), json!({"user": null}), json!({"username": "amy"})] {
        anonymous.post("/api/users", body).await.assert_error(422, "user", "can't be blank");
    }
}

#[rstest]
#[actix_web::test]
async fn unknown_fields_are_ignored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    let fields = json!({"id": 1, "bio": "I", "image": "i.png", "token": "t", "isAdmin": true, "x": {"y": [null]}});

    let body = with(registration(fields), json!({"article": {}, "deep": [[["er"]]]}));
    let response = anonymous.post("/api/users", body).await.assert_status(201);

    let token = response.text_at("/user/token");
    response.assert(201, json!({"user": user(json!({ "token": token }))}));
}
