use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use futures_util::future::LocalBoxFuture;
use mockall::predicate::eq;

use super::*;
use crate::domain::error::Error;
use crate::domain::model::idempotency::{Completion, Fingerprint, StoredResponse};
use crate::domain::services::testing::{
    NowOrPanic, amy, assert_fails, identity_of, now, session_ended, stopped_clock, store_unavailable,
};
use crate::ports::idempotency::MockIdempotencyRepository;
use crate::ports::repositories::RepositoryError;

/// Asserts how the work ends, and returns `commit`.
struct ExpectedOutcome {
    outcome: TxOutcome,
    commit: fn() -> Result<(), RepositoryError>,
}

impl UnitOfWork for ExpectedOutcome {
    fn run<'a>(&'a self, work: LocalBoxFuture<'a, TxOutcome>) -> LocalBoxFuture<'a, Result<(), RepositoryError>> {
        Box::pin(async move {
            assert_eq!(work.await, self.outcome);
            (self.commit)()
        })
    }

    fn snapshot<'a>(&'a self, _: LocalBoxFuture<'a, ()>) -> LocalBoxFuture<'a, ()> {
        panic!("snapshots are not expected")
    }
}

fn request() -> KeyedRequest {
    KeyedRequest {
        identity: identity_of(&amy()),
        key: IdempotencyKey::parse("key").unwrap(),
        fingerprint: Fingerprint::new("publish dragons".into()),
    }
}

fn created() -> StoredResponse {
    StoredResponse { status: 201, body: "dragons".into() }
}

fn store_with(claim: Result<Claim, RepositoryError>) -> MockIdempotencyRepository {
    let mut responses = MockIdempotencyRepository::new();
    let expected = responses.expect_claim().once();
    expected.with(eq(request()), eq(now() - TimeDelta::hours(24))).return_once(|_, _| claim);
    responses
}

/// The key is free, and the response is stored with this result.
fn store_that_stores(stored: Result<bool, RepositoryError>) -> MockIdempotencyRepository {
    let mut responses = store_with(Ok(Claim::Free));
    let expected = responses.expect_store().once();
    expected
        .with(eq(request()), eq(created()), eq(now()), eq(now() - TimeDelta::hours(24)))
        .return_once(|_, _, _, _| stored);
    responses
}

fn service_with(responses: MockIdempotencyRepository, unit_of_work: ExpectedOutcome) -> Idempotency {
    let (responses, unit_of_work) = (Arc::new(responses), Arc::new(unit_of_work));
    Idempotency { responses, unit_of_work, clock: stopped_clock(), in_flight: InFlightKeys::default() }
}

fn service(responses: MockIdempotencyRepository, outcome: TxOutcome) -> Idempotency {
    let unit_of_work = ExpectedOutcome { outcome, commit: || Ok(()) };
    service_with(responses, unit_of_work)
}

/// Returns the outcome, and whether the work ran.
fn run(service: &Idempotency, completion: Completion) -> (Result<Outcome, Error>, bool) {
    let has_run = Cell::new(false);
    let work = Box::pin(async {
        has_run.set(true);
        completion
    });
    let outcome = service.run_once(&request(), work).now_or_panic();
    (outcome, has_run.get())
}

#[test]
fn new_request_runs_and_its_response_is_stored() {
    let (outcome, has_run) =
        run(&service(store_that_stores(Ok(true)), TxOutcome::Commit), Completion::Succeeded(created()));
    assert_eq!(outcome.unwrap(), Outcome::Executed);
    assert!(has_run);
}

#[test]
fn failed_request_is_rolled_back_and_leaves_the_key_free() {
    let (outcome, has_run) = run(&service(store_with(Ok(Claim::Free)), TxOutcome::Rollback), Completion::Failed);
    assert_eq!(outcome.unwrap(), Outcome::Executed);
    assert!(has_run);
}

#[test]
fn request_with_a_large_response_commits_without_storing_it() {
    let (outcome, _) =
        run(&service(store_with(Ok(Claim::Free)), TxOutcome::Commit), Completion::SucceededWithoutStoring);
    assert_eq!(outcome.unwrap(), Outcome::Executed);
}

#[test]
fn completed_request_is_replayed() {
    let completed = Claim::Completed { fingerprint: request().fingerprint, response: created() };
    let (outcome, has_run) = run(&service(store_with(Ok(completed)), TxOutcome::Rollback), Completion::Failed);
    assert_eq!(outcome.unwrap(), Outcome::Replayed(created()));
    assert!(!has_run);
}

#[test]
fn key_of_a_different_request_is_rejected() {
    let other = Claim::Completed { fingerprint: Fingerprint::new("publish wyverns".into()), response: created() };
    let (outcome, has_run) = run(&service(store_with(Ok(other)), TxOutcome::Rollback), Completion::Failed);
    assert_eq!(outcome.unwrap(), Outcome::KeyReused);
    assert!(!has_run);
}

#[test]
fn request_in_flight_on_another_instance_does_not_run() {
    let (outcome, has_run) = run(&service(store_with(Ok(Claim::InFlight)), TxOutcome::Rollback), Completion::Failed);
    assert_eq!(outcome.unwrap(), Outcome::InFlight);
    assert!(!has_run);
}

#[test]
fn slower_of_two_requests_is_rolled_back() {
    let (outcome, has_run) =
        run(&service(store_that_stores(Ok(false)), TxOutcome::Rollback), Completion::Succeeded(created()));
    assert_eq!(outcome.unwrap(), Outcome::InFlight);
    assert!(has_run);
}

#[test]
fn request_fails_if_its_response_is_not_committed() {
    let (outcome, _) =
        run(&service(store_that_stores(store_unavailable()), TxOutcome::Rollback), Completion::Succeeded(created()));
    assert_fails!(outcome, Error::Unavailable(_));

    let unit_of_work = ExpectedOutcome { outcome: TxOutcome::Commit, commit: store_unavailable };
    let service = service_with(store_that_stores(Ok(true)), unit_of_work);
    let (outcome, _) = run(&service, Completion::Succeeded(created()));
    assert_fails!(outcome, Error::Unavailable(_));
}

#[test]
fn request_in_an_ended_session_is_rejected() {
    let (outcome, has_run) = run(&service(store_with(session_ended()), TxOutcome::Rollback), Completion::Failed);
    assert_fails!(outcome, Error::InvalidToken);
    assert!(!has_run);
}

#[test]
fn request_in_flight_on_this_instance_does_not_run() {
    let service = service(store_with(Ok(Claim::Free)), TxOutcome::Rollback);
    let endless: Work<'_> = Box::pin(poll_fn(|_| Poll::Pending));
    let request = request();
    {
        let mut first = pin!(service.run_once(&request, endless));
        assert!(first.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let (outcome, has_run) = run(&service, Completion::Failed);
        assert_eq!(outcome.unwrap(), Outcome::InFlight);
        assert!(!has_run);
    }
    // The client has disconnected.
    assert!(service.in_flight.acquire(&request).is_some());
}

#[test]
fn keys_of_different_users_are_independent() {
    let keys = InFlightKeys::default();
    let mut of_another = request();
    of_another.identity.user = UserId::new(99);
    let mut another = request();
    another.key = IdempotencyKey::parse("another").unwrap();
    let held: Vec<_> = [request(), of_another, another].iter().map(|request| keys.acquire(request)).collect();
    assert!(held.iter().all(Option::is_some));
    drop(held);
    assert!(keys.lock().is_empty());
}
