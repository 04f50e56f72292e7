//! Making an article a favorite, and no longer.

use conduit::domain::model::article::{ArticleFilter, ArticleSummary, FavoritedArticle};
use rstest::rstest;

use crate::{
    story::{ListRows, an_article, key, slug, slugs},
    support::Engine::{self, *},
    test_store::TestStore,
};

fn favorites_of(fan: &str) -> ArticleFilter {
    ArticleFilter { favorited_by: Some(key(fan)), ..ArticleFilter::default() }
}

fn shown(article: &ArticleSummary) -> (&str, bool, u64) {
    (article.slug.as_str(), article.favorited, article.favorites_count)
}

#[rstest]
#[tokio::test]
async fn doing_it_again_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    let dragons = store.publish(an_article("dragons", &amy)).await;
    let unloved = store.articles.find(&dragons, Some(&bob)).await.unwrap();

    for first in [true, false] {
        let FavoritedArticle { article, is_new } = store.articles.favorite(&dragons, &bob).await.unwrap().unwrap();
        assert_eq!(is_new, first);
        assert_eq!(shown(&article.summary), ("dragons", true, 1));
        assert_eq!(store.articles.find(&dragons, Some(&bob)).await.unwrap(), Some(article));
        assert_eq!(store.list(favorites_of("bob")).await.total, 1);
    }
    for _ in 0..2 {
        assert_eq!(store.articles.unfavorite(&dragons, &bob).await.unwrap(), unloved);
        assert_eq!(store.articles.find(&dragons, Some(&bob)).await.unwrap(), unloved);
        assert_eq!(store.list(favorites_of("bob")).await.total, 0);
    }
}

#[rstest]
#[tokio::test]
async fn every_fan_counts_and_sees_its_own(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob, cat] = store.people(["amy", "bob", "cat"]).await;
    let dragons = store.publish(an_article("dragons", &amy)).await;
    store.publish(an_article("wyverns", &amy)).await;
    store.follow(&cat, &[amy]).await;

    for (count, fan) in (1..).zip([&amy, &bob, &cat]) {
        let article = store.articles.favorite(&dragons, fan).await.unwrap().unwrap().article.summary;
        assert_eq!(shown(&article), ("dragons", true, count));
        assert_eq!(article.author.following, *fan == cat);
    }
    let article = store.articles.unfavorite(&dragons, &bob).await.unwrap().unwrap().summary;
    assert_eq!(shown(&article), ("dragons", false, 2));
    assert!(store.articles.find(&dragons, Some(&cat)).await.unwrap().unwrap().summary.favorited);
    assert_eq!(store.article("wyverns").await.unwrap().summary.favorites_count, 0);
}

#[rstest]
#[tokio::test]
async fn an_unknown_article_is_nobodys_favorite(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    for unknown in ["dragons", ""] {
        assert_eq!(store.articles.favorite(&slug(unknown), &amy).await.unwrap(), None);
        assert_eq!(store.articles.unfavorite(&slug(unknown), &amy).await.unwrap(), None);
    }
}

#[rstest]
#[tokio::test]
async fn favorites_are_listed_by_the_age_of_the_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    for (name, published) in [("middle", 2), ("old", 1), ("new", 3), ("unloved", 4)] {
        store.publish(an_article(name, &amy).at(published)).await;
    }
    store.favorite(&bob, &["new", "old", "middle"]).await;
    assert_eq!(slugs(&store.list(favorites_of("bob")).await), ["new", "middle", "old"]);
}

#[rstest]
#[tokio::test]
async fn who_is_gone_is_no_fan(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob, cat] = store.people(["amy", "bob", "cat"]).await;
    store.publish(an_article("dragons", &amy)).await;
    store.favorite(&bob, &["dragons"]).await;
    store.favorite(&cat, &["dragons"]).await;
    store.database.execute("delete from users where username = 'bob'").await;

    assert_eq!(store.article("dragons").await.unwrap().summary.favorites_count, 1);
    assert_eq!(store.list(favorites_of("bob")).await.total, 0);
}
