//! The same request again, under the same key.

use futures_util::future::select;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::{
    data::{comment, draft},
    support::{Client, Database, Engine, Engine::*, Lock, TestApp},
};

const ARTICLES: &str = "POST /api/articles";

async fn count(database: &Database, table: &str) -> usize {
    let query = match table {
        "articles" => "select slug from articles",
        "comments" => "select body from comments",
        _ => "select key from idempotency_keys",
    };
    database.select(query).await.len()
}

/// Every route that needs a token and is asked by POST.
fn requests() -> [(&'static str, String); 4] {
    [
        (ARTICLES, draft(json!({"title": "Wyverns", "tagList": ["fire"]})).to_string()),
        ("POST /api/articles/dragons/comments", comment("Nice").to_string()),
        ("POST /api/articles/dragons/favorite", String::new()),
        ("POST /api/profiles/bob/follow", String::new()),
    ]
}

#[rstest]
#[actix_web::test]
async fn a_request_that_comes_again_is_answered_again_and_not_carried_out(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let beside = app.beside(&[]).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    bob.publishes("Dragons").await;
    let elsewhere = beside.anon().with_token(amy.token.as_deref().unwrap());
    for (line, body) in requests() {
        let key = format!("\"{line}\"");
        let first = amy.ask_with_key(&key, line, &body).await;
        assert!(first.code.is_success(), "{line}: {}", first.text());
        amy.ask_with_key(&key, line, &body).await.repeats(&first);
        elsewhere.ask_with_key(&key, line, &body).await.repeats(&first);
    }
    assert_eq!((count(&app.database, "articles").await, count(&app.database, "comments").await), (2, 1));
    // What was answered then, and not what would be answered now.
    amy.delete("/api/articles/dragons/favorite").await.status(200);
    amy.ask_with_key("\"POST /api/articles/dragons/favorite\"", "POST /api/articles/dragons/favorite", "")
        .await
        .status(200)
        .has("/article/favorited", true);
    amy.get("/api/articles/dragons").await.has("/article/favorited", false);
}

#[rstest]
#[actix_web::test]
async fn the_quotes_may_be_left_out(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let body = draft(json!({}));
    let first = amy.ask_with_key("8e03978e-40d5-43dd", ARTICLES, &body).await.status(201);
    amy.ask_with_key("\"8e03978e-40d5-43dd\"", ARTICLES, &body).await.repeats(&first);
}

#[rstest]
#[actix_web::test]
async fn a_key_belongs_to_one_request(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let body = draft(json!({})).to_string();
    let first = amy.ask_with_key("one", ARTICLES, &body).await.status(201);
    for (line, body) in [
        (ARTICLES, draft(json!({"title": "Wyverns"})).to_string()),
        (ARTICLES, format!("{body} ")),
        (ARTICLES, String::new()),
        ("POST /api/articles?draft=1", body.clone()),
        ("POST /api/articles/dragons/comments", body.clone()),
        ("POST /api/articles/dragons/favorite", String::new()),
        ("POST /api/profiles/nobody/follow", String::new()),
    ] {
        let reply = amy.ask_with_key("one", line, body).await;
        reply.is_error(422, "Idempotency-Key", "belongs to another request");
    }
    amy.ask_with_key("one", ARTICLES, &body).await.repeats(&first);
    assert_eq!(count(&app.database, "articles").await, 1);
}

/// ASVS 5.0 V8.2.2: nobody is told what was answered to somebody else.
#[rstest]
#[actix_web::test]
async fn everybody_has_keys_of_ones_own(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let body = draft(json!({}));
    let first = amy.ask_with_key("one", ARTICLES, &body).await.status(201);
    let reply = bob.ask_with_key("one", ARTICLES, &body).await.status(201);
    assert_eq!((reply.header("Idempotent-Replayed"), reply.text_at("/article/author/username").as_str()), ("", "bob"));
    app.anon().ask_with_key("one", ARTICLES, &body).await.is_error(401, "token", "is missing");
    amy.ask_with_key("one", ARTICLES, &body).await.repeats(&first);
}

/// ASVS 5.0 V7.4.1: a session that has ended is not told what was answered before either.
#[rstest]
#[actix_web::test]
async fn an_ended_session_is_told_nothing_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    bob.publishes("Dragons").await;
    for (line, body) in requests() {
        assert!(amy.ask_with_key(&format!("\"{line}\""), line, &body).await.code.is_success());
    }
    let credentials = json!({"user": {"email": "amy@example.com", "password": "amy's password"}});
    let token = app.anon().post("/api/users/login", credentials).await.status(200).text_at("/user/token");
    app.anon().with_token(&token).put("/api/user", json!({"user": {"password": "another one"}})).await.status(200);
    for (line, body) in requests() {
        let reply = amy.ask_with_key(&format!("\"{line}\""), line, &body).await;
        reply.is_error(401, "token", "is invalid");
    }
}

/// Asks, while the test goes on.
#[expect(clippy::disallowed_methods, reason = "the first request waits while the second is asked")]
fn ask_meanwhile(client: &Client, body: String) -> actix_web::rt::task::JoinHandle<crate::support::Reply> {
    let client = client.clone();
    actix_web::rt::spawn(async move { client.ask_with_key("one", ARTICLES, body).await })
}

#[rstest]
#[actix_web::test]
async fn a_request_that_is_still_being_answered_is_not_begun_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let patience = [("DATABASE_LOCK_TIMEOUT", "1m"), ("DATABASE_STATEMENT_TIMEOUT", "1m")];
    let app = TestApp::start_with(engine, &patience).await;
    let amy = app.user("amy").await;
    let body = draft(json!({})).to_string();
    let lock = Lock::take(&app.database).await;

    // Whichever comes second is told at once, while the other waits for the lock.
    let taken = "belongs to a request that is still being answered";
    let both = select(ask_meanwhile(&amy, body.clone()), ask_meanwhile(&amy, body.clone())).await;
    let (second, first) = both.factor_first();
    second.unwrap().is_error(409, "Idempotency-Key", taken);
    lock.is_waited_for().await;
    if engine == Postgres {
        // On SQLite the instances wait for one another.
        let beside = app.beside(&[]).await;
        let elsewhere = beside.anon().with_token(amy.token.as_deref().unwrap());
        elsewhere.ask_with_key("one", ARTICLES, &body).await.is_error(409, "Idempotency-Key", taken);
    }
    lock.release().await;
    let first = first.await.unwrap().status(201);
    amy.ask_with_key("one", ARTICLES, &body).await.repeats(&first);
    assert_eq!(count(&app.database, "articles").await, 1);
}

/// Otherwise many keys, each for a request of a few bytes, would fill the disk with copies of one article.
#[rstest]
#[actix_web::test]
async fn a_favorite_of_a_long_article_is_made_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let long = draft(json!({"body": "x".repeat(70_000)}));
    let first = amy.ask_with_key("one", ARTICLES, &long).await.status(201);
    amy.ask_with_key("one", ARTICLES, &long).await.repeats(&first);
    for _ in 0..2 {
        let reply = amy.ask_with_key("two", "POST /api/articles/dragons/favorite", "").await.status(200);
        assert_eq!(reply.header("Idempotent-Replayed"), "");
        assert_eq!(reply.at("/article/favoritesCount"), 1);
    }
    assert_eq!(app.database.select("select key from idempotency_keys").await, ["one"]);
}

/// Registering and logging in know no user yet, and their answers hold a token: nothing of them is kept.
#[rstest]
#[actix_web::test]
async fn where_nobody_is_known_yet_a_key_is_not_looked_at(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    let user = json!({"user": {"username": "amy", "email": "amy@example.com", "password": "amy's password"}});
    anon.ask_with_key("one", "POST /api/users", &user).await.status(201);
    anon.ask_with_key("one", "POST /api/users", &user).await.status(409);
    for _ in 0..2 {
        let reply = anon.ask_with_key("one", "POST /api/users/login", &user).await.status(200);
        assert_eq!(reply.header("Idempotent-Replayed"), "");
    }
    assert_eq!(count(&app.database, "idempotency_keys").await, 0);
}

#[rstest]
#[actix_web::test]
async fn other_methods_are_idempotent_by_themselves(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publishes("Dragons").await;
    let changes = json!({"article": {"body": "changed"}});
    for line in ["PUT /api/articles/dragons", "GET /api/articles/dragons", "DELETE /api/articles/dragons"] {
        assert!(amy.ask_with_key("one", line, &changes).await.code.is_success(), "{line}");
    }
    amy.send(Method::POST, "/api/profiles/amy/follow", None).await.status(422);
    amy.publishes("Wyverns").await;
    assert_eq!(count(&app.database, "idempotency_keys").await, 0, "and without a key nothing is kept");
}
