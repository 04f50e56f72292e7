//! `/api/profiles/{username}/follow`

use rstest::rstest;
use serde_json::json;

use crate::{
    data::{registration, user},
    support::{Engine, Engine::*, TestApp},
};

#[rstest]
#[actix_web::test]
async fn following_answers_with_the_profile_followed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.put("/api/user", user(json!({"bio": "I", "image": "i.png"}))).await.status(200);
    let profile = |following| json!({"username": "amy", "bio": "I", "image": "i.png", "following": following});

    bob.post("/api/profiles/amy/follow", json!({})).await.is(200, json!({"profile": profile(true)}));
    bob.get("/api/profiles/amy").await.is(200, json!({"profile": profile(true)}));

    bob.delete("/api/profiles/amy/follow").await.is(200, json!({"profile": profile(false)}));
    bob.get("/api/profiles/amy").await.is(200, json!({"profile": profile(false)}));
}

#[rstest]
#[actix_web::test]
async fn following_twice_is_following_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publishes("Dragons").await;

    for _ in 0..2 {
        bob.post("/api/profiles/amy/follow", json!({})).await.status(200).has("/profile/following", true);
    }
    bob.get("/api/articles/feed").await.lists(&["Dragons"], 1);
    for _ in 0..2 {
        bob.delete("/api/profiles/amy/follow").await.status(200).has("/profile/following", false);
    }
    bob.get("/api/articles/feed").await.lists(&[], 0);
}

#[rstest]
#[actix_web::test]
async fn unfollowing_whom_one_never_followed_is_fine(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, bob) = (app.user("amy").await, app.user("bob").await);

    bob.delete("/api/profiles/amy/follow").await.status(200).has("/profile/following", false);
}

#[rstest]
#[actix_web::test]
async fn nobody_follows_oneself(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;

    amy.post("/api/profiles/amy/follow", json!({})).await.is_error(422, "profile", "can't follow yourself");

    amy.get("/api/profiles/amy").await.has("/profile/following", false);
}

#[rstest]
#[actix_web::test]
async fn who_does_not_exist_cannot_be_followed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for nobody in ["bob", "%00", "%FF", "a%2Fb"] {
        let path = format!("/api/profiles/{nobody}/follow");
        amy.post(&path, json!({})).await.is_error(404, "profile", "not found");
        amy.delete(&path).await.is_error(404, "profile", "not found");
    }
}

#[rstest]
#[actix_web::test]
async fn following_leaves_all_others_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    bob.follows("amy").await;
    cat.follows("amy").await;
    cat.follows("bob").await;

    cat.delete("/api/profiles/amy/follow").await.status(200);

    cat.get("/api/profiles/amy").await.has("/profile/following", false);
    cat.get("/api/profiles/bob").await.has("/profile/following", true);
    bob.get("/api/profiles/amy").await.has("/profile/following", true);
}

#[rstest]
#[actix_web::test]
async fn a_name_of_any_script_can_be_followed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let bob = app.user("bob").await;
    for (number, (name, url)) in [("a+b c", "a+b%20c"), ("Ünï", "%C3%9Cn%C3%AF")].into_iter().enumerate() {
        let user = registration(json!({"username": name, "email": format!("{number}@example.com")}));
        app.anon().post("/api/users", user).await.status(201);
        let reply = bob.post(&format!("/api/profiles/{url}/follow"), json!({})).await.status(200);
        reply.has("/profile/username", name).has("/profile/following", true);
    }
}

#[rstest]
#[actix_web::test]
async fn one_still_follows_who_changes_the_name(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    bob.follows("amy").await;

    amy.put("/api/user", user(json!({"username": "ann"}))).await.status(200);

    bob.get("/api/profiles/ann").await.has("/profile/following", true);
}
