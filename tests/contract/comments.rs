//! Comments on articles.

use conduit::domain::model::{
    about::About,
    comment::{Comment, CommentHead, NewComment},
    profile::Profile,
    values::CommentId,
};
use rstest::rstest;

use crate::{
    story::{a_comment, an_article, at, slug, username},
    support::Engine::{self, *},
    test_store::TestStore,
};

impl TestStore {
    /// What the comments on an article say, in order.
    async fn said_of(&self, article: &str) -> Vec<String> {
        let comments = self.comments.list(&slug(article), None).await.unwrap().unwrap();
        comments.into_iter().map(|comment| comment.body.into_string()).collect()
    }
}

#[rstest]
#[tokio::test]
async fn a_comment_comes_back_as_it_was_written(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    store.publish(an_article("dragons", &amy)).await;
    let new = NewComment { created_at: at(123), ..a_comment(" 'Nice'\r\n\\ 🦄 ", &bob) };
    let id = store.comments.insert(&slug("dragons"), new.clone()).await.unwrap().unwrap();

    let author = Profile { username: username("bob"), about: About::default(), following: false };
    let comment = Comment { id, body: new.body, created_at: at(123), updated_at: at(123), author };
    for reader in [None, Some(&amy), Some(&bob)] {
        assert_eq!(store.comments.list(&slug("dragons"), reader).await.unwrap(), Some(vec![comment.clone()]));
    }
}

#[rstest]
#[tokio::test]
async fn the_most_recent_comes_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    for name in ["dragons", "wyverns"] {
        store.publish(an_article(name, &amy)).await;
    }
    for (author, article, body) in
        [(&amy, "dragons", "one"), (&bob, "wyverns", "elsewhere"), (&bob, "dragons", "two"), (&amy, "dragons", "three")]
    {
        store.comment(author, article, body).await;
    }
    assert_eq!(store.said_of("dragons").await, ["three", "two", "one"]);
    assert_eq!(store.said_of("wyverns").await, ["elsewhere"]);
}

/// More than are read in one go, wherever that is.
#[rstest]
#[tokio::test]
async fn however_many_there_are_all_come(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    store.publish(an_article("dragons", &amy)).await;
    store.comment(&amy, "dragons", "0").await;
    let more = "
        with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < 1500)
        insert into comments (author_id, created_at, body, article_id)
        select author_id, created_at, number, article_id from comments cross join numbers order by number";
    store.database.execute(more).await;
    let expected: Vec<String> = (0..=1500).rev().map(|number| number.to_string()).collect();
    assert_eq!(store.said_of("dragons").await, expected);
}

#[rstest]
#[tokio::test]
async fn an_article_without_comments_is_not_an_unknown_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    store.publish(an_article("dragons", &amy)).await;
    for reader in [None, Some(&amy)] {
        assert_eq!(store.comments.list(&slug("dragons"), reader).await.unwrap(), Some(vec![]));
        for unknown in ["wyverns", ""] {
            assert_eq!(store.comments.list(&slug(unknown), reader).await.unwrap(), None);
        }
    }
}

#[rstest]
#[tokio::test]
async fn a_reader_sees_which_commenters_it_follows(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob, cat] = store.people(["amy", "bob", "cat"]).await;
    store.publish(an_article("dragons", &amy)).await;
    for author in [&amy, &bob, &cat] {
        store.comment(author, "dragons", "Nice").await;
    }
    store.follow(&amy, &[bob]).await;

    for (reader, expected) in [(Some(&amy), [false, true, false]), (Some(&bob), [false; 3]), (None, [false; 3])] {
        let comments = store.comments.list(&slug("dragons"), reader).await.unwrap().unwrap();
        let following: Vec<bool> = comments.iter().map(|comment| comment.author.following).collect();
        assert_eq!(following, expected);
    }
}

#[rstest]
#[tokio::test]
async fn an_unknown_article_takes_no_comment(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    for unknown in ["dragons", ""] {
        assert_eq!(store.comments.insert(&slug(unknown), a_comment("Nice", &amy)).await.unwrap(), None);
    }
    assert!(store.database.select("select body from comments").await.is_empty());
}

#[rstest]
#[tokio::test]
async fn the_head_tells_what_is_missing(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    for name in ["dragons", "wyverns"] {
        store.publish(an_article(name, &amy)).await;
    }
    let (id, unknown) = (store.comment(&bob, "dragons", "Nice").await, CommentId::new(i64::MAX));

    for (article, id, expected) in [
        ("dragons", id, CommentHead::Found { author: bob.user }),
        ("dragons", unknown, CommentHead::NoComment),
        ("wyverns", id, CommentHead::NoComment),
        ("unknown", id, CommentHead::NoArticle),
        ("unknown", unknown, CommentHead::NoArticle),
    ] {
        for reader in [&amy, &bob] {
            assert_eq!(store.comments.head(&slug(article), id, reader).await.unwrap(), expected, "{article}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn deleting_what_is_gone_is_no_error(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    store.publish(an_article("dragons", &amy)).await;
    store.comment(&amy, "dragons", "stays").await;
    let id = store.comment(&amy, "dragons", "goes").await;

    for id in [id, id, CommentId::new(i64::MAX)] {
        store.comments.delete(id).await.unwrap();
    }
    assert_eq!(store.said_of("dragons").await, ["stays"]);
    assert_eq!(store.comments.head(&slug("dragons"), id, &amy).await.unwrap(), CommentHead::NoComment);
    assert!(store.comment(&amy, "dragons", "new").await > id, "an id is never given twice");
}

#[rstest]
#[tokio::test]
async fn who_is_gone_has_said_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    store.publish(an_article("dragons", &amy)).await;
    store.comment(&amy, "dragons", "stays").await;
    store.comment(&bob, "dragons", "goes").await;
    store.database.execute("delete from users where username = 'bob'").await;
    assert_eq!(store.said_of("dragons").await, ["stays"]);
}
