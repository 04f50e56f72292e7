//! Tokens that were good once: their user is gone, or has changed the password since.

use rstest::rstest;
use serde_json::json;

use super::routes::{PROTECTED, PUBLIC};
use crate::{
    data::{comment, draft, user},
    support::{Client, Engine, Engine::*, TestApp},
};

/// Somebody who has done everything that one can do, and then lost the token.
async fn revoked(app: &TestApp, is_deleted: bool) -> Client {
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publishes_tagged("Dragons", &["fire"]).await;
    bob.publishes("Of bob").await;
    bob.follows("amy").await;
    bob.favorites(&slug).await;
    bob.comments(&slug, "Mine").await;
    if is_deleted {
        app.database.execute("delete from users where username = 'bob'").await;
    } else {
        let another = json!({"user": {"email": "bob@example.com", "password": "bob's password"}});
        let token = bob.post("/api/users/login", another).await.text_at("/user/token");
        let change = user(json!({"password": "another password"}));
        bob.with_token(&token).put("/api/user", change).await.status(200);
    }
    bob
}

/// ASVS 5.0 V7.4.1 and V7.4.2: a session that was ended, or whose user is deleted, is of no further use.
#[rstest]
#[actix_web::test]
async fn a_revoked_token_is_invalid_wherever_one_is_needed(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(true, false)] is_deleted: bool,
) {
    let app = TestApp::start(engine).await;
    let bob = revoked(&app, is_deleted).await;
    for (line, body) in PROTECTED {
        bob.ask(line, body).await.is_error(401, "token", "is invalid");
    }
}

#[rstest]
#[actix_web::test]
async fn a_revoked_token_counts_as_none_wherever_none_is_needed(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(true, false)] is_deleted: bool,
) {
    let app = TestApp::start(engine).await;
    let bob = revoked(&app, is_deleted).await;
    for path in PUBLIC {
        let anonymous = app.anon().get(path).await.status(200).text();
        bob.get(path).await.has_text(200, &anonymous);
    }
}

#[rstest]
#[actix_web::test]
async fn what_is_refused_is_not_written(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(true, false)] is_deleted: bool,
) {
    let app = TestApp::start(engine).await;
    let cat = app.user("cat").await;
    let path = format!("/api/articles/{}", cat.publishes("Cats").await);
    let bob = revoked(&app, is_deleted).await;
    let before = app.anon().get(&path).await.json();

    for reply in [
        bob.post(&format!("{path}/favorite"), json!({})).await,
        bob.post(&format!("{path}/comments"), comment("Mine")).await,
        bob.post("/api/profiles/cat/follow", json!({})).await,
        bob.post("/api/articles", draft(json!({}))).await,
        bob.put("/api/user", user(json!({"bio": "changed"}))).await,
    ] {
        reply.is_error(401, "token", "is invalid");
    }

    app.anon().get(&path).await.is(200, before);
    app.anon().get(&format!("{path}/comments")).await.is(200, json!({"comments": []}));
    app.anon().get("/api/articles?tag=fire").await.lists(&["Dragons"], 1);
}

#[rstest]
#[actix_web::test]
async fn nobody_inherits_the_token_of_a_deleted_user(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let bob = app.user("bob").await;
    app.database.execute("delete from users").await;

    let _cat = app.user("cat").await;

    bob.get("/api/user").await.is_error(401, "token", "is invalid");
}

#[rstest]
#[actix_web::test]
async fn what_a_deleted_user_wrote_is_gone(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let _bob = revoked(&app, true).await;
    let anon = app.anon();

    anon.get("/api/profiles/bob").await.is_error(404, "profile", "not found");
    anon.get("/api/articles").await.lists(&["Dragons"], 1);
    anon.get("/api/articles/dragons").await.has("/article/favoritesCount", 0);
    anon.get("/api/articles/dragons/comments").await.is(200, json!({"comments": []}));
    anon.get("/api/articles?author=bob").await.lists(&[], 0);
    anon.get("/api/articles?favorited=bob").await.lists(&[], 0);
    let credentials = user(json!({"email": "bob@example.com", "password": "bob's password"}));
    anon.post("/api/users/login", credentials).await.is_error(401, "credentials", "invalid");
}
