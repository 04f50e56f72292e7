//! Users as others see them, and who follows whom.

use conduit::domain::model::{
    about::{About, AboutChanges},
    profile::{Followable, Profile},
    user::{Identity, UserUpdate},
    values::{Bio, ImageUrl},
};
use rstest::rstest;

use crate::{
    story::{at, key, username},
    support::Engine::{self, *},
    test_store::TestStore,
};

impl TestStore {
    async fn follows(&self, reader: &Identity, name: &str) -> bool {
        self.profiles.find(&key(name), Some(reader)).await.unwrap().unwrap().following
    }
}

#[rstest]
#[tokio::test]
async fn a_profile_shows_what_its_user_last_said(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    let mut profile = Profile { username: username("amy"), about: About::default(), following: false };
    assert_eq!(store.profiles.find(&key("amy"), None).await.unwrap(), Some(profile.clone()));

    profile.about.bio = Bio::parse("Rides.").unwrap();
    profile.about.image = ImageUrl::parse("i.png").unwrap();
    let About { bio, image } = profile.about.clone();
    let about = AboutChanges { bio: Some(bio), image: Some(image) };
    store.users.update(&amy, UserUpdate { about, ..UserUpdate::default() }, at(1)).await.unwrap();
    assert_eq!(store.profiles.find(&key("amy"), None).await.unwrap(), Some(profile));
}

#[rstest]
#[tokio::test]
async fn a_profile_is_found_by_any_spelling_of_its_name(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    store.user("Straße").await;
    for spelling in ["Straße", "STRASSE", "ｓｔｒａßｅ"] {
        let found = store.profiles.find(&key(spelling), None).await.unwrap();
        assert_eq!(found.unwrap().username.as_str(), "Straße");
    }
}

#[rstest]
#[tokio::test]
async fn nobody_has_an_unknown_name(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    for unknown in ["bob", "", "am%", "a_y", "amy\0"] {
        assert_eq!(store.profiles.find(&key(unknown), None).await.unwrap(), None);
        assert_eq!(store.profiles.find(&key(unknown), Some(&amy)).await.unwrap(), None);
        assert_eq!(store.profiles.find_followable(&key(unknown), &amy).await.unwrap(), None);
    }
}

#[rstest]
#[tokio::test]
async fn following_is_the_followers_alone_and_goes_one_way(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob, cat] = store.people(["amy", "bob", "cat"]).await;
    store.follow(&amy, &[bob]).await;

    assert!(store.follows(&amy, "bob").await);
    assert!(!store.follows(&amy, "cat").await && !store.follows(&amy, "amy").await);
    assert!(!store.follows(&bob, "amy").await && !store.follows(&cat, "bob").await);
    assert!(!store.profiles.find(&key("bob"), None).await.unwrap().unwrap().following, "the anonymous");
}

#[rstest]
#[tokio::test]
async fn following_and_unfollowing_again_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob, cat] = store.people(["amy", "bob", "cat"]).await;
    store.follow(&amy, &[cat]).await;
    for first in [true, false] {
        assert_eq!(store.profiles.follow(amy.user, bob.user).await.unwrap(), first);
        assert!(store.follows(&amy, "bob").await);
    }

    for _ in 0..2 {
        store.profiles.unfollow(amy.user, bob.user).await.unwrap();
        assert!(!store.follows(&amy, "bob").await && store.follows(&amy, "cat").await);
    }
    store.follow(&amy, &[bob]).await;
    assert!(store.follows(&amy, "bob").await);
}

#[rstest]
#[tokio::test]
async fn one_who_is_about_to_follow_sees_whom_by_which_id(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    for following in [false, true] {
        let profile = Profile { username: username("bob"), about: About::default(), following };
        let found = store.profiles.find_followable(&key("BOB"), &amy).await.unwrap();
        assert_eq!(found, Some(Followable { id: bob.user, profile }));
        store.follow(&amy, &[bob]).await;
    }
    let own = store.profiles.find_followable(&key("amy"), &amy).await.unwrap().unwrap();
    assert_eq!((own.id, own.profile.following), (amy.user, false));
}

#[rstest]
#[tokio::test]
async fn who_is_gone_follows_nobody_and_is_followed_by_nobody(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob, cat] = store.people(["amy", "bob", "cat"]).await;
    store.follow(&amy, &[bob, cat]).await;
    store.follow(&bob, &[amy]).await;
    store.database.execute("delete from users where username = 'bob'").await;

    let left = "select cast(follower_id as text) from follows";
    assert_eq!(store.database.select(left).await, [amy.user.get().to_string()]);
    assert!(store.follows(&amy, "cat").await);
}
