//! `/api/profiles/{username}/follow`

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::{profile, registration};
use crate::support::{Engine, TestApp};

#[rstest]
#[actix_web::test]
async fn following_returns_the_profile(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.put("/api/user", json!({"user": {"bio": "I", "image": "i.png"}})).await.assert_status(200);
    let amy =
        |following: bool| json!({"profile": profile(json!({"bio": "I", "image": "i.png", "following": following}))});

    bob.post("/api/profiles/amy/follow", json!({})).await.assert(200, amy(true));
    bob.get("/api/profiles/amy").await.assert(200, amy(true));

    bob.delete("/api/profiles/amy/follow").await.assert(200, amy(false));
    bob.get("/api/profiles/amy").await.assert(200, amy(false));
}

#[rstest]
#[actix_web::test]
async fn following_is_idempotent(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publish("Dragons").await;

    for _ in 0..2 {
        bob.post("/api/profiles/amy/follow", json!({})).await.assert_status(200).assert_at("/profile/following", true);
    }
    bob.get("/api/articles/feed").await.assert_articles(&["Dragons"], 1);
    for _ in 0..2 {
        bob.delete("/api/profiles/amy/follow").await.assert_status(200).assert_at("/profile/following", false);
    }
    bob.get("/api/articles/feed").await.assert_articles(&[], 0);
}

#[rstest]
#[actix_web::test]
async fn unfollowing_an_unfollowed_user_succeeds(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, bob) = (app.user("amy").await, app.user("bob").await);

    bob.delete("/api/profiles/amy/follow").await.assert_status(200).assert_at("/profile/following", false);
}

#[rstest]
#[actix_web::test]
async fn user_cannot_follow_themselves(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;

    amy.post("/api/profiles/amy/follow", json!({})).await.assert_error(422, "profile", "can't follow yourself");

    amy.get("/api/profiles/amy").await.assert_at("/profile/following", false);
}

#[rstest]
#[actix_web::test]
async fn unknown_user_cannot_be_followed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for unknown in ["bob", "%00", "%FF", "a%2Fb"] {
        let path = format!("/api/profiles/{unknown}/follow");
        amy.post(&path, json!({})).await.assert_error(404, "profile", "not found");
        amy.delete(&path).await.assert_error(404, "profile", "not found");
    }
}

#[rstest]
#[actix_web::test]
async fn unfollowing_keeps_other_follows(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    bob.follow("amy").await;
    cat.follow("amy").await;
    cat.follow("bob").await;

    cat.delete("/api/profiles/amy/follow").await.assert_status(200);

    cat.get("/api/profiles/amy").await.assert_at("/profile/following", false);
    cat.get("/api/profiles/bob").await.assert_at("/profile/following", true);
    bob.get("/api/profiles/amy").await.assert_at("/profile/following", true);
}

#[rstest]
#[actix_web::test]
async fn user_with_a_unicode_name_can_be_followed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let bob = app.user("bob").await;
    for (number, (name, url)) in [("a+b c", "a+b%20c"), ("Ünï", "%C3%9Cn%C3%AF")].into_iter().enumerate() {
        let user = registration(json!({"username": name, "email": format!("{number}@example.com")}));
        app.anonymous().post("/api/users", user).await.assert_status(201);
        let response = bob.post(&format!("/api/profiles/{url}/follow"), json!({})).await.assert_status(200);
        response.assert_at("/profile/username", name).assert_at("/profile/following", true);
    }
}

#[rstest]
#[actix_web::test]
async fn follow_survives_a_new_username(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    bob.follow("amy").await;

    amy.put("/api/user", json!({"user": {"username": "ann"}})).await.assert_status(200);

    bob.get("/api/profiles/ann").await.assert_at("/profile/following", true);
}
