//! Deadlocks and serialization failures on PostgreSQL. A single statement is retried; a unit of
//! work ends with a 503 and `Retry-After`. The SQLSTATE decides, because the message may be in any
//! language.

mod support;

use std::time::Duration;

use conduit::adapters::persistence::maintenance::doctor;
use conduit::adapters::persistence::maintenance::migrate::Target;
use conduit::adapters::persistence::postgres;
use futures_util::future::{join, join3};
use serde_json::json;
use support::lock::wait_for_blocked_connections;
use support::{Engine, TestApp};
use tokio_postgres::Client as Connection;

/// Starts an instance with this lock timeout, on a database with this `deadlock_timeout`.
async fn start_with(lock_timeout: &str, deadlock_timeout: &str) -> TestApp {
    let settings = [("DATABASE_LOCK_TIMEOUT", lock_timeout), ("DATABASE_STATEMENT_TIMEOUT", "1m")];
    let app = TestApp::start_with(Engine::Postgres, &settings).await;
    // The application's connections open after this.
    let set =
        "do $$ begin execute format('alter database %I set deadlock_timeout = %L', current_database(), 'TIME'); end $$";
    app.database.execute(&set.replace("TIME", deadlock_timeout)).await;
    app
}

/// Leaves the test time to cause a deadlock before PostgreSQL looks for one.
async fn start() -> TestApp {
    start_with("1m", "2s").await
}

/// Begins a transaction that holds the locks of `statement`.
async fn begin(connection: &Connection, statement: &str) {
    connection.batch_execute("begin").await.unwrap();
    connection.batch_execute(statement).await.unwrap();
}

/// Waits until the application waits for this transaction, then runs `statement`, which needs a
/// lock that the application holds. The application has waited longer, so PostgreSQL cancels its
/// statement.
async fn cause_deadlock(connection: &Connection, statement: &str) {
    wait_for_blocked_connections(connection, 1).await;
    connection.batch_execute(statement).await.expect("PostgreSQL cancels the other statement");
    connection.batch_execute("commit").await.unwrap();
}

#[actix_web::test]
async fn single_statement_is_retried_after_a_deadlock() {
    let app = start().await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publish("Dragons").await;
    let other = app.database.postgres().await;

    // Adding a favorite updates the counter of the article, then that of the user.
    begin(&other, "update users set bio = bio where username = 'bob'").await;
    let deadlock = cause_deadlock(&other, "update articles set description = description where slug = 'dragons'");
    let ((), response) = join(deadlock, bob.post("/api/articles/dragons/favorite", json!({}))).await;

    response.assert_status(200).assert_at("/article/favoritesCount", 1);
    app.database.assert_counters_match_the_rows().await;
}

/// Both the deletion of an article and the removal of a favorite lock the article first.
#[actix_web::test]
async fn unfavoriting_during_deletion_does_not_deadlock() {
    // PostgreSQL does not detect deadlocks here: a deadlock would end in a lock timeout.
    let app = start_with("10s", "1h").await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publish_tagged("Dragons", &["fire"]).await;
    bob.favorite("dragons").await;
    let other = app.database.postgres().await;

    // The deletion holds the article's lock when it waits for the tag.
    begin(&other, "update tags set articles_count = articles_count where name = 'fire'").await;
    let unfavorite = async {
        wait_for_blocked_connections(&other, 1).await;
        bob.delete("/api/articles/dragons/favorite").await
    };
    let release = async {
        wait_for_blocked_connections(&other, 2).await;
        other.batch_execute("commit").await.unwrap();
    };
    let (deleted, unfavorited, ()) = join3(amy.delete("/api/articles/dragons"), unfavorite, release).await;

    deleted.assert_status(204);
    unfavorited.assert_error(404, "article", "not found");
    app.database.assert_counters_match_the_rows().await;
}

#[actix_web::test]
async fn unit_of_work_that_loses_a_deadlock_is_a_503() {
    let app = start().await;
    let amy = app.user("amy").await;
    amy.publish_tagged("Dragons", &["fire"]).await;
    let other = app.database.postgres().await;
    let change = json!({"article": {"tagList": ["water"]}});

    // An update changes the article, then the counters of its tags.
    begin(&other, "update tags set articles_count = articles_count where name = 'fire'").await;
    let deadlock = cause_deadlock(&other, "update articles set description = description where slug = 'dragons'");
    let ((), response) = join(deadlock, amy.put("/api/articles/dragons", change.clone())).await;

    let response = response.assert_error(503, "service", "is unavailable");
    assert!(response.header("Retry-After").parse::<u32>().is_ok(), "{:?}", response.headers);
    amy.put("/api/articles/dragons", change).await.assert_status(200).assert_at("/article/tagList", json!(["water"]));
    app.database.assert_counters_match_the_rows().await;
}

#[actix_web::test]
async fn repair_is_retried_after_a_deadlock() {
    let app = start().await;
    let amy = app.user("amy").await;
    amy.publish("Dragons").await;
    app.database.execute("update users set articles_count = 7").await;
    let other = app.database.postgres().await;
    let Target::Postgres(mut settings) = app.database.target() else { unreachable!() };
    (settings.lock_timeout, settings.statement_timeout) = (Duration::ZERO, Duration::ZERO);
    let executor = postgres::open(&settings).unwrap();

    // The repair locks the articles before the favorites.
    begin(&other, "lock table favorites in row exclusive mode").await;
    let deadlock = cause_deadlock(&other, "update articles set description = description");
    let ((), repaired) = join(deadlock, doctor::repair(&executor)).await;

    repaired.expect("the repair succeeds in the end");
    app.database.assert_counters_match_the_rows().await;
}

/// Makes the first `times` inserts of a comment fail with this SQLSTATE, and a message that is not
/// in English.
async fn fail_comments(app: &TestApp, code: &str, times: u32) {
    app.database
        .execute(&format!(
            "create sequence attempts;
            create function fail() returns trigger language plpgsql as $$ begin
                if nextval('attempts') <= {times} then
                    raise exception 'Verklemmung entdeckt' using errcode = '{code}';
                end if;
                return new;
            end $$;
            create trigger fail before insert on comments for each row execute function fail();"
        ))
        .await;
}

#[rstest::rstest]
#[actix_web::test]
async fn statement_is_retried_three_times(#[values("40001", "40P01")] code: &str) {
    let app = start().await;
    let amy = app.user("amy").await;
    amy.publish("Dragons").await;
    fail_comments(&app, code, 3).await;

    amy.comment("dragons", "Nice").await;

    let comments = amy.get("/api/articles/dragons/comments").await;
    assert_eq!(comments.at("/comments").as_array().map(Vec::len), Some(1));
}

#[rstest::rstest]
#[actix_web::test]
async fn statement_is_not_retried_a_fourth_time(#[values("40001", "40P01")] code: &str) {
    let app = start().await;
    let amy = app.user("amy").await;
    amy.publish("Dragons").await;
    fail_comments(&app, code, 1000).await;

    let response = amy.post("/api/articles/dragons/comments", json!({"comment": {"body": "Nice"}})).await;

    let response = response.assert_error(503, "service", "is unavailable");
    assert!(response.header("Retry-After").parse::<u32>().is_ok(), "{:?}", response.headers);
    assert_eq!(app.database.select("select last_value::text from attempts").await, ["4"]);
}
