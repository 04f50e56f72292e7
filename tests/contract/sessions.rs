//! How long a session lives, and what one that has ended is told.

use conduit::domain::model::{
    about::AboutChanges,
    article::{ArticleChanges, ArticleFilter},
    user::{CredentialVersion, Identity, UserUpdate},
    values::{ArticleId, CommentId, Page},
};
use rstest::rstest;

use crate::{
    story::{ListRows, an_article, assert_ended, at, email, hash, key, nobody, slug, tags, username},
    support::Engine::{self, *},
    test_store::TestStore,
};

async fn lives(store: &TestStore, identity: &Identity) -> bool {
    match store.users.current(identity).await {
        Ok(account) => account.id == identity.user,
        ended => {
            assert_ended(ended);
            false
        }
    }
}

/// The same session with the token that it gets with a change of the password.
fn renewed(identity: &Identity) -> Identity {
    Identity { credential_version: CredentialVersion::new(identity.credential_version.get() + 1), ..*identity }
}

#[rstest]
#[tokio::test]
async fn a_password_change_ends_every_session_but_the_one_that_made_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    let (phone, tablet) = (store.log_in("amy").await, store.log_in("amy").await);

    let account = store.change_password(&amy).await;
    assert_eq!(account.credential_version, renewed(&amy).credential_version);
    assert!(lives(&store, &amy).await, "with the token that made the change");
    assert!(lives(&store, &renewed(&amy)).await, "with the token that the change gave");
    assert!(!lives(&store, &phone).await && !lives(&store, &tablet).await);
    assert!(lives(&store, &bob).await, "somebody else's");
    assert!(lives(&store, &store.log_in("amy").await).await, "one that begins after the change");
}

#[rstest]
#[tokio::test]
async fn the_session_once_kept_ends_with_the_next_change(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    store.change_password(&amy).await;
    let phone = store.log_in("amy").await;

    store.change_password(&phone).await;
    assert!(!lives(&store, &amy).await && !lives(&store, &renewed(&amy)).await);
    assert!(lives(&store, &phone).await && lives(&store, &renewed(&phone)).await);
}

#[rstest]
#[tokio::test]
async fn a_session_may_change_the_password_again_and_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    for credential_version in 1..=3 {
        let phone = store.log_in("amy").await;
        assert_eq!(store.change_password(&amy).await.credential_version.get(), credential_version);
        assert!(lives(&store, &amy).await && !lives(&store, &phone).await);
    }
}

#[rstest]
#[tokio::test]
async fn other_changes_end_no_session(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    store.change_password(&amy).await;
    let phone = store.log_in("amy").await;
    let update = UserUpdate {
        username: Some(username("anna")),
        email: Some(email("anna@example.com")),
        about: AboutChanges { bio: Some(None), image: Some(None) },
        password_hash: None,
    };

    store.users.update(&phone, update, at(1)).await.unwrap();
    assert!(lives(&store, &amy).await && lives(&store, &phone).await);
}

#[rstest]
#[tokio::test]
async fn a_session_ends_with_its_user(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    store.database.execute("delete from users where username = 'amy'").await;

    assert!(!lives(&store, &amy).await && lives(&store, &bob).await);
    assert!(!lives(&store, &nobody()).await);
}

#[rstest]
#[tokio::test]
async fn an_ended_session_changes_no_account_and_learns_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, _] = store.people(["amy", "bob"]).await;
    let phone = store.log_in("amy").await;
    store.end(&amy).await;
    let account = store.users.current(&store.log_in("amy").await).await.unwrap();

    for name in ["anna", "bob"] {
        let update =
            UserUpdate { username: Some(username(name)), password_hash: Some(hash("stolen")), ..UserUpdate::default() };
        assert_ended(store.users.update(&phone, update, at(1)).await);
    }
    assert_eq!(store.users.current(&store.log_in("amy").await).await.unwrap(), account);
}

/// A store where Amy follows Bob, whose article `dragons` she has made a favorite and commented, her session, which
/// has ended, and her comment.
async fn after_amys_session(engine: Engine) -> (TestStore, Identity, CommentId) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    store.publish(an_article("dragons", &bob).tagged(&["fire"])).await;
    store.follow(&amy, &[bob]).await;
    store.favorite(&amy, &["dragons"]).await;
    let comment = store.comment(&amy, "dragons", "Nice").await;
    store.comment(&bob, "dragons", "Thanks").await;
    store.end(&amy).await;
    (store, amy, comment)
}

#[rstest]
#[tokio::test]
async fn an_ended_session_reads_like_nobody(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, _) = after_amys_session(engine).await;
    let (dragons, reader) = (slug("dragons"), Some(&amy));

    let article = store.articles.find(&dragons, reader).await.unwrap().unwrap();
    assert!(!article.summary.favorited && !article.summary.author.following);
    assert_eq!(article.summary.favorites_count, 1);
    assert!(!store.profiles.find(&key("bob"), reader).await.unwrap().unwrap().following);
    let comments = store.comments.list(&dragons, reader).await.unwrap().unwrap();
    assert!(comments.len() == 2 && comments.iter().all(|comment| !comment.author.following));
    let page = store.articles.page(&ArticleFilter::default(), reader, Page::default()).await.unwrap();
    assert_eq!(page, store.list(ArticleFilter::default()).await);
    assert!(!page.articles[0].favorited && !page.articles[0].author.following);
}

#[rstest]
#[tokio::test]
async fn an_ended_session_is_told_so_before_anything_else(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, comment) = after_amys_session(engine).await;
    for name in ["bob", "unknown"] {
        assert_ended(store.profiles.find_followable(&key(name), &amy).await);
    }
    for article in [slug("dragons"), slug("unknown")] {
        assert_ended(store.articles.head(&article, &amy).await);
        assert_ended(store.articles.favorite(&article, &amy).await);
        assert_ended(store.articles.unfavorite(&article, &amy).await);
        for comment in [comment, CommentId::new(i64::MAX)] {
            assert_ended(store.comments.head(&article, comment, &amy).await);
        }
    }
    assert_ended(store.articles.feed(&amy, Page::default()).await);
}

#[rstest]
#[tokio::test]
async fn an_ended_session_makes_and_unmakes_no_favorite(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, _) = after_amys_session(engine).await;
    let bob = store.log_in("bob").await;
    store.publish(an_article("wyverns", &bob)).await;

    assert_ended(store.articles.unfavorite(&slug("dragons"), &amy).await);
    assert_ended(store.articles.favorite(&slug("wyverns"), &amy).await);
    let fans = store.list(ArticleFilter { favorited_by: Some(key("amy")), ..ArticleFilter::default() }).await;
    assert_eq!((fans.total, fans.articles[0].slug.as_str()), (1, "dragons"));
}

#[rstest]
#[tokio::test]
async fn an_ended_session_changes_no_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    for name in ["dragons", "taken"] {
        store.publish(an_article(name, &amy)).await;
    }
    let (id, before) = (store.id_of("dragons", &amy).await, store.article("dragons").await);
    store.end(&amy).await;

    let changes = ArticleChanges { tags: Some(tags(&["stolen"])), ..ArticleChanges::default() };
    for (id, new) in [(id, "wyverns"), (id, "taken"), (ArticleId::new(i64::MAX), "wyverns")] {
        assert_ended(store.articles.update(id, Some(slug(new)), changes.clone(), at(1), &amy).await);
    }
    assert_eq!(store.article("dragons").await, before);
}
