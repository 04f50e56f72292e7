//! Lists of articles: filters, order, pages and totals.

use conduit::domain::model::article::ArticleFilter;
use conduit::domain::model::values::{Page, Tag};
use rstest::rstest;

use crate::fixtures::{filters_with_expected_slugs, numbered_articles};
use crate::scenario::{NewArticleExt, new_article, page, slug, slugs, time_at, total, username_key};
use crate::support::Engine;
use crate::support::Engine::*;
use crate::test_store::TestStore;

#[rstest]
#[tokio::test]
async fn every_combination_of_filters_lists_and_counts_the_matches(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = numbered_articles(engine).await;
    for (filter, expected) in filters_with_expected_slugs() {
        let list = store.list(filter.clone()).await;
        assert_eq!(slugs(&list), expected, "{filter:?}");
        assert_eq!(total(&list), expected.len(), "{filter:?}");
    }
}

#[rstest]
#[tokio::test]
async fn every_page_has_the_total(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = numbered_articles(engine).await;
    for (filter, expected) in filters_with_expected_slugs() {
        for (limit, offset) in [(1, 0), (3, 2), (100, 5), (20, 24), (20, i64::MAX - 5), (100, i64::MAX)] {
            let list = store.list_page(&filter, page(limit, offset)).await;
            let (limit, offset) = (usize::try_from(limit).unwrap(), usize::try_from(offset).unwrap());
            let shown: Vec<&String> = expected.iter().skip(offset).take(limit).collect();
            assert_eq!(slugs(&list), shown, "{filter:?} from {offset}");
            assert_eq!(total(&list), expected.len(), "{filter:?} from {offset}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn largest_page_is_full(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    store.follow(&bob, &[amy]).await;
    for number in 0..103 {
        store.publish(new_article(&number.to_string(), &amy).created_at(number)).await;
    }
    for (offset, length) in [(0, 100), (2, 100), (3, 100), (4, 99)] {
        let page = page(100, offset);
        let list = store.list_page(&ArticleFilter::default(), page).await;
        assert_eq!((list.articles.len(), list.total), (length, 103), "from {offset}");
        let feed = store.articles.feed(&bob, page).await.unwrap();
        assert_eq!((slugs(&feed), feed.total), (slugs(&list), 103), "from {offset}");
    }
}

#[rstest]
#[tokio::test]
async fn list_of_an_empty_store_is_empty(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    for (filter, _) in filters_with_expected_slugs() {
        for reader in [None, Some(&amy)] {
            assert_eq!(store.articles.page(&filter, reader, Page::default()).await.unwrap(), Default::default());
        }
    }
}

#[rstest]
#[tokio::test]
async fn filters_normalize_usernames_but_not_tags(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = numbered_articles(engine).await;
    let all = ArticleFilter::default;
    for (filter, expected) in [
        (ArticleFilter { author: Some(username_key("ＡＭＹ")), ..all() }, 8),
        (ArticleFilter { favorited_by: Some(username_key("Dan")), ..all() }, 6),
        (ArticleFilter { tag: Some(Tag::for_lookup(" fire ")), ..all() }, 12),
        (ArticleFilter { tag: Some(Tag::for_lookup("Fire")), ..all() }, 0),
        (ArticleFilter { tag: Some(Tag::for_lookup("")), ..all() }, 0),
        (ArticleFilter { tag: Some(Tag::for_lookup("f%")), ..all() }, 0),
        (ArticleFilter { author: Some(username_key("")), ..all() }, 0),
    ] {
        let list = store.list(filter.clone()).await;
        assert_eq!((total(&list), list.articles.len()), (expected, expected), "{filter:?}");
    }
}

#[rstest]
#[tokio::test]
async fn articles_of_one_millisecond_are_ordered_by_insertion(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    for (name, author) in [("a", &amy), ("b", &bob), ("c", &amy), ("d", &bob), ("e", &amy)] {
        store.publish(new_article(name, author).tagged(&["tea"])).await;
    }
    store.favorite(&amy, &["c", "a", "e", "b", "d"]).await;

    let all = ArticleFilter::default;
    let tea = ArticleFilter { tag: Some(Tag::for_lookup("tea")), ..all() };
    let favorites = ArticleFilter { favorited_by: Some(username_key("amy")), ..all() };
    for filter in [all(), tea.clone(), favorites.clone(), ArticleFilter { tag: tea.tag, ..favorites }] {
        assert_eq!(slugs(&store.list(filter).await), ["e", "d", "c", "b", "a"]);
    }
    let by_bob = ArticleFilter { author: Some(username_key("bob")), ..all() };
    assert_eq!(slugs(&store.list(by_bob).await), ["d", "b"]);
}

#[rstest]
#[tokio::test]
async fn creation_time_takes_precedence_over_insertion(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    for (name, created_at) in [("c", 7), ("a", -60_000), ("d", 7), ("b", 6), ("e", 8)] {
        store.publish(new_article(name, &amy).created_at(created_at)).await;
    }
    assert_eq!(slugs(&store.list(ArticleFilter::default()).await), ["e", "d", "c", "b", "a"]);
}

#[rstest]
#[tokio::test]
async fn article_after_a_deletion_is_listed_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    for name in ["a", "b"] {
        store.publish(new_article(name, &amy)).await;
    }
    store.articles.delete(store.article_id("b", &amy).await).await.unwrap();
    store.publish(new_article("c", &amy)).await;
    assert_eq!(slugs(&store.list(ArticleFilter::default()).await), ["c", "a"]);
}

#[rstest]
#[tokio::test]
async fn update_keeps_the_order(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    for name in ["a", "b"] {
        store.publish(new_article(name, &amy)).await;
    }
    let id = store.article_id("a", &amy).await;
    store.articles.update(id, Some(slug("z")), Default::default(), time_at(1_000), &amy).await.unwrap();
    assert_eq!(slugs(&store.list(ArticleFilter::default()).await), ["b", "z"]);
}

#[rstest]
#[tokio::test]
async fn favorited_and_following_depend_on_the_reader(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = numbered_articles(engine).await;
    let (amy, dan) = (store.log_in("amy").await, store.log_in("dan").await);
    store.follow(&dan, &[amy]).await;

    for (filter, expected) in filters_with_expected_slugs() {
        let page = store.articles.page(&filter, Some(&dan), page(100, 0)).await.unwrap();
        assert_eq!(slugs(&page), expected);
        for article in &page.articles {
            let number: i64 = article.slug.as_str().parse().unwrap();
            assert_eq!((article.favorited, article.author.following), (number % 4 == 0, number % 3 == 0));
        }
    }
}
