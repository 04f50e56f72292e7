//! What slugs are made of, and when they change.

use rstest::rstest;
use serde_json::json;

use crate::{
    data::article,
    support::{Engine, Engine::*, TestApp},
};

fn is_slug(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.split('-').all(is_word)
}

#[rstest]
#[actix_web::test]
async fn a_slug_is_the_title_in_ascii_and_kebab_case(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for (title, slug) in [
        ("How to train your Dragon", "how-to-train-your-dragon"),
        ("  100 % -- Ünï/ćödé?!  ", "100-uni-code"),
        ("a_b.c#d", "a-b-c-d"),
        ("CamelCase", "camelcase"),
    ] {
        assert_eq!(amy.publishes(title).await, slug);
        amy.get(&format!("/api/articles/{slug}")).await.status(200).has("/article/title", title);
    }
}

#[rstest]
#[actix_web::test]
async fn every_title_has_a_slug_by_which_it_is_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let long = "word ".repeat(51);
    for title in
        ["???", "...", "\u{200b}", "\u{1}", "李龍", "Привет", "🦄", "Feed", "feed!", "new", &long, &"x".repeat(256)]
    {
        let slug = amy.publishes(title).await;
        assert!(is_slug(&slug) && slug != "feed", "{title}: {slug}");
        amy.get(&format!("/api/articles/{slug}")).await.status(200).has("/article/title", title);
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
        let slug = author.publishes(title).await;
        assert!(is_slug(&slug) && slug.starts_with("dragons"), "{slug}");
        slugs.push(slug);
    }
    assert_eq!(slugs[0], "dragons");
    slugs.sort();
    slugs.dedup();
    assert_eq!(slugs.len(), 5);
    app.anon().get("/api/articles").await.lists(&["Drágons", "dragons!", "Dragons", "Dragons", "Dragons"], 5);
}

#[rstest]
#[actix_web::test]
async fn a_new_title_makes_a_new_slug(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publishes("Dragons").await;

    let reply = amy.put("/api/articles/dragons", article(json!({"title": "Unicorns"}))).await.status(200);

    reply.has("/article/slug", "unicorns").has("/article/title", "Unicorns");
    amy.get("/api/articles/unicorns").await.status(200).has("/article/title", "Unicorns");
    amy.get("/api/articles/dragons").await.is_error(404, "article", "not found");
}

#[rstest]
#[actix_web::test]
async fn the_same_title_keeps_the_slug(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let (_plain, suffixed) = (amy.publishes("Dragons").await, amy.publishes("Dragons").await);
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
        amy.put(&path, article(change)).await.status(200).has("/article/slug", suffixed.as_str());
    }
}

#[rstest]
#[actix_web::test]
async fn a_new_title_that_another_article_has_is_allowed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publishes("Dragons").await;
    bob.publishes("Unicorns").await;

    let reply = bob.put("/api/articles/unicorns", article(json!({"title": "Dragons"}))).await.status(200);

    let slug = reply.text_at("/article/slug");
    assert!(slug.starts_with("dragons-"), "{slug}");
    bob.get(&format!("/api/articles/{slug}")).await.has("/article/author/username", "bob");
    bob.get("/api/articles/dragons").await.has("/article/author/username", "amy");
}

#[rstest]
#[actix_web::test]
async fn a_title_of_no_letters_can_be_given_later_too(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publishes("Dragons").await;
    let mut path = String::from("/api/articles/dragons");
    for title in ["???", "feed", "!!!"] {
        let reply = amy.put(&path, article(json!({ "title": title }))).await.status(200).has("/article/title", title);
        let slug = reply.text_at("/article/slug");
        assert!(is_slug(&slug) && slug != "feed", "{title}: {slug}");
        path = format!("/api/articles/{slug}");
    }
}

#[rstest]
#[actix_web::test]
async fn what_belongs_to_the_article_stays_with_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publishes_tagged("Dragons", &["fire"]).await;
    bob.favorites("dragons").await;
    bob.comments("dragons", "Mine").await;

    amy.put("/api/articles/dragons", article(json!({"title": "Unicorns"}))).await.status(200);

    let reply = bob.get("/api/articles/unicorns").await.has("/article/favorited", true);
    reply.has("/article/favoritesCount", 1).has("/article/tagList", json!(["fire"]));
    bob.get("/api/articles/unicorns/comments").await.has("/comments/0/body", "Mine");
    bob.get("/api/articles?tag=fire&author=amy&favorited=bob").await.lists(&["Unicorns"], 1);
}
