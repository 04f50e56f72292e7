//! `DELETE /api/articles/{slug}`

use rstest::rstest;
use serde_json::json;

use crate::support::{Engine, Engine::*, TestApp};

#[rstest]
#[actix_web::test]
async fn a_deleted_article_is_gone(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let path = format!("/api/articles/{}", amy.publishes("Dragons").await);

    amy.delete(&path).await.has_text(204, "");

    amy.get(&path).await.is_error(404, "article", "not found");
    amy.get(&format!("{path}/comments")).await.is_error(404, "article", "not found");
    amy.delete(&path).await.is_error(404, "article", "not found");
}

#[rstest]
#[actix_web::test]
async fn only_the_author_deletes_an_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let path = format!("/api/articles/{}", amy.publishes("Dragons").await);

    bob.delete(&path).await.is_error(403, "article", "forbidden");
    app.anon().delete(&path).await.is_error(401, "token", "is missing");

    bob.get(&path).await.status(200);
}

#[rstest]
#[actix_web::test]
async fn an_article_that_does_not_exist_is_not_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for slug in ["dragons", "%00", "%FF", "a%2Fb"] {
        amy.delete(&format!("/api/articles/{slug}")).await.is_error(404, "article", "not found");
    }
}

#[rstest]
#[actix_web::test]
async fn it_leaves_every_list(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publishes_tagged("Dragons", &["fire", "air"]).await;
    let kept = amy.publishes_tagged("Kept", &["fire"]).await;
    bob.follows("amy").await;
    for slug in [&slug, &kept] {
        bob.favorites(slug).await;
    }

    amy.delete(&format!("/api/articles/{slug}")).await.status(204);

    for query in ["", "?tag=fire", "?author=amy", "?favorited=bob", "?tag=fire&author=amy&favorited=bob", "/feed"] {
        bob.get(&format!("/api/articles{query}")).await.lists(&["Kept"], 1);
    }
    bob.get("/api/articles?tag=air").await.lists(&[], 0);
    bob.get("/api/tags").await.is(200, json!({"tags": ["fire"]}));
}

#[rstest]
#[actix_web::test]
async fn its_comments_and_favorites_do_not_come_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publishes_tagged("Dragons", &["fire"]).await;
    bob.favorites(&slug).await;
    let id = bob.comments(&slug, "Mine").await;

    amy.delete(&format!("/api/articles/{slug}")).await.status(204);
    assert_eq!(amy.publishes("Dragons").await, slug);

    let reply = bob.get(&format!("/api/articles/{slug}")).await.has("/article/tagList", json!([]));
    reply.has("/article/favorited", false).has("/article/favoritesCount", 0);
    bob.get(&format!("/api/articles/{slug}/comments")).await.is(200, json!({"comments": []}));
    bob.delete(&format!("/api/articles/{slug}/comments/{id}")).await.is_error(404, "comment", "not found");
}

#[rstest]
#[actix_web::test]
async fn others_keep_theirs(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let (one, two) = (amy.publishes_tagged("One", &["t"]).await, bob.publishes_tagged("Two", &["t"]).await);
    for slug in [&one, &two] {
        bob.favorites(slug).await;
        amy.comments(slug, "Mine").await;
    }

    amy.delete(&format!("/api/articles/{one}")).await.status(204);

    let reply = bob.get(&format!("/api/articles/{two}")).await.has("/article/tagList", json!(["t"]));
    reply.has("/article/favorited", true).has("/article/favoritesCount", 1);
    bob.get(&format!("/api/articles/{two}/comments")).await.has("/comments/0/body", "Mine");
    bob.get("/api/articles?author=bob").await.lists(&["Two"], 1);
}
