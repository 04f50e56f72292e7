//! What people do, and the passwords that they do it with.

use std::collections::BTreeMap;

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::{
    process::Program,
    support::{Client, Database, Engine, Engine::*, client::password_of},
};

/// Tries to log in.
async fn log_in(anon: &Client, email: &str, password: &str, status: u16) {
    let credentials = json!({"user": {"email": email, "password": password}});
    anon.post("/api/users/login", credentials).await.assert_status(status);
}

#[rstest]
#[actix_web::test]
async fn what_happened_counts_and_what_did_not_does_not(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database);
    let server = program.serve().await;
    let anon = server.anon();
    let before = server.measures().await;

    let (amy, bob) = (anon.register("amy").await, anon.register("bob").await);
    let again = json!({"user": {"username": "amy", "email": "amy@example.com", "password": "password"}});
    anon.post("/api/users", again).await.assert_status(409);
    log_in(&anon, "amy@example.com", &password_of("amy"), 200).await;
    log_in(&anon, "amy@example.com", "another", 401).await;
    log_in(&anon, "bob@example.com", &"x".repeat(2000), 401).await;
    log_in(&anon, "nobody@example.com", "another", 401).await;
    let slug = amy.publish("Dragons").await;
    amy.publish("Dragons").await;
    bob.put(&format!("/api/articles/{slug}"), json!({"article": {"title": "Mine"}})).await.assert_status(403);
    bob.comment(&slug, "With two hands!").await;
    bob.post("/api/articles/wyverns/comments", json!({"comment": {"body": "Where?"}})).await.assert_status(404);
    for _ in 0..2 {
        bob.favorite(&slug).await;
        bob.follow("amy").await;
    }
    bob.delete(&format!("/api/articles/{slug}/favorite")).await.assert_status(200);
    bob.favorite(&slug).await;
    bob.send(Method::POST, "/api/profiles/bob/follow", None).await.assert_status(422);

    let after = server.measures().await;
    for (name, count) in [
        ("conduit_users_registered_total", 2.0),
        ("conduit_logins_total", 1.0),
        ("conduit_articles_published_total", 2.0),
        ("conduit_comments_added_total", 1.0),
        ("conduit_favorites_added_total", 2.0),
        ("conduit_follows_added_total", 1.0),
    ] {
        assert_eq!((before.labels(name).len(), before.sum(name, &[])), (1, 0.0), "{name} stands at 0 at the start");
        assert_eq!(after.sum(name, &[]), count, "{name}");
    }
    let failures = [("overloaded", 0.0), ("throttled", 0.0), ("unknown_email", 1.0), ("wrong_password", 2.0)];
    let failures: BTreeMap<String, f64> = failures.map(|(reason, count)| (reason.to_owned(), count)).into();
    assert_eq!(after.by("conduit_login_failures_total", "reason"), failures);
}

#[rstest]
#[actix_web::test]
async fn each_password_that_is_hashed_or_checked_is_timed(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database);
    let server = program.serve().await;
    let anon = server.anon();
    anon.register("amy").await;
    log_in(&anon, "amy@example.com", &password_of("amy"), 200).await;
    log_in(&anon, "nobody@example.com", "another", 401).await;
    log_in(&anon, "amy@example.com", &"x".repeat(2000), 401).await;

    let measured = server.measures().await;
    assert_eq!(measured.sum("password_hash_duration_seconds_count", &[]), 3.0);
    assert!(measured.sum("password_hash_duration_seconds_sum", &[]) > 0.0);
    assert_eq!(measured.sum("password_hash_queue_length", &[]), 0.0);
    assert_eq!(
        (measured.labels("password_hash_rejected_total").len(), 0.0),
        (1, measured.sum("password_hash_rejected_total", &[]))
    );
}
