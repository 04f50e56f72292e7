//! `conduit backup`, PostgreSQL's dumps, and instances that run on either.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use futures_util::future::join;
use reqwest::Method;
use tokio::process::Command;

use crate::process::{Program, Server};
use crate::support::{Client, Database, Engine};

fn on_url(url: &str) -> Program {
    Program::new().with("DATABASE_URL", url).with_jwt_secret()
}

fn on_file(file: &Path) -> Program {
    on_url(&format!("sqlite://{}", file.display()))
}

/// Adds records of every kind, and returns amy's client.
async fn fill(server: &Server<'_>) -> Client {
    let (amy, bob) = (server.anonymous().register("amy").await, server.anonymous().register("bob").await);
    for number in 0..25 {
        bob.publish_tagged(&format!("Dragons {number}"), &["fire", "ünï"]).await;
        amy.publish(&format!("Wyverns {number}")).await;
    }
    for slug in ["dragons-1", "dragons-7", "wyverns-3"] {
        amy.favorite(slug).await;
        for comment in ["Nice", "日本\n\u{1f984}"] {
            amy.comment(slug, comment).await;
        }
    }
    let deleted = bob.comment("dragons-1", "Deleted").await;
    bob.delete(&format!("/api/articles/dragons-1/comments/{deleted}")).await.assert_status(204);
    bob.delete("/api/articles/dragons-24").await.assert_status(204);
    amy.follow("bob").await;
    amy.put("/api/user", serde_json::json!({"user": {"bio": "I", "image": "https://example.com/a.png"}})).await;
    amy
}

/// Fetches every kind of resource, without and with this token.
async fn responses(server: &Server<'_>, token: &str) -> Vec<(String, u16, String)> {
    let mut paths: Vec<String> = [
        "/api/user",
        "/api/tags",
        "/api/profiles/amy",
        "/api/profiles/bob",
        "/api/profiles/unknown",
        "/api/articles/feed",
        "/api/articles/feed?limit=100",
        "/api/articles?limit=100",
        "/api/articles?offset=40",
        "/api/articles?tag=fire",
        "/api/articles?author=amy&limit=3",
        "/api/articles?favorited=amy",
        "/api/articles/dragons-24",
    ]
    .map(String::from)
    .into();
    let list = server.anonymous().get("/api/articles?limit=100").await.assert_status(200);
    for article in list.list_at("/articles") {
        let path = format!("/api/articles/{}", article["slug"].as_str().expect("a slug"));
        paths.extend([format!("{path}/comments"), path]);
    }
    let mut responses = Vec::new();
    for path in paths {
        for reader in [server.anonymous(), server.anonymous().with_token(token)] {
            let response = reader.send(Method::GET, &path, None).await;
            responses.push((path.clone(), response.status.as_u16(), response.text()));
        }
    }
    assert!(responses.len() > 100);
    responses
}

#[actix_web::test]
async fn instance_on_a_backup_returns_the_same_responses() {
    let database = Database::create(Engine::Sqlite).await;
    let program = on_url(&database.url());
    let server = program.serve().await;
    let token = fill(&server).await.token.expect("a token");
    let copy = program.path("copy.db");
    let output = program.run(&["backup", "copy.db"]).await.assert_success();
    assert_eq!(output, "wrote copy.db\n");

    let restored = on_file(&copy);
    let fresh = restored.serve().await;
    assert_eq!(responses(&fresh, &token).await, responses(&server, &token).await);
    restored.run(&["doctor"]).await.assert_success();
    // Later writes go to the backup alone.
    let amy = fresh.anonymous().with_token(&token);
    amy.publish("Unicorns").await;
    server.anonymous().get("/api/articles/unicorns").await.assert_status(404);
}

/// ASVS 5.0 V14.2.4: a file with password hashes is readable by its owner only.
#[actix_web::test]
async fn backup_overwrites_no_file_and_is_readable_by_its_owner_only() {
    let database = Database::create(Engine::Sqlite).await;
    let program = on_url(&database.url()).with_file("taken.db", "precious").with_file("new.db.partial", "begun");
    let line = program.run(&["backup", "taken.db"]).await.assert_failure();
    assert!(line.ends_with("cannot copy it: taken.db is there already"), "{line}");
    assert_eq!(std::fs::read_to_string(program.path("taken.db")).unwrap(), "precious");
    let line = program.run(&["backup", "new.db"]).await.assert_failure();
    assert!(line.ends_with("cannot copy it: new.db.partial is there already"), "{line}");

    std::fs::remove_file(program.path("new.db.partial")).unwrap();
    program.run(&["backup", "new.db"]).await.assert_success();
    assert_eq!(std::fs::metadata(program.path("new.db")).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!program.path("new.db.partial").exists());
    let line = program.run(&["backup", "nowhere/new.db"]).await.assert_failure();
    assert!(line.contains("nowhere/new.db.partial: No such file or directory"), "{line}");
}

/// SQLite treats some names as URIs.
#[actix_web::test]
async fn backup_has_exactly_the_given_name() {
    let database = Database::create(Engine::Sqlite).await;
    let program = on_url(&database.url());
    program.run(&["backup", "file:copy.db?mode=memory"]).await.assert_success();
    let copy = program.path("file:copy.db?mode=memory");
    assert!(std::fs::metadata(&copy).unwrap().len() > 0);
    let files = std::fs::read_dir(copy.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(files.filter(|name| name.to_string_lossy().contains("copy.db")).count(), 1);
}

#[actix_web::test]
async fn missing_database_is_not_backed_up() {
    let program = on_url("sqlite://missing.db");
    let line = program.run(&["backup", "copy.db"]).await.assert_failure();
    assert!(line.ends_with("cannot copy it: there is no such file"), "{line}");
    assert!(!program.path("missing.db").exists() && !program.path("copy.db").exists());
}

#[actix_web::test]
async fn backup_of_postgresql_refers_to_pg_dump() {
    let line = on_url("postgres://me@localhost/conduit").run(&["backup", "copy.db"]).await.assert_failure();
    assert!(line.contains("use pg_dump --format=custom"), "{line}");
}

#[actix_web::test]
async fn backup_during_writes_is_consistent() {
    let database = Database::create(Engine::Sqlite).await;
    let program = on_url(&database.url());
    let server = program.serve().await;
    let amy = server.anonymous().register("amy").await;
    let are_backups_done = AtomicBool::new(false);
    let write = async {
        let mut number = 0;
        while !are_backups_done.load(Relaxed) {
            let slug = amy.publish_tagged(&format!("Article {number}"), &["fire"]).await;
            amy.favorite(&slug).await;
            number += 1;
        }
        number
    };
    let back_up = async {
        let mut backups = Vec::new();
        for number in 0..5 {
            let before = server.anonymous().get("/api/articles?limit=1").await.at("/articlesCount").as_u64().unwrap();
            let name = format!("{number}.db");
            program.run(&["backup", &name]).await.assert_success();
            backups.push((before, name));
        }
        are_backups_done.store(true, Relaxed);
        backups
    };
    let (written, backups) = join(write, back_up).await;
    for (before, name) in backups {
        let restored = on_file(&program.path(&name));
        restored.run(&["doctor"]).await.assert_success();
        let fresh = restored.serve().await;
        let count = fresh.anonymous().get("/api/articles?limit=1").await.at("/articlesCount").as_u64().unwrap();
        assert!((before..=written).contains(&count), "{name}: {before} <= {count} <= {written}");
    }
    assert!(written > 5, "there were writes during the backups");
}

/// Runs a PostgreSQL client: that of the test server, or else the system's.
async fn run_client(name: &str, arguments: &[&str]) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/postgres");
    let folder = Command::new(script).arg("--bin").output().await.expect("scripts/postgres runs").stdout;
    let path = PathBuf::from(String::from_utf8(folder).expect("a path").trim()).join(name);
    let program = if path.exists() { path } else { name.into() };
    let output = Command::new(&program).args(arguments).output().await;
    let output = output.unwrap_or_else(|error| panic!("{}: {error}; install PostgreSQL's clients", program.display()));
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
}

#[actix_web::test]
async fn instance_on_a_postgresql_dump_returns_the_same_responses() {
    let (database, empty) =
        (Database::create(Engine::Postgres).await, Database::create_unmigrated(Engine::Postgres).await);
    let program = on_url(&database.url());
    let server = program.serve().await;
    let token = fill(&server).await.token.expect("a token");
    let dump = program.path("conduit.dump").display().to_string();
    run_client("pg_dump", &["--format=custom", "--no-owner", "--file", &dump, &database.url()]).await;
    run_client("pg_restore", &["--no-owner", "--exit-on-error", "--dbname", &empty.url(), &dump]).await;

    let restored = on_url(&empty.url());
    let fresh = restored.serve().await;
    assert_eq!(responses(&fresh, &token).await, responses(&server, &token).await);
    restored.run(&["doctor"]).await.assert_success();
    fresh.anonymous().with_token(&token).publish("Unicorns").await;
}
