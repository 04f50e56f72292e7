//! The server's life: it starts with nothing but itself, is told to stop, and starts again; several start at once.

use std::{fs, os::unix::fs::PermissionsExt};

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    process::{Program, Server},
    support::{Database, Engine, Engine::*},
};

#[actix_web::test]
async fn without_settings_it_serves_sqlite_in_the_working_directory() {
    let program = Program::new();
    let server = program.serve().await;
    server.anon().get("/readyz").await.assert_status(200);
    server.anon().get("/api/tags").await.assert(200, json!({"tags": []}));
    assert!(program.path("conduit.db").is_file());
    server.stop().await.succeeds();
}

#[actix_web::test]
async fn as_soon_as_it_says_that_it_listens_it_can_be_stopped() {
    let program = Program::new();
    for _ in 0..5 {
        program.serve().await.stop().await.succeeds();
    }
}

#[actix_web::test]
async fn a_newcomer_is_told_where_it_listens_and_what_to_try_first() {
    let program = Program::new();
    let server = program.serve().await;
    server.anon().get("/livez").await.assert_status(200);
    let api = format!("{}/api", server.base);
    let said = server.stop().await.succeeds();
    assert!(said.contains(&format!("Conduit serves {api}. Try:")), "{said}");
    assert!(said.contains(&format!("  curl {api}/tags\n")), "{said}");

    // What is to be tried does work.
    let (_, registration) = said.split_once(&format!("  curl {api}/users -d '")).expect("a first user");
    let (user, _) = registration.split_once("'\n").expect("the end of the quotes");
    let server = program.serve().await;
    server.anon().post("/api/users", serde_json::from_str(user).expect("JSON")).await.assert_status(201);
}

#[actix_web::test]
async fn a_token_outlives_a_restart_though_nobody_chose_a_key() {
    let program = Program::new();
    let server = program.serve().await;
    let amy = server.anon().register("amy").await;
    let token = amy.token.expect("a token");
    server.stop().await.succeeds();

    let server = program.serve().await;
    server.anon().with_token(&token).get("/api/user").await.assert_status(200).assert_at("/user/username", "amy");
}

#[actix_web::test]
async fn nobody_else_may_read_the_key_that_development_keeps() {
    let program = Program::new();
    let _server = program.serve().await;
    let key = fs::metadata(program.path(".conduit-jwt-secret")).expect("the file of the key");
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
}

#[rstest]
#[actix_web::test]
async fn prod_keeps_to_lines_of_json(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program =
        Program::on(&database).with("CONDUIT_PROFILE", "prod").with("JWT_SECRET", &"0123456789abcdef".repeat(4));
    let server = program.serve().await;
    let api = format!("{}/api", server.base);
    server.anon().register("amy").await;

    let said = server.stop().await.succeeds();
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(lines.iter().any(|line| line["message"] == "listening" && line["api"] == api), "{said}");
    assert!(lines.iter().any(|line| line["path"] == "/api/users" && line["status"] == 201), "{said}");
}

#[rstest]
#[actix_web::test]
async fn four_start_at_once_on_one_empty_database(#[values(Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let program = Program::on(&database);
    let servers: Vec<Server> = join_all((0..4).map(|_| program.serve())).await;
    // They share the key too, which the first of them made.
    let amy = servers[0].anon().register("amy").await;
    for server in servers {
        server.anon().get("/readyz").await.assert_status(200);
        server.anon().with_token(amy.token.as_deref().expect("a token")).get("/api/user").await.assert_status(200);
        server.stop().await.succeeds();
    }
}
