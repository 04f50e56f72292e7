//! Stored password hashes.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::client::password_of;
use crate::support::fixtures::registration;
use crate::support::{Client, Engine, Response, TestApp};

async fn log_in(client: &Client, name: &str) -> Response {
    client.log_in(&format!("{name}@example.com"), &password_of(name)).await
}

async fn hashes(app: &TestApp) -> Vec<String> {
    app.database.select("select password_hash from users order by id").await
}

/// ASVS 5.0 V11.4.2: passwords are stored with a key derivation function of current strength. The
/// default is OWASP's recommendation.
#[rstest]
#[actix_web::test]
async fn default_hash_is_argon2id_with_19_mib_and_2_passes(#[values(Sqlite, Postgres)] engine: Engine) {
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
        app.anonymous().post("/api/users", body).await.assert_status(201);
    }
    let hashes = hashes(&app).await;
    assert_ne!(hashes[0], hashes[1]);
}

/// ASVS 5.0 V11.4.2: a stronger configuration applies to each user at their next log-in.
#[rstest]
#[actix_web::test]
async fn log_in_upgrades_a_weak_hash(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, _bob) = (app.user("amy").await, app.user("bob").await);
    let before = hashes(&app).await;
    let stronger = app.another_instance(&[("ARGON2_MEMORY_KIB", "16"), ("ARGON2_ITERATIONS", "2")]).await;

    let response = stronger.anonymous().log_in("amy@example.com", "wrong").await;
    response.assert_error(401, "credentials", "invalid");
    assert_eq!(hashes(&app).await, before);

    log_in(&stronger.anonymous(), "amy").await.assert_status(200);
    let after = hashes(&app).await;
    assert!(after[0].starts_with("$argon2id$v=19$m=16,t=2,p=1$"), "{after:?}");
    assert_eq!(after[1], before[1], "bob has not logged in");

    // The upgrade ends no session, and an instance with a weaker configuration keeps the stronger
    // hash.
    amy.get("/api/user").await.assert_status(200);
    log_in(&app.anonymous(), "amy").await.assert_status(200);
    assert_eq!(hashes(&app).await, after);
}

/// Otherwise write access to the table would suffice to exhaust the server's memory and CPU.
#[rstest]
#[actix_web::test]
async fn stored_hash_does_not_determine_the_cost_of_a_log_in(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, _bob) = (app.user("amy").await, app.user("bob").await);
    let configured = "m=8,t=1,p=1";
    for costly in ["m=4194304,t=1000,p=1", "m=4294967295,t=1,p=1", "m=8,t=4294967295,p=1"] {
        set_parameters_of_amy(&app, configured, costly).await;
        let start = Instant::now();
        log_in(&app.anonymous(), "amy").await.assert_error(500, "server", "internal error");
        assert!(start.elapsed() < Duration::from_secs(5), "{costly}");
        set_parameters_of_amy(&app, costly, configured).await;
    }
    for name in ["amy", "bob"] {
        log_in(&app.anonymous(), name).await.assert_status(200);
    }
}

/// Replaces the parameters in the hash of amy's password.
async fn set_parameters_of_amy(app: &TestApp, from: &str, to: &str) {
    let hash = format!("replace(password_hash, '{from}', '{to}')");
    app.database.execute(&format!("update users set password_hash = {hash} where username = 'amy'")).await;
}
