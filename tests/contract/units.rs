//! The repositories in a unit of work.

use conduit::{
    domain::model::{
        article::ArticleFilter,
        user::{Identity, UserUpdate},
        values::{CommentId, Page},
    },
    ports::unit_of_work::TxOutcome::{self, Commit, Rollback},
};
use rstest::rstest;

use crate::{
    story::{an_article, at, key, slug, username},
    support::Engine::{self, *},
    test_store::TestStore,
};

/// One write of every kind but those of articles and favorites, which are told beside the counters.
async fn write(store: &TestStore, [amy, bob]: [&Identity; 2], comment: CommentId) {
    store.user("cat").await;
    let update = UserUpdate { username: Some(username("anna")), ..UserUpdate::default() };
    store.users.update(amy, update, at(1)).await.unwrap();
    store.profiles.follow(bob.user, amy.user).await.unwrap();
    store.profiles.unfollow(amy.user, bob.user).await.unwrap();
    store.publish(an_article("wyverns", bob)).await;
    store.comment(amy, "dragons", "written").await;
    store.comments.delete(comment).await.unwrap();
}

/// What the stories of this file are about, as Amy and Bob see it.
async fn seen(store: &TestStore, [amy, bob]: [&Identity; 2]) -> String {
    let mut profiles = Vec::new();
    for (name, reader) in [("amy", bob), ("anna", bob), ("bob", amy), ("cat", amy)] {
        profiles.push(store.profiles.find(&key(name), Some(reader)).await.unwrap());
    }
    let comments = store.comments.list(&slug("dragons"), None).await.unwrap();
    let articles = store.articles.page(&ArticleFilter::default(), Some(amy), Page::default()).await.unwrap();
    format!("{profiles:?} {comments:?} {articles:?}")
}

#[rstest]
#[tokio::test]
async fn every_repository_takes_part(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(Commit, Rollback)] verdict: TxOutcome,
) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    let both = [&amy, &bob];
    store.follow(&amy, &[bob]).await;
    store.publish(an_article("dragons", &bob)).await;
    let comment = store.comment(&bob, "dragons", "deleted").await;
    let before = seen(&store, both).await;
    let mut inside = String::new();

    store
        .in_a_unit(verdict, async || {
            write(&store, both, comment).await;
            inside = seen(&store, both).await;
        })
        .await;
    assert_ne!(inside, before);
    assert_eq!(seen(&store, both).await, if verdict == Commit { inside } else { before });
}
