//! In which order a request is judged: 401, 422, 404, 403, and the business rules last.

use rstest::rstest;
use serde_json::json;

use super::routes::{PROTECTED, PUBLIC};
use crate::{
    data::{article, comment, user},
    support::{Engine, Engine::*, TestApp},
};

#[rstest]
#[actix_web::test]
async fn who_asks_is_judged_before_anything_else(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    for (line, body) in PROTECTED {
        anon.ask(line, body).await.is_error(401, "token", "is missing");
        anon.with_token("rubbish").ask(line, body).await.is_error(401, "token", "is invalid");
    }
}

#[rstest]
#[actix_web::test]
async fn on_a_public_route_an_invalid_token_counts_as_none(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    app.user("amy").await.publishes_tagged("Dragons", &["fire"]).await;
    for path in PUBLIC {
        let anonymous = app.anon().get(path).await.status(200).text();
        app.anon().with_token("rubbish").get(path).await.has_text(200, &anonymous);
    }
}

#[rstest]
#[actix_web::test]
async fn registering_and_logging_in_look_at_no_token(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let lost = app.anon().with_token("rubbish");
    lost.register("amy").await;
    let credentials = json!({"email": "amy@example.com", "password": "amy's password"});
    lost.post("/api/users/login", user(credentials)).await.status(200);
}

#[rstest]
#[actix_web::test]
async fn what_is_asked_is_judged_before_what_it_is_asked_of(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publishes("Dragons").await;
    for path in ["/api/articles/nothing", "/api/articles/dragons"] {
        bob.put(path, json!("rubbish")).await.is_error(422, "body", "is invalid");
        bob.put(path, article(json!({"title": ""}))).await.is_error(422, "title", "can't be blank");
    }
    bob.post("/api/articles/nothing/comments", json!([])).await.is_error(422, "body", "is invalid");
}

#[rstest]
#[actix_web::test]
async fn what_does_not_exist_is_told_before_what_is_forbidden(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publishes("Dragons").await;
    amy.publishes("Unicorns").await;
    let id = amy.comments("dragons", "Mine").await;

    bob.put("/api/articles/nothing", article(json!({"body": "mine"}))).await.is_error(404, "article", "not found");
    bob.delete("/api/articles/nothing").await.is_error(404, "article", "not found");
    bob.delete(&format!("/api/articles/unicorns/comments/{id}")).await.is_error(404, "comment", "not found");
    bob.delete(&format!("/api/articles/nothing/comments/{id}")).await.is_error(404, "article", "not found");

    bob.put("/api/articles/dragons", article(json!({"body": "mine"}))).await.is_error(403, "article", "forbidden");
    bob.delete("/api/articles/dragons").await.is_error(403, "article", "forbidden");
    bob.delete(&format!("/api/articles/dragons/comments/{id}")).await.is_error(403, "comment", "forbidden");
}

#[rstest]
#[actix_web::test]
async fn what_is_invalid_is_told_before_what_is_taken(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, bob) = (app.user("amy").await, app.user("bob").await);
    let change = json!({"username": "amy", "bio": 7});
    bob.put("/api/user", user(change)).await.is_error(422, "bio", "is invalid");
    bob.post("/api/profiles/nobody/follow", comment("ignored")).await.is_error(404, "profile", "not found");
}
