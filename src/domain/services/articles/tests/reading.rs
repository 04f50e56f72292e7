//! Lists, single articles, favorites and tags.

use super::*;
use crate::domain::model::values::Tag;

fn page_of_one() -> ArticlePage {
    ArticlePage { articles: vec![article("Dragons").summary], total: 21 }
}

fn second_page() -> Page {
    Page::parse(Some("20"), Some("20")).unwrap()
}

#[test]
fn list_passes_filter_reader_and_page_to_the_store() {
    let filter = ArticleFilter {
        tag: Some(Tag::for_lookup("fire")),
        author: Some(amy().username.key()),
        favorited_by: Some(bob().username.key()),
    };
    let mut ports = Ports::default();
    let expected = filter.clone();
    ports
        .articles
        .expect_page()
        .once()
        .withf(move |filter, reader, page| {
            (filter, *page) == (&expected, second_page()) && *reader == Some(&identity_of(&bob()))
        })
        .returning(|_, _, _| Ok(page_of_one()));

    let listed = ports.service().list(&filter, Some(&identity_of(&bob())), second_page()).now_or_panic();

    assert_eq!(listed.unwrap(), page_of_one());
}

#[test]
fn feed_is_that_of_the_reader() {
    let mut ports = Ports::default();
    ports
        .articles
        .expect_feed()
        .once()
        .with(eq(identity_of(&bob())), eq(second_page()))
        .returning(|_, _| Ok(page_of_one()));

    assert_eq!(ports.service().feed(&identity_of(&bob()), second_page()).now_or_panic().unwrap(), page_of_one());
}

#[test]
fn feed_in_an_ended_session_is_rejected() {
    let mut ports = Ports::default();
    ports.articles.expect_feed().once().returning(|_, _| session_ended());

    assert_fails!(ports.service().feed(&identity_of(&bob()), Page::default()).now_or_panic(), Error::InvalidToken);
}

#[test]
fn article_is_relative_to_the_reader() {
    let mut ports = Ports::default();
    ports
        .articles
        .expect_find()
        .once()
        .withf(|given, reader| *given == slug("dragons") && *reader == Some(&identity_of(&bob())))
        .returning(|_, _| Ok(Some(article("Dragons"))));

    let shown = ports.service().show(&slug("dragons"), Some(&identity_of(&bob()))).now_or_panic();

    assert_eq!(shown.unwrap(), article("Dragons"));
}

#[test]
fn unknown_article_is_not_found() {
    let mut ports = Ports::default();
    ports.articles.expect_find().once().withf(|_, reader| reader.is_none()).returning(|_, _| Ok(None));

    assert_fails!(ports.service().show(&slug("dragons"), None).now_or_panic(), Error::NotFound(Resource::Article));
}

#[test]
fn favorite_is_that_of_the_reader_and_recorded_if_new() {
    for is_new in [true, false] {
        let bob = identity_of(&bob());
        let mut ports = Ports::default();
        let favorite = ports.articles.expect_favorite().once().with(eq(slug("dragons")), eq(bob));
        favorite.returning(move |_, _| Ok(Some(FavoritedArticle { article: article("Dragons"), is_new })));
        if is_new {
            ports.expect_event(BusinessEvent::FavoriteAdded);
        }

        assert_eq!(ports.service().favorite(&slug("dragons"), &bob).now_or_panic().unwrap(), article("Dragons"));
    }
}

#[test]
fn unfavorite_is_that_of_the_reader() {
    let bob = identity_of(&bob());
    let mut ports = Ports::default();
    let unfavorite = ports.articles.expect_unfavorite().once().with(eq(slug("dragons")), eq(bob));
    unfavorite.returning(|_, _| Ok(Some(article("Dragons"))));

    assert_eq!(ports.service().unfavorite(&slug("dragons"), &bob).now_or_panic().unwrap(), article("Dragons"));
}

#[test]
fn favorite_and_unfavorite_of_an_unknown_article_are_not_found() {
    let service = || {
        let mut ports = Ports::default();
        ports.articles.expect_favorite().returning(|_, _| Ok(None));
        ports.articles.expect_unfavorite().returning(|_, _| Ok(None));
        ports.service()
    };
    let (dragons, bob) = (slug("dragons"), identity_of(&bob()));

    assert_fails!(service().favorite(&dragons, &bob).now_or_panic(), Error::NotFound(Resource::Article));
    assert_fails!(service().unfavorite(&dragons, &bob).now_or_panic(), Error::NotFound(Resource::Article));
}

#[test]
fn tags_keep_the_order_of_the_store() {
    let tags = || ["fire", "care", "dragons"].map(Tag::for_lookup).to_vec();
    let mut ports = Ports::default();
    ports.articles.expect_tags().once().returning(move |_| Ok(tags()));

    assert_eq!(ports.service().tags(None).now_or_panic().unwrap(), tags());
}

#[test]
fn reads_fail_if_the_store_is_unavailable() {
    let mut ports = Ports::default();
    ports.articles.expect_page().returning(|_, _, _| store_unavailable());
    ports.articles.expect_tags().returning(|_| store_unavailable());
    let service = ports.service();

    let list = service.list(&ArticleFilter::default(), None, Page::default()).now_or_panic();

    assert_fails!(list, Error::Unavailable(_));
    assert_fails!(service.tags(None).now_or_panic(), Error::Unavailable(_));
}
