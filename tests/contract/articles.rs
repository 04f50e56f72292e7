//! Publishing, reading and deleting articles.

use conduit::domain::model::article::{ArticleAuthorship, ArticleDraft, ArticleFilter, ArticlePage, NewArticle};
use conduit::domain::model::values::{ArticleBody, ArticleId, Description};
use conduit::ports::repositories::Unique::Slug;
use rstest::rstest;

use crate::scenario::{NewArticleExt, assert_taken, new_article, profile, published, slug, slugs, tag_list, title};
use crate::support::Engine;
use crate::support::Engine::*;
use crate::test_store::TestStore;

/// Fits into a tag, whose surrounding white space is trimmed.
const SPECIAL_CHARACTERS: &str = " 'quoted' \"twice\" \\ {braces}, [1,2] $1 %s \r\n\t NULL null 🦄 e\u{301} ";

#[rstest]
#[tokio::test]
async fn article_is_returned_as_written(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    let draft = ArticleDraft {
        title: title(SPECIAL_CHARACTERS),
        description: Description::parse(SPECIAL_CHARACTERS).unwrap(),
        body: ArticleBody::parse(&SPECIAL_CHARACTERS.repeat(20_000)).unwrap(),
        tags: tag_list(&[SPECIAL_CHARACTERS, "a,b", "{}", "\"", "\\", "NULL", "B", "b", "é", "🦄"]),
    };
    let new = NewArticle { draft, ..new_article("dragons", &amy).created_at(123) };
    store.publish(new.clone()).await;

    let expected = published(new, profile("amy"));
    let page = store.list(ArticleFilter::default()).await;
    assert_eq!(page, ArticlePage { articles: vec![expected.summary.clone()], total: 1 });
    for reader in [None, Some(&amy)] {
        assert_eq!(store.articles.find(&slug("dragons"), reader).await.unwrap(), Some(expected.clone()));
    }
}

#[rstest]
#[tokio::test]
async fn favorited_and_following_depend_on_the_reader(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob, cat] = store.new_users(["amy", "bob", "cat"]).await;
    store.publish(new_article("dragons", &bob)).await;
    store.follow(&amy, &[bob]).await;
    store.favorite(&cat, &["dragons"]).await;

    for (reader, favorited, following) in
        [(Some(&amy), false, true), (Some(&bob), false, false), (Some(&cat), true, false), (None, false, false)]
    {
        let article = store.articles.find(&slug("dragons"), reader).await.unwrap().unwrap().summary;
        assert_eq!((article.favorited, article.author.following), (favorited, following));
        assert_eq!(article.favorites_count, 1);
        let page = store.articles.page(&ArticleFilter::default(), reader, Default::default()).await.unwrap();
        assert_eq!(page.articles, [article]);
    }
}

#[rstest]
#[tokio::test]
async fn unknown_slug_finds_no_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    store.publish(new_article("dragons", &amy)).await;
    for unknown in ["wyverns", "dragon", "dragons-2", "Dragons", "", "dragons\0"] {
        for reader in [None, Some(&amy)] {
            assert_eq!(store.articles.find(&slug(unknown), reader).await.unwrap(), None, "{unknown:?}");
        }
        assert_eq!(store.articles.authorship(&slug(unknown), &amy).await.unwrap(), None, "{unknown:?}");
    }
}

#[rstest]
#[tokio::test]
async fn authorship_does_not_depend_on_the_reader(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    store.publish(new_article("dragons", &amy)).await;
    store.publish(new_article("wyverns", &amy)).await;

    let id = store.article_id("dragons", &amy).await;
    assert_ne!(id, store.article_id("wyverns", &amy).await);
    let expected = ArticleAuthorship { id, author: amy.user, title: title("Title of dragons") };
    for reader in [&amy, &bob] {
        assert_eq!(store.articles.authorship(&slug("dragons"), reader).await.unwrap(), Some(expected.clone()));
    }
}

#[rstest]
#[tokio::test]
async fn article_with_a_taken_slug_is_not_stored(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    store.publish(new_article("dragons", &amy)).await;
    let before = store.article("dragons").await;

    for author in [&amy, &bob] {
        let article = new_article("dragons", author).created_at(9).tagged(&["fire"]);
        assert_taken(store.articles.insert(article).await, &[Slug]);
    }
    assert_eq!(store.article("dragons").await, before);
    assert_eq!(store.list(ArticleFilter::default()).await.total, 1);
    assert!(store.articles.tags(None).await.unwrap().is_empty());
    store.assert_counters_match().await;
}

#[rstest]
#[tokio::test]
async fn unit_of_work_continues_after_a_taken_slug(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    store.publish(new_article("dragons", &amy)).await;
    store
        .run_and_commit(async || {
            store.publish(new_article("before", &amy)).await;
            assert_taken(store.articles.insert(new_article("dragons", &amy)).await, &[Slug]);
            store.publish(new_article("after", &amy)).await;
        })
        .await;
    assert_eq!(slugs(&store.list(ArticleFilter::default()).await), ["after", "before", "dragons"]);
}

#[rstest]
#[tokio::test]
async fn one_of_two_concurrent_inserts_with_one_slug_succeeds(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    let insert = |author| store.articles.insert(new_article("dragons", author));
    match tokio::join!(insert(&amy), insert(&bob)) {
        (Ok(()), second) => assert_taken(second, &[Slug]),
        (first, second) => {
            assert_taken(first, &[Slug]);
            second.unwrap();
        }
    }
    assert_eq!(store.list(ArticleFilter::default()).await.total, 1);
}

#[rstest]
#[tokio::test]
async fn deletion_removes_comments_favorites_and_tags(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    for name in ["dragons", "wyverns"] {
        store.publish(new_article(name, &amy).tagged(&["fire", name])).await;
        store.comment(&bob, name, "Nice").await;
        store.favorite(&bob, &[name]).await;
    }
    store.articles.delete(store.article_id("dragons", &amy).await).await.unwrap();

    assert_eq!(store.article("dragons").await, None);
    assert_eq!(store.comments.list(&slug("dragons"), None).await.unwrap(), None);
    assert_eq!(slugs(&store.list(ArticleFilter::default()).await), ["wyverns"]);
    assert_eq!(store.comments.list(&slug("wyverns"), None).await.unwrap().unwrap().len(), 1);
    assert_eq!(store.article("wyverns").await.unwrap().summary.favorites_count, 1);
    for query in
        ["select 'c' from comments", "select 'f' from favorites", "select 't' from article_tags where tag = 'fire'"]
    {
        assert_eq!(store.database.select(query).await.len(), 1, "{query}");
    }
    store.assert_counters_match().await;
}

#[rstest]
#[tokio::test]
async fn deletion_of_a_missing_article_succeeds(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    store.publish(new_article("dragons", &amy)).await;
    let id = store.article_id("dragons", &amy).await;
    store.publish(new_article("wyverns", &amy)).await;

    for id in [id, id, ArticleId::new(i64::MAX)] {
        store.articles.delete(id).await.unwrap();
    }
    assert_eq!(slugs(&store.list(ArticleFilter::default()).await), ["wyverns"]);
    store.publish(new_article("dragons", &amy)).await;
}
