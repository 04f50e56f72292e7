//! Validity of sessions, and what an ended session can read and write.

use conduit::domain::model::article::{ArticleChanges, ArticleFilter};
use conduit::domain::model::user::{CredentialVersion, Identity, UserUpdate};
use conduit::domain::model::values::{ArticleId, CommentId, Page};
use rstest::rstest;

use crate::scenario::{
    NewArticleExt, assert_session_ended, full_update, new_article, password_hash, slug, tag_list, time_at,
    unknown_session, username, username_key,
};
use crate::support::Engine;
use crate::support::Engine::*;
use crate::test_store::TestStore;

async fn is_valid(store: &TestStore, identity: &Identity) -> bool {
    match store.users.current(identity).await {
        Ok(account) => account.id == identity.user,
        ended => {
            assert_session_ended(ended);
            false
        }
    }
}

/// Returns the session with the token that it receives after a password change.
fn renewed(identity: &Identity) -> Identity {
    Identity { credential_version: CredentialVersion::new(identity.credential_version.get() + 1), ..*identity }
}

#[rstest]
#[tokio::test]
async fn password_change_ends_all_other_sessions(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    let (phone, tablet) = (store.log_in("amy").await, store.log_in("amy").await);

    let account = store.change_password(&amy).await;
    assert_eq!(account.credential_version, renewed(&amy).credential_version);
    assert!(is_valid(&store, &amy).await, "with the token that made the change");
    assert!(is_valid(&store, &renewed(&amy)).await, "with the token that the change returned");
    assert!(!is_valid(&store, &phone).await && !is_valid(&store, &tablet).await);
    assert!(is_valid(&store, &bob).await, "session of another user");
    assert!(is_valid(&store, &store.log_in("amy").await).await, "session that starts after the change");
}

#[rstest]
#[tokio::test]
async fn exempt_session_ends_with_the_next_password_change(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    store.change_password(&amy).await;
    let phone = store.log_in("amy").await;

    store.change_password(&phone).await;
    assert!(!is_valid(&store, &amy).await && !is_valid(&store, &renewed(&amy)).await);
    assert!(is_valid(&store, &phone).await && is_valid(&store, &renewed(&phone)).await);
}

#[rstest]
#[tokio::test]
async fn one_session_changes_the_password_repeatedly(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    for credential_version in 1..=3 {
        let phone = store.log_in("amy").await;
        assert_eq!(store.change_password(&amy).await.credential_version.get(), credential_version);
        assert!(is_valid(&store, &amy).await && !is_valid(&store, &phone).await);
    }
}

#[rstest]
#[tokio::test]
async fn other_updates_end_no_session(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    store.change_password(&amy).await;
    let phone = store.log_in("amy").await;
    let update = UserUpdate { password_hash: None, ..full_update("anna", "anna@example.com") };

    store.users.update(&phone, update, time_at(1)).await.unwrap();
    assert!(is_valid(&store, &amy).await && is_valid(&store, &phone).await);
}

#[rstest]
#[tokio::test]
async fn deletion_of_a_user_ends_the_session(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    store.database.execute("delete from users where username = 'amy'").await;

    assert!(!is_valid(&store, &amy).await && is_valid(&store, &bob).await);
    assert!(!is_valid(&store, &unknown_session()).await);
}

#[rstest]
#[tokio::test]
async fn ended_session_updates_no_account(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, _] = store.new_users(["amy", "bob"]).await;
    let phone = store.log_in("amy").await;
    store.end_session(&amy).await;
    let account = store.users.current(&store.log_in("amy").await).await.unwrap();

    for name in ["anna", "bob"] {
        let update = UserUpdate {
            username: Some(username(name)),
            password_hash: Some(password_hash("stolen")),
            ..UserUpdate::default()
        };
        assert_session_ended(store.users.update(&phone, update, time_at(1)).await);
    }
    assert_eq!(store.users.current(&store.log_in("amy").await).await.unwrap(), account);
}

/// Returns a store where amy follows bob and favorited and commented on his article `dragons`, her
/// ended session, and her comment.
async fn store_with_ended_session(engine: Engine) -> (TestStore, Identity, CommentId) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    store.publish(new_article("dragons", &bob).tagged(&["fire"])).await;
    store.follow(&amy, &[bob]).await;
    store.favorite(&amy, &["dragons"]).await;
    let comment = store.comment(&amy, "dragons", "Nice").await;
    store.comment(&bob, "dragons", "Thanks").await;
    store.end_session(&amy).await;
    (store, amy, comment)
}

#[rstest]
#[tokio::test]
async fn ended_session_reads_as_anonymous(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, _) = store_with_ended_session(engine).await;
    let (dragons, reader) = (slug("dragons"), Some(&amy));

    let article = store.articles.find(&dragons, reader).await.unwrap().unwrap();
    assert!(!article.summary.favorited && !article.summary.author.following);
    assert_eq!(article.summary.favorites_count, 1);
    assert!(!store.profiles.find(&username_key("bob"), reader).await.unwrap().unwrap().following);
    let comments = store.comments.list(&dragons, reader).await.unwrap().unwrap();
    assert!(comments.len() == 2 && comments.iter().all(|comment| !comment.author.following));
    let page = store.articles.page(&ArticleFilter::default(), reader, Page::default()).await.unwrap();
    assert_eq!(page, store.list(ArticleFilter::default()).await);
    assert!(!page.articles[0].favorited && !page.articles[0].author.following);
}

#[rstest]
#[tokio::test]
async fn ended_session_takes_precedence_over_a_missing_resource(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, comment) = store_with_ended_session(engine).await;
    for name in ["bob", "unknown"] {
        assert_session_ended(store.profiles.find_with_id(&username_key(name), &amy).await);
    }
    for article in [slug("dragons"), slug("unknown")] {
        assert_session_ended(store.articles.authorship(&article, &amy).await);
        assert_session_ended(store.articles.favorite(&article, &amy).await);
        assert_session_ended(store.articles.unfavorite(&article, &amy).await);
        for comment in [comment, CommentId::new(i64::MAX)] {
            assert_session_ended(store.comments.authorship(&article, comment, &amy).await);
        }
    }
    assert_session_ended(store.articles.feed(&amy, Page::default()).await);
}

#[rstest]
#[tokio::test]
async fn ended_session_changes_no_favorite(#[values(Sqlite, Postgres)] engine: Engine) {
    let (store, amy, _) = store_with_ended_session(engine).await;
    let bob = store.log_in("bob").await;
    store.publish(new_article("wyverns", &bob)).await;

    assert_session_ended(store.articles.unfavorite(&slug("dragons"), &amy).await);
    assert_session_ended(store.articles.favorite(&slug("wyverns"), &amy).await);
    let favorites =
        store.list(ArticleFilter { favorited_by: Some(username_key("amy")), ..ArticleFilter::default() }).await;
    assert_eq!((favorites.total, favorites.articles[0].slug.as_str()), (1, "dragons"));
}

#[rstest]
#[tokio::test]
async fn ended_session_updates_no_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    for name in ["dragons", "taken"] {
        store.publish(new_article(name, &amy)).await;
    }
    let (id, before) = (store.article_id("dragons", &amy).await, store.article("dragons").await);
    store.end_session(&amy).await;

    let changes = ArticleChanges { tags: Some(tag_list(&["stolen"])), ..ArticleChanges::default() };
    for (id, new) in [(id, "wyverns"), (id, "taken"), (ArticleId::new(i64::MAX), "wyverns")] {
        assert_session_ended(store.articles.update(id, Some(slug(new)), changes.clone(), time_at(1), &amy).await);
    }
    assert_eq!(store.article("dragons").await, before);
}
