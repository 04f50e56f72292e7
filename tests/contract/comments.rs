//! Comments on articles.

use conduit::domain::model::comment::{Comment, CommentAuthorship, NewComment};
use conduit::domain::model::values::CommentId;
use rstest::rstest;

use crate::scenario::{new_article, new_comment, profile, slug, time_at};
use crate::support::Engine;
use crate::support::Engine::*;
use crate::test_store::TestStore;

impl TestStore {
    async fn comment_bodies(&self, article: &str) -> Vec<String> {
        let comments = self.comments.list(&slug(article), None).await.unwrap().unwrap();
        comments.iter().map(|comment| comment.body.as_str().to_owned()).collect()
    }
}

#[rstest]
#[tokio::test]
async fn comment_is_returned_as_written(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    store.publish(new_article("dragons", &amy)).await;
    let new = NewComment { created_at: time_at(123), ..new_comment(" 'Nice'\r\n\\ 🦄 ", &bob) };
    let id = store.comments.insert(&slug("dragons"), new.clone()).await.unwrap().unwrap();

    let (created_at, updated_at) = (time_at(123), time_at(123));
    let comment = Comment { id, body: new.body, created_at, updated_at, author: profile("bob") };
    for reader in [None, Some(&amy), Some(&bob)] {
        assert_eq!(store.comments.list(&slug("dragons"), reader).await.unwrap(), Some(vec![comment.clone()]));
    }
}

#[rstest]
#[tokio::test]
async fn newest_comment_is_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    for name in ["dragons", "wyverns"] {
        store.publish(new_article(name, &amy)).await;
    }
    for (author, article, body) in
        [(&amy, "dragons", "one"), (&bob, "wyverns", "elsewhere"), (&bob, "dragons", "two"), (&amy, "dragons", "three")]
    {
        store.comment(author, article, body).await;
    }
    assert_eq!(store.comment_bodies("dragons").await, ["three", "two", "one"]);
    assert_eq!(store.comment_bodies("wyverns").await, ["elsewhere"]);
}

/// Exceeds the number of comments that one statement returns.
#[rstest]
#[tokio::test]
async fn list_contains_all_of_many_comments(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    store.publish(new_article("dragons", &amy)).await;
    store.comment(&amy, "dragons", "0").await;
    let more = "
        with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < 1500)
        insert into comments (author_id, created_at, body, article_id)
        select author_id, created_at, number, article_id from comments cross join numbers order by number";
    store.database.execute(more).await;
    let expected: Vec<String> = (0..=1500).rev().map(|number| number.to_string()).collect();
    assert_eq!(store.comment_bodies("dragons").await, expected);
}

#[rstest]
#[tokio::test]
async fn article_without_comments_differs_from_an_unknown_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    store.publish(new_article("dragons", &amy)).await;
    for reader in [None, Some(&amy)] {
        assert_eq!(store.comments.list(&slug("dragons"), reader).await.unwrap(), Some(vec![]));
        for unknown in ["wyverns", ""] {
            assert_eq!(store.comments.list(&slug(unknown), reader).await.unwrap(), None);
        }
    }
}

#[rstest]
#[tokio::test]
async fn following_depends_on_the_reader(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob, cat] = store.new_users(["amy", "bob", "cat"]).await;
    store.publish(new_article("dragons", &amy)).await;
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
async fn comment_on_an_unknown_article_is_not_stored(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    for unknown in ["dragons", ""] {
        assert_eq!(store.comments.insert(&slug(unknown), new_comment("Nice", &amy)).await.unwrap(), None);
    }
    assert!(store.database.select("select body from comments").await.is_empty());
}

#[rstest]
#[tokio::test]
async fn authorship_distinguishes_a_missing_comment_from_a_missing_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    for name in ["dragons", "wyverns"] {
        store.publish(new_article(name, &amy)).await;
    }
    let (id, unknown) = (store.comment(&bob, "dragons", "Nice").await, CommentId::new(i64::MAX));

    for (article, id, expected) in [
        ("dragons", id, CommentAuthorship::Found { author: bob.user }),
        ("dragons", unknown, CommentAuthorship::NoComment),
        ("wyverns", id, CommentAuthorship::NoComment),
        ("unknown", id, CommentAuthorship::NoArticle),
        ("unknown", unknown, CommentAuthorship::NoArticle),
    ] {
        for reader in [&amy, &bob] {
            assert_eq!(store.comments.authorship(&slug(article), id, reader).await.unwrap(), expected, "{article}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn deletion_of_a_missing_comment_succeeds(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    store.publish(new_article("dragons", &amy)).await;
    store.comment(&amy, "dragons", "kept").await;
    let id = store.comment(&amy, "dragons", "deleted").await;

    for id in [id, id, CommentId::new(i64::MAX)] {
        store.comments.delete(id).await.unwrap();
    }
    assert_eq!(store.comment_bodies("dragons").await, ["kept"]);
    assert_eq!(store.comments.authorship(&slug("dragons"), id, &amy).await.unwrap(), CommentAuthorship::NoComment);
    assert!(store.comment(&amy, "dragons", "new").await > id, "an id is not reused");
}

#[rstest]
#[tokio::test]
async fn deletion_of_a_user_removes_the_comments(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    store.publish(new_article("dragons", &amy)).await;
    store.comment(&amy, "dragons", "kept").await;
    store.comment(&bob, "dragons", "removed").await;
    store.database.execute("delete from users where username = 'bob'").await;
    assert_eq!(store.comment_bodies("dragons").await, ["kept"]);
}
