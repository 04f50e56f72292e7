//! Accounts and credentials.

use conduit::domain::model::about::{About, AboutChanges};
use conduit::domain::model::user::{Account, CredentialVersion, Identity, NewUser, UserUpdate};
use conduit::domain::model::values::EmailKey;
use conduit::ports::repositories::Unique;
use conduit::ports::repositories::Unique::{Email, Username};
use rstest::rstest;

use crate::scenario::{
    assert_taken, changes_to, email, full_about, full_update, new_session, new_user, password_hash, time_at, username,
    username_key,
};
use crate::support::Engine;
use crate::support::Engine::*;
use crate::test_store::TestStore;

async fn account_and_hash(store: &TestStore, identity: &Identity) -> (Account, String) {
    let account = store.users.current(identity).await.unwrap();
    let (same, hash) = store.users.credentials(&account.email.key()).await.unwrap().unwrap();
    assert_eq!(same, account);
    (account, hash.expose().to_owned())
}

/// Applies an update to the expected account and hash.
type Effect = fn(&mut Account, &mut String);

fn no_update() -> UserUpdate {
    UserUpdate::default()
}

fn update_about(about: AboutChanges) -> UserUpdate {
    UserUpdate { about, ..no_update() }
}

#[rstest]
#[tokio::test]
async fn new_user_has_the_registered_values(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.users.insert(new_user("amy")).await.unwrap();
    let bob = store.users.insert(new_user("bob")).await.unwrap();

    assert_ne!(amy.id, bob.id);
    assert_eq!((amy.username.as_str(), amy.email.as_str()), ("amy", "amy@example.com"));
    assert_eq!((&amy.about, amy.credential_version.get()), (&About::default(), 0));
    assert_eq!(account_and_hash(&store, &new_session(&amy)).await, (amy, String::from("hash of amy's password")));
}

#[rstest]
#[tokio::test]
async fn upgraded_hash_replaces_the_weak_one_and_ends_no_session(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let (amy, bob) = (store.new_user("amy").await, store.new_user("bob").await);
    let (account, weak) = account_and_hash(&store, &amy).await;

    store.users.upgrade_hash(amy.user, &password_hash(&weak), &password_hash("stronger")).await;
    assert_eq!(account_and_hash(&store, &amy).await, (account.clone(), String::from("stronger")));

    // A hash that changed since then is not replaced.
    store.users.upgrade_hash(amy.user, &password_hash(&weak), &password_hash("late")).await;
    assert_eq!(account_and_hash(&store, &amy).await, (account, String::from("stronger")));
    assert_eq!(account_and_hash(&store, &bob).await.1, "hash of bob's password");
}

#[rstest]
#[tokio::test]
async fn username_and_email_keep_their_spelling(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let user =
        NewUser { username: username(" Ａmy Ⅳ ß 🦄'\""), email: email("Amy+ß@Example.COM"), ..new_user("amy") };
    let amy = store.users.insert(user).await.unwrap();

    assert_eq!((amy.username.as_str(), amy.email.as_str()), (" Ａmy Ⅳ ß 🦄'\"", "Amy+ß@Example.COM"));
    let found = store.users.credentials(&EmailKey::for_lookup("amy+SS@example.com")).await.unwrap();
    assert_eq!(found.unwrap().0, amy);
}

#[rstest]
#[tokio::test]
async fn unknown_email_finds_no_credentials(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    store.new_user("amy").await;
    for unknown in ["bob@example.com", "amy", "", "amy@example.com\0", "%"] {
        let found = store.users.credentials(&EmailKey::for_lookup(unknown)).await.unwrap();
        assert!(found.is_none(), "{unknown:?}");
    }
}

#[rstest]
#[case("AMY", "new@example.com", &[Username])]
#[case("new", "AMY@example.com", &[Email])]
#[case("Amy", "Amy@example.com", &[Username, Email])]
#[case("amy", "bob@example.com", &[Username, Email])]
#[tokio::test]
async fn user_with_taken_values_is_not_stored(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] name: &str,
    #[case] address: &str,
    #[case] taken: &[Unique],
) {
    let store = TestStore::create(engine).await;
    store.new_users(["amy", "bob"]).await;
    let user = NewUser { username: username(name), email: email(address), ..new_user("new") };

    assert_taken(store.users.insert(user).await, taken);
    assert_eq!(store.database.select("select username from users order by username").await, ["amy", "bob"]);
    store.new_user("new").await;
}

#[rstest]
#[tokio::test]
async fn one_of_two_concurrent_inserts_with_one_username_succeeds(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let other = NewUser { email: email("other@example.com"), ..new_user("amy") };
    match tokio::join!(store.users.insert(new_user("amy")), store.users.insert(other)) {
        (Ok(_), second) => assert_taken(second, &[Username]),
        (first, second) => {
            assert_taken(first, &[Username]);
            second.unwrap();
        }
    }
}

#[rstest]
#[tokio::test]
async fn update_changes_only_the_given_fields(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    let bob_before = account_and_hash(&store, &bob).await;
    let (mut expected, mut expected_hash) = account_and_hash(&store, &amy).await;

    let about = changes_to(full_about());
    let steps: Vec<(UserUpdate, Effect)> = vec![
        (no_update(), |_, _| {}),
        (UserUpdate { username: Some(username("Anna")), ..no_update() }, |account, _| {
            account.username = username("Anna")
        }),
        (UserUpdate { email: Some(email("a@b")), ..no_update() }, |account, _| account.email = email("a@b")),
        (update_about(AboutChanges { bio: about.bio, ..Default::default() }), |account, _| {
            account.about.bio = full_about().bio
        }),
        (update_about(AboutChanges { image: about.image, ..Default::default() }), |account, _| {
            account.about.image = full_about().image
        }),
        (UserUpdate { password_hash: Some(password_hash("new")), ..no_update() }, |account, hash| {
            *hash = String::from("new");
            account.credential_version = CredentialVersion::new(1);
        }),
    ];
    for (update, change) in steps {
        change(&mut expected, &mut expected_hash);
        assert_eq!(store.users.update(&amy, update, time_at(1)).await.unwrap(), expected);
        assert_eq!(account_and_hash(&store, &amy).await, (expected.clone(), expected_hash.clone()));
    }
    assert_eq!(account_and_hash(&store, &bob).await, bob_before);
    assert_eq!(expected.about, full_about(), "every optional field has a step");
}

#[rstest]
#[tokio::test]
async fn optional_fields_are_cleared_one_by_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    store.users.update(&amy, update_about(changes_to(full_about())), time_at(1)).await.unwrap();
    let mut expected = full_about();

    let no_bio = update_about(AboutChanges { bio: Some(None), ..Default::default() });
    let account = store.users.update(&amy, no_bio, time_at(2)).await.unwrap();
    expected.bio = None;
    assert_eq!(account.about, expected);
    let no_image = update_about(AboutChanges { image: Some(None), ..Default::default() });
    let account = store.users.update(&amy, no_image, time_at(3)).await.unwrap();
    expected.image = None;
    assert_eq!(account.about, expected);
}

#[rstest]
#[tokio::test]
async fn old_username_and_email_are_free_after_an_update(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    let update = UserUpdate { username: Some(username("anna")), email: Some(email("a@b")), ..UserUpdate::default() };
    store.users.update(&amy, update, time_at(1)).await.unwrap();

    assert!(store.users.credentials(&email("amy@example.com").key()).await.unwrap().is_none());
    assert!(store.profiles.find(&username_key("amy"), None).await.unwrap().is_none());
    store.new_user("amy").await;
}

#[rstest]
#[tokio::test]
async fn own_username_and_email_are_not_taken(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    for (name, address) in [("amy", "amy@example.com"), ("AMY", "AMY@example.com")] {
        let update =
            UserUpdate { username: Some(username(name)), email: Some(email(address)), ..UserUpdate::default() };
        let account = store.users.update(&amy, update, time_at(1)).await.unwrap();
        assert_eq!((account.username.as_str(), account.email.as_str()), (name, address));
    }
}

#[rstest]
#[case("BOB", "new@example.com", &[Username])]
#[case("new", "BOB@example.com", &[Email])]
#[case("AMY", "bob@example.com", &[Email])]
#[case("bob", "AMY@example.com", &[Username])]
#[case("bob", "bob@example.com", &[Username, Email])]
#[case("bob", "cat@example.com", &[Username, Email])]
#[tokio::test]
async fn update_to_taken_values_changes_nothing(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] name: &str,
    #[case] address: &str,
    #[case] taken: &[Unique],
) {
    let store = TestStore::create(engine).await;
    let [amy, ..] = store.new_users(["amy", "bob", "cat"]).await;
    let other_session = store.log_in("amy").await;
    let before = account_and_hash(&store, &amy).await;

    assert_taken(store.users.update(&amy, full_update(name, address), time_at(1)).await, taken);
    assert_eq!(account_and_hash(&store, &other_session).await, before);
}

#[rstest]
#[tokio::test]
async fn unit_of_work_continues_after_taken_values(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, _] = store.new_users(["amy", "bob"]).await;
    store
        .run_and_commit(async || {
            store.new_user("before").await;
            assert_taken(store.users.insert(new_user("bob")).await, &[Username, Email]);
            let update = full_update("bob", "new@example.com");
            assert_taken(store.users.update(&amy, update, time_at(1)).await, &[Username]);
            store.new_user("after").await;
        })
        .await;
    let names = store.database.select("select username from users order by id").await;
    assert_eq!(names, ["amy", "bob", "before", "after"]);
}
