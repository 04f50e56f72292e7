//! `conduit doctor`: what triggers derive is checked against the facts, and set right, on both engines.

mod support;

use conduit::adapters::persistence::{
    maintenance::{doctor, migrate::Target},
    postgres, sqlite,
};
use rstest::rstest;
use support::{Database, Engine, Engine::*, TestApp};

/// A little of everything that is counted.
async fn a_small_site(engine: Engine) -> TestApp {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let dragons = amy.publishes_tagged("Dragons", &["fire", "wings"]).await;
    let tea = bob.publishes_tagged("Tea", &["fire"]).await;
    bob.favorites(&dragons).await;
    amy.favorites(&dragons).await;
    amy.favorites(&tea).await;
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
async fn a_site_that_was_only_used_is_right(#[values(Sqlite, Postgres)] engine: Engine) {
    a_small_site(engine).await.database.assert_counters_match_the_rows().await;
}

#[rstest]
#[case::an_author("update users set articles_count = 7 where username = 'amy'", &[("users.articles_count", 1)])]
#[case::all_fans("update users set favorites_count = favorites_count + 1", &[("users.favorites_count", 2)])]
#[case::an_article("update articles set favorites_count = 0 where slug = 'dragons'", &[("articles.favorites_count", 1)])]
#[case::a_tag("update tags set articles_count = 5 where name = 'fire'", &[("tags.articles_count", 1)])]
#[case::the_total("update article_totals set articles = articles + 3 where slot = 0", &[("article_totals", 3)])]
#[case::a_lost_link("delete from article_tags where tag = 'wings'", &[("article_tags", 1)])]
#[actix_web::test]
async fn what_is_wrong_is_found_and_set_right(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] mishap: &str,
    #[case] found: &[(&str, i64)],
) {
    let app = a_small_site(engine).await;
    app.database.execute(mishap).await;

    let findings = app.database.findings().await;
    let findings: Vec<_> = findings.iter().map(|finding| (finding.name, finding.wrong_rows)).collect();
    assert_eq!(findings, found);

    repair(&app.database).await;
    app.database.assert_counters_match_the_rows().await;
    app.anon().get("/api/articles?tag=wings").await.has("/articlesCount", 1);
}
