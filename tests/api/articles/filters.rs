//! `GET /api/articles`: `tag`, `author` and `favorited`.

use rstest::rstest;
use serde_json::json;

use crate::{
    data::{draft, registration},
    support::{Engine, Engine::*, TestApp},
};

/// Articles of amy and bob, with and without the tag, with and without the favor of cat: every combination.
async fn library(engine: Engine) -> TestApp {
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
        let slug = author.publishes_tagged(title, tags).await;
        if is_favorite {
            cat.favorites(&slug).await;
        }
    }
    amy.favorites("bt").await;
    app
}

#[rstest]
#[actix_web::test]
async fn every_combination_of_filters_lists_what_fits_all_of_them(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = library(engine).await;
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
        app.anon().get(&format!("/api/articles?{query}")).await.lists(titles, total);
        // The second and the third of them; the total stays.
        let page = titles.iter().skip(1).take(2).copied().collect::<Vec<_>>();
        app.anon().get(&format!("/api/articles?{query}&limit=2&offset=1")).await.lists(&page, total);
        app.anon().get(&format!("/api/articles?offset=9&{query}")).await.lists(&[], total);
    }
}

#[rstest]
#[actix_web::test]
async fn an_unknown_name_is_an_empty_list(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = library(engine).await;
    for query in [
        "tag=nothing",
        "author=nobody",
        "favorited=nobody",
        "tag=t&author=nobody",
        "tag=nothing&author=amy",
        "author=amy&favorited=nobody",
        "tag=nothing&author=nobody&favorited=nobody",
        "tag=t&author=amy&favorited=bob",
        "tag=%00",
        "author=%00",
        "favorited=%FF",
        "tag=%25",
        "author=_my",
        "tag=t%27%20or%201%3D1--",
    ] {
        let nothing = json!({"articles": [], "articlesCount": 0});
        app.anon().get(&format!("/api/articles?{query}")).await.is(200, nothing);
    }
    let long = "x".repeat(5000);
    app.anon().get(&format!("/api/articles?tag={long}&author={long}")).await.lists(&[], 0);
}

#[rstest]
#[actix_web::test]
async fn a_filter_takes_text_in_every_script(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let names = ["a b", "a+b&c=d;e", "Ünï 李 🦄"];
    let encoded = ["a%20b", "a%2Bb%26c%3Dd%3Be", "%C3%9Cn%C3%AF%20%E6%9D%8E+%F0%9F%A6%84"];
    for (number, name) in names.iter().enumerate() {
        let user = registration(json!({"username": name, "email": format!("{number}@example.com")}));
        let token = app.anon().post("/api/users", user).await.status(201).text_at("/user/token");
        let user = app.anon().with_token(&token);
        let article = draft(json!({"title": format!("Of {name}"), "tagList": [name]}));
        let slug = user.post("/api/articles", article).await.status(201).text_at("/article/slug");
        user.favorites(&slug).await;
    }
    for (name, encoded) in names.iter().zip(encoded) {
        for filter in ["tag", "author", "favorited"] {
            let title = format!("Of {name}");
            app.anon().get(&format!("/api/articles?{filter}={encoded}")).await.lists(&[&title], 1);
        }
    }
}

#[rstest]
#[actix_web::test]
async fn the_reader_changes_nothing_in_what_fits(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = library(engine).await;
    let dan = app.user("dan").await;
    dan.follows("bob").await;
    dan.favorites("btf").await;

    let reply = dan.get("/api/articles?tag=t&author=bob&favorited=cat").await.lists(&["Btf2", "Btf"], 2);

    let reply = reply.has("/articles/0/favorited", false).has("/articles/0/favoritesCount", 1);
    let reply = reply.has("/articles/1/favorited", true).has("/articles/1/favoritesCount", 2);
    reply.has("/articles/0/author/following", true).has("/articles/1/author/following", true);
}
