//! What is never told, however talkative the log. [`process`](crate::process) looks for keys and tokens in every test.

use rstest::rstest;
use serde_json::json;

use crate::{
    process::Program,
    support::{Client, Database, Engine, Engine::*, client::password_of},
};

/// Passwords beside those that [`password_of`] makes.
const ANOTHER: &str = "another-planted-password";
const WRONG: &str = "a-wrong-planted-password";

async fn log_in(client: &Client, password: &str) -> u16 {
    let credentials = json!({"user": {"email": "amy@example.com", "password": password}});
    client.post("/api/users/login", credentials).await.status.as_u16()
}

/// Everything that has to do with secrets: what succeeds, what is refused, and what fails.
async fn use_secrets(anon: &Client, database: &Database) {
    let amy = anon.register("amy").await;
    assert_eq!(log_in(anon, &password_of("amy")).await, 200);
    assert_eq!(log_in(anon, WRONG).await, 401);
    amy.get("/api/user").await.assert_status(200);
    amy.put("/api/user", json!({"user": {"password": ANOTHER, "email": ""}})).await.assert_status(422);
    amy.put("/api/user", json!({"user": {"password": ANOTHER}})).await.assert_status(200);
    assert_eq!(log_in(anon, ANOTHER).await, 200);
    anon.post("/api/users", json!({"user": {"password": ANOTHER}})).await.assert_status(422);
    anon.post("/api/users", json!({"user": {"username": "amy", "email": "amy@example.com", "password": ANOTHER}}))
        .await
        .assert_status(409);
    let broken = format!(r#"{{"user": {{"email": "amy@example.com", "password": "{ANOTHER}""#).into_bytes();
    anon.send(reqwest::Method::POST, "/api/users/login", Some(broken)).await.assert_status(422);
    let token = amy.token.as_deref().expect("a token");
    anon.with_token(&format!("{token}x")).get("/api/user").await.assert_status(401);

    database.execute("alter table users rename to lost").await;
    assert_eq!(log_in(anon, ANOTHER).await, 500);
    amy.get("/api/user").await.assert_status(500);
    amy.put("/api/user", json!({"user": {"password": ANOTHER}})).await.assert_status(500);
    anon.register_with_password("bob", ANOTHER).await.assert_status(500);
}

#[rstest]
#[actix_web::test]
async fn not_even_a_trace_tells_a_secret(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("pretty", "json")] format: &str,
) {
    let database = Database::create(engine).await;
    let program = Program::on(&database)
        .with("RUST_LOG", "trace")
        .with("LOG_FORMAT", format)
        .with("JWT_SECRET", "a key of this test and of no other");
    let server = program.serve().await;
    use_secrets(&server.anon(), &database).await;

    let ended = server.stop().await;
    ended.keeps(&password_of("amy"));
    ended.keeps(ANOTHER);
    ended.keeps(WRONG);
    ended.keeps("$argon2");
    assert!(ended.succeeds().lines().count() > 200, "it is not as talkative as the test thinks");
}

#[actix_web::test]
async fn a_database_that_refuses_is_told_without_its_password() {
    let database = Database::create(Postgres).await;
    let (user, rest) = database.url().split_once('@').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a user");
    let (user, _) = user.rsplit_once(':').expect("a password");
    let program = Program::new()
        .with("DATABASE_URL", &format!("{user}:hunter2@{rest}"))
        .with("MIGRATE_ON_START", "false")
        .with("RUST_LOG", "trace");
    let server = program.serve().await;
    server.anon().get("/api/tags").await.assert_status(503);
    server.anon().get("/readyz").await.assert_status(503);
    let said = server.stop().await.succeeds();
    let told = |line: &&str| line.contains("unavailable error=") && line.contains("password authentication failed");
    // Both requests that were refused, each with what the server said.
    assert_eq!(said.lines().filter(told).count(), 2, "{said}");
}
