//! `DELETE /api/articles/{slug}`

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::{Engine, TestApp};

#[rstest]
#[actix_web::test]
async fn deleted_article_is_not_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let path = format!("/api/articles/{}", amy.publish("Dragons").await);

    amy.delete(&path).await.assert_text(204, "");

    amy.get(&path).await.assert_error(404, "article", "not found");
    amy.get(&format!("{path}/comments")).await.assert_error(404, "article", "not found");
    amy.delete(&path).await.assert_error(404, "article", "not found");
}

#[rstest]
#[actix_web::test]
async fn only_the_author_deletes_an_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let path = format!("/api/articles/{}", amy.publish("Dragons").await);

    bob.delete(&path).await.assert_error(403, "article", "forbidden");
    app.anonymous().delete(&path).await.assert_error(401, "token", "is missing");

    bob.get(&path).await.assert_status(200);
}

#[rstest]
#[actix_web::test]
async fn unknown_article_is_not_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for slug in ["dragons", "%00", "%FF", "a%2Fb"] {
        amy.delete(&format!("/api/articles/{slug}")).await.assert_error(404, "article", "not found");
    }
}

#[rstest]
#[actix_web::test]
async fn deleted_article_leaves_every_list(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publish_tagged("Dragons", &["fire", "air"]).await;
    let kept = amy.publish_tagged("Kept", &["fire"]).await;
    bob.follow("amy").await;
    for slug in [&slug, &kept] {
        bob.favorite(slug).await;
    }

    amy.delete(&format!("/api/articles/{slug}")).await.assert_status(204);

    for query in ["", "?tag=fire", "?author=amy", "?favorited=bob", "?tag=fire&author=amy&favorited=bob", "/feed"] {
        bob.get(&format!("/api/articles{query}")).await.assert_articles(&["Kept"], 1);
    }
    bob.get("/api/articles?tag=air").await.assert_articles(&[], 0);
    bob.get("/api/tags").await.assert(200, json!({"tags": ["fire"]}));
}

#[rstest]
#[actix_web::test]
async fn new_article_with_an_old_slug_has_no_comments_or_favorites(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publish_tagged("Dragons", &["fire"]).await;
    bob.favorite(&slug).await;
    let id = bob.comment(&slug, "Mine").await;

    amy.delete(&format!("/api/articles/{slug}")).await.assert_status(204);
    assert_eq!(amy.publish("Dragons").await, slug);

    let response = bob.get(&format!("/api/articles/{slug}")).await.assert_at("/article/tagList", json!([]));
    response.assert_at("/article/favorited", false).assert_at("/article/favoritesCount", 0);
    bob.get(&format!("/api/articles/{slug}/comments")).await.assert(200, json!({"comments": []}));
    bob.delete(&format!("/api/articles/{slug}/comments/{id}")).await.assert_error(404, "comment", "not found");
}

#[rstest]
#[actix_web::test]
async fn deletion_keeps_what_belongs_to_other_articles(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let (one, two) = (amy.publish_tagged("One", &["t"]).await, bob.publish_tagged("Two", &["t"]).await);
    for slug in [&one, &two] {
        bob.favorite(slug).await;
        amy.comment(slug, "Mine").await;
    }

    amy.delete(&format!("/api/articles/{one}")).await.assert_status(204);

    let response = bob.get(&format!("/api/articles/{two}")).await.assert_at("/article/tagList", json!(["t"]));
    response.assert_at("/article/favorited", true).assert_at("/article/favoritesCount", 1);
    bob.get(&format!("/api/articles/{two}/comments")).await.assert_at("/comments/0/body", "Mine");
    bob.get("/api/articles?author=bob").await.assert_articles(&["Two"], 1);
}
