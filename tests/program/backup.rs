//! Copies of the database, and what a fresh instance on them answers.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use futures_util::future::join;
use reqwest::Method;
use tokio::process::Command;

use crate::{
    process::{Program, Server},
    support::{Client, Database, Engine},
};

const KEY: &str = "0123456789abcdef0123456789abcdef-backup";

fn on(url: &str) -> Program {
    Program::new().with("DATABASE_URL", url).with("JWT_SECRET", KEY)
}

fn on_file(file: &Path) -> Program {
    on(&format!("sqlite://{}", file.display()))
}

/// Something of every kind, with amy as its reader.
async fn fill(server: &Server<'_>) -> Client {
    let (amy, bob) = (server.anon().register("amy").await, server.anon().register("bob").await);
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
    let gone = bob.comment("dragons-1", "Gone").await;
    bob.delete(&format!("/api/articles/dragons-1/comments/{gone}")).await.assert_status(204);
    bob.delete("/api/articles/dragons-24").await.assert_status(204);
    amy.follow("bob").await;
    amy.put("/api/user", serde_json::json!({"user": {"bio": "I", "image": "https://example.com/a.png"}})).await;
    amy
}

/// All that can be read from an instance, by anybody and by this token's user.
async fn answers(server: &Server<'_>, token: &str) -> Vec<(String, u16, String)> {
    let mut paths: Vec<String> = [
        "/api/user",
        "/api/tags",
        "/api/profiles/amy",
        "/api/profiles/bob",
        "/api/profiles/nobody",
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
    let list = server.anon().get("/api/articles?limit=100").await.assert_status(200).at("/articles");
    for article in list.as_array().expect("a list") {
        let path = format!("/api/articles/{}", article["slug"].as_str().expect("a slug"));
        paths.extend([format!("{path}/comments"), path]);
    }
    let mut answers = Vec::new();
    for path in paths {
        for reader in [server.anon(), server.anon().with_token(token)] {
            let reply = reader.send(Method::GET, &path, None).await;
            answers.push((path.clone(), reply.status.as_u16(), reply.text()));
        }
    }
    assert!(answers.len() > 100);
    answers
}

#[actix_web::test]
async fn an_instance_on_a_copy_answers_like_the_first() {
    let database = Database::create(Engine::Sqlite).await;
    let program = on(&database.url());
    let server = program.serve().await;
    let token = fill(&server).await.token.expect("a token");
    let copy = program.path("copy.db");
    let said = program.run(&["backup", "copy.db"]).await.succeeds();
    assert_eq!(said, "wrote copy.db\n");

    let restored = on_file(&copy);
    let fresh = restored.serve().await;
    assert_eq!(answers(&fresh, &token).await, answers(&server, &token).await);
    restored.run(&["doctor"]).await.succeeds();
    // It goes on from there.
    let amy = fresh.anon().with_token(&token);
    amy.publish("Unicorns").await;
    server.anon().get("/api/articles/unicorns").await.assert_status(404);
}

/// ASVS 5.0 V14.2.4: what holds hashes of passwords is read by nobody else.
#[actix_web::test]
async fn a_copy_takes_the_place_of_nothing_and_is_its_owner_s_alone() {
    let database = Database::create(Engine::Sqlite).await;
    let program = on(&database.url()).with_file("taken.db", "precious").with_file("new.db.partial", "begun");
    let line = program.run(&["backup", "taken.db"]).await.fails();
    assert!(line.ends_with("cannot copy it: taken.db is there already"), "{line}");
    assert_eq!(std::fs::read_to_string(program.path("taken.db")).unwrap(), "precious");
    let line = program.run(&["backup", "new.db"]).await.fails();
    assert!(line.ends_with("cannot copy it: new.db.partial is there already"), "{line}");

    std::fs::remove_file(program.path("new.db.partial")).unwrap();
    program.run(&["backup", "new.db"]).await.succeeds();
    assert_eq!(std::fs::metadata(program.path("new.db")).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!program.path("new.db.partial").exists());
    let line = program.run(&["backup", "nowhere/new.db"]).await.fails();
    assert!(line.contains("nowhere/new.db.partial: No such file or directory"), "{line}");
}

/// SQLite takes some names for URIs.
#[actix_web::test]
async fn a_copy_is_called_what_it_was_to_be_called() {
    let database = Database::create(Engine::Sqlite).await;
    let program = on(&database.url());
    program.run(&["backup", "file:copy.db?mode=memory"]).await.succeeds();
    let copy = program.path("file:copy.db?mode=memory");
    assert!(std::fs::metadata(&copy).unwrap().len() > 0);
    let there = std::fs::read_dir(copy.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(there.filter(|name| name.to_string_lossy().contains("copy.db")).count() == 1, "nothing lies beside it");
}

#[actix_web::test]
async fn what_is_not_there_is_not_copied() {
    let program = on("sqlite://missing.db");
    let line = program.run(&["backup", "copy.db"]).await.fails();
    assert!(line.ends_with("cannot copy it: there is no such file"), "{line}");
    assert!(!program.path("missing.db").exists() && !program.path("copy.db").exists());
}

#[actix_web::test]
async fn postgresql_has_a_program_of_its_own_for_it() {
    let line = on("postgres://somebody@localhost/conduit").run(&["backup", "copy.db"]).await.fails();
    assert!(line.contains("use pg_dump --format=custom"), "{line}");
}

#[actix_web::test]
async fn a_copy_is_the_database_at_one_moment_whoever_writes_meanwhile() {
    let database = Database::create(Engine::Sqlite).await;
    let program = on(&database.url());
    let server = program.serve().await;
    let amy = server.anon().register("amy").await;
    let is_over = AtomicBool::new(false);
    let write = async {
        let mut number = 0;
        while !is_over.load(Relaxed) {
            let slug = amy.publish_tagged(&format!("Article {number}"), &["fire"]).await;
            amy.favorite(&slug).await;
            number += 1;
        }
        number
    };
    let copy = async {
        let mut counts = Vec::new();
        for number in 0..5 {
            let before = server.anon().get("/api/articles?limit=1").await.at("/articlesCount").as_u64().unwrap();
            let name = format!("{number}.db");
            program.run(&["backup", &name]).await.succeeds();
            counts.push((before, name));
        }
        is_over.store(true, Relaxed);
        counts
    };
    let (written, copies) = join(write, copy).await;
    for (before, name) in copies {
        let restored = on_file(&program.path(&name));
        restored.run(&["doctor"]).await.succeeds();
        let fresh = restored.serve().await;
        let count = fresh.anon().get("/api/articles?limit=1").await.at("/articlesCount").as_u64().unwrap();
        assert!((before..=written).contains(&count), "{name}: {before} <= {count} <= {written}");
    }
    assert!(written > 5, "somebody wrote meanwhile");
}

/// A program of PostgreSQL beside the server's, or the system's.
async fn run(name: &str, arguments: &[&str]) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/postgres");
    let folder = Command::new(script).arg("--bin").output().await.expect("scripts/postgres can be run").stdout;
    let beside = PathBuf::from(String::from_utf8(folder).expect("a path").trim()).join(name);
    let program = if beside.exists() { beside } else { name.into() };
    let output = Command::new(&program).args(arguments).output().await;
    let output = output.unwrap_or_else(|error| panic!("{}: {error}; install PostgreSQL's clients", program.display()));
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
}

#[actix_web::test]
async fn an_instance_on_a_dump_of_postgresql_answers_like_the_first() {
    let (database, empty) =
        (Database::create(Engine::Postgres).await, Database::create_unmigrated(Engine::Postgres).await);
    let program = on(&database.url());
    let server = program.serve().await;
    let token = fill(&server).await.token.expect("a token");
    let dump = program.path("conduit.dump").display().to_string();
    run("pg_dump", &["--format=custom", "--no-owner", "--file", &dump, &database.url()]).await;
    run("pg_restore", &["--no-owner", "--exit-on-error", "--dbname", &empty.url(), &dump]).await;

    let restored = on(&empty.url());
    let fresh = restored.serve().await;
    assert_eq!(answers(&fresh, &token).await, answers(&server, &token).await);
    restored.run(&["doctor"]).await.succeeds();
    fresh.anon().with_token(&token).publish("Unicorns").await;
}
