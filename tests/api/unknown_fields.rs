//! Fields that nobody named in the contract.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    data::with,
    support::{Client, Engine, Engine::*, TestApp},
};

const NUMBER: i64 = 471_147_114_711;
const TEXT: &str = "intruder";
const DATE: &str = "1999-12-31T00:00:00.000Z";

/// What somebody might try to set who knows the tables, or guesses.
fn wished_for() -> Value {
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

/// What is stored of users, articles and comments, in one text.
async fn stored(app: &TestApp) -> String {
    let mut rows = Vec::new();
    for query in [
        "select id || '|' || username || '|' || username_key || '|' || email || '|' || email_key || '|' || generation \
         || '|' || coalesce(kept_session, 0) || '|' || password_hash || '|' || articles_count || '|' || favorites_count \
         || '|' || coalesce(bio, '') || '|' || coalesce(image, '') from users",
        "select id || '|' || slug || '|' || author_id || '|' || title || '|' || description || '|' || body || '|' || \
         favorites_count from articles",
        "select id || '|' || article_id || '|' || author_id || '|' || body from comments",
    ] {
        rows.extend(app.database.select(query).await);
    }
    rows.join("\n")
}

/// Sends a body with what somebody might wish for beside its fields.
async fn send(client: &Client, line: &str, key: &str, fields: Value, status: u16) -> Value {
    let fields = with(wished_for(), fields);
    let body = with(wished_for(), json!({ key: fields }));
    client.ask(line, body.to_string()).await.status(status).json()
}

/// ASVS 5.0 V15.3.3 (mass assignment) and V8.2.3 (fields that one may not write): what the contract does not name is
/// never stored, whoever sends it and wherever it stands.
#[rstest]
#[actix_web::test]
async fn what_nobody_named_is_never_stored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let _bob = app.user("bob").await;
    let new = json!({"username": "amy", "email": "amy@example.com", "password": "amy's password"});
    let user = send(&app.anon(), "POST /api/users", "user", new, 201).await;
    let amy = app.anon().with_token(user["user"]["token"].as_str().expect("a token"));

    send(&amy, "PUT /api/user", "user", json!({"bio": "I"}), 200).await;
    let draft = json!({"title": "Dragons", "description": "About them", "body": "Breath"});
    let article = send(&amy, "POST /api/articles", "article", draft, 201).await;
    assert_eq!(article["article"]["slug"], "dragons");
    assert_eq!(article["article"]["author"]["username"], "amy");
    send(&amy, "PUT /api/articles/dragons", "article", json!({"body": "Fire"}), 200).await;
    send(&amy, "POST /api/articles/dragons/comments", "comment", json!({"body": "Mine"}), 201).await;
    for line in ["POST /api/articles/dragons/favorite", "POST /api/profiles/bob/follow"] {
        amy.ask(line, wished_for().to_string()).await.status(200);
    }

    let stored = stored(&app).await;
    assert!(!stored.contains(&NUMBER.to_string()) && !stored.contains(TEXT), "{stored}");
    assert!(stored.contains("amy@example.com") && stored.contains("Fire") && stored.contains("Mine"), "{stored}");
    let article = app.anon().get("/api/articles/dragons").await;
    assert!(
        article.date_at("/article/createdAt").as_str() > DATE && article.date_at("/article/updatedAt").as_str() > DATE
    );
    let comments = app.anon().get("/api/articles/dragons/comments").await;
    assert!(comments.date_at("/comments/0/createdAt").as_str() > DATE);
}
