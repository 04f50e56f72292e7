//! Passwords as they are stored.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::json;

use crate::{
    data::{registration, user},
    support::{Client, Engine, Engine::*, Reply, TestApp, client::password_of},
};

async fn log_in(anon: &Client, name: &str) -> Reply {
    let credentials = json!({"email": format!("{name}@example.com"), "password": password_of(name)});
    anon.post("/api/users/login", user(credentials)).await
}

async fn hashes(app: &TestApp) -> Vec<String> {
    app.database.select("select password_hash from users order by id").await
}

/// ASVS 5.0 V11.4.2: stored by a key derivation function of current strength: unless configured, what OWASP recommends.
#[rstest]
#[actix_web::test]
async fn a_hash_is_argon2id_with_19_mib_and_2_passes(#[values(Sqlite, Postgres)] engine: Engine) {
    let cost = [("ARGON2_MEMORY_KIB", ""), ("ARGON2_ITERATIONS", ""), ("ARGON2_PARALLELISM", "")];
    let app = TestApp::start_with(engine, &cost).await;
    let _amy = app.user("amy").await;
    let hashes = hashes(&app).await;
    assert!(hashes[0].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashes:?}");
}

#[rstest]
#[actix_web::test]
async fn equal_passwords_have_different_hashes(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for name in ["amy", "bob"] {
        let email = format!("{name}@example.com");
        let body = registration(json!({"username": name, "email": email, "password": "the same password"}));
        app.anon().post("/api/users", body).await.status(201);
    }
    let hashes = hashes(&app).await;
    assert_ne!(hashes[0], hashes[1]);
}

/// ASVS 5.0 V11.4.2 again: strength follows the configuration, user by user as they log in.
#[rstest]
#[actix_web::test]
async fn a_log_in_strengthens_a_hash_that_is_weaker_than_new_ones(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, _bob) = (app.user("amy").await, app.user("bob").await);
    let before = hashes(&app).await;
    let stronger = app.beside(&[("ARGON2_MEMORY_KIB", "16"), ("ARGON2_ITERATIONS", "2")]).await;

    let wrong = user(json!({"email": "amy@example.com", "password": "wrong"}));
    stronger.anon().post("/api/users/login", wrong).await.is_error(401, "credentials", "invalid");
    assert_eq!(hashes(&app).await, before);

    log_in(&stronger.anon(), "amy").await.status(200);
    let after = hashes(&app).await;
    assert!(after[0].starts_with("$argon2id$v=19$m=16,t=2,p=1$"), "{after:?}");
    assert_eq!(after[1], before[1], "bob has not logged in");

    // Nobody was logged out by that; and an instance that still makes weaker ones leaves it as it is.
    amy.get("/api/user").await.status(200);
    log_in(&app.anon(), "amy").await.status(200);
    assert_eq!(hashes(&app).await, after);
}

/// Whoever may write to the table must not be able to take all memory and every core of the server by it.
#[rstest]
#[actix_web::test]
async fn a_stored_hash_does_not_decide_what_a_log_in_costs(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, _bob) = (app.user("amy").await, app.user("bob").await);
    let own = "m=8,t=1,p=1";
    for absurd in ["m=4194304,t=1000,p=1", "m=4294967295,t=1,p=1", "m=8,t=4294967295,p=1"] {
        give_amy(&app, own, absurd).await;
        let start = Instant::now();
        log_in(&app.anon(), "amy").await.is_error(500, "server", "internal error");
        assert!(start.elapsed() < Duration::from_secs(5), "{absurd}");
        give_amy(&app, absurd, own).await;
    }
    for name in ["amy", "bob"] {
        log_in(&app.anon(), name).await.status(200);
    }
}

/// Gives the hash of amy's password other parameters.
async fn give_amy(app: &TestApp, from: &str, to: &str) {
    let hash = format!("replace(password_hash, '{from}', '{to}')");
    app.database.execute(&format!("update users set password_hash = {hash} where username = 'amy'")).await;
}
