//! A database that cannot be used: one line that names `DATABASE_URL`, what is wrong, and no password.

use rstest::rstest;

use crate::process::{ClosedPort, Program};

#[rstest]
#[actix_web::test]
async fn a_postgres_that_is_not_there_is_told(#[values("serve", "migrate")] command: &str) {
    let port = ClosedPort::take();
    let url = format!("postgres://me:hunter2@127.0.0.1:{}/conduit", port.number());
    let line = Program::new().with("DATABASE_URL", &url).run(&[command]).await.fails();
    assert!(line.contains("DATABASE_URL") && line.contains("Connection refused"), "{line}");
}

#[rstest]
#[actix_web::test]
async fn a_sqlite_file_in_a_folder_that_does_not_exist_is_told(#[values("serve", "migrate")] command: &str) {
    let line = Program::new().with("DATABASE_URL", "sqlite://nowhere/conduit.db").run(&[command]).await.fails();
    assert!(line.contains("DATABASE_URL") && line.contains("unable to open database file"), "{line}");
}

#[rstest]
#[actix_web::test]
async fn a_file_that_is_no_database_is_told(#[values("serve", "migrate")] command: &str) {
    let program = Program::new().with_file("conduit.db", &"once upon a time ".repeat(100));
    let line = program.run(&[command]).await.fails();
    assert!(line.contains("DATABASE_URL") && line.contains("file is not a database"), "{line}");
}

#[rstest]
#[actix_web::test]
async fn an_sslmode_that_does_not_exist_is_told(#[values("true", "false")] migrates: &str) {
    let program = Program::new()
        .with("DATABASE_URL", "postgres://me:hunter2@127.0.0.1/conduit?sslmode=sometimes")
        .with("MIGRATE_ON_START", migrates);
    let line = program.run(&[]).await.fails();
    assert!(line.contains("DATABASE_URL"), "{line}");
}

#[actix_web::test]
async fn authorities_that_are_none_are_told() {
    let port = ClosedPort::take();
    let url = format!("postgres://me:hunter2@127.0.0.1:{}/conduit?sslmode=verify-full", port.number());
    let program = Program::new().with("DATABASE_URL", &url).with("DATABASE_CA_FILE", "ca.pem");
    let line = program.with_file("ca.pem", "no certificate").run(&[]).await.fails();
    assert!(line.contains("DATABASE_CA_FILE"), "{line}");
}
