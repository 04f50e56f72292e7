//! Changing an article.

use chrono::TimeDelta;
use conduit::{
    domain::model::{
        article::{Article, ArticleChanges, ArticleFilter},
        user::Identity,
        values::{ArticleBody, ArticleId, Description, Slug},
    },
    ports::{
        repositories::{RepositoryError, Unique},
        unit_of_work::TxOutcome,
    },
};
use rstest::rstest;

use crate::{
    story::{ListRows, an_article, assert_taken, at, slug, slugs, tags, title},
    support::Engine::{self, *},
    test_store::TestStore,
};

/// What a change does to the article that is shown.
type Effect = fn(&mut Article);

fn nothing() -> ArticleChanges {
    ArticleChanges::default()
}

/// Every change there is, the slug not counted.
fn everything() -> ArticleChanges {
    ArticleChanges {
        title: Some(title("Another title")),
        description: Some(Description::parse("Another description").unwrap()),
        body: Some(ArticleBody::parse("Another body").unwrap()),
        tags: Some(tags(&["another", "tag"])),
    }
}

/// A store with Amy's article `dragons`, tagged `fire` and `tea`.
async fn with_dragons(engine: Engine) -> (TestStore, Identity, ArticleId) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    store.publish(an_article("dragons", &amy).tagged(&["fire", "tea"])).await;
    let id = store.id_of("dragons", &amy).await;
    (store, amy, id)
}

impl TestStore {
    /// Changes an article a moment after it was published, for its author.
    async fn change(
        &self,
        id: ArticleId,
        slug: Option<Slug>,
        changes: ArticleChanges,
        author: &Identity,
    ) -> Result<Option<Article>, RepositoryError> {
        self.articles.update(id, slug, changes, at(1), author).await
    }
}

#[rstest]
#[tokio::test]
async fn a_change_changes_what_it_names(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, id) = with_dragons(engine).await;
    store.publish(an_article("wyverns", &amy).tagged(&["tea"])).await;
    let wyverns = store.article("wyverns").await;
    let mut expected = store.article("dragons").await.unwrap();

    let ArticleChanges { title, description, body, tags } = everything();
    let steps: [(Option<Slug>, ArticleChanges, Effect); 6] = [
        (None, nothing(), |_| {}),
        (None, ArticleChanges { title, ..nothing() }, |a| a.summary.title = everything().title.unwrap()),
        (None, ArticleChanges { description, ..nothing() }, |a| {
            a.summary.description = everything().description.unwrap();
        }),
        (None, ArticleChanges { body, ..nothing() }, |a| a.body = everything().body.unwrap()),
        (None, ArticleChanges { tags, ..nothing() }, |a| a.summary.tags = everything().tags.unwrap()),
        (Some(slug("drakes")), nothing(), |a| a.summary.slug = slug("drakes")),
    ];
    for (new_slug, changes, change) in steps {
        change(&mut expected);
        expected.summary.updated_at += TimeDelta::milliseconds(1);
        assert_eq!(store.change(id, new_slug, changes, &amy).await.unwrap(), Some(expected.clone()));
        assert_eq!(store.article(expected.summary.slug.as_str()).await, Some(expected.clone()));
    }
    assert_eq!(store.article("dragons").await, None);
    assert_eq!(store.id_of("drakes", &amy).await, id);
    assert_eq!(store.article("wyverns").await, wyverns);
}

#[rstest]
#[tokio::test]
async fn an_empty_tag_list_removes_all(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, id) = with_dragons(engine).await;
    let untagged = ArticleChanges { tags: Some(tags(&[])), ..nothing() };
    let article = store.change(id, None, untagged, &amy).await.unwrap().unwrap();
    assert!(article.summary.tags.as_slice().is_empty());
    assert!(store.articles.tags(None).await.unwrap().is_empty());
}

#[rstest]
#[case("the clock goes on", 500, 500)]
#[case("the clock stands still", 0, 1)]
#[case("the clock goes backwards", -5_000, 1)]
#[tokio::test]
async fn updated_at_strictly_grows(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] _clock: &str,
    #[case] now: i64,
    #[case] updated: i64,
) {
    let (store, amy, id) = with_dragons(engine).await;
    for repeated in 0..3 {
        let article = store.articles.update(id, None, nothing(), at(now), &amy).await.unwrap().unwrap();
        assert_eq!(article.summary.updated_at, at(updated + repeated));
        assert_eq!(article.summary.created_at, at(0));
    }
}

#[rstest]
#[tokio::test]
async fn a_changed_article_is_shown_as_its_reader_sees_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, id) = with_dragons(engine).await;
    let bob = store.user("bob").await;
    store.follow(&bob, &[amy]).await;
    store.favorite(&bob, &["dragons"]).await;

    for (reader, sees) in [(&amy, false), (&bob, true)] {
        let article = store.change(id, None, nothing(), reader).await.unwrap().unwrap().summary;
        assert_eq!((article.favorited, article.author.following, article.favorites_count), (sees, sees, 1));
    }
}

#[rstest]
#[tokio::test]
async fn an_article_that_is_gone_is_not_changed(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, id) = with_dragons(engine).await;
    store.articles.delete(id).await.unwrap();
    for id in [id, ArticleId::new(i64::MAX)] {
        assert_eq!(store.change(id, Some(slug("drakes")), everything(), &amy).await.unwrap(), None);
    }
    assert_eq!(store.list(ArticleFilter::default()).await.total, 0);
}

#[rstest]
#[tokio::test]
async fn its_own_slug_is_not_taken(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, id) = with_dragons(engine).await;
    let article = store.change(id, Some(slug("dragons")), everything(), &amy).await.unwrap().unwrap();
    assert_eq!(article.summary.slug, slug("dragons"));
    assert_eq!(article.summary.title, title("Another title"));
}

#[rstest]
#[tokio::test]
async fn a_taken_slug_leaves_the_article_as_it_was(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, id) = with_dragons(engine).await;
    store.publish(an_article("wyverns", &amy)).await;
    let before = store.list(ArticleFilter::default()).await;

    let taken = store.change(id, Some(slug("wyverns")), everything(), &amy).await;
    assert_taken(taken, &[Unique::Slug]);
    assert_eq!(store.list(ArticleFilter::default()).await, before);
    assert_eq!(store.article("dragons").await.unwrap().body.as_str(), "Body of dragons");
    assert_eq!(store.articles.tags(None).await.unwrap(), tags(&["fire", "tea"]).as_slice());
    store.database.assert_counters_match_the_rows().await;
}

#[rstest]
#[tokio::test]
async fn a_unit_of_work_goes_on_after_a_taken_slug(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, id) = with_dragons(engine).await;
    store.publish(an_article("wyverns", &amy)).await;
    store
        .in_a_unit(TxOutcome::Commit, async || {
            store.publish(an_article("before", &amy)).await;
            for _ in 0..2 {
                assert_taken(store.change(id, Some(slug("wyverns")), everything(), &amy).await, &[Unique::Slug]);
            }
            store.change(id, Some(slug("drakes")), everything(), &amy).await.unwrap().unwrap();
            store.publish(an_article("after", &amy)).await;
        })
        .await;
    assert_eq!(slugs(&store.list(ArticleFilter::default()).await), ["after", "before", "wyverns", "drakes"]);
    store.database.assert_counters_match_the_rows().await;
}
