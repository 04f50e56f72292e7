//! Unusable databases: one line names `DATABASE_URL` and the reason, without the password.

use rstest::rstest;

use crate::process::{ClosedPort, Program};

#[rstest]
#[actix_web::test]
async fn unreachable_postgres_is_reported(#[values("serve", "migrate")] command: &str) {
    let port = ClosedPort::reserve();
    let url = format!("postgres://me:hunter2@127.0.0.1:{}/conduit", port.number());
    let line = Program::new().with("DATABASE_URL", &url).run(&[command]).await.assert_failure();
    assert!(line.contains("DATABASE_URL") && line.contains("Connection refused"), "{line}");
}

#[rstest]
#[actix_web::test]
async fn sqlite_file_in_a_missing_folder_is_reported(#[values("serve", "migrate")] command: &str) {
    let line =
        Program::new().with("DATABASE_URL", "sqlite://nowhere/conduit.db").run(&[command]).await.assert_failure();
    assert!(line.contains("DATABASE_URL") && line.contains("unable to open database file"), "{line}");
}

#[rstest]
#[actix_web::test]
async fn file_that_is_not_a_database_is_reported(#[values("serve", "migrate")] command: &str) {
    let program = Program::new().with_file("conduit.db", &"once upon a time ".repeat(100));
    let line = program.run(&[command]).await.assert_failure();
    assert!(line.contains("DATABASE_URL") && line.contains("file is not a database"), "{line}");
}

#[rstest]
#[actix_web::test]
async fn unknown_sslmode_is_reported(#[values("true", "false")] migrates: &str) {
    let program = Program::new()
        .with("DATABASE_URL", "postgres://me:hunter2@127.0.0.1/conduit?sslmode=sometimes")
        .with("MIGRATE_ON_START", migrates);
    let line = program.run(&[]).await.assert_failure();
    assert!(line.contains("DATABASE_URL"), "{line}");
}

#[actix_web::test]
async fn invalid_ca_file_is_reported() {
    let port = ClosedPort::reserve();
    let url = format!("postgres://me:hunter2@127.0.0.1:{}/conduit?sslmode=verify-full", port.number());
    let program = Program::new().with("DATABASE_URL", &url).with("DATABASE_CA_FILE", "ca.pem");
    let line = program.with_file("ca.pem", "no certificate").run(&[]).await.assert_failure();
    assert!(line.contains("DATABASE_CA_FILE"), "{line}");
}
