//! Start, restart and concurrent start of the server.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};

use crate::process::{Program, Server};
use crate::support::Engine::*;
use crate::support::{Database, Engine};

#[actix_web::test]
async fn server_without_settings_uses_sqlite_in_the_working_directory() {
    let program = Program::new();
    let server = program.serve().await;
    server.anonymous().get("/readyz").await.assert_status(200);
    server.anonymous().get("/api/tags").await.assert(200, json!({"tags": []}));
    assert!(program.path("conduit.db").is_file());
    server.stop().await.assert_success();
}

#[actix_web::test]
async fn server_stops_right_after_it_starts() {
    let program = Program::new();
    for _ in 0..5 {
        program.serve().await.stop().await.assert_success();
    }
}

#[actix_web::test]
async fn welcome_contains_the_address_and_commands_that_work() {
    let program = Program::new();
    let server = program.serve().await;
    server.anonymous().get("/livez").await.assert_status(200);
    let api = format!("{}/api", server.base_url);
    let output = server.stop().await.assert_success();
    assert!(output.contains(&format!("Conduit serves {api}. Try:")), "{output}");
    assert!(output.contains(&format!("  curl {api}/tags\n")), "{output}");

    let (_, registration) = output.split_once(&format!("  curl {api}/users -d '")).expect("a first user");
    let (user, _) = registration.split_once("'\n").expect("the end of the quotes");
    let server = program.serve().await;
    server.anonymous().post("/api/users", serde_json::from_str(user).expect("JSON")).await.assert_status(201);
}

#[actix_web::test]
async fn token_stays_valid_after_a_restart_with_a_generated_key() {
    let program = Program::new();
    let server = program.serve().await;
    let amy = server.anonymous().register("amy").await;
    let token = amy.token.expect("a token");
    server.stop().await.assert_success();

    let server = program.serve().await;
    server.anonymous().with_token(&token).get("/api/user").await.assert_status(200).assert_at("/user/username", "amy");
}

#[actix_web::test]
async fn generated_key_is_readable_by_its_owner_only() {
    let program = Program::new();
    let _server = program.serve().await;
    let key = fs::metadata(program.path(".conduit-jwt-secret")).expect("the key file");
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
}

#[actix_web::test]
async fn sqlite_files_are_readable_by_their_owner_only() {
    let program = Program::new();
    let server = program.serve().await;
    server.anonymous().register("amy").await;
    for name in ["conduit.db", "conduit.db-wal", "conduit.db-shm"] {
        let file = fs::metadata(program.path(name)).expect(name);
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[rstest]
#[actix_web::test]
async fn prod_profile_logs_json_lines_only(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database).with_prod_profile();
    let server = program.serve().await;
    let api = format!("{}/api", server.base_url);
    server.anonymous().register("amy").await;

    let output = server.stop().await.assert_success();
    let lines: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(lines.iter().any(|line| line["message"] == "listening" && line["api"] == api), "{output}");
    assert!(lines.iter().any(|line| line["path"] == "/api/users" && line["status"] == 201), "{output}");
}

#[rstest]
#[actix_web::test]
async fn four_servers_start_concurrently_on_an_empty_database(#[values(Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let program = Program::on(&database);
    let servers: Vec<Server> = join_all((0..4).map(|_| program.serve())).await;
    // They share the key that one of them generated.
    let amy = servers[0].anonymous().register("amy").await;
    for server in servers {
        server.anonymous().get("/readyz").await.assert_status(200);
        server.anonymous().with_token(amy.token.as_deref().expect("a token")).get("/api/user").await.assert_status(200);
        server.stop().await.assert_success();
    }
}
