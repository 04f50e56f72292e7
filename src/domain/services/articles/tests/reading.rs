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
fn a_list_is_the_page_that_matches_for_this_reader() {
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

    let listed = ports.service().list(&filter, Some(&identity_of(&bob())), second_page()).at_once();

    assert_eq!(listed.unwrap(), page_of_one());
}

#[test]
fn a_feed_is_the_reader_s() {
    let mut ports = Ports::default();
    ports
        .articles
        .expect_feed()
        .once()
        .with(eq(identity_of(&bob())), eq(second_page()))
        .returning(|_, _| Ok(page_of_one()));

    assert_eq!(ports.service().feed(&identity_of(&bob()), second_page()).at_once().unwrap(), page_of_one());
}

#[test]
fn there_is_no_feed_after_the_session_ended() {
    let mut ports = Ports::default();
    ports.articles.expect_feed().once().returning(|_, _| session_ended());

    assert_fails!(ports.service().feed(&identity_of(&bob()), Page::default()).at_once(), Error::InvalidToken);
}

#[test]
fn an_article_is_shown_as_the_reader_sees_it() {
    let mut ports = Ports::default();
    ports
        .articles
        .expect_find()
        .once()
        .withf(|asked, reader| *asked == slug("dragons") && *reader == Some(&identity_of(&bob())))
        .returning(|_, _| Ok(Some(article("Dragons"))));

    let shown = ports.service().show(&slug("dragons"), Some(&identity_of(&bob()))).at_once();

    assert_eq!(shown.unwrap(), article("Dragons"));
}

#[test]
fn an_unknown_article_is_not_found() {
    let mut ports = Ports::default();
    ports.articles.expect_find().once().withf(|_, reader| reader.is_none()).returning(|_, _| Ok(None));

    assert_fails!(ports.service().show(&slug("dragons"), None).at_once(), Error::NotFound(Resource::Article));
}

#[test]
fn favoriting_is_done_for_the_reader_and_told_if_it_is_new() {
    for is_new in [true, false] {
        let bob = identity_of(&bob());
        let mut ports = Ports::default();
        let favorite = ports.articles.expect_favorite().once().with(eq(slug("dragons")), eq(bob));
        favorite.returning(move |_, _| Ok(Some(Favorited { article: article("Dragons"), is_new })));
        if is_new {
            ports.tell(BusinessEvent::FavoriteAdded);
        }

        assert_eq!(ports.service().favorite(&slug("dragons"), &bob).at_once().unwrap(), article("Dragons"));
    }
}

#[test]
fn and_so_is_unfavoriting() {
    let bob = identity_of(&bob());
    let mut ports = Ports::default();
    let unfavorite = ports.articles.expect_unfavorite().once().with(eq(slug("dragons")), eq(bob));
    unfavorite.returning(|_, _| Ok(Some(article("Dragons"))));

    assert_eq!(ports.service().unfavorite(&slug("dragons"), &bob).at_once().unwrap(), article("Dragons"));
}

#[test]
fn nobody_favorites_or_unfavorites_an_unknown_article() {
    let service = || {
        let mut ports = Ports::default();
        ports.articles.expect_favorite().returning(|_, _| Ok(None));
        ports.articles.expect_unfavorite().returning(|_, _| Ok(None));
        ports.service()
    };
    let (dragons, bob) = (slug("dragons"), identity_of(&bob()));

    assert_fails!(service().favorite(&dragons, &bob).at_once(), Error::NotFound(Resource::Article));
    assert_fails!(service().unfavorite(&dragons, &bob).at_once(), Error::NotFound(Resource::Article));
}

#[test]
fn tags_keep_the_order_of_the_store() {
    let tags = || ["fire", "care", "dragons"].map(Tag::for_lookup).to_vec();
    let mut ports = Ports::default();
    ports.articles.expect_tags().once().returning(move |_| Ok(tags()));

    assert_eq!(ports.service().tags(None).at_once().unwrap(), tags());
}

#[test]
fn a_store_that_is_away_is_unavailable() {
    let mut ports = Ports::default();
    ports.articles.expect_page().returning(|_, _, _| store_away());
    ports.articles.expect_tags().returning(|_| store_away());
    let service = ports.service();

    let list = service.list(&ArticleFilter::default(), None, Page::default()).at_once();

    assert_fails!(list, Error::Unavailable(_));
    assert_fails!(service.tags(None).at_once(), Error::Unavailable(_));
}
