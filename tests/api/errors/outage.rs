//! When the database is away, or not as it should be.

use rstest::rstest;
use serde_json::json;

use crate::{
    data::{draft, registration},
    support::{Database, Engine, Engine::*, TestApp},
};

/// An application whose database is gone before anybody asks for anything.
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
async fn while_the_database_is_away_clients_are_asked_to_come_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let token = app.user("amy").await.token.expect("a token");
    let app = without_database(engine).await;
    let amy = app.anon().with_token(&token);
    for reply in [
        amy.get("/api/user").await,
        amy.get("/api/articles").await,
        amy.get("/api/articles/feed").await,
        amy.post("/api/articles", draft(json!({}))).await,
        amy.delete("/api/articles/dragons").await,
        amy.get("/api/tags").await,
        app.anon().get("/api/profiles/amy").await,
        app.anon().post("/api/users", registration(json!({}))).await,
        app.anon().get("/readyz").await,
    ] {
        let reply = reply.has_text(503, r#"{"errors":{"service":["is unavailable"]}}"#);
        assert!(reply.header("Retry-After").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{}", reply.asked);
    }
    app.anon().get("/livez").await.status(200);
}

/// ASVS 5.0 V16.5.1: a message without anything of the inside.
#[rstest]
#[actix_web::test]
async fn a_defect_tells_nothing_about_the_inside(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let slug = amy.publishes("Dragons").await;
    app.database.execute("drop table comments").await;

    let reply = app.anon().get(&format!("/api/articles/{slug}/comments")).await.has_shape(500);

    for inside in ["comments", "table", "sql", "relation", "diesel", "src/"] {
        assert!(!reply.text().to_lowercase().contains(inside), "{}", reply.text());
    }
    amy.get("/api/user").await.status(200);
}
