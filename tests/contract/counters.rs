//! What is counted is what is there, whoever changed it: a repository, a cascade, or an administrator's statement.

use conduit::{
    adapters::persistence::maintenance::doctor::Finding, domain::model::article::ArticleFilter,
    ports::unit_of_work::TxOutcome,
};
use rstest::rstest;

use crate::{
    library::library,
    story::{ListRows, an_article, slug, total},
    support::Engine::{self, *},
    test_store::TestStore,
};

impl TestStore {
    async fn check(&self) {
        self.database.assert_counters_match_the_rows().await;
    }
}

#[rstest]
#[tokio::test]
async fn every_kind_of_change_is_counted(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob, cat] = store.people(["amy", "bob", "cat"]).await;
    for (name, author, tags) in
        [("a", &amy, &["fire", "tea"][..]), ("b", &amy, &["tea"]), ("c", &bob, &[]), ("d", &cat, &["ice", "tea"])]
    {
        store.publish(an_article(name, author).tagged(tags)).await;
        store.check().await;
    }
    for fan in [&amy, &bob, &cat] {
        store.favorite(fan, &["a", "c", "a"]).await;
        store.check().await;
    }
    for names in [&["tea", "ice"][..], &["tea", "ice"], &[], &["new"]] {
        store.retag("a", &amy, names).await;
        store.check().await;
    }
    for _ in 0..2 {
        store.articles.unfavorite(&slug("a"), &bob).await.unwrap();
        store.check().await;
    }
    for (name, author) in [("a", &amy), ("d", &cat), ("c", &bob)] {
        store.articles.delete(store.id_of(name, author).await).await.unwrap();
        store.check().await;
    }
    assert_eq!(store.list(ArticleFilter::default()).await.total, 1);
}

#[rstest]
#[tokio::test]
async fn what_a_unit_of_work_undoes_was_never_counted(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    for name in ["a", "b"] {
        store.publish(an_article(name, &amy).tagged(&["tea", name])).await;
    }
    store.favorite(&bob, &["a"]).await;
    let before = store.list(ArticleFilter::default()).await;

    store
        .in_a_unit(TxOutcome::Rollback, async || {
            store.publish(an_article("c", &bob).tagged(&["tea"])).await;
            store.favorite(&bob, &["b", "c"]).await;
            store.retag("b", &amy, &["ice"]).await;
            store.articles.delete(store.id_of("a", &amy).await).await.unwrap();
            assert_eq!(store.list(ArticleFilter::default()).await.total, 2, "the unit sees its own writes");
        })
        .await;
    assert_eq!(store.list(ArticleFilter::default()).await, before);
    store.check().await;
}

#[rstest]
#[case("delete from users where username = 'amy'", 16)]
#[case("delete from users where username in ('bob', 'eve', 'dan')", 16)]
#[case("delete from users", 0)]
#[case("delete from articles where slug in ('0', '1', '5', '20')", 20)]
#[case("delete from articles", 0)]
#[case("delete from favorites", 24)]
#[case("delete from favorites where user_id = (select id from users where username = 'eve')", 24)]
#[case(
    "insert into favorites select u.id, a.id from users u cross join articles a where true on conflict do nothing",
    24
)]
#[case(
    "insert into articles (id, slug, title, description, tag_list, author_id, created_at, updated_at, body)
    select id + 500, 'copy-' || slug, title, description, tag_list, author_id, created_at, updated_at, body
    from articles",
    48
)]
#[case("update articles set tag_list = (select tag_list from articles where slug = '1')", 24)]
#[case("update users set username = 'anna', username_key = 'anna' where username = 'amy'", 24)]
#[tokio::test]
async fn a_statement_on_many_rows_is_counted(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] statement: &str,
    #[case] left: usize,
) {
    let store = library(engine).await;
    store.check().await;
    store.database.execute(statement).await;
    store.check().await;
    let list = store.list(ArticleFilter::default()).await;
    assert_eq!((total(&list), list.articles.len()), (left, left));
}

/// The other stories rest on this; `tests/doctor.rs` tells more of it.
#[rstest]
#[case::a_lost_counter("delete from tags where name = 'tea'", "tags.articles_count")]
#[case::a_link_too_many("insert into article_tags select 'new', id from articles where slug = '3'", "article_tags")]
#[tokio::test]
async fn what_is_wrong_does_not_go_unseen(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] mishap: &str,
    #[case] name: &'static str,
) {
    let store = library(engine).await;
    store.database.execute(mishap).await;
    assert_eq!(store.database.findings().await, [Finding { name, wrong_rows: 1 }]);
}
