//! Counters match the rows that they count after every write: by a repository, a cascade or a
//! statement by hand.

use conduit::adapters::persistence::maintenance::doctor::Finding;
use conduit::domain::model::article::ArticleFilter;
use rstest::rstest;

use crate::fixtures::numbered_articles;
use crate::scenario::{NewArticleExt, new_article, slug, total};
use crate::support::Engine;
use crate::support::Engine::*;
use crate::test_store::TestStore;

#[rstest]
#[tokio::test]
async fn counters_follow_every_kind_of_write(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob, cat] = store.new_users(["amy", "bob", "cat"]).await;
    for (name, author, tags) in
        [("a", &amy, &["fire", "tea"][..]), ("b", &amy, &["tea"]), ("c", &bob, &[]), ("d", &cat, &["ice", "tea"])]
    {
        store.publish(new_article(name, author).tagged(tags)).await;
        store.assert_counters_match().await;
    }
    for user in [&amy, &bob, &cat] {
        store.favorite(user, &["a", "c", "a"]).await;
        store.assert_counters_match().await;
    }
    for tags in [&["tea", "ice"][..], &["tea", "ice"], &[], &["new"]] {
        store.set_tags("a", &amy, tags).await;
        store.assert_counters_match().await;
    }
    for _ in 0..2 {
        store.articles.unfavorite(&slug("a"), &bob).await.unwrap();
        store.assert_counters_match().await;
    }
    for (name, author) in [("a", &amy), ("d", &cat), ("c", &bob)] {
        store.articles.delete(store.article_id(name, author).await).await.unwrap();
        store.assert_counters_match().await;
    }
    assert_eq!(store.list(ArticleFilter::default()).await.total, 1);
}

#[rstest]
#[tokio::test]
async fn rollback_restores_counters(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    for name in ["a", "b"] {
        store.publish(new_article(name, &amy).tagged(&["tea", name])).await;
    }
    store.favorite(&bob, &["a"]).await;
    let before = store.list(ArticleFilter::default()).await;

    store
        .run_and_rollback(async || {
            store.publish(new_article("c", &bob).tagged(&["tea"])).await;
            store.favorite(&bob, &["b", "c"]).await;
            store.set_tags("b", &amy, &["ice"]).await;
            store.articles.delete(store.article_id("a", &amy).await).await.unwrap();
            assert_eq!(store.list(ArticleFilter::default()).await.total, 2, "the unit sees its own writes");
        })
        .await;
    assert_eq!(store.list(ArticleFilter::default()).await, before);
    store.assert_counters_match().await;
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
    "insert into favorites (user_id, article_id)
    select u.id, a.id from users u cross join articles a where true on conflict do nothing",
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
async fn counters_follow_a_statement_on_many_rows(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] statement: &str,
    #[case] articles: usize,
) {
    let store = numbered_articles(engine).await;
    store.assert_counters_match().await;
    store.database.execute(statement).await;
    store.assert_counters_match().await;
    let list = store.list(ArticleFilter::default()).await;
    assert_eq!((total(&list), list.articles.len()), (articles, articles));
}

/// Proves that the check of the other tests can fail; `tests/doctor.rs` covers every counter.
#[rstest]
#[case::missing_counter("delete from tags where name = 'tea'", "tags.articles_count")]
#[case::surplus_link(
    "insert into article_tags (tag, article_id) select 'new', id from articles where slug = '3'",
    "article_tags"
)]
#[tokio::test]
async fn wrong_counter_is_found(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] damage: &str,
    #[case] name: &'static str,
) {
    let store = numbered_articles(engine).await;
    store.database.execute(damage).await;
    assert_eq!(store.database.findings().await, [Finding { name, wrong_rows: 1 }]);
}
