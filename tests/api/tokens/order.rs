//! Precedence of errors: 401, 422, 404, 403, then the business rules.

use rstest::rstest;
use serde_json::json;

use super::routes::{PROTECTED, PUBLIC};
use crate::support::Engine::*;
use crate::support::client::password_of;
use crate::support::{Engine, TestApp};

#[rstest]
#[actix_web::test]
async fn unauthorized_takes_precedence_over_every_other_error(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    for &(endpoint, body) in PROTECTED {
        anonymous.call(endpoint, body).await.assert_error(401, "token", "is missing");
        anonymous.with_token("rubbish").call(endpoint, body).await.assert_error(401, "token", "is invalid");
    }
}

#[rstest]
#[actix_web::test]
async fn invalid_token_is_ignored_on_public_routes(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    app.user("amy").await.publish_tagged("Dragons", &["fire"]).await;
    for path in PUBLIC {
        let anonymous = app.anonymous().get(path).await.assert_status(200).text();
        app.anonymous().with_token("rubbish").get(path).await.assert_text(200, &anonymous);
    }
}

#[rstest]
#[actix_web::test]
async fn registration_and_log_in_ignore_tokens(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let client = app.anonymous().with_token("rubbish");
    client.register("amy").await;
    client.log_in("amy@example.com", &password_of("amy")).await.assert_status(200);
}

#[rstest]
#[actix_web::test]
async fn invalid_body_takes_precedence_over_not_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publish("Dragons").await;
    for path in ["/api/articles/nothing", "/api/articles/dragons"] {
        bob.put(path, json!("rubbish")).await.assert_error(422, "body", "is invalid");
        bob.put(path, json!({"article": {"title": ""}})).await.assert_error(422, "title", "can't be blank");
    }
    bob.post("/api/articles/nothing/comments", json!([])).await.assert_error(422, "body", "is invalid");
}

#[rstest]
#[actix_web::test]
async fn not_found_takes_precedence_over_forbidden(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publish("Dragons").await;
    amy.publish("Unicorns").await;
    let id = amy.comment("dragons", "Mine").await;

    bob.put("/api/articles/nothing", json!({"article": {"body": "mine"}})).await.assert_error(
        404,
        "article",
        "not found",
    );
    bob.delete("/api/articles/nothing").await.assert_error(404, "article", "not found");
    bob.delete(&format!("/api/articles/unicorns/comments/{id}")).await.assert_error(404, "comment", "not found");
    bob.delete(&format!("/api/articles/nothing/comments/{id}")).await.assert_error(404, "article", "not found");

    bob.put("/api/articles/dragons", json!({"article": {"body": "mine"}})).await.assert_error(
        403,
        "article",
        "forbidden",
    );
    bob.delete("/api/articles/dragons").await.assert_error(403, "article", "forbidden");
    bob.delete(&format!("/api/articles/dragons/comments/{id}")).await.assert_error(403, "comment", "forbidden");
}

#[rstest]
#[actix_web::test]
async fn invalid_field_takes_precedence_over_a_conflict(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, bob) = (app.user("amy").await, app.user("bob").await);
    let change = json!({"username": "amy", "bio": 7});
    bob.put("/api/user", json!({"user": change})).await.assert_error(422, "bio", "is invalid");
    bob.post("/api/profiles/unknown/follow", json!({"comment": {"body": "ignored"}})).await.assert_error(
        404,
        "profile",
        "not found",
    );
}
