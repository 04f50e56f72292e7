//! Responses without a database, and with a broken one.

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::{new_article, registration};
use crate::support::{Database, Engine, TestApp};

/// Starts an instance and deletes its database before the first request.
async fn without_database(engine: Engine) -> TestApp {
    let app = TestApp::start(engine).await;
    match &*app.database {
        Database::Sqlite(folder) => std::fs::remove_dir_all(folder.path()).expect("the folder can be removed"),
        Database::Postgres(name) => {
            let another = Database::create(engine).await;
            another.execute(&format!("drop database {name} with (force)")).await;
        }
    }
    app
}

#[rstest]
#[actix_web::test]
async fn unreachable_database_is_a_503_with_retry_after(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let app = without_database(engine).await;
    let amy = app.client_of(&amy);
    for response in [
        amy.get("/api/user").await,
        amy.get("/api/articles").await,
        amy.get("/api/articles/feed").await,
        amy.post("/api/articles", new_article(json!({}))).await,
        amy.delete("/api/articles/dragons").await,
        amy.get("/api/tags").await,
        app.anonymous().get("/api/profiles/amy").await,
        app.anonymous().post("/api/users", registration(json!({}))).await,
        app.anonymous().get("/readyz").await,
    ] {
        let response = response.assert_text(503, r#"{"errors":{"service":["is unavailable"]}}"#);
        assert!(response.header("Retry-After").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{}", response.request);
    }
    app.anonymous().get("/livez").await.assert_status(200);
}

/// ASVS 5.0 V16.5.1: an error message has no internal details.
#[rstest]
#[actix_web::test]
async fn internal_error_reveals_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let slug = amy.publish("Dragons").await;
    app.database.execute("drop table comments").await;

    let response = app.anonymous().get(&format!("/api/articles/{slug}/comments")).await.assert_error_shape(500);

    for internal in ["comments", "table", "sql", "relation", "diesel", "src/"] {
        assert!(!response.text().to_lowercase().contains(internal), "{}", response.text());
    }
    amy.get("/api/user").await.assert_status(200);
}
