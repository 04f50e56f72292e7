//! Who is held up, by whom, and for how long.

use super::*;
use crate::domain::model::values::{Client, EmailKey};

const SECOND: Ticks = 10;
const MINUTE: Ticks = 60 * SECOND;

fn state() -> State {
    State { begun: Instant::now(), counts: Counts::new(), known: Known::new() }
}

/// A log-in from the address 10.0.x.y with this number.
fn log_in(client: u16, account: &str) -> Attempt {
    let [high, low] = client.to_be_bytes();
    Attempt {
        kind: AttemptKind::LogIn,
        client: Client::at([10, 0, high, low].into()),
        account: EmailKey::for_lookup(account),
    }
}

fn registration(client: u16, account: &str) -> Attempt {
    Attempt { kind: AttemptKind::Registration, ..log_in(client, account) }
}

/// How many of these attempts are admitted at this moment.
fn admitted(state: &State, now: Ticks, attempts: impl IntoIterator<Item = Attempt>) -> usize {
    attempts.into_iter().filter(|attempt| state.check(attempt, now).is_ok()).count()
}

/// Strangers fail at amy's account until none is admitted any more.
fn strangers_besiege_amy(state: &State, now: Ticks) {
    assert_eq!(admitted(state, now, (1000..1100).map(|client| log_in(client, "amy@example.com"))), 50);
}

#[test]
fn a_client_has_30_log_ins_and_10_registrations_at_once() {
    let state = state();
    assert_eq!(admitted(&state, 1, (0..1000).map(|number| log_in(1, &format!("{number}@example.com")))), 30);
    assert_eq!(admitted(&state, 1, (0..1000).map(|number| registration(1, &format!("{number}@example.com")))), 10);
    assert!(state.check(&log_in(2, "amy@example.com"), 1).is_ok(), "another client");
}

#[test]
fn success_does_not_spare_the_client() {
    let state = state();
    let succeed = |number| {
        let attempt = log_in(1, &format!("{number}@example.com"));
        let admitted = state.check(&attempt, 1);
        if admitted.is_ok() {
            state.record_success(&attempt, 1);
        }
        admitted.is_ok()
    };
    assert_eq!((0..100).filter(|number| succeed(*number)).count(), 30);
}

#[test]
fn failures_of_a_client_at_an_account_make_it_wait_ever_longer() {
    let state = state();
    let attempt = log_in(1, "amy@example.com");
    assert_eq!(admitted(&state, 1, vec![attempt.clone(); 100]), 5);

    let mut now = 1;
    for seconds in [1, 2, 4, 8, 16, 32, 32, 60, 60] {
        assert_eq!(state.check(&attempt, now), Err(seconds * SECOND));
        now += seconds * SECOND;
        assert_eq!(state.check(&attempt, now), Ok(()));
    }

    assert!(state.check(&log_in(1, "bob@example.com"), now).is_ok(), "another account");
    assert!(state.check(&log_in(2, "amy@example.com"), now).is_ok(), "another client");
}

#[test]
fn after_an_hour_it_is_as_if_nothing_had_been() {
    let state = state();
    let attempt = log_in(1, "amy@example.com");
    assert_eq!(admitted(&state, 1, vec![attempt.clone(); 100]), 5);
    assert_eq!(admitted(&state, 1 + 60 * MINUTE, vec![attempt; 100]), 5);
}

#[test]
fn log_ins_that_succeed_are_never_held_up_at_their_account() {
    let state = state();
    let attempt = log_in(1, "amy@example.com");
    for number in 0..100 {
        let now = 1 + number * 3 * SECOND;
        assert_eq!(state.check(&attempt, now), Ok(()), "{number}");
        state.record_success(&attempt, now);
    }
}

#[test]
fn an_attempt_that_was_not_decided_does_not_count_at_its_account() {
    let state = state();
    let attempt = log_in(1, "amy@example.com");
    for number in 0..20 {
        assert_eq!(state.check(&attempt, 1), Ok(()), "{number}");
        state.refund(&attempt, 1);
    }
}

#[test]
fn one_that_succeeds_takes_back_its_own_count_and_no_other() {
    let state = state();
    let attempt = log_in(1, "amy@example.com");
    assert_eq!(admitted(&state, 1, vec![attempt.clone(); 4]), 4);
    assert_eq!(state.check(&attempt, 1), Ok(()));
    state.record_success(&attempt, 1);
    assert_eq!(admitted(&state, 1, vec![attempt; 10]), 1);
}

#[test]
fn an_account_that_many_clients_try_makes_strangers_wait_for_a_minute_at_most() {
    let state = state();
    strangers_besiege_amy(&state, 1);
    let mut now = 1;
    for number in 0..20 {
        let wait = state.check(&log_in(2000 + number, "amy@example.com"), now).err().unwrap_or_default();
        assert!((1..=MINUTE).contains(&wait), "{wait}");
        now += wait;
        assert_eq!(state.check(&log_in(3000 + number, "amy@example.com"), now), Ok(()));
    }
}

#[test]
fn strangers_do_not_keep_the_owner_out_who_has_been_there_before() {
    let state = state();
    let (owner, elsewhere) = (log_in(1, "amy@example.com"), log_in(2, "amy@example.com"));
    assert_eq!(state.check(&owner, 1), Ok(()));
    state.record_success(&owner, 1);
    strangers_besiege_amy(&state, 1);

    for minute in 0..10 {
        assert_eq!(state.check(&owner, 1 + minute * MINUTE), Ok(()));
        state.record_success(&owner, 1 + minute * MINUTE);
    }
    // Where the owner has never been, the wait is the strangers'.
    assert!(state.check(&elsewhere, 1).is_err());
}

/// A client that is known may still not guess without end.
#[test]
fn a_known_client_waits_for_its_own_failures() {
    let state = state();
    let owner = log_in(1, "amy@example.com");
    assert_eq!(state.check(&owner, 1), Ok(()));
    state.record_success(&owner, 1);
    assert_eq!(admitted(&state, 1, vec![owner; 100]), 5);
}

#[test]
fn an_attempt_that_is_refused_counts_nowhere() {
    let state = state();
    strangers_besiege_amy(&state, 1);
    let late = log_in(1, "amy@example.com");
    for _ in 0..100 {
        assert_eq!(state.check(&late, 1), Err(SECOND));
    }
    // Neither at the account, nor for the client there, nor for the client.
    assert_eq!(state.check(&late, 1 + SECOND), Ok(()));
    let others = (0..100).map(|number| log_in(1, &format!("{number}@example.com")));
    assert_eq!(admitted(&state, 1 + SECOND, others), 29);
}

#[test]
fn registering_counts_at_the_account_too() {
    let state = state();
    assert_eq!(admitted(&state, 1, (0..100).map(|client| registration(client, "amy@example.com"))), 50);
    assert_eq!(admitted(&state, 1, vec![registration(200, "bob@example.com"); 9]), 5);
}

#[test]
fn a_user_changes_10_times_at_once_and_then_waits() {
    let on = AttemptLimiter::on();
    let admitted = |user: i64| (0..100).filter(|_| on.check_change(UserId::new(user)).is_ok()).count();
    assert_eq!((admitted(1), admitted(2)), (10, 10));
}

#[test]
fn off_it_lets_everybody_pass() {
    let off = AttemptLimiter::off();
    assert!((0..1000).all(|_| off.check_change(UserId::new(1)).is_ok()));
    assert!((0..1000).all(|_| off.check(&log_in(1, "amy@example.com")).is_ok()));
}

#[test]
fn on_it_says_how_long_to_wait() {
    let on = AttemptLimiter::on();
    let attempt = log_in(1, "amy@example.com");
    let waits: Vec<Duration> = (0..20).filter_map(|_| on.check(&attempt).err()).map(|early| early.wait).collect();
    assert_eq!(waits.len(), 15);
    assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(1) && !wait.is_zero()), "{waits:?}");
}
