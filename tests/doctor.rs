//! `conduit doctor` compares the counters that triggers maintain with the rows, and repairs them,
//! on both engines.

mod support;

use conduit::adapters::persistence::maintenance::doctor;
use conduit::adapters::persistence::maintenance::migrate::Target;
use conduit::adapters::persistence::{postgres, sqlite};
use rstest::rstest;
use support::Engine::*;
use support::{Database, Engine, TestApp};

/// Starts an instance with articles, tags and favorites.
async fn start_with_content(engine: Engine) -> TestApp {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let dragons = amy.publish_tagged("Dragons", &["fire", "wings"]).await;
    let tea = bob.publish_tagged("Tea", &["fire"]).await;
    bob.favorite(&dragons).await;
    amy.favorite(&dragons).await;
    amy.favorite(&tea).await;
    app
}

async fn repair(database: &Database) {
    match database.target() {
        Target::Sqlite(settings) => doctor::repair(&sqlite::open(&settings).unwrap()).await.unwrap(),
        Target::Postgres(settings) => doctor::repair(&postgres::open(&settings).unwrap()).await.unwrap(),
    }
}

#[rstest]
#[actix_web::test]
async fn intact_site_has_no_findings(#[values(Sqlite, Postgres)] engine: Engine) {
    start_with_content(engine).await.database.assert_counters_match_the_rows().await;
}

#[rstest]
#[case::articles_of_a_user("update users set articles_count = 7 where username = 'amy'", &[("users.articles_count", 1)])]
#[case::favorites_of_users("update users set favorites_count = favorites_count + 1", &[("users.favorites_count", 2)])]
#[case::favorites_of_an_article("update articles set favorites_count = 0 where slug = 'dragons'", &[("articles.favorites_count", 1)])]
#[case::articles_of_a_tag("update tags set articles_count = 5 where name = 'fire'", &[("tags.articles_count", 1)])]
#[case::total("update article_totals set articles = articles + 3 where slot = 0", &[("article_totals", 3)])]
#[case::missing_tag("delete from article_tags where tag = 'wings'", &[("article_tags", 1)])]
#[actix_web::test]
async fn wrong_counter_is_found_and_repaired(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] damage: &str,
    #[case] expected: &[(&str, i64)],
) {
    let app = start_with_content(engine).await;
    app.database.execute(damage).await;

    let findings = app.database.findings().await;
    let findings: Vec<_> = findings.iter().map(|finding| (finding.name, finding.wrong_rows)).collect();
    assert_eq!(findings, expected);

    repair(&app.database).await;
    app.database.assert_counters_match_the_rows().await;
    app.anonymous().get("/api/articles?tag=wings").await.assert_at("/articlesCount", 1);
}
