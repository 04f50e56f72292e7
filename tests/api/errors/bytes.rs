//! Every error of the contract's table, byte by byte.

use rstest::rstest;
use serde_json::json;

use crate::{
    data::{article, draft, registration, user},
    support::{Client, Engine, Engine::*, TestApp},
};

/// Amy with an article, and bob with the first comment on it.
async fn amy_and_bob(app: &TestApp) -> (Client, Client) {
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publishes("Dragons").await;
    assert_eq!(bob.comments("dragons", "Mine").await, 1);
    (amy, bob)
}

#[rstest]
#[actix_web::test]
async fn what_one_may_not_do_or_is_not_there(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (anon, (amy, bob)) = (app.anon(), amy_and_bob(&app).await);
    let (lost, large) = (anon.with_token("rubbish"), " ".repeat(2_000_000));
    let wrong = user(json!({"email": "amy@example.com", "password": "wrong"})).to_string();
    let unknown = user(json!({"email": "nobody@example.com", "password": "wrong"})).to_string();

    for (status, errors, asker, line, body) in [
        (401, r#"{"token":["is missing"]}"#, &anon, "GET /api/user", ""),
        (401, r#"{"token":["is invalid"]}"#, &lost, "GET /api/user", ""),
        (401, r#"{"credentials":["invalid"]}"#, &anon, "POST /api/users/login", &wrong),
        (401, r#"{"credentials":["invalid"]}"#, &anon, "POST /api/users/login", &unknown),
        (403, r#"{"article":["forbidden"]}"#, &bob, "DELETE /api/articles/dragons", ""),
        (403, r#"{"comment":["forbidden"]}"#, &amy, "DELETE /api/articles/dragons/comments/1", ""),
        (404, r#"{"article":["not found"]}"#, &anon, "GET /api/articles/nothing", ""),
        (404, r#"{"comment":["not found"]}"#, &amy, "DELETE /api/articles/dragons/comments/abc", ""),
        (404, r#"{"profile":["not found"]}"#, &anon, "GET /api/profiles/nobody", ""),
        (404, r#"{"route":["not found"]}"#, &anon, "GET /api/nothing", ""),
        (405, r#"{"method":["not allowed"]}"#, &anon, "DELETE /api/tags", ""),
        (413, r#"{"body":["is too large"]}"#, &anon, "POST /api/users", &large),
        (422, r#"{"profile":["can't follow yourself"]}"#, &amy, "POST /api/profiles/amy/follow", ""),
    ] {
        asker.ask(line, body).await.has_shape(status).has_text(status, &format!(r#"{{"errors":{errors}}}"#));
    }
}

#[rstest]
#[actix_web::test]
async fn what_is_wrong_with_what_one_sends(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (anon, (amy, _bob)) = (app.anon(), amy_and_bob(&app).await);
    let tags: Vec<String> = (0..33).map(|number| number.to_string()).collect();

    for (status, errors, asker, line, body) in [
        (409, r#"{"username":["has already been taken"]}"#, &anon, "POST /api/users", {
            registration(json!({"email": "another@example.com"}))
        }),
        (
            409,
            r#"{"username":["has already been taken"],"email":["has already been taken"]}"#,
            &anon,
            "POST /api/users",
            { registration(json!({})) },
        ),
        (
            422,
            r#"{"username":["has already been taken"],"email":["has already been taken"]}"#,
            &amy,
            "PUT /api/user",
            { user(json!({"username": "bob", "email": "bob@example.com"})) },
        ),
        (422, r#"{"password":["is too short (minimum is 8 characters)"]}"#, &amy, "PUT /api/user", {
            user(json!({"password": "short"}))
        }),
        (422, r#"{"title":["is invalid"]}"#, &amy, "POST /api/articles", draft(json!({"title": 7}))),
        (422, r#"{"title":["is too long (maximum is 256 characters)"]}"#, &amy, "POST /api/articles", {
            draft(json!({"title": "x".repeat(257)}))
        }),
        (422, r#"{"description":["can't be blank"]}"#, &amy, "POST /api/articles", draft(json!({"description": ""}))),
        (422, r#"{"body":["can't be null"]}"#, &amy, "PUT /api/articles/dragons", article(json!({"body": null}))),
        (422, r#"{"tagList":["has too many (maximum is 32)"]}"#, &amy, "POST /api/articles", {
            draft(json!({ "tagList": tags }))
        }),
        (422, r#"{"limit":["is invalid"],"offset":["is invalid"]}"#, &anon, "GET /api/articles?limit=0&offset=a", {
            json!({})
        }),
    ] {
        let reply = asker.ask(line, body.to_string()).await.has_shape(status);
        reply.has_text(status, &format!(r#"{{"errors":{errors}}}"#));
    }
    amy.ask("PUT /api/user", "{").await.has_text(422, r#"{"errors":{"body":["is not valid JSON"]}}"#);
}

#[rstest]
#[actix_web::test]
async fn every_success_is_json_in_utf8(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, bob) = amy_and_bob(&app).await;
    for (status, line, body) in [
        (200, "GET /api/user", json!({})),
        (200, "PUT /api/user", user(json!({"bio": "Ünï"}))),
        (201, "POST /api/articles", draft(json!({}))),
        (200, "POST /api/articles/dragons/favorite", json!({})),
        (200, "POST /api/profiles/amy/follow", json!({})),
        (200, "GET /api/articles/dragons/comments", json!({})),
        (200, "GET /api/articles/feed", json!({})),
        (200, "GET /api/tags", json!({})),
    ] {
        let reply = bob.ask(line, body.to_string()).await.status(status);
        assert_eq!(reply.header("Content-Type"), "application/json; charset=utf-8", "{line}");
    }
    let reply = bob.delete("/api/articles/dragons/comments/1").await.has_text(204, "");
    assert_eq!(reply.header("Content-Type"), "");
}
