//! Tokens whose user was deleted, or has changed the password.

use rstest::rstest;
use serde_json::json;

use super::routes::{PROTECTED, PUBLIC};
use crate::support::Engine::*;
use crate::support::client::password_of;
use crate::support::fixtures::new_article;
use crate::support::{Client, Engine, TestApp};

/// Returns bob, who has an article, a comment, a favorite and a follow, and whose token was
/// revoked.
async fn revoked(app: &TestApp, is_deleted: bool) -> Client {
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publish_tagged("Dragons", &["fire"]).await;
    bob.publish("Of bob").await;
    bob.follow("amy").await;
    bob.favorite(&slug).await;
    bob.comment(&slug, "Mine").await;
    if is_deleted {
        app.database.execute("delete from users where username = 'bob'").await;
    } else {
        let phone = bob.new_session(&password_of("bob")).await;
        phone.put("/api/user", json!({"user": {"password": "another password"}})).await.assert_status(200);
    }
    bob
}

/// ASVS 5.0 V7.4.1 and V7.4.2: a token is useless once its session ends or its user is deleted.
#[rstest]
#[actix_web::test]
async fn revoked_token_is_invalid_on_protected_routes(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(true, false)] is_deleted: bool,
) {
    let app = TestApp::start(engine).await;
    let bob = revoked(&app, is_deleted).await;
    for &(endpoint, body) in PROTECTED {
        bob.call(endpoint, body).await.assert_error(401, "token", "is invalid");
    }
}

#[rstest]
#[actix_web::test]
async fn revoked_token_is_ignored_on_public_routes(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(true, false)] is_deleted: bool,
) {
    let app = TestApp::start(engine).await;
    let bob = revoked(&app, is_deleted).await;
    for path in PUBLIC {
        let anonymous = app.anonymous().get(path).await.assert_status(200).text();
        bob.get(path).await.assert_text(200, &anonymous);
    }
}

#[rstest]
#[actix_web::test]
async fn request_with_a_revoked_token_changes_nothing(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(true, false)] is_deleted: bool,
) {
    let app = TestApp::start(engine).await;
    let cat = app.user("cat").await;
    let path = format!("/api/articles/{}", cat.publish("Cats").await);
    let bob = revoked(&app, is_deleted).await;
    let before = app.anonymous().get(&path).await.json();

    for response in [
        bob.post(&format!("{path}/favorite"), json!({})).await,
        bob.post(&format!("{path}/comments"), json!({"comment": {"body": "Mine"}})).await,
        bob.post("/api/profiles/cat/follow", json!({})).await,
        bob.post("/api/articles", new_article(json!({}))).await,
        bob.put("/api/user", json!({"user": {"bio": "changed"}})).await,
    ] {
        response.assert_error(401, "token", "is invalid");
    }

    app.anonymous().get(&path).await.assert(200, before);
    app.anonymous().get(&format!("{path}/comments")).await.assert(200, json!({"comments": []}));
    app.anonymous().get("/api/articles?tag=fire").await.assert_articles(&["Dragons"], 1);
}

#[rstest]
#[actix_web::test]
async fn token_of_a_deleted_user_is_invalid_for_a_new_user(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let bob = app.user("bob").await;
    app.database.execute("delete from users").await;

    let _cat = app.user("cat").await;

    bob.get("/api/user").await.assert_error(401, "token", "is invalid");
}

#[rstest]
#[actix_web::test]
async fn content_of_a_deleted_user_disappears(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let _bob = revoked(&app, true).await;
    let anonymous = app.anonymous();

    anonymous.get("/api/profiles/bob").await.assert_error(404, "profile", "not found");
    anonymous.get("/api/articles").await.assert_articles(&["Dragons"], 1);
    anonymous.get("/api/articles/dragons").await.assert_at("/article/favoritesCount", 0);
    anonymous.get("/api/articles/dragons/comments").await.assert(200, json!({"comments": []}));
    anonymous.get("/api/articles?author=bob").await.assert_articles(&[], 0);
    anonymous.get("/api/articles?favorited=bob").await.assert_articles(&[], 0);
    let response = anonymous.log_in("bob@example.com", &password_of("bob")).await;
    response.assert_error(401, "credentials", "invalid");
}
