//! Repositories inside a unit of work.

use conduit::domain::model::article::ArticleFilter;
use conduit::domain::model::user::{Identity, UserUpdate};
use conduit::domain::model::values::{CommentId, Page};
use rstest::rstest;

use crate::scenario::{new_article, slug, time_at, username, username_key};
use crate::support::Engine;
use crate::support::Engine::*;
use crate::test_store::TestStore;

/// Writes through every repository. `counters.rs` covers updates and deletions of articles, and
/// favorites.
async fn write(store: &TestStore, [amy, bob]: [&Identity; 2], comment: CommentId) {
    store.new_user("cat").await;
    let update = UserUpdate { username: Some(username("anna")), ..UserUpdate::default() };
    store.users.update(amy, update, time_at(1)).await.unwrap();
    store.profiles.follow(bob.user, amy.user).await.unwrap();
    store.profiles.unfollow(amy.user, bob.user).await.unwrap();
    store.publish(new_article("wyverns", bob)).await;
    store.comment(amy, "dragons", "new").await;
    store.comments.delete(comment).await.unwrap();
}

/// Returns everything that [`write`] changes, as text.
async fn visible_state(store: &TestStore, [amy, bob]: [&Identity; 2]) -> String {
    let mut profiles = Vec::new();
    for (name, reader) in [("amy", bob), ("anna", bob), ("bob", amy), ("cat", amy)] {
        profiles.push(store.profiles.find(&username_key(name), Some(reader)).await.unwrap());
    }
    let comments = store.comments.list(&slug("dragons"), None).await.unwrap();
    let articles = store.articles.page(&ArticleFilter::default(), Some(amy), Page::default()).await.unwrap();
    format!("{profiles:?} {comments:?} {articles:?}")
}

#[rstest]
#[tokio::test]
async fn every_repository_commits_or_rolls_back_with_the_unit_of_work(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values(true, false)] commits: bool,
) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    let both = [&amy, &bob];
    store.follow(&amy, &[bob]).await;
    store.publish(new_article("dragons", &bob)).await;
    let comment = store.comment(&bob, "dragons", "deleted").await;
    let before = visible_state(&store, both).await;
    let mut inside = String::new();
    let work = async || {
        write(&store, both, comment).await;
        inside = visible_state(&store, both).await;
    };

    if commits {
        store.run_and_commit(work).await
    } else {
        store.run_and_rollback(work).await
    }

    assert_ne!(inside, before);
    assert_eq!(visible_state(&store, both).await, if commits { inside } else { before });
}
