//! Number of statements that each endpoint may run, counted with diesel's instrumentation, on both
//! engines. BEGIN, COMMIT and the like, and the set-up of connections, are not counted.

mod support;

use std::sync::{Mutex, MutexGuard, PoisonError};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use support::Engine::*;
use support::fixtures::{new_article, registration};
use support::{Client, Engine, Response, TestApp};

static STATEMENTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The instrumentation is global, so these tests run one after the other.
static SERIAL: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn statements() -> MutexGuard<'static, Vec<String>> {
    STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Recorder;

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let statement = query.to_string();
            let first = statement.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
            if !["begin", "commit", "rollback", "savepoint", "release", "set", "pragma"].contains(&first.as_str()) {
                statements().push(statement);
            }
        }
    }
}

/// Sends a request, and asserts its status and the number of statements.
async fn assert_cost(client: &Client, endpoint: &str, body: Option<Value>, status: u16, budget: usize) {
    let (method, path) = endpoint.split_once(' ').unwrap();
    let body = body.map(|body| body.to_string().into_bytes());
    statements().clear();
    client.send(method.parse().unwrap(), path, body).await.assert_status(status);
    assert_statements(endpoint, budget);
}

/// Asserts the number of statements since the record was cleared.
#[track_caller]
fn assert_statements(request: &str, budget: usize) {
    let run = statements();
    assert_eq!(run.len(), budget, "{request} ran:\n{}", run.join("\n"));
}

async fn start(engine: Engine) -> TestApp {
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    // A statement that times out on PostgreSQL is retried, which would count twice on a busy
    // machine.
    TestApp::start_with(engine, &[("DATABASE_STATEMENT_TIMEOUT", "1h")]).await
}

#[rstest]
#[actix_web::test]
async fn read_costs_one_statement(#[values(Sqlite, Postgres)] engine: Engine) {
    let _guard = SERIAL.lock().await;
    let app = start(engine).await;
    let (amy, bob, anonymous) = (app.user("amy").await, app.user("bob").await, app.anonymous());
    for number in 0..25 {
        let slug = bob.publish_tagged(&format!("Article {number}"), &["dragons", "tea"]).await;
        amy.favorite(&slug).await;
        amy.comment(&slug, "Nice").await;
    }
    amy.follow("bob").await;

    for reader in [&amy, &anonymous] {
        for path in [
            "/api/articles",
            "/api/articles?limit=1",
            "/api/articles?limit=100",
            "/api/articles?offset=1000",
            "/api/articles?tag=dragons",
            "/api/articles?author=bob",
            "/api/articles?favorited=amy",
            "/api/articles?tag=tea&author=bob&favorited=amy",
            "/api/articles/article-1",
            "/api/articles/article-1/comments",
            "/api/profiles/bob",
            "/api/tags",
        ] {
            assert_cost(reader, &format!("GET {path}"), None, 200, 1).await;
        }
        assert_cost(reader, "GET /api/articles/unknown", None, 404, 1).await;
        assert_cost(reader, "GET /api/profiles/unknown", None, 404, 1).await;
    }
    for path in ["/api/user", "/api/articles/feed", "/api/articles/feed?limit=100"] {
        assert_cost(&amy, &format!("GET {path}"), None, 200, 1).await;
        assert_cost(&anonymous, &format!("GET {path}"), None, 401, 0).await;
    }
}

#[rstest]
#[case(Sqlite, 2)]
#[case(Postgres, 1)]
#[actix_web::test]
async fn feed_of_many_authors_costs_sqlite_a_second_statement(#[case] engine: Engine, #[case] of_many: usize) {
    let _guard = SERIAL.lock().await;
    let app = start(engine).await;
    let amy = app.user("amy").await;
    for number in 1..=11 {
        let author = app.user(&format!("author{number}")).await;
        author.publish(&format!("Article {number}")).await;
        amy.follow(&format!("author{number}")).await;
    }
    for (page, budget) in [("limit=90", 1), ("limit=100", of_many), ("limit=1&offset=89", 1), ("offset=1000", 1)] {
        assert_cost(&amy, &format!("GET /api/articles/feed?{page}"), None, 200, budget).await;
    }
}

#[rstest]
#[case(Sqlite, 2)]
#[case(Postgres, 1)]
#[actix_web::test]
async fn response_of_many_rows_costs_sqlite_a_second_statement(#[case] engine: Engine, #[case] of_many: usize) {
    let _guard = SERIAL.lock().await;
    let app = start(engine).await;
    let amy = app.user("amy").await;
    let comments = format!("GET /api/articles/{}/comments", amy.publish("Dragons").await);
    amy.comment("dragons", "Nice").await;
    for (count, budget) in [(1000, 1), (1001, of_many)] {
        let more = format!(
            "with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < 1000)
            insert into comments (author_id, created_at, body, article_id)
            select author_id, created_at, body, article_id
            from (select * from comments limit 1) first cross join numbers
            limit {count} - (select count(*) from comments)"
        );
        app.database.execute(&more).await;
        assert_cost(&amy, &comments, None, 200, budget).await;
    }
}

#[rstest]
#[actix_web::test]
async fn log_in_costs_a_second_statement_only_to_upgrade_a_hash(#[values(Sqlite, Postgres)] engine: Engine) {
    let _guard = SERIAL.lock().await;
    let app = start(engine).await;
    let amy = app.user("amy").await;
    let stronger = app.another_instance(&[("ARGON2_ITERATIONS", "2")]).await;
    let log_in = || Some(json!({"user": {"email": "amy@example.com", "password": "amy's password"}}));
    for (client, budget) in [(&amy, 1), (&stronger.anonymous(), 2), (&stronger.anonymous(), 1), (&amy, 1)] {
        assert_cost(client, "POST /api/users/login", log_in(), 200, budget).await;
    }
}

#[rstest]
#[actix_web::test]
async fn write_costs_its_budget(#[values(Sqlite, Postgres)] engine: Engine) {
    let _guard = SERIAL.lock().await;
    let app = start(engine).await;
    let (amy, bob, anonymous) = (app.user("amy").await, app.user("bob").await, app.anonymous());
    let slug = bob.publish("Dragons").await;
    let comment = amy.comment(&slug, "Nice").await;

    let user = |name: &str, email: &str| Some(registration(json!({"username": name, "email": email})));
    let article = |title: &str| Some(new_article(json!({"title": title, "tagList": ["t"]})));
    let body = || Some(json!({"comment": {"body": "b"}}));

    for (client, endpoint, body, status, budget) in [
        (&anonymous, "POST /api/users", user("cleo", "cleo@example.com"), 201, 1),
        (&anonymous, "POST /api/users", user("cleo", "cleo@example.com"), 409, 2),
        (&anonymous, "POST /api/users", Some(json!({})), 422, 0),
        (&anonymous, "POST /api/users/login", user("", "cleo@example.com"), 200, 1),
        (&anonymous, "POST /api/users/login", user("", "unknown@example.com"), 401, 1),
        (&amy, "PUT /api/user", Some(json!({"user": {"bio": "b", "password": "password"}})), 200, 2),
        (&amy, "PUT /api/user", Some(json!({"user": {"username": "bob"}})), 422, 3),
        (&amy, "POST /api/profiles/bob/follow", None, 200, 2),
        (&amy, "POST /api/profiles/amy/follow", None, 422, 1),
        (&amy, "DELETE /api/profiles/bob/follow", None, 200, 2),
        (&amy, "POST /api/profiles/unknown/follow", None, 404, 1),
        (&amy, "POST /api/articles/dragons/favorite", None, 200, 2),
        (&amy, "DELETE /api/articles/dragons/favorite", None, 200, 2),
        (&amy, "POST /api/articles/unknown/favorite", None, 404, 2),
        (&amy, "POST /api/articles/dragons/comments", body(), 201, 2),
        (&amy, "POST /api/articles/unknown/comments", body(), 404, 2),
        (&bob, &format!("DELETE /api/articles/dragons/comments/{comment}"), None, 403, 1),
        (&amy, &format!("DELETE /api/articles/dragons/comments/{comment}"), None, 204, 2),
        (&amy, "DELETE /api/articles/dragons/comments/none", None, 404, 1),
        (&bob, "POST /api/articles", article("Tea"), 201, 2),
        (&bob, "POST /api/articles", article("Tea"), 201, 3),
        (&bob, "PUT /api/articles/dragons", Some(json!({"article": {"body": "b"}})), 200, 4),
        (&amy, "PUT /api/articles/dragons", Some(json!({"article": {"body": "b"}})), 403, 2),
        (&bob, "PUT /api/articles/dragons", article("Wyverns"), 200, 4),
        (&amy, "DELETE /api/articles/wyverns", None, 403, 1),
        (&bob, "DELETE /api/articles/wyverns", None, 204, 2),
        (&bob, "DELETE /api/articles/unknown", None, 404, 1),
        (&anonymous, "DELETE /api/articles/unknown", None, 401, 0),
    ] {
        assert_cost(client, endpoint, body, status, budget).await;
    }
}

#[rstest]
#[actix_web::test]
async fn idempotency_key_costs_three_more_statements(#[values(Sqlite, Postgres)] engine: Engine) {
    let _guard = SERIAL.lock().await;
    let app = start(engine).await;
    let amy = app.user("amy").await;
    let article = new_article(json!({"title": "Tea"})).to_string();
    for (path, body, [first, replay]) in [
        ("/api/articles", article.as_str(), [5, 2]),
        ("/api/articles/tea/comments", r#"{"comment": {"body": "b"}}"#, [5, 2]),
        ("/api/articles/tea/favorite", "", [5, 1]),
    ] {
        for budget in [first, replay] {
            let request = amy.request(Method::POST, path).header("Idempotency-Key", format!("\"{path}\""));
            statements().clear();
            let response = Response::fetch(request.body(body.to_owned())).await;
            assert!(response.status.is_success(), "{path}: {}", response.text());
            assert_statements(path, budget);
        }
    }
}
