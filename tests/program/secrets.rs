//! Secrets stay out of the log at every level. [`process`](crate::process) searches for keys and
//! tokens in every test.

use rstest::rstest;
use serde_json::json;

use crate::process::Program;
use crate::support::Engine::*;
use crate::support::client::password_of;
use crate::support::{Client, Database, Engine};

/// Passwords other than [`password_of`] a user.
const ANOTHER: &str = "another-planted-password";
const WRONG: &str = "a-wrong-planted-password";

async fn log_in(client: &Client, password: &str) -> u16 {
    client.log_in("amy@example.com", password).await.status.as_u16()
}

/// Sends every kind of request with a secret: valid, rejected, and failing.
async fn use_secrets(anonymous: &Client, database: &Database) {
    let amy = anonymous.register("amy").await;
    assert_eq!(log_in(anonymous, &password_of("amy")).await, 200);
    assert_eq!(log_in(anonymous, WRONG).await, 401);
    amy.get("/api/user").await.assert_status(200);
    amy.put("/api/user", json!({"user": {"password": ANOTHER, "email": ""}})).await.assert_status(422);
    amy.put("/api/user", json!({"user": {"password": ANOTHER}})).await.assert_status(200);
    assert_eq!(log_in(anonymous, ANOTHER).await, 200);
    anonymous.post("/api/users", json!({"user": {"password": ANOTHER}})).await.assert_status(422);
    anonymous
        .post("/api/users", json!({"user": {"username": "amy", "email": "amy@example.com", "password": ANOTHER}}))
        .await
        .assert_status(409);
    let broken = format!(r#"{{"user": {{"email": "amy@example.com", "password": "{ANOTHER}""#).into_bytes();
    anonymous.send(reqwest::Method::POST, "/api/users/login", Some(broken)).await.assert_status(422);
    let token = amy.token.as_deref().expect("a token");
    anonymous.with_token(&format!("{token}x")).get("/api/user").await.assert_status(401);

    database.execute("alter table users rename to lost").await;
    assert_eq!(log_in(anonymous, ANOTHER).await, 500);
    amy.get("/api/user").await.assert_status(500);
    amy.put("/api/user", json!({"user": {"password": ANOTHER}})).await.assert_status(500);
    anonymous.register_with_password("bob", ANOTHER).await.assert_status(500);
}

#[rstest]
#[actix_web::test]
async fn trace_level_log_contains_no_secret(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("pretty", "json")] format: &str,
) {
    let database = Database::create(engine).await;
    let program = Program::on(&database)
        .with("RUST_LOG", "trace")
        .with("LOG_FORMAT", format)
        .with("JWT_SECRET", "a key of this test and of no other");
    let server = program.serve().await;
    use_secrets(&server.anonymous(), &database).await;

    let exit = server.stop().await;
    exit.assert_secret_absent(&password_of("amy"));
    exit.assert_secret_absent(ANOTHER);
    exit.assert_secret_absent(WRONG);
    exit.assert_secret_absent("$argon2");
    assert!(exit.assert_success().lines().count() > 200, "the log is too short to prove anything");
}

#[actix_web::test]
async fn log_of_a_rejected_database_password_omits_it() {
    let database = Database::create(Postgres).await;
    let (user, rest) = database.url().split_once('@').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a user");
    let (user, _) = user.rsplit_once(':').expect("a password");
    let program = Program::new()
        .with("DATABASE_URL", &format!("{user}:hunter2@{rest}"))
        .with("MIGRATE_ON_START", "false")
        .with("RUST_LOG", "trace");
    let server = program.serve().await;
    server.anonymous().get("/api/tags").await.assert_status(503);
    server.anonymous().get("/readyz").await.assert_status(503);
    let output = server.stop().await.assert_success();
    let is_expected =
        |line: &&str| line.contains("unavailable error=") && line.contains("password authentication failed");
    // One line for each request, with the message of the database.
    assert_eq!(output.lines().filter(is_expected).count(), 2, "{output}");
}
