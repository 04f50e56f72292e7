//! Publishing, reading and deleting an article.

use conduit::{
    domain::model::{
        about::About,
        article::{Article, ArticleFilter, ArticleHead, ArticlePage, ArticleSummary, Draft, NewArticle},
        profile::Profile,
        values::{ArticleBody, ArticleId, Description},
    },
    ports::{repositories::Unique::Slug, unit_of_work::Verdict},
};
use rstest::rstest;

use crate::{
    story::{ListRows, an_article, assert_taken, at, slug, slugs, tags, title, username},
    support::Engine::{self, *},
    test_store::TestStore,
};

const AWKWARD: &str = " 'quoted' \"twice\" \\ {braces}, [1,2] $1 %s \r\n\t NULL null 🦄 e\u{301} ";

#[rstest]
#[tokio::test]
async fn an_article_comes_back_as_it_was_written(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    let draft = Draft {
        title: title(AWKWARD),
        description: Description::parse(AWKWARD).unwrap(),
        body: ArticleBody::parse(&AWKWARD.repeat(20_000)).unwrap(),
        tags: tags(&[AWKWARD, "a,b", "{}", "\"", "\\", "NULL", "B", "b", "é", "🦄"]),
    };
    store.publish(NewArticle { draft: draft.clone(), ..an_article("dragons", &amy).at(123) }).await;

    let author = Profile { username: username("amy"), about: About::default(), following: false };
    let summary = ArticleSummary {
        slug: slug("dragons"),
        title: draft.title,
        description: draft.description,
        tags: draft.tags,
        created_at: at(123),
        updated_at: at(123),
        favorited: false,
        favorites_count: 0,
        author,
    };
    let page = store.list(ArticleFilter::default()).await;
    assert_eq!(page, ArticlePage { articles: vec![summary.clone()], total: 1 });
    let article = Article { summary, body: draft.body };
    for reader in [None, Some(&amy)] {
        assert_eq!(store.articles.find(&slug("dragons"), reader).await.unwrap(), Some(article.clone()));
    }
}

#[rstest]
#[tokio::test]
async fn a_reader_sees_its_own_favorites_and_whom_it_follows(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob, cat] = store.people(["amy", "bob", "cat"]).await;
    store.publish(an_article("dragons", &bob)).await;
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
async fn an_unknown_slug_is_no_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    store.publish(an_article("dragons", &amy)).await;
    for unknown in ["wyverns", "dragon", "dragons-2", "Dragons", "", "dragons\0"] {
        for reader in [None, Some(&amy)] {
            assert_eq!(store.articles.find(&slug(unknown), reader).await.unwrap(), None, "{unknown:?}");
        }
        assert_eq!(store.articles.head(&slug(unknown), &amy).await.unwrap(), None, "{unknown:?}");
    }
}

#[rstest]
#[tokio::test]
async fn the_head_is_the_same_for_every_reader(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    store.publish(an_article("dragons", &amy)).await;
    store.publish(an_article("wyverns", &amy)).await;

    let id = store.id_of("dragons", &amy).await;
    assert_ne!(id, store.id_of("wyverns", &amy).await);
    let head = ArticleHead { id, author: amy.user, title: title("Title of dragons") };
    for reader in [&amy, &bob] {
        assert_eq!(store.articles.head(&slug("dragons"), reader).await.unwrap(), Some(head.clone()));
    }
}

#[rstest]
#[tokio::test]
async fn an_article_whose_slug_is_taken_is_not_stored(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    store.publish(an_article("dragons", &amy)).await;
    let before = store.article("dragons").await;

    for author in [&amy, &bob] {
        assert_taken(store.articles.insert(an_article("dragons", author).at(9).tagged(&["fire"])).await, &[Slug]);
    }
    assert_eq!(store.article("dragons").await, before);
    assert_eq!(store.list(ArticleFilter::default()).await.total, 1);
    assert!(store.articles.tags(None).await.unwrap().is_empty());
    store.database.assert_counters_match_the_rows().await;
}

#[rstest]
#[tokio::test]
async fn a_unit_of_work_goes_on_after_a_taken_slug(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    store.publish(an_article("dragons", &amy)).await;
    store
        .in_a_unit(Verdict::Commit, async || {
            store.publish(an_article("before", &amy)).await;
            assert_taken(store.articles.insert(an_article("dragons", &amy)).await, &[Slug]);
            store.publish(an_article("after", &amy)).await;
        })
        .await;
    assert_eq!(slugs(&store.list(ArticleFilter::default()).await), ["after", "before", "dragons"]);
}

#[rstest]
#[tokio::test]
async fn of_two_who_want_one_slug_at_once_one_gets_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    let insert = |author| store.articles.insert(an_article("dragons", author));
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
async fn an_article_goes_with_its_comments_favorites_and_tags(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    for name in ["dragons", "wyverns"] {
        store.publish(an_article(name, &amy).tagged(&["fire", name])).await;
        store.comment(&bob, name, "Nice").await;
        store.favorite(&bob, &[name]).await;
    }
    store.articles.delete(store.id_of("dragons", &amy).await).await.unwrap();

    assert_eq!(store.article("dragons").await, None);
    assert_eq!(store.comments.list(&slug("dragons"), None).await.unwrap(), None);
    assert_eq!(slugs(&store.list(ArticleFilter::default()).await), ["wyverns"]);
    assert_eq!(store.comments.list(&slug("wyverns"), None).await.unwrap().unwrap().len(), 1);
    assert_eq!(store.article("wyverns").await.unwrap().summary.favorites_count, 1);
    for table in
        ["select 'c' from comments", "select 'f' from favorites", "select 't' from article_tags where tag = 'fire'"]
    {
        assert_eq!(store.database.select(table).await.len(), 1, "{table}");
    }
    store.database.assert_counters_match_the_rows().await;
}

#[rstest]
#[tokio::test]
async fn deleting_what_is_gone_is_no_error(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    store.publish(an_article("dragons", &amy)).await;
    let id = store.id_of("dragons", &amy).await;
    store.publish(an_article("wyverns", &amy)).await;

    for id in [id, id, ArticleId::new(i64::MAX)] {
        store.articles.delete(id).await.unwrap();
    }
    assert_eq!(slugs(&store.list(ArticleFilter::default()).await), ["wyverns"]);
    store.publish(an_article("dragons", &amy)).await;
}
