//! List of the tags in use.

use rstest::rstest;

use crate::scenario::{NewArticleExt, new_article};
use crate::support::Engine;
use crate::support::Engine::*;
use crate::test_store::TestStore;

impl TestStore {
    async fn tags_in_use(&self) -> Vec<String> {
        self.articles.tags(None).await.unwrap().iter().map(|tag| tag.as_str().to_owned()).collect()
    }
}

#[rstest]
#[tokio::test]
async fn untagged_article_adds_no_tag(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    assert!(store.tags_in_use().await.is_empty());
    let amy = store.new_user("amy").await;
    store.publish(new_article("untagged", &amy)).await;
    assert!(store.tags_in_use().await.is_empty());
}

#[rstest]
#[tokio::test]
async fn tags_are_ordered_by_use_then_by_name(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    store.publish(new_article("one", &amy).tagged(&["zebra", "tea", "é", "b", "B", "🦄", "\u{ff5e}"])).await;
    store.publish(new_article("two", &bob).tagged(&["zebra", "tea"])).await;
    store.publish(new_article("three", &bob).tagged(&["zebra"])).await;
    assert_eq!(store.tags_in_use().await, ["zebra", "tea", "B", "b", "é", "\u{ff5e}", "🦄"]);
}

#[rstest]
#[tokio::test]
async fn unused_tag_is_not_listed(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    store.publish(new_article("one", &amy).tagged(&["fire", "tea"])).await;
    store.publish(new_article("two", &amy).tagged(&["tea"])).await;

    store.set_tags("one", &amy, &["ice"]).await;
    assert_eq!(store.tags_in_use().await, ["ice", "tea"]);
    store.articles.delete(store.article_id("two", &amy).await).await.unwrap();
    assert_eq!(store.tags_in_use().await, ["ice"]);
    store.set_tags("one", &amy, &["tea", "fire"]).await;
    assert_eq!(store.tags_in_use().await, ["fire", "tea"]);
}
