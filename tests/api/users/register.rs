//! `POST /api/users`: registering.

use rstest::rstest;
use serde_json::json;

use crate::{
    data::{registration, user, with, without},
    support::{Engine, Engine::*, TestApp},
};

#[rstest]
#[actix_web::test]
async fn registering_answers_with_the_new_user(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();

    let reply = anon.post("/api/users", registration(json!({}))).await;

    let token = reply.text_at("/user/token");
    let amy = json!({"username": "amy", "email": "amy@example.com", "bio": null, "image": null, "token": token});
    reply.is(201, json!({ "user": amy }));
}

#[rstest]
#[actix_web::test]
async fn the_token_of_a_registration_is_usable_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    let token = anon.post("/api/users", registration(json!({}))).await.text_at("/user/token");

    anon.with_token(&token).get("/api/user").await.status(200).has("/user/username", "amy");
}

#[rstest]
#[actix_web::test]
async fn names_keep_the_form_in_which_they_were_given(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    let names = json!({"username": " Ａmy Ünï ", "email": "Amy+Ünï@EXAMPLE.com"});

    let reply = anon.post("/api/users", registration(names)).await.status(201);
    let amy = anon.with_token(&reply.text_at("/user/token")).get("/api/user").await;

    for reply in [reply, amy] {
        reply.has("/user/username", " Ａmy Ünï ").has("/user/email", "Amy+Ünï@EXAMPLE.com");
    }
}

#[rstest]
#[actix_web::test]
async fn a_missing_field_cant_be_blank(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    for field in ["username", "email", "password"] {
        let fields = without(registration(json!({}))["user"].clone(), field);
        anon.post("/api/users", user(fields)).await.is_error(422, field, "can't be blank");
        anon.post("/api/users", registration(json!({field: null}))).await.is_error(422, field, "can't be blank");
    }
}

#[rstest]
#[actix_web::test]
async fn all_offending_fields_are_told_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();

    let blank = "can't be blank";
    let all = [("username", blank), ("email", blank), ("password", blank)];
    anon.post("/api/users", user(json!({}))).await.has_errors(422, &all);

    let fields = json!({"username": "a/b", "email": 7, "password": "short"});
    let all =
        [("username", "is invalid"), ("email", "is invalid"), ("password", "is too short (minimum is 8 characters)")];
    anon.post("/api/users", user(fields)).await.has_errors(422, &all);
}

#[rstest]
#[actix_web::test]
async fn the_user_itself_cant_be_missing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    for body in [json!({}), json!({"user": null}), json!({"username": "amy"})] {
        anon.post("/api/users", body).await.is_error(422, "user", "can't be blank");
    }
}

#[rstest]
#[actix_web::test]
async fn fields_that_nobody_named_are_ignored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    let fields = json!({"id": 1, "bio": "I", "image": "i.png", "token": "t", "isAdmin": true, "x": {"y": [null]}});

    let body = with(registration(fields), json!({"article": {}, "deep": [[["er"]]]}));
    let reply = anon.post("/api/users", body).await.status(201);

    let token = reply.text_at("/user/token");
    let amy = json!({"username": "amy", "email": "amy@example.com", "bio": null, "image": null, "token": token});
    reply.is(201, json!({ "user": amy }));
}
