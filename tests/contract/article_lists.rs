//! The lists of articles: which, in which order, and how many in all.

use conduit::domain::model::{
    article::ArticleFilter,
    values::{Page, Tag},
};
use rstest::rstest;

use crate::{
    library::{foretold, library},
    story::{ListRows, an_article, at, key, page, slug, slugs, total},
    support::Engine::{self, *},
    test_store::TestStore,
};

#[rstest]
#[tokio::test]
async fn every_combination_of_filters_lists_and_counts_what_matches(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = library(engine).await;
    for (filter, expected) in foretold() {
        let list = store.list(filter.clone()).await;
        assert_eq!(slugs(&list), expected, "{filter:?}");
        assert_eq!(total(&list), expected.len(), "{filter:?}");
    }
}

#[rstest]
#[tokio::test]
async fn every_page_of_every_list_has_its_total(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = library(engine).await;
    for (filter, expected) in foretold() {
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
async fn the_largest_page_is_full(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    store.follow(&bob, &[amy]).await;
    for number in 0..103 {
        store.publish(an_article(&number.to_string(), &amy).at(number)).await;
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
async fn an_empty_store_lists_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    for (filter, _) in foretold() {
        for reader in [None, Some(&amy)] {
            assert_eq!(store.articles.page(&filter, reader, Page::default()).await.unwrap(), Default::default());
        }
    }
}

#[rstest]
#[tokio::test]
async fn names_are_matched_by_any_spelling_and_tags_by_their_own(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = library(engine).await;
    let everything = ArticleFilter::default;
    for (filter, expected) in [
        (ArticleFilter { author: Some(key("ＡＭＹ")), ..everything() }, 8),
        (ArticleFilter { favorited_by: Some(key("Dan")), ..everything() }, 6),
        (ArticleFilter { tag: Some(Tag::for_lookup(" fire ")), ..everything() }, 12),
        (ArticleFilter { tag: Some(Tag::for_lookup("Fire")), ..everything() }, 0),
        (ArticleFilter { tag: Some(Tag::for_lookup("")), ..everything() }, 0),
        (ArticleFilter { tag: Some(Tag::for_lookup("f%")), ..everything() }, 0),
        (ArticleFilter { author: Some(key("")), ..everything() }, 0),
    ] {
        let list = store.list(filter.clone()).await;
        assert_eq!((total(&list), list.articles.len()), (expected, expected), "{filter:?}");
    }
}

#[rstest]
#[tokio::test]
async fn articles_of_one_millisecond_are_listed_latest_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    for (name, author) in [("a", &amy), ("b", &bob), ("c", &amy), ("d", &bob), ("e", &amy)] {
        store.publish(an_article(name, author).tagged(&["tea"])).await;
    }
    store.favorite(&amy, &["c", "a", "e", "b", "d"]).await;

    let everything = ArticleFilter::default;
    let tea = ArticleFilter { tag: Some(Tag::for_lookup("tea")), ..everything() };
    let favorites = ArticleFilter { favorited_by: Some(key("amy")), ..everything() };
    for filter in [everything(), tea.clone(), favorites.clone(), ArticleFilter { tag: tea.tag, ..favorites }] {
        assert_eq!(slugs(&store.list(filter).await), ["e", "d", "c", "b", "a"]);
    }
    let by_bob = ArticleFilter { author: Some(key("bob")), ..everything() };
    assert_eq!(slugs(&store.list(by_bob).await), ["d", "b"]);
}

#[rstest]
#[tokio::test]
async fn the_time_of_creation_goes_before_the_order_of_writing(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    for (name, published) in [("c", 7), ("a", -60_000), ("d", 7), ("b", 6), ("e", 8)] {
        store.publish(an_article(name, &amy).at(published)).await;
    }
    assert_eq!(slugs(&store.list(ArticleFilter::default()).await), ["e", "d", "c", "b", "a"]);
}

#[rstest]
#[tokio::test]
async fn an_article_takes_the_place_of_one_that_was_deleted(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    for name in ["a", "b"] {
        store.publish(an_article(name, &amy)).await;
    }
    store.articles.delete(store.id_of("b", &amy).await).await.unwrap();
    store.publish(an_article("c", &amy)).await;
    assert_eq!(slugs(&store.list(ArticleFilter::default()).await), ["c", "a"]);
}

#[rstest]
#[tokio::test]
async fn a_change_moves_no_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    for name in ["a", "b"] {
        store.publish(an_article(name, &amy)).await;
    }
    let id = store.id_of("a", &amy).await;
    store.articles.update(id, Some(slug("z")), Default::default(), at(1_000), &amy).await.unwrap();
    assert_eq!(slugs(&store.list(ArticleFilter::default()).await), ["b", "z"]);
}

#[rstest]
#[tokio::test]
async fn a_reader_sees_its_own_favorites_and_whom_it_follows(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = library(engine).await;
    let (amy, dan) = (store.log_in("amy").await, store.log_in("dan").await);
    store.follow(&dan, &[amy]).await;

    for (filter, expected) in foretold() {
        let page = store.articles.page(&filter, Some(&dan), page(100, 0)).await.unwrap();
        assert_eq!(slugs(&page), expected);
        for article in &page.articles {
            let number: i64 = article.slug.as_str().parse().unwrap();
            assert_eq!((article.favorited, article.author.following), (number % 4 == 0, number % 3 == 0));
        }
    }
}
