//! `/api/profiles/{username}`

use rstest::rstest;
use serde_json::json;

use crate::{
    data::{registration, user},
    support::{Engine, Engine::*, TestApp},
};

#[rstest]
#[actix_web::test]
async fn a_profile_is_what_its_user_shows(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let profile = json!({"username": "amy", "bio": null, "image": null, "following": false});
    app.anon().get("/api/profiles/amy").await.is(200, json!({ "profile": profile }));

    amy.put("/api/user", user(json!({"bio": "I", "image": "i.png"}))).await.status(200);

    let profile = json!({"username": "amy", "bio": "I", "image": "i.png", "following": false});
    app.anon().get("/api/profiles/amy").await.is(200, json!({ "profile": profile }));
}

#[rstest]
#[actix_web::test]
async fn following_is_the_readers(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    bob.follows("amy").await;

    for (reader, follows) in [(&bob, true), (&amy, false), (&cat, false), (&app.anon(), false)] {
        reader.get("/api/profiles/amy").await.status(200).has("/profile/following", follows);
    }
    amy.get("/api/profiles/bob").await.has("/profile/following", false);
}

#[rstest]
#[actix_web::test]
async fn a_profile_that_does_not_exist_is_not_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for nobody in
        ["bob", "am", "amy1", "amy%20", "%00", "amy%00", "%FF", "%", "%zz", "%25", "a%2Fb", "%2F", "%E2%80%8B", "*"]
    {
        for reader in [&amy, &app.anon()] {
            reader.get(&format!("/api/profiles/{nobody}")).await.is_error(404, "profile", "not found");
        }
    }
    let long = "a".repeat(5000);
    amy.get(&format!("/api/profiles/{long}")).await.is_error(404, "profile", "not found");
}

#[rstest]
#[actix_web::test]
async fn a_name_is_found_however_its_url_is_written(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    let names: [(&str, &[&str]); 7] = [
        ("a b", &["a%20b", "a b"]),
        ("a+b", &["a+b", "a%2Bb", "a%2bb"]),
        ("Ünï", &["Ünï", "%C3%9Cn%C3%AF", "%c3%9cn%c3%af"]),
        ("李龍", &["李龍", "%E6%9D%8E%E9%BE%8D"]),
        ("feed&x=1;y", &["feed&x=1;y", "feed%26x%3D1%3By"]),
        ("o'n@me:$!*()", &["o'n@me:$!*()", "o%27n%40me%3A%24%21%2A%28%29"]),
        ("🦄", &["🦄", "%F0%9F%A6%84"]),
    ];
    for (number, (name, urls)) in names.into_iter().enumerate() {
        let user = registration(json!({"username": name, "email": format!("{number}@example.com")}));
        anon.post("/api/users", user).await.status(201);
        for url in urls {
            anon.get(&format!("/api/profiles/{url}")).await.status(200).has("/profile/username", name);
        }
    }
}

#[rstest]
#[actix_web::test]
async fn a_plus_is_not_a_space(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    anon.post("/api/users", registration(json!({"username": "a b"}))).await.status(201);
    anon.get("/api/profiles/a+b").await.is_error(404, "profile", "not found");
}
