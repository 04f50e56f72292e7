//! Stored answers, by user and key.

use chrono::{DateTime, Utc};
use conduit::{
    domain::model::{
        idempotency::{Claim, Fingerprint, KeyedRequest, StoredResponse},
        user::Identity,
        values::IdempotencyKey,
    },
    ports::unit_of_work::TxOutcome::{Commit, Rollback},
};
use futures_util::future::join_all;
use rstest::rstest;

use crate::{
    story::{an_article, assert_ended, at, nobody},
    support::Engine::{self, *},
    test_store::TestStore,
};

fn request(identity: &Identity, key: &str) -> KeyedRequest {
    let fingerprint = Fingerprint::new(format!("what {key} is for"));
    KeyedRequest { identity: *identity, key: IdempotencyKey::parse(key).unwrap(), fingerprint }
}

fn answer(body: &str) -> StoredResponse {
    StoredResponse { status: 201, body: body.to_owned() }
}

fn kept(request: &KeyedRequest, body: &str) -> Claim {
    Claim::Completed { fingerprint: request.fingerprint.clone(), response: answer(body) }
}

async fn keep(store: &TestStore, request: &KeyedRequest, body: &str, now: DateTime<Utc>) -> bool {
    keep_for(store, request, body, now, at(0)).await
}

async fn keep_for(
    store: &TestStore,
    request: &KeyedRequest,
    body: &str,
    now: DateTime<Utc>,
    oldest: DateTime<Utc>,
) -> bool {
    let mut is_kept = false;
    store
        .in_a_unit(Commit, async || {
            is_kept = store.answers.store(request, &answer(body), now, oldest).await.unwrap();
        })
        .await;
    is_kept
}

async fn claim(store: &TestStore, request: &KeyedRequest, oldest: DateTime<Utc>) -> Claim {
    let mut claim = None;
    store
        .in_a_unit(Rollback, async || {
            claim = Some(store.answers.claim(request, oldest).await.unwrap());
        })
        .await;
    claim.expect("an answer")
}

#[rstest]
#[tokio::test]
async fn an_answer_is_found_under_its_key_by_its_user_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    let (one, of_bob) = (request(&amy, "one"), request(&bob, "one"));
    assert_eq!(claim(&store, &one, at(0)).await, Claim::Free);
    assert!(keep(&store, &one, r#"{"ä": "\u0000"}"#, at(1)).await);

    assert_eq!(claim(&store, &one, at(0)).await, kept(&one, r#"{"ä": "\u0000"}"#));
    assert_eq!(
        claim(&store, &request(&store.log_in("amy").await, "one"), at(0)).await,
        claim(&store, &one, at(0)).await
    );
    for free in [&request(&amy, "ONE"), &request(&amy, "one "), &request(&amy, "two"), &of_bob] {
        assert_eq!(claim(&store, free, at(0)).await, Claim::Free);
    }
    assert!(keep(&store, &of_bob, "bob's", at(1)).await);
    assert_eq!(claim(&store, &of_bob, at(0)).await, kept(&of_bob, "bob's"));
}

#[rstest]
#[tokio::test]
async fn an_answer_stands_or_falls_with_its_unit(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    let one = request(&amy, "one");
    store
        .in_a_unit(Rollback, async || {
            assert_eq!(store.answers.claim(&one, at(0)).await.unwrap(), Claim::Free);
            store.publish(an_article("dragons", &amy)).await;
            assert!(store.answers.store(&one, &answer("one"), at(1), at(0)).await.unwrap());
        })
        .await;
    assert_eq!(claim(&store, &one, at(0)).await, Claim::Free);
    assert!(store.article("dragons").await.is_none());
}

#[rstest]
#[tokio::test]
async fn a_second_answer_replaces_one_that_is_too_old_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let one = request(&store.user("amy").await, "one");
    assert!(keep_for(&store, &one, "first", at(0), at(-1)).await);
    // It is as old as the oldest: nothing stands there any more.
    assert_eq!(claim(&store, &one, at(0)).await, Claim::Free);
    assert!(keep(&store, &one, "second", at(1)).await);
    assert!(!keep(&store, &one, "third", at(2)).await);
    assert_eq!(claim(&store, &one, at(0)).await, kept(&one, "second"));
}

#[rstest]
#[tokio::test]
async fn answers_that_are_too_old_make_room(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let [amy, bob] = store.people(["amy", "bob"]).await;
    for number in 0..30 {
        let old = request(&amy, &format!("old {number}"));
        assert!(keep_for(&store, &old, "old", at(-number), at(-100)).await);
    }
    let mut left = Vec::new();
    for number in 0..5 {
        assert!(keep(&store, &request(&bob, &format!("new {number}")), "new", at(1)).await);
        left.push(store.database.select("select key from idempotency_keys").await.len());
    }
    assert_eq!(left.last(), Some(&5), "{left:?}: all that is too old is gone");
    assert!(left[0] > 5, "{left:?}: no request clears up after all the others");
}

#[rstest]
#[tokio::test]
async fn an_ended_session_is_told_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let amy = store.user("amy").await;
    let one = request(&amy, "one");
    assert!(keep(&store, &one, "one", at(1)).await);
    store.end(&amy).await;
    for request in [one, request(&nobody(), "one")] {
        store.in_a_unit(Rollback, async || assert_ended(store.answers.claim(&request, at(0)).await)).await;
    }
}

#[rstest]
#[tokio::test]
async fn answers_go_with_their_user(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    assert!(keep(&store, &request(&store.user("amy").await, "one"), "one", at(1)).await);
    store.database.execute("delete from users").await;
    assert_eq!(store.database.select("select key from idempotency_keys").await, Vec::<String>::new());
}

#[rstest]
#[tokio::test]
async fn of_many_units_one_keeps_a_key(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::on(engine).await;
    let one = request(&store.user("amy").await, "one");
    let kept = join_all((0..4).map(|_| keep(&store, &one, "one", at(1)))).await;
    assert_eq!(kept.iter().filter(|is_kept| **is_kept).count(), 1);
}

/// On PostgreSQL several write at once; on SQLite the second waits for the first, and finds its answer.
#[tokio::test]
async fn a_key_that_another_unit_has_is_in_flight_until_its_end() {
    let store = TestStore::on(Postgres).await;
    let amy = store.user("amy").await;
    let (one, two) = (request(&amy, "one"), request(&amy, "two"));
    store
        .in_a_unit(Rollback, async || {
            assert_eq!(store.answers.claim(&one, at(0)).await.unwrap(), Claim::Free);
            // Each in a unit of its own.
            assert_eq!(claim(&store, &one, at(0)).await, Claim::InFlight);
            assert_eq!(claim(&store, &two, at(0)).await, Claim::Free);
        })
        .await;
    assert_eq!(claim(&store, &one, at(0)).await, Claim::Free);
}
