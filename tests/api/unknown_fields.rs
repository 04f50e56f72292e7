//! Fields that the API does not document.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Engine::*;
use crate::support::fixtures::{registration, with};
use crate::support::{Client, Engine, TestApp};

const NUMBER: i64 = 471_147_114_711;
const TEXT: &str = "intruder";
const DATE: &str = "1999-12-31T00:00:00.000Z";

/// Fields that an attacker might try to set: columns, fields of responses and guesses.
fn forbidden_fields() -> Value {
    json!({
        "id": NUMBER, "user_id": NUMBER, "userId": NUMBER, "author": "bob", "author_id": NUMBER, "authorId": NUMBER,
        "admin": true, "isAdmin": true, "role": "admin", "generation": NUMBER, "keptSession": NUMBER, "kept_session": NUMBER,
        "password_hash": TEXT, "passwordHash": TEXT, "username_key": TEXT, "email_key": TEXT,
        "token": TEXT, "slug": TEXT, "createdAt": DATE, "created_at": DATE,
        "updatedAt": DATE, "favorited": true, "following": true, "favoritesCount": NUMBER,
        "favorites_count": NUMBER, "articlesCount": NUMBER, "articles_count": NUMBER, "comments": [{"body": TEXT}],
        "__proto__": {"admin": true}, "constructor": {"prototype": {"admin": true}},
    })
}

/// All users, articles and comments as one text.
async fn stored(app: &TestApp) -> String {
    let mut rows = Vec::new();
    for table in ["users", "articles", "comments"] {
        rows.extend(app.database.dump(table).await);
    }
    rows.join("\n")
}

/// Sends a body with the forbidden fields beside the documented ones, on both levels.
async fn send(client: &Client, endpoint: &str, key: &str, fields: Value, status: u16) -> Value {
    let fields = with(forbidden_fields(), fields);
    let body = with(forbidden_fields(), json!({ key: fields }));
    client.call(endpoint, body.to_string()).await.assert_status(status).json()
}

/// ASVS 5.0 V15.3.3 (mass assignment) and V8.2.3 (read-only fields): an undocumented field is never
/// stored.
#[rstest]
#[actix_web::test]
async fn unknown_fields_are_never_stored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let _bob = app.user("bob").await;
    let new = registration(json!({}))["user"].clone();
    let user = send(&app.anonymous(), "POST /api/users", "user", new, 201).await;
    let amy = app.anonymous().with_token(user["user"]["token"].as_str().expect("a token"));

    send(&amy, "PUT /api/user", "user", json!({"bio": "I"}), 200).await;
    let new = json!({"title": "Dragons", "description": "About them", "body": "Breath"});
    let article = send(&amy, "POST /api/articles", "article", new, 201).await;
    assert_eq!(article["article"]["slug"], "dragons");
    assert_eq!(article["article"]["author"]["username"], "amy");
    send(&amy, "PUT /api/articles/dragons", "article", json!({"body": "Fire"}), 200).await;
    send(&amy, "POST /api/articles/dragons/comments", "comment", json!({"body": "Mine"}), 201).await;
    for endpoint in ["POST /api/articles/dragons/favorite", "POST /api/profiles/bob/follow"] {
        amy.call(endpoint, forbidden_fields().to_string()).await.assert_status(200);
    }

    let stored = stored(&app).await;
    assert!(!stored.contains(&NUMBER.to_string()) && !stored.contains(TEXT), "{stored}");
    assert!(stored.contains("amy@example.com") && stored.contains("Fire") && stored.contains("Mine"), "{stored}");
    let article = app.anonymous().get("/api/articles/dragons").await;
    assert!(
        article.date_at("/article/createdAt").as_str() > DATE && article.date_at("/article/updatedAt").as_str() > DATE
    );
    let comments = app.anonymous().get("/api/articles/dragons/comments").await;
    assert!(comments.date_at("/comments/0/createdAt").as_str() > DATE);
}
