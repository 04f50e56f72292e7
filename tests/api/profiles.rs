//! `/api/profiles/{username}`

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::{profile, registration};
use crate::support::{Engine, TestApp};

#[rstest]
#[actix_web::test]
async fn profile_shows_what_its_user_set(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    app.anonymous().get("/api/profiles/amy").await.assert(200, json!({"profile": profile(json!({}))}));

    amy.put("/api/user", json!({"user": {"bio": "I", "image": "i.png"}})).await.assert_status(200);

    let amy = profile(json!({"bio": "I", "image": "i.png"}));
    app.anonymous().get("/api/profiles/amy").await.assert(200, json!({ "profile": amy }));
}

#[rstest]
#[actix_web::test]
async fn following_depends_on_the_reader(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    bob.follow("amy").await;

    for (reader, follows) in [(&bob, true), (&amy, false), (&cat, false), (&app.anonymous(), false)] {
        reader.get("/api/profiles/amy").await.assert_status(200).assert_at("/profile/following", follows);
    }
    amy.get("/api/profiles/bob").await.assert_at("/profile/following", false);
}

#[rstest]
#[actix_web::test]
async fn unknown_profile_is_not_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for unknown in
        ["bob", "am", "amy1", "amy%20", "%00", "amy%00", "%FF", "%", "%zz", "%25", "a%2Fb", "%2F", "%E2%80%8B", "*"]
    {
        for reader in [&amy, &app.anonymous()] {
            reader.get(&format!("/api/profiles/{unknown}")).await.assert_error(404, "profile", "not found");
        }
    }
    let long = "a".repeat(5000);
    amy.get(&format!("/api/profiles/{long}")).await.assert_error(404, "profile", "not found");
}

#[rstest]
#[actix_web::test]
async fn username_is_found_in_every_url_encoding(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    let names = [
        ("a b", &["a%20b", "a b"][..]),
        ("a+b", &["a+b", "a%2Bb", "a%2bb"]),
        ("Ünï", &["Ünï", "%C3%9Cn%C3%AF", "%c3%9cn%c3%af"]),
        ("李龍", &["李龍", "%E6%9D%8E%E9%BE%8D"]),
        ("feed&x=1;y", &["feed&x=1;y", "feed%26x%3D1%3By"]),
        ("o'n@me:$!*()", &["o'n@me:$!*()", "o%27n%40me%3A%24%21%2A%28%29"]),
        ("🦄", &["🦄", "%F0%9F%A6%84"]),
    ];
    for (number, (name, urls)) in names.into_iter().enumerate() {
        let user = registration(json!({"username": name, "email": format!("{number}@example.com")}));
        anonymous.post("/api/users", user).await.assert_status(201);
        for url in urls {
            let response = anonymous.get(&format!("/api/profiles/{url}")).await.assert_status(200);
            response.assert_at("/profile/username", name);
        }
    }
}

#[rstest]
#[actix_web::test]
async fn plus_in_a_path_is_not_a_space(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    anonymous.post("/api/users", registration(json!({"username": "a b"}))).await.assert_status(201);
    anonymous.get("/api/profiles/a+b").await.assert_error(404, "profile", "not found");
}
