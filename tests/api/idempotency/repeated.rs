//! Repeated requests with the same key.

use futures_util::future::select;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::client::password_of;
use crate::support::fixtures::new_article;
use crate::support::{Client, Engine, Lock, Response, TestApp};

const ARTICLES: &str = "POST /api/articles";

async fn count(app: &TestApp, table: &str) -> usize {
    app.database.dump(table).await.len()
}

/// A request to each POST route that requires a token.
fn requests() -> [(&'static str, String); 4] {
    [
        (ARTICLES, new_article(json!({"title": "Wyverns", "tagList": ["fire"]})).to_string()),
        ("POST /api/articles/dragons/comments", json!({"comment": {"body": "Nice"}}).to_string()),
        ("POST /api/articles/dragons/favorite", String::new()),
        ("POST /api/profiles/bob/follow", String::new()),
    ]
}

#[rstest]
#[actix_web::test]
async fn repeated_request_is_replayed_and_not_executed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let second = app.another_instance(&[]).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    bob.publish("Dragons").await;
    let elsewhere = second.client_of(&amy);
    for (endpoint, body) in requests() {
        let key = format!("\"{endpoint}\"");
        let first = amy.call_with_key(&key, endpoint, &body).await;
        assert!(first.status.is_success(), "{endpoint}: {}", first.text());
        amy.call_with_key(&key, endpoint, &body).await.assert_replays(&first);
        elsewhere.call_with_key(&key, endpoint, &body).await.assert_replays(&first);
    }
    assert_eq!((count(&app, "articles").await, count(&app, "comments").await), (2, 1));
    // The replay is the first response, even if the state has changed since.
    amy.delete("/api/articles/dragons/favorite").await.assert_status(200);
    let favorite = "POST /api/articles/dragons/favorite";
    let replay = amy.call_with_key(&format!("\"{favorite}\""), favorite, "").await.assert_status(200);
    replay.assert_at("/article/favorited", true);
    amy.get("/api/articles/dragons").await.assert_at("/article/favorited", false);
}

#[rstest]
#[actix_web::test]
async fn quotes_around_the_key_are_optional(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let body = new_article(json!({}));
    let first = amy.call_with_key("8e03978e-40d5-43dd", ARTICLES, &body).await.assert_status(201);
    amy.call_with_key("\"8e03978e-40d5-43dd\"", ARTICLES, &body).await.assert_replays(&first);
}

#[rstest]
#[actix_web::test]
async fn key_belongs_to_one_request(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let body = new_article(json!({})).to_string();
    let first = amy.call_with_key("one", ARTICLES, &body).await.assert_status(201);
    for (endpoint, body) in [
        (ARTICLES, new_article(json!({"title": "Wyverns"})).to_string()),
        (ARTICLES, format!("{body} ")),
        (ARTICLES, String::new()),
        ("POST /api/articles?draft=1", body.clone()),
        ("POST /api/articles/dragons/comments", body.clone()),
        ("POST /api/articles/dragons/favorite", String::new()),
        ("POST /api/profiles/unknown/follow", String::new()),
    ] {
        let response = amy.call_with_key("one", endpoint, body).await;
        response.assert_error(422, "Idempotency-Key", "belongs to another request");
    }
    amy.call_with_key("one", ARTICLES, &body).await.assert_replays(&first);
    assert_eq!(count(&app, "articles").await, 1);
}

/// ASVS 5.0 V8.2.2: a user does not see a response to another user.
#[rstest]
#[actix_web::test]
async fn key_belongs_to_one_user(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let body = new_article(json!({}));
    let first = amy.call_with_key("one", ARTICLES, &body).await.assert_status(201);
    let response = bob.call_with_key("one", ARTICLES, &body).await.assert_status(201);
    assert_eq!(
        (response.header("Idempotent-Replayed"), response.text_at("/article/author/username").as_str()),
        ("", "bob")
    );
    app.anonymous().call_with_key("one", ARTICLES, &body).await.assert_error(401, "token", "is missing");
    amy.call_with_key("one", ARTICLES, &body).await.assert_replays(&first);
}

/// ASVS 5.0 V7.4.1: an ended session does not get earlier responses either.
#[rstest]
#[actix_web::test]
async fn ended_session_gets_no_replay(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    bob.publish("Dragons").await;
    for (endpoint, body) in requests() {
        assert!(amy.call_with_key(&format!("\"{endpoint}\""), endpoint, &body).await.status.is_success());
    }
    let phone = amy.new_session(&password_of("amy")).await;
    phone.put("/api/user", json!({"user": {"password": "another one"}})).await.assert_status(200);
    for (endpoint, body) in requests() {
        let response = amy.call_with_key(&format!("\"{endpoint}\""), endpoint, &body).await;
        response.assert_error(401, "token", "is invalid");
    }
}

/// Sends a request while the test goes on.
#[expect(clippy::disallowed_methods, reason = "the first request waits while the second is sent")]
fn publish_in_background(client: &Client, body: String) -> actix_web::rt::task::JoinHandle<Response> {
    let client = client.clone();
    actix_web::rt::spawn(async move { client.call_with_key("one", ARTICLES, body).await })
}

#[rstest]
#[actix_web::test]
async fn concurrent_duplicate_is_rejected(#[values(Sqlite, Postgres)] engine: Engine) {
    let timeouts = [("DATABASE_LOCK_TIMEOUT", "1m"), ("DATABASE_STATEMENT_TIMEOUT", "1m")];
    let app = TestApp::start_with(engine, &timeouts).await;
    let amy = app.user("amy").await;
    let body = new_article(json!({})).to_string();
    let lock = Lock::acquire(&app.database).await;

    // The second is rejected at once, while the first waits for the lock. Either may be the second.
    let in_progress = "belongs to a request that is still being answered";
    let both = select(publish_in_background(&amy, body.clone()), publish_in_background(&amy, body.clone())).await;
    let (second, first) = both.factor_first();
    second.unwrap().assert_error(409, "Idempotency-Key", in_progress);
    lock.wait_for_contender().await;
    if engine == Postgres {
        // On SQLite the second instance would wait for the first.
        let second = app.another_instance(&[]).await;
        let elsewhere = second.client_of(&amy);
        elsewhere.call_with_key("one", ARTICLES, &body).await.assert_error(409, "Idempotency-Key", in_progress);
    }
    lock.release().await;
    let first = first.await.unwrap().assert_status(201);
    amy.call_with_key("one", ARTICLES, &body).await.assert_replays(&first);
    assert_eq!(count(&app, "articles").await, 1);
}

/// Otherwise small requests with many keys would fill the disk with copies of one article.
#[rstest]
#[actix_web::test]
async fn large_response_to_a_favorite_is_not_stored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let long = new_article(json!({"body": "x".repeat(70_000)}));
    let first = amy.call_with_key("one", ARTICLES, &long).await.assert_status(201);
    amy.call_with_key("one", ARTICLES, &long).await.assert_replays(&first);
    for _ in 0..2 {
        let response = amy.call_with_key("two", "POST /api/articles/dragons/favorite", "").await.assert_status(200);
        assert_eq!(response.header("Idempotent-Replayed"), "");
        assert_eq!(response.at("/article/favoritesCount"), 1);
    }
    assert_eq!(app.database.select("select key from idempotency_keys").await, ["one"]);
}

/// These requests have no user yet, and their responses contain a token, which must not be stored.
#[rstest]
#[actix_web::test]
async fn registration_and_log_in_ignore_the_key(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    let user = json!({"user": {"username": "amy", "email": "amy@example.com", "password": "amy's password"}});
    anonymous.call_with_key("one", "POST /api/users", &user).await.assert_status(201);
    anonymous.call_with_key("one", "POST /api/users", &user).await.assert_status(409);
    for _ in 0..2 {
        let response = anonymous.call_with_key("one", "POST /api/users/login", &user).await.assert_status(200);
        assert_eq!(response.header("Idempotent-Replayed"), "");
    }
    assert_eq!(count(&app, "idempotency_keys").await, 0);
}

#[rstest]
#[actix_web::test]
async fn key_is_ignored_for_other_methods(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publish("Dragons").await;
    let changes = json!({"article": {"body": "changed"}});
    for endpoint in ["PUT /api/articles/dragons", "GET /api/articles/dragons", "DELETE /api/articles/dragons"] {
        assert!(amy.call_with_key("one", endpoint, &changes).await.status.is_success(), "{endpoint}");
    }
    amy.send(Method::POST, "/api/profiles/amy/follow", None).await.assert_status(422);
    amy.publish("Wyverns").await;
    assert_eq!(count(&app, "idempotency_keys").await, 0, "requests without a key are not stored");
}
