//! Profiles and follows.

use conduit::domain::model::profile::{Profile, ProfileWithId};
use conduit::domain::model::user::{Identity, UserUpdate};
use rstest::rstest;

use crate::scenario::{changes_to, full_about, profile, time_at, username_key};
use crate::support::Engine;
use crate::support::Engine::*;
use crate::test_store::TestStore;

impl TestStore {
    async fn is_following(&self, reader: &Identity, name: &str) -> bool {
        self.profiles.find(&username_key(name), Some(reader)).await.unwrap().unwrap().following
    }
}

#[rstest]
#[tokio::test]
async fn profile_shows_the_last_update(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    assert_eq!(store.profiles.find(&username_key("amy"), None).await.unwrap(), Some(profile("amy")));

    let update = UserUpdate { about: changes_to(full_about()), ..UserUpdate::default() };
    store.users.update(&amy, update, time_at(1)).await.unwrap();
    let expected = Profile { about: full_about(), ..profile("amy") };
    assert_eq!(store.profiles.find(&username_key("amy"), None).await.unwrap(), Some(expected));
}

#[rstest]
#[tokio::test]
async fn profile_is_found_by_any_spelling_of_its_username(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    store.new_user("Straße").await;
    for spelling in ["Straße", "STRASSE", "ｓｔｒａßｅ"] {
        let found = store.profiles.find(&username_key(spelling), None).await.unwrap();
        assert_eq!(found.unwrap().username.as_str(), "Straße");
    }
}

#[rstest]
#[tokio::test]
async fn unknown_username_finds_no_profile(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    for unknown in ["bob", "", "am%", "a_y", "amy\0"] {
        assert_eq!(store.profiles.find(&username_key(unknown), None).await.unwrap(), None);
        assert_eq!(store.profiles.find(&username_key(unknown), Some(&amy)).await.unwrap(), None);
        assert_eq!(store.profiles.find_with_id(&username_key(unknown), &amy).await.unwrap(), None);
    }
}

#[rstest]
#[tokio::test]
async fn follow_affects_only_its_follower_and_one_direction(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob, cat] = store.new_users(["amy", "bob", "cat"]).await;
    store.follow(&amy, &[bob]).await;

    assert!(store.is_following(&amy, "bob").await);
    assert!(!store.is_following(&amy, "cat").await && !store.is_following(&amy, "amy").await);
    assert!(!store.is_following(&bob, "amy").await && !store.is_following(&cat, "bob").await);
    assert!(
        !store.profiles.find(&username_key("bob"), None).await.unwrap().unwrap().following,
        "an anonymous reader follows no one"
    );
}

#[rstest]
#[tokio::test]
async fn repeated_follow_or_unfollow_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob, cat] = store.new_users(["amy", "bob", "cat"]).await;
    store.follow(&amy, &[cat]).await;
    for first in [true, false] {
        assert_eq!(store.profiles.follow(amy.user, bob.user).await.unwrap(), first);
        assert!(store.is_following(&amy, "bob").await);
    }

    for _ in 0..2 {
        store.profiles.unfollow(amy.user, bob.user).await.unwrap();
        assert!(!store.is_following(&amy, "bob").await && store.is_following(&amy, "cat").await);
    }
    store.follow(&amy, &[bob]).await;
    assert!(store.is_following(&amy, "bob").await);
}

#[rstest]
#[tokio::test]
async fn profile_to_follow_has_its_id(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    for following in [false, true] {
        let profile = Profile { following, ..profile("bob") };
        let found = store.profiles.find_with_id(&username_key("BOB"), &amy).await.unwrap();
        assert_eq!(found, Some(ProfileWithId { id: bob.user, profile }));
        store.follow(&amy, &[bob]).await;
    }
    let own = store.profiles.find_with_id(&username_key("amy"), &amy).await.unwrap().unwrap();
    assert_eq!((own.id, own.profile.following), (amy.user, false));
}

#[rstest]
#[tokio::test]
async fn deletion_of_a_user_removes_the_follows(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob, cat] = store.new_users(["amy", "bob", "cat"]).await;
    store.follow(&amy, &[bob, cat]).await;
    store.follow(&bob, &[amy]).await;
    store.database.execute("delete from users where username = 'bob'").await;

    let followers = "select cast(follower_id as text) from follows";
    assert_eq!(store.database.select(followers).await, [amy.user.get().to_string()]);
    assert!(store.is_following(&amy, "cat").await);
}
