//! `conduit migrate`.

use futures_util::future::join_all;
use rstest::rstest;

use crate::exit::Exit;
use crate::process::Program;
use crate::support::Engine::*;
use crate::support::{Database, Engine};

/// Counts the lines that start with `prefix`.
fn count(output: &str, prefix: &str) -> usize {
    output.lines().filter(|line| line.starts_with(prefix)).count()
}

#[rstest]
#[actix_web::test]
async fn migrations_are_applied_and_reverted(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let program = Program::on(&database);
    let all = engine.migrations();
    let (none, but_one) = (format!("0 applied, {all} pending"), format!("{} applied, 1 pending", all - 1));
    let (whole, every) = (format!("{all} applied, 0 pending"), all.to_string());
    for (arguments, lines, last) in [
        (&["migrate", "--status"][..], ("pending ", all), &none),
        (&["migrate"], ("applied ", all), &whole),
        (&["migrate"], ("applied ", 0), &whole),
        (&["migrate", "--status"], ("applied ", all), &whole),
        (&["migrate", "--revert", "1"], ("reverted ", 1), &but_one),
        (&["migrate"], ("applied ", 1), &whole),
        (&["migrate", "--revert", &every], ("reverted ", all), &none),
        (&["migrate"], ("applied ", all), &whole),
    ] {
        let output = program.run(arguments).await.assert_success();
        assert_eq!(
            (count(&output, lines.0), output.lines().count()),
            (lines.1, lines.1 + 1),
            "{arguments:?}: {output}"
        );
        assert_eq!(output.lines().last(), Some(last.as_str()), "{arguments:?}");
    }
}

#[rstest]
#[actix_web::test]
async fn revert_of_more_migrations_than_are_applied_is_rejected(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let all = engine.migrations();
    let program = Program::on(&database);
    let line = program.run(&["migrate", "--revert", &(all + 1).to_string()]).await.assert_failure();
    assert_eq!(line, format!("--revert is {}: only {all} migrations are applied", all + 1));
    assert_all_applied(&program, all).await;
}

#[rstest]
#[actix_web::test]
async fn production_reverts_only_if_forced(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let all = engine.migrations();
    let program = Program::on(&database).with_prod_profile();
    let applied = program.run(&["migrate", "--status"]).await.assert_success();
    let (_, newest) = applied.lines().nth(all - 1).and_then(|line| line.split_once(' ')).expect("a migration");
    let line = program.run(&["migrate", "--revert", "1"]).await.assert_failure();
    assert_eq!(
        line,
        format!(
            "CONDUIT_PROFILE is prod: conduit migrate --revert drops the tables and columns of {newest} with all that is \
             in them; --force permits it"
        )
    );
    assert_all_applied(&program, all).await;
    let reverted = program.run(&["migrate", "--revert", "1", "--force"]).await.assert_success();
    assert_eq!(reverted, format!("reverted {newest}\n{} applied, 1 pending\n", all - 1));
}

async fn assert_all_applied(program: &Program, all: usize) {
    let status = program.run(&["migrate", "--status"]).await.assert_success();
    assert!(status.ends_with(&format!("{all} applied, 0 pending\n")), "{status}");
}

#[rstest]
#[actix_web::test]
async fn migration_keeps_its_name(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let program = Program::on(&database);
    let pending = program.run(&["migrate", "--status"]).await.assert_success();
    let applied = program.run(&["migrate"]).await.assert_success();
    let names = |output: &str| -> Vec<String> {
        output.lines().take(engine.migrations()).filter_map(|line| Some(line.split_once(' ')?.1.to_owned())).collect()
    };
    assert_eq!(names(&pending), names(&applied));
}

#[rstest]
#[actix_web::test]
async fn four_concurrent_migrations_apply_each_step_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let program = Program::on(&database);
    let exits = join_all((0..4).map(|_| program.run(&["migrate"]))).await;
    let outputs: Vec<String> = exits.into_iter().map(Exit::assert_success).collect();
    let all = engine.migrations();
    assert_eq!(count(&outputs.concat(), "applied "), all, "{outputs:?}");
    assert_eq!(count(&outputs.concat(), &format!("{all} applied, 0 pending")), 4, "{outputs:?}");
}

#[rstest]
#[actix_web::test]
async fn server_migrates_only_if_configured(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let all = engine.migrations();
    let (none, whole) = (format!("0 applied, {all} pending\n"), format!("{all} applied, 0 pending\n"));
    for (value, status) in [("false", none), ("true", whole)] {
        let program = Program::on(&database).with("MIGRATE_ON_START", value);
        let server = program.serve().await;
        assert!(program.run(&["migrate", "--status"]).await.assert_success().ends_with(&status));
        drop(server);
    }
}
