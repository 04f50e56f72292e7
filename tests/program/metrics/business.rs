//! Business events and password hashing.

use std::collections::BTreeMap;

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::process::Program;
use crate::support::Engine::*;
use crate::support::client::password_of;
use crate::support::{Client, Database, Engine};

/// Asserts the status of a log-in.
async fn assert_log_in(client: &Client, email: &str, password: &str, status: u16) {
    client.log_in(email, password).await.assert_status(status);
}

#[rstest]
#[actix_web::test]
async fn only_successful_actions_are_counted(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database);
    let server = program.serve().await;
    let anonymous = server.anonymous();
    let before = server.scrape().await;

    let (amy, bob) = (anonymous.register("amy").await, anonymous.register("bob").await);
    let again = json!({"user": {"username": "amy", "email": "amy@example.com", "password": "password"}});
    anonymous.post("/api/users", again).await.assert_status(409);
    assert_log_in(&anonymous, "amy@example.com", &password_of("amy"), 200).await;
    assert_log_in(&anonymous, "amy@example.com", "another", 401).await;
    assert_log_in(&anonymous, "bob@example.com", &"x".repeat(2000), 401).await;
    assert_log_in(&anonymous, "unknown@example.com", "another", 401).await;
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

    let after = server.scrape().await;
    for (name, count) in [
        ("conduit_users_registered_total", 2.0),
        ("conduit_logins_total", 1.0),
        ("conduit_articles_published_total", 2.0),
        ("conduit_comments_added_total", 1.0),
        ("conduit_favorites_added_total", 2.0),
        ("conduit_follows_added_total", 1.0),
    ] {
        assert_eq!((before.labels(name).len(), before.sum(name, &[])), (1, 0.0), "{name} starts at 0");
        assert_eq!(after.sum(name, &[]), count, "{name}");
    }
    let failures = [("overloaded", 0.0), ("throttled", 0.0), ("unknown_email", 1.0), ("wrong_password", 2.0)];
    let failures: BTreeMap<String, f64> = failures.map(|(reason, count)| (reason.to_owned(), count)).into();
    assert_eq!(after.by("conduit_login_failures_total", "reason"), failures);
}

#[rstest]
#[actix_web::test]
async fn every_password_hash_and_check_is_timed(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database);
    let server = program.serve().await;
    let anonymous = server.anonymous();
    anonymous.register("amy").await;
    assert_log_in(&anonymous, "amy@example.com", &password_of("amy"), 200).await;
    assert_log_in(&anonymous, "unknown@example.com", "another", 401).await;
    assert_log_in(&anonymous, "amy@example.com", &"x".repeat(2000), 401).await;

    let scrape = server.scrape().await;
    assert_eq!(scrape.sum("password_hash_duration_seconds_count", &[]), 3.0);
    assert!(scrape.sum("password_hash_duration_seconds_sum", &[]) > 0.0);
    assert_eq!(scrape.sum("password_hash_queue_length", &[]), 0.0);
    assert_eq!(
        (scrape.labels("password_hash_rejected_total").len(), 0.0),
        (1, scrape.sum("password_hash_rejected_total", &[]))
    );
}
