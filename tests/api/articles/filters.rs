//! `GET /api/articles`: `tag`, `author` and `favorited`.

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::{new_article, registration};
use crate::support::{Engine, TestApp};

/// Articles by amy and by bob, with and without the tag `t`, with and without cat's favorite: all
/// combinations.
async fn app_with_articles(engine: Engine) -> TestApp {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    for (author, title, tags, is_favorite) in [
        (&amy, "A", &[][..], false),
        (&amy, "At", &["t", "x"], false),
        (&amy, "Af", &["x"], true),
        (&amy, "Atf", &["t"], true),
        (&bob, "B", &[], false),
        (&bob, "Bt", &["t"], false),
        (&bob, "Bf", &["x"], true),
        (&bob, "Btf", &["x", "t"], true),
        (&bob, "Btf2", &["t"], true),
    ] {
        let slug = author.publish_tagged(title, tags).await;
        if is_favorite {
            cat.favorite(&slug).await;
        }
    }
    amy.favorite("bt").await;
    app
}

#[rstest]
#[actix_web::test]
async fn combined_filters_match_what_each_matches(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = app_with_articles(engine).await;
    let all = ["Btf2", "Btf", "Bf", "Bt", "B", "Atf", "Af", "At", "A"];
    for (query, titles) in [
        ("", &all[..]),
        ("tag=t", &["Btf2", "Btf", "Bt", "Atf", "At"]),
        ("author=amy", &["Atf", "Af", "At", "A"]),
        ("author=bob", &["Btf2", "Btf", "Bf", "Bt", "B"]),
        ("favorited=cat", &["Btf2", "Btf", "Bf", "Atf", "Af"]),
        ("favorited=amy", &["Bt"]),
        ("tag=t&author=amy", &["Atf", "At"]),
        ("tag=t&favorited=cat", &["Btf2", "Btf", "Atf"]),
        ("author=bob&favorited=cat", &["Btf2", "Btf", "Bf"]),
        ("author=amy&favorited=amy", &[]),
        ("tag=t&author=bob&favorited=cat", &["Btf2", "Btf"]),
        ("tag=x&author=amy&favorited=cat", &["Af"]),
        ("favorited=amy&author=bob&tag=t", &["Bt"]),
        ("tag=x&author=bob&favorited=amy", &[]),
    ] {
        let total = u64::try_from(titles.len()).expect("a small number");
        app.anonymous().get(&format!("/api/articles?{query}")).await.assert_articles(titles, total);
        let page = titles.iter().skip(1).take(2).copied().collect::<Vec<_>>();
        app.anonymous().get(&format!("/api/articles?{query}&limit=2&offset=1")).await.assert_articles(&page, total);
        app.anonymous().get(&format!("/api/articles?offset=9&{query}")).await.assert_articles(&[], total);
    }
}

#[rstest]
#[actix_web::test]
async fn unknown_filter_value_matches_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = app_with_articles(engine).await;
    for query in [
        "tag=nothing",
        "author=unknown",
        "favorited=unknown",
        "tag=t&author=unknown",
        "tag=nothing&author=amy",
        "author=amy&favorited=unknown",
        "tag=nothing&author=unknown&favorited=unknown",
        "tag=t&author=amy&favorited=bob",
        "tag=%00",
        "author=%00",
        "favorited=%FF",
        "tag=%25",
        "author=_my",
        "tag=t%27%20or%201%3D1--",
    ] {
        let nothing = json!({"articles": [], "articlesCount": 0});
        app.anonymous().get(&format!("/api/articles?{query}")).await.assert(200, nothing);
    }
    let long = "x".repeat(5000);
    app.anonymous().get(&format!("/api/articles?tag={long}&author={long}")).await.assert_articles(&[], 0);
}

#[rstest]
#[actix_web::test]
async fn filters_accept_percent_encoded_unicode(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let names = ["a b", "a+b&c=d;e", "Ünï 李 🦄"];
    let encoded = ["a%20b", "a%2Bb%26c%3Dd%3Be", "%C3%9Cn%C3%AF%20%E6%9D%8E+%F0%9F%A6%84"];
    for (number, name) in names.iter().enumerate() {
        let user = registration(json!({"username": name, "email": format!("{number}@example.com")}));
        let token = app.anonymous().post("/api/users", user).await.assert_status(201).text_at("/user/token");
        let user = app.anonymous().with_token(&token);
        let article = new_article(json!({"title": format!("Of {name}"), "tagList": [name]}));
        let slug = user.post("/api/articles", article).await.assert_status(201).text_at("/article/slug");
        user.favorite(&slug).await;
    }
    for (name, encoded) in names.iter().zip(encoded) {
        for filter in ["tag", "author", "favorited"] {
            let title = format!("Of {name}");
            app.anonymous().get(&format!("/api/articles?{filter}={encoded}")).await.assert_articles(&[&title], 1);
        }
    }
}

#[rstest]
#[actix_web::test]
async fn filters_match_the_same_articles_for_every_reader(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = app_with_articles(engine).await;
    let dan = app.user("dan").await;
    dan.follow("bob").await;
    dan.favorite("btf").await;

    let response = dan.get("/api/articles?tag=t&author=bob&favorited=cat").await.assert_articles(&["Btf2", "Btf"], 2);

    let response = response.assert_at("/articles/0/favorited", false).assert_at("/articles/0/favoritesCount", 1);
    let response = response.assert_at("/articles/1/favorited", true).assert_at("/articles/1/favoritesCount", 2);
    response.assert_at("/articles/0/author/following", true).assert_at("/articles/1/author/following", true);
}
