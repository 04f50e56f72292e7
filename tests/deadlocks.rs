//! Lost races on PostgreSQL: a statement that stands for itself is tried again, a unit of work asks the client to come
//! back. What counts is the SQLSTATE; the message may be in any language.

mod support;

use std::time::Duration;

use conduit::adapters::persistence::{
    maintenance::{doctor, migrate::Target},
    postgres,
};
use futures_util::future::{join, join3};
use serde_json::json;
use support::{Engine, TestApp, lock::sessions_wait};
use tokio_postgres::Client as Connection;

/// An application whose statements wait so long for a lock, on a server that looks for circles of locks on behalf of who
/// has waited so long.
async fn start_where(lock_timeout: &str, deadlock_timeout: &str) -> TestApp {
    let settings = [("DATABASE_LOCK_TIMEOUT", lock_timeout), ("DATABASE_STATEMENT_TIMEOUT", "1m")];
    let app = TestApp::start_with(Engine::Postgres, &settings).await;
    // Sessions of the application begin after this.
    let set =
        "do $$ begin execute format('alter database %I set deadlock_timeout = %L', current_database(), 'TIME'); end $$";
    app.database.execute(&set.replace("TIME", deadlock_timeout)).await;
    app
}

/// There is time for the test to close a circle before PostgreSQL looks for one.
async fn start() -> TestApp {
    start_where("1m", "2s").await
}

/// Begins a transaction of the test's own that holds what `statement` changes.
async fn hold(connection: &Connection, statement: &str) {
    connection.batch_execute("begin").await.unwrap();
    connection.batch_execute(statement).await.unwrap();
}

/// Goes on, when somebody waits for it, to want what `statement` changes and the other holds. The other has waited
/// longer then, and loses.
async fn close_the_circle(connection: &Connection, statement: &str) {
    sessions_wait(connection, 1).await;
    connection.batch_execute(statement).await.expect("the other loses");
    connection.batch_execute("commit").await.unwrap();
}

#[actix_web::test]
async fn a_statement_that_stands_for_itself_is_tried_again_after_a_deadlock() {
    let app = start().await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publishes("Dragons").await;
    let other = app.database.postgres().await;

    // A favorite is counted with its article, then with its user.
    hold(&other, "update users set bio = bio where username = 'bob'").await;
    let circle = close_the_circle(&other, "update articles set description = description where slug = 'dragons'");
    let ((), reply) = join(circle, bob.post("/api/articles/dragons/favorite", json!({}))).await;

    reply.status(200).has("/article/favoritesCount", 1);
    app.database.assert_counters_match_the_rows().await;
}

/// Who deletes an article has it before its favorites, and so has who takes one back.
#[actix_web::test]
async fn a_favorite_taken_back_while_its_article_is_deleted_closes_no_circle() {
    // Nobody looks for a circle: who is in one fails when it has waited too long.
    let app = start_where("10s", "1h").await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publishes_tagged("Dragons", &["fire"]).await;
    bob.favorites("dragons").await;
    let other = app.database.postgres().await;

    // The deletion has the article when it waits for the tag.
    hold(&other, "update tags set articles_count = articles_count where name = 'fire'").await;
    let take_back = async {
        sessions_wait(&other, 1).await;
        bob.delete("/api/articles/dragons/favorite").await
    };
    let let_go = async {
        sessions_wait(&other, 2).await;
        other.batch_execute("commit").await.unwrap();
    };
    let (deleted, taken_back, ()) = join3(amy.delete("/api/articles/dragons"), take_back, let_go).await;

    deleted.status(204);
    taken_back.is_error(404, "article", "not found");
    app.database.assert_counters_match_the_rows().await;
}

#[actix_web::test]
async fn a_unit_of_work_that_loses_a_deadlock_asks_the_client_to_come_back() {
    let app = start().await;
    let amy = app.user("amy").await;
    amy.publishes_tagged("Dragons", &["fire"]).await;
    let other = app.database.postgres().await;
    let change = json!({"article": {"tagList": ["water"]}});

    // An article is changed before its tags are counted.
    hold(&other, "update tags set articles_count = articles_count where name = 'fire'").await;
    let circle = close_the_circle(&other, "update articles set description = description where slug = 'dragons'");
    let ((), reply) = join(circle, amy.put("/api/articles/dragons", change.clone())).await;

    let reply = reply.is_error(503, "service", "is unavailable");
    assert!(reply.header("Retry-After").parse::<u32>().is_ok(), "{:?}", reply.headers);
    amy.put("/api/articles/dragons", change).await.status(200).has("/article/tagList", json!(["water"]));
    app.database.assert_counters_match_the_rows().await;
}

#[actix_web::test]
async fn a_repair_that_loses_a_deadlock_begins_again() {
    let app = start().await;
    let amy = app.user("amy").await;
    amy.publishes("Dragons").await;
    app.database.execute("update users set articles_count = 7").await;
    let other = app.database.postgres().await;
    let Target::Postgres(mut settings) = app.database.target() else { unreachable!() };
    (settings.lock_timeout, settings.statement_timeout) = (Duration::ZERO, Duration::ZERO);
    let session = postgres::open(&settings).unwrap();

    // The repair takes the articles before the favorites.
    hold(&other, "lock table favorites in row exclusive mode").await;
    let circle = close_the_circle(&other, "update articles set description = description");
    let ((), repaired) = join(circle, doctor::repair(&session)).await;

    repaired.expect("the repair succeeds at last");
    app.database.assert_counters_match_the_rows().await;
}

/// Lets the first so many comments fail as if others had come before them, in words that are not English.
async fn let_comments_lose(app: &TestApp, code: &str, times: u32) {
    app.database
        .execute(&format!(
            "create sequence tries;
            create function lose() returns trigger language plpgsql as $$ begin
                if nextval('tries') <= {times} then
                    raise exception 'Verklemmung entdeckt' using errcode = '{code}';
                end if;
                return new;
            end $$;
            create trigger lose before insert on comments for each row execute function lose();"
        ))
        .await;
}

#[rstest::rstest]
#[actix_web::test]
async fn three_further_tries_are_made(#[values("40001", "40P01")] code: &str) {
    let app = start().await;
    let amy = app.user("amy").await;
    amy.publishes("Dragons").await;
    let_comments_lose(&app, code, 3).await;

    amy.comments("dragons", "at last").await;

    let comments = amy.get("/api/articles/dragons/comments").await;
    assert_eq!(comments.at("/comments").as_array().map(Vec::len), Some(1));
}

#[rstest::rstest]
#[actix_web::test]
async fn and_no_fourth(#[values("40001", "40P01")] code: &str) {
    let app = start().await;
    let amy = app.user("amy").await;
    amy.publishes("Dragons").await;
    let_comments_lose(&app, code, 1000).await;

    let reply = amy.post("/api/articles/dragons/comments", json!({"comment": {"body": "never"}})).await;

    let reply = reply.is_error(503, "service", "is unavailable");
    assert!(reply.header("Retry-After").parse::<u32>().is_ok(), "{:?}", reply.headers);
    assert_eq!(app.database.select("select last_value::text from tries").await, ["4"]);
}
