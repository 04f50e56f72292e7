//! The schema's history: forwards, backwards and by several at once, on both engines.

mod support;

use conduit::adapters::persistence::maintenance::migrate::{Report, Step, migrate};
use futures_util::future::join_all;
use rstest::rstest;
use support::{
    Database,
    Engine::{self, *},
};

/// Everything in SQLite's catalogue but its own tables and diesel's.
const SQLITE_SCHEMA: &str = "
    select type || ' ' || name || coalesce(': ' || sql, '') from sqlite_master
    where name not like 'sqlite%' and name not like '%diesel%'
    order by 1";

/// Everything in PostgreSQL's catalogue but diesel's table.
const POSTGRES_SCHEMA: &str = "
    select line from (
        select concat_ws(' ', 'column', table_name, ordinal_position, column_name, data_type, collation_name,
            is_nullable, column_default, identity_generation) as line, table_name as name
        from information_schema.columns where table_schema = 'public'
        union all select 'index ' || indexdef, tablename from pg_indexes where schemaname = 'public'
        union all select concat_ws(' ', 'constraint', cast(conrelid as regclass), conname, pg_get_constraintdef(oid)),
            cast(cast(conrelid as regclass) as text)
        from pg_constraint where connamespace = cast('public' as regnamespace)
        union all select 'trigger ' || pg_get_triggerdef(oid), tgname from pg_trigger where not tgisinternal
        union all select 'function ' || pg_get_functiondef(oid), proname
        from pg_proc where pronamespace = cast('public' as regnamespace)
        union all select concat_ws(' ', 'sequence', sequencename, data_type, start_value, max_value), sequencename
        from pg_sequences where schemaname = 'public'
    ) catalogue
    where name not like '%diesel%'
    order by 1";

/// The rows that a schema begins with.
const TOTALS: &str = "select slot || ': ' || articles from article_totals order by slot";

async fn schema(database: &Database) -> Vec<String> {
    match database {
        Database::Sqlite(_) => database.select(SQLITE_SCHEMA).await,
        Database::Postgres(_) => database.select(POSTGRES_SCHEMA).await,
    }
}

async fn take(step: Step, database: &Database) -> Report {
    migrate(&database.target(), step).await.expect("a step")
}

/// Undoes this step and all after it.
async fn take_back(step: &str, database: &Database) {
    let applied = take(Step::Inspect, database).await.applied;
    let before = applied.iter().position(|name| name.ends_with(step)).expect("a step that was taken");
    take(Step::Revert(applied.len() - before), database).await;
}

const USERS: &str = "
    insert into users (id, username, username_key, email, email_key, password_hash, created_at, updated_at)
    values (1, 'amy', 'amy', 'a@b', 'a@b', 'hash', {now}, {now}), (2, 'bob', 'bob', 'b@b', 'b@b', 'hash', {now}, {now});
    insert into follows values (1, 2);";
const ARTICLES: &str = "
    insert into articles (id, slug, title, description, tag_list, author_id, created_at, updated_at, body)
    values (1 << 20, 'dragons', 'Dragons', 'About', {tags}, 1, {now}, {now}, 'Body');
    insert into favorites values (2, 1 << 20);";
const COMMENTS: &str = "
    insert into comments (article_id, author_id, created_at, body) values (1 << 20, 2, {now}, 'Nice');";

const ANSWERS: &str = "
    insert into idempotency_keys values (1, 'key', 'fingerprint', 201, '{}', {now});";
const ALL: [&str; 4] = [USERS, ARTICLES, COMMENTS, ANSWERS];

/// Stores what the tables of these statements hold, a millisecond after the epoch.
async fn fill(database: &Database, tables: &[&str]) {
    let (now, tags) = match database {
        Database::Sqlite(_) => ("1", r#"'["fire"]'"#),
        Database::Postgres(_) => ("'1970-01-01 00:00:00.001Z'", "'{fire}'"),
    };
    database.execute(&tables.concat().replace("{now}", now).replace("{tags}", tags)).await;
}

#[rstest]
#[tokio::test]
async fn there_and_back_and_there_again_is_the_same_schema(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    take(Step::Apply, &database).await;
    let (before, totals) = (schema(&database).await, database.select(TOTALS).await);
    assert!(before.len() > 10 && !totals.is_empty());
    fill(&database, &ALL).await;

    take(Step::Revert(usize::MAX), &database).await;
    assert_eq!(schema(&database).await, Vec::<String>::new());
    take(Step::Apply, &database).await;
    assert_eq!(schema(&database).await, before);
    assert_eq!(database.select(TOTALS).await, totals);
    fill(&database, &ALL).await;
    database.assert_counters_match_the_rows().await;
}

#[rstest]
#[tokio::test]
async fn every_step_is_reported(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let nothing = take(Step::Inspect, &database).await;
    let all = nothing.pending.clone();
    assert_eq!(all.len(), engine.migrations());
    assert_eq!(nothing, Report { done: vec![], applied: vec![], pending: all.clone() });
    let everything = Report { done: vec![], applied: all.clone(), pending: vec![] };

    assert_eq!(take(Step::Apply, &database).await, Report { done: all.clone(), ..everything.clone() });
    assert_eq!(take(Step::Inspect, &database).await, everything);
    let (first, last) = all.split_at(1);
    let undone = last.iter().rev().cloned().collect();
    let reverted = Report { done: undone, applied: first.to_vec(), pending: last.to_vec() };
    assert_eq!(take(Step::Revert(last.len()), &database).await, reverted);
    assert_eq!(take(Step::Inspect, &database).await, Report { done: vec![], ..reverted });
    assert_eq!(take(Step::Revert(9), &database).await, Report { done: first.to_vec(), ..nothing });
}

#[rstest]
#[tokio::test]
async fn a_look_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    take(Step::Inspect, &database).await;
    assert_eq!(schema(&database).await, Vec::<String>::new());
}

#[rstest]
#[tokio::test]
async fn a_migrated_database_stays_as_it_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    fill(&database, &ALL).await;
    let before = schema(&database).await;

    assert_eq!(take(Step::Apply, &database).await.done, Vec::<String>::new());
    assert_eq!(schema(&database).await, before);
    assert_eq!(database.select("select body from comments").await, ["Nice"]);
}

#[rstest]
#[tokio::test]
async fn comments_can_be_taken_back_with_data_present(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let before = schema(&database).await;
    fill(&database, &ALL).await;

    take_back("_comments", &database).await;
    assert_eq!(database.select("select slug from articles").await, ["dragons"]);
    take(Step::Apply, &database).await;
    assert_eq!(schema(&database).await, before);
    fill(&database, &[COMMENTS, ANSWERS]).await;
    database.assert_counters_match_the_rows().await;
}

#[rstest]
#[tokio::test]
async fn articles_can_be_taken_back_from_users_who_wrote_some(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    fill(&database, &ALL).await;

    take_back("_articles", &database).await;
    assert_eq!(database.select("select username from users order by id").await, ["amy", "bob"]);
    take(Step::Apply, &database).await;
    database.assert_counters_match_the_rows().await;
    fill(&database, &[ARTICLES, COMMENTS]).await;
    database.assert_counters_match_the_rows().await;
}

#[rstest]
#[tokio::test]
async fn four_at_once_migrate_an_empty_database_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let reports = join_all((0..4).map(|_| take(Step::Apply, &database))).await;

    let mut done: Vec<usize> = reports.iter().map(|report| report.done.len()).collect();
    done.sort_unstable();
    let all = engine.migrations();
    assert_eq!(done, [0, 0, 0, all]);
    assert!(reports.iter().all(|report| report.applied.len() == all && report.pending.is_empty()));
    assert_eq!(schema(&database).await, schema(&Database::create(engine).await).await);
}

#[rstest]
#[tokio::test]
async fn a_step_that_fails_is_undone(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let history = take(Step::Inspect, &database).await.pending;
    // It stands in the way of the second step, after some of its statements were carried out.
    database.execute("create table favorites (in_the_way integer)").await;

    migrate(&database.target(), Step::Apply).await.unwrap_err();
    // SQLite is locked whole meanwhile, and undoes the steps before it too.
    let kept = if engine == Sqlite { 0 } else { 1 };
    assert_eq!(take(Step::Inspect, &database).await.pending, history[kept..]);
    assert!(!schema(&database).await.iter().any(|line| line.contains("articles_slug")));

    database.execute("drop table favorites").await;
    take(Step::Apply, &database).await;
    assert_eq!(schema(&database).await, schema(&Database::create(engine).await).await);
}
