//! Updates of articles.

use chrono::TimeDelta;
use conduit::domain::model::article::{Article, ArticleChanges, ArticleFilter};
use conduit::domain::model::user::Identity;
use conduit::domain::model::values::{ArticleBody, ArticleId, Description, Slug};
use conduit::ports::repositories::{RepositoryError, Unique};
use rstest::rstest;

use crate::scenario::{NewArticleExt, assert_taken, new_article, slug, slugs, tag_list, time_at, title};
use crate::support::Engine;
use crate::support::Engine::*;
use crate::test_store::TestStore;

/// Applies a change to the expected article.
type Effect = fn(&mut Article);

fn no_changes() -> ArticleChanges {
    ArticleChanges::default()
}

fn full_changes() -> ArticleChanges {
    ArticleChanges {
        title: Some(title("Another title")),
        description: Some(Description::parse("Another description").unwrap()),
        body: Some(ArticleBody::parse("Another body").unwrap()),
        tags: Some(tag_list(&["another", "tag"])),
    }
}

/// Returns a store with amy's article `dragons`, tagged `fire` and `tea`.
async fn store_with_dragons(engine: Engine) -> (TestStore, Identity, ArticleId) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    store.publish(new_article("dragons", &amy).tagged(&["fire", "tea"])).await;
    let id = store.article_id("dragons", &amy).await;
    (store, amy, id)
}

impl TestStore {
    /// Updates an article a millisecond after its creation.
    async fn update_article(
        &self,
        id: ArticleId,
        slug: Option<Slug>,
        changes: ArticleChanges,
        author: &Identity,
    ) -> Result<Option<Article>, RepositoryError> {
        self.articles.update(id, slug, changes, time_at(1), author).await
    }
}

#[rstest]
#[tokio::test]
async fn update_changes_only_the_given_fields(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, id) = store_with_dragons(engine).await;
    store.publish(new_article("wyverns", &amy).tagged(&["tea"])).await;
    let wyverns = store.article("wyverns").await;
    let mut expected = store.article("dragons").await.unwrap();

    let ArticleChanges { title, description, body, tags } = full_changes();
    let steps: Vec<(Option<Slug>, ArticleChanges, Effect)> = vec![
        (None, no_changes(), |_| {}),
        (None, ArticleChanges { title, ..no_changes() }, |a| a.summary.title = full_changes().title.unwrap()),
        (None, ArticleChanges { description, ..no_changes() }, |a| {
            a.summary.description = full_changes().description.unwrap();
        }),
        (None, ArticleChanges { body, ..no_changes() }, |a| a.body = full_changes().body.unwrap()),
        (None, ArticleChanges { tags, ..no_changes() }, |a| a.summary.tags = full_changes().tags.unwrap()),
        (Some(slug("drakes")), no_changes(), |a| a.summary.slug = slug("drakes")),
    ];
    for (new_slug, changes, change) in steps {
        change(&mut expected);
        expected.summary.updated_at += TimeDelta::milliseconds(1);
        assert_eq!(store.update_article(id, new_slug, changes, &amy).await.unwrap(), Some(expected.clone()));
        assert_eq!(store.article(expected.summary.slug.as_str()).await, Some(expected.clone()));
    }
    assert_eq!(store.article("dragons").await, None);
    assert_eq!(store.article_id("drakes", &amy).await, id);
    assert_eq!(store.article("wyverns").await, wyverns);
}

#[rstest]
#[tokio::test]
async fn empty_tag_list_removes_all_tags(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, id) = store_with_dragons(engine).await;
    let untagged = ArticleChanges { tags: Some(tag_list(&[])), ..no_changes() };
    let article = store.update_article(id, None, untagged, &amy).await.unwrap().unwrap();
    assert_eq!(article.summary.tags, tag_list(&[]));
    assert!(store.articles.tags(None).await.unwrap().is_empty());
}

#[rstest]
#[case::clock_advances(500, 500)]
#[case::clock_stands_still(0, 1)]
#[case::clock_goes_back(-5_000, 1)]
#[tokio::test]
async fn updated_at_strictly_increases(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] now: i64,
    #[case] updated: i64,
) {
    let (store, amy, id) = store_with_dragons(engine).await;
    for repeated in 0..3 {
        let article = store.articles.update(id, None, no_changes(), time_at(now), &amy).await.unwrap().unwrap();
        assert_eq!(article.summary.updated_at, time_at(updated + repeated));
        assert_eq!(article.summary.created_at, time_at(0));
    }
}

#[rstest]
#[tokio::test]
async fn update_returns_the_article_as_its_reader_sees_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, id) = store_with_dragons(engine).await;
    let bob = store.new_user("bob").await;
    store.follow(&bob, &[amy]).await;
    store.favorite(&bob, &["dragons"]).await;

    for (reader, expected) in [(&amy, false), (&bob, true)] {
        let article = store.update_article(id, None, no_changes(), reader).await.unwrap().unwrap().summary;
        assert_eq!((article.favorited, article.author.following, article.favorites_count), (expected, expected, 1));
    }
}

#[rstest]
#[tokio::test]
async fn deleted_article_is_not_updated(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, id) = store_with_dragons(engine).await;
    store.articles.delete(id).await.unwrap();
    for id in [id, ArticleId::new(i64::MAX)] {
        assert_eq!(store.update_article(id, Some(slug("drakes")), full_changes(), &amy).await.unwrap(), None);
    }
    assert_eq!(store.list(ArticleFilter::default()).await.total, 0);
}

#[rstest]
#[tokio::test]
async fn own_slug_is_not_taken(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, id) = store_with_dragons(engine).await;
    let article = store.update_article(id, Some(slug("dragons")), full_changes(), &amy).await.unwrap().unwrap();
    assert_eq!(article.summary.slug, slug("dragons"));
    assert_eq!(article.summary.title, title("Another title"));
}

#[rstest]
#[tokio::test]
async fn taken_slug_leaves_the_article_unchanged(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, id) = store_with_dragons(engine).await;
    store.publish(new_article("wyverns", &amy)).await;
    let before = store.list(ArticleFilter::default()).await;

    let taken = store.update_article(id, Some(slug("wyverns")), full_changes(), &amy).await;
    assert_taken(taken, &[Unique::Slug]);
    assert_eq!(store.list(ArticleFilter::default()).await, before);
    assert_eq!(store.article("dragons").await.unwrap().body.as_str(), "Body of dragons");
    assert_eq!(store.articles.tags(None).await.unwrap(), tag_list(&["fire", "tea"]).as_slice());
    store.assert_counters_match().await;
}

#[rstest]
#[tokio::test]
async fn unit_of_work_continues_after_a_taken_slug(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, id) = store_with_dragons(engine).await;
    store.publish(new_article("wyverns", &amy)).await;
    store
        .run_and_commit(async || {
            store.publish(new_article("before", &amy)).await;
            for _ in 0..2 {
                assert_taken(
                    store.update_article(id, Some(slug("wyverns")), full_changes(), &amy).await,
                    &[Unique::Slug],
                );
            }
            store.update_article(id, Some(slug("drakes")), full_changes(), &amy).await.unwrap().unwrap();
            store.publish(new_article("after", &amy)).await;
        })
        .await;
    assert_eq!(slugs(&store.list(ArticleFilter::default()).await), ["after", "before", "wyverns", "drakes"]);
    store.assert_counters_match().await;
}
