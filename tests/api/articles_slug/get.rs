//! `GET /api/articles/{slug}`

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::article;
use crate::support::{Engine, TestApp};

#[rstest]
#[actix_web::test]
async fn article_is_readable_with_and_without_a_token(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publish_tagged("Dragons", &["fire"]).await;

    for reader in [&amy, &bob, &app.anonymous()] {
        let response = reader.get("/api/articles/dragons").await;
        let date = response.date_at("/article/createdAt");
        response.assert(200, json!({"article": article(&date, json!({"tagList": ["fire"]}))}));
    }
}

#[rstest]
#[actix_web::test]
async fn favorited_and_following_depend_on_the_reader(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    let slug = amy.publish("Dragons").await;
    amy.favorite(&slug).await;
    bob.favorite(&slug).await;
    cat.follow("amy").await;
    amy.follow("bob").await;

    let readers = [(&amy, true, false), (&bob, true, false), (&cat, false, true), (&app.anonymous(), false, false)];
    for (reader, favorited, following) in readers {
        let response = reader.get(&format!("/api/articles/{slug}")).await.assert_status(200);
        let response = response.assert_at("/article/favoritesCount", 2);
        response.assert_at("/article/favorited", favorited).assert_at("/article/author/following", following);
    }
}

#[rstest]
#[actix_web::test]
async fn unknown_slug_is_not_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publish("Dragons").await;
    let odd =
        ["%00", "dragons%00", "%FF", "%", "dragons%2F", "..%2Farticles", "dragons%20", "*", "-", "1", "李", "_ragons"];
    for slug in ["nothing", "dragon", "dragons-", "dragonss"].iter().chain(&odd) {
        for reader in [&amy, &app.anonymous()] {
            reader.get(&format!("/api/articles/{slug}")).await.assert_error(404, "article", "not found");
        }
    }
    let long = "dragons-".repeat(1000);
    amy.get(&format!("/api/articles/{long}")).await.assert_error(404, "article", "not found");
}
