//! `PUT /api/user` with a password.

use rstest::rstest;
use serde_json::json;

use crate::{
    data::user,
    support::{Client, Engine, Engine::*, TestApp, client::password_of},
};

const NEW: &str = "another password";

/// Another session of this user.
async fn another_session(user: &Client, password: &str) -> Client {
    let credentials = json!({"user": {"email": format!("{}@example.com", user.name), "password": password}});
    let reply = user.post("/api/users/login", credentials).await.status(200);
    user.with_token(&reply.text_at("/user/token"))
}

/// ASVS 5.0 V6.2.2: users can change their password.
#[rstest]
#[actix_web::test]
async fn the_new_password_logs_in_and_the_old_one_does_not(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.put("/api/user", user(json!({ "password": NEW }))).await.status(200);

    another_session(&amy, NEW).await.get("/api/user").await.status(200);
    let old = json!({"email": "amy@example.com", "password": password_of("amy")});
    amy.post("/api/users/login", user(old)).await.is_error(401, "credentials", "invalid");
}

/// ASVS 5.0 V7.4.3: a change of the password ends all other sessions.
#[rstest]
#[actix_web::test]
async fn the_session_that_changes_the_password_goes_on_and_the_others_end(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let (phone, laptop) =
        (another_session(&amy, &password_of("amy")).await, another_session(&amy, &password_of("amy")).await);

    let reply = phone.put("/api/user", user(json!({ "password": NEW }))).await.status(200);

    phone.get("/api/user").await.status(200);
    phone.with_token(&reply.text_at("/user/token")).get("/api/user").await.status(200);
    for ended in [amy, laptop] {
        ended.get("/api/user").await.is_error(401, "token", "is invalid");
    }
    bob.get("/api/user").await.status(200);
}

#[rstest]
#[actix_web::test]
async fn each_change_ends_the_sessions_since_the_last(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.put("/api/user", user(json!({ "password": NEW }))).await.status(200);
    let phone = another_session(&amy, NEW).await;

    phone.put("/api/user", user(json!({"password": "a third password"}))).await.status(200);

    phone.get("/api/user").await.status(200);
    amy.get("/api/user").await.is_error(401, "token", "is invalid");
}

#[rstest]
#[actix_web::test]
async fn the_same_password_again_is_a_change(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let phone = another_session(&amy, &password_of("amy")).await;

    amy.put("/api/user", user(json!({"password": password_of("amy")}))).await.status(200);

    amy.get("/api/user").await.status(200);
    phone.get("/api/user").await.is_error(401, "token", "is invalid");
}

#[rstest]
#[actix_web::test]
async fn other_changes_end_no_session(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let phone = another_session(&amy, &password_of("amy")).await;

    let all_else = json!({"username": "ann", "email": "ann@example.com", "bio": "I", "image": "i.png"});
    amy.put("/api/user", user(all_else)).await.status(200);

    for session in [amy, phone] {
        session.get("/api/user").await.status(200).has("/user/username", "ann");
    }
}

#[rstest]
#[actix_web::test]
async fn a_refused_change_ends_no_session(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, _bob) = (app.user("amy").await, app.user("bob").await);
    let phone = another_session(&amy, &password_of("amy")).await;

    amy.put("/api/user", user(json!({"password": NEW, "username": "bob"}))).await.status(422);

    phone.get("/api/user").await.status(200);
    another_session(&amy, &password_of("amy")).await;
}
