//! How long a response is kept.

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::new_article;
use crate::support::{Engine, TestApp};

/// Makes stored responses older.
async fn age(app: &TestApp, engine: Engine, seconds: u32) {
    let aged = match engine {
        Sqlite => format!("created_at - {seconds} * 1000"),
        Postgres => format!("created_at - {seconds} * interval '1 second'"),
    };
    app.database.execute(&format!("update idempotency_keys set created_at = {aged}")).await;
}

#[rstest]
#[actix_web::test]
async fn response_is_kept_for_a_day(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let (endpoint, body) = ("POST /api/articles", new_article(json!({})));
    let first = amy.call_with_key("one", endpoint, &body).await.assert_status(201);
    age(&app, engine, 24 * 3600 - 60).await;
    amy.call_with_key("one", endpoint, &body).await.assert_replays(&first);

    age(&app, engine, 60).await;
    let second = amy.call_with_key("one", endpoint, new_article(json!({"title": "Wyverns"}))).await.assert_status(201);
    assert_eq!(second.header("Idempotent-Replayed"), "");
    amy.call_with_key("one", endpoint, &body).await.assert_error(422, "Idempotency-Key", "belongs to another request");
}

#[rstest]
#[actix_web::test]
async fn expired_keys_are_deleted(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    for key in ["one", "two", "three"] {
        amy.call_with_key(key, "POST /api/profiles/bob/follow", "").await.assert_status(200);
    }
    age(&app, engine, 24 * 3600).await;
    bob.call_with_key("four", "POST /api/profiles/amy/follow", "").await.assert_status(200);
    assert_eq!(app.database.select("select key from idempotency_keys").await, ["four"]);
}
