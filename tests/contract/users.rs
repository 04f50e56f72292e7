//! Users as they see themselves.

use conduit::{
    domain::model::{
        about::{About, AboutChanges},
        user::{Account, CredentialVersion, Identity, NewUser, UserUpdate},
        values::{Bio, EmailKey, ImageUrl},
    },
    ports::{
        repositories::Unique::{self, Email, Username},
        unit_of_work::Verdict,
    },
};
use rstest::rstest;

use crate::{
    story::{a_session_of, a_user, assert_taken, at, email, hash, key, username},
    support::Engine::{self, *},
    test_store::TestStore,
};

/// What there is to see of an account: itself, and the hash with which its owner logs in.
async fn seen(store: &TestStore, identity: &Identity) -> (Account, String) {
    let account = store.users.current(identity).await.unwrap();
    let (same, hash) = store.users.credentials(&account.email.key()).await.unwrap().unwrap();
    assert_eq!(same, account);
    (account, hash.expose().to_owned())
}

/// What an update does to the account and the hash.
type Effect = fn(&mut Account, &mut String);

fn bio(text: &str) -> AboutChanges {
    AboutChanges { bio: Some(Bio::parse(text).unwrap()), image: None }
}

fn image(text: &str) -> AboutChanges {
    AboutChanges { bio: None, image: Some(ImageUrl::parse(text).unwrap()) }
}

fn bio_and_image() -> AboutChanges {
    AboutChanges { bio: bio("Rides.").bio, image: image("i.png").image }
}

#[rstest]
#[tokio::test]
async fn a_new_user_has_a_name_an_e_mail_and_a_password(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.users.insert(a_user("amy")).await.unwrap();
    let bob = store.users.insert(a_user("bob")).await.unwrap();

    assert_ne!(amy.id, bob.id);
    assert_eq!((amy.username.as_str(), amy.email.as_str()), ("amy", "amy@example.com"));
    assert_eq!((&amy.about, amy.credential_version.get()), (&About::default(), 0));
    assert_eq!(seen(&store, &a_session_of(&amy)).await, (amy, String::from("hash of amy's password")));
}

#[rstest]
#[tokio::test]
async fn a_stronger_hash_takes_the_place_of_the_weaker_and_ends_no_session(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let (amy, bob) = (store.user("amy").await, store.user("bob").await);
    let (account, weak) = seen(&store, &amy).await;

    store.users.upgrade_hash(amy.user, &hash(&weak), &hash("stronger")).await;
    assert_eq!(seen(&store, &amy).await, (account.clone(), String::from("stronger")));

    // Nobody else's, and not that of a password that was changed meanwhile.
    store.users.upgrade_hash(amy.user, &hash(&weak), &hash("late")).await;
    assert_eq!(seen(&store, &amy).await, (account, String::from("stronger")));
    assert_eq!(seen(&store, &bob).await.1, "hash of bob's password");
}

#[rstest]
#[tokio::test]
async fn values_keep_the_form_in_which_they_were_given(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let user =
        NewUser { username: username(" Ａmy Ⅳ ß 🦄'\""), email: email("Amy+ß@Example.COM"), ..a_user("amy") };
    let amy = store.users.insert(user).await.unwrap();

    assert_eq!((amy.username.as_str(), amy.email.as_str()), (" Ａmy Ⅳ ß 🦄'\"", "Amy+ß@Example.COM"));
    let found = store.users.credentials(&EmailKey::for_lookup("amy+SS@example.com")).await.unwrap();
    assert_eq!(found.unwrap().0, amy);
}

#[rstest]
#[tokio::test]
async fn an_unknown_e_mail_has_no_credentials(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    store.user("amy").await;
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
async fn a_new_user_whose_values_are_taken_is_not_stored(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] name: &str,
    #[case] address: &str,
    #[case] taken: &[Unique],
) {
    let store = TestStore::on(engine).await;
    store.people(["amy", "bob"]).await;
    let user = NewUser { username: username(name), email: email(address), ..a_user("new") };

    assert_taken(store.users.insert(user).await, taken);
    assert_eq!(store.database.select("select username from users order by 1").await, ["amy", "bob"]);
    store.user("new").await;
}

#[rstest]
#[tokio::test]
async fn of_two_who_want_one_name_at_once_one_gets_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let other = NewUser { email: email("other@example.com"), ..a_user("amy") };
    match tokio::join!(store.users.insert(a_user("amy")), store.users.insert(other)) {
        (Ok(_), second) => assert_taken(second, &[Username]),
        (first, second) => {
            assert_taken(first, &[Username]);
            second.unwrap();
        }
    }
}

#[rstest]
#[tokio::test]
async fn an_update_changes_what_it_names(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    let bob_before = seen(&store, &bob).await;
    let (mut expected, mut expected_hash) = seen(&store, &amy).await;

    let nothing = UserUpdate::default;
    let steps: [(UserUpdate, Effect); 6] = [
        (nothing(), |_, _| {}),
        (UserUpdate { username: Some(username("Anna")), ..nothing() }, |account, _| {
            account.username = username("Anna")
        }),
        (UserUpdate { email: Some(email("a@b")), ..nothing() }, |account, _| account.email = email("a@b")),
        (UserUpdate { about: bio("Rides."), ..nothing() }, |account, _| account.about.bio = bio("Rides.").bio.unwrap()),
        (UserUpdate { about: image("i.png"), ..nothing() }, |account, _| {
            account.about.image = image("i.png").image.unwrap()
        }),
        (UserUpdate { password_hash: Some(hash("new")), ..nothing() }, |account, hash| {
            *hash = String::from("new");
            account.credential_version = CredentialVersion::new(1);
        }),
    ];
    for (update, change) in steps {
        change(&mut expected, &mut expected_hash);
        assert_eq!(store.users.update(&amy, update, at(1)).await.unwrap(), expected);
        assert_eq!(seen(&store, &amy).await, (expected.clone(), expected_hash.clone()));
    }
    assert_eq!(seen(&store, &bob).await, bob_before);
}

#[rstest]
#[tokio::test]
async fn bio_and_image_can_be_cleared(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    let full = UserUpdate { about: bio_and_image(), ..UserUpdate::default() };
    store.users.update(&amy, full, at(1)).await.unwrap();

    let no_bio = AboutChanges { bio: Some(None), image: None };
    let cleared = UserUpdate { about: no_bio, ..UserUpdate::default() };
    let account = store.users.update(&amy, cleared, at(2)).await.unwrap();
    assert_eq!((account.about.bio, account.about.image), (None, image("i.png").image.unwrap()));
    let no_image = AboutChanges { bio: None, image: Some(None) };
    let cleared = UserUpdate { about: no_image, ..UserUpdate::default() };
    assert_eq!(store.users.update(&amy, cleared, at(3)).await.unwrap().about.image, None);
}

#[rstest]
#[tokio::test]
async fn old_values_are_free_after_a_change(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    let update = UserUpdate { username: Some(username("anna")), email: Some(email("a@b")), ..UserUpdate::default() };
    store.users.update(&amy, update, at(1)).await.unwrap();

    assert!(store.users.credentials(&email("amy@example.com").key()).await.unwrap().is_none());
    assert!(store.profiles.find(&key("amy"), None).await.unwrap().is_none());
    store.user("amy").await;
}

#[rstest]
#[tokio::test]
async fn own_values_are_not_taken(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    for (name, address) in [("amy", "amy@example.com"), ("AMY", "AMY@example.com")] {
        let update =
            UserUpdate { username: Some(username(name)), email: Some(email(address)), ..UserUpdate::default() };
        let account = store.users.update(&amy, update, at(1)).await.unwrap();
        assert_eq!((account.username.as_str(), account.email.as_str()), (name, address));
    }
}

/// An update to these values that would change everything else as well.
fn an_update_to(name: &str, address: &str) -> UserUpdate {
    UserUpdate {
        username: Some(username(name)),
        email: Some(email(address)),
        password_hash: Some(hash("new")),
        about: bio_and_image(),
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
async fn an_update_to_what_is_taken_changes_nothing(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] name: &str,
    #[case] address: &str,
    #[case] taken: &[Unique],
) {
    let store = TestStore::on(engine).await;
    let [amy, ..] = store.people(["amy", "bob", "cat"]).await;
    let elsewhere = store.log_in("amy").await;
    let before = seen(&store, &amy).await;

    assert_taken(store.users.update(&amy, an_update_to(name, address), at(1)).await, taken);
    assert_eq!(seen(&store, &elsewhere).await, before);
}

#[rstest]
#[tokio::test]
async fn a_unit_of_work_goes_on_after_what_is_taken(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, _] = store.people(["amy", "bob"]).await;
    store
        .in_a_unit(Verdict::Commit, async || {
            store.user("before").await;
            assert_taken(store.users.insert(a_user("bob")).await, &[Username, Email]);
            let update = an_update_to("bob", "new@example.com");
            assert_taken(store.users.update(&amy, update, at(1)).await, &[Username]);
            store.user("after").await;
        })
        .await;
    let names = store.database.select("select username from users order by id").await;
    assert_eq!(names, ["amy", "bob", "before", "after"]);
}
