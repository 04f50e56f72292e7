//! Every error that docs/api.md lists, byte by byte.

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::{new_article, registration};
use crate::support::{Client, Engine, TestApp};

/// Returns amy, the author of an article, and bob, the author of its only comment.
async fn amy_and_bob(app: &TestApp) -> (Client, Client) {
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publish("Dragons").await;
    assert_eq!(bob.comment("dragons", "Mine").await, 1);
    (amy, bob)
}

#[rstest]
#[actix_web::test]
async fn refused_request_has_the_documented_error(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (anonymous, (amy, bob)) = (app.anonymous(), amy_and_bob(&app).await);
    let (with_invalid_token, large) = (anonymous.with_token("rubbish"), " ".repeat(2_000_000));
    let wrong = json!({"user": {"email": "amy@example.com", "password": "wrong"}}).to_string();
    let unknown = json!({"user": {"email": "unknown@example.com", "password": "wrong"}}).to_string();

    for (status, errors, client, endpoint, body) in [
        (401, r#"{"token":["is missing"]}"#, &anonymous, "GET /api/user", ""),
        (401, r#"{"token":["is invalid"]}"#, &with_invalid_token, "GET /api/user", ""),
        (401, r#"{"credentials":["invalid"]}"#, &anonymous, "POST /api/users/login", &wrong),
        (401, r#"{"credentials":["invalid"]}"#, &anonymous, "POST /api/users/login", &unknown),
        (403, r#"{"article":["forbidden"]}"#, &bob, "DELETE /api/articles/dragons", ""),
        (403, r#"{"comment":["forbidden"]}"#, &amy, "DELETE /api/articles/dragons/comments/1", ""),
        (404, r#"{"article":["not found"]}"#, &anonymous, "GET /api/articles/nothing", ""),
        (404, r#"{"comment":["not found"]}"#, &amy, "DELETE /api/articles/dragons/comments/abc", ""),
        (404, r#"{"profile":["not found"]}"#, &anonymous, "GET /api/profiles/unknown", ""),
        (404, r#"{"route":["not found"]}"#, &anonymous, "GET /api/nothing", ""),
        (405, r#"{"method":["not allowed"]}"#, &anonymous, "DELETE /api/tags", ""),
        (413, r#"{"body":["is too large"]}"#, &anonymous, "POST /api/users", &large),
        (422, r#"{"profile":["can't follow yourself"]}"#, &amy, "POST /api/profiles/amy/follow", ""),
    ] {
        let response = client.call(endpoint, body).await.assert_error_shape(status);
        response.assert_text(status, &format!(r#"{{"errors":{errors}}}"#));
    }
}

#[rstest]
#[actix_web::test]
async fn invalid_input_has_the_documented_error(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (anonymous, (amy, _bob)) = (app.anonymous(), amy_and_bob(&app).await);
    let tags: Vec<String> = (0..33).map(|number| number.to_string()).collect();

    for (status, errors, client, endpoint, body) in [
        (409, r#"{"username":["has already been taken"]}"#, &anonymous, "POST /api/users", {
            registration(json!({"email": "another@example.com"}))
        }),
        (
            409,
            r#"{"username":["has already been taken"],"email":["has already been taken"]}"#,
            &anonymous,
            "POST /api/users",
            { registration(json!({})) },
        ),
        (
            422,
            r#"{"username":["has already been taken"],"email":["has already been taken"]}"#,
            &amy,
            "PUT /api/user",
            { json!({"user": {"username": "bob", "email": "bob@example.com"}}) },
        ),
        (422, r#"{"password":["is too short (minimum is 8 characters)"]}"#, &amy, "PUT /api/user", {
            json!({"user": {"password": "short"}})
        }),
        (422, r#"{"title":["is invalid"]}"#, &amy, "POST /api/articles", new_article(json!({"title": 7}))),
        (422, r#"{"title":["is too long (maximum is 256 characters)"]}"#, &amy, "POST /api/articles", {
            new_article(json!({"title": "x".repeat(257)}))
        }),
        (
            422,
            r#"{"description":["can't be blank"]}"#,
            &amy,
            "POST /api/articles",
            new_article(json!({"description": ""})),
        ),
        (422, r#"{"body":["can't be null"]}"#, &amy, "PUT /api/articles/dragons", json!({"article": {"body": null}})),
        (422, r#"{"tagList":["has too many (maximum is 32)"]}"#, &amy, "POST /api/articles", {
            new_article(json!({ "tagList": tags }))
        }),
        (
            422,
            r#"{"limit":["is invalid"],"offset":["is invalid"]}"#,
            &anonymous,
            "GET /api/articles?limit=0&offset=a",
            { json!({}) },
        ),
    ] {
        let response = client.call(endpoint, body.to_string()).await.assert_error_shape(status);
        response.assert_text(status, &format!(r#"{{"errors":{errors}}}"#));
    }
    amy.call("PUT /api/user", "{").await.assert_text(422, r#"{"errors":{"body":["is not valid JSON"]}}"#);
}

#[rstest]
#[actix_web::test]
async fn every_success_is_utf8_json(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, bob) = amy_and_bob(&app).await;
    for (status, endpoint, body) in [
        (200, "GET /api/user", json!({})),
        (200, "PUT /api/user", json!({"user": {"bio": "Ünï"}})),
        (201, "POST /api/articles", new_article(json!({}))),
        (200, "POST /api/articles/dragons/favorite", json!({})),
        (200, "POST /api/profiles/amy/follow", json!({})),
        (200, "GET /api/articles/dragons/comments", json!({})),
        (200, "GET /api/articles/feed", json!({})),
        (200, "GET /api/tags", json!({})),
    ] {
        let response = bob.call(endpoint, body.to_string()).await.assert_status(status);
        assert_eq!(response.header("Content-Type"), "application/json; charset=utf-8", "{endpoint}");
    }
    let response = bob.delete("/api/articles/dragons/comments/1").await.assert_text(204, "");
    assert_eq!(response.header("Content-Type"), "");
}
