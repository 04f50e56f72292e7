//! Which requests are carried out, and what becomes of their writes.

use std::{
    cell::Cell,
    future::poll_fn,
    pin::pin,
    task::{Context, Poll, Waker},
};

use futures_util::future::LocalBoxFuture;
use mockall::predicate::eq;

use super::*;
use crate::{
    domain::{
        model::idempotency::{Completion, Fingerprint, StoredResponse},
        services::testing::{AtOnce, amy, assert_fails, identity_of, now, session_ended, stopped_clock, store_away},
    },
    ports::{idempotency::MockIdempotencyRepository, repositories::RepositoryError},
};

/// Units of work that run one, and must be told this at its end.
struct Units {
    verdict: Verdict,
    committed: fn() -> Result<(), RepositoryError>,
}

impl UnitOfWork for Units {
    fn run<'a>(&'a self, work: LocalBoxFuture<'a, Verdict>) -> LocalBoxFuture<'a, Result<(), RepositoryError>> {
        Box::pin(async move {
            assert_eq!(work.await, self.verdict);
            (self.committed)()
        })
    }

    fn snapshot<'a>(&'a self, _: LocalBoxFuture<'a, ()>) -> LocalBoxFuture<'a, ()> {
        panic!("these units write")
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

/// A store where this stands under the key.
fn store_with(claim: Result<Claim, RepositoryError>) -> MockIdempotencyRepository {
    let mut answers = MockIdempotencyRepository::new();
    let asked = answers.expect_claim().once();
    asked.with(eq(request()), eq(now() - TimeDelta::hours(24))).return_once(|_, _| claim);
    answers
}

/// A store where nothing does, and which is brought the answer.
fn store_that_keeps(kept: Result<bool, RepositoryError>) -> MockIdempotencyRepository {
    let mut answers = store_with(Ok(Claim::Free));
    let asked = answers.expect_keep().once();
    asked
        .with(eq(request()), eq(created()), eq(now()), eq(now() - TimeDelta::hours(24)))
        .return_once(|_, _, _, _| kept);
    answers
}

fn service(answers: MockIdempotencyRepository, verdict: Verdict) -> Idempotency {
    Idempotency::new(Arc::new(answers), Arc::new(Units { verdict, committed: || Ok(()) }), stopped_clock())
}

/// Asks for work that gives this, and tells whether it was done.
fn ask(service: &Idempotency, completion: Completion) -> (Result<Outcome, Error>, bool) {
    let is_done = Cell::new(false);
    let work = Box::pin(async {
        is_done.set(true);
        completion
    });
    let outcome = service.once(&request(), work).at_once();
    (outcome, is_done.get())
}

#[test]
fn what_is_new_is_carried_out_and_its_answer_kept() {
    let (outcome, is_done) =
        ask(&service(store_that_keeps(Ok(true)), Verdict::Commit), Completion::Succeeded(created()));
    assert_eq!(outcome.unwrap(), Outcome::Answered);
    assert!(is_done);
}

#[test]
fn what_fails_is_undone_and_leaves_the_key_free() {
    let (outcome, is_done) = ask(&service(store_with(Ok(Claim::Free)), Verdict::Rollback), Completion::Failed);
    assert_eq!(outcome.unwrap(), Outcome::Answered);
    assert!(is_done);
}

#[test]
fn what_may_be_done_again_stands_without_its_answer() {
    let (outcome, _) = ask(&service(store_with(Ok(Claim::Free)), Verdict::Commit), Completion::SucceededAtLength);
    assert_eq!(outcome.unwrap(), Outcome::Answered);
}

#[test]
fn what_was_carried_out_is_answered_again() {
    let kept = Claim::Kept { fingerprint: request().fingerprint, answer: created() };
    let (outcome, is_done) = ask(&service(store_with(Ok(kept)), Verdict::Rollback), Completion::Failed);
    assert_eq!(outcome.unwrap(), Outcome::Replayed(created()));
    assert!(!is_done);
}

#[test]
fn a_key_belongs_to_one_request() {
    let other = Claim::Kept { fingerprint: Fingerprint::new("publish wyverns".into()), answer: created() };
    let (outcome, is_done) = ask(&service(store_with(Ok(other)), Verdict::Rollback), Completion::Failed);
    assert_eq!(outcome.unwrap(), Outcome::Mismatched);
    assert!(!is_done);
}

#[test]
fn what_another_instance_carries_out_is_left_to_it() {
    let (outcome, is_done) = ask(&service(store_with(Ok(Claim::InFlight)), Verdict::Rollback), Completion::Failed);
    assert_eq!(outcome.unwrap(), Outcome::InFlight);
    assert!(!is_done);
}

#[test]
fn who_was_slower_undoes_what_was_done() {
    let (outcome, is_done) =
        ask(&service(store_that_keeps(Ok(false)), Verdict::Rollback), Completion::Succeeded(created()));
    assert_eq!(outcome.unwrap(), Outcome::InFlight);
    assert!(is_done);
}

#[test]
fn an_answer_that_is_not_stored_is_not_given() {
    let (outcome, _) =
        ask(&service(store_that_keeps(store_away()), Verdict::Rollback), Completion::Succeeded(created()));
    assert_fails!(outcome, Error::Unavailable(_));

    let units = Units { verdict: Verdict::Commit, committed: store_away };
    let service = Idempotency::new(Arc::new(store_that_keeps(Ok(true))), Arc::new(units), stopped_clock());
    let (outcome, _) = ask(&service, Completion::Succeeded(created()));
    assert_fails!(outcome, Error::Unavailable(_));
}

#[test]
fn a_session_that_ended_is_told_nothing() {
    let (outcome, is_done) = ask(&service(store_with(session_ended()), Verdict::Rollback), Completion::Failed);
    assert_fails!(outcome, Error::InvalidToken);
    assert!(!is_done);
}

#[test]
fn what_is_being_carried_out_here_is_not_begun_again() {
    let service = service(store_with(Ok(Claim::Free)), Verdict::Rollback);
    let endless: Work<'_> = Box::pin(poll_fn(|_| Poll::Pending));
    let asked = request();
    {
        let mut first = pin!(service.once(&asked, endless));
        assert!(first.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let (outcome, is_done) = ask(&service, Completion::Failed);
        assert_eq!(outcome.unwrap(), Outcome::InFlight);
        assert!(!is_done);
    }
    // Its client went away.
    assert!(service.in_flight.mark(&asked).is_some());
}

#[test]
fn keys_of_different_users_never_meet() {
    let marks = InFlight::default();
    let mut of_another = request();
    of_another.identity.user = UserId::new(99);
    let mut another = request();
    another.key = IdempotencyKey::parse("another").unwrap();
    let held: Vec<_> = [request(), of_another, another].iter().map(|request| marks.mark(request)).collect();
    assert!(held.iter().all(Option::is_some));
    drop(held);
    assert!(marks.names().is_empty());
}
