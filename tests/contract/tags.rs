//! The tags in use.

use rstest::rstest;

use crate::{
    story::{ListRows, an_article},
    support::Engine::{self, *},
    test_store::TestStore,
};

impl TestStore {
    async fn tags_in_use(&self) -> Vec<String> {
        self.articles.tags(None).await.unwrap().into_iter().map(|tag| tag.as_str().to_owned()).collect()
    }
}

#[rstest]
#[tokio::test]
async fn there_are_no_tags_without_articles(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    assert!(store.tags_in_use().await.is_empty());
    let amy = store.user("amy").await;
    store.publish(an_article("untagged", &amy)).await;
    assert!(store.tags_in_use().await.is_empty());
}

#[rstest]
#[tokio::test]
async fn the_most_used_come_first_then_by_name(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    store.publish(an_article("one", &amy).tagged(&["zebra", "tea", "é", "b", "B", "🦄", "\u{ff5e}"])).await;
    store.publish(an_article("two", &bob).tagged(&["zebra", "tea"])).await;
    store.publish(an_article("three", &bob).tagged(&["zebra"])).await;
    assert_eq!(store.tags_in_use().await, ["zebra", "tea", "B", "b", "é", "\u{ff5e}", "🦄"]);
}

#[rstest]
#[tokio::test]
async fn what_no_article_carries_any_more_is_no_tag(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    store.publish(an_article("one", &amy).tagged(&["fire", "tea"])).await;
    store.publish(an_article("two", &amy).tagged(&["tea"])).await;

    store.retag("one", &amy, &["ice"]).await;
    assert_eq!(store.tags_in_use().await, ["ice", "tea"]);
    store.articles.delete(store.id_of("two", &amy).await).await.unwrap();
    assert_eq!(store.tags_in_use().await, ["ice"]);
    store.retag("one", &amy, &["tea", "fire"]).await;
    assert_eq!(store.tags_in_use().await, ["fire", "tea"]);
}
