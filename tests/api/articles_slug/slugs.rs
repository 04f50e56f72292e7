//! How slugs derive from titles, and when they change.

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::{Engine, TestApp};

fn is_slug(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.split('-').all(is_word)
}

#[rstest]
#[actix_web::test]
async fn slug_is_the_title_in_ascii_kebab_case(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for (title, slug) in [
        ("How to train your Dragon", "how-to-train-your-dragon"),
        ("  100 % -- Ünï/ćödé?!  ", "100-uni-code"),
        ("a_b.c#d", "a-b-c-d"),
        ("CamelCase", "camelcase"),
    ] {
        assert_eq!(amy.publish(title).await, slug);
        amy.get(&format!("/api/articles/{slug}")).await.assert_status(200).assert_at("/article/title", title);
    }
}

#[rstest]
#[actix_web::test]
async fn every_title_gets_a_usable_slug(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let long = "word ".repeat(51);
    for title in
        ["???", "...", "\u{200b}", "\u{1}", "李龍", "Привет", "🦄", "Feed", "feed!", "new", &long, &"x".repeat(256)]
    {
        let slug = amy.publish(title).await;
        assert!(is_slug(&slug) && slug != "feed", "{title}: {slug}");
        amy.get(&format!("/api/articles/{slug}")).await.assert_status(200).assert_at("/article/title", title);
    }
}

#[rstest]
#[actix_web::test]
async fn equal_titles_have_different_slugs(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let mut slugs = Vec::new();
    for (author, title) in
        [(&amy, "Dragons"), (&amy, "Dragons"), (&bob, "Dragons"), (&bob, "dragons!"), (&bob, "Drágons")]
    {
        let slug = author.publish(title).await;
        assert!(is_slug(&slug) && slug.starts_with("dragons"), "{slug}");
        slugs.push(slug);
    }
    assert_eq!(slugs[0], "dragons");
    slugs.sort();
    slugs.dedup();
    assert_eq!(slugs.len(), 5);
    let titles = ["Drágons", "dragons!", "Dragons", "Dragons", "Dragons"];
    app.anonymous().get("/api/articles").await.assert_articles(&titles, 5);
}

#[rstest]
#[actix_web::test]
async fn new_title_changes_the_slug(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publish("Dragons").await;

    let response = amy.put("/api/articles/dragons", json!({"article": {"title": "Unicorns"}})).await.assert_status(200);

    response.assert_at("/article/slug", "unicorns").assert_at("/article/title", "Unicorns");
    amy.get("/api/articles/unicorns").await.assert_status(200).assert_at("/article/title", "Unicorns");
    amy.get("/api/articles/dragons").await.assert_error(404, "article", "not found");
}

#[rstest]
#[actix_web::test]
async fn unchanged_title_keeps_the_slug(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let (_plain, suffixed) = (amy.publish("Dragons").await, amy.publish("Dragons").await);
    let path = format!("/api/articles/{suffixed}");

    let changes = [
        json!({"title": "Dragons"}),
        json!({"description": "Changed"}),
        json!({"body": "Changed"}),
        json!({"tagList": ["changed"]}),
        json!({"title": "Dragons", "body": "Changed again"}),
        json!({"slug": "mine"}),
    ];
    for change in changes {
        let response = amy.put(&path, json!({ "article": change })).await.assert_status(200);
        response.assert_at("/article/slug", suffixed.as_str());
    }
}

#[rstest]
#[actix_web::test]
async fn new_title_may_equal_the_title_of_another_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publish("Dragons").await;
    bob.publish("Unicorns").await;

    let response = bob.put("/api/articles/unicorns", json!({"article": {"title": "Dragons"}})).await.assert_status(200);

    let slug = response.text_at("/article/slug");
    assert!(slug.starts_with("dragons-"), "{slug}");
    bob.get(&format!("/api/articles/{slug}")).await.assert_at("/article/author/username", "bob");
    bob.get("/api/articles/dragons").await.assert_at("/article/author/username", "amy");
}

#[rstest]
#[actix_web::test]
async fn title_without_letters_is_accepted_in_an_update(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publish("Dragons").await;
    let mut path = String::from("/api/articles/dragons");
    for title in ["???", "feed", "!!!"] {
        let response = amy.put(&path, json!({"article": {"title": title}})).await.assert_status(200);
        let slug = response.assert_at("/article/title", title).text_at("/article/slug");
        assert!(is_slug(&slug) && slug != "feed", "{title}: {slug}");
        path = format!("/api/articles/{slug}");
    }
}

#[rstest]
#[actix_web::test]
async fn new_slug_keeps_favorites_tags_and_comments(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publish_tagged("Dragons", &["fire"]).await;
    bob.favorite("dragons").await;
    bob.comment("dragons", "Mine").await;

    amy.put("/api/articles/dragons", json!({"article": {"title": "Unicorns"}})).await.assert_status(200);

    let response = bob.get("/api/articles/unicorns").await.assert_at("/article/favorited", true);
    response.assert_at("/article/favoritesCount", 1).assert_at("/article/tagList", json!(["fire"]));
    bob.get("/api/articles/unicorns/comments").await.assert_at("/comments/0/body", "Mine");
    bob.get("/api/articles?tag=fire&author=amy&favorited=bob").await.assert_articles(&["Unicorns"], 1);
}
