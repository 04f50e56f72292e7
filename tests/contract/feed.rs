//! Feed: the articles of the authors whom a user follows.

use conduit::domain::model::article::ArticlePage;
use conduit::domain::model::user::Identity;
use conduit::domain::model::values::Page;
use rstest::rstest;

use crate::scenario::{NewArticleExt, new_article, page, slugs};
use crate::support::Engine;
use crate::support::Engine::*;
use crate::test_store::TestStore;

impl TestStore {
    async fn feed(&self, reader: &Identity, page: Page) -> ArticlePage {
        self.articles.feed(reader, page).await.unwrap()
    }
}

/// Publishes articles whose slug and creation time are these numbers.
async fn publish(store: &TestStore, author: &Identity, numbers: impl IntoIterator<Item = i64>) {
    for number in numbers {
        store.publish(new_article(&number.to_string(), author).created_at(number)).await;
    }
}

#[rstest]
#[tokio::test]
async fn feed_without_follows_is_empty(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    publish(&store, &amy, 0..3).await;
    publish(&store, &bob, 3..6).await;
    store.follow(&bob, &[amy]).await;
    assert_eq!(store.feed(&amy, Page::default()).await, ArticlePage::default());
}

#[rstest]
#[tokio::test]
async fn feed_contains_only_followed_authors(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob, cat, dan] = store.new_users(["amy", "bob", "cat", "dan"]).await;
    for (author, number) in [(&amy, 1), (&bob, 2), (&cat, 3), (&dan, 4), (&bob, 5)] {
        publish(&store, author, [number]).await;
    }
    store.follow(&amy, &[bob, cat]).await;
    store.follow(&dan, &[amy]).await;
    store.favorite(&amy, &["3", "4"]).await;
    store.favorite(&dan, &["3", "2"]).await;

    let feed = store.feed(&amy, Page::default()).await;
    assert_eq!((slugs(&feed), feed.total), (vec!["5", "3", "2"], 3));
    let shown: Vec<_> = feed.articles.iter().map(|a| (a.author.following, a.favorited, a.favorites_count)).collect();
    assert_eq!(shown, [(true, false, 0), (true, true, 2), (true, false, 1)]);

    store.profiles.unfollow(amy.user, bob.user).await.unwrap();
    let feed = store.feed(&amy, Page::default()).await;
    assert_eq!((slugs(&feed), feed.total), (vec!["3"], 1));
}

/// Returns a store where amy follows the authors of 59 articles and an author without articles, and
/// the slugs of her feed, newest first.
async fn long_feed(engine: Engine) -> (TestStore, Identity, Vec<String>) {
    let store = TestStore::create(engine).await;
    let [amy, bob, cat, dan, eve, fay] = store.new_users(["amy", "bob", "cat", "dan", "eve", "fay"]).await;
    publish(&store, &bob, (0..60).step_by(2)).await;
    publish(&store, &cat, [1, 3, 5]).await;
    publish(&store, &eve, (7..59).step_by(2)).await;
    publish(&store, &fay, [59, 60]).await;
    publish(&store, &amy, [61]).await;
    store.follow(&amy, &[eve, dan, cat, bob]).await;
    store.follow(&fay, &[amy]).await;
    (store, amy, (0..59).rev().map(|number| number.to_string()).collect())
}

#[rstest]
#[tokio::test]
async fn every_page_merges_the_articles_of_all_authors(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, expected) = long_feed(engine).await;
    for limit in [1, 7, 20, 100] {
        for (number, shown) in expected.chunks(limit).enumerate() {
            let limit = i64::try_from(limit).unwrap();
            let feed = store.feed(&amy, page(limit, i64::try_from(number).unwrap() * limit)).await;
            assert_eq!(slugs(&feed), shown, "page {number} of {limit}");
            assert_eq!(feed.total, 59, "page {number} of {limit}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn page_beyond_the_end_has_the_total(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, _) = long_feed(engine).await;
    for offset in [59, 60, 1_000_000, i64::MAX - 20, i64::MAX] {
        for limit in [1, 20, 100] {
            let expected = ArticlePage { articles: vec![], total: 59 };
            assert_eq!(store.feed(&amy, page(limit, offset)).await, expected, "{limit} from {offset}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn feed_is_ordered_by_creation_time_then_by_insertion(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob, cat] = store.new_users(["amy", "bob", "cat"]).await;
    store.follow(&amy, &[bob, cat]).await;
    for (name, author, created_at) in
        [("d", &bob, 7), ("a", &bob, -60_000), ("e", &cat, 7), ("c", &cat, 6), ("f", &bob, 7), ("b", &cat, 5)]
    {
        store.publish(new_article(name, author).created_at(created_at)).await;
    }
    let expected = ["f", "e", "d", "c", "b", "a"];
    assert_eq!(slugs(&store.feed(&amy, Page::default()).await), expected);
    for (offset, pair) in (0..).step_by(2).zip(expected.chunks(2)) {
        assert_eq!(slugs(&store.feed(&amy, page(2, offset)).await), pair);
    }
}

#[rstest]
#[tokio::test]
async fn deleted_author_is_removed_from_feeds(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, _) = long_feed(engine).await;
    store.database.execute("delete from users where username in ('bob', 'eve')").await;
    let feed = store.feed(&amy, Page::default()).await;
    assert_eq!((slugs(&feed), feed.total), (vec!["5", "3", "1"], 3));
}
