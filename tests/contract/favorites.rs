//! Favoriting and unfavoriting articles.

use conduit::domain::model::article::{ArticleFilter, ArticleSummary};
use rstest::rstest;

use crate::scenario::{NewArticleExt, new_article, slug, slugs, username_key};
use crate::support::Engine;
use crate::support::Engine::*;
use crate::test_store::TestStore;

fn favorites_of(name: &str) -> ArticleFilter {
    ArticleFilter { favorited_by: Some(username_key(name)), ..ArticleFilter::default() }
}

fn favorite_fields(article: &ArticleSummary) -> (&str, bool, u64) {
    (article.slug.as_str(), article.favorited, article.favorites_count)
}

#[rstest]
#[tokio::test]
async fn repeated_favorite_or_unfavorite_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    let dragons = store.publish(new_article("dragons", &amy)).await;
    let before = store.articles.find(&dragons, Some(&bob)).await.unwrap();

    for first in [true, false] {
        let favorited = store.articles.favorite(&dragons, &bob).await.unwrap().unwrap();
        assert_eq!(favorited.is_new, first);
        assert_eq!(favorite_fields(&favorited.article.summary), ("dragons", true, 1));
        assert_eq!(store.articles.find(&dragons, Some(&bob)).await.unwrap(), Some(favorited.article));
        assert_eq!(store.list(favorites_of("bob")).await.total, 1);
    }
    for _ in 0..2 {
        assert_eq!(store.articles.unfavorite(&dragons, &bob).await.unwrap(), before);
        assert_eq!(store.articles.find(&dragons, Some(&bob)).await.unwrap(), before);
        assert_eq!(store.list(favorites_of("bob")).await.total, 0);
    }
}

#[rstest]
#[tokio::test]
async fn favorites_count_includes_every_user(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob, cat] = store.new_users(["amy", "bob", "cat"]).await;
    let dragons = store.publish(new_article("dragons", &amy)).await;
    store.publish(new_article("wyverns", &amy)).await;
    store.follow(&cat, &[amy]).await;

    for (count, user) in (1..).zip([&amy, &bob, &cat]) {
        let article = store.articles.favorite(&dragons, user).await.unwrap().unwrap().article.summary;
        assert_eq!(favorite_fields(&article), ("dragons", true, count));
        assert_eq!(article.author.following, *user == cat);
    }
    let article = store.articles.unfavorite(&dragons, &bob).await.unwrap().unwrap().summary;
    assert_eq!(favorite_fields(&article), ("dragons", false, 2));
    assert!(store.articles.find(&dragons, Some(&cat)).await.unwrap().unwrap().summary.favorited);
    assert_eq!(store.article("wyverns").await.unwrap().summary.favorites_count, 0);
}

#[rstest]
#[tokio::test]
async fn unknown_article_is_not_favorited(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    for unknown in ["dragons", ""] {
        assert_eq!(store.articles.favorite(&slug(unknown), &amy).await.unwrap(), None);
        assert_eq!(store.articles.unfavorite(&slug(unknown), &amy).await.unwrap(), None);
    }
}

#[rstest]
#[tokio::test]
async fn favorites_are_ordered_by_creation_of_the_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    for (name, created_at) in [("middle", 2), ("old", 1), ("new", 3), ("other", 4)] {
        store.publish(new_article(name, &amy).created_at(created_at)).await;
    }
    store.favorite(&bob, &["new", "old", "middle"]).await;
    assert_eq!(slugs(&store.list(favorites_of("bob")).await), ["new", "middle", "old"]);
}

#[rstest]
#[tokio::test]
async fn deletion_of_a_user_removes_the_favorites(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob, cat] = store.new_users(["amy", "bob", "cat"]).await;
    store.publish(new_article("dragons", &amy)).await;
    store.favorite(&bob, &["dragons"]).await;
    store.favorite(&cat, &["dragons"]).await;
    store.database.execute("delete from users where username = 'bob'").await;

    assert_eq!(store.article("dragons").await.unwrap().summary.favorites_count, 1);
    assert_eq!(store.list(favorites_of("bob")).await.total, 0);
}
