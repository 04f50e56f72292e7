//! Stored responses, by user and key.

use chrono::{DateTime, Utc};
use conduit::domain::model::idempotency::{Claim, Fingerprint, KeyedRequest, StoredResponse};
use conduit::domain::model::user::Identity;
use conduit::domain::model::values::IdempotencyKey;
use futures_util::future::join_all;
use rstest::rstest;

use crate::scenario::{assert_session_ended, new_article, time_at, unknown_session};
use crate::support::Engine;
use crate::support::Engine::*;
use crate::test_store::TestStore;

fn request(identity: &Identity, key: &str) -> KeyedRequest {
    let fingerprint = Fingerprint::new(format!("fingerprint of {key}"));
    KeyedRequest { identity: *identity, key: IdempotencyKey::parse(key).unwrap(), fingerprint }
}

fn response(body: &str) -> StoredResponse {
    StoredResponse { status: 201, body: body.to_owned() }
}

fn completed(request: &KeyedRequest, body: &str) -> Claim {
    Claim::Completed { fingerprint: request.fingerprint.clone(), response: response(body) }
}

async fn store_response(store: &TestStore, request: &KeyedRequest, body: &str, now: DateTime<Utc>) -> bool {
    store_response_with_oldest(store, request, body, now, time_at(0)).await
}

async fn store_response_with_oldest(
    store: &TestStore,
    request: &KeyedRequest,
    body: &str,
    now: DateTime<Utc>,
    oldest: DateTime<Utc>,
) -> bool {
    let mut is_stored = false;
    store
        .run_and_commit(async || {
            is_stored = store.idempotency.store(request, &response(body), now, oldest).await.unwrap();
        })
        .await;
    is_stored
}

async fn claim(store: &TestStore, request: &KeyedRequest, oldest: DateTime<Utc>) -> Claim {
    let mut claim = None;
    store
        .run_and_rollback(async || {
            claim = Some(store.idempotency.claim(request, oldest).await.unwrap());
        })
        .await;
    claim.expect("a claim")
}

#[rstest]
#[tokio::test]
async fn stored_response_belongs_to_one_user_and_one_key(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    let (one, of_bob) = (request(&amy, "one"), request(&bob, "one"));
    assert_eq!(claim(&store, &one, time_at(0)).await, Claim::Free);
    assert!(store_response(&store, &one, r#"{"ä": "\u0000"}"#, time_at(1)).await);

    assert_eq!(claim(&store, &one, time_at(0)).await, completed(&one, r#"{"ä": "\u0000"}"#));
    assert_eq!(
        claim(&store, &request(&store.log_in("amy").await, "one"), time_at(0)).await,
        claim(&store, &one, time_at(0)).await
    );
    for free in [&request(&amy, "ONE"), &request(&amy, "one "), &request(&amy, "two"), &of_bob] {
        assert_eq!(claim(&store, free, time_at(0)).await, Claim::Free);
    }
    assert!(store_response(&store, &of_bob, "bob's", time_at(1)).await);
    assert_eq!(claim(&store, &of_bob, time_at(0)).await, completed(&of_bob, "bob's"));
}

#[rstest]
#[tokio::test]
async fn rollback_discards_the_stored_response(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    let one = request(&amy, "one");
    store
        .run_and_rollback(async || {
            assert_eq!(store.idempotency.claim(&one, time_at(0)).await.unwrap(), Claim::Free);
            store.publish(new_article("dragons", &amy)).await;
            assert!(store.idempotency.store(&one, &response("one"), time_at(1), time_at(0)).await.unwrap());
        })
        .await;
    assert_eq!(claim(&store, &one, time_at(0)).await, Claim::Free);
    assert!(store.article("dragons").await.is_none());
}

#[rstest]
#[tokio::test]
async fn stored_response_is_replaced_only_after_it_expires(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let one = request(&store.new_user("amy").await, "one");
    assert!(store_response_with_oldest(&store, &one, "first", time_at(0), time_at(-1)).await);
    // A response that is as old as `oldest` has expired.
    assert_eq!(claim(&store, &one, time_at(0)).await, Claim::Free);
    assert!(store_response(&store, &one, "second", time_at(1)).await);
    assert!(!store_response(&store, &one, "third", time_at(2)).await);
    assert_eq!(claim(&store, &one, time_at(0)).await, completed(&one, "second"));
}

#[rstest]
#[tokio::test]
async fn expired_responses_are_removed_gradually(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let [amy, bob] = store.new_users(["amy", "bob"]).await;
    for number in 0..30 {
        let old = request(&amy, &format!("old {number}"));
        assert!(store_response_with_oldest(&store, &old, "old", time_at(-number), time_at(-100)).await);
    }
    let mut counts = Vec::new();
    for number in 0..5 {
        assert!(store_response(&store, &request(&bob, &format!("new {number}")), "new", time_at(1)).await);
        counts.push(store.database.select("select key from idempotency_keys").await.len());
    }
    assert_eq!(counts.last(), Some(&5), "{counts:?}: every expired response is removed");
    assert!(counts[0] > 5, "{counts:?}: one request does not remove all of them");
}

#[rstest]
#[tokio::test]
async fn ended_session_claims_no_key(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let amy = store.new_user("amy").await;
    let one = request(&amy, "one");
    assert!(store_response(&store, &one, "one", time_at(1)).await);
    store.end_session(&amy).await;
    for request in [one, request(&unknown_session(), "one")] {
        store
            .run_and_rollback(async || assert_session_ended(store.idempotency.claim(&request, time_at(0)).await))
            .await;
    }
}

#[rstest]
#[tokio::test]
async fn deletion_of_a_user_removes_the_responses(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    assert!(store_response(&store, &request(&store.new_user("amy").await, "one"), "one", time_at(1)).await);
    store.database.execute("delete from users").await;
    assert_eq!(store.database.select("select key from idempotency_keys").await, Vec::<String>::new());
}

#[rstest]
#[tokio::test]
async fn one_of_many_concurrent_units_stores_a_response(#[values(Sqlite, Postgres)] engine: Engine) {
    let store = TestStore::create(engine).await;
    let one = request(&store.new_user("amy").await, "one");
    let results = join_all((0..4).map(|_| store_response(&store, &one, "one", time_at(1)))).await;
    assert_eq!(results.iter().filter(|is_stored| **is_stored).count(), 1);
}

/// Only PostgreSQL has concurrent writers. On SQLite the second claim waits for the first unit of
/// work and finds its response.
#[tokio::test]
async fn key_is_in_flight_until_the_other_unit_of_work_ends() {
    let store = TestStore::create(Postgres).await;
    let amy = store.new_user("amy").await;
    let (one, two) = (request(&amy, "one"), request(&amy, "two"));
    store
        .run_and_rollback(async || {
            assert_eq!(store.idempotency.claim(&one, time_at(0)).await.unwrap(), Claim::Free);
            // Each of these claims runs in its own unit of work.
            assert_eq!(claim(&store, &one, time_at(0)).await, Claim::InFlight);
            assert_eq!(claim(&store, &two, time_at(0)).await, Claim::Free);
        })
        .await;
    assert_eq!(claim(&store, &one, time_at(0)).await, Claim::Free);
}
